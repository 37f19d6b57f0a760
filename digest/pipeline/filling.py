"""The first verb for millions of papers: the same papers, events and reasons as ``ingest`` gives, in large steps.

Many documents are stored in one transaction, each when it is ready. A fill that is stopped, however rudely, loses the
transaction it was in; run again, it passes over the documents that are stored.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from digest.model import Document, Skipped, State
from digest.pipeline.ingest import Refused, judge_one
from digest.ports import Filling, FillingIndex, Papers, Prepared, Source

TOGETHER = 50_000
"""Sightings from which on a transaction ends with its document."""

Read = tuple[Document, Prepared | str]
"""A document, and what was prepared of it or why it cannot be read."""

Prepare = Callable[[Iterable[Document], datetime], Iterator[Read]]
"""How documents are read and prepared as of now, each in its turn."""


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
    filling = papers.filling(now)
    ready = prepare(_unread(sources, filling, now, passed), now)
    for first in ready:
        yield from _stored(chain([first], ready), filling, now, together)
        yield from _taken(passed)
    yield from _taken(passed)


def _unread(
    sources: Iterable[Source], filling: Filling, now: datetime, passed: list[Filled | Refused]
) -> Iterator[Document]:
    """Yield the documents that are not stored yet, and note what became of the others."""
    for source in sources:
        for item in source.documents(now):
            if isinstance(item, Skipped):
                passed.append(Refused(source.name, item.where, item.reason))
            elif isinstance(item, Document):
                if filling.is_ingested(item):
                    passed.append(Filled(item.source, item.name, Counter()))
                else:
                    yield item


def _taken(passed: list[Filled | Refused]) -> Iterator[Filled | Refused]:
    while passed:
        yield passed.pop(0)


def _stored(ready: Iterator[Read], filling: Filling, now: datetime, together: int) -> list[Filled | Refused]:
    """Store so many sightings, or what there is, in one transaction; return what became of their documents."""
    became: list[Filled | Refused] = []
    stored = 0
    with filling.transaction() as index_of:
        for document, said in ready:
            if isinstance(said, str):
                became.append(Refused(document.source, document.name, said))
                continue
            became.append(_filled(said, index_of(said), now))
            stored += len(said.drafts)
            if stored >= together:
                break
    return became


def _filled(prepared: Prepared, index: FillingIndex, now: datetime) -> Filled:
    listing = prepared.listing
    states = Counter(judge_one(sighting, listing, index, now).verdict.state for sighting in index.doubtful())
    states[State.NEW] += len(prepared.drafts) - states.total()
    counts = Counter({state.value: states[state] for state in State} | {"skipped": len(listing.skipped)})
    return Filled(listing.document.source, listing.document.name, counts)
