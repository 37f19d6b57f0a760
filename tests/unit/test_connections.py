"""The connections of a delivery: which give way, when the relay is down, and who has the messages then."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from threading import Event

import pytest

from digest.errors import (
    AddressRefused,
    DeliveryDoubt,
    DigestError,
    RelayDown,
    RelayFault,
    RetryLater,
    TemplateError,
)
from digest.model import (
    Change,
    Digest,
    Message,
    OutboxRow,
    OutboxState,
    Outcome,
)
from digest.pipeline.claims import GAVE_WAY
from digest.pipeline.connections import PATIENCE
from digest.pipeline.deliver import deliver
from tests.unit.sending import NOW, Channel, MemoryOutbox, Rendering, always, row, run


def test_a_relay_that_is_down_charges_nobody_and_is_left_alone() -> None:
    """The first failure pauses the channel: the others wait, uncharged, and are not even tried.

    The one with which it was found out comes behind them the next time: it may be the one that the relay cannot bear.
    """
    channel = Channel([RelayDown("no connection")])
    settled = run(MemoryOutbox([row(1), row(2), row(3)]), channel)
    assert {(o.state, o.charged, o.retry_at) for o in settled.values()} == {
        (OutboxState.RETRY, False, NOW + timedelta(minutes=wait)) for wait in (5, 6)
    }
    assert settled[1].retry_at == NOW + timedelta(minutes=6)


@pytest.mark.parametrize("error", [RelayDown("no connection"), TemplateError("unexpected end"), RetryLater("dropped")])
def test_a_report_does_not_grow_with_the_messages_that_wait(error: DigestError) -> None:
    """They are counted; what an operator must know is said once, with how many met with it."""
    outbox, renderer, channel = MemoryOutbox([row(key) for key in range(99)]), Rendering(), Channel([error] * 99)
    renderer.error = error if isinstance(error, TemplateError) else None
    report = deliver(outbox, renderer, lambda _: channel, owner="me", now=lambda: NOW)
    assert (report.counts(), report.errors) == ({"retry": 99}, [])
    assert list(report.alarms.values()) == [99 if isinstance(error, TemplateError) else 1]


@pytest.mark.parametrize(
    "error",
    [
        RetryLater("dropped"),
        RelayFault("452 4.3.1", code=452),
        DeliveryDoubt("no answer"),
        AddressRefused("MAIL FROM was answered 550 5.7.1 not from here", suppress=False, of_relay=True),
    ],
    ids=repr,
)
def test_a_relay_that_fails_over_one_message_after_the_other_is_down(error: DigestError) -> None:
    """Not thousands wait for the same silence, end in doubt or fail: five do, the others wait untried."""
    channel = Channel([error] * PATIENCE + ["250 ok"] * 99)
    settled = run(MemoryOutbox([row(key) for key in range(1, 20)]), channel)
    assert len(channel.answers) == 99
    assert {settled[key].state for key in range(PATIENCE + 1, 20)} == {OutboxState.RETRY}


@pytest.mark.parametrize(
    "between", ["250 ok", AddressRefused("550 5.1.1 no", suppress=True), RetryLater("450 4.2.0", code=450)], ids=repr
)
def test_a_relay_that_answers_in_between_is_not_down(between: DigestError | str) -> None:
    """Only faults in a row say something of the relay; any answer about a message or a recipient ends the row."""
    faults: list[DigestError | str] = [RetryLater("dropped")] * (PATIENCE - 1)
    channel = Channel([*faults, between, *faults, "250 ok"])
    assert run(MemoryOutbox([row(key) for key in range(2 * PATIENCE)]), channel)
    assert not channel.answers


class Barred(Channel):
    """A channel to a relay that takes no connection of it."""

    def send(self, message: Message, *, handing: Callable[[], None]) -> str:
        """Be refused."""
        self.left += 1
        raise RelayDown("421 too many connections of <digest@example.org>", code=421)


@pytest.mark.parametrize("works", range(4))
def test_one_connection_that_works_is_enough(works: int) -> None:
    """Whichever it is: each of the others ends with its first refusal; no message waits, no try, no line of history."""
    outbox = MemoryOutbox([row(key) for key in range(60)])
    channels = [Channel(["250 ok"] * 60) if n == works else Barred([]) for n in range(4)]
    first, *beside = [partial(always, one) for one in channels]
    report = deliver(outbox, Rendering(), first, owner="me", now=lambda: NOW, beside=beside)
    assert (report.counts(), report.alarms, report.errors) == ({"sent": 60}, {}, [])
    assert all(one.left <= 1 for one in channels if isinstance(one, Barred))
    assert report.refused == sum(one.left for one in channels if isinstance(one, Barred))
    assert ("421 too many connections of <(address)>" in report.remark) is (report.refused > 0)


def test_what_a_connection_gives_back_when_the_others_are_done_leaves_all_the_same() -> None:
    """The server let it wait for its refusal until there was nothing left to do for the one that worked."""
    outbox = MemoryOutbox([row(key) for key in range(10)])
    is_begun, is_done = Event(), Event()

    class Late(Channel):
        def send(self, message: Message, *, handing: Callable[[], None]) -> str:
            """Be refused when the others are done."""
            is_begun.set()
            assert is_done.wait(10)
            raise RelayDown("421 too many connections", code=421)

    class Working(Channel):
        def send(self, message: Message, *, handing: Callable[[], None]) -> str:
            """Take it; begin when the other one has a message."""
            assert is_begun.wait(10)
            if self.left == 8:
                is_done.set()
            return super().send(message, handing=handing)

    late, working = partial(always, Late([])), partial(always, Working(["250 ok"] * 10))
    report = deliver(outbox, Rendering(), late, owner="me", now=lambda: NOW, beside=[working])
    assert (report.counts(), report.alarms, report.refused) == ({"sent": 10}, {}, 1)


@pytest.mark.parametrize("connections", [1, 3])
def test_with_the_last_connection_the_relay_is_down(connections: int) -> None:
    """One alarm, all wait, nobody is charged; each connection is tried once."""
    outbox = MemoryOutbox([row(key) for key in range(60)])
    channels = [Barred([]) for _ in range(connections)]
    first, *beside = [partial(always, one) for one in channels]
    report = deliver(outbox, Rendering(), first, owner="me", now=lambda: NOW, beside=beside)
    assert (report.counts(), list(report.alarms.values()), report.remark) == ({"retry": 60}, [1], "")
    assert [one.left for one in channels] == [1] * connections
    assert not any(one.charged for one in outbox.settled.values())


def test_a_connection_that_worked_is_tried_once_more() -> None:
    """The server has not noticed yet that the one before was closed: no reason for all mail to wait."""
    busy = RelayDown("421 too many connections", code=421)
    channel = Channel(["250 ok", busy, "250 ok", busy, "250 ok", "250 ok", busy, busy])
    settled = run(MemoryOutbox([row(key) for key in range(1, 7)]), channel)
    assert [one.state for one in settled.values()] == [OutboxState.SENT] * 4 + [OutboxState.RETRY] * 2
    assert not channel.answers


@pytest.mark.parametrize("in_company", [False, True])
@pytest.mark.parametrize("connections", [1, 3])
def test_where_another_process_sends_the_work_is_left_to_it(connections: int, *, in_company: bool) -> None:
    """What was claimed is due at once for whoever has the connections, no more is claimed, and nobody is alarmed."""
    outbox = MemoryOutbox([row(key) for key in range(60)], others_send=not in_company)
    first, *beside = [partial(always, Barred([])) for _ in range(connections)]
    report = deliver(
        outbox, Rendering(), first, owner="me", now=lambda: NOW, limit=20, beside=beside, in_company=in_company
    )
    assert (report.gave_way, report.counts(), report.alarms) == (True, {}, {})
    assert set(outbox.settled.values()) == {GAVE_WAY}
    assert (len(outbox.settled), len(outbox.waiting)) == (20, 40)


@dataclass
class DueAgain(MemoryOutbox):
    """Gives what is due by a clock that goes on whenever somebody looks at it; counts transactions and readings."""

    at: datetime = NOW
    step: timedelta = timedelta()
    transactions: int = 0
    readings: int = 0

    def clock(self) -> datetime:
        """Return the time."""
        self.at += self.step
        return self.at

    def claim(self, *, owner: str, now: datetime, lease: timedelta, limit: int) -> Sequence[OutboxRow]:
        """Give what is due, the oldest first."""
        due = sorted((one for one in self.waiting if one.due_at <= now), key=lambda one: (one.due_at, one.id))[:limit]
        self.waiting = [one for one in self.waiting if one not in due]
        return due

    def settle(self, row: OutboxRow, outcome: Outcome, now: datetime) -> bool:
        """Let it wait again, where it does."""
        if outcome.retry_at:
            self.waiting.append(replace(row, due_at=outcome.retry_at))
        return super().settle(row, outcome, now)

    def together(self, changes: Sequence[Change]) -> Sequence[bool]:
        """Count."""
        self.transactions += 1
        return super().together(changes)

    def digests(self, digest_ids: Sequence[int]) -> dict[int, Digest]:
        """Count."""
        self.readings += len(digest_ids)
        return super().digests(digest_ids)


def test_those_that_wait_for_a_relay_cost_next_to_nothing() -> None:
    """One transaction for each fifty of them, and no digest of theirs is read: there may be a million."""
    outbox = DueAgain([row(key) for key in range(1000)])
    report = deliver(outbox, Rendering(), lambda _: Barred([]), owner="me", now=outbox.clock)
    assert report.counts() == {"retry": 1000}
    assert outbox.transactions == 1000 / 50
    assert outbox.readings == 50
    assert {one.due_at for one in outbox.waiting} == {NOW + timedelta(minutes=wait) for wait in (5, 6)}


def test_a_delivery_that_takes_long_tries_the_relay_again() -> None:
    """So many wait that the first are due again before the last are put off: it does not go round for ever."""
    outbox = DueAgain([row(key) for key in range(200)], step=timedelta(seconds=2))
    channel = Channel([RelayDown("no connection"), *["250 ok"] * 200])
    report = deliver(outbox, Rendering(), lambda _: channel, owner="me", now=outbox.clock, limit=1)
    assert report.states[OutboxState.SENT] + len(outbox.waiting) == 200
    assert len(outbox.waiting) < 100
    assert list(report.alarms.values()) == [1]


@pytest.mark.parametrize("error", [RetryLater("broken off"), RetryLater("450 4.2.0", code=450)], ids=repr)
def test_what_we_broke_off_ourselves_is_due_as_before(error: RetryLater) -> None:
    """A service that is started again at once sends it at once; a refusal that was heard counts as ever."""
    stopped = False

    class BrokenOff(Channel):
        def send(self, message: Message, *, handing: Callable[[], None]) -> str:
            """Be broken off by another thread."""
            nonlocal stopped
            stopped = True
            raise error

    outbox = MemoryOutbox([row()])
    channel = BrokenOff([])
    deliver(outbox, Rendering(), lambda _: channel, owner="me", now=lambda: NOW, stopping=lambda: stopped)
    assert (outbox.settled[1].retry_at is None, outbox.settled[1].charged) == (error.code is None, error.code == 450)


def test_a_message_that_was_about_to_leave_is_not_given_back_but_due() -> None:
    """The relay logs us out at the end of it: its state is written, so it is claimed anew and not tried as it was."""

    class LateRefusal(Channel):
        def send(self, message: Message, *, handing: Callable[[], None]) -> str:
            """Refuse the whole message for a reason of the relay."""
            handing()
            raise RelayDown("454 4.7.0 log in again", code=454)

    outbox = MemoryOutbox([row()])
    first, second = partial(always, LateRefusal([])), partial(always, LateRefusal([]))
    deliver(outbox, Rendering(), first, owner="me", now=lambda: NOW, beside=[second])
    assert (outbox.settled[1].retry_at, outbox.settled[1].charged) == (NOW, False)
