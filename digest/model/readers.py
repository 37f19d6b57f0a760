"""Who wants what: subscriber, subscription and its settings."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from typing import NamedTuple


class Cadence(StrEnum):
    """How often a subscription is due."""

    DAILY = "daily"
    WEEKDAYS = "weekdays"
    WEEKLY = "weekly"
    AT_ONCE = "at-once"


class Order(StrEnum):
    """How the papers of a section are ordered."""

    RELEVANCE = "relevance"
    NEWEST = "newest"
    UPVOTES = "upvotes"


class ChannelName(StrEnum):
    """How a subscriber's messages leave; ``NONE`` reads the feeds only."""

    EMAIL = "email"
    FOLDER = "folder"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The choices of one subscription.

    ``weekdays`` (Monday = 0) narrows WEEKLY and WEEKDAYS; empty means Monday, and Monday to Friday.
    ``empty_digest`` sends a short "nothing today" digest; ``events`` adds revisions, withdrawals and hot papers.
    """

    cadence: Cadence = Cadence.DAILY
    weekdays: tuple[int, ...] = ()
    max_papers: int = 20
    min_score: float = 0.0
    order: Order = Order.RELEVANCE
    empty_digest: bool = False
    events: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """A person's address and when their day begins.

    ``send_at`` is the local time of day in ``timezone`` (an IANA name) at which digests are due. ``feed_generation``
    goes up when the subscriber resets the address of their feeds. ``suppressed`` says in words why no mail goes to
    the address any more ("" = mail is fine); the feeds go on.
    """

    id: int
    address: str
    channel: ChannelName = ChannelName.EMAIL
    timezone: str = "UTC"
    send_at: time = time(7, 0)
    feed_generation: int = 0
    suppressed: str = ""
    created_at: datetime


class DailyCounts(NamedTuple):
    """How many new papers a query matched on each of so many local days; the last one is ``until``."""

    until: date
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """One saved query of a subscriber.

    ``cursor`` is the id of the last event it has been compared with; ``due_at``/``due_on`` the instant and the local
    date of its next digest (across a DST change
    the one does not follow from the other, so both are kept). ``history`` tells of the last 30 days as of the last
    time it was due, ``None`` before the first.
    """

    id: int
    subscriber_id: int
    query: str
    name: str = ""
    settings: Settings = field(default_factory=Settings)
    paused: bool = False
    cursor: int = 0
    due_at: datetime
    due_on: date
    created_at: datetime
    history: DailyCounts | None = None

    @property
    def title(self) -> str:
        """Return what the reader sees as the section's heading: the given name, or the query itself."""
        return self.name or self.query


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A subscriber with those of their subscriptions whose time has come."""

    subscriber: Subscriber
    subscriptions: tuple[Subscription, ...]
