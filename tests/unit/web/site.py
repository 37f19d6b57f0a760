"""A small site: two readers, two papers, feeds and pages as plain text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from digest.links import LinkMaker
from digest.model import (
    Digest,
    EventKind,
    FeedEntry,
    FeedFormat,
    Hit,
    Item,
    Message,
    OutboxRow,
    Paper,
    Subscriber,
    Subscription,
)
from digest.web import Health, Site

T0 = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SLOT = "2026-03-02"
TEMPLATES = Path(__file__).resolve().parents[3] / "templates"

ADA = Subscriber(id=1, address="ada@example.org", feed_generation=3, created_at=T0)
BOB = Subscriber(id=2, address="bob@example.org", created_at=T0)


def paper(number: int, title: str) -> Paper:
    """Return an invented paper."""
    return Paper(id=number, title=title, first_seen_at=T0)


def entry(number: int, title: str, *, at: datetime = T0, subscription_id: int = 10) -> FeedEntry:
    """Return a feed entry of an invented paper."""
    item = Item(paper=paper(number, title), kind=EventKind.NEW, hit=Hit())
    return FeedEntry(item=item, section="x", subscription_id=subscription_id, delivered_at=at, slot="2026-03-02")


class People:
    """The subscribers, in a dictionary. ``ports.Subscribers``."""

    def __init__(self, *subscribers: Subscriber) -> None:
        self.by_id = {subscriber.id: subscriber for subscriber in subscribers}
        self.updates = 0

    def subscribe(self, subscriber: Subscriber, subscriptions: Sequence[Subscription]) -> Sequence[Subscription]:
        """Not used by pages."""
        raise NotImplementedError

    def find(self, address: str) -> Subscriber | None:
        """Return the subscriber of an address."""
        return next((person for person in self.by_id.values() if person.address == address), None)

    def get(self, subscriber_id: int) -> Subscriber | None:
        """Return a subscriber by id."""
        return self.by_id.get(subscriber_id)

    def subscriptions(self, subscriber_id: int | None = None) -> Iterable[tuple[Subscriber, Subscription]]:
        """Return none."""
        return ()

    def update(self, subscription: Subscription) -> None:
        """Not used by pages."""
        raise NotImplementedError

    def update_subscriber(self, subscriber: Subscriber) -> None:
        """Keep a changed subscriber and count the changes."""
        self.by_id[subscriber.id] = subscriber
        self.updates += 1

    def remove(self, subscription_id: int) -> bool:
        """Not used by pages."""
        raise NotImplementedError


@dataclass
class Delivered:
    """What was delivered, in lists. ``ports.Views``."""

    entries: dict[int, list[FeedEntry]] = field(default_factory=dict)
    digests: dict[tuple[int, str], Digest] = field(default_factory=dict)

    def feed(self, subscriber_id: int, *, subscription_id: int | None = None, limit: int) -> Sequence[FeedEntry]:
        """Return the entries of a subscriber."""
        entries = self.entries.get(subscriber_id, [])
        return [e for e in entries if subscription_id in {None, e.subscription_id}][:limit]

    def digest_of(self, subscriber_id: int, slot: str) -> Digest | None:
        """Return the digest of a slot."""
        return self.digests.get((subscriber_id, slot))

    def outbox(self, *, subscriber_id: int | None = None, limit: int = 100) -> Sequence[OutboxRow]:
        """Return nothing."""
        return ()

    def counts(self) -> dict[str, int]:
        """Return nothing."""
        return {}


class PlainRenderer:
    """Renders titles, a line each, and counts how often. ``ports.Renderer``."""

    def __init__(self) -> None:
        self.rendered = 0

    def message(self, digest: Digest) -> Message:
        """Not used by pages."""
        raise NotImplementedError

    def feed(self, subscriber: Subscriber, entries: Sequence[FeedEntry], feed_format: FeedFormat) -> bytes:
        """Return the titles."""
        self.rendered += 1
        return "\n".join([feed_format, subscriber.address, *(e.item.paper.title for e in entries)]).encode()

    def markdown(self, digest: Digest) -> str:
        """Say what it is."""
        return f"digest of {digest.day}"

    def page(self, digest: Digest) -> str:
        """Return a page with a style of its own."""
        return f"<!doctype html><title>{digest.slot}</title><style>p{{color:red}}</style><p>for {digest.subscriber.id}"


LINKS = LinkMaker(b"k" * 32, base_url="https://digest.example.org", mail_domain="example.org")


def address(purpose: str, subscriber: Subscriber, ending: str = "") -> str:
    """Return the path of a link."""
    folder = {"feed": "feeds", f"archive:{SLOT}": "d"}.get(purpose, purpose)
    return f"/{folder}/{LINKS.token(purpose, subscriber)}{ending}"


class NoWishes:
    """Nobody changes anything. ``manage.Wishes``."""

    def change(self, subscriber: Subscriber, subscription: Subscription) -> None:
        """Not used by these pages."""
        raise NotImplementedError

    def pause(self, subscriber: Subscriber, subscription: Subscription, *, paused: bool) -> None:
        """Not used by these pages."""
        raise NotImplementedError

    def change_person(self, subscriber: Subscriber) -> None:
        """Not used by these pages."""
        raise NotImplementedError


@dataclass
class World:
    """A site and the parts that tests turn."""

    people: People
    delivered: Delivered
    renderer: PlainRenderer
    site: Site
    health: list[Health]


def world() -> World:
    """Return Ada with two papers and a digest, Bob with nothing."""
    people, renderer, health = People(ADA, BOB), PlainRenderer(), [Health(well=True, word="12 ticks")]
    digest = Digest(subscriber=ADA, slot="2026-03-02", day=date(2026, 3, 2), composed_at=T0)
    delivered = Delivered(
        {1: [entry(2, "Later", subscription_id=11), entry(1, "Earlier")]}, {(1, "2026-03-02"): digest}
    )
    site = Site(
        subscribers=people,
        views=delivered,
        renderer=renderer,
        links=LINKS,
        clock=lambda: T0,
        health=lambda: health[0],
        wishes=NoWishes(),
        templates=(TEMPLATES,),
    )
    return World(people, delivered, renderer, site, health)
