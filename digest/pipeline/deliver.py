"""The third verb: what waits in the outbox leaves.

    claim (lease) ─▶ read the digest ─▶ render ─▶ Channel ─▶ sent | retry | failed | ambiguous

A message is not stored raw but rendered again from its digest. ``handing`` is committed at the last moment at which
nothing has left yet; a worker killed after it leaves at most one message per connection in doubt, which is never sent
again unasked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from threading import Event
from typing import Protocol

from digest.errors import DigestError, RelayDown, RetryLater, StoreError
from digest.model import ChannelName, Digest, Message, OutboxRow, OutboxState, Outcome
from digest.pipeline.claims import Claims, until
from digest.pipeline.commits import Alone, Books, GroupCommits, OneAtATime
from digest.pipeline.outcomes import alarm_of, from_evidence, outcome_of, paused
from digest.pipeline.pacing import Pace, Pacing
from digest.ports import ChannelPicker, Evidence, Outbox, Renderer

DOUBT = "the connection or the worker died while the message left; it may have arrived"
SLOWLY = "mail to this domain is given time"
CHANGED = "it may have arrived, and is another one by now (templates or settings changed): it is not sent again"

_FINAL_TROUBLE = (OutboxState.FAILED, OutboxState.AMBIGUOUS)

EVIDENCE_WAIT = timedelta(minutes=10)
"""How long a relay may take until its log tells of a message: longer than it waits for a client that went silent."""


class Doubt(StrEnum):
    """What to do with a message that may or may not have arrived."""

    EVIDENCE = "evidence"
    HOLD = "hold"
    RESEND_ONCE = "resend_once"


@dataclass(slots=True)
class DeliveryReport:
    """What became of the messages of one delivery: how many per state, and the errors in words by recipient.

    A message that waits (greylisting, a full mailbox, the pace of its domain, a relay that is down) is counted, but is
    no error: it is tried again by itself, and there may be as many of them as there are readers.

    ``alarms`` is what somebody must look after, as it is no reader's fault and will not pass by itself, and how many
    messages met with it: a relay that cannot be used, and mail that is refused for what it is. ``stopped`` says
    that somebody stopped the delivery; what it had claimed and not sent waits for the next one.
    """

    states: Counter[OutboxState] = field(default_factory=Counter)
    errors: list[tuple[str, str]] = field(default_factory=list)
    alarms: Counter[str] = field(default_factory=Counter)
    stopped: bool = False

    @property
    def failed(self) -> int:
        """Return how many messages need somebody's attention."""
        return sum(self.states[state] for state in _FINAL_TROUBLE)

    def add(self, other: DeliveryReport) -> None:
        """Take in what became of other messages."""
        self.states += other.states
        self.errors += other.errors
        self.alarms += other.alarms
        self.stopped |= other.stopped

    def note(self, row: OutboxRow, outcome: Outcome) -> None:
        """Note what became of a message."""
        self.states[outcome.state] += 1
        if outcome.state in _FINAL_TROUBLE:
            self.errors.append((row.recipient, outcome.reply))

    def counts(self) -> dict[str, int]:
        """Return the number of messages by state, those that occurred."""
        return {state.value: self.states[state] for state in OutboxState if self.states[state]}


class _Renders(Protocol):
    """As much of a ``Renderer`` as delivery asks for."""

    def message(self, digest: Digest) -> Message: ...


class LeaseLostError(DigestError):
    """Another worker has taken the message over: nothing may leave."""


def deliver(
    outbox: Outbox,
    renderer: Renderer,
    channel_of: ChannelPicker,
    *,
    owner: str,
    now: Callable[[], datetime],
    lease: timedelta = timedelta(minutes=10),
    limit: int = 50,
    doubt: Doubt = Doubt.HOLD,
    evidence: Evidence | None = None,
    evidence_wait: timedelta = EVIDENCE_WAIT,
    beside: Sequence[ChannelPicker] = (),
    pacing: Pacing | None = None,
    stopping: Callable[[], bool] = lambda: False,
) -> DeliveryReport:
    """Send everything that is due, batch by batch; a message's failure never stops the next one.

    A channel that cannot be used at all (``RelayDown``) is left alone for the rest of the run. With the channels of
    ``beside`` as many connections more are used at the same time, each in a thread of its own.
    ``pacing`` remembers, also between two deliveries, which domains are to be given time.

    Once ``stopping`` says so, each connection ends with the message that is on its way, and what was claimed with it
    is given back.
    """
    report = DeliveryReport()
    for row in until(stopping, outbox.stranded(now())):
        _settle(outbox, row, _in_doubt(row, channel_of, doubt, now()), now(), report)
    if evidence is not None:
        _ask(evidence, outbox, evidence_wait, now, stopping, report)
    claims = partial(Claims, owner=owner, now=now, lease=lease, limit=limit)
    send = partial(_send, now=now, doubt=doubt, down=set(), pacing=pacing or Pacing(Pace()), asked=outbox.asked)
    if beside:
        with GroupCommits(outbox) as group, claims(group.outbox) as claimed:
            send = partial(_in_a_lane, group, partial(send, claims=claimed, renderer=OneAtATime(renderer)))
            _side_by_side(send, (channel_of, *beside), stopping, report)
    else:
        with claims(outbox) as claimed:
            send(Alone(outbox), claimed, renderer, channel_of, report, stopping=stopping)
    report.stopped = stopping()
    return report


def _in_a_lane(
    group: GroupCommits,
    send: Callable[..., None],
    channel_of: ChannelPicker,
    report: DeliveryReport,
    *,
    stopping: Callable[[], bool],
) -> None:
    with group.lane() as lane:
        send(lane, channel_of=channel_of, report=report, stopping=stopping)


def _side_by_side(
    send: Callable[..., None], pickers: Sequence[ChannelPicker], stopping: Callable[[], bool], report: DeliveryReport
) -> None:
    """Send over several connections until there is nothing left; where one cannot go on, the others finish theirs."""
    stop = Event()
    with ThreadPoolExecutor(len(pickers), thread_name_prefix="delivery") as pool:
        reports = [DeliveryReport() for _ in pickers]
        pairs = zip(pickers, reports, strict=True)
        send = partial(send, stopping=lambda: stop.is_set() or stopping())
        running = [pool.submit(send, channel_of, own) for channel_of, own in pairs]
        try:
            for one in running:
                one.result()
        except BaseException:
            stop.set()  # an interrupted command ends with the messages that are on their way
            raise
    for own in reports:
        report.add(own)


def _send(
    books: Books,
    claims: Claims,
    renderer: _Renders,
    channel_of: ChannelPicker,
    report: DeliveryReport,
    *,
    now: Callable[[], datetime],
    doubt: Doubt,
    down: set[ChannelName],
    pacing: Pacing,
    asked: Callable[[int], int],
    stopping: Callable[[], bool],
) -> None:
    """Send over one connection until nothing is due any more; ``down`` are the channels that cannot be used."""
    while not stopping() and (claimed := claims.next()):
        row, read = claimed
        attempt = partial(_attempt, books, row, read, renderer, channel_of, now, down, pacing, asked, report)
        outcome = paused(now()) if row.channel in down else attempt()
        if outcome is None:
            continue
        if outcome.doubt:
            outcome = replace(_in_doubt(row, channel_of, doubt, now()), relay=outcome.relay)
        books.settle(row, outcome, now(), partial(report.note, row, outcome))


def _attempt(
    books: Books,
    row: OutboxRow,
    read: Callable[[], Digest],
    renderer: _Renders,
    channel_of: ChannelPicker,
    now: Callable[[], datetime],
    down: set[ChannelName],
    pacing: Pacing,
    asked: Callable[[int], int],
    report: DeliveryReport,
) -> Outcome | None:
    """Send one message; ``None`` where another worker has it now. Adds its channel to ``down`` if that is at fault."""

    def handing() -> None:
        if not books.handing(row, message.sha256, now()):
            raise LeaseLostError("the lease ran out before the message left")

    relay = ""
    try:
        channel = channel_of(row.channel)
        if not channel.repeatable and (wait := pacing.wait(row.recipient, now())):
            return paused(now(), SLOWLY, wait)
        message = renderer.message(read())
        if _differs(row, message):
            return Outcome(state=OutboxState.AMBIGUOUS, reply=CHANGED, charged=False)
        relay = channel.relay
        reply = channel.send(message, handing=handing)
        pacing.went_well(row.recipient, now())
        return Outcome(state=OutboxState.SENT, reply=reply, relay=relay)
    except LeaseLostError:
        return None
    except DigestError as error:
        if isinstance(error, RelayDown):
            down.add(row.channel)
        pacing.failed(row.recipient, error, now())
        if alarm := alarm_of(error):
            report.alarms[alarm] += 1
        return replace(outcome_of(error, row, now(), before=_before(asked, row, error)), relay=relay)


def _before(asked: Callable[[int], int], row: OutboxRow, error: DigestError) -> int:
    """Return how often a message was tried before, where its wait may depend on it; 0 where the store fails."""
    if not isinstance(error, RetryLater):
        return 0
    with suppress(StoreError):
        return asked(row.id)
    return 0


def _in_doubt(row: OutboxRow, channel_of: ChannelPicker, doubt: Doubt, now: datetime) -> Outcome:
    """Return what becomes of a message that may have arrived: sent again where harmless or asked for, else held.

    It is sent again with the same Message-ID, by which mail programs know a double.
    """
    if channel_of(row.channel).repeatable:
        return Outcome(state=OutboxState.RETRY, reply=DOUBT, retry_at=now, charged=False)
    if doubt is Doubt.RESEND_ONCE and not row.doubts:
        return Outcome(state=OutboxState.RETRY, reply=DOUBT, retry_at=now, doubt=True)
    return Outcome(state=OutboxState.AMBIGUOUS, reply=DOUBT, doubt=True)


def _ask(
    evidence: Evidence,
    outbox: Outbox,
    wait: timedelta,
    now: Callable[[], datetime],
    stopping: Callable[[], bool],
    report: DeliveryReport,
) -> None:
    """Settle the doubts that evidence can settle."""
    for row in until(stopping, outbox.ambiguous(now())):
        left = row.handed_at or row.created_at
        outcome = from_evidence(evidence.find(row.message_id, row.recipient, left), waited=now() - left >= wait)
        if outcome is not None and (outcome.state, outcome.reply) != (row.state, row.last_error):
            _settle(outbox, row, replace(outcome, retry_at=now()), now(), report)


def _differs(row: OutboxRow, message: Message) -> bool:
    """Return whether a message that may have arrived would now be another one than the one that left."""
    return bool(row.doubts and row.body_sha256 and row.body_sha256 != message.sha256)


def _settle(outbox: Outbox, row: OutboxRow, outcome: Outcome, now: datetime, report: DeliveryReport) -> None:
    if outbox.settle(row, outcome, now):
        report.note(row, outcome)
