"""The running service: ticker and web server side by side, until somebody says stop."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from digest.app import App
    from digest.scheduler import Ticker
    from digest.web import Health

STALLED_AFTER = 900.0
"""Seconds without the end of a tick after which the service calls itself unwell; a large delivery takes a while."""


def run_service(app: App, *, announce: Callable[[str], None]) -> None:
    """Tick and answer until SIGTERM or SIGINT, then finish what is on its way and return.

    ``announce`` is called with the address once pages are answered there. After a second signal no mail server is
    waited for, a third ends the process at once, which loses nothing either. Raises ``ConfigError`` where the port
    cannot be had.
    """
    from digest.cli.stopping import stop_signals
    from digest.scheduler import Ticker, duties
    from digest.web import WebServer, create_app, site_of

    web, every = app.config.web, timedelta(seconds=app.config.service.tick_seconds)
    with stop_signals() as stop, _mail_taken(app):
        ticker = Ticker(duties(app, stop), every=every, wall=app.clock)
        site = site_of(app, lambda: _health(ticker))
        server = WebServer(create_app(site), host=web.host, port=web.port, threads=web.threads)
        server.start()
        try:
            announce(server.address)
            ticker.run(stop)
        finally:
            server.stop()


@contextmanager
def _mail_taken(app: App) -> Iterator[None]:
    """Take mail that comes back while the service runs, where the settings say so; raises ``ConfigError``."""
    settings = app.config.returned
    if not settings.lmtp:
        yield
        return
    from digest.errors import ConfigError
    from digest.sources.mail.lmtp import MaildirReceiver

    if settings.maildir is None:
        raise ConfigError(
            "mail is taken, but there is no place for it", place="[returned] maildir", hint="name a folder for it"
        )
    with MaildirReceiver(settings.lmtp, settings.maildir, name=f"{app.clock():%s}"):
        yield


def _health(ticker: Ticker) -> Health:
    from digest.web import Health

    pulse = ticker.pulse()
    if pulse.seconds_ago is None:
        return Health(well=True, word="starting")
    return Health(well=pulse.seconds_ago < STALLED_AFTER, word=f"last tick ended {pulse.seconds_ago:.0f} s ago")
