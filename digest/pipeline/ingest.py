"""The first verb: bytes in, papers known.

    Source ─▶ Document ─▶ parse ─▶ Sighting | Skipped ─▶ identity ─▶ store

A document is stored whole, in one transaction, or not at all; a source or a document that fails never stops the
others. The sightings of a document are judged one after another inside the transaction, so repeats inside one dump
are found too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from digest import identity
from digest.errors import DigestError, StoreError
from digest.model import Document, Listing, Paper, Quiet, Sighting, Skipped, State, Verdict
from digest.ports import Found, PaperIndex, Papers, Source

Parse = Callable[[Document], Listing]
"""How a document is read: ``parsers.parse``, with a format forced or not."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One sighting, what identity said of it, and the paper as it is known now."""

    sighting: Sighting
    verdict: Verdict
    paper: Paper


@dataclass(frozen=True, slots=True)
class Ingested:
    """A document that was read and stored; ``repeated`` where the same bytes had been stored before."""

    listing: Listing
    judged: tuple[Judged, ...]
    repeated: bool = False

    def counts(self) -> dict[str, int]:
        """Return how many papers were new, seen, revised and unsure, and how many entries were skipped."""
        states = Counter(judged.verdict.state for judged in self.judged)
        return {state.value: states[state] for state in State} | {"skipped": len(self.listing.skipped)}


@dataclass(frozen=True, slots=True)
class Refused:
    """A source or a document that gave nothing, the place, and the error that says why and what to do."""

    source: str
    name: str
    error: str


Outcome = Ingested | Refused | Quiet
"""What became of a document, or of a source that had none."""


def ingest(
    found: Iterable[tuple[Source, Found | DigestError]],
    papers: Papers,
    *,
    parse: Parse,
    now: datetime,
    dry_run: bool = False,
) -> Iterator[Outcome]:
    """Store what was found; yield what became of each document as it happens.

    ``found`` tells the documents of the sources, or the error that ended a source; it goes on only when the document
    before has been settled. ``dry_run`` judges everything and stores nothing. Where the store itself fails, the
    ``StoreError`` is raised: nothing else could succeed.
    """
    for source, item in found:
        if isinstance(item, StoreError):
            raise item
        try:
            yield _outcome(source, item, papers, parse, now, dry_run=dry_run)
        except StoreError:
            raise
        except DigestError as error:
            yield Refused(source.name, source.name, str(error))


def ingest_listing(listing: Listing, papers: Papers, now: datetime, *, dry_run: bool = False) -> tuple[Judged, ...]:
    """Judge and store one listing in one transaction: all of it, or on any error nothing."""
    with papers.ingesting(listing, now, dry_run=dry_run) as index:
        return tuple(judge_one(sighting, listing, index, now) for sighting in listing.sightings)


def _outcome(
    source: Source, item: Found | DigestError, papers: Papers, parse: Parse, now: datetime, *, dry_run: bool
) -> Outcome:
    if isinstance(item, DigestError):
        return Refused(source.name, source.name, str(item))
    if isinstance(item, Quiet):
        return item
    if isinstance(item, Skipped):
        if not dry_run:
            source.refused(item, item.reason)
        return Refused(source.name, item.where, item.reason)
    outcome = _document(item, papers, parse, now, dry_run=dry_run)
    if not dry_run:
        _settle(source, item, outcome)
    return outcome


def _settle(source: Source, document: Document, outcome: Ingested | Refused) -> None:
    if isinstance(outcome, Refused):
        source.refused(document, outcome.error)
    else:
        source.done(document)


def _document(document: Document, papers: Papers, parse: Parse, now: datetime, *, dry_run: bool) -> Ingested | Refused:
    repeated = papers.is_ingested(document)
    try:
        listing = parse(document)
    except DigestError as error:
        return Refused(document.source, document.name, str(error))
    return Ingested(listing, ingest_listing(listing, papers, now, dry_run=dry_run), repeated)


def judge_one(sighting: Sighting, listing: Listing, index: PaperIndex, now: datetime) -> Judged:
    """Judge and store one sighting of a listing."""
    verdict = identity.judge(sighting, index.candidates(sighting))
    paper = identity.absorb(verdict, sighting, listing, now)
    before = verdict.paper if verdict.state in {State.SEEN, State.REVISED} else None
    return Judged(sighting, verdict, index.record(sighting, verdict, paper, identity.news(verdict, before, paper)))
