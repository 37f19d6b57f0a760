"""Digests rendered per second: joined from pieces and whole, ``python -m bench rendering [READERS] [DRAW] [--memory]``.

A day of 120 invented papers, 20 of them in each reader's digest, highlights and why-lines of the reader's own. Two
draws of them:

``queries``: every reader has saved queries as ``bench.matching`` draws them (Zipf's frequencies), one section each,
until 20 papers matched; hits, spans and terms are the matcher's, the ten best of a query are shown.
``words``: nobody shares anything on purpose: 1 to 3 words of each paper's title and abstract, drawn anew for every
reader and paper, in two sections of ten.

The plain path renders the same digests whole: Jinja2, css-inline, ``EmailMessage``. Both start from the composed digest
and end with the bytes of the message. Every tenth message of the plain path is compared with the joined one. Each round
has new readers. ``--memory`` renders 100,000 digests of each draw and prints what the process holds on its way.
"""

from __future__ import annotations

import gc
import random
import re
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from functools import cache
from itertools import count, islice
from pathlib import Path

from bench.invented import World
from digest.app.collecting import rarely_collected
from digest.links import LinkMaker
from digest.matcher import BulkMatcher
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
PAPERS, SHOWN, ROUNDS, BEST = 120, 20, 5, 10
QUERIES = 4_000
"""Queries matched together."""
TEMPLATES = Path(__file__).resolve().parent.parent / "templates"
WORD = re.compile(r"[a-z]{4,}", re.IGNORECASE)


def main(arguments: list[str]) -> None:
    """Print for each draw the digests per second of both paths and their ratio, a cold round before the others."""
    readers = next((int(argument) for argument in arguments if argument.isdigit()), 1000)
    world = World(7)
    papers = [paper(n, world.paper()) for n in range(1, PAPERS + 1)]
    draws = {"queries": by_queries(papers, world), "words": by_words(papers)}
    with rarely_collected():  # as mail is delivered
        for name in [name for name in draws if name in arguments] or draws:
            if "--memory" in arguments:
                memory(name, draws[name])
            else:
                print(name)
                compare(draws[name], readers)


def new_renderer() -> TemplateRenderer:
    links = LinkMaker(b"k" * 32, base_url="https://digest.example", mail_domain="digest.example")
    return TemplateRenderer([TEMPLATES], links, Letterhead())


def compare(draw: Iterator[Digest], readers: int) -> None:
    renderer = new_renderer()
    fast, plain, again = [], [], []
    for round_ in range(ROUNDS + 1):
        digests = list(islice(draw, readers))
        few = digests[:40]
        gc.collect()
        whole, joined = [rate(renderer.whole, few[:20])], rate(renderer.message, digests)
        whole.append(rate(renderer.whole, few[20:]))
        assert all(renderer.message(d) == renderer.whole(d) for d in few[::10])
        if not round_:
            print(f"  cold, pieces made on the way: {joined:,.0f} digests/s")
        else:
            fast.append(joined)
            plain.append(statistics.mean(whole))
            again.append(rate(renderer.message, digests))
    size = statistics.median(len(renderer.message(d).raw) for d in few) / 1024
    ratio = statistics.median(a / b for a, b in zip(fast, plain, strict=True))
    print(f"  {SHOWN} papers a digest, {size:.0f} KB a message, {readers} new readers a round")
    print(f"  joined from pieces: {spread(fast)}; the same digests once more: {spread(again)}")
    print(f"  plain path: {spread(plain)}; ratio {ratio:.1f}")


def memory(name: str, draw: Iterator[Digest]) -> None:
    """Print what the process holds in memory after so many digests, none of them kept."""
    renderer = new_renderer()
    done, started = 0, time.process_time()
    for upto in (1_000, 10_000, 20_000, 40_000, 60_000, 80_000, 100_000):
        for digest in islice(draw, upto - done):
            renderer.message(digest)
        done = upto
        print(f"{name}: {done:,} digests, {resident():.0f} MiB, {time.process_time() - started:,.0f} s with the draw")


def resident() -> float:
    """Return the MiB of memory that this process holds now."""
    status = Path("/proc/self/status").read_text("ascii")
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def spread(rates: Sequence[float]) -> str:
    return f"{statistics.median(rates):,.0f} digests/s ({', '.join(f'{rate:,.0f}' for rate in sorted(rates))})"


def rate(render: Callable[[Digest], object], digests: Sequence[Digest]) -> float:
    started = time.process_time()
    for digest in digests:
        render(digest)
    return len(digests) / (time.process_time() - started)


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


def digest_with(reader: int, sections: Sequence[tuple[str, str, Sequence[Item]]]) -> Digest:
    """Return the digest of a reader with these names, queries and items."""
    return Digest(
        subscriber=Subscriber(id=reader + 1, address=f"reader{reader}@example.org", created_at=AT),
        slot="2026-11-20",
        day=AT.date(),
        composed_at=AT,
        sections=tuple(
            Section(subscription=subscription(reader * 8 + n, reader, name, query), items=tuple(items))
            for n, (name, query, items) in enumerate(sections)
        ),
        scanned=PAPERS,
        next_on=date(2026, 11, 21),
    )


def subscription(number: int, reader: int, name: str, query: str) -> Subscription:
    return Subscription(
        id=number,
        subscriber_id=reader,
        query=query,
        name=name,
        due_at=AT,
        due_on=AT.date(),
        created_at=AT,
    )


# --- queries -----------------------------------------------------------------------------------------------------


def by_queries(papers: Sequence[Paper], world: World) -> Iterator[Digest]:
    """Yield the digests of readers, each with queries of their own until ``SHOWN`` papers are found."""
    found = matched(papers, world)
    for reader in count():
        had: dict[int, list[Item]] = {}
        queries: list[str] = []
        while sum(map(len, had.values())) < SHOWN:
            query, hits = next(found)
            known = {item.paper.id for items in had.values() for item in items}
            fresh = [item for item in hits if item.paper.id not in known][: SHOWN - len(known)]
            if fresh:
                had[len(queries)] = fresh
                queries.append(query)
        yield digest_with(reader, [("", query, had[n]) for n, query in enumerate(queries)])


def matched(papers: Sequence[Paper], world: World) -> Iterator[tuple[str, list[Item]]]:
    """Yield query after query with the items it matched, best first."""
    engine = BulkMatcher()

    @cache
    def item(query: str, position: int) -> Item | None:
        hit = engine.explain(query, papers[position])
        return Item(paper=papers[position], kind=EventKind.NEW, hit=hit) if hit else None

    while True:
        queries = [world.query() for _ in range(QUERIES)]
        for number, query in enumerate(queries):
            engine.put(number, query)
        best = engine.match(papers).best(BEST)
        for number, query in enumerate(queries):
            items = [item(query, scored.position) for scored in best.get(number, ())]
            yield query, [one for one in items if one]


# --- words -------------------------------------------------------------------------------------------------------


def by_words(papers: Sequence[Paper]) -> Iterator[Digest]:
    """Yield the digests of readers who share nothing on purpose."""
    draw = random.Random(11)
    for reader in count():
        yield digest_for(reader, papers, draw)


def digest_for(reader: int, papers: Sequence[Paper], draw: random.Random) -> Digest:
    """Return the digest of a reader who shares nothing on purpose."""
    chosen = draw.sample(papers, SHOWN)
    halves = chosen[: SHOWN // 2], chosen[SHOWN // 2 :]
    return digest_with(
        reader,
        [
            (f"Interest {n} of {reader}", f"query {reader} {n}", [item(p, draw, reader) for p in half])
            for n, half in enumerate(halves)
        ],
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
