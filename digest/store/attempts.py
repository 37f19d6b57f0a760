"""The history of messages: one row for each try that ended and each decision about it, written once.

A row goes into the transaction that changes the state it tells of, so the two can never disagree and no commit is
added.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Insert, bindparam, exists, insert, select, update

from digest.model import Attempt, ChannelName, OutboxState, Outcome
from digest.store import schema

CLOCK = "clock"
SUBSCRIBER = "subscriber"
OPERATOR = "operator"

HEARD_AGAIN_AFTER = timedelta(days=2)
"""A refusal that does not say whose fault it is counts against the address when it is repeated after so long."""


def _record() -> Insert:
    of, table = schema.outbox, schema.attempts
    told: dict[str, ColumnElement[Any]] = {
        "outbox_id": of.c.id,
        "n": of.c.fence,
        "by": bindparam("by", type_=table.c.by.type),
        "channel": of.c.channel,
        "relay": bindparam("relay", type_=table.c.relay.type),
        "started_at": of.c.claimed_at,
        "handed_at": of.c.handed_at,
        "settled_at": bindparam("now", type_=schema.UtcDateTime()),
        "outcome": bindparam("outcome", type_=table.c.outcome.type),
        "reply": bindparam("reply", type_=schema.SafeText()),
        "charged": bindparam("charged", type_=table.c.charged.type),
        "doubt": bindparam("doubt", type_=table.c.doubt.type),
        "suspect": bindparam("suspect", type_=table.c.suspect.type),
    }
    return insert(table).from_select(list(told), select(*told.values()).where(of.c.id == bindparam("row")))


_RECORD = _record()
"""Built once: putting it together costs SQLAlchemy more than the database needs to run it."""


def record(connection: Connection, settled: Iterable[tuple[int, Outcome, datetime, str]]) -> None:
    """Write down what became of messages (at least one), by row, when and by whom.

    Called after the change of state, in its transaction.
    """
    connection.execute(_RECORD, [_said(outcome, now, by) | {"row": row_id} for row_id, outcome, now, by in settled])


def _said(outcome: Outcome, now: datetime, by: str) -> dict[str, Any]:
    said = {"relay": outcome.relay, "outcome": outcome.state.value, "reply": outcome.reply, "charged": outcome.charged}
    return said | {"doubt": outcome.doubt is True, "suspect": outcome.suspect, "now": now, "by": by}


def history(connection: Connection, row_id: int) -> Sequence[Attempt]:
    """Return the history of a message, oldest first."""
    table = schema.attempts
    mine = select(table).where(table.c.outbox_id == row_id).order_by(table.c.id)
    return [_read(row) for row in connection.execute(mine).mappings()]


def suppress(connection: Connection, subscriber_id: int, outcome: Outcome, now: datetime) -> None:
    """Send no more mail to an address where an outcome says so, or says for the second time that it may be at fault."""
    if outcome.suppress or (outcome.suspect and _heard_before(connection, subscriber_id, now)):
        table = schema.subscribers
        reason = outcome.reply or "the address was refused"
        connection.execute(update(table).where(table.c.id == subscriber_id).values(suppressed=reason))


def _heard_before(connection: Connection, subscriber_id: int, now: datetime) -> bool:
    """Return whether the same was said days ago, and nothing has reached the address since."""
    of, then, later = schema.outbox, schema.attempts.alias("then"), schema.attempts.alias("later")
    mine = select(of.c.id).where(of.c.subscriber_id == subscriber_id)
    arrived = exists().where(
        later.c.outbox_id.in_(mine),
        later.c.outcome == OutboxState.SENT.value,
        later.c.settled_at > then.c.settled_at,
    )
    long_ago = then.c.settled_at <= now - HEARD_AGAIN_AFTER
    before = select(then.c.id).where(then.c.outbox_id.in_(mine), then.c.suspect, long_ago, ~arrived)
    return connection.scalar(before.limit(1)) is not None


def _read(row: Mapping[Any, Any]) -> Attempt:
    facts = {name: row[name] for name in Attempt.__dataclass_fields__}
    return Attempt(**{**facts, "channel": ChannelName(row["channel"]), "outcome": OutboxState(row["outcome"])})
