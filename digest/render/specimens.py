"""Invented digests that show every part of a mail: what templates are tried on before they meet a reader."""

from __future__ import annotations

from datetime import UTC, date, datetime

from digest.model import (
    DailyCounts,
    Digest,
    EventKind,
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

_AT = datetime(2026, 11, 20, 7, 0, tzinfo=UTC)
_ABSTRACT = (
    'Tides rise and fall, and "models" of tides mostly ask when; few ask why. It is known, e.g. from buoys, that the '
    "answer depends on the shore. We propose Ebb & Flow, a tidal model that learns the shore first: for every x < y "
    "it moves 3 times less water. Buoys were read every minute over a year, at a cost that nobody has reckoned yet, "
    "and kept. On the coast of Brittany it is right 97% of the time. Code is there for everybody who likes the sea."
)


def _item(number: int, kind: EventKind = EventKind.NEW, score: float = 2.5, also_in: tuple[str, ...] = ()) -> Item:
    title = f"Ebb & Flow {number}: Why <Tides> Rise, a “Model” of Shores"
    is_rich = number % 2 == 1
    tidal = _ABSTRACT.index("tidal")
    return Item(
        paper=Paper(
            id=number,
            first_seen_at=_AT,
            title=title,
            abstract=_ABSTRACT if is_rich else "We ask why.",
            authors=tuple(f"Maël{chr(160)}Le Goff {n}" for n in range(number * 2)) if is_rich else (),
            author_count=None if is_rich else 3,
            published=date(2026, 11, 19),
            upvotes=112 if is_rich else None,
            comments=4 if is_rich else None,
            keys=(Key("arxiv:2611.90001"), Key("doi:10.1000/tides")) if is_rich else (),
            links=(Link(LinkKind.CODE, "https://example.org/ebb?a=1&b=2"),),
            categories=("cs.LG", "physics.ao-ph"),
            summary="It asks why tides rise." if is_rich else None,
        ),
        kind=kind,
        hit=Hit(
            score=score,
            terms=("tid*", '"model of shores"') if is_rich else (),
            spans=(Span("abstract", tidal, tidal + 11), Span("title", 0, 4), Span("title", 18, 24)) if is_rich else (),
        ),
        also_in=also_in,
        note="" if kind is EventKind.NEW else "version 2: abstract changed",
    )


def _section(number: int, *items: Item, name: str = "", left_out: tuple[Item, ...] = ()) -> Section:
    asked = Subscription(
        id=number,
        subscriber_id=1,
        query='tid* "model of shores"',
        name=name,
        due_at=_AT,
        due_on=_AT.date(),
        created_at=_AT,
        history=DailyCounts(_AT.date(), (*range(29), 1 + len(items))) if name else None,
    )
    return Section(subscription=asked, items=items, left_out=left_out)


def _digest(
    number: int, *sections: Section, updates: tuple[Item, ...] = (), updates_left_out: tuple[Item, ...] = ()
) -> Digest:
    return Digest(
        subscriber=Subscriber(id=number, address=f"reader{number}@example.org", created_at=_AT),
        slot="2026-11-20",
        day=date(2026, 11, 20),
        composed_at=_AT,
        sections=sections,
        updates=updates,
        updates_left_out=updates_left_out,
        scanned=41 + number,
        next_on=date(2026, 11, 21) if number % 2 else None,
        notes=() if number % 2 else ("arXiv: holiday",),
    )


SPECIMENS = (
    _digest(
        1,
        _section(1, _item(1, also_in=("Shores & Seas",)), _item(2), name="Tides <& more>", left_out=(_item(3),)),
        _section(2, _item(5)),
        updates=(_item(7, EventKind.REVISED), _item(8, EventKind.WITHDRAWN), _item(9, EventKind.HOT)),
        updates_left_out=(_item(10, EventKind.REVISED),),
    ),
    _digest(2, _section(1, _item(1, score=9.0), _item(11, also_in=("a very long name " * 6,)))),
    _digest(3),
)
"""A full digest, one with another reader's scores, and an empty one."""
