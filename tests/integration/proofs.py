"""What delivery promises, put to the proof: something is broken at one point after the other, then mails are counted.

Each proof works with two readers and their real mails, breaks something, lets a later run finish, and asks: was a
message lost that nobody flagged? Did one arrive twice that was not flagged as doubtful, or with ``evidence``
at all? The tests run the proofs in short, ``python -m bench killing`` at length.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

from digest.channels import Server
from digest.channels.evidence import PostfixLog
from digest.model import Delivered, Finding, NotYet, OutboxState, Refused
from digest.pipeline.deliver import Doubt
from tests.integration.killing import killed_at, together
from tests.integration.smtp_server import (
    DROP,
    GARBAGE,
    NO_AND_YES,
    STALL,
    TAKE_AND_DROP,
    TAKE_AND_STALL,
    TAKES_BEFORE_IT_HAS,
    TWICE,
    UNKNOWN_TOO_SOON,
    YES_AND_NO,
    ScriptedServer,
    scripted,
)
from tests.integration.verbs import (
    NOW,
    compose,
    copied,
    deliver_by_smtp,
    ingest,
    opened,
    states,
    subscribe,
)
from tests.integration.ways import PLAIN, Way
from tests.postfix import Postfix

HOUR = timedelta(hours=1)
_MESSAGE_ID = re.compile(rb"(?im)^Message-ID:\s*(<[^>]+>)")


@dataclass
class Tally:
    """What came of breaking something at so many points."""

    points: int = 0
    lost: int = 0
    doubled_unflagged: int = 0
    doubled_with_evidence: int = 0
    doubled_as_asked: int = 0
    held: int = 0
    notes: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        """Return the figures in one line."""
        return (
            f"{self.points} points, {self.lost} lost, {self.doubled_unflagged} doubled without having been flagged, "
            f"{self.doubled_with_evidence} doubled with evidence, {self.doubled_as_asked} sent again as asked, "
            f"{self.held} held for somebody to decide"
        )

    def __add__(self, other: Tally) -> Tally:
        """Return the figures of both."""
        names = ("points", "lost", "doubled_unflagged", "doubled_with_evidence", "doubled_as_asked", "held")
        sums = {name: getattr(self, name) + getattr(other, name) for name in names}
        return Tally(**sums, notes=[*self.notes, *other.notes])

    @property
    def is_clean(self) -> bool:
        """Return whether nothing was lost or doubled that should not have been."""
        return not (self.lost or self.doubled_unflagged or self.doubled_with_evidence)

    def judge(self, url: str, arrived: Counter[str], doubt: Doubt, point: str) -> None:
        """Compare what a store says of its messages with what arrived."""
        self.points += 1
        with opened(url) as store:
            rows = store.views.outbox(limit=10_000)
            doubtful = {row.id for row in rows if any(one.doubt for one in store.desk.history(row.id))}
            due = len({subscription.subscriber_id for _, subscription in store.subscribers.subscriptions()})
        if len(rows) != due:
            self._found("lost", f"{point}: {due} readers, {len(rows)} messages")
        for row in rows:
            copies = arrived[row.message_id]
            held = row.state in {OutboxState.AMBIGUOUS, OutboxState.FAILED, OutboxState.EXPIRED}
            self.held += held
            if not copies and not held:
                self._found("lost", f"{point}: {row.recipient} has nothing, and the store says {row.state}")
            if copies > 1 and doubt is Doubt.EVIDENCE:
                self._found("doubled_with_evidence", f"{point}: {row.recipient} got {copies}")
            elif copies > 1 and (row.id not in doubtful or doubt is Doubt.HOLD or copies > 2):
                self._found("doubled_unflagged", f"{point}: {row.recipient} got {copies}")
            self.doubled_as_asked += copies == 2 and doubt is Doubt.RESEND_ONCE

    def _found(self, what: str, note: str) -> None:
        setattr(self, what, getattr(self, what) + 1)
        self.notes.append(f"{what}: {note}")


@dataclass
class Witness:
    """Evidence by a server that remembers what it took and what it refused, and when, as a relay's log does."""

    server: ScriptedServer

    def find(self, message_id: str, recipient: str, since: datetime) -> Finding:
        """Return what the server said of it since then; what it said before is of another try."""
        del recipient
        told = [
            one for one in self.server.told if message_id.encode() in one.body and (one.at is None or one.at >= since)
        ]
        if any(one.is_kept for one in told):
            return Delivered("it has it")
        return Refused(told[-1].answer) if told and told[-1].answer.startswith("5") else NotYet("it has nothing of it")


def taken(bodies: Iterable[bytes]) -> Counter[str]:
    """Return how many copies of each message there are, by Message-ID."""
    found = (_MESSAGE_ID.search(body) for body in bodies)
    return Counter(one[1].decode() for one in found if one)


def ready(folder: Path, *, now: datetime = NOW, composed: bool = True) -> Path:
    """Return a database with two readers and the listing; their mails wait in it where it is ``composed``."""
    path = folder / "ready.db"
    url = f"sqlite:///{path}"
    subscribe(url, now=now)
    ingest(url, now=now)
    if composed:
        compose(url, now=now)
    return path


def killed_at_every_step(folder: Path, doubt: Doubt, *, every: int = 1, way: Way = PLAIN) -> Tally:
    """Kill a delivery before every n-th SQL statement, commit, SMTP command and body; a later one finishes."""
    tally, waiting, killed, step = Tally(), ready(folder), True, 1
    while killed:
        url = copied(waiting, folder / "killed.db")
        with way.served() as server:
            to = way.to(server.port)

            def work(url: str = url, to: Server = to) -> object:
                return deliver_by_smtp(url, to, doubt, connections=way.connections)

            killed = killed_at(step, work)
            deliver_by_smtp(url, to, doubt, at=NOW + HOUR, evidence=witness(doubt, server, NOW + HOUR))
        tally.judge(url, taken(server.accepted), doubt, f"step {step}")
        step += every
    return tally


def witness(doubt: Doubt, server: ScriptedServer, now: datetime) -> Witness | None:
    """Return the evidence there is under a policy, in a delivery at an instant."""
    server.clock = now
    return Witness(server) if doubt is Doubt.EVIDENCE else None


def killed_before_postfix(folder: Path, postfix: Postfix, *, every: int = 1, connections: int = 1) -> Tally:
    """Kill a delivery to a real Postfix at every n-th step; its log is the evidence, and the judge."""
    now, to = _clock_of(postfix), PLAIN.to(postfix.port)
    tally, listing, killed, step = Tally(), ready(folder, now=now, composed=False), True, 1
    while killed:
        domain = f"step{step}.{folder.name.replace('_', '-')}.example"  # its own Message-IDs in one log
        url = copied(listing, folder / "killed.db")
        compose(url, now=now, domain=domain)

        def work(url: str = url, domain: str = domain) -> object:
            return deliver_by_smtp(url, to, Doubt.EVIDENCE, at=now, domain=domain, connections=connections)

        killed = killed_at(step, work)
        postfix.wait_until_quiet()
        evidence = PostfixLog(postfix.log, domain=domain)
        deliver_by_smtp(url, to, Doubt.EVIDENCE, at=now + HOUR, domain=domain, evidence=evidence)
        postfix.wait_until_quiet()
        tally.judge(url, postfix.accepted(), Doubt.EVIDENCE, f"step {step}")
        step += every
    return tally


def _clock_of(postfix: Postfix) -> datetime:
    first = postfix.started_at()
    return first.replace(microsecond=0) + timedelta(seconds=1)


PHASES = ("banner", "EHLO", "MAIL", "RCPT", "DATA", "body")
PHASES_OF_TLS = ("banner", "EHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", "body")
FAULTS = (
    DROP,
    STALL,
    GARBAGE,
    "421 4.3.2 closing",
    "450 4.2.0 later",
    "452 4.3.1 full",
    "550 5.7.1 no",
    "554 5.0.0 no",
)
LIES = {
    "banner": ("220 here\r\n220 here",),
    "EHLO": ("250 here\r\n250 here",),
    "STARTTLS": ("220 go on\r\n554 no",),
    "AUTH": ("235 welcome\r\n535 no",),
    "MAIL": (UNKNOWN_TOO_SOON, TWICE),
    "RCPT": ("354 go on", TWICE, UNKNOWN_TOO_SOON),
    "DATA": ("250 ok", TAKES_BEFORE_IT_HAS),
    "body": (TAKE_AND_DROP, TAKE_AND_STALL, TWICE, "251 taken", "354 go on", YES_AND_NO, NO_AND_YES),
}
"""What a broken server says besides refusing: it takes a message without a word, answers twice, out of place or too
soon, and says two things at once."""


def faults(way: Way = PLAIN) -> Iterator[tuple[str, str]]:
    """Yield every phase of SMTP with everything that goes wrong in it."""
    for phase in PHASES_OF_TLS if way.is_secure else PHASES:
        yield from ((phase, fault) for fault in (*FAULTS, *LIES.get(phase, ())))


def faulty_server(folder: Path, doubt: Doubt, broken: Iterable[tuple[str, str]], *, way: Way = PLAIN) -> Tally:
    """Deliver to a server that is broken at one phase, until it is mended and all is said."""
    tally, waiting = Tally(), ready(folder)
    for phase, fault in broken:
        url = copied(waiting, folder / "faulty.db")
        with way.served(**{phase: fault}) as server:
            to = way.to(server.port, timeout=0.15)
            for hours in range(10):
                at = NOW + hours * HOUR
                evidence = witness(doubt, server, at)
                deliver_by_smtp(url, to, doubt, at=at, evidence=evidence, connections=way.connections)
                to = way.to(server.port)
                server.script = {}
                if not waiting_in(doubt) & set(states(url)):
                    break
        tally.judge(url, taken(server.accepted), doubt, f"{phase}: {fault}")
    return tally


def waiting_in(doubt: Doubt) -> set[str]:
    """Return the states that a later delivery goes on from."""
    return {"pending", "claimed", "handing", "retry"} | ({"ambiguous"} if doubt is Doubt.EVIDENCE else set())


JUMPS = (timedelta(days=-400), -HOUR, timedelta(minutes=-5), timedelta(minutes=9), timedelta(minutes=11), 30 * HOUR)


def step_in_doubt(folder: Path) -> int:
    """Return the first step of a delivery before which a kill leaves a message in doubt: it was about to leave."""
    waiting = ready(folder)
    for step in count(1):
        url = copied(waiting, folder / "doubtful.db")
        with scripted() as server:
            to = PLAIN.to(server.port)
            killed_at(step, lambda u=url, to=to: deliver_by_smtp(u, to, Doubt.HOLD))  # type: ignore[misc]
        if OutboxState.HANDING in states(url):
            return step
    raise AssertionError("unreachable")


def jumping_clock(folder: Path, doubt: Doubt, steps: Iterable[int], *, way: Way = PLAIN) -> Tally:
    """Kill a delivery at some steps, let the clock jump before the next ones, and let it come back to its senses."""
    tally, waiting = Tally(), ready(folder)
    for step in steps:
        for jump in JUMPS:
            url = copied(waiting, folder / "jumped.db")
            with way.served() as server:
                to, connections = way.to(server.port), way.connections

                def work(url: str = url, to: Server = to, connections: int = connections) -> object:
                    return deliver_by_smtp(url, to, doubt, connections=connections)

                killed_at(step, work)
                for at in (NOW + jump, NOW + jump - timedelta(minutes=3), NOW + max(jump, HOUR) + HOUR):
                    deliver_by_smtp(url, to, doubt, at=at, evidence=witness(doubt, server, at), connections=connections)
            tally.judge(url, taken(server.accepted), doubt, f"step {step}, clock {jump}")
    return tally


def services_at_once(
    make: Callable[[], str], doubt: Doubt, *, readers: int, workers: int = 2, connections: int = 1
) -> Tally:
    """Start several services on one database at the same moment: each ingests, composes and delivers, by threes."""
    url, tally = make(), Tally()
    subscribe(url, readers=tuple(f"reader{n}@example.org" for n in range(readers)))
    with scripted() as server:
        to = PLAIN.to(server.port)
        together(workers, lambda: _service(url, to, doubt, server, connections))
    tally.judge(url, taken(server.accepted), doubt, f"{workers} at once")
    with opened(url) as store:
        lines = [line for row in store.views.outbox(limit=10_000) for line in store.desk.history(row.id)]
    shares = Counter(line.by for line in lines)
    tally.notes += [f"share {share}" for share in shares.values()]
    assert [line.outcome for line in lines] == [OutboxState.SENT] * readers, shares
    return tally


def _service(url: str, to: Server, doubt: Doubt, server: ScriptedServer, connections: int) -> None:
    ingest(url)
    compose(url)
    evidence = witness(doubt, server, NOW)  # of a process of its own, which saw nothing: it would have all sent again
    deliver_by_smtp(url, to, doubt, batch=3, connections=connections, evidence=evidence)
