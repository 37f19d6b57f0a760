"""Messages and their fate.

    pending ─claim▶ claimed ─354, then commit▶ handing ─body, dot▶ sent            250
       ▲               │ error before the dot             ├────────▶ retry          4xx: later, at most 8 tries
       └── lease over ─┘                                  ├────────▶ failed         5xx
                                                          └ no answer ▶ ambiguous   until a policy settles it
    also: expired (36 h), suppressed (unsubscribed meanwhile)

A change of state is committed alone or together with those of other messages, and takes its line of history along
(``attempts``). A row carries a fence that goes up with each claim; a write with an older fence changes nothing, so a
worker that lost its lease cannot overwrite what its successor did.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Row, Select, bindparam, func, select, update

from digest.errors import StoreError
from digest.model import Change, ChannelName, Digest, OutboxRow, OutboxState, Outcome
from digest.store import attempts, schema
from digest.store.changes import held, record, write_handed, write_settled
from digest.store.digests import load, load_all
from digest.store.editions import KnownPapers
from digest.store.engine import passing, reading, rows

EXPIRES_AFTER = timedelta(hours=36)
"""A daily digest that could not leave for so long is history."""

ASKED_ABOUT_FOR = timedelta(days=7)
"""How long evidence is looked for; logs are seldom kept for longer."""

_LOOKED_INTO = frozenset({OutboxState.HANDING, OutboxState.AMBIGUOUS})

_EXPIRED = Outcome(state=OutboxState.EXPIRED, reply="too old to be sent", charged=False)
_UNWANTED = Outcome(state=OutboxState.SUPPRESSED, reply="its reader gets no mail any more", charged=False)
LAPSED = Outcome(state=OutboxState.RETRY, reply="its worker was gone before the body left", charged=False)


class SqlOutbox:
    """``ports.Outbox`` on a database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = passing(engine)  # a message and its digest are read once
        self._reading = reading(self._engine)
        self._papers = KnownPapers()

    def claim(self, *, owner: str, now: datetime, lease: timedelta, limit: int) -> Sequence[OutboxRow]:
        """Lease up to ``limit`` rows that are pending, due for a retry or stranded before the body, to ``owner``."""
        taken: list[int] = []
        with self._engine.begin() as connection:
            for free in _FREE:
                while len(taken) < limit and (found := _next(connection, free, now, limit - len(taken))):
                    taken += self._take(connection, found, owner, now, lease)
            return [read_row(row) for row in rows(connection, _THESE, {"ids": taken})]

    def waiting(self, now: datetime, most: int) -> int:
        """Return how many messages can leave, at most ``most``."""
        table = schema.outbox
        states = [OutboxState.PENDING.value, OutboxState.RETRY.value]
        due = select(table.c.id).where(table.c.state.in_(states), table.c.due_at <= now).limit(most)
        with self._reading.begin() as connection:
            return int(connection.scalar(select(func.count()).select_from(due.subquery())) or 0)

    def handing(self, row: OutboxRow, body_sha256: str, now: datetime) -> bool:
        """Commit, durably, that the body is about to leave. False: the lease is lost, do not send."""
        return self.together([Change(row=row, now=now, body_sha256=body_sha256)])[0]

    def settle(self, row: OutboxRow, outcome: Outcome, now: datetime) -> bool:
        """Commit what became of the attempt, with its line of history. False: the lease was lost meanwhile."""
        return self.together([Change(row=row, now=now, outcome=outcome)])[0]

    def together(self, changes: Sequence[Change]) -> Sequence[bool]:
        """Commit several changes in one transaction, and say of each whether the lease was still there."""
        with self._engine.begin() as connection:
            now = held(connection, [change.row.id for change in changes])
            written = [_is_held(change, now.get(change.row.id)) for change in changes]
            kept = [change for change, is_held in zip(changes, written, strict=True) if is_held]
            write_handed(connection, [change for change in kept if change.outcome is None])
            _write_settled(connection, kept)
            return written

    def stranded(self, now: datetime) -> Sequence[OutboxRow]:
        """Return the rows whose lease ran out while ``handing``: nobody knows whether they arrived."""
        table = schema.outbox
        lost = select(table).where(table.c.state == OutboxState.HANDING.value, table.c.lease_until < now)
        with self._reading.begin() as connection:
            return [read_row(row) for row in rows(connection, lost.order_by(table.c.id))]

    def ambiguous(self, now: datetime) -> Sequence[OutboxRow]:
        """Return the messages in doubt that are still worth asking about."""
        table = schema.outbox
        doubtful = select(table).where(
            table.c.state == OutboxState.AMBIGUOUS.value, table.c.created_at > now - ASKED_ABOUT_FOR
        )
        with self._reading.begin() as connection:
            return [read_row(row) for row in rows(connection, doubtful.order_by(table.c.id))]

    def sent_by_others(self, owner: str, relay: str, since: datetime) -> bool:
        """Return whether somebody else than ``owner`` has sent a message by a relay since then."""
        with self._reading.begin() as connection:
            return attempts.sent_by_others(connection, owner, relay, since)

    def asked(self, row_id: int) -> int:
        """Return how often somebody was asked to take a message, whatever came of it."""
        with self._reading.begin() as connection:
            return attempts.asked(connection, row_id)

    def digest(self, digest_id: int) -> Digest:
        """Return a digest just as it was composed."""
        with self._reading.begin() as connection:
            digest = load(connection, schema.digests.c.id == digest_id)
        if digest is None:
            raise StoreError(f"there is no digest {digest_id}", hint="the store was changed by hand")
        return digest

    def digests(self, digest_ids: Sequence[int]) -> Mapping[int, Digest]:
        """Return several digests just as they were composed, by id; those there are."""
        with self._reading.begin() as connection:
            return load_all(connection, digest_ids, self._papers)

    def _take(
        self, connection: Connection, found: Sequence[Row[Any]], owner: str, now: datetime, lease: timedelta
    ) -> list[int]:
        """Lease what can still be sent, drop what cannot, and return the ids of the former."""
        table = schema.outbox
        old = [row.id for row in found if row.created_at < now - EXPIRES_AFTER]
        unwanted = [row.id for row in found if row.suppressed and row.id not in old]
        good = [row.id for row in found if row.id not in {*old, *unwanted}]
        for lapsed in (row for row in found if row.lease_owner):
            record(connection, [(lapsed.id, LAPSED, now, lapsed.lease_owner)])
        for ids, outcome, by in ((old, _EXPIRED, attempts.CLOCK), (unwanted, _UNWANTED, attempts.SUBSCRIBER)):
            if ids:
                gone = {"state": outcome.state.value, "lease_owner": "", "lease_until": None}
                connection.execute(update(table).where(table.c.id.in_(ids)).values(**gone))
                record(connection, [(row_id, outcome, now, by) for row_id in ids])
        connection.execute(_CLAIM, {"ids": good, "by": owner, "until": now + lease, "now": now})
        return good


def _is_held(change: Change, now: list[Any] | None) -> bool:
    """Return whether a change may be made to a row of this fence and state, which become what the change makes of them.

    A row that was read as ``handing`` or ``ambiguous`` is settled by somebody who looks into the doubt: only if it
    still is what it was. Its own worker's answer counts whatever they think by then, if nobody claimed it.
    """
    if now is None or now[0] != change.row.fence:
        return False
    was = OutboxState(now[1])
    if change.outcome is None:
        if was is not OutboxState.CLAIMED:
            return False
    elif change.row.state in _LOOKED_INTO and was is not change.row.state:
        return False
    now[1] = (change.outcome.state if change.outcome else OutboxState.HANDING).value
    return True


def _write_settled(connection: Connection, changes: Sequence[Change]) -> None:
    settled = [
        (one.row.id, one.outcome, one.now, one.outcome.by or one.row.lease_owner) for one in changes if one.outcome
    ]
    write_settled(connection, settled)
    for one in changes:
        if one.outcome:
            attempts.suppress(connection, one.row.subscriber_id, one.outcome, one.now)
    record(connection, settled)


def _of_state(state: OutboxState, column: Any) -> Select[Any]:
    """Return the query for rows of a state whose time has come, by an index that gives them in order."""
    table, owners = schema.outbox, schema.subscribers
    return (
        select(table.c.id, table.c.created_at, table.c.lease_owner, owners.c.suppressed)
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

_ARE_THESE = schema.outbox.c.id.in_(bindparam("ids", expanding=True))
"""Statements are put together once: each leaves a cycle of garbage behind, and delivery seldom looks for those."""
_THESE = select(schema.outbox).where(_ARE_THESE).order_by(schema.outbox.c.due_at, schema.outbox.c.id)
_CLAIM = (
    update(schema.outbox)
    .where(_ARE_THESE)
    .values(
        state=OutboxState.CLAIMED.value,
        fence=schema.outbox.c.fence + 1,
        lease_owner=bindparam("by"),
        lease_until=bindparam("until"),
        claimed_at=bindparam("now"),
        handed_at=None,
    )
)


def _next(connection: Connection, free: Select[Any], now: datetime, few: int) -> Sequence[Row[Any]]:
    return connection.execute(free, {"now": now, "few": few}).all()


def read_row(row: Mapping[str, Any]) -> OutboxRow:
    """Return the outbox row of a row of the table."""
    return OutboxRow(**{**row, "channel": ChannelName(row["channel"]), "state": OutboxState(row["state"])})
