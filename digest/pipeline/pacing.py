"""How fast mail goes to one domain: a token bucket, and a breaker that opens while the domain refuses everybody.

The bucket is the generic cell rate algorithm (ITU-T I.371, annex A): all that is kept is the instant at which the
bucket would be full again. The breaker opens after so many temporary or policy refusals in a row and lets one message
through after each pause, which grows until one is taken. Nobody is charged a try for waiting here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Lock

from digest.errors import AddressRefused, DigestError, RelayFault, RetryLater

FIRST_PAUSE = timedelta(minutes=10)
LONGEST_PAUSE = timedelta(hours=2)
LONGEST_QUEUE = timedelta(hours=6)
"""A message is never told to come back later than this; it then asks again."""
MOST_DOMAINS = 10_000
"""Domains that are remembered; of more, those in no trouble are forgotten."""

_OF_THE_MAILBOX = frozenset({"4.2.0", "4.2.1", "4.2.2", "4.7.1", "5.2.2"})
"""Full, disabled or greylisted: that says nothing of the domain's other mailboxes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """At most ``a_minute`` messages a minute to a domain, ``burst`` at once; pause after ``failures`` in a row.

    0 is no limit: of the rate, or of the failures. All three are shared out among so many ``sharers``, which know
    nothing of one another.
    """

    a_minute: int = 0
    burst: int = 10
    failures: int = 20
    sharers: int = 1

    @property
    def interval(self) -> timedelta:
        """Return the time that one message takes of the bucket."""
        return timedelta(minutes=self.sharers) / self.a_minute if self.a_minute else timedelta()

    @property
    def size(self) -> int:
        """Return how many messages the bucket holds."""
        return max(self.burst // self.sharers, 1)

    @property
    def patience(self) -> int:
        """Return after how many failures in a row the breaker opens; 0: it never does."""
        return max(self.failures // self.sharers, 1) if self.failures else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainState:
    """What is remembered of a domain.

    ``full_at`` is when its bucket is full again, ``queued_until`` the last place given to a message that waits,
    ``failures`` how many came in a row, ``open_until`` when the breaker lets the next one try (``None``: it is
    closed), ``pause`` how long it was last open, ``is_trying`` whether one has been let through since.
    """

    full_at: datetime
    queued_until: datetime
    failures: int = 0
    open_until: datetime | None = None
    pause: timedelta = timedelta()
    is_trying: bool = False


def fresh(now: datetime) -> DomainState:
    """Return the state of a domain nothing is known of."""
    return DomainState(full_at=now, queued_until=now)


def ask(state: DomainState, pace: Pace, now: datetime) -> tuple[DomainState, timedelta]:
    """Return the state after a message asked to leave, and how long it must wait: nothing, and it has its token."""
    if state.open_until is not None and now < state.open_until:
        return state, state.open_until - now
    allowed_at = max(state.full_at, now) + pace.interval - pace.interval * pace.size
    if pace.a_minute and now < allowed_at:
        place = min(max(state.queued_until + pace.interval, allowed_at), now + LONGEST_QUEUE)
        return replace(state, queued_until=place), place - now
    taken = replace(state, full_at=max(state.full_at, now) + pace.interval)
    # the one that tries an open breaker keeps it shut for the others until it is heard of
    if state.open_until is not None:
        taken = replace(taken, open_until=now + state.pause, is_trying=True)
    return taken, timedelta()


def untaken(state: DomainState, pace: Pace, now: datetime) -> DomainState:
    """Return the state after a message that was let through could not even try: another one may."""
    given = replace(state, full_at=state.full_at - pace.interval)
    return replace(given, open_until=now, is_trying=False) if state.is_trying else given


def heard(state: DomainState, pace: Pace, now: datetime, *, well: bool) -> DomainState:
    """Return the state after a message was taken (``well``) or refused for a reason that is the domain's."""
    if well:
        return replace(state, failures=0, open_until=None, pause=timedelta(), is_trying=False)
    failures = state.failures + 1
    if not pace.patience or failures < pace.patience:
        return replace(state, failures=failures)
    pause = min(state.pause * 2, LONGEST_PAUSE) if state.pause else FIRST_PAUSE
    if state.open_until is not None and not state.is_trying:
        return replace(state, failures=failures)  # it was on its way when the breaker opened
    return replace(state, failures=failures, open_until=now + pause, pause=pause, is_trying=False)


def is_of_the_domain(error: DigestError) -> bool:
    """Return whether a refusal says something of the domain: not of the relay, one mailbox, or an unknown address."""
    match error:
        case RelayFault(of_domain=False):
            return False
        case RetryLater(code=code, enhanced=enhanced):
            return code is not None and code not in {450, 552} and enhanced not in _OF_THE_MAILBOX
        case AddressRefused(suppress=False, enhanced=enhanced):
            return enhanced.startswith("5.7.")
    return False


class Pacing:
    """The states of all domains, for several threads."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._states: dict[str, DomainState] = {}
        self._lock = Lock()

    def wait(self, recipient: str, now: datetime) -> timedelta:
        """Return how long a message to this address must wait; nothing: it may leave now, and is counted."""
        domain = _domain(recipient)
        with self._lock:
            self._states[domain], wait = ask(self._state(domain, now), self._pace, now)
        return wait

    def untried(self, recipient: str, now: datetime) -> None:
        """Note that a message that was let through could not be handed to anybody."""
        domain = _domain(recipient)
        with self._lock:
            self._states[domain] = untaken(self._state(domain, now), self._pace, now)

    def went_well(self, recipient: str, now: datetime) -> None:
        """Note that a message was taken."""
        self._hear(recipient, now, well=True)

    def failed(self, recipient: str, error: DigestError, now: datetime) -> None:
        """Note that a message was refused, where that says something of the domain."""
        if is_of_the_domain(error):
            self._hear(recipient, now, well=False)

    def states(self) -> Mapping[str, DomainState]:
        """Return what is remembered, by domain."""
        with self._lock:
            return dict(self._states)

    def _hear(self, recipient: str, now: datetime, *, well: bool) -> None:
        domain = _domain(recipient)
        with self._lock:
            self._states[domain] = heard(self._state(domain, now), self._pace, now, well=well)

    def _state(self, domain: str, now: datetime) -> DomainState:
        if domain not in self._states and len(self._states) >= MOST_DOMAINS:
            in_trouble = {name: s for name, s in self._states.items() if s.failures or s.full_at > now}
            self._states = in_trouble if len(in_trouble) < MOST_DOMAINS else {}
        return self._states.get(domain) or fresh(now)


def _domain(recipient: str) -> str:
    return recipient.rpartition("@")[2].lower()
