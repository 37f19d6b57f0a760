"""How fast mail goes to one domain, and when it is left alone: a state machine that is told the time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import AddressRefused, DigestError, RelayDown, RetryLater
from digest.model import OutboxState
from digest.pipeline.deliver import deliver
from digest.pipeline.pacing import FIRST_PAUSE, LONGEST_PAUSE, MOST_DOMAINS, Pace, Pacing, is_of_the_domain
from tests.unit.sending import Channel, MemoryOutbox, Rendering, row

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
NOTHING = timedelta()
BUSY = RetryLater("451 4.3.2 try later", code=451, enhanced="4.3.2")


@given(
    gaps=st.lists(st.integers(0, 20), min_size=1, max_size=120), a_minute=st.integers(1, 90), burst=st.integers(1, 9)
)
def test_no_stretch_of_time_sees_more_than_the_bucket_gives(gaps: list[int], a_minute: int, burst: int) -> None:
    """A law: between any two instants at most burst + rate x time messages leave."""
    pacing, at, left = Pacing(Pace(a_minute=a_minute, burst=burst)), NOW, []
    for gap in gaps:
        at += timedelta(seconds=gap)
        if not pacing.wait("ada@example.org", at):
            left.append(at)
    for first, start in enumerate(left):
        for last in range(first, len(left)):
            seconds = (left[last] - start).total_seconds()
            assert last - first + 1 <= burst + a_minute * seconds / 60 + 1e-6


def test_those_who_wait_come_back_one_after_another() -> None:
    """A hundred messages that must wait are not all told the same moment, and each finds its token there."""
    pacing = Pacing(Pace(a_minute=60, burst=1))
    waits = [pacing.wait("ada@example.org", NOW) for _ in range(101)]
    assert waits == [timedelta(seconds=n) for n in range(101)]
    assert [pacing.wait("ada@example.org", NOW + wait) for wait in waits[1:]] == [NOTHING] * 100


def test_one_domain_does_not_slow_another() -> None:
    """Each domain has a bucket of its own, however its name is written."""
    pacing = Pacing(Pace(a_minute=1, burst=1))
    assert not pacing.wait("ada@example.org", NOW)
    assert pacing.wait("bob@EXAMPLE.org", NOW)
    assert not pacing.wait("cy@example.com", NOW)


def test_a_domain_that_refuses_is_paused_and_tried_by_one() -> None:
    """Three refusals open the breaker; after the pause one message tries, the others wait until it was taken."""
    pacing = Pacing(Pace(failures=3))
    for _ in range(3):
        assert not pacing.wait("ada@example.org", NOW)
        pacing.failed("ada@example.org", BUSY, NOW)
    assert pacing.wait("bob@example.org", NOW) == FIRST_PAUSE
    later = NOW + FIRST_PAUSE
    assert not pacing.wait("bob@example.org", later)
    assert pacing.wait("cy@example.org", later) == FIRST_PAUSE
    pacing.went_well("bob@example.org", later)
    assert not pacing.wait("cy@example.org", later)


def test_what_could_not_be_tried_takes_no_place_in_the_pace() -> None:
    """The relay was down, or would not have this connection: the token is there for the next, who may try as well."""
    pacing = Pacing(Pace(a_minute=1, burst=1, failures=1))
    assert not pacing.wait("ada@example.org", NOW)
    pacing.untried("ada@example.org", NOW)
    assert not pacing.wait("bob@example.org", NOW)
    pacing.failed("bob@example.org", BUSY, NOW)
    later = NOW + FIRST_PAUSE
    assert not pacing.wait("cy@example.org", later)
    pacing.untried("cy@example.org", later)
    assert not pacing.wait("dee@example.org", later)
    assert pacing.wait("eve@example.org", later) == FIRST_PAUSE


def test_the_pause_grows_up_to_two_hours() -> None:
    """A domain that goes on refusing is tried less and less often."""
    pacing, at, pauses = Pacing(Pace(failures=1)), NOW, []
    for _ in range(6):
        assert not pacing.wait("ada@example.org", at)
        pacing.failed("ada@example.org", BUSY, at)
        pauses.append(pacing.wait("ada@example.org", at))
        at += pauses[-1]
    assert pauses == [min(FIRST_PAUSE * 2**n, LONGEST_PAUSE) for n in range(6)]


def test_those_on_their_way_when_the_breaker_opened_do_not_lengthen_its_pause() -> None:
    """Eight connections that are refused at the same time are one refusal of the domain, not eight doublings."""
    pacing = Pacing(Pace(failures=1))
    for _ in range(8):
        pacing.failed("ada@example.org", BUSY, NOW)
    assert pacing.wait("ada@example.org", NOW) == FIRST_PAUSE


def test_one_that_is_never_heard_of_blocks_nobody_for_ever() -> None:
    """The message that tried died on its way: the next one tries after another pause."""
    pacing = Pacing(Pace(failures=1))
    pacing.failed("ada@example.org", BUSY, NOW)
    assert not pacing.wait("ada@example.org", NOW + FIRST_PAUSE)
    assert pacing.wait("bob@example.org", NOW + FIRST_PAUSE)
    assert not pacing.wait("bob@example.org", NOW + 2 * FIRST_PAUSE)


@pytest.mark.parametrize(
    ("error", "counts"),
    [
        (BUSY, True),
        (RetryLater("452", code=452, enhanced="4.5.3"), True),
        (RetryLater("450 greylisted", code=450), False),
        (RetryLater("451 greylisted", code=451, enhanced="4.7.1"), False),
        (RetryLater("452 full", code=452, enhanced="4.2.2"), False),
        (RetryLater("dropped"), False),
        (RelayDown("no connection", code=421), False),
        (AddressRefused("550 5.1.1", suppress=True, code=550, enhanced="5.1.1"), False),
        (AddressRefused("550", suppress=False, code=550), False),
        (AddressRefused("554 5.7.1", suppress=False, code=554, enhanced="5.7.1"), True),
    ],
    ids=str,
)
def test_only_what_is_the_domains_counts_against_it(error: DigestError, counts: bool) -> None:
    """A relay's fault, a full or unknown mailbox and greylisting say nothing of a domain's other readers."""
    assert is_of_the_domain(error) is counts


def test_what_is_remembered_is_bounded() -> None:
    """However many domains there are, memory stays flat, and one in trouble is not forgotten."""
    pacing = Pacing(Pace(failures=1))
    pacing.failed("ada@bad.example", BUSY, NOW)
    for number in range(MOST_DOMAINS + 5):
        pacing.wait(f"ada@d{number}.example", NOW)
    assert len(pacing.states()) <= MOST_DOMAINS
    assert pacing.wait("ada@bad.example", NOW)


def test_a_message_that_must_wait_is_not_charged_and_does_not_leave() -> None:
    """With one a minute, the second of a domain waits its minute in the outbox; no try is counted."""
    outbox, channel = MemoryOutbox([row(1), row(2)]), Channel(["250 ok", "250 ok"])
    pacing = Pacing(Pace(a_minute=1, burst=1))
    deliver(outbox, Rendering(), lambda _: channel, owner="me", now=lambda: NOW, pacing=pacing)
    waits = outbox.settled[2]
    assert outbox.settled[1].state is OutboxState.SENT
    assert (waits.state, waits.charged, waits.retry_at) == (OutboxState.RETRY, False, NOW + timedelta(minutes=1))
    assert channel.left == 1


def test_a_delivery_remembers_the_refusals_of_the_one_before() -> None:
    """The service keeps one memory: what a domain refused at the last tick is not asked of it at this one."""
    pacing, channel = Pacing(Pace(failures=1)), Channel([BUSY, "250 ok"])
    for key in (1, 2):
        outbox = MemoryOutbox([row(key)])
        deliver(outbox, Rendering(), lambda _: channel, owner="me", now=lambda: NOW, pacing=pacing)
    assert (outbox.settled[2].state, outbox.settled[2].retry_at) == (OutboxState.RETRY, NOW + FIRST_PAUSE)
    assert channel.left == 0


def test_processes_that_know_nothing_of_one_another_share_the_rate_out() -> None:
    """Three of them, 60 a minute, 9 at once: each sends 3 at once, then one every three seconds."""
    pacing = Pacing(Pace(a_minute=60, burst=9, sharers=3))
    assert [pacing.wait("ada@example.org", NOW) for _ in range(4)] == [timedelta()] * 3 + [timedelta(seconds=3)]


@pytest.mark.parametrize(("failures", "sharers", "each"), [(20, 4, 5), (20, 1, 20), (3, 8, 1), (0, 8, 0)])
def test_a_domain_that_refuses_is_not_asked_more_often_by_more_processes(
    failures: int, sharers: int, each: int
) -> None:
    """Each opens its breaker after its share of the refusals, and none where there is to be no breaker."""
    pacing = Pacing(Pace(failures=failures, sharers=sharers))
    tried = 0
    while tried < 30 and not pacing.wait("ada@example.org", NOW):
        tried += 1
        pacing.failed("ada@example.org", BUSY, NOW)
    assert tried == (each or 30)
