"""``digest serve`` and ``digest status``: the service, and how things are."""

from __future__ import annotations

import logging
import re
import sys
from typing import TYPE_CHECKING

from digest.cli.options import State, command

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


@command("serve")
def serve(state: State) -> None:
    """Run the service: read sources, send what is due, serve the feeds; Ctrl-C stops it."""
    from digest.cli.service import run_service

    def announce(address: str) -> None:
        state.out.record({"kind": "serving", "address": address}) if state.as_json else state.out.show(
            f"Serving feeds and pages on {address}; Ctrl-C stops."
        )
        sys.stdout.flush()

    _log_to_stderr(state.verbosity)
    with state.app() as app:
        run_service(app, announce=announce)


def _log_to_stderr(verbosity: int) -> None:
    """Say what the service does on standard error, where systemd and containers collect it."""
    level = {-1: logging.WARNING, 0: logging.INFO}.get(verbosity, logging.DEBUG)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("digest").setLevel(level)


@command("status")
def status(state: State) -> None:
    """Show what the store holds, what waits, and what is due next."""
    with state.app() as app:
        counts = dict(app.store.views.counts())
        upcoming = app.next_due()
    if state.as_json:
        state.out.record({"kind": "status", **counts, "next_digest": upcoming and upcoming.isoformat()})
        return
    _show(state, counts, upcoming)


def _show(state: State, counts: Mapping[str, int], upcoming: datetime | None) -> None:
    from digest.cli import show

    messages = {name.removeprefix("outbox."): n for name, n in counts.items() if name.startswith("outbox.")}
    store = state.config.store.url
    facts = (
        ("Papers", f"{counts['papers']:,}, seen {show.count(counts['sightings'], 'time')}"),
        (
            "Readers",
            f"{counts['subscribers']:,} with {show.count(counts['subscriptions'], 'saved query', 'saved queries')}",
        ),
        ("Digests", f"{counts['digests']:,}"),
        ("Messages", ", ".join(f"{n:,} {state}" for state, n in messages.items()) or "none"),
        ("Next digest", f"{upcoming:%A, %d %B %Y, %H:%M} UTC" if upcoming else "nobody is subscribed"),
        ("Store", re.sub(r":[^:@/]*@", ":***@", store)),
    )
    state.out.show(show.facts(facts), at=-1)
