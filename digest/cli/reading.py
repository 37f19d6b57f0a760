"""``digest parse`` and ``digest ingest``: what a dump holds, and what of it is new."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date
from itertools import chain
from typing import TYPE_CHECKING, Any

import click

from digest.cli.options import Day, State, command
from digest.errors import DigestError

if TYPE_CHECKING:
    from digest.model import Listing
    from digest.pipeline.ingest import Ingested, Outcome

BY_USER = "files"


def reading_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say how named files are read."""
    listed_on = click.option("--listed-on", type=Day(), help="The day the listing is of, where the file does not say.")
    forced = click.option("--format", "forced_format", metavar="NAME", help="Do not guess the format by content.")
    return listed_on(forced(function))


@command("parse", epilog="Formats: see the README, or name a wrong one to get the list. A - stands for standard input.")
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@reading_options
def parse(state: State, files: tuple[str, ...], listed_on: date | None, forced_format: str | None) -> None:
    """Show what a dump holds; store nothing."""
    from digest.app.inputs import named
    from digest.model import Quiet, Skipped
    from digest.parsers import parse as parse_document
    from digest.sources.loose import read_loosely

    sources = named(files, state.config, listed_on=listed_on)
    for document in chain.from_iterable(source.documents(state.clock()) for source in sources):
        if isinstance(document, Skipped):
            _failed(state, document.where, f"{document.where}: {document.reason}")
            continue
        if isinstance(document, Quiet):
            state.out.note(f"{document.where}: {document.reason}")
            continue
        try:
            listing = parse_document(document, format=forced_format, loose=read_loosely)
        except DigestError as error:
            _failed(state, document.name, str(error))
            continue
        _show_listing(state, listing)
        say_broken(state, listing)


def say_broken(state: State, listing: Listing) -> None:
    """Say, where a document is only half there or nothing of it was understood, what to do about it."""
    name = listing.document.name
    if listing.broken:
        sentence = listing.broken.rstrip(".")
        state.fail(f"{name}: {sentence} (what is whole was read; fetch or save it again)")
    elif listing.skipped and not listing.sightings:
        first = listing.skipped[0]
        state.fail(f"{name}, {first.where}: nothing was understood: {first.reason} (--format overrides the guess)")


def _failed(state: State, where: str, reason: str) -> None:
    state.fail(reason)
    if state.as_json:
        state.out.record({"kind": "error", "source": BY_USER, "where": where, "reason": reason})


def _show_listing(state: State, listing: Listing) -> None:
    if state.as_json:
        from digest.app import records

        for record in records.parsed(listing):
            state.out.record(record)
        return
    from digest.cli import show
    from digest.parsers import FORMATS

    state.out.show(show.listing_header(listing, FORMATS[listing.format].title), "", at=-1)
    full = state.verbosity > 0
    entries = enumerate((show.paper(sighting, full=full) for sighting in listing.sightings), 1)
    state.out.show(show.numbered(entries))
    if listing.skipped:
        state.out.show(show.skipped(listing.skipped))


@command("ingest", dry_run=True, epilog="Without FILE, DIR or URL, the configured sources are read.")
@click.argument("files", nargs=-1, metavar="[FILE|DIR|URL]…")
@reading_options
@click.option(
    "--first-fill",
    is_flag=True,
    help="For millions of papers: many files at once, without showing papers. Stopped in the middle, the same command"
    " goes on.",
)
def ingest(
    state: State, files: tuple[str, ...], listed_on: date | None, forced_format: str | None, first_fill: bool
) -> None:
    """Read dumps into the store and show what is new."""
    if first_fill:
        from digest.cli.filling import fill

        fill(state, files, listed_on, forced_format)
        return
    with state.app() as app:
        sources = app.named(files, listed_on=listed_on) if files else app.sources(dry_run=state.dry_run)
        total: Counter[str] = Counter(dict.fromkeys(("new", "seen", "revised", "unsure", "skipped"), 0))
        for outcome in app.ingest(sources, forced_format=forced_format, dry_run=state.dry_run):
            total.update(show_ingested(state, outcome))
    if state.as_json:
        state.out.record({"kind": "summary", **total})
    else:
        from digest.cli import show

        state.out.show(show.counts(total), at=-1)


def show_ingested(state: State, outcome: Outcome) -> dict[str, int]:
    """Show what became of one document and return its counts."""
    from digest.model import Quiet
    from digest.pipeline.ingest import Refused

    if state.as_json:
        from digest.app import records

        for record in records.ingested(outcome):
            state.out.record(record)
    if isinstance(outcome, Refused):
        state.fail(outcome.error if outcome.name in outcome.error else f"{outcome.name}: {outcome.error}")
        return {}
    if isinstance(outcome, Quiet):
        state.out.show(f"{outcome.where}: {outcome.reason}")
        return {}
    if not state.as_json:
        _show_diff(state, outcome)
    say_broken(state, outcome.listing)
    return outcome.counts()


def _show_diff(state: State, outcome: Ingested) -> None:
    from digest.cli import show
    from digest.model import State as Known
    from digest.parsers import FORMATS

    state.out.show(show.listing_header(outcome.listing, FORMATS[outcome.listing.format].title))
    if outcome.repeated:
        state.out.show("These very bytes were read before.")
    state.out.show("")
    full = state.verbosity > 0
    shown: Iterable[Any] = (
        (number, show.paper(judged.sighting, full=full, verdict=judged.verdict))
        for number, judged in enumerate(outcome.judged, 1)
        if full or judged.verdict.state is not Known.SEEN
    )
    state.out.show(show.numbered(shown))
    if outcome.listing.skipped:
        state.out.show(show.skipped(outcome.listing.skipped))
