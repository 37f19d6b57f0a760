"""``digest sources``: where listings come from, and whether they do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from digest.cli.options import State, command
from digest.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.app import App
    from digest.ports import Source


@click.group("sources")
def sources() -> None:
    """See where listings come from, and whether they do."""


@command("list")
def list_(state: State) -> None:
    """List the configured sources, what each last gave, and when."""
    with state.app() as app:
        records = [_record(app, settings) for settings in app.config.sources]
    if state.as_json:
        for record in records:
            state.out.record(record)
        return
    from digest.cli import show

    rows = [
        (r["name"], r["source"], (r["checked_at"] or "never")[:16], r["error"] or r["gave"] or "–") for r in records
    ]
    if not rows:
        state.out.text("No source is configured: see [sources] in config/digest.toml.")
        return
    state.out.show(show.table(("name", "source", "last asked", "what it gave"), rows))


def _record(app: App, settings: Any) -> dict[str, Any]:
    fared = app.store.sources.get(settings.name)
    options = " ".join(f"{name}={value}" for name, value in settings.options.items())
    return {
        "kind": "source",
        "name": settings.name,
        "source": f"{settings.kind} {options}".strip(),
        "checked_at": fared.checked_at and fared.checked_at.isoformat(),
        "succeeded_at": fared.succeeded_at and fared.succeeded_at.isoformat(),
        "gave": fared.gave,
        "error": fared.error,
        "failures": fared.failures,
        "next_at": fared.next_at and fared.next_at.isoformat(),
    }


@command("check", epilog="Nothing is stored: what is found is ingested by the next run.")
@click.argument("names", nargs=-1, metavar="[NAME]…")
def check(state: State, names: Sequence[str]) -> None:
    """Ask the sources now, all or the named ones, and say what they give."""
    from digest.cli.reading import show_ingested
    from digest.pipeline.ingest import Ingested

    with state.app() as app:
        for source in _named(app, names):
            documents = 0
            for outcome in app.ingest([source], dry_run=True):
                documents += isinstance(outcome, Ingested)
                show_ingested(state, outcome)
            if not documents:
                state.out.text(f"{source.name}: no document now")


def _named(app: App, names: Sequence[str]) -> list[Source]:
    known = {source.name: source for source in app.sources(dry_run=True)}
    for name in names:
        if name not in known:
            raise UsageError("there is no such source", place=name, hint=f"known are {', '.join(known) or 'none'}")
    return [known[name] for name in names] or list(known.values())


for _command in (list_, check):
    sources.add_command(_command)
