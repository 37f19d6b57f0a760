"""What is known of one reader, all of it: handed out, or forgotten."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Engine, delete, insert, select

from digest.store import schema
from digest.store.engine import reading

_OF_A_READER = (schema.outbox, schema.ledger, schema.digests, schema.subscriptions)
"""The tables with rows of one subscriber, those that point to others first."""


class SqlPrivacy:
    """Export and erasure (GDPR, articles 15 and 17), and who asked never to be written to again."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._reading = reading(engine)

    def export(self, subscriber_id: int) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Yield every row about a subscriber with the name of its table; values are ready for JSON."""
        tables = ((schema.subscribers, schema.subscribers.c.id), *((t, t.c.subscriber_id) for t in _OF_A_READER[::-1]))
        with self._reading.begin() as connection:
            for table, owner in tables:
                for row in connection.execute(select(table).where(owner == subscriber_id)).mappings():
                    yield table.name, {name: _plain(value) for name, value in row.items()}

    def forget(self, subscriber_id: int, address_hash: str, now: datetime) -> Mapping[str, int]:
        """Delete every row about a subscriber, keep the keyed hash of the address, and return what was deleted."""
        gone: dict[str, int] = {}
        table = schema.suppressions
        with self._engine.begin() as connection:
            for of_reader in _OF_A_READER:
                gone[of_reader.name] = connection.execute(
                    delete(of_reader).where(of_reader.c.subscriber_id == subscriber_id)
                ).rowcount
            owner = schema.subscribers.c.id == subscriber_id
            gone["subscribers"] = connection.execute(delete(schema.subscribers).where(owner)).rowcount
            connection.execute(delete(table).where(table.c.address_hash == address_hash))
            connection.execute(insert(table).values(address_hash=address_hash, reason="forgotten", at=now))
        return gone

    def is_suppressed(self, address_hash: str) -> bool:
        """Return whether the address of this hash asked to be forgotten."""
        table = schema.suppressions
        with self._reading.begin() as connection:
            return connection.scalar(select(table.c.at).where(table.c.address_hash == address_hash)) is not None

    def allow(self, address_hash: str) -> bool:
        """Take an address off the list: its owner asked for mail again. False: it was not on it."""
        table = schema.suppressions
        with self._engine.begin() as connection:
            return connection.execute(delete(table).where(table.c.address_hash == address_hash)).rowcount > 0


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
