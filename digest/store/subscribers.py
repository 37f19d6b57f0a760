"""Subscribers and their saved queries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, Select, delete, func, insert, or_, select, text, update

from digest.model import Subscriber, Subscription
from digest.store import codec, schema
from digest.store.engine import reading

PAGE = 1_000
"""How many subscriptions are read at a time."""

QUERIES_PAGE = 20_000
"""How many queries are read at a time."""

_SUBSCRIBE_LOCK = 7_263_003
"""The class of PostgreSQL's advisory locks for subscribing; the second number is the address's hash."""


class SqlSubscribers:
    """``ports.Subscribers`` on a database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._reading = reading(engine)

    def subscribe(self, subscriber: Subscriber, subscriptions: Sequence[Subscription]) -> Sequence[Subscription]:
        """Add subscriptions to the subscriber of that address, who is made if new; an equal query is changed."""
        with self._engine.begin() as connection:
            _wait_for_the_same(connection, subscriber.address)
            subscriber_id = self._subscriber_id(connection, subscriber)
            cursor = connection.scalar(select(func.coalesce(func.max(schema.events.c.id), 0)))
            return [
                self._put(connection, replace(subscription, subscriber_id=subscriber_id, cursor=cursor or 0))
                for subscription in subscriptions
            ]

    def find(self, address: str) -> Subscriber | None:
        """Return the subscriber of an address, however its letters are written."""
        return self._one(_spelled(address))

    def get(self, subscriber_id: int) -> Subscriber | None:
        """Return a subscriber by id."""
        return self._one(select(schema.subscribers).where(schema.subscribers.c.id == subscriber_id))

    def subscriptions(self, subscriber_id: int | None = None) -> Iterable[tuple[Subscriber, Subscription]]:
        """Yield all subscriptions with their subscribers, or those of one, by id, a page at a time."""
        after = 0
        while rows := self._page(subscriber_id, after):
            for row in rows:
                yield read_pair(row)
            after = rows[-1]["id"]

    def queries(self) -> Iterator[tuple[int, str]]:
        """Yield the id and the query of every subscription, by id; a million in a second or two."""
        table = schema.subscriptions
        query = select(table.c.id, table.c.query).order_by(table.c.id).limit(QUERIES_PAGE)
        after = 0
        while True:
            with self._reading.begin() as connection:
                rows = connection.execute(query.where(table.c.id > after)).all()
            if not rows:
                return
            yield from map(tuple, rows)
            after = rows[-1].id

    def update(self, subscription: Subscription) -> None:
        """Change query, name, settings, pause and due time of a subscription."""
        columns = codec.subscription_body(subscription)
        del columns["cursor"], columns["subscriber_id"]
        columns |= {"due_at": subscription.due_at, "due_on": subscription.due_on}
        with self._engine.begin() as connection:
            connection.execute(
                update(schema.subscriptions).where(schema.subscriptions.c.id == subscription.id).values(**columns)
            )

    def update_subscriber(self, subscriber: Subscriber) -> None:
        """Change a subscriber's channel, time, zone, feed generation and suppression."""
        columns = codec.subscriber_body(subscriber)
        with self._engine.begin() as connection:
            connection.execute(
                update(schema.subscribers).where(schema.subscribers.c.id == subscriber.id).values(**columns)
            )

    def remove(self, subscription_id: int) -> bool:
        """Remove a subscription (the ledger stays). False: there was none."""
        with self._engine.begin() as connection:
            gone = connection.execute(delete(schema.subscriptions).where(schema.subscriptions.c.id == subscription_id))
            return gone.rowcount > 0

    def _one(self, query: Select[Any]) -> Subscriber | None:
        with self._reading.begin() as connection:
            row = connection.execute(query).mappings().first()
        return codec.read_subscriber(row) if row else None  # type: ignore[arg-type]

    def _page(self, subscriber_id: int | None, after: int) -> Sequence[RowMapping]:
        query = pairs().where(schema.subscriptions.c.id > after).order_by(schema.subscriptions.c.id).limit(PAGE)
        if subscriber_id is not None:
            query = query.where(schema.subscriptions.c.subscriber_id == subscriber_id)
        with self._reading.begin() as connection:
            return connection.execute(query).mappings().all()

    def _subscriber_id(self, connection: Connection, subscriber: Subscriber) -> int:
        table = schema.subscribers
        found = connection.scalar(_spelled(subscriber.address).with_only_columns(table.c.id))
        if found is not None:
            return int(found)
        columns = codec.subscriber_body(subscriber) | {"created_at": subscriber.created_at}
        return _new_id(connection.execute(insert(table).values(**columns)))

    def _put(self, connection: Connection, subscription: Subscription) -> Subscription:
        table = schema.subscriptions
        same = (table.c.subscriber_id == subscription.subscriber_id, table.c.query == subscription.query)
        row = connection.execute(select(table.c.id, table.c.cursor).where(*same)).first()
        columns = codec.subscription_body(subscription)
        columns |= {"due_at": subscription.due_at, "due_on": subscription.due_on}
        if row is not None:
            columns["cursor"] = row.cursor
            connection.execute(update(table).where(table.c.id == row.id).values(**columns))
            return replace(subscription, id=row.id, cursor=row.cursor)
        columns["created_at"] = subscription.created_at
        return replace(subscription, id=_new_id(connection.execute(insert(table).values(**columns))))


def _wait_for_the_same(connection: Connection, address: str) -> None:
    """Let two requests for one address (a double click) come one after the other; in SQLite they do anyway."""
    if connection.dialect.name == "postgresql":
        lock = text("SELECT pg_advisory_xact_lock(:lock, hashtext(:address))")
        connection.execute(lock, {"lock": _SUBSCRIBE_LOCK, "address": schema.folded(address)})


def _spelled(address: str) -> Select[Any]:
    """Return the query for the subscribers of an address: of that very spelling first, then the eldest.

    Stores from before spellings were compared may hold two.
    """
    table = schema.subscribers
    same = or_(table.c.address == address, table.c.folded == schema.folded(address))
    return select(table).where(same).order_by(table.c.address != address, table.c.id).limit(1)


def pairs() -> Any:
    """Return the query for subscriptions with their subscribers' columns, prefixed ``s_``."""
    owner = [column.label(f"s_{column.name}") for column in schema.subscribers.c]
    return select(schema.subscriptions, *owner).join(
        schema.subscribers, schema.subscribers.c.id == schema.subscriptions.c.subscriber_id
    )


def read_pair(row: RowMapping) -> tuple[Subscriber, Subscription]:
    """Return the subscriber and the subscription of a row of ``pairs``."""
    owner = {column.name: row[f"s_{column.name}"] for column in schema.subscribers.c}
    return codec.read_subscriber(owner), codec.read_subscription(row)  # type: ignore[arg-type]


def _new_id(result: Any) -> int:
    return int(result.inserted_primary_key[0])
