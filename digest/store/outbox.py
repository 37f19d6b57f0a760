"""Messages and their fate.

    pending ─claim▶ claimed ─354, then commit▶ handing ─body, dot▶ sent            250
       ▲               │ error before the dot             ├────────▶ retry          4xx: later, at most 8 tries
       └── lease over ─┘                                  ├────────▶ failed         5xx
                                                          └ no answer ▶ ambiguous   until a policy settles it
    also: expired (36 h), suppressed (unsubscribed meanwhile)

Every change of state is a commit of its own. A row carries a fence that goes up with each claim; a write with an
older fence changes nothing, so a worker that lost its lease cannot overwrite what its successor did.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Row, Select, bindparam, select, update

from digest.errors import StoreError
from digest.model import ChannelName, Digest, OutboxRow, OutboxState, Outcome
from digest.store import schema
from digest.store.digests import load
from digest.store.engine import reading, rows

EXPIRES_AFTER = timedelta(hours=36)
"""A daily digest that could not leave for so long is history."""


class SqlOutbox:
    """``ports.Outbox`` on a database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._reading = reading(engine)

    def claim(self, *, owner: str, now: datetime, lease: timedelta, limit: int) -> Sequence[OutboxRow]:
        """Lease up to ``limit`` rows that are pending, due for a retry or stranded before the body, to ``owner``."""
        taken: list[int] = []
        with self._engine.begin() as connection:
            for free in _FREE:
                while len(taken) < limit and (found := _next(connection, free, now, limit - len(taken))):
                    taken += self._take(connection, found, owner, now, lease)
            table = schema.outbox
            mine = select(table).where(table.c.id.in_(taken)).order_by(table.c.id)
            return [read_row(row) for row in rows(connection, mine)]

    def handing(self, row: OutboxRow, now: datetime) -> bool:
        """Commit, durably, that the body is about to leave. False: the lease is lost, do not send."""
        del now
        return self._change(row, OutboxState.CLAIMED, {"state": OutboxState.HANDING.value})

    def settle(self, row: OutboxRow, outcome: Outcome, now: datetime) -> bool:
        """Commit what became of the attempt. False: the lease was lost meanwhile."""
        columns: dict[str, Any] = {
            "state": outcome.state.value,
            "tries": schema.outbox.c.tries + (1 if outcome.charged else 0),
            "last_error": "" if outcome.state is OutboxState.SENT else outcome.reply,
            "lease_owner": "",
            "lease_until": None,
        }
        if outcome.state is OutboxState.SENT:
            columns["sent_at"] = now
        if outcome.retry_at is not None:
            columns["due_at"] = outcome.retry_at
        with self._engine.begin() as connection:
            settled = self._write(connection, row, columns)
            if settled and outcome.suppress:
                table = schema.subscribers
                reason = outcome.reply or "the address was refused"
                connection.execute(update(table).where(table.c.id == row.subscriber_id).values(suppressed=reason))
        return settled

    def stranded(self, now: datetime) -> Sequence[OutboxRow]:
        """Return the rows whose lease ran out while ``handing``: nobody knows whether they arrived."""
        table = schema.outbox
        lost = select(table).where(table.c.state == OutboxState.HANDING.value, table.c.lease_until < now)
        with self._reading.begin() as connection:
            return [read_row(dict(row)) for row in connection.execute(lost.order_by(table.c.id)).mappings()]

    def digest(self, digest_id: int) -> Digest:
        """Return a digest just as it was composed."""
        with self._reading.begin() as connection:
            digest = load(connection, schema.digests.c.id == digest_id)
        if digest is None:
            raise StoreError(f"there is no digest {digest_id}", hint="the store was changed by hand")
        return digest

    def _take(
        self, connection: Connection, found: Sequence[Row[Any]], owner: str, now: datetime, lease: timedelta
    ) -> list[int]:
        """Lease what can still be sent, drop what cannot, and return the ids of the former."""
        table = schema.outbox
        old = [row.id for row in found if row.created_at < now - EXPIRES_AFTER]
        unwanted = [row.id for row in found if row.suppressed and row.id not in old]
        good = [row.id for row in found if row.id not in {*old, *unwanted}]
        lost = {"lease_owner": "", "lease_until": None}
        taken = {"fence": table.c.fence + 1, "lease_owner": owner, "lease_until": now + lease}
        for ids, state, more in (
            (old, OutboxState.EXPIRED, lost),
            (unwanted, OutboxState.SUPPRESSED, lost),
            (good, OutboxState.CLAIMED, taken),
        ):
            connection.execute(update(table).where(table.c.id.in_(ids)).values(state=state.value, **more))
        return good

    def _change(self, row: OutboxRow, from_state: OutboxState, columns: Mapping[str, Any]) -> bool:
        with self._engine.begin() as connection:
            return self._write(connection, row, columns, schema.outbox.c.state == from_state.value)

    def _write(self, connection: Connection, row: OutboxRow, columns: Mapping[str, Any], *conditions: Any) -> bool:
        table = schema.outbox
        mine = (table.c.id == row.id, table.c.fence == row.fence, *conditions)
        return connection.execute(update(table).where(*mine).values(**columns)).rowcount == 1


def _of_state(state: OutboxState, column: Any) -> Select[Any]:
    """Return the query for rows of a state whose time has come, by an index that gives them in order."""
    table, owners = schema.outbox, schema.subscribers
    return (
        select(table.c.id, table.c.created_at, owners.c.suppressed)
        .join(owners, owners.c.id == table.c.subscriber_id)
        .where(table.c.state == state.value, column <= bindparam("now"))
        .order_by(column, table.c.id)
        .limit(bindparam("few"))
        .with_for_update(skip_locked=True, of=table)
    )


_FREE = (
    _of_state(OutboxState.CLAIMED, schema.outbox.c.lease_until),
    _of_state(OutboxState.RETRY, schema.outbox.c.due_at),
    _of_state(OutboxState.PENDING, schema.outbox.c.due_at),
)
"""What can be claimed, one state at a time: those stranded before their body left, retries, and what is new."""


def _next(connection: Connection, free: Select[Any], now: datetime, few: int) -> Sequence[Row[Any]]:
    return connection.execute(free, {"now": now, "few": few}).all()


def read_row(row: Mapping[str, Any]) -> OutboxRow:
    """Return the outbox row of a row of the table."""
    return OutboxRow(**{**row, "channel": ChannelName(row["channel"]), "state": OutboxState(row["state"])})
