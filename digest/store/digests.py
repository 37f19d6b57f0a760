"""Who is due, and the one transaction in which digests come to be."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, and_, bindparam, func, insert, or_, select, update

from digest.model import Cadence, Composed, Digest, Due, EventKind, Message, OutboxState, Subscription
from digest.store import codec, schema
from digest.store.engine import reading
from digest.store.papers import papers_at
from digest.store.subscribers import pairs, read_pair

_IN_ONE_QUERY = 500
"""How many values go into one IN (…): SQLite and PostgreSQL both take more, but plans get no better."""


class SqlDigests:
    """``ports.Digests`` on a database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._reading = reading(engine)

    def due(self, now: datetime, *, limit: int, after: int = 0) -> Sequence[Due]:
        """Return up to ``limit`` subscribers with a subscription due at ``now``, by id, from above ``after``."""
        table = schema.subscriptions
        with self._reading.begin() as connection:
            newest = connection.scalar(select(func.coalesce(func.max(schema.events.c.id), 0)))
            is_due = and_(
                table.c.paused.is_(False),
                table.c.due_at <= now,
                or_(table.c.cadence != Cadence.AT_ONCE.value, table.c.cursor < newest),
            )
            whose = select(table.c.subscriber_id).where(is_due, table.c.subscriber_id > after).distinct()
            ids = connection.scalars(whose.order_by(table.c.subscriber_id).limit(limit)).all()
            rows = [
                row
                for part in _parts(ids)
                for row in connection.execute(
                    pairs().where(is_due, table.c.subscriber_id.in_(part)).order_by(table.c.subscriber_id, table.c.id)
                ).mappings()
            ]
        return _grouped(read_pair(row) for row in rows)

    def told(self, subscriber_ids: Collection[int], paper_ids: Collection[int]) -> Mapping[int, frozenset[int]]:
        """Return, per subscriber, which of these papers the ledger says they have been told of already."""
        table = schema.ledger
        wanted = set(paper_ids)
        told: dict[int, set[int]] = {}
        if not wanted:
            return {}
        with self._reading.begin() as connection:
            for part in _parts(list(subscriber_ids)):
                query = select(table.c.subscriber_id, table.c.paper_id).where(
                    table.c.subscriber_id.in_(part), table.c.paper_id.between(min(wanted), max(wanted))
                )
                for subscriber_id, paper_id in connection.execute(query):
                    if paper_id in wanted:
                        told.setdefault(subscriber_id, set()).add(paper_id)
        return {subscriber_id: frozenset(papers) for subscriber_id, papers in told.items()}

    def commit(self, batch: Sequence[Composed]) -> frozenset[int]:
        """Store digests, ledger and outbox rows, cursors and due times in one transaction."""
        if not batch:
            return frozenset()
        with self._engine.begin() as connection:
            ready = [composed for composed in batch if self._is_unchanged(connection, composed)]
            self._move_on(connection, ready)
            editions = self._editions(connection, ready)
            for composed in ready:
                if composed.digest is not None:
                    self._store(connection, composed, composed.digest, editions)
        return frozenset(composed.due.subscriber.id for composed in ready)

    def _is_unchanged(self, connection: Connection, composed: Composed) -> bool:
        """Return whether every cursor still stands where it stood when the subscriber was read; locks the rows."""
        table = schema.subscriptions
        expected = {s.id: (s.cursor, s.due_at) for s in composed.due.subscriptions}
        query = select(table.c.id, table.c.cursor, table.c.due_at).where(table.c.id.in_(expected)).with_for_update()
        found = {row.id: (row.cursor, row.due_at) for row in connection.execute(query)}
        return all(found.get(key, was) == was for key, was in expected.items()) and bool(found)

    def _move_on(self, connection: Connection, ready: Sequence[Composed]) -> None:
        table = schema.subscriptions
        rows = [
            {"b_id": key, "cursor": composed.cursor, "due_at": due.at, "due_on": due.on}
            for composed in ready
            for key, due in composed.next_due.items()
        ]
        if rows:
            connection.execute(update(table).where(table.c.id == bindparam("b_id")), rows)

    def _editions(self, connection: Connection, ready: Sequence[Composed]) -> dict[int, int]:
        """Return the current edition of every paper that stands in a digest."""
        table = schema.papers
        ids = {item.paper.id for composed in ready if composed.digest for item in _all_items(composed.digest)}
        return {
            row.id: row.edition
            for part in _parts(sorted(ids))
            for row in connection.execute(select(table.c.id, table.c.edition).where(table.c.id.in_(part)))
        }

    def _store(self, connection: Connection, composed: Composed, digest: Digest, editions: Mapping[int, int]) -> None:
        subscriber_id = digest.subscriber.id
        row = {
            "subscriber_id": subscriber_id,
            "slot": digest.slot,
            "day": digest.day,
            "composed_at": digest.composed_at,
            "body": codec.digest_body(digest, editions),
        }
        inserted = connection.execute(insert(schema.digests).values(**row)).inserted_primary_key
        digest_id = int(inserted[0]) if inserted else 0
        told = {item.paper.id for item in _all_items(digest) if item.kind is EventKind.NEW}
        if told:
            rows = [{"subscriber_id": subscriber_id, "paper_id": p, "digest_id": digest_id} for p in sorted(told)]
            connection.execute(insert(schema.ledger), rows)
        if composed.message is not None:
            row = _outbox_row(composed.message, digest, digest_id)
            connection.execute(insert(schema.outbox).values(**row))


def load(connection: Connection, condition: Any) -> Digest | None:
    """Return the one digest that fits a condition on the ``digests`` table, just as it was composed."""
    row = connection.execute(select(schema.digests).where(condition)).mappings().first()
    if row is None:
        return None
    papers = papers_at(connection, codec.papers_of(row["body"]))
    return codec.read_digest(dict(row), papers)


def _outbox_row(message: Message, digest: Digest, digest_id: int) -> dict[str, Any]:
    return {
        "digest_id": digest_id,
        "subscriber_id": digest.subscriber.id,
        "channel": digest.subscriber.channel.value,
        "slot": digest.slot,
        "recipient": message.recipient,
        "message_id": message.message_id,
        "body_sha256": hashlib.sha256(message.raw).hexdigest(),
        "state": OutboxState.PENDING.value,
        "created_at": digest.composed_at,
        "due_at": digest.composed_at,
        "tries": 0,
        "fence": 0,
        "lease_owner": "",
        "last_error": "",
    }


def _all_items(digest: Digest) -> list[Any]:
    return [*digest.items, *(item for section in digest.sections for item in section.left_out)]


def _grouped(rows: Iterable[tuple[Any, Subscription]]) -> list[Due]:
    owners: dict[int, Any] = {}
    subscriptions: dict[int, list[Subscription]] = {}
    for owner, subscription in rows:
        owners[owner.id] = owner
        subscriptions.setdefault(owner.id, []).append(subscription)
    return [Due(subscriber=owners[key], subscriptions=tuple(of)) for key, of in subscriptions.items()]


def _parts(values: Sequence[int]) -> Iterable[Sequence[int]]:
    return (values[start : start + _IN_ONE_QUERY] for start in range(0, len(values), _IN_ONE_QUERY))
