"""The connections of a delivery: one that a relay will not have gives way to the others; with the last it is down.

Many relays take only so many connections of one client and say 421 to the next; that is no reason for mail to wait as
long as one connection works, be it of this process or of another.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import Enum, auto
from threading import Lock

from digest.errors import AddressRefused, DeliveryDoubt, DigestError, RelayDown, RelayFault, RetryLater
from digest.model import ChannelName
from digest.pipeline.outcomes import RELAY_PAUSE, nobody

PATIENCE = 5
"""After so many faults of the relay in a row, and nothing taken between them, a connection is of no use: else each of
thousands of messages would wait for the same silence, end in doubt, or fail as the relay will have no mail of ours."""


class Fate(Enum):
    """What becomes of a connection, and of the message with which that was found."""

    GOES_ON = auto()
    """It can be used."""
    GIVES_WAY = auto()
    """It could not be used, so others get the message; if it is of no use, it ends."""
    DOWN = auto()
    """It is of no use and was the last: so is the channel, for now. It stays to look after other channels."""


class Connections:
    """What the connections of one delivery know of one another; for all their threads.

    ``gives_way`` says whether another process looks after the messages for a relay (its name) once this one has no
    connection left. ``down`` says of the channels that cannot be used until when; ``reason`` is why the first
    connection ended.
    """

    def __init__(self, number: int, gives_way: Callable[[str], bool]) -> None:
        self.number = number
        self.down: dict[ChannelName, datetime] = {}
        self.refused = 0
        self.reason = ""
        self.has_given_way = False
        self._gives_way = gives_way
        self._counting = Lock()

    def down_until(self, channel: ChannelName, now: datetime) -> datetime | None:
        """Return until when a channel cannot be used; then it is tried again, however long the delivery takes."""
        until = self.down.get(channel)
        return until if until is not None and now < until else None

    def ended(self, channel: ChannelName, relay: str, error: DigestError, now: datetime) -> Fate:
        """Note that a connection is of no use."""
        with self._counting:
            self.refused += 1
            self.reason = self.reason or nobody(error)
            is_last = self.refused >= self.number
        if not is_last:
            return Fate.GIVES_WAY
        if self._gives_way(relay):
            self.has_given_way = True
            return Fate.GIVES_WAY
        return self.shut(channel, now)

    def shut(self, channel: ChannelName, now: datetime) -> Fate:
        """Note that a channel cannot be used for a while."""
        self.down[channel] = now + RELAY_PAUSE
        return Fate.DOWN


class Connection:
    """One connection, for one thread at a time; ``is_over`` once it has given way."""

    def __init__(self, others: Connections) -> None:
        self.others = others
        self.is_over = False
        self._faults = 0
        self._has_worked = False

    def went_well(self) -> None:
        """Note that a message was taken."""
        self._faults = 0
        self._has_worked = True

    def failed(self, channel: ChannelName, relay: str, error: DigestError, now: datetime, *, is_shared: bool) -> Fate:
        """Return what an error means for the connection; ``is_shared``: all use the same, a folder, which is down.

        One that has worked is tried once more: a server that takes just so many may not have noticed yet that the one
        before, which had its fifty messages, was closed.
        """
        self._faults = self._faults + 1 if is_fault(error) else 0
        if not isinstance(error, RelayDown) and self._faults < PATIENCE:
            return Fate.GOES_ON
        if is_shared:
            return self.others.shut(channel, now)
        if self._has_worked and isinstance(error, RelayDown):
            self._has_worked = False
            return Fate.GIVES_WAY
        fate = self.others.ended(channel, relay, error, now)
        self.is_over = fate is Fate.GIVES_WAY
        return fate


def is_fault(error: DigestError) -> bool:
    """Return whether an error may well be the relay's, and is not of a recipient or a domain."""
    match error:
        case RetryLater(code=None) | RelayFault(of_domain=False) | DeliveryDoubt() | RelayDown():
            return True
        case AddressRefused(of_relay=of_relay):
            return of_relay
    return False
