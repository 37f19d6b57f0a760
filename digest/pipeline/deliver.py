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
from digest.model import Digest, Message, OutboxRow, OutboxState, Outcome
from digest.pipeline.claims import GIVEN_BACK, Claims, until
from digest.pipeline.commits import Alone, Books, GroupCommits, OneAtATime
from digest.pipeline.connections import Connection, Connections, Fate
from digest.pipeline.outcomes import alarm_of, from_evidence, outcome_of, paused
from digest.pipeline.pacing import Pace, Pacing
from digest.ports import Channel, ChannelPicker, Evidence, Outbox, Renderer

DOUBT = "the connection or the worker died while the message left; it may have arrived"
SLOWLY = "mail to this domain is given time"
CHANGED = "it may have arrived, and is another one by now (templates or settings changed): it is not sent again"

_FINAL_TROUBLE = (OutboxState.FAILED, OutboxState.AMBIGUOUS)

LATELY = timedelta(minutes=1)
"""Another process that has sent a message within this time has a connection that works."""

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
    ``refused`` of ``connections`` could not be used, for a ``reason``, while others could. ``gave_way`` says that none
    could, and that the work was left to another process.
    """

    states: Counter[OutboxState] = field(default_factory=Counter)
    errors: list[tuple[str, str]] = field(default_factory=list)
    alarms: Counter[str] = field(default_factory=Counter)
    stopped: bool = False
    connections: int = 0
    refused: int = 0
    reason: str = ""
    gave_way: bool = False

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
        self.connections += other.connections
        self.refused += other.refused
        self.reason = self.reason or other.reason
        self.gave_way |= other.gave_way

    def take_over(self, rest: DeliveryReport) -> None:
        """Take in what became of messages that had been left to another process; of connections all is known."""
        known = self.connections, self.refused
        self.add(rest)
        self.connections, self.refused, self.gave_way = *known, rest.gave_way

    def hear_of(self, those: Connections) -> None:
        """Take in how many connections could be used; of a channel that is down there is an alarm."""
        self.connections, self.gave_way = those.number, those.has_given_way
        if not those.down:
            self.refused, self.reason = those.refused, those.reason

    @property
    def remark(self) -> str:
        """Return what an operator may want to know: that a mail server takes fewer connections than are asked for."""
        if not self.refused or self.alarms:
            return ""
        return (
            f"{self.refused} of {self.connections} connections could not be used; others did their work: {self.reason}"
        )

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
    in_company: bool = False,
    stopping: Callable[[], bool] = lambda: False,
) -> DeliveryReport:
    """Send everything that is due, batch by batch; a message's failure never stops the next one.

    A connection that a relay will not have (``RelayDown``) gives its message back to the others and ends. With the last
    one the channel is down and left alone for the rest of the run; unless another process sends by that relay, as one
    has lately, or surely does where this one delivers ``in_company``: then what this one has claimed is given back.
    With the channels of ``beside`` as many connections more are used at the same time, each in a thread of its own.
    ``pacing`` remembers, also between two deliveries, which domains are to be given time.

    Once ``stopping`` says so, each connection ends with the message that is on its way, and what was claimed with it
    is given back.
    """
    report = DeliveryReport()
    for row in until(stopping, outbox.stranded(now())):
        _settle(outbox, row, _in_doubt(row, channel_of, doubt, now()), now(), report)
    if evidence is not None:
        _ask(evidence, outbox, evidence_wait, now, stopping, report)

    def gives_way(relay: str) -> bool:
        with suppress(StoreError):
            return in_company or outbox.sent_by_others(owner, relay, now() - LATELY)
        return False

    claims = partial(Claims, owner=owner, now=now, lease=lease, limit=limit)
    connections = Connections(1 + len(beside), gives_way)
    sender = partial(_Sender, now=now, doubt=doubt, pacing=pacing or Pacing(Pace()), asked=outbox.asked)
    if beside:
        with GroupCommits(outbox) as group, claims(group.outbox) as claimed:
            sender = partial(sender, claims=claimed, renderer=OneAtATime(renderer))
            senders = [sender(channel_of=one, connection=Connection(connections)) for one in (channel_of, *beside)]
            _side_by_side(group, senders, claimed, stopping, report)
    else:
        with claims(outbox) as claimed:
            alone = sender(claims=claimed, renderer=renderer, channel_of=channel_of, connection=Connection(connections))
            alone.send(Alone(outbox), stopping)
            report.add(alone.report)
    report.hear_of(connections)
    report.stopped = stopping()
    return report


def _side_by_side(
    group: GroupCommits,
    senders: Sequence[_Sender],
    claims: Claims,
    stopping: Callable[[], bool],
    report: DeliveryReport,
) -> None:
    """Send over several connections until there is nothing left; where one cannot go on, the others finish theirs.

    They begin again where one that could not be used gave a message back when the others were done.
    """
    stop = Event()
    with ThreadPoolExecutor(len(senders), thread_name_prefix="delivery") as pool:
        usable = list(senders)
        while usable:
            running = [pool.submit(_in_a_lane, group, one, lambda: stop.is_set() or stopping()) for one in usable]
            try:
                for one in running:
                    one.result()
            except BaseException:
                stop.set()  # an interrupted command ends with the messages that are on their way
                raise
            usable = (
                [one for one in senders if not one.connection.is_over] if claims.are_left and not stopping() else []
            )
    for sender in senders:
        report.add(sender.report)


def _in_a_lane(group: GroupCommits, sender: _Sender, stopping: Callable[[], bool]) -> None:
    with group.lane() as lane:
        sender.send(lane, stopping)


@dataclass(slots=True, kw_only=True)
class _Sender:
    """One connection and all that is needed to send over it; ``asked`` says how often a message was tried."""

    claims: Claims
    renderer: _Renders
    channel_of: ChannelPicker
    now: Callable[[], datetime]
    doubt: Doubt
    connection: Connection
    pacing: Pacing
    asked: Callable[[int], int]
    report: DeliveryReport = field(default_factory=DeliveryReport)
    stopping: Callable[[], bool] = lambda: False

    def send(self, books: Books, stopping: Callable[[], bool]) -> None:
        """Send until nothing is due any more, or the connection is of no use."""
        self.stopping = stopping
        while not (stopping() or self.connection.is_over) and (claimed := self.claims.next()):
            row, read = claimed
            if until_then := self.connection.others.down_until(row.channel, self.now()):
                self._put_off(row, until_then)
                continue
            outcome = self._attempt(books, row, read)
            if outcome is None:
                continue
            if outcome.doubt:
                outcome = replace(_in_doubt(row, self.channel_of, self.doubt, self.now()), relay=outcome.relay)
            books.settle(row, outcome, self.now(), partial(self.report.note, row, outcome))

    def _put_off(self, row: OutboxRow, until_then: datetime) -> None:
        """Have the messages at hand wait for a channel that is down."""
        outcome = replace(paused(self.now()), retry_at=until_then)
        self.report.states[outcome.state] += self.claims.put_off(row, outcome)

    def _attempt(self, books: Books, row: OutboxRow, read: Callable[[], Digest]) -> Outcome | None:
        """Send one message; ``None`` where another worker, or another connection, has it now."""
        channel: Channel | None = None
        is_handed = False

        def handing() -> None:
            nonlocal is_handed
            if not books.handing(row, message.sha256, self.now()):
                raise LeaseLostError("the lease ran out before the message left")
            is_handed = True

        try:
            channel = self.channel_of(row.channel)
            if not channel.repeatable and (wait := self.pacing.wait(row.recipient, self.now())):
                return paused(self.now(), SLOWLY, wait)
            message = self.renderer.message(read())
            if _differs(row, message):
                return Outcome(state=OutboxState.AMBIGUOUS, reply=CHANGED, charged=False)
            reply = channel.send(message, handing=handing)
            self.pacing.went_well(row.recipient, self.now())
            self.connection.went_well()
            return Outcome(state=OutboxState.SENT, reply=reply, relay=channel.relay)
        except LeaseLostError:
            return None
        except DigestError as error:
            return self._failed(row, channel, error, is_handed=is_handed)

    def _failed(
        self, row: OutboxRow, channel: Channel | None, error: DigestError, *, is_handed: bool
    ) -> Outcome | None:
        """Return what an error means for a message: ``None`` where another connection tries it at once."""
        if isinstance(error, RetryLater) and error.code is None and self.stopping():
            return replace(GIVEN_BACK, reply=str(error))  # we broke it off ourselves
        relay, is_shared = (channel.relay, channel.repeatable) if channel else ("", True)
        fate = self.connection.failed(row.channel, relay, error, self.now(), is_shared=is_shared)
        self.pacing.failed(row.recipient, error, self.now())
        if self.connection.is_over and self.connection.others.has_given_way:
            self.claims.give_way()
        if isinstance(error, RelayDown):
            if not is_shared:
                self.pacing.untried(row.recipient, self.now())
            if fate is Fate.GIVES_WAY and (self.connection.is_over or not is_handed):
                return self._passed_on(row, relay, error, is_handed=is_handed)
        if alarm := alarm_of(error, is_down=fate is Fate.DOWN):
            self.report.alarms[alarm] += 1
        before = _before(self.asked, row, error)
        return replace(outcome_of(error, row, self.now(), before=before), relay=relay)

    def _passed_on(self, row: OutboxRow, relay: str, error: DigestError, *, is_handed: bool) -> Outcome | None:
        """Give a message back that is still as it was claimed; for one that is not, as it was refused, it is due."""
        if is_handed:
            return replace(paused(self.now(), str(error), timedelta()), relay=relay)
        self.claims.back(row)
        return None


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
