"""The papers seen so far, and the one transaction in which a listing is stored."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, and_, bindparam, insert, select, text, update

from digest.model import Document, Event, EventKind, Key, Listing, News, Paper, Sighting, State, Verdict
from digest.store import codec, schema
from digest.store.engine import reading
from digest.text.titlekey import title_key

_INGEST_LOCK = 7_263_001
"""PostgreSQL's advisory lock for ingesters: with it, event ids grow in commit order (a sequence alone does not)."""

_PAPER_COLUMNS = (
    schema.papers.c.id,
    schema.papers.c.title,
    schema.papers.c.abstract,
    schema.papers.c.upvotes,
    schema.papers.c.comments,
    schema.papers.c.first_seen_at,
    schema.papers.c.facts,
)


class SqlPapers:
    """``ports.Papers`` on a database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._reading = reading(engine)

    def is_ingested(self, document: Document) -> bool:
        """Return whether this very document (source, name and bytes) has been ingested before."""
        table = schema.documents
        same = (table.c.sha256 == _sha256(document), table.c.source == document.source, table.c.name == document.name)
        with self._reading.begin() as connection:
            return connection.execute(select(table.c.id).where(*same).limit(1)).first() is not None

    @contextmanager
    def ingesting(self, listing: Listing, now: datetime, *, dry_run: bool = False) -> Iterator[SqlPaperIndex]:
        """Open the one transaction in which a listing is stored; undone on any error, and after a dry run."""
        with self._engine.connect() as connection, connection.begin() as transaction:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _INGEST_LOCK})
            document_id = connection.execute(insert(schema.documents).values(**_document(listing, now)))
            yield SqlPaperIndex(connection, _new_id(document_id), now)
            if dry_run:
                transaction.rollback()

    def fresh(self, after: int, *, upto: int | None = None) -> Sequence[Event]:
        """Return the events with an id above ``after``, by id, with their papers as of now."""
        events, papers = schema.events, schema.papers
        query = (
            select(events.c.id.label("event_id"), events.c.kind, events.c.at, events.c.note, *_PAPER_COLUMNS)
            .join(papers, papers.c.id == events.c.paper_id)
            .where(events.c.id > after)
            .order_by(events.c.id)
        )
        if upto is not None:
            query = query.where(events.c.id <= upto)
        with self._reading.begin() as connection:
            rows = connection.execute(query).mappings().all()
        return [
            Event(
                id=row["event_id"],
                kind=EventKind(row["kind"]),
                at=row["at"],
                note=row["note"],
                paper=codec.read_paper(dict(row)),
            )
            for row in rows
        ]


class SqlPaperIndex:
    """``ports.PaperIndex``: what one listing's ingester may ask and say, inside its transaction."""

    def __init__(self, connection: Connection, document_id: int, now: datetime) -> None:
        self._connection = connection
        self._document_id = document_id
        self._now = now

    def candidates(self, sighting: Sighting) -> Sequence[Paper]:
        """Return the stored papers that share an id or the title key with the sighting."""
        papers, keys = schema.papers, schema.keys
        found = set(self._connection.scalars(select(keys.c.paper_id).where(keys.c.key.in_(sighting.keys)).limit(50)))
        if key := title_key(sighting.title):
            found |= set(self._connection.scalars(select(papers.c.id).where(papers.c.title_key == key).limit(50)))
        if not found:
            return []
        query = select(*_PAPER_COLUMNS).where(papers.c.id.in_(found)).order_by(papers.c.id)
        return [codec.read_paper(dict(row)) for row in self._connection.execute(query).mappings()]

    def record(self, sighting: Sighting, verdict: Verdict, paper: Paper, news: Sequence[News]) -> Paper:
        """Store the sighting with its verdict, the paper as it is now, and its events."""
        paper = self._update(paper) if paper.id else self._insert(paper)
        like = verdict.paper.id if verdict.paper and verdict.state is State.UNSURE else None
        self._connection.execute(
            insert(schema.sightings).values(
                document_id=self._document_id,
                paper_id=paper.id,
                place=sighting.where,
                raw_title=sighting.raw_title or sighting.title,
                raw_abstract=sighting.raw_abstract or sighting.abstract,
                state=verdict.state.value,
                reason=verdict.reason,
                like_paper_id=like,
            )
        )
        for kind, note in news:
            row = {"kind": kind.value, "paper_id": paper.id, "at": self._now, "note": note}
            self._connection.execute(insert(schema.events).values(**row))
        return paper

    def _insert(self, paper: Paper) -> Paper:
        columns = _columns(paper) | {"edition": 1, "first_seen_at": paper.first_seen_at}
        paper_id = _new_id(self._connection.execute(insert(schema.papers).values(**columns)))
        self._add_keys(paper_id, paper.keys)
        return codec.read_paper({"id": paper_id, **columns})

    def _update(self, paper: Paper) -> Paper:
        table = schema.papers
        before = self._connection.execute(select(table).where(table.c.id == paper.id)).mappings().one()
        columns = _columns(paper)
        changed = any(_json(columns[name]) != before[name] for name in ("title", "abstract", "facts"))
        if changed:
            old = {name: before[name] for name in ("edition", "title", "abstract", "facts")}
            self._connection.execute(insert(schema.editions).values(paper_id=paper.id, **old))
        columns["edition"] = before["edition"] + changed
        self._connection.execute(
            update(table).where(table.c.id == bindparam("b_id")).values(**columns), {"b_id": paper.id}
        )
        self._add_keys(paper.id, paper.keys)
        return paper

    def _add_keys(self, paper_id: int, keys: Sequence[Key]) -> None:
        table = schema.keys
        known = (
            set(self._connection.scalars(select(table.c.key).where(table.c.paper_id == paper_id))) if keys else set()
        )
        rows = [{"key": key, "paper_id": paper_id} for key in keys if key not in known]
        if rows:
            self._connection.execute(insert(table), rows)


def papers_at(connection: Connection, wanted: set[tuple[int, int]]) -> dict[tuple[int, int], Paper]:
    """Return papers as they were known at an edition, by (id, edition)."""
    table, old = schema.papers, schema.editions
    ids = sorted({paper_id for paper_id, _ in wanted})
    found: dict[tuple[int, int], Paper] = {}
    now: dict[int, Any] = {}
    for start in range(0, len(ids), 500):
        part = ids[start : start + 500]
        for row in connection.execute(select(*_PAPER_COLUMNS, table.c.edition).where(table.c.id.in_(part))).mappings():
            now[row["id"]] = dict(row)
        rows = connection.execute(select(old).where(and_(old.c.paper_id.in_(part)))).mappings().all()
        for row in rows:
            as_it_was = now[row["paper_id"]] | {name: row[name] for name in ("title", "abstract", "facts")}
            found[row["paper_id"], row["edition"]] = codec.read_paper(as_it_was)
    return found | {(paper_id, row["edition"]): codec.read_paper(row) for paper_id, row in now.items()}


def _columns(paper: Paper) -> dict[str, Any]:
    return {
        "title_key": title_key(paper.title),
        "title": paper.title,
        "abstract": paper.abstract,
        "upvotes": paper.upvotes,
        "comments": paper.comments,
        "facts": codec.paper_facts(paper),
    }


def _json(value: Any) -> Any:
    """Return a value as it reads back from a JSON column: tuples are lists there."""
    if isinstance(value, dict):
        return {name: _json(part) for name, part in value.items()}
    return [_json(part) for part in value] if isinstance(value, tuple | list) else value


def _document(listing: Listing, now: datetime) -> dict[str, Any]:
    return {
        "source": listing.document.source,
        "name": listing.document.name,
        "sha256": _sha256(listing.document),
        "format": listing.format,
        "listed_on": listing.listed_on,
        "ingested_at": now,
        "skipped": [[skipped.where, skipped.reason] for skipped in listing.skipped],
        "warnings": list(listing.warnings),
    }


def _sha256(document: Document) -> str:
    return hashlib.sha256(document.body).hexdigest()


def _new_id(result: Any) -> int:
    return int(result.inserted_primary_key[0])
