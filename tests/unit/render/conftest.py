"""A digest to render, rich enough to show every part, and the renderer over the shipped templates."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from digest.links import LinkMaker
from digest.model import (
    Digest,
    EventKind,
    FeedEntry,
    Hit,
    Item,
    Key,
    Link,
    LinkKind,
    Paper,
    Section,
    Span,
    Subscriber,
    Subscription,
)
from digest.render import Letterhead, TemplateRenderer

TEMPLATES = Path(__file__).resolve().parents[3] / "templates"
NOW = datetime(2026, 11, 20, 7, 30, tzinfo=UTC)
ADA = Subscriber(id=35, address="ada@example.org", created_at=NOW)
LETTERHEAD = Letterhead(from_name="Papers", from_address="papers@digest.example", domain="digest.example")

ABSTRACT = (
    "State space models read a sequence at the pace at which it is given. Language, however, has long stretches in "
    "which little happens. Slow Rivers gives each channel of a Mamba block a clock of its own. We show that the clocks "
    "stop in quoted code, e.g. Python. With 1.3 billion parameters, it needs 23% less & keeps its recall <intact>."
)


def paper(key: int = 7, **facts: object) -> Paper:
    known: dict[str, object] = {
        "title": "Slow Rivers: State Space Models with γ & <Clocks>",
        "abstract": ABSTRACT,
        "authors": ("Ilse Vanterpool", "Kenji Abiodun", "Marit Solheim"),
        "published": date(2026, 11, 18),
        "upvotes": 1143,
        "comments": 1,
        "keys": (Key("arxiv:2611.90034"),),
        "links": (Link(LinkKind.CODE, "https://github.com/example/slow-rivers"),),
        "categories": ("cs.LG",),
        "summary": "Gives Mamba a clock.",
    }
    return Paper(id=key, first_seen_at=NOW, **(known | facts))  # type: ignore[arg-type]


def item(of: Paper, *, kind: EventKind = EventKind.NEW, note: str = "", also_in: tuple[str, ...] = ()) -> Item:
    at = of.abstract.find("Mamba")
    spans = (Span("abstract", at, at + 5),) if at >= 0 else ()
    return Item(paper=of, kind=kind, hit=Hit(score=2.5, terms=("mamba",), spans=spans), note=note, also_in=also_in)


def section(key: int, query: str, *items: Item, name: str = "", left_out: tuple[Item, ...] = ()) -> Section:
    asked = Subscription(
        id=key, subscriber_id=35, query=query, name=name, due_at=NOW, due_on=NOW.date(), created_at=NOW
    )
    return Section(subscription=asked, items=items, left_out=left_out)


def digest(*sections: Section, updates: tuple[Item, ...] = (), subscriber: Subscriber = ADA) -> Digest:
    return Digest(
        subscriber=subscriber,
        slot="2026-11-20",
        day=date(2026, 11, 20),
        composed_at=NOW,
        sections=sections,
        updates=updates,
        scanned=41,
        next_on=date(2026, 11, 21),
    )


@pytest.fixture
def rich() -> Digest:
    """Return a digest with two sections, papers left out and updates."""
    unnamed = paper(8, title="Map Once, Drive Twice", authors=(), author_count=3, keys=(), links=(), summary=None)
    return digest(
        section(1, 'mamba OR "state space model"', item(paper(), also_in=("Clocks",)), name="State space models"),
        section(2, "driv*", item(unnamed), left_out=(item(paper(9, title="One that the cap left out")),)),
        updates=(item(paper(10, title="Known Before"), kind=EventKind.REVISED, note="version 2: abstract changed"),),
    )


@pytest.fixture
def links() -> LinkMaker:
    """Return the links of an installation with a web server."""
    return LinkMaker(b"k" * 32, base_url="https://digest.example/", mail_domain="digest.example")


@pytest.fixture
def renderer(links: LinkMaker) -> TemplateRenderer:
    """Return the renderer over the shipped templates."""
    return TemplateRenderer([TEMPLATES], links, LETTERHEAD)


def entries(of: Digest) -> list[FeedEntry]:
    return [
        FeedEntry(
            item=shown,
            section=part.subscription.title,
            subscription_id=part.subscription.id,
            delivered_at=of.composed_at,
            slot=of.slot,
        )
        for part in of.sections
        for shown in (*part.items, *part.left_out)
    ]
