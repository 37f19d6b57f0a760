"""The first fill: very many listings, stored some thousand papers at a time instead of one by one.

What it stores is what ingesting the same listings one after another stores; only the way there differs:

* what is costly and asks nothing of the store (``drafts``) is done beforehand, by other processes;
* whether anything of a listing was met before is asked once for all of it, not for each sighting;
* where papers have no numbers, the neighbours of some hundred are looked for at once, in memory (``vicinity``);
* a paper whose sighting nothing stored could be (no id or title met, no neighbour) waits, as it was drafted, to be
  written with thousands of others; any other one is judged as always, after what waits was written;
* the rows by which papers are found wait longest, and are written in their order, unless somebody looks before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from itertools import count
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, bindparam, func, select, text

from digest.model import Document, Listing, News, Paper, Sighting, Verdict
from digest.ports import Prepared
from digest.store import schema
from digest.store.bulk import Bulk
from digest.store.documents import noted, sha256, wait_for_ingesters
from digest.store.drafts import PAPER, SIGHTING, Draft, sighting_of
from digest.store.engine import reading
from digest.store.index import SqlPaperIndex
from digest.store.neighbours import NUMBERED, Outline, outline_of, ring_begins, title_keys
from digest.store.rows import indexed_key, paper_columns
from digest.store.vicinity import Recent, Vicinity
from digest.text.titlekey import title_key

T = TypeVar("T", int, str)

WRITTEN_TOGETHER = 4_000
"""How many papers wait to be written together."""

PLACED_TOGETHER = 400_000
"""How many places of neighbours wait to be written together: more, for they go all over a large index."""

_LEAST_ASKED, _MOST_ASKED = 32, 1_024
"""For how many papers neighbours are looked for at once: first, and as long as none changes meanwhile."""
_ASKED_TOGETHER = 500
_PAGES_KEPT = "PRAGMA cache_size = -262144"
_PAGES_LOGGED = "PRAGMA wal_autocheckpoint = 65536"
"""SQLite, while it fills: 256 MiB of pages in memory, and as much in the log before it is worked into the file."""

_TITLES = select(schema.neighbours.c.place).where(schema.neighbours.c.place.in_(bindparam("asked", expanding=True)))
_KEYS = select(schema.keys.c.key).where(schema.keys.c.key.in_(bindparam("asked", expanding=True)))


class SqlFilling:
    """``ports.Filling`` on a database."""

    def __init__(self, engine: Engine, now: datetime) -> None:
        self._engine = engine
        self._now = now
        self._vicinity: Vicinity | None = None
        self._left: Any = None
        self._documents = self._ingested()

    def is_ingested(self, document: Document) -> bool:
        """Return whether this very document (source, name and bytes) had been ingested when the fill began."""
        return (document.source, document.name, sha256(document)) in self._documents

    @contextmanager
    def transaction(self) -> Iterator[Callable[[Prepared], FillingIndex]]:
        """Open a transaction in which many listings are stored: all of them, or on any error none."""
        vicinity, self._vicinity = self._vicinity, None
        with self._engine.begin() as connection:
            wait_for_ingesters(connection)
            _make_room(connection)
            waiting = Waiting(connection, self._now)
            if self._left == _changes(connection):  # else somebody else was here since
                waiting.vicinity = vicinity

            def index_of(prepared: Prepared) -> FillingIndex:
                document_id = noted(connection, prepared.listing, self._now)
                return FillingIndex(connection, prepared.listing, document_id, self._now, prepared.drafts, waiting)

            yield index_of
            waiting.write()
            waiting.settle()
            left = _changes(connection)
        self._vicinity, self._left = waiting.vicinity, left

    def _ingested(self) -> set[tuple[str, str, str]]:
        table = schema.documents
        with reading(self._engine).begin() as connection:
            found = connection.execute(select(table.c.source, table.c.name, table.c.sha256))
            return {(source, name, digest) for source, name, digest in found}


def _make_room(connection: Connection) -> None:
    """Let SQLite keep and log more pages than a day's listing needs."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(_PAGES_KEPT)
        connection.exec_driver_sql(_PAGES_LOGGED)


class Waiting:
    """The rows of a transaction that wait to be written, and by what its papers can be met."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self.met: set[int | str] = set()
        """Places of the titles and ids of papers that were added or changed, written or not."""
        self.vicinity: Vicinity | None = None
        """All papers but the recent ones; ``None`` as long as nobody asks for neighbours."""
        self.recent = Recent()
        self._connection = connection
        self._unnumbered = _has_unnumbered(connection)
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

    def near(self, outlines: Sequence[Outline]) -> list[bool]:
        """Return of each outline whether it could have a neighbour among the papers that were added up to now."""
        if not self._unnumbered and all(outline.numbered for outline in outlines):
            return [False] * len(outlines)  # papers of other numbers are no neighbours of it
        self._write_papers()
        if self.vicinity is None:
            self.write()
            self.vicinity = Vicinity.of(self._connection)
        self.settle()
        return self.vicinity.near(outlines, self._titles_of)

    def settle(self) -> None:
        """Put the recent papers with the others."""
        if self.vicinity is not None:
            self.vicinity.add(self.recent.papers)
        self.recent = Recent()

    def change(self, paper: Paper, outline: Outline) -> None:
        """Note by what a paper that was changed can be found now."""
        if outline.same_title is not None:
            self.met.add(outline.same_title)
        self.met.update(map(indexed_key, paper.keys))
        if self.vicinity is not None:
            self.recent.add(paper.id, outline)

    def _titles_of(self, paper_ids: list[int]) -> dict[int, str]:
        parts = range(0, len(paper_ids), _ASKED_TOGETHER)
        return dict(row for at in parts for row in title_keys(self._connection, paper_ids[at : at + _ASKED_TOGETHER]))

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
        self._unnumbered = self._unnumbered or not outline.numbered
        if self.vicinity is not None:
            self.recent.add(paper_id, outline)


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
        self._changed = False

    def doubtful(self) -> Iterator[Sighting]:
        """Store the listing's sightings in turn, as of new papers; yield those that may not be, to be recorded."""
        first, some = 0, _LEAST_ASKED
        while part := self._drafts[first : first + some]:
            near = self._waiting.near([draft.outline for draft in part])
            self._changed = False
            for draft, has_neighbours in zip(part, near, strict=True):
                first += 1
                if has_neighbours or self._is_met(draft):
                    self._waiting.write()
                    self._draft = draft
                    yield sighting_of(draft)
                    if self._changed:  # a paper whose places were asked for has another wording now
                        break
                else:
                    self._waiting.add(draft, self._document_id)
            some = _LEAST_ASKED if self._changed else min(2 * some, _MOST_ASKED)

    def candidates(self, sighting: Sighting) -> Sequence[Paper]:
        """Return the papers that the doubtful sighting could be; see ``SqlPaperIndex``."""
        return self._candidates(sighting, self._draft.outline)

    def record(self, sighting: Sighting, verdict: Verdict, paper: Paper, news: Sequence[News]) -> Paper:
        """Store what was said of a sighting; see ``SqlPaperIndex``."""
        known = bool(paper.id)
        stored = super().record(sighting, verdict, paper, news)
        before = verdict.paper
        if not known or before is None:
            return stored
        for changed in (paper, stored):
            outline = outline_of(indexed_key(title_key(changed.title)), changed.abstract, changed.keys)
            self._waiting.change(changed, outline)
            self._changed = self._changed or (changed.title, changed.abstract) != (before.title, before.abstract)
        return stored

    def flush(self) -> None:
        """Write everything that is waiting."""
        self._waiting.write()

    def _is_met(self, draft: Draft) -> bool:
        """Return whether any paper up to the one before has an id or the title of a draft, or may be near it."""
        outline, met = draft.outline, self._waiting.met
        if outline.same_title in met or outline.same_title in self._stored:
            return True
        if not (met.isdisjoint(draft.keys) and self._stored.isdisjoint(draft.keys)):
            return True
        return self._waiting.recent.near(outline)

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


def _changes(connection: Connection) -> tuple[Any, ...]:
    """Return what is another thing whenever anybody ingested or an operator decided something."""
    sightings, acts = schema.sightings, schema.acts
    newest = connection.execute(select(func.max(sightings.c.id))).scalar()
    return (newest, *connection.execute(select(func.max(acts.c.id), func.count(acts.c.undone_at))).one())


def _new_ids(connection: Connection) -> Iterator[int]:
    """Yield the ids of new papers, which nobody else can take while this transaction lasts."""
    if connection.dialect.name == "sqlite":
        newest = connection.execute(text("SELECT MAX(id) FROM papers")).scalar()
        yield from count((newest or 0) + 1)
    some = text(f"SELECT nextval('papers_id_seq') FROM generate_series(1, {_ASKED_TOGETHER})")  # noqa: S608
    while True:
        yield from connection.execute(some).scalars().all()
