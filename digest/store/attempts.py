"""The history of messages: one row for each try that ended and each decision about it, written once.

A row goes into the transaction that changes the state it tells of, so the two can never disagree and no commit is
added.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, exists, func, select, update

from digest.model import Attempt, ChannelName, OutboxState, Outcome
from digest.store import schema

CLOCK = "clock"
SUBSCRIBER = "subscriber"
OPERATOR = "operator"

HEARD_AGAIN_AFTER = timedelta(days=2)
"""A refusal that does not say whose fault it is counts against the address when it is repeated after so long."""

_NEWEST = 1_000
"""Attempts among which another worker's are looked for: there is no index by time, and need not be one."""


def history(connection: Connection, row_id: int) -> Sequence[Attempt]:
    """Return the history of a message, oldest first."""
    table = schema.attempts
    mine = select(table).where(table.c.outbox_id == row_id).order_by(table.c.id)
    return [_read(row) for row in connection.execute(mine).mappings()]


def asked(connection: Connection, row_id: int) -> int:
    """Return how often a relay was asked to take a message."""
    table = schema.attempts
    mine = select(func.count()).where(table.c.outbox_id == row_id, table.c.relay != "")
    return int(connection.scalar(mine) or 0)


def sent_by_others(connection: Connection, owner: str, relay: str, since: datetime) -> bool:
    """Return whether somebody else has sent a message by a relay since then, to judge by the newest attempts."""
    table = schema.attempts
    newest = select(table.c.by, table.c.relay, table.c.outcome, table.c.settled_at).order_by(table.c.id.desc())
    new = newest.limit(_NEWEST).subquery()
    sent = select(func.count()).where(
        new.c.by != owner, new.c.relay == relay, new.c.outcome == OutboxState.SENT.value, new.c.settled_at >= since
    )
    return bool(connection.scalar(sent))


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
