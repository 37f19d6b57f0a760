"""The papers seen so far, the one transaction in which a listing is stored, and what is fresh since an event."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, func, select

from digest.model import Document, Event, EventKind, Listing
from digest.store import codec, schema
from digest.store.documents import noted, sha256, wait_for_ingesters
from digest.store.engine import reading
from digest.store.index import SqlPaperIndex
from digest.store.rows import PAPER_COLUMNS

if TYPE_CHECKING:
    from digest.store.filling import SqlFilling


class SqlPapers:
    """``ports.Papers`` on a database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._reading = reading(engine)

    def is_ingested(self, document: Document) -> bool:
        """Return whether this very document (source, name and bytes) has been ingested before."""
        table = schema.documents
        same = (table.c.sha256 == sha256(document), table.c.source == document.source, table.c.name == document.name)
        with self._reading.begin() as connection:
            return connection.execute(select(table.c.id).where(*same).limit(1)).first() is not None

    @contextmanager
    def ingesting(self, listing: Listing, now: datetime, *, dry_run: bool = False) -> Iterator[SqlPaperIndex]:
        """Open the one transaction in which a listing is stored; undone on any error, and after a dry run."""
        with self._engine.connect() as connection, connection.begin() as transaction:
            wait_for_ingesters(connection)
            index = SqlPaperIndex(connection, listing, noted(connection, listing, now), now)
            yield index
            if dry_run:
                transaction.rollback()
            else:
                index.flush()

    def filling(self, now: datetime) -> SqlFilling:
        """Return a fill that begins now."""
        from digest.store.filling import SqlFilling  # noqa: PLC0415 - numpy takes as long as an ingest does to start

        return SqlFilling(self._engine, now)

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


def _event(row: Any) -> Event:
    return Event(
        id=row["event_id"],
        kind=EventKind(row["kind"]),
        at=row["at"],
        note=row["note"],
        paper=codec.read_paper(row),
    )
