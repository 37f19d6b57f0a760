"""The first fill: very many listings, stored some thousand papers at a time instead of one by one.

What it stores is what ingesting the same listings one after another stores; only the way there differs:

* what is costly and asks nothing of the store (``drafts``) is done beforehand, by other processes;
* whether anything of a listing was met before is asked once for all of it, not for each sighting;
* a paper whose sighting nothing stored could be (no id or title met, no neighbour) waits, as it was drafted, to be
  written with thousands of others; any other one is judged as always, after what waits was written;
* the rows by which papers are found wait longest, and are written in their order, unless somebody looks before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import count
from typing import Any, TypeVar

from sqlalchemy import Connection, bindparam, select, text

from digest.model import Listing, News, Paper, Sighting, Verdict
from digest.store import schema
from digest.store.bulk import Bulk
from digest.store.drafts import PAPER, SIGHTING, Draft, sighting_of
from digest.store.index import SqlPaperIndex
from digest.store.neighbours import NUMBERED, Outline, near, ring_begins, title_place
from digest.store.rows import indexed_key, paper_columns
from digest.text.titlekey import title_key

T = TypeVar("T", int, str)

WRITTEN_TOGETHER = 4_000
"""How many papers wait to be written together."""

PLACED_TOGETHER = 400_000
"""How many places of neighbours wait to be written together: more, for they go all over a large index."""

_ASKED_TOGETHER = 500
_PAGES_KEPT = "PRAGMA cache_size = -262144"
_PAGES_LOGGED = "PRAGMA wal_autocheckpoint = 65536"
"""SQLite, while it fills: 256 MiB of pages in memory, and as much in the log before it is worked into the file."""

_TITLES = select(schema.neighbours.c.place).where(schema.neighbours.c.place.in_(bindparam("asked", expanding=True)))
_KEYS = select(schema.keys.c.key).where(schema.keys.c.key.in_(bindparam("asked", expanding=True)))


def make_room(connection: Connection) -> None:
    """Let SQLite keep and log more pages than a day's listing needs."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(_PAGES_KEPT)
        connection.exec_driver_sql(_PAGES_LOGGED)


class Waiting:
    """The rows of a transaction that wait to be written, and by what its papers can be met."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self.met: set[int | str] = set()
        """Places of the titles and ids of papers that were added or changed, written or not."""
        self.unnumbered = False
        """Whether a paper without an arXiv number is waiting."""
        self._ids = _new_ids(connection)
        self._papers = Bulk(connection, schema.papers, "id", "edition", "first_seen_at", "title_key", *PAPER)
        self._sightings = Bulk(connection, schema.sightings, "document_id", "paper_id", "edition", *SIGHTING)
        self._events = Bulk(connection, schema.events, "at", "paper_id", "kind", "note")
        self._keys = Bulk(connection, schema.keys, "key", "paper_id")
        self._outlines = Bulk(connection, schema.outlines, "paper_id", "sketch")
        self._places = Bulk(connection, schema.neighbours, "place", "paper_id")
        self._first_seen_at = self._papers.value("first_seen_at", now)
        self._at = self._events.value("at", now)

    def add(self, draft: Draft, document_id: int) -> None:
        """Have a new paper wait, with its sighting and events, as they were drafted."""
        paper_id, outline = next(self._ids), draft.outline
        self._papers.waiting.append((paper_id, 1, self._first_seen_at, outline.title_key, *draft.paper))
        self._sightings.waiting.append((document_id, paper_id, 1, *draft.sighting))
        self._events.waiting += [(self._at, paper_id, *event) for event in draft.events]
        self._place(paper_id, outline, draft.keys)
        if len(self._papers.waiting) >= WRITTEN_TOGETHER:
            self._write_papers()

    def add_paper(self, paper: Paper, outline: Outline) -> Paper:
        """Have a new paper wait that was judged, and return it with its id."""
        stored = replace(paper, id=next(self._ids))
        columns = paper_columns(paper, outline.title_key) | {"id": stored.id, "edition": 1}
        self._papers.waiting.append(self._papers.row(columns | {"first_seen_at": paper.first_seen_at}))
        self._place(stored.id, outline, tuple(dict.fromkeys(map(indexed_key, paper.keys))))
        return stored

    def add_sighting(self, sighting: dict[str, Any], events: Sequence[dict[str, Any]]) -> None:
        """Have the rows of a sighting and its events wait."""
        self._sightings.waiting.append(self._sightings.row(sighting))
        self._events.waiting += map(self._events.row, events)

    def write(self) -> None:
        """Write all that is waiting, so that it can be found."""
        self._write_papers()
        for bulk in (self._keys, self._places):
            bulk.waiting.sort()
            bulk.write()
        self.unnumbered = False

    def _write_papers(self) -> None:
        for bulk in (self._papers, self._sightings, self._events, self._outlines):
            bulk.write()
        if len(self._places.waiting) >= PLACED_TOGETHER:
            self.write()

    def _place(self, paper_id: int, outline: Outline, keys: tuple[str, ...]) -> None:
        """Have the rows wait by which a paper is found."""
        self._outlines.waiting.append((paper_id, outline.sketch))
        self._places.waiting += [(place, paper_id) for place in outline.places()]
        self._keys.waiting += [(key, paper_id) for key in keys]
        if outline.same_title is not None:
            self.met.add(outline.same_title)
        self.met.update(keys)
        self.unnumbered = self.unnumbered or not outline.numbered


class FillingIndex(SqlPaperIndex):
    """``ports.FillingIndex`` for one listing of a transaction."""

    def __init__(
        self,
        connection: Connection,
        listing: Listing,
        document_id: int,
        now: datetime,
        drafts: Sequence[Draft],
        waiting: Waiting,
    ) -> None:
        super().__init__(connection, listing, document_id, now)
        self._drafts = drafts
        self._draft: Draft
        self._waiting = waiting
        titles = (draft.outline.same_title for draft in drafts)
        self._stored: set[int | str] = set(_found(connection, _TITLES, {one for one in titles if one is not None}))
        self._stored.update(_found(connection, _KEYS, {key for draft in drafts for key in draft.keys}))
        self._any_unnumbered = _has_unnumbered(connection)

    def doubtful(self) -> Iterator[Sighting]:
        """Store the listing's sightings in turn, as of new papers; yield those that may not be, to be recorded."""
        for draft in self._drafts:
            if self._could_be_known(draft):
                self._waiting.write()
                self._draft = draft
                yield sighting_of(draft)
            else:
                self._waiting.add(draft, self._document_id)

    def candidates(self, sighting: Sighting) -> Sequence[Paper]:
        """Return the papers that the doubtful sighting could be; see ``SqlPaperIndex``."""
        return self._candidates(sighting, self._draft.outline)

    def record(self, sighting: Sighting, verdict: Verdict, paper: Paper, news: Sequence[News]) -> Paper:
        """Store what was said of a sighting; see ``SqlPaperIndex``."""
        stored = super().record(sighting, verdict, paper, news)
        for changed in (paper, stored):
            if key := indexed_key(title_key(changed.title)):
                self._waiting.met.add(title_place(key))
            self._waiting.met.update(map(indexed_key, changed.keys))
        return stored

    def flush(self) -> None:
        """Write everything that is waiting."""
        self._waiting.write()

    def _could_be_known(self, draft: Draft) -> bool:
        outline, met = draft.outline, self._waiting.met
        if outline.same_title in met or outline.same_title in self._stored:
            return True
        if not (met.isdisjoint(draft.keys) and self._stored.isdisjoint(draft.keys)):
            return True
        if outline.numbered and not (self._any_unnumbered or self._waiting.unnumbered):
            return False  # papers of other numbers are no neighbours of it
        if self._waiting.unnumbered or not outline.numbered:
            self._any_unnumbered = True
            self._waiting.write()
        return bool(near(self._connection, outline, ()))

    def _keep(self, sighting: dict[str, Any], events: Sequence[dict[str, Any]]) -> None:
        self._waiting.add_sighting(sighting, events)

    def _insert(self, paper: Paper) -> Paper:
        return self._waiting.add_paper(paper, self._draft.outline)


def _found(connection: Connection, query: Any, asked: Iterable[T]) -> Iterator[T]:
    in_order = sorted(asked)
    for first in range(0, len(in_order), _ASKED_TOGETHER):
        yield from connection.execute(query, {"asked": in_order[first : first + _ASKED_TOGETHER]}).scalars()


def _has_unnumbered(connection: Connection) -> bool:
    """Return whether any stored paper stands in the rings of those without a number."""
    place = schema.neighbours.c.place
    return connection.execute(select(place).where(place < ring_begins(NUMBERED)).limit(1)).first() is not None


def _new_ids(connection: Connection) -> Iterator[int]:
    """Yield the ids of new papers, which nobody else can take while this transaction lasts."""
    if connection.dialect.name == "sqlite":
        newest = connection.execute(text("SELECT MAX(id) FROM papers")).scalar()
        yield from count((newest or 0) + 1)
    some = text(f"SELECT nextval('papers_id_seq') FROM generate_series(1, {_ASKED_TOGETHER})")  # noqa: S608
    while True:
        yield from connection.execute(some).scalars().all()
