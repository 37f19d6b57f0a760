"""What a reader sees: span, hit, item, section, digest, feed entry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import chain
from typing import NamedTuple

from digest.model.papers import EventKind, Paper
from digest.model.readers import Subscriber, Subscription


class Span(NamedTuple):
    """A matched stretch of ``field`` ("title", "abstract", "authors") as shown: code points [start, end)."""

    field: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A paper that a query matched: how well, on which words of the query, and where.

    ``terms`` are the leaves of the query that matched, as the user wrote them; ``spans`` do not overlap and are in
    order of field and start.
    """

    score: float = 0.0
    terms: tuple[str, ...] = ()
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A paper's place in a digest.

    ``hit`` is that of the section it stands in; ``also_in`` names the reader's other subscriptions that match it.
    ``note`` is the event's note, or "looks like …" for an unsure paper.
    """

    paper: Paper
    kind: EventKind
    hit: Hit
    also_in: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One subscription's part of a digest: the papers shown, in order, and those the cap left out."""

    subscription: Subscription
    items: tuple[Item, ...] = ()
    left_out: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """What one subscriber gets for one slot.

    ``slot`` names the occasion and makes it unique: the local date (``2026-11-21``), with ``.N`` (N = the last event
    id) behind it for at-once digests. ``day`` is that local date. ``scanned`` counts the events that were looked at,
    ``next_on`` is the day of the next digest, if one is planned. ``updates`` holds revised, withdrawn and hot papers,
    ``updates_left_out`` those beyond their cap.
    """

    subscriber: Subscriber
    slot: str
    day: date
    composed_at: datetime
    sections: tuple[Section, ...] = ()
    updates: tuple[Item, ...] = ()
    updates_left_out: tuple[Item, ...] = ()
    scanned: int = 0
    next_on: date | None = None
    notes: tuple[str, ...] = ()

    @property
    def items(self) -> tuple[Item, ...]:
        """Return every item that is shown, in the order in which a reader meets them."""
        return tuple(item for section in self.sections for item in section.items) + self.updates

    @property
    def all_items(self) -> tuple[Item, ...]:
        """Return every item, those included that a cap left out."""
        parts = [part for section in self.sections for part in (section.items, section.left_out)]
        return tuple(chain(*parts, self.updates, self.updates_left_out))

    @property
    def is_empty(self) -> bool:
        """Return whether there is nothing to tell."""
        return not self.updates and not any(section.items for section in self.sections)


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """The addresses a digest carries, all absolute; "" where there is no web server to answer them."""

    home: str = ""
    archive: str = ""
    manage: str = ""
    unsubscribe: str = ""
    unsubscribe_mailto: str = ""
    bounces: str = ""
    feed_rss: str = ""
    feed_atom: str = ""
    feed_json: str = ""


class FeedFormat(StrEnum):
    """The three kinds of feed; the value is the file's ending."""

    RSS = "rss"
    ATOM = "atom"
    JSON = "json"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedEntry:
    """One item of a subscriber's feed: the digest item, when it was delivered, and under which subscription."""

    item: Item
    section: str
    subscription_id: int
    delivered_at: datetime
    slot: str


class Scored(NamedTuple):
    """A paper a query matched: its place in the sequence that was matched, and the score."""

    position: int
    score: float
