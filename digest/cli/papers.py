"""``digest papers``: why a paper counts as new or seen, and the operator's last word on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from digest.cli.options import State, command
from digest.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.app import App
    from digest.model import Act, History, Paper


@click.group("papers")
def papers() -> None:
    """Ask why a paper counts as new or seen, and decide otherwise."""


@command("why", epilog="PAPER is a number of the store, an arXiv id, a DOI, an address or a whole title.")
@click.argument("paper")
def why(state: State, paper: str) -> None:
    """Show every sighting of a paper and the reason of each verdict."""
    with state.app() as app:
        histories = [app.store.curation.why(found.id) for found in _found(app, paper)]
    for history in histories:
        _show_history(state, history)


@command("list")
@click.option("--limit", type=click.IntRange(1), default=50, metavar="N", help="Show the newest N (default 50).")
def list_(state: State, limit: int) -> None:
    """List the pairs that may be one paper and wait for your decision."""
    with state.app() as app:
        pairs = app.store.curation.unsure(limit=limit)
    if state.as_json:
        from digest.app import records

        for pair in pairs:
            state.out.record(records.unsure_pair(pair))
        return
    from digest.cli import show

    if not pairs:
        state.out.text("No pair is unsure.")
        return
    for pair in pairs:
        state.out.show(show.unsure_pair(pair))
    state.out.text("One paper: digest papers merge KEEP OTHER. Two papers: digest papers apart PAPER OTHER.")


@command(
    "merge",
    dry_run=True,
    epilog="Whoever was told of the one counts as told of both. digest papers undo takes it back.",
)
@click.argument("keep")
@click.argument("other")
def merge(state: State, keep: str, other: str) -> None:
    """Say that OTHER is the paper KEEP."""
    with state.app() as app:
        kept, merged = _one(app, keep), _one(app, other)
        if state.dry_run:
            state.out.text(f"would merge “{merged.title}” into “{kept.title}”")
            return
        _show_act(state, app.store.curation.merge(kept.id, merged.id, state.clock()))


@command("split", dry_run=True, epilog="The numbers of sightings are those that digest papers why shows.")
@click.argument("paper")
@click.argument("sightings", type=int, nargs=-1, required=True, metavar="SIGHTING…")
def split(state: State, paper: str, sightings: tuple[int, ...]) -> None:
    """Say that some sightings of a PAPER are of a paper of their own."""
    with state.app() as app:
        whole = _one(app, paper)
        if state.dry_run:
            state.out.text(f"would split {len(sightings)} off “{whole.title}”")
            return
        _show_act(state, app.store.curation.split(whole.id, sightings, state.clock()))


@command("apart", dry_run=True, epilog="They are no longer listed as unsure, and nothing will make them one by itself.")
@click.argument("paper")
@click.argument("other")
def apart(state: State, paper: str, other: str) -> None:
    """Say that PAPER and OTHER are two papers, however alike they look."""
    with state.app() as app:
        one, two = _one(app, paper), _one(app, other)
        if state.dry_run:
            state.out.text(f"would keep “{one.title}” and “{two.title}” apart, papers {one.id} and {two.id}")
            return
        _show_act(state, app.store.curation.keep_apart(one.id, two.id, state.clock()))


@command("undo", dry_run=True)
@click.argument("act", type=int)
def undo(state: State, act: int) -> None:
    """Take any such decision back, by its number."""
    with state.app() as app:
        if state.dry_run:
            state.out.text(f"would undo act {act}")
            return
        _show_act(state, app.store.curation.undo(act, state.clock()))


def _found(app: App, name: str) -> Sequence[Paper]:
    found = app.store.curation.find(name)
    if not found:
        raise UsageError("no such paper was ever seen", place=name, hint="give its number, id or whole title")
    return found


def _one(app: App, name: str) -> Paper:
    found = _found(app, name)
    if len(found) > 1:
        numbers = ", ".join(str(paper.id) for paper in found)
        raise UsageError("several papers answer to this", place=name, hint=f"choose by number: {numbers}")
    return found[0]


def _show_history(state: State, history: History) -> None:
    if state.as_json:
        from digest.app import records

        for record in records.history(history):
            state.out.record(record)
        return
    from digest.cli import show

    state.out.show(show.history(history))


def _show_act(state: State, act: Act) -> None:
    if state.as_json:
        from digest.app import records

        state.out.record(records.act(act))
        return
    from digest.cli import show

    what = f"act {act.id}: {show.act(act)}"
    state.out.text(f"undone: {what}" if act.undone_at else f"done: {what}; digest papers undo {act.id} takes it back")


for _command in (why, list_, merge, apart, split, undo):
    papers.add_command(_command)
