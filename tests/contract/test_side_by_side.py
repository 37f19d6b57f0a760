"""Several connections at once over one outbox: nobody twice, nobody missed, and few commits."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from sqlalchemy import event

from digest.errors import StoreError
from digest.model import Change, Message, OutboxState, Outcome
from digest.pipeline.commits import GroupCommits
from digest.pipeline.deliver import deliver
from digest.store import SqlStore
from tests.contract.making import NOW, composed, ingest, message_for, sighting, subscribe

LATER = NOW + timedelta(hours=1)
READERS, CONNECTIONS = 40, 5


class Killed(BaseException):
    """The process dies here."""


class Renders:
    """Renders as ``making`` does."""

    message = staticmethod(message_for)


@dataclass
class Wire:
    """A mail server behind several connections; ``dies_at`` is the message at which the process dies."""

    arrived: Counter[str] = field(default_factory=Counter)
    dies_at: int = 0
    together: threading.Barrier = field(default_factory=lambda: threading.Barrier(CONNECTIONS))
    first: set[int] = field(default_factory=set)

    def connection(self, _name: object) -> Connection:
        """Pick a channel."""
        return Connection(self)


@dataclass
class Connection:
    """``ports.Channel``."""

    wire: Wire
    repeatable: bool = False
    relay: str = "wire"

    def send(self, message: Message, *, handing: Callable[[], None]) -> str:
        """Take a message; the first ones of all connections wait for one another, so that all are in use."""
        if threading.get_ident() not in self.wire.first:
            self.wire.first.add(threading.get_ident())
            self.wire.together.wait(30)
        handing()
        self.wire.arrived[message.recipient] += 1
        if self.wire.dies_at and sum(self.wire.arrived.values()) >= self.wire.dies_at:
            raise Killed
        return "250 OK"

    def close(self) -> None:
        """Nothing to close."""


def waiting(store: SqlStore) -> None:
    """Let a message wait for each of many readers."""
    papers = ingest(store, sighting("Paper"))
    for number in range(READERS):
        subscribe(store, f"reader{number}@example.org", "*")
    due = store.digests.due(LATER, limit=READERS)
    assert len(store.digests.commit([composed(one, papers) for one in due])) == READERS


def sent(store: SqlStore, wire: Wire) -> Counter[OutboxState]:
    """Deliver over several connections; return how many messages are in each state."""
    pickers = [wire.connection for _ in range(CONNECTIONS)]
    deliver(
        store.outbox, Renders(), pickers[0], owner="me", now=lambda: LATER, limit=3, beside=pickers[1:]  # type: ignore[arg-type]
    )  # fmt: skip
    return states(store)


def states(store: SqlStore) -> Counter[OutboxState]:
    return Counter(row.state for row in store.views.outbox(limit=READERS))


def test_every_message_leaves_once(store: SqlStore) -> None:
    """Whichever connection takes it."""
    waiting(store)
    wire = Wire()
    assert sent(store, wire) == {OutboxState.SENT: READERS}
    assert set(wire.arrived.values()) == {1}
    assert len(wire.arrived) == READERS
    assert len(wire.first) == CONNECTIONS


def test_a_process_that_dies_leaves_one_message_in_doubt_for_each_connection_at_most(store: SqlStore) -> None:
    """All others are known to have arrived, or leave with the next delivery."""
    waiting(store)
    wire = Wire(dies_at=12)
    with pytest.raises(Killed):
        sent(store, wire)
    before = states(store)
    assert 1 <= before[OutboxState.HANDING] <= CONNECTIONS
    again = Wire(together=threading.Barrier(1))
    deliver(store.outbox, Renders(), again.connection, owner="next", now=lambda: LATER + timedelta(hours=1))  # type: ignore[arg-type]
    assert states(store) == {
        OutboxState.SENT: READERS - before[OutboxState.HANDING],
        OutboxState.AMBIGUOUS: before[OutboxState.HANDING],
    }
    assert max((wire.arrived + again.arrived).values()) == 1, "nobody twice"


def test_what_queues_is_written_in_one_transaction(store: SqlStore) -> None:
    """Writers that wait for the disk are taken along by the one who gets there."""
    waiting(store)
    rows = store.outbox.claim(owner="me", now=LATER, lease=timedelta(minutes=10), limit=READERS)
    commits: list[object] = []
    event.listen(store.engine, "commit", commits.append)
    group = GroupCommits(store.outbox)
    with group._writing:  # somebody writes, and all others come meanwhile
        threads = [threading.Thread(target=group.handing, args=(row, "hash", LATER)) for row in rows]
        for thread in threads:
            thread.start()
        while len(group._queue) < READERS:
            threading.Event().wait(0.001)
    for thread in threads:
        thread.join()
    assert len(commits) == 1
    assert states(store) == {OutboxState.HANDING: READERS}


def test_one_lost_lease_among_others_is_told_to_its_own_worker_alone(store: SqlStore) -> None:
    """Of several changes in one transaction, each has its own answer."""
    waiting(store)
    rows = store.outbox.claim(owner="me", now=LATER, lease=timedelta(minutes=10), limit=3)
    taken = store.outbox.claim(owner="other", now=LATER + timedelta(hours=1), lease=timedelta(minutes=10), limit=1)
    assert [row.id for row in taken] == [rows[0].id]
    outcome = Outcome(state=OutboxState.SENT)
    changes = [Change(row=rows[0], now=LATER), Change(row=rows[1], now=LATER, outcome=outcome)]
    assert list(store.outbox.together([*changes, Change(row=rows[2], now=LATER, body_sha256="hash")])) == [
        False,
        True,
        True,
    ]


def test_a_store_that_fails_is_told_to_all_who_waited() -> None:
    """None of them believes that its change was written."""

    class Broken:
        def together(self, changes: object) -> list[bool]:
            raise StoreError("the disk is full")

    group = GroupCommits(Broken())  # type: ignore[arg-type]
    with pytest.raises(StoreError, match="the disk is full"):
        group.handing(None, "hash", NOW)  # type: ignore[arg-type]
