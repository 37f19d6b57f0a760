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

from sqlalchemy import Connection, Engine, and_, or_, select, update

from digest.errors import StoreError
from digest.model import ChannelName, Digest, OutboxRow, OutboxState, Outcome
from digest.store import schema
from digest.store.digests import load
from digest.store.engine import reading

EXPIRES_AFTER = timedelta(hours=36)
"""A daily digest that could not leave for so long is history."""


class SqlOutbox:
    """``ports.Outbox`` on a database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._reading = reading(engine)

    def claim(self, *, owner: str, now: datetime, lease: timedelta, limit: int) -> Sequence[OutboxRow]:
        """Lease up to ``limit`` rows that are pending, due for a retry or stranded before the body, to ``owner``."""
        table = schema.outbox
        waiting = table.c.state.in_([OutboxState.PENDING.value, OutboxState.RETRY.value])
        stranded = and_(table.c.state == OutboxState.CLAIMED.value, table.c.lease_until < now)
        with self._engine.begin() as connection:
            self._drop_hopeless(connection, now, waiting)
            free = (
                select(table.c.id)
                .where(or_(and_(waiting, table.c.due_at <= now), stranded))
                .order_by(table.c.due_at, table.c.id)
                .limit(limit)
                .with_for_update(skip_locked=True)
            )
            ids = connection.scalars(free).all()
            taken = {
                "state": OutboxState.CLAIMED.value,
                "fence": table.c.fence + 1,
                "lease_owner": owner,
                "lease_until": now + lease,
            }
            connection.execute(update(table).where(table.c.id.in_(ids)).values(**taken))
            rows = connection.execute(select(table).where(table.c.id.in_(ids)).order_by(table.c.id)).mappings().all()
        return [read_row(dict(row)) for row in rows]

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

    def _drop_hopeless(self, connection: Connection, now: datetime, waiting: Any) -> None:
        table, owners = schema.outbox, schema.subscribers
        too_old = and_(waiting, table.c.created_at < now - EXPIRES_AFTER)
        connection.execute(update(table).where(too_old).values(state=OutboxState.EXPIRED.value))
        unwanted = select(owners.c.id).where(owners.c.suppressed != "")
        connection.execute(
            update(table).where(waiting, table.c.subscriber_id.in_(unwanted)).values(state=OutboxState.SUPPRESSED.value)
        )

    def _change(self, row: OutboxRow, from_state: OutboxState, columns: Mapping[str, Any]) -> bool:
        with self._engine.begin() as connection:
            return self._write(connection, row, columns, schema.outbox.c.state == from_state.value)

    def _write(self, connection: Connection, row: OutboxRow, columns: Mapping[str, Any], *conditions: Any) -> bool:
        table = schema.outbox
        mine = (table.c.id == row.id, table.c.fence == row.fence, *conditions)
        return connection.execute(update(table).where(*mine).values(**columns)).rowcount == 1


def read_row(row: Mapping[str, Any]) -> OutboxRow:
    """Return the outbox row of a row of the table."""
    return OutboxRow(**{**row, "channel": ChannelName(row["channel"]), "state": OutboxState(row["state"])})
