"""Who is due, and the one transaction in which digests come to be."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, and_, bindparam, func, insert, or_, select, text, update

from digest.model import (
    Cadence,
    Composed,
    Digest,
    Due,
    EventKind,
    Message,
    OutboxState,
    Paper,
    Subscriber,
    Subscription,
)
from digest.store import codec, schema
from digest.store.editions import KnownPapers, edition_finder, papers_at, parts
from digest.store.engine import reading, rows
from digest.store.subscribers import pairs, read_pair

_COMMIT_LOCK = 7_263_005
"""PostgreSQL's advisory lock of those who commit digests (shared) and of those who ask for all digests (alone)."""

_NEIGHBOURS = 1_000
"""How far apart two ids may be and still be asked of the ledger in one range."""


class SqlDigests:
    """``ports.Digests`` on a database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._reading = reading(engine)

    def due(self, now: datetime, *, limit: int, after: int = 0) -> Sequence[Due]:
        """Return up to ``limit`` subscribers with a subscription due at ``now``, by id, from above ``after``."""
        table = schema.subscriptions
        with self._reading.begin() as connection:
            newest = connection.scalar(select(func.coalesce(func.max(schema.events.c.id), 0)))
            is_due = and_(
                table.c.paused.is_(False),
                table.c.due_at <= now,
                or_(table.c.cadence != Cadence.AT_ONCE.value, table.c.cursor < newest),
            )
            whose = select(table.c.subscriber_id).where(is_due, table.c.subscriber_id > after).distinct()
            ids = connection.scalars(whose.order_by(table.c.subscriber_id).limit(limit)).all()
            found = [
                row
                for part in parts(ids)
                for row in connection.execute(
                    pairs().where(is_due, table.c.subscriber_id.in_(part)).order_by(table.c.subscriber_id, table.c.id)
                ).mappings()
            ]
        return _grouped(read_pair(row) for row in found)

    def told(self, subscriber_ids: Collection[int], paper_ids: Collection[int]) -> Mapping[int, frozenset[int]]:
        """Return, per subscriber, which of these papers the ledger says they have been told of already.

        Whoever was told of a paper was told of all that are merged with it.
        """
        with self._reading.begin() as connection:
            return _told(connection, sorted(subscriber_ids), set(paper_ids))

    def commit(self, batch: Sequence[Composed]) -> frozenset[int]:
        """Store digests, ledger and outbox rows, cursors and due times in one transaction.

        Left alone is who was changed, told of one of these papers, or removed since the batch was read. Who already
        has a digest of that slot (the time of day was moved back after it went out) is put off to the next slot with
        the cursor where it was: nothing is lost, and one day brings one digest.
        """
        if not batch:
            return frozenset()
        with self._engine.begin() as connection:
            return self.commit_in(connection, batch)

    def commit_in(self, connection: Connection, batch: Sequence[Composed]) -> frozenset[int]:
        """Do what ``commit`` does, in a transaction that the caller ends."""
        _announce_commit(connection)
        _lock(connection, batch)
        unmoved = _untold(connection, _unmoved(connection, batch))
        taken = _taken_slots(connection, unmoved)
        ready = [composed for composed in unmoved if _slot_of(composed) not in taken]
        _move_on(connection, ready, put_off=[composed for composed in unmoved if _slot_of(composed) in taken])
        _store(connection, [(composed, composed.digest) for composed in ready if composed.digest])
        return frozenset(composed.due.subscriber.id for composed in ready)


def _announce_commit(connection: Connection) -> None:
    """Say that digests with new ids are about to come, until the transaction ends; composers do not wait for it."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock_shared(:lock)"), {"lock": _COMMIT_LOCK})


def await_commits(connection: Connection) -> None:
    """Wait until no composer is committing, so that no digest with a lower id than those seen next can still appear.

    PostgreSQL gives ids when rows are inserted, and shows the rows when they are committed: not in the same order.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _COMMIT_LOCK})


def _lock(connection: Connection, batch: Sequence[Composed]) -> None:
    """Let no other composer commit for these subscribers meanwhile; in order of id, so two never wait in a circle."""
    table = schema.subscribers
    for part in parts(sorted(composed.due.subscriber.id for composed in batch)):
        connection.execute(select(table.c.id).where(table.c.id.in_(part)).order_by(table.c.id).with_for_update())


def _unmoved(connection: Connection, batch: Sequence[Composed]) -> list[Composed]:
    """Return those whose subscriptions stand just as they stood when they were read."""
    table = schema.subscriptions
    state = (table.c.id, table.c.cursor, table.c.due_at, table.c.query, table.c.paused)
    ids = sorted(s.id for composed in batch for s in composed.due.subscriptions)
    now = {
        row[0]: tuple(row)
        for part in parts(ids)
        for row in connection.execute(select(*state).where(table.c.id.in_(part)).order_by(table.c.id).with_for_update())
    }
    return [
        composed
        for composed in batch
        if all(now.get(s.id) == (s.id, s.cursor, s.due_at, s.query, s.paused) for s in composed.due.subscriptions)
    ]


def _untold(connection: Connection, batch: Sequence[Composed]) -> list[Composed]:
    """Return those who have not been told of any of their new papers meanwhile."""
    new = {composed.due.subscriber.id: _new_papers(composed.digest) for composed in batch if composed.digest}
    told = _told(connection, sorted(new), set().union(*new.values()))
    return [
        composed
        for composed in batch
        if not told.get(composed.due.subscriber.id, frozenset()) & new.get(composed.due.subscriber.id, set())
    ]


def _told(connection: Connection, subscriber_ids: Sequence[int], wanted: set[int]) -> dict[int, frozenset[int]]:
    names = _other_names(connection, wanted)
    table = schema.ledger
    told: dict[int, set[int]] = {}
    for first, last in _stretches(names):
        for part in parts(subscriber_ids):
            query = select(table.c.subscriber_id, table.c.paper_id).where(
                table.c.subscriber_id.in_(part), table.c.paper_id.between(first, last)
            )
            for subscriber_id, paper_id in connection.execute(query):
                told.setdefault(subscriber_id, set()).update(names.get(paper_id, ()))
    return {subscriber_id: frozenset(papers) for subscriber_id, papers in told.items() if papers}


def _other_names(connection: Connection, wanted: set[int]) -> dict[int, list[int]]:
    """Return each wanted paper and every paper merged with it: the id in the ledger to the ids that are asked for."""
    names = {paper_id: [paper_id] for paper_id in wanted}
    table = schema.papers
    for part in parts(sorted(wanted)):
        merged = select(table.c.id, table.c.merged_into).where(
            table.c.merged_into.is_not(None), table.c.merged_into.in_(part)
        )
        for paper_id, into in connection.execute(merged):
            names.setdefault(paper_id, []).append(into)
    return names


def _stretches(ids: Iterable[int]) -> list[tuple[int, int]]:
    """Cut ids into first–last stretches: a day's new papers are neighbours, the revised ones far apart."""
    stretches: list[tuple[int, int]] = []
    for paper_id in sorted(ids):
        if stretches and paper_id - stretches[-1][1] <= _NEIGHBOURS:
            stretches[-1] = (stretches[-1][0], paper_id)
        else:
            stretches.append((paper_id, paper_id))
    return stretches


def _taken_slots(connection: Connection, batch: Sequence[Composed]) -> set[tuple[int, str] | None]:
    """Return the (subscriber, slot)s that have a digest already."""
    table = schema.digests
    slots = sorted(slot for slot in map(_slot_of, batch) if slot)
    return {
        (row[0], row[1])
        for part in parts(slots)
        for row in connection.execute(
            select(table.c.subscriber_id, table.c.slot).where(
                table.c.subscriber_id.in_([subscriber for subscriber, _ in part]),
                table.c.slot.in_({slot for _, slot in part}),
            )
        )
    }


def _slot_of(composed: Composed) -> tuple[int, str] | None:
    return (composed.due.subscriber.id, composed.digest.slot) if composed.digest else None


def _move_on(connection: Connection, ready: Sequence[Composed], *, put_off: Sequence[Composed]) -> None:
    """Give subscriptions their next due time and those that are ``ready`` their new cursor."""
    table = schema.subscriptions
    change = update(table).where(table.c.id == bindparam("b_id"))
    due = [(composed, one, composed.next_due[one.id]) for composed in ready for one in composed.due.subscriptions]
    if due:
        moves = [
            {
                "b_id": one.id,
                "cursor": composed.cursor,
                "due_at": next_due.at,
                "due_on": next_due.on,
                "history": codec.history_body(one.history),
            }
            for composed, one, next_due in due
        ]
        connection.execute(change, moves)
    later = [
        {"b_id": key, "due_at": d.at, "due_on": d.on} for composed in put_off for key, d in composed.next_due.items()
    ]
    if later:
        connection.execute(change, later)


def _store(connection: Connection, composed: Sequence[tuple[Composed, Digest]]) -> None:
    """Insert digests, and what follows from them: ledger and outbox."""
    if not composed:
        return
    edition_of = edition_finder(connection, (item.paper for _, digest in composed for item in digest.all_items))
    made = [_digest_row(digest, edition_of) for _, digest in composed]
    table = schema.digests
    inserted = connection.execute(insert(table).returning(table.c.subscriber_id, table.c.id), made)
    ids = {row[0]: int(row[1]) for row in inserted}
    told = [
        {"subscriber_id": digest.subscriber.id, "paper_id": paper_id, "digest_id": ids[digest.subscriber.id]}
        for _, digest in composed
        for paper_id in sorted(_new_papers(digest))
    ]
    if told:
        connection.execute(insert(schema.ledger), told)
    messages = [_outbox_row(c.message, digest, ids[digest.subscriber.id]) for c, digest in composed if c.message]
    if messages:
        connection.execute(insert(schema.outbox), messages)


def _digest_row(digest: Digest, edition_of: Callable[[Paper], int]) -> dict[str, Any]:
    return {
        "subscriber_id": digest.subscriber.id,
        "slot": digest.slot,
        "day": digest.day,
        "composed_at": digest.composed_at,
        "body": codec.digest_body(digest, edition_of),
    }


def load(connection: Connection, condition: Any) -> Digest | None:
    """Return the one digest that fits a condition on the ``digests`` table, just as it was composed."""
    row = connection.execute(select(schema.digests).where(condition)).mappings().first()
    if row is None:
        return None
    papers = papers_at(connection, codec.papers_of(row["body"]))
    return codec.read_digest(dict(row), papers)


def load_all(connection: Connection, digest_ids: Sequence[int], papers: KnownPapers) -> dict[int, Digest]:
    """Return digests by id, just as they were composed; papers that several of them hold are read once."""
    found = [row for part in parts(sorted(set(digest_ids))) for row in rows(connection, _THESE, {"ids": part})]
    known = papers.at(connection, set().union(*(codec.papers_of(row["body"]) for row in found)))
    return {row["id"]: codec.read_digest(row, known) for row in found}


_THESE = select(schema.digests).where(schema.digests.c.id.in_(bindparam("ids", expanding=True)))


def _outbox_row(message: Message, digest: Digest, digest_id: int) -> dict[str, Any]:
    return {
        "digest_id": digest_id,
        "subscriber_id": digest.subscriber.id,
        "channel": digest.subscriber.channel.value,
        "slot": digest.slot,
        "recipient": message.recipient,
        "message_id": message.message_id,
        "body_sha256": hashlib.sha256(message.raw).hexdigest(),
        "state": OutboxState.PENDING.value,
        "created_at": digest.composed_at,
        "due_at": digest.composed_at,
        "tries": 0,
        "fence": 0,
        "lease_owner": "",
        "last_error": "",
    }


def _new_papers(digest: Digest) -> set[int]:
    return {item.paper.id for item in digest.all_items if item.kind is EventKind.NEW}


def _grouped(readers: Iterable[tuple[Subscriber, Subscription]]) -> list[Due]:
    owners: dict[int, Subscriber] = {}
    subscriptions: dict[int, list[Subscription]] = {}
    for owner, subscription in readers:
        owners[owner.id] = owner
        subscriptions.setdefault(owner.id, []).append(subscription)
    return [Due(subscriber=owners[key], subscriptions=tuple(of)) for key, of in subscriptions.items()]
