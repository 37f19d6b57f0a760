"""Digests rendered per second: joined from pieces, beside the plain path, ``python -m bench rendering [READERS]``.

A day of 120 invented papers; each reader gets 20 of them, in an order of their own, in two sections, with highlights
and why-lines of their own: 1 to 3 words of each paper's title and abstract, drawn for every reader and paper. The plain
path renders the same digests whole: Jinja2, css-inline, ``EmailMessage``. Both start from the composed digest and end
with the bytes of the message. Every tenth message of the plain path is compared with the joined one.
"""

from __future__ import annotations

import random
import re
import statistics
import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from bench.invented import World
from digest.links import LinkMaker
from digest.model import (
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
from digest.render import Letterhead, TemplateRenderer

AT = datetime(2026, 11, 20, 7, tzinfo=UTC)
PAPERS, SHOWN, ROUNDS = 120, 20, 5
TEMPLATES = Path(__file__).resolve().parent.parent / "templates"
WORD = re.compile(r"[a-z]{4,}", re.IGNORECASE)


def main(arguments: list[str]) -> None:
    """Print digests per second of both paths and their ratio: a cold round, and the median of five after it."""
    readers = int(arguments[0]) if arguments else 2000
    draw = random.Random(11)
    papers = [paper(n, made) for n, made in enumerate(_made(), 1)]
    renderer = TemplateRenderer(
        [TEMPLATES], LinkMaker(b"k" * 32, base_url="https://digest.example", mail_domain="digest.example"), Letterhead()
    )
    fast, plain = [], []
    for round_ in range(ROUNDS + 1):
        digests = [digest_for(reader, papers, draw) for reader in range(round_ * readers, (round_ + 1) * readers)]
        few = digests[:30]
        joined, whole = rate(renderer.message, digests), rate(renderer.whole, few)
        assert all(renderer.message(d) == renderer.whole(d) for d in few[::10])
        if not round_:
            print(f"cold, pieces made on the way: {joined:,.0f} digests/s")
        else:
            fast.append(joined)
            plain.append(whole)
    size = len(renderer.message(digests[0]).raw) // 1024
    ratio = statistics.median(a / b for a, b in zip(fast, plain, strict=True))
    print(f"{SHOWN} papers a digest, {size} KB a message, {readers} readers a round, each with highlights of their own")
    print(
        f"joined from pieces: {statistics.median(fast):,.0f} digests/s (rounds: {', '.join(f'{r:,.0f}' for r in fast)})"
    )
    print(f"plain path:         {statistics.median(plain):,.1f} digests/s; ratio {ratio:,.0f}")


def rate(render: Callable[[Digest], object], digests: Sequence[Digest]) -> float:
    started = time.process_time()
    for digest in digests:
        render(digest)
    return len(digests) / (time.process_time() - started)


def _made() -> list[Paper]:
    world = World(7)
    return [world.paper() for _ in range(PAPERS)]


def paper(number: int, made: Paper) -> Paper:
    return Paper(
        id=number,
        first_seen_at=AT,
        title=made.title,
        abstract=sentences(made.abstract),
        authors=made.authors,
        categories=made.categories,
        upvotes=made.upvotes,
        comments=3,
        published=date(2026, 11, 19),
        keys=(Key(f"arxiv:2611.{number:05}"),),
        links=(Link(LinkKind.CODE, f"https://github.com/example/{number}"),),
    )


def sentences(text: str) -> str:
    """Cut a text into sentences of about 20 words, as people write."""
    words = text.split()
    cuts = [" ".join(words[n : n + 20]).rstrip(".,").capitalize() + "." for n in range(0, len(words), 20)]
    return " ".join(cuts)


def digest_for(reader: int, papers: Sequence[Paper], draw: random.Random) -> Digest:
    chosen = draw.sample(papers, SHOWN)
    sections = tuple(
        Section(
            subscription=Subscription(
                id=reader * 2 + n,
                subscriber_id=reader,
                query=f"query {reader} {n}",
                name=f"Interest {n} of {reader}",
                due_at=AT,
                due_on=AT.date(),
                created_at=AT,
            ),
            items=tuple(item(p, draw, reader) for p in half),
        )
        for n, half in enumerate((chosen[: SHOWN // 2], chosen[SHOWN // 2 :]))
    )
    return Digest(
        subscriber=Subscriber(id=reader + 1, address=f"reader{reader}@example.org", created_at=AT),
        slot="2026-11-20",
        day=AT.date(),
        composed_at=AT,
        sections=sections,
        scanned=PAPERS,
        next_on=date(2026, 11, 21),
    )


def item(of: Paper, draw: random.Random, reader: int) -> Item:
    words = draw.sample(WORD.findall(of.abstract), draw.randint(1, 3))
    spans = [
        Span(field, found.start(), found.end())
        for field, text in (("abstract", of.abstract), ("title", of.title))
        for found in re.finditer("|".join(rf"\b{word}\b" for word in words), text, re.IGNORECASE)
    ]
    also_in = (f"Interest 9 of {reader}",) if draw.random() < 0.2 else ()
    return Item(
        paper=of,
        kind=EventKind.NEW,
        hit=Hit(score=draw.random(), terms=tuple(words), spans=tuple(spans)),
        also_in=also_in,
    )
