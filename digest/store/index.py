"""What one listing's ingester asks and says, inside the listing's one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, or_, select

from digest import identity
from digest.model import EventKind, Key, Listing, News, Paper, Sighting, Verdict
from digest.store import codec, schema
from digest.store.editions import earlier_wordings
from digest.store.engine import driver
from digest.store.merging import join
from digest.store.neighbours import Outline, near, outline_of
from digest.store.rows import PAPER_COLUMNS, indexed_key, insert_paper, sighting_columns, update_paper
from digest.text.titlekey import title_key

WRITTEN_TOGETHER = 500
"""How many sightings and events wait to be written in one statement."""

_MOST_ALIKE = 50
"""How many papers of one title or one id are looked at, newest first: hundreds are called "Editorial"."""


_OF = "SELECT paper_id FROM (SELECT paper_id FROM {} WHERE {} = ? ORDER BY paper_id DESC LIMIT {}) AS of_{}"
_OF_TITLE = _OF.format("neighbours", "place", _MOST_ALIKE, "title")
_OF_KEY = _OF.format("keys", "key", _MOST_ALIKE, "key")

# Built once: putting a statement together costs SQLAlchemy more than SQLite needs to run it.
_BY_IDS = select(*PAPER_COLUMNS, schema.papers.c.title_key).where(
    schema.papers.c.id.in_(bindparam("ids", expanding=True))
)
_INSERT = {table.name: insert(table) for table in (schema.sightings, schema.events)}


class SqlPaperIndex:
    """``ports.PaperIndex``: candidates for a sighting, and the record of what identity said."""

    def __init__(self, connection: Connection, listing: Listing, document_id: int, now: datetime) -> None:
        self._connection = connection
        self._listing = listing
        self._document_id = document_id
        self._now = now
        self._known: dict[int, Mapping[str, Any]] = {}
        self._outline: Outline | None = None
        self._sightings: list[dict[str, Any]] = []
        self._events: list[dict[str, Any]] = []

    def candidates(self, sighting: Sighting) -> Sequence[Paper]:
        """Return the stored papers that the sighting could be, merged ones included.

        Those that share an id or the title key; unless an arXiv id decides, also those near by title or abstract, and
        earlier wordings of papers that were revised.
        """
        outline = outline_of(indexed_key(title_key(sighting.title)), sighting.abstract, sighting.keys)
        return self._candidates(sighting, outline)

    def _candidates(self, sighting: Sighting, outline: Outline) -> Sequence[Paper]:
        self._outline = outline
        self._known = self._alike(outline, sighting.keys)
        numbers = {key for key in sighting.keys if key.startswith("arxiv:")}
        papers = [codec.read_paper(row) for row in self._known.values()]
        if any(not numbers.isdisjoint(paper.keys) for paper in papers):
            return papers
        found = near(self._connection, outline, self._known)
        self._known |= self._rows(found)
        papers += [codec.read_paper(self._known[paper_id]) for paper_id in found]
        return [*papers, *earlier_wordings(self._connection, [paper for paper in papers if paper.revision > 1])]

    def record(self, sighting: Sighting, verdict: Verdict, paper: Paper, news: Sequence[News]) -> Paper:
        """Store the sighting with its verdict, the paper as it is now, and its events.

        What is said of a paper that was merged into another is said of the other one too, which is returned. Papers
        that the verdict joined become one with it.
        """
        paper, edition = self._update(paper) if paper.id else (self._insert(paper), 1)
        seen = {"document_id": self._document_id, "paper_id": paper.id, "edition": edition}
        seen |= sighting_columns(sighting, verdict, paper)
        owner = self._known[paper.id]["merged_into"] if paper.id in self._known else None
        if owner is not None:
            paper = self._tell_owner(owner, sighting, verdict)
        if any(kind is EventKind.HOT for kind, _ in news) and self._was_hot(owner or paper.id):
            news = [one for one in news if one.kind is not EventKind.HOT]
        at = {"paper_id": paper.id, "at": self._now}
        self._keep(seen, [at | {"kind": kind.value, "note": note} for kind, note in news])
        return self._join(paper, verdict.joined) if verdict.joined else paper

    def flush(self) -> None:
        """Write the sightings and events that are waiting; the transaction ends with it."""
        for table, rows in ((schema.sightings, self._sightings), (schema.events, self._events)):
            if rows:
                self._connection.execute(_INSERT[table.name], rows)
            rows.clear()

    def _was_hot(self, paper_id: int) -> bool:
        """Return whether a paper, or one merged into it, was called hot before: upvotes fall and rise again."""
        self.flush()
        events, papers = schema.events, schema.papers
        same = select(papers.c.id).where(or_(papers.c.id == paper_id, papers.c.merged_into == paper_id))
        query = select(events.c.id).where(events.c.kind == EventKind.HOT.value, events.c.paper_id.in_(same)).limit(1)
        return self._connection.scalar(query) is not None

    def _insert(self, paper: Paper) -> Paper:
        return insert_paper(self._connection, paper, self._outline)

    def _join(self, paper: Paper, others: Sequence[Paper]) -> Paper:
        """Make one paper of those that a sighting proved to be one."""
        self.flush()
        acts = [join(self._connection, paper.id, other.id, self._now) for other in others]
        self._known.clear()
        return codec.read_paper(self._row(paper.id)) if any(acts) else paper

    def _keep(self, sighting: dict[str, Any], events: Sequence[dict[str, Any]]) -> None:
        """Have the row of a sighting and those of its events wait to be written."""
        self._sightings.append(sighting)
        self._events += events
        if len(self._sightings) >= WRITTEN_TOGETHER:
            self.flush()

    def _tell_owner(self, owner: int, sighting: Sighting, verdict: Verdict) -> Paper:
        row = self._row(owner)
        verdict = replace(verdict, paper=codec.read_paper(row))
        return self._update(identity.absorb(verdict, sighting, self._listing, self._now))[0]

    def _alike(self, outline: Outline, keys: Sequence[Key]) -> dict[int, Mapping[str, Any]]:
        """Return the rows of the papers that share the title key or an id with a sighting."""
        indexed = [indexed_key(key) for key in keys]
        values = (*indexed, outline.same_title)
        asked = [_OF_KEY] * len(indexed) + [_OF_TITLE]
        found = {row[0] for row in driver(self._connection, " UNION ALL ".join(asked), values)}
        return {
            paper_id: row
            for paper_id, row in self._rows(sorted(found)).items()
            if row["title_key"] == outline.title_key or not set(row["facts"].get("keys", ())).isdisjoint(keys)
        }

    def _rows(self, ids: Sequence[int]) -> dict[int, Mapping[str, Any]]:
        if not ids:
            return {}
        return {row["id"]: dict(row) for row in self._connection.execute(_BY_IDS, {"ids": ids}).mappings()}

    def _update(self, paper: Paper) -> tuple[Paper, int]:
        return paper, update_paper(self._connection, self._row(paper.id), paper)

    def _row(self, paper_id: int) -> Mapping[str, Any]:
        if paper_id not in self._known:
            self._known |= self._rows([paper_id])
        return self._known[paper_id]
