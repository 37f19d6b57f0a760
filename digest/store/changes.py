"""The changes of state of several messages in three statements, in plain SQL: what delivery does for every message.

Putting a statement together costs SQLAlchemy as much as the database needs to run it; and a statement for each message
would let go of Python's own lock each time, for which the thread that writes, and the writers of other processes with
it, would then have to wait.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from digest.model import Change, OutboxState, Outcome
from digest.store.engine import driver
from digest.store.schema import safe

HANDED_FOR = timedelta(minutes=15)
"""From when its body leaves a message is its worker's for so long at least: servers may think about it for 10 minutes
(RFC 5321, 4.5.3.2.6), and nobody is to have doubts meanwhile."""

Settled = tuple[int, Outcome, datetime, str]
"""A message by its row, what became of it, when and by whom."""

_IN_ONE_STATEMENT = 500

_HANDING = """
UPDATE outbox SET state = 'handing', handed_at = told.at, body_sha256 = told.body,
    lease_until = CASE WHEN outbox.lease_until > told.answered THEN outbox.lease_until ELSE told.answered END
FROM told WHERE outbox.id = told.id
"""
_SETTLE = """
UPDATE outbox SET state = told.state, tries = outbox.tries + told.tried, last_error = told.reply,
    lease_owner = '', lease_until = NULL,
    sent_at = coalesce(told.sent, outbox.sent_at), due_at = coalesce(told.retry, outbox.due_at),
    doubts = outbox.doubts * told.kept + told.new
FROM told WHERE outbox.id = told.id
"""
_RECORD = """
INSERT INTO attempts (outbox_id, n, "by", channel, relay, started_at, handed_at, settled_at, outcome, reply, charged,
    doubt, suspect)
SELECT outbox.id, outbox.fence, told."by", outbox.channel, told.relay, outbox.claimed_at, outbox.handed_at, told.at,
    told.outcome, told.reply, told.charged, told.doubt, told.suspect
FROM told JOIN outbox ON outbox.id = told.id ORDER BY told.place
"""
_TOLD: Mapping[str, Mapping[str, str]] = {
    _HANDING: {"id": "bigint", "at": "timestamptz", "body": "text", "answered": "timestamptz"},
    _SETTLE: {
        "id": "bigint",
        "state": "text",
        "tried": "int",
        "reply": "text",
        "sent": "timestamptz",
        "retry": "timestamptz",
        "kept": "int",
        "new": "int",
    },
    _RECORD: {
        "place": "int",
        "id": "bigint",
        "at": "timestamptz",
        '"by"': "text",
        "relay": "text",
        "outcome": "text",
        "reply": "text",
        "charged": "boolean",
        "doubt": "boolean",
        "suspect": "boolean",
    },
}
"""What each statement is told of each message: names and, for PostgreSQL, types."""


def held(connection: Connection, ids: Sequence[int]) -> dict[int, list[Any]]:
    """Return fence and state of messages by row; nobody else changes them before the transaction ends."""
    now: dict[int, list[Any]] = {}
    for some in _parts(ids):
        sql = f"SELECT id, fence, state FROM outbox WHERE id IN ({', '.join('?' * len(some))}) ORDER BY id"  # noqa: S608
        sql += "" if connection.dialect.name == "sqlite" else " FOR UPDATE"
        found: Sequence[Any] = driver(connection, sql, tuple(some)).all()
        now |= {row[0]: [row[1], row[2]] for row in found}
    return now


def write_handed(connection: Connection, changes: Sequence[Change]) -> None:
    """Write that the bodies of messages are about to leave."""
    at = _instants(connection)
    _tell(connection, _HANDING, [(c.row.id, at(c.now), c.body_sha256, at(c.now + HANDED_FOR)) for c in changes])


def write_settled(connection: Connection, settled: Sequence[Settled]) -> None:
    """Write what became of messages; their line of history is written by ``record``."""
    at = _instants(connection)
    told = [
        (
            row_id,
            outcome.state.value,
            int(outcome.charged),
            "" if outcome.state is OutboxState.SENT else safe(outcome.reply),
            at(now) if outcome.state is OutboxState.SENT else None,
            at(outcome.retry_at),
            int(outcome.doubt is not False),
            int(outcome.doubt is True),
        )
        for row_id, outcome, now, _ in settled
    ]
    _tell(connection, _SETTLE, told)


def record(connection: Connection, settled: Sequence[Settled]) -> None:
    """Write down what became of messages, in their history.

    Called after the change of state, in its transaction.
    """
    at = _instants(connection)
    told = [
        (
            place,
            row_id,
            at(now),
            by,
            safe(outcome.relay),
            outcome.state.value,
            safe(outcome.reply),
            outcome.charged,
            outcome.doubt is True,
            outcome.suspect,
        )
        for place, (row_id, outcome, now, by) in enumerate(settled)
    ]
    _tell(connection, _RECORD, told)


def _tell(connection: Connection, sql: str, told: Sequence[tuple[Any, ...]]) -> None:
    names = _TOLD[sql]
    marks = ["?"] * len(names) if connection.dialect.name == "sqlite" else [f"?::{type_}" for type_ in names.values()]
    one = f"({', '.join(marks)})"
    for some in _parts(told):
        values = ", ".join([one] * len(some))
        driver(
            connection,
            f"WITH told({', '.join(names)}) AS (VALUES {values}) {sql}",
            tuple(value for each in some for value in each),
        )


def _parts(values: Sequence[Any]) -> list[Sequence[Any]]:
    return [values[start : start + _IN_ONE_STATEMENT] for start in range(0, len(values), _IN_ONE_STATEMENT)]


def _instants(connection: Connection) -> Callable[[datetime | None], object]:
    """Return what turns an instant into what the database keeps (``schema.UtcDateTime``)."""
    return _as_text if connection.dialect.name == "sqlite" else _as_it_is


def _as_text(instant: datetime | None) -> str | None:
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds") if instant else None


def _as_it_is(instant: datetime | None) -> datetime | None:
    return instant
