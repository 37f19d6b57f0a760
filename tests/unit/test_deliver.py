"""Delivering: what an answer means for a message, how long it waits, and whom a failing relay does not charge."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import (
    AddressRefused,
    DeliveryDoubt,
    DigestError,
    RelayDown,
    RelayFault,
    RetryLater,
    StoreError,
    TemplateError,
)
from digest.model import (
    Change,
    Delivered,
    Finding,
    Message,
    NotYet,
    OutboxRow,
    OutboxState,
    Outcome,
    Refused,
    Unknown,
)
from digest.pipeline.claims import GIVEN_BACK
from digest.pipeline.deliver import Doubt, deliver
from digest.pipeline.outcomes import LONGEST_WAIT, MAX_TRIES, backoff, outcome_of
from tests.unit.sending import NOW, Channel, MemoryOutbox, Rendering, always, row, run


def test_a_message_that_was_taken_is_sent() -> None:
    """250 is the end of it."""
    assert run(MemoryOutbox([row()]), Channel(["250 ok"]))[1].state is OutboxState.SENT


def test_one_failure_never_stops_the_next_message() -> None:
    """A refused reader and a broken template cost nobody else their mail."""
    outbox = MemoryOutbox([row(1), row(2)])
    settled = run(outbox, Channel([AddressRefused("550 5.1.1 nobody", suppress=True), "250 ok"]))
    assert [settled[1].state, settled[1].suppress, settled[2].state] == [OutboxState.FAILED, True, OutboxState.SENT]


def test_a_connection_that_breaks_before_the_message_leaves_charges_nobody_and_stops_nobody() -> None:
    """A server that hangs up on one recipient does not use up that message's tries, nor hold the next one's mail."""
    settled = run(MemoryOutbox([row(1, tries=MAX_TRIES - 1), row(2)]), Channel([RetryLater("dropped"), "250 ok"]))
    assert (settled[1].state, settled[1].charged) == (OutboxState.RETRY, False)
    assert settled[2].state is OutboxState.SENT


def test_a_store_that_fails_for_a_moment_loses_no_message() -> None:
    """A locked or full database is not the message's fault, not even on its last try."""
    outcome = outcome_of(StoreError("the database is locked"), row(tries=MAX_TRIES - 1), NOW)
    assert (outcome.state, outcome.charged) == (OutboxState.RETRY, False)


@pytest.mark.parametrize(
    ("code", "enhanced", "least"),
    [
        (450, "4.2.0", timedelta(minutes=10)),
        (451, "4.7.1", timedelta(minutes=10)),
        (452, "4.5.3", timedelta(minutes=4)),
        (452, "4.2.2", LONGEST_WAIT),
        (552, "5.2.2", LONGEST_WAIT),
        (552, "", LONGEST_WAIT),
    ],
)
def test_a_temporary_refusal_is_given_its_time(code: int, enhanced: str, least: timedelta) -> None:
    """Greylisting wants ten minutes, a full mailbox six hours, for whichever row and spread."""
    error = RetryLater("later", code=code, enhanced=enhanced)
    waits = [(outcome_of(error, row(key), NOW).retry_at or NOW) - NOW for key in range(200)]
    assert least <= min(waits)
    assert max(waits) <= max(least, timedelta(minutes=6))


def test_a_lost_lease_sends_nothing() -> None:
    """When another worker has the message, this one lets it go."""
    outbox, channel = MemoryOutbox([row()], has_lease=False), Channel(["250 ok"])
    assert run(outbox, channel) == {}
    assert channel.left == 0


def _stopped_after(messages: int, outbox: MemoryOutbox, channels: Sequence[Channel], *, limit: int = 2) -> list[str]:
    """Stop a delivery when so many messages have left; return what became of each message, by row."""
    first, *beside = [partial(always, one) for one in channels]
    report = deliver(
        outbox,
        Rendering(),
        first,
        owner="me",
        now=lambda: NOW,
        limit=limit,
        beside=beside,
        stopping=lambda: sum(one.left for one in channels) >= messages,
    )
    assert report.stopped
    assert not report.errors
    return [f"{key} {one.state}{'' if one.charged else ', uncharged'}" for key, one in sorted(outbox.settled.items())]


def test_who_stops_gets_the_message_at_hand_finished_and_the_rest_given_back() -> None:
    """What was claimed with it can be claimed again at once, where it was in the queue; nothing more is claimed."""
    outbox = MemoryOutbox([row(key) for key in range(1, 6)])
    told = _stopped_after(1, outbox, [Channel(["250 ok"] * 5)])
    assert told == ["1 sent", "2 retry, uncharged"]
    assert outbox.settled[2].retry_at is None
    assert [one.id for one in outbox.waiting] == [3, 4, 5]


def test_who_stops_before_anything_is_claimed_claims_nothing() -> None:
    """Doubts wait too: looking into thousands of them takes its time."""
    outbox = MemoryOutbox([row()], lost_in_handing=[row(2)], held=[row(3)])
    deliver(
        outbox,
        Rendering(),
        lambda _: Channel([]),
        owner="me",
        now=lambda: NOW,
        evidence=Log(Delivered("250")),
        stopping=lambda: True,
    )
    assert outbox.settled == {}
    assert len(outbox.waiting) == 1


def test_every_connection_stops_and_gives_back() -> None:
    """Whatever two threads had claimed is sent or given back."""
    outbox = MemoryOutbox([row(key) for key in range(1, 60)])
    told = _stopped_after(5, outbox, [Channel(["250 ok"] * 60) for _ in range(2)], limit=10)
    assert sum(one.endswith("sent") for one in told) in {5, 6}
    assert len(told) + len(outbox.waiting) == 59
    assert {one.split()[1] for one in told} == {"sent", "retry,"}


def test_a_delivery_that_breaks_gives_back_what_it_was_not_come_to() -> None:
    """The message at hand is left as it is: nobody knows what became of it."""

    class Broken(Channel):
        def send(self, message: Message, *, handing: Callable[[], None]) -> str:
            """Fail in a way nobody thought of."""
            raise ZeroDivisionError

    outbox = MemoryOutbox([row(1), row(2)])
    with pytest.raises(ZeroDivisionError):
        run(outbox, Broken([]))
    assert {key: one.reply for key, one in outbox.settled.items()} == {2: GIVEN_BACK.reply}


def test_a_store_that_cannot_take_anything_back_leaves_it_to_the_lease() -> None:
    """A full disk is no reason for a delivery that stops to fail."""

    class Full(MemoryOutbox):
        def together(self, changes: Sequence[Change]) -> Sequence[bool]:
            """Take nothing."""
            raise StoreError("the disk is full")

    outbox = Full([row(1), row(2)])
    assert _stopped_after(1, outbox, [Channel(["250 ok"])]) == ["1 sent"]


@pytest.mark.parametrize("how", ["no answer", "killed"])
def test_doubt_is_held_by_default(how: str) -> None:
    """A message that may have arrived is never sent again unasked."""
    killed = how == "killed"
    outbox = MemoryOutbox([] if killed else [row()], lost_in_handing=[row()] if killed else [])
    assert run(outbox, Channel([DeliveryDoubt("no answer")]))[1].state is OutboxState.AMBIGUOUS


def test_doubt_is_resent_once_where_asked_and_then_held() -> None:
    """resend_once sends a second time under the same Message-ID, not a third."""
    first = run(MemoryOutbox([row()]), Channel([DeliveryDoubt("no answer")]), doubt=Doubt.RESEND_ONCE)[1]
    assert (first.state, first.retry_at) == (OutboxState.RETRY, NOW)
    assert first.doubt
    again = MemoryOutbox([row(doubts=1)])
    second = run(again, Channel([DeliveryDoubt("no answer")]), doubt=Doubt.RESEND_ONCE)[1]
    assert second.state is OutboxState.AMBIGUOUS


@pytest.mark.parametrize("between", [RetryLater("451 later", code=451), RelayDown("no connection")])
def test_no_reply_in_between_makes_a_doubtful_message_leave_a_third_time(between: DigestError) -> None:
    """Doubt, a temporary refusal, doubt again: the message has left twice and is held, whatever was said between."""
    channel = Channel([DeliveryDoubt("no answer"), between, DeliveryDoubt("no answer"), "250 ok"])
    doubts, states = 0, []
    for _ in range(3):
        outcome = run(MemoryOutbox([row(doubts=doubts)]), channel, doubt=Doubt.RESEND_ONCE)[1]
        doubts += outcome.doubt is True
        states.append(outcome.state)
    assert states == [OutboxState.RETRY, OutboxState.RETRY, OutboxState.AMBIGUOUS]
    assert channel.left == 2


def test_a_message_in_doubt_leaves_again_only_as_the_very_same_bytes() -> None:
    """A template was changed meanwhile: a mail program could not know the double, so the message is held."""
    doubtful = row(doubts=1, body_sha256="f" * 64)
    channel = Channel(["250 ok"])
    held = run(MemoryOutbox([doubtful]), channel, doubt=Doubt.RESEND_ONCE)[1]
    assert (held.state, held.charged, channel.left) == (OutboxState.AMBIGUOUS, False, 0)
    assert "templates or settings changed" in held.reply
    same = replace(doubtful, body_sha256=Rendering().message(MemoryOutbox([]).digest(1)).sha256)
    assert run(MemoryOutbox([same]), channel, doubt=Doubt.RESEND_ONCE)[1].state is OutboxState.SENT


def test_a_message_that_certainly_did_not_arrive_may_change() -> None:
    """After a refusal or a broken connection it is sent as it is rendered now."""
    waiting = row(body_sha256="f" * 64, tries=1)
    assert run(MemoryOutbox([waiting]), Channel(["250 ok"]))[1].state is OutboxState.SENT


@dataclass
class Log:
    """Evidence that always says the same, and notes what it was asked."""

    found: Finding
    asked: list[tuple[str, str, datetime]] = field(default_factory=list)

    def find(self, message_id: str, recipient: str, since: datetime) -> Finding:
        """Answer."""
        self.asked.append((message_id, recipient, since))
        return self.found


def ask(found: Finding, *, minutes: int, held: OutboxRow | None = None) -> Outcome | None:
    """Let evidence settle a message that left some minutes ago."""
    left = NOW - timedelta(minutes=minutes)
    outbox = MemoryOutbox([], held=[held or row(doubts=1, state=OutboxState.AMBIGUOUS, handed_at=left)])
    log = Log(found)
    deliver(outbox, Rendering(), lambda _: Channel([]), owner="me", now=lambda: NOW, doubt=Doubt.EVIDENCE, evidence=log)
    assert [(asked[0], asked[1]) for asked in log.asked] == [("<1@x>", "reader1@example.org")]
    return outbox.settled.get(1)


@pytest.mark.parametrize(
    ("found", "minutes", "state", "doubt"),
    [
        (Delivered("in its queue"), 0, OutboxState.SENT, None),
        (Refused("550"), 0, OutboxState.FAILED, None),
        (NotYet("nothing"), 11, OutboxState.RETRY, False),
        (Unknown("rotated away"), 11, OutboxState.AMBIGUOUS, None),
    ],
)
def test_evidence_settles_a_doubt(found: Finding, minutes: int, state: OutboxState, *, doubt: bool | None) -> None:
    """Accepted is sent, refused failed, nothing after the wait goes again as if it had never left, the rest is held."""
    outcome = ask(found, minutes=minutes)
    assert outcome is not None
    assert (outcome.state, outcome.doubt, outcome.charged, outcome.by) == (state, doubt, False, "evidence")


@pytest.mark.parametrize("found", [NotYet("nothing"), Unknown("no line yet")])
def test_evidence_is_given_its_time(found: Finding) -> None:
    """A log may be late, and the relay may still be thinking: nothing is concluded before the wait is over."""
    assert ask(found, minutes=9) is None


def test_what_evidence_cannot_say_is_said_once() -> None:
    """The same words again are no news: no line of history at every tick."""
    said = row(
        doubts=1,
        state=OutboxState.AMBIGUOUS,
        handed_at=NOW - timedelta(hours=1),
        last_error="rotated away",
    )
    assert ask(Unknown("rotated away"), minutes=60, held=said) is None


def test_evidence_is_asked_before_a_message_in_doubt_leaves_again() -> None:
    """The policy holds it first, whatever the channel says; only the next look may send it."""
    outcome = run(MemoryOutbox([row()]), Channel([DeliveryDoubt("no answer")]), doubt=Doubt.EVIDENCE)[1]
    assert (outcome.state, outcome.doubt) == (OutboxState.AMBIGUOUS, True)


def test_doubt_about_a_file_is_no_doubt() -> None:
    """Where a repeat leaves one message, a killed delivery is simply done again."""
    outbox = MemoryOutbox([], lost_in_handing=[row()])
    assert run(outbox, Channel([], repeatable=True))[1].state is OutboxState.RETRY


def test_a_refused_message_has_eight_tries() -> None:
    """The eighth temporary refusal is the last."""
    states = [outcome_of(RetryLater("451", code=451), row(tries=tries), NOW).state for tries in range(MAX_TRIES)]
    assert states == [OutboxState.RETRY] * 7 + [OutboxState.FAILED]


@pytest.mark.parametrize("error", [RetryLater("dropped"), RelayFault("452 4.3.1 no space", code=452)])
def test_what_a_relay_fails_over_again_and_again_waits_longer_each_time(error: DigestError) -> None:
    """Nobody is charged, so only the waits keep it from leaving 432 times until it expires: 5 minutes to 2 hours."""
    outcomes = [outcome_of(error, row(), NOW, before=times) for times in range(40)]
    waits = [(one.retry_at or NOW) - NOW for one in outcomes]
    assert not any(one.charged for one in outcomes)
    assert waits[:5] == sorted(set(waits[:5]))
    assert waits[0] <= timedelta(minutes=6)
    assert set(waits[6:]) == {timedelta(hours=2)}


def test_a_broken_template_costs_nobody_their_mail() -> None:
    """The message waits, uncharged, until the template is mended; the reply names the template's place."""
    outcome = outcome_of(TemplateError("unexpected end", place="digest.html.j2, line 3"), row(tries=7), NOW)
    assert (outcome.state, outcome.charged, outcome.suppress) == (OutboxState.RETRY, False, False)
    assert "digest.html.j2, line 3" in outcome.reply


@given(key=st.integers(1, 10**9), tries=st.integers(0, 30))
def test_waits_grow_are_spread_and_never_longer_than_six_hours(key: int, tries: int) -> None:
    """Doubling from five minutes, ±20 %, the same for the same row and try."""
    wait = backoff(key, tries)
    assert wait == backoff(key, tries)
    assert timedelta(minutes=4) <= wait <= LONGEST_WAIT
    assert wait <= timedelta(minutes=5) * 2**tries * 1.2


def test_a_thousand_refused_messages_do_not_come_back_together() -> None:
    """The spread is real: neighbours differ."""
    waits = {backoff(key, 0) for key in range(1000)}
    assert len(waits) > 300
