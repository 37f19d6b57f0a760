"""The first fill: very many listings, stored a few thousand papers at a time instead of one by one.

What it stores is what ingesting the same listings one after another stores; only the way there differs:

* what is costly and asks nothing of the store (``outlines_of``) may be done beforehand, in another process;
* whether anything of a listing was met before is asked once for all of it, not for each sighting;
* a paper whose sighting nothing stored could be (no id or title met, no neighbour) waits to be written with thousands
  of others, the places of neighbours in their order; any other one is judged as always, after what waits was written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import count
from typing import Any, TypeVar

from sqlalchemy import Connection, bindparam, insert, select, text

from digest.model import Listing, News, Paper, Sighting, Verdict
from digest.store import schema
from digest.store.index import SqlPaperIndex
from digest.store.neighbours import NUMBERED, Outline, near, outline_of, ring_begins, title_place
from digest.store.rows import indexed_key, paper_columns
from digest.text.titlekey import title_key

WRITTEN_TOGETHER = 4_000
"""How many papers wait to be written together."""

T = TypeVar("T", int, str)

_ASKED_TOGETHER = 500
_PAGES_KEPT = "PRAGMA cache_size = -262144"
_PAGES_LOGGED = "PRAGMA wal_autocheckpoint = 65536"
"""SQLite, while it fills: 256 MiB of pages in memory, and as much in the log before it is worked into the file."""

_TITLES = select(schema.neighbours.c.place).where(schema.neighbours.c.place.in_(bindparam("asked", expanding=True)))
_KEYS = select(schema.keys.c.key).where(schema.keys.c.key.in_(bindparam("asked", expanding=True)))
_INSERT = {table: insert(table) for table in (schema.papers, schema.keys, schema.outlines, schema.neighbours)}


def outlines_of(listing: Listing) -> tuple[Outline, ...]:
    """Return the outline of every sighting of a listing: most of what a fill computes, and nothing of it in a store."""
    return tuple(
        outline_of(indexed_key(title_key(sighting.title)), sighting.abstract, sighting.keys)
        for sighting in listing.sightings
    )


def make_room(connection: Connection) -> None:
    """Let SQLite keep and log more pages than a day's listing needs."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(_PAGES_KEPT)
        connection.exec_driver_sql(_PAGES_LOGGED)


class FillingIndex(SqlPaperIndex):
    """``ports.PaperIndex`` for one listing of a fill: papers that are certainly new are written together."""

    def __init__(
        self, connection: Connection, listing: Listing, document_id: int, now: datetime, outlines: Sequence[Outline]
    ) -> None:
        super().__init__(connection, listing, document_id, now)
        self._outlines = iter(outlines)
        self._outline: Outline
        self._ids = _new_ids(connection)
        self._waiting: dict[Any, list[dict[str, Any]]] = {table: [] for table in _INSERT}
        self._titles = {outline.same_title for outline in outlines if outline.same_title is not None}
        self._keys = {indexed_key(key) for sighting in listing.sightings for key in sighting.keys}
        self._met = self._stored()
        self._any_unnumbered = _has_unnumbered(connection)
        self._waits_unnumbered = False

    def candidates(self, sighting: Sighting) -> Sequence[Paper]:
        """Return the papers that the sighting could be; to be asked for every sighting of the listing in turn."""
        self._outline = next(self._outlines)
        if self._could_be_known(sighting):
            self._write_papers()
            return self._candidates(sighting, self._outline)
        self._known = {}
        return ()

    def record(self, sighting: Sighting, verdict: Verdict, paper: Paper, news: Sequence[News]) -> Paper:
        """Store what was said of a sighting; see ``SqlPaperIndex``."""
        known = bool(paper.id)
        stored = super().record(sighting, verdict, paper, news)
        if verdict.joined:
            self._met |= self._stored()
        if known:
            self._meet(paper)
            self._meet(stored)
        return stored

    def flush(self) -> None:
        """Write everything that is waiting."""
        self._write_papers()
        super().flush()

    def _is_full(self) -> bool:
        return len(self._sightings) >= WRITTEN_TOGETHER

    def _could_be_known(self, sighting: Sighting) -> bool:
        outline = self._outline
        if outline.same_title in self._met or not self._met.isdisjoint(map(indexed_key, sighting.keys)):
            return True
        if not outline.numbered:
            self._write_papers()
        elif not self._any_unnumbered:
            return False  # papers of other numbers are no neighbours of it
        elif self._waits_unnumbered:
            self._write_papers()
        return bool(near(self._connection, outline, ()))

    def _insert(self, paper: Paper) -> Paper:
        """Give a new paper its id, and have its rows wait."""
        stored = replace(paper, id=next(self._ids))
        outline = self._outline
        columns = paper_columns(paper, outline.title_key)
        columns |= {"id": stored.id, "edition": 1, "first_seen_at": paper.first_seen_at}
        self._waiting[schema.papers].append(columns)
        keys = dict.fromkeys(map(indexed_key, paper.keys))
        self._waiting[schema.keys] += [{"key": key, "paper_id": stored.id} for key in keys]
        self._waiting[schema.neighbours] += [{"place": place, "paper_id": stored.id} for place in outline.places()]
        self._waiting[schema.outlines].append({"paper_id": stored.id, "sketch": outline.sketch})
        if outline.same_title is not None:
            self._met.add(outline.same_title)
        self._met.update(keys)
        if not outline.numbered:
            self._any_unnumbered = self._waits_unnumbered = True
        return stored

    def _write_papers(self) -> None:
        """Write the papers that are waiting, so that they can be found."""
        self._waiting[schema.neighbours].sort(key=lambda row: row["place"])
        for table, rows in self._waiting.items():
            if rows:
                self._connection.execute(_INSERT[table], rows)
            rows.clear()
        self._waits_unnumbered = False

    def _meet(self, paper: Paper) -> None:
        """Note by what a paper that was changed can be found now."""
        if key := indexed_key(title_key(paper.title)):
            self._met.add(title_place(key))
        self._met.update(map(indexed_key, paper.keys))

    def _stored(self) -> set[int | str]:
        """Return the places of the titles and the ids of this listing that papers of the store have."""
        met: set[int | str] = set(_found(self._connection, _TITLES, self._titles))
        return met.union(_found(self._connection, _KEYS, self._keys))


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
