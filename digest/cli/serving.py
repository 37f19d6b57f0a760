"""``digest serve`` and ``digest status``: the service, and how things are."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING

from digest.cli.options import State, command

if TYPE_CHECKING:
    from collections.abc import Mapping


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
    _show(state, counts)
    if upcoming:
        state.out.show(f"Next digest: {upcoming:%A, %d %B %Y, %H:%M} UTC")


def _show(state: State, counts: Mapping[str, int]) -> None:
    from digest.cli import show

    rows = [(name.replace("outbox.", "messages "), f"{count:,}") for name, count in counts.items()]
    state.out.show(show.table(("what", "how many"), rows, right=("how many",)), at=-1)
    state.out.show(f"Store: {state.config.store.url.rpartition('@')[2] or state.config.store.url}")
