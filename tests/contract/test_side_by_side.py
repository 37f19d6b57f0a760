"""Several connections at once over one outbox: nobody twice, nobody missed, and few commits."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import event

from digest.errors import StoreError
from digest.model import Change, ChannelName, Message, OutboxRow, OutboxState, Outcome
from digest.pipeline.commits import GroupCommits, Lane
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


@dataclass
class Slow:
    """A channel whose server answers when all other messages have arrived, and not sooner."""

    wire: Wire
    others: threading.Event
    repeatable: bool = False
    relay: str = "slow"

    def send(self, message: Message, *, handing: Callable[[], None]) -> str:
        """Take a message, in the end."""
        handing()
        assert self.others.wait(60), "messages wait behind a slow one"
        self.wire.arrived[message.recipient] += 1
        return "250 OK"

    def close(self) -> None:
        """Nothing to close."""


@dataclass
class Quick(Slow):
    """A channel that takes messages at once, and says when all but one have arrived."""

    def send(self, message: Message, *, handing: Callable[[], None]) -> str:
        """Take a message at once."""
        handing()
        self.wire.arrived[message.recipient] += 1
        if len(self.wire.arrived) == READERS - 1:
            self.others.set()
        return "250 OK"


def test_a_slow_connection_holds_up_its_own_message_alone(store: SqlStore) -> None:
    """What was claimed together is sent by whichever connection is free."""
    waiting(store)
    wire, others = Wire(), threading.Event()
    slow, quick = Slow(wire, others), Quick(wire, others)
    deliver(
        store.outbox, Renders(), lambda _: slow, owner="me", now=lambda: LATER, limit=READERS, beside=[lambda _: quick]  # type: ignore[arg-type]
    )  # fmt: skip
    assert states(store) == {OutboxState.SENT: READERS}
    assert set(wire.arrived.values()) == {1}


def test_what_queues_is_written_in_one_transaction(store: SqlStore) -> None:
    """As soon as half of the connections wait for it; each goes on when its own is written."""
    waiting(store)
    rows = store.outbox.claim(owner="me", now=LATER, lease=timedelta(minutes=10), limit=READERS)
    commits: list[object] = []
    event.listen(store.engine, "commit", commits.append)
    with GroupCommits(store.outbox, window=60) as group, ExitStack() as stack:
        lanes = [stack.enter_context(group.lane()) for _ in range(2 * READERS)]
        threads = [
            threading.Thread(target=lane.handing, args=(row, "hash", LATER))
            for row, lane in zip(rows, lanes, strict=False)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(commits) == 1
    assert states(store) == {OutboxState.HANDING: READERS}


def test_that_a_message_was_sent_is_written_with_the_next_one_that_leaves(store: SqlStore) -> None:
    """A connection takes one transaction a message: its sender does not wait for the first, but for its own end."""
    waiting(store)
    one, two, three = store.outbox.claim(owner="me", now=LATER, lease=timedelta(minutes=10), limit=3)
    noted: list[int] = []
    with GroupCommits(store.outbox, window=60) as group, group.lane() as lane:
        for row in (one, two, three):
            assert lane.handing(row, "hash", LATER)
            assert states(store)[OutboxState.HANDING] == 1, "at no time more than one is in doubt"
            lane.settle(row, Outcome(state=OutboxState.SENT), LATER, partial(noted.append, row.id))
            assert noted == [before.id for before in (one, two) if before.id < row.id], "not before it is written"
    assert noted == [one.id, two.id, three.id]
    assert states(store)[OutboxState.SENT] == 3


def test_that_a_message_was_sent_is_written_soon_though_none_follows(store: SqlStore) -> None:
    """A next one may take its time; the doubt about this one does not last as long."""
    waiting(store)
    (row,) = store.outbox.claim(owner="me", now=LATER, lease=timedelta(minutes=10), limit=1)
    committed = threading.Event()
    with GroupCommits(store.outbox, window=0.001) as group, group.lane() as lane:
        assert lane.handing(row, "hash", LATER)
        event.listen(store.engine, "commit", lambda _: committed.set())
        lane.settle(row, Outcome(state=OutboxState.SENT), LATER, lambda: None)
        assert committed.wait(30)


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


class Failing:
    """An outbox that cannot be written to so many times."""

    stranded = ambiguous = digest = digests = None

    def __init__(self, times: int) -> None:
        self.times = times
        self.written: list[OutboxState | None] = []

    def together(self, changes: Sequence[Change]) -> list[bool]:
        """Write, or fail."""
        if self.times:
            self.times -= 1
            raise StoreError("the disk is full")
        self.written += [change.outcome.state if change.outcome else None for change in changes]
        return [True for _ in changes]


ROW = OutboxRow(
    id=1,
    digest_id=1,
    subscriber_id=1,
    channel=ChannelName.EMAIL,
    slot="2026-11-21",
    recipient="ada@example.org",
    message_id="<1@digest.example>",
    body_sha256="",
    state=OutboxState.CLAIMED,
    created_at=NOW,
    due_at=NOW,
)


def lane_of(outbox: Failing, stack: ExitStack) -> Lane:
    group = stack.enter_context(GroupCommits(outbox))  # type: ignore[arg-type]
    return stack.enter_context(group.lane())


def test_a_store_that_fails_is_told_to_who_waits() -> None:
    """None of them believes that its change was written."""
    with ExitStack() as stack:
        lane = lane_of(Failing(1), stack)
        with pytest.raises(StoreError, match="the disk is full"):
            lane.handing(ROW, "hash", NOW)


def test_what_was_sent_is_not_forgotten_by_a_store_that_fails_for_a_moment() -> None:
    """It is written with the next that can be."""
    outbox, noted = Failing(0), list[int]()
    with ExitStack() as stack:
        lane = lane_of(outbox, stack)
        assert lane.handing(ROW, "hash", NOW)
        outbox.times = 1
        lane.settle(ROW, Outcome(state=OutboxState.SENT), NOW, lambda: noted.append(1))
        with suppress(StoreError):  # the one that fails is either this one or the one before
            lane.handing(ROW, "hash", NOW)
        assert lane.handing(ROW, "hash", NOW)
        assert noted == [1]
    assert outbox.written.count(OutboxState.SENT) == 1


def test_a_store_that_fails_for_good_is_no_success() -> None:
    """Who ends with something unwritten is told so, and nobody waits for ever."""
    outbox = Failing(0)
    with ExitStack() as stack:
        lane = lane_of(outbox, stack)
        outbox.times = 10
        lane.settle(ROW, Outcome(state=OutboxState.SENT), NOW, lambda: None)
        with pytest.raises(StoreError, match="the disk is full"):
            lane.catch_up()
    assert not outbox.written


def test_who_waits_for_what_is_being_written_leaves_nobody_waiting() -> None:
    """It counts for nothing that is still to be written: the next change is written though it is the only one."""
    begun, go_on = threading.Event(), threading.Event()

    class Held:
        digest = digests = None

        def together(self, changes: list[object]) -> list[bool]:
            begun.set()
            assert go_on.wait(5)
            return [True for _ in changes]

    with GroupCommits(Held(), window=0) as group, group.lane():  # type: ignore[arg-type]
        first = group.queued(object(), is_awaited=False)  # type: ignore[arg-type]
        assert begun.wait(5)
        with group._changed:
            group._await(first)
        go_on.set()
        assert group.written(first)
        next_one = group.queued(object(), is_awaited=True)  # type: ignore[arg-type]
        assert next_one.done.acquire(timeout=5), "nobody writes it"
