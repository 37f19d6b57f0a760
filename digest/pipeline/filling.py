"""The first verb for millions of papers: the same papers, events and reasons as ``ingest`` gives, in large steps.

Many documents are stored in one transaction. A fill that is stopped, however rudely, loses the transaction it was in;
run again, it passes over the documents that are stored.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from digest.model import Document, Skipped, State
from digest.pipeline.ingest import Refused, judge_one
from digest.ports import PaperIndex, Papers, Prepared, Source

TOGETHER = 20_000
"""Sightings from which on a transaction ends with its document."""

Prepare = Callable[[Iterable[Document]], Iterator[tuple[Document, Prepared | str]]]
"""How documents are read: each in its turn, read and prepared, or why it cannot be read."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A document that is stored for good; ``counts`` is of its papers by state, empty where it was stored before."""

    source: str
    name: str
    counts: Counter[str]

    @property
    def repeated(self) -> bool:
        """Return whether the document was passed over."""
        return not self.counts


def fill(
    sources: Iterable[Source], papers: Papers, *, prepare: Prepare, now: datetime, together: int = TOGETHER
) -> Iterator[Filled | Refused]:
    """Store every document of every source that is not stored yet; yield what became of each when it is certain."""
    passed: list[Filled | Refused] = []
    waiting: list[Prepared] = []
    for document, said in prepare(_unread(sources, papers, now, passed)):
        if isinstance(said, str):
            passed.append(Refused(document.source, document.name, said))
        else:
            waiting.append(said)
        if sum(len(prepared.listing.sightings) for prepared in waiting) >= together:
            yield from _stored(waiting, papers, now)
            waiting.clear()
        yield from _taken(passed)
    yield from _stored(waiting, papers, now)
    yield from _taken(passed)


def _unread(
    sources: Iterable[Source], papers: Papers, now: datetime, passed: list[Filled | Refused]
) -> Iterator[Document]:
    """Yield the documents that are not stored yet, and note what became of the others."""
    for source in sources:
        for item in source.documents(now):
            if isinstance(item, Skipped):
                passed.append(Refused(source.name, item.where, item.reason))
            elif isinstance(item, Document):
                if papers.is_ingested(item):
                    passed.append(Filled(item.source, item.name, Counter()))
                else:
                    yield item


def _taken(passed: list[Filled | Refused]) -> Iterator[Filled | Refused]:
    while passed:
        yield passed.pop(0)


def _stored(waiting: list[Prepared], papers: Papers, now: datetime) -> list[Filled]:
    """Store some listings in one transaction."""
    if not waiting:
        return []
    with papers.filling(now) as index_of:
        return [_filled(prepared, index_of(prepared), now) for prepared in waiting]


def _filled(prepared: Prepared, index: PaperIndex, now: datetime) -> Filled:
    listing = prepared.listing
    states = Counter(judge_one(sighting, listing, index, now).verdict.state for sighting in listing.sightings)
    counts = Counter({state.value: states[state] for state in State} | {"skipped": len(listing.skipped)})
    return Filled(listing.document.source, listing.document.name, counts)
