"""What an operator can do about single messages: look, send again, drop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, select, update

from digest.errors import StoreError
from digest.model import Attempt, OutboxRow, OutboxState, Outcome
from digest.store import attempts, schema
from digest.store.changes import record
from digest.store.engine import reading
from digest.store.outbox import EXPIRES_AFTER, LAPSED, read_row

DROPPED = "dropped by the operator"
TRIED_AGAIN = "to be tried again"
_BEING_SENT = (OutboxState.CLAIMED, OutboxState.HANDING)
_LEFT = Outcome(
    state=OutboxState.AMBIGUOUS,
    reply="its worker was gone while the message left; it may have arrived",
    charged=False,
    doubt=True,
)


class SqlDesk:
    """Single outbox rows by number; every change raises the fence, so that no worker writes over it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._reading = reading(engine)

    def get(self, row_id: int) -> OutboxRow:
        """Return a message's row; raises ``StoreError`` where there is none."""
        with self._reading.begin() as connection:
            row = connection.execute(select(schema.outbox).where(schema.outbox.c.id == row_id)).mappings().first()
        if row is None:
            raise StoreError("there is no such message", place=f"message {row_id}", hint="see digest outbox list")
        return read_row(dict(row))

    def history(self, row_id: int) -> Sequence[Attempt]:
        """Return what was tried and decided about a message, oldest first."""
        with self._reading.begin() as connection:
            return attempts.history(connection, row_id)

    def retry(self, row_id: int, now: datetime) -> OutboxRow:
        """Let a message that waits, failed or is in doubt be tried at once, with all its tries before it.

        That it may have left before stays known, but its bytes may be others now: somebody has looked at it. Raises
        ``StoreError`` for a message that would not be sent, with the reason.
        """
        row = self._free(row_id, now)
        if row.state is OutboxState.SENT:
            raise StoreError("it was sent", place=f"message {row_id}", hint="nothing is sent twice")
        if now - row.created_at >= EXPIRES_AFTER:
            raise StoreError("it is too old to be sent", place=f"message {row_id}", hint="its papers are in the feed")
        if reason := self._silenced(row):
            hint = f"digest returned resume {row.recipient} sends mail there again, then retry"
            raise StoreError(f"its reader gets no mail any more: {reason}", place=f"message {row_id}", hint=hint)
        again = {"state": OutboxState.PENDING.value, "due_at": now, "tries": 0, "last_error": "", "body_sha256": ""}
        return self._changed(row, again, Outcome(state=OutboxState.PENDING, reply=TRIED_AGAIN, charged=False), now)

    def drop(self, row_id: int, now: datetime) -> OutboxRow:
        """Never send a message; its papers stay told, so they do not come again."""
        row = self._free(row_id, now)
        if row.state is OutboxState.SENT:
            raise StoreError("it was sent", place=f"message {row_id}", hint="it cannot be called back")
        dropped = {"state": OutboxState.SUPPRESSED.value, "last_error": DROPPED}
        return self._changed(row, dropped, Outcome(state=OutboxState.SUPPRESSED, reply=DROPPED, charged=False), now)

    def _free(self, row_id: int, now: datetime) -> OutboxRow:
        row = self.get(row_id)
        if row.state in _BEING_SENT and row.lease_until is not None and row.lease_until > now:
            raise StoreError(
                "it is being sent just now", place=f"message {row_id}", hint=f"try after {row.lease_until:%H:%M} UTC"
            )
        return row

    def _silenced(self, row: OutboxRow) -> str:
        readers = schema.subscribers
        with self._reading.begin() as connection:
            return connection.scalar(select(readers.c.suppressed).where(readers.c.id == row.subscriber_id)) or ""

    def _changed(self, row: OutboxRow, columns: Mapping[str, Any], outcome: Outcome, now: datetime) -> OutboxRow:
        table = schema.outbox
        unchanged = (table.c.id == row.id, table.c.fence == row.fence, table.c.state == row.state.value)
        released = {"fence": row.fence + 1, "lease_owner": "", "lease_until": None}
        with self._engine.begin() as connection:
            if row.state in _BEING_SENT:  # by a worker that is gone: how its try ended is part of the history
                lost = _LEFT if row.state is OutboxState.HANDING else LAPSED
                record(connection, [(row.id, lost, now, row.lease_owner)])
                released["doubts"] = row.doubts + bool(lost.doubt)
            if connection.execute(update(table).where(*unchanged).values(**columns, **released)).rowcount != 1:
                raise StoreError("a worker was faster", place=f"message {row.id}", hint="look again")
            record(connection, [(row.id, outcome, now, attempts.OPERATOR)])
        return self.get(row.id)
