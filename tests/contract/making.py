"""Nouns to try stores with: invented papers, readers, digests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from digest.model import (
    Composed,
    Digest,
    Document,
    Due,
    EventKind,
    FeedEntry,
    FeedFormat,
    Hit,
    Item,
    Listing,
    Message,
    NextDue,
    Paper,
    Section,
    Settings,
    Sighting,
    Span,
    Subscriber,
    Subscription,
)
from digest.pipeline.ingest import Judged, ingest_listing
from digest.store import SqlStore

NOW = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)
TOMORROW = NOW + timedelta(days=1)
_numbers = count(1)


def sighting(title: str, **facts: Any) -> Sighting:
    """Return a sighting of a paper with an abstract of its own."""
    return Sighting(**{"title": title, "abstract": f"We study {title} at length.", "where": "line 1"} | facts)


def listing(*sightings: Sighting, source: str = "files", name: str = "day.txt", body: bytes = b"") -> Listing:
    """Return a listing of sightings; its bytes are unique unless given."""
    document = Document(source=source, name=name, body=body or f"document {next(_numbers)}".encode())
    return Listing(document=document, format="cards", listed_on=date(2026, 11, 20), sightings=sightings)


def ingest(store: SqlStore, *sightings: Sighting, now: datetime = NOW, **of: Any) -> list[Paper]:
    """Ingest sightings as one listing; return the papers they are of."""
    return [judged.paper for judged in judge(store, *sightings, now=now, **of)]


def judge(store: SqlStore, *sightings: Sighting, now: datetime = NOW, **of: Any) -> tuple[Judged, ...]:
    """Ingest sightings as one listing; return what was said of them."""
    return ingest_listing(listing(*sightings, **of), store.papers, now)


def subscriber(address: str = "ada@example.org", **facts: Any) -> Subscriber:
    """Return a reader who is not stored yet."""
    given: dict[str, Any] = {"id": 0, "address": address, "created_at": NOW}
    return Subscriber(**given | facts)


def subscription(query: str = "*", **facts: Any) -> Subscription:
    """Return a saved query that is not stored yet and due at ``NOW``."""
    given: dict[str, Any] = {"id": 0, "subscriber_id": 0, "due_at": NOW, "due_on": NOW.date(), "created_at": NOW}
    return Subscription(query=query, **given | facts)


def subscribe(store: SqlStore, address: str = "ada@example.org", *queries: str, **settings: Any) -> list[Subscription]:
    """Store a reader with saved queries that are due at ``NOW``; ``*`` alone where none is given."""
    wanted = [subscription(query, settings=Settings(**settings)) for query in queries or ("*",)]
    return list(store.subscribers.subscribe(subscriber(address), wanted))


def digest_for(due: Due, papers: Sequence[Paper], *, slot: str = "2026-11-20", now: datetime = NOW) -> Digest:
    """Compose papers as new ones under the first of the due subscriptions."""
    items = tuple(
        Item(
            paper=paper,
            kind=EventKind.NEW,
            hit=Hit(score=1.25, terms=("study",), spans=(Span("abstract", 3, 8),)),
            also_in=("another",),
            note="",
        )
        for paper in papers
    )
    section = Section(subscription=due.subscriptions[0], items=items[:2], left_out=items[2:])
    return Digest(
        subscriber=due.subscriber,
        slot=slot,
        day=date(2026, 11, 20),
        composed_at=now,
        sections=(section,),
        updates_left_out=tuple(replace(one, kind=EventKind.REVISED, note="version 2") for one in items[2:]),
        scanned=7,
        next_on=date(2026, 11, 21),
        notes=("arXiv: holiday",),
    )


def composed(due: Due, papers: Sequence[Paper] = (), *, cursor: int = 1, **digest: Any) -> Composed:
    """Return what a composer would commit for one due subscriber: due again tomorrow."""
    made = digest_for(due, papers, **digest) if papers else None
    return Composed(
        due=due,
        cursor=cursor,
        next_due={s.id: NextDue(at=TOMORROW, on=TOMORROW.date()) for s in due.subscriptions},
        digest=made,
        message=message_for(made) if made else None,
    )


def message_for(digest: Digest) -> Message:
    """Return a small message for a digest."""
    return Message(
        message_id=f"<{digest.subscriber.id}.{digest.slot}@digest.example>",
        sender="bounce@digest.example",
        recipient=digest.subscriber.address,
        subject="Papers",
        raw=f"digest {digest.slot}\r\n".encode(),
    )


class PlainRenderer:
    """``ports.Renderer`` without templates."""

    def message(self, digest: Digest) -> Message:
        """Return a small message."""
        return message_for(digest)

    def feed(self, subscriber: Subscriber, entries: Sequence[FeedEntry], feed_format: FeedFormat) -> bytes:
        """Return a feed that is none."""
        return b""

    def page(self, digest: Digest) -> str:
        """Return a page that is none."""
        return ""
