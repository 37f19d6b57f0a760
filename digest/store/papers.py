"""The papers seen so far, the one transaction in which a listing is stored, and what is fresh since an event."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, func, insert, select, text

from digest.model import Document, Event, EventKind, Listing
from digest.ports import Prepared
from digest.store import codec, schema
from digest.store.engine import reading
from digest.store.filling import FillingIndex, Waiting, make_room
from digest.store.index import SqlPaperIndex
from digest.store.rows import PAPER_COLUMNS

_INGEST_LOCK = 7_263_001
"""PostgreSQL's advisory lock for ingesters: with it, event ids grow in commit order (a sequence alone does not)."""


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

    def ingested(self) -> Callable[[Document], bool]:
        """Return ``is_ingested`` as of now, for very many documents: the store is asked but once."""
        table = schema.documents
        with self._reading.begin() as connection:
            known = set(map(tuple, connection.execute(select(table.c.sha256, table.c.source, table.c.name))))
        return lambda document: (_sha256(document), document.source, document.name) in known

    @contextmanager
    def ingesting(self, listing: Listing, now: datetime, *, dry_run: bool = False) -> Iterator[SqlPaperIndex]:
        """Open the one transaction in which a listing is stored; undone on any error, and after a dry run."""
        with self._engine.connect() as connection, connection.begin() as transaction:
            wait_for_ingesters(connection)
            index = SqlPaperIndex(connection, listing, _noted(connection, listing, now), now)
            yield index
            if dry_run:
                transaction.rollback()
            else:
                index.flush()

    @contextmanager
    def filling(self, now: datetime) -> Iterator[Callable[[Prepared], FillingIndex]]:
        """Open the one transaction in which many listings are stored: all of them, or on any error none."""
        with self._engine.begin() as connection:
            wait_for_ingesters(connection)
            make_room(connection)
            waiting = Waiting(connection, now)

            def index_of(prepared: Prepared) -> FillingIndex:
                document_id = _noted(connection, prepared.listing, now)
                return FillingIndex(connection, prepared.listing, document_id, now, prepared.drafts, waiting)

            yield index_of
            waiting.write()

    def fresh(self, after: int, *, upto: int | None = None) -> Sequence[Event]:
        """Return the events with an id above ``after``, by id, with their papers as of now."""
        events, papers, own = schema.events, schema.papers, schema.papers.alias("own")
        query = (
            select(events.c.id.label("event_id"), events.c.kind, events.c.at, events.c.note, *PAPER_COLUMNS)
            .join(own, own.c.id == events.c.paper_id)
            .join(papers, papers.c.id == func.coalesce(own.c.merged_into, own.c.id))
            .where(events.c.id > after)
            .order_by(events.c.id)
        )
        if upto is not None:
            query = query.where(events.c.id <= upto)
        with self._reading.begin() as connection:
            return [_event(row) for row in connection.execute(query).mappings()]


def wait_for_ingesters(connection: Connection) -> None:
    """Let nobody else change what is known of papers until this transaction ends (in SQLite that is so anyway)."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _INGEST_LOCK})


def _noted(connection: Connection, listing: Listing, now: datetime) -> int:
    """Write down that a listing is ingested, and return the id of its row."""
    row = connection.execute(insert(schema.documents).values(**_document(listing, now)))
    return int(row.inserted_primary_key[0])  # type: ignore[index]


def _event(row: Any) -> Event:
    return Event(
        id=row["event_id"],
        kind=EventKind(row["kind"]),
        at=row["at"],
        note=row["note"],
        paper=codec.read_paper(row),
    )


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
