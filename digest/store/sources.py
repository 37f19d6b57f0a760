"""What is known of each source between two looks at it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sqlalchemy import Engine, insert, select, update

from digest.model import SourceState
from digest.store import schema
from digest.store.engine import reading


class SqlSourceStates:
    """``ports.SourceStates`` on a database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._reading = reading(engine)

    def get(self, name: str) -> SourceState:
        """Return how the source of that name fared; a fresh state where it was never asked."""
        table = schema.sources
        with self._reading.begin() as connection:
            row = connection.execute(select(table).where(table.c.name == name)).mappings().first()
        return SourceState(**dict(row)) if row else SourceState(name=name)

    def put(self, state: SourceState) -> None:
        """Keep how a source fared."""
        table = schema.sources
        columns: dict[str, Any] = asdict(state) | {"memory": dict(state.memory)}
        with self._engine.begin() as connection:
            changed = connection.execute(update(table).where(table.c.name == state.name).values(**columns))
            if not changed.rowcount:
                connection.execute(insert(table).values(**columns))
