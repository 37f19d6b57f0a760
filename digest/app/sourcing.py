"""The sources of the settings, made; each kind is one function here and one line in ``config.kinds``."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from digest.config import Config, SourceSettings
from digest.errors import ConfigError
from digest.model import SourceState
from digest.ports import Source, SourceStates
from digest.sources import InboxSource

if TYPE_CHECKING:
    from digest.sources.web.fetch import Fetcher, Rates
    from digest.sources.web.plans import Plan

MEGABYTE = 1024 * 1024

EVERY_MINUTES: Mapping[str, int] = {
    "url": 60,
    "huggingface": 60,
    "arxiv-rss": 180,
    "arxiv-api": 360,
    "arxiv-oai": 720,
    "biorxiv": 180,
    "imap": 5,
}
"""Kind of source to how long it is left alone between two looks, where the settings do not say."""


class Forgetful:
    """States for a look that leaves no trace (a dry run, a check): it may be made now and nothing is kept of it."""

    def __init__(self, states: SourceStates) -> None:
        self._states = states

    def get(self, name: str) -> SourceState:
        """Return the state, without the time before which the source would not be asked."""
        return replace(self._states.get(name), next_at=None)

    def put(self, state: SourceState) -> None:
        """Forget it."""


class Fresh:
    """States for a source that is asked only once."""

    def get(self, name: str) -> SourceState:
        """Return a fresh state."""
        return SourceState(name=name)

    def put(self, state: SourceState) -> None:
        """Forget it."""


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes the sources of one program; ``quiet`` is how long a watched file must have been left alone."""

    config: Config
    states: SourceStates
    quiet: timedelta

    def made(self, settings: SourceSettings) -> Source:
        """Return the source of one line of the settings."""
        if settings.kind == "folder":
            return self._folder(settings)
        return self._mail(settings) if settings.kind in {"maildir", "mbox", "imap"} else self._web(settings)

    def _folder(self, settings: SourceSettings) -> Source:
        return InboxSource(
            Path(settings.options["path"]),
            name=settings.name,
            pattern=settings.options.get("pattern", "*"),
            quiet=self.quiet,
            max_bytes=self.config.ingest.max_megabytes * MEGABYTE,
        )

    def _mail(self, settings: SourceSettings) -> Source:
        from digest.sources import mail

        most = self.config.ingest.max_megabytes * MEGABYTE
        name, options = settings.name, settings.options
        if settings.kind == "maildir":
            return mail.MaildirSource(name, Path(options["path"]), max_bytes=most)
        if settings.kind == "mbox":
            return mail.MboxSource(name, Path(options["path"]), self.states, max_bytes=most, quiet=self.quiet)
        every = timedelta(minutes=options.get("every_minutes", EVERY_MINUTES["imap"]))
        given = _given(options, "host", "user", "mailbox", "port", "tls")
        account = mail.Account(**given, password=_password(settings), ca_file=self.config.fetch.ca_file)
        return mail.ImapSource(name, account, self.states, every=every, max_bytes=most)

    def _web(self, settings: SourceSettings) -> Source:
        from digest.sources.web.source import WebSource

        minutes = settings.options.get("every_minutes", EVERY_MINUTES[settings.kind])
        plan = PLANS[settings.kind](settings.options)
        return WebSource(settings.name, plan, fetcher(self.config), self.states, every=timedelta(minutes=minutes))


def one_address(url: str, config: Config, *, listed_on: date | None) -> Source:
    """Return an address that somebody named on the command line, as a source that is asked once."""
    from digest.sources.web.plans import OneAddress
    from digest.sources.web.source import WebSource

    return WebSource("files", OneAddress(url, listed_on), fetcher(config), Fresh(), every=timedelta(0))


def fetcher(config: Config) -> Fetcher:
    """Return what fetches for all sources: one, because hosts count requests, not sources."""
    from digest.sources.web import fetch
    from digest.sources.web.guard import Guard

    settings = config.fetch
    return fetch.Fetcher(
        guard=Guard(settings.allow_hosts),
        rates=_rates(settings.allow_hosts),
        seconds=settings.timeout_seconds,
        max_bytes=settings.max_megabytes * MEGABYTE,
        contact=settings.contact or config.web.base_url,
        ca_file=settings.ca_file,
    )


@cache
def _rates(own_hosts: Collection[str]) -> Rates:
    """Return the one record of when which host was last asked; hosts of one's own network are not spared."""
    from digest.sources.web.fetch import PAUSES, Rates

    return Rates({**PAUSES, **dict.fromkeys(own_hosts, 0.0)})


def _password(settings: SourceSettings) -> str:
    path = Path(settings.options["password_file"])
    try:
        return path.read_text(encoding="utf-8").strip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "is no UTF-8 text"
        place = f"[sources] {settings.name}: password_file"
        raise ConfigError(f"{path} cannot be read: {reason}", place=place, hint="write the password into it") from error


def _given(options: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: options[name] for name in names if name in options}


def _url(options: Mapping[str, Any]) -> Plan:
    from digest.sources.web.plans import OneAddress

    return OneAddress(options["url"])


def _hugging_face(options: Mapping[str, Any]) -> Plan:
    from digest.sources.web.plans import HuggingFaceDays

    return HuggingFaceDays(**_given(options, "base", "days"))


def _arxiv_rss(options: Mapping[str, Any]) -> Plan:
    from digest.sources.web.plans import ArxivFeed

    base = options.get("base", "https://rss.arxiv.org")
    return ArxivFeed(f"{base}/rss/{'+'.join(map(str, options['categories']))}")


def _arxiv_api(options: Mapping[str, Any]) -> Plan:
    from digest.sources.web.plans import ArxivQuery

    return ArxivQuery(query=options["query"], **_given(options, "base", "days"))


def _arxiv_oai(options: Mapping[str, Any]) -> Plan:
    from digest.sources.web.plans import OaiSet

    return OaiSet(name=options["set"], **_given(options, "base", "form", "days"))


def _biorxiv(options: Mapping[str, Any]) -> Plan:
    from digest.sources.web.plans import OneAddress

    server = options.get("server", "biorxiv")
    base = options.get("base", "https://connect.biorxiv.org")
    return OneAddress(f"{base}/{server}_xml.php?{urlencode({'subject': options.get('subject', 'all')})}")


PLANS: Mapping[str, Callable[[Mapping[str, Any]], Plan]] = {
    "url": _url,
    "huggingface": _hugging_face,
    "arxiv-rss": _arxiv_rss,
    "arxiv-api": _arxiv_api,
    "arxiv-oai": _arxiv_oai,
    "biorxiv": _biorxiv,
}
"""Kind of source to what it asks for."""
