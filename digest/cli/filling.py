"""``digest ingest --first-fill``: millions of papers, with a bar instead of a list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING

import click

from digest.cli.options import State

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from digest.pipeline.filling import Filled
    from digest.pipeline.ingest import Refused
    from digest.ports import Source


def fill(state: State, files: tuple[str, ...], listed_on: date | None, forced_format: str | None) -> None:
    """Store what the files hold; say in the end how much it was."""
    if not files or state.dry_run:
        raise click.UsageError("--first-fill takes files or folders, and no --dry-run")
    total: Counter[str] = Counter(dict.fromkeys(("new", "seen", "revised", "unsure", "skipped"), 0))
    repeated = 0
    with state.app() as app:
        sources = app.named(files, listed_on=listed_on)
        with _bar(state, sources) as advance:
            for outcome in app.fill(sources, forced_format=forced_format):
                repeated += _counted(state, outcome, total)
                advance(total)
    if state.as_json:
        state.out.record({"kind": "summary", **total, "repeated": repeated})
        return
    from digest.cli import show

    if repeated:
        state.out.show(f"{repeated} file{'s' * (repeated != 1)} had been read before.", at=-1)
    state.out.show(show.counts(total), at=-1)


def _counted(state: State, outcome: Filled | Refused, total: Counter[str]) -> bool:
    from digest.pipeline.ingest import Refused

    if isinstance(outcome, Refused):
        state.fail(outcome.error if outcome.name in outcome.error else f"{outcome.name}: {outcome.error}")
        return False
    total.update(outcome.counts)
    return outcome.repeated


@contextmanager
def _bar(state: State, sources: Sequence[Source]) -> Iterator[Callable[[Counter[str]], None]]:
    """Show on a terminal how many of the files are stored, how long the others will take, and how many papers it is."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from digest.sources import FileSource

    files = sum(source.count() if isinstance(source, FileSource) else 1 for source in sources)
    columns = (
        TextColumn("files"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[papers]:,} papers"),
        TimeRemainingColumn(),
    )  # fmt: skip
    console = Console(stderr=True)
    shown = console.is_terminal and state.verbosity >= 0
    with Progress(*columns, console=console, disable=not shown, transient=True) as progress:
        task = progress.add_task("", total=files, papers=0)

        def advance(total: Counter[str]) -> None:
            progress.update(task, advance=1, papers=total.total() - total["skipped"])

        yield advance
