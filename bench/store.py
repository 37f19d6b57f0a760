"""How the store grows: a day's listing into ever more papers, a morning's digests for ever more readers.

    python -m bench store [--papers 100000 1000000] [--readers 100000] [--folder FOLDER]

Papers and readers are invented. The first fill goes straight into the tables; everything measured goes through the
ports, identity included.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import insert

from bench.invented import SEEN, World
from digest.model import (
    Composed,
    Digest,
    Document,
    Due,
    EventKind,
    Hit,
    Item,
    Key,
    Listing,
    Message,
    NextDue,
    Paper,
    Section,
    Settings,
    Sighting,
    Span,
)
from digest.pipeline.ingest import ingest_listing
from digest.store import SqlStore, codec, schema
from digest.store.neighbours import outline_of
from digest.store.rows import paper_columns
from digest.text.titlekey import title_key

PART = 20_000
DAY = date(2026, 11, 20)
T = TypeVar("T")


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench store")
    parser.add_argument("--papers", type=int, nargs="*", default=[100_000, 1_000_000])
    parser.add_argument("--readers", type=int, default=100_000)
    parser.add_argument("--folder", type=Path)
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(dir=chosen.folder) as folder:
        path = Path(folder) / "store.db"
        with SqlStore.open(f"sqlite:///{path}") as store:
            world, filled = World(), 0
            for count in sorted(chosen.papers):
                seconds, _ = timed(fill_papers, store, world, filled, count)
                filled = count + 5_000
                print(f"{count:>9,} papers: filled in {seconds:.0f} s, {path.stat().st_size / 2**20:,.0f} MiB")
                ingest_days(store, world, count)
            if chosen.readers:
                a_morning(store, chosen.readers)


def fill_papers(store: SqlStore, world: World, start: int, count: int) -> None:
    """Put papers number ``start`` to ``count`` into the tables, with an id, a sighting and an event each."""
    abstracts = [world.paper() for _ in range(2_000)]
    with store.engine.begin() as connection:
        row = {"source": "fill", "name": "fill", "sha256": "", "format": "fill", "ingested_at": SEEN}
        connection.execute(insert(schema.documents).values(id=start + 10**6, skipped=[], warnings=[], **row))
    for first in range(start, count, PART):
        numbers = range(first, min(first + PART, count))
        papers = [
            replace(abstracts[n % 2_000], id=n + 1, title=" ".join(world.draw(9)), keys=(key_of(n),)) for n in numbers
        ]
        with store.engine.begin() as connection:
            for table, rows in _rows(papers, start + 10**6):
                connection.execute(insert(table), rows)


def _rows(papers: Sequence[Paper], document_id: int) -> Iterator[tuple[Any, list[dict[str, Any]]]]:
    yield (
        schema.papers,
        [paper_columns(p) | {"id": p.id, "edition": 1, "first_seen_at": p.first_seen_at} for p in papers],
    )
    found = [(p.id, outline_of(title_key(p.title), p.abstract, p.keys)) for p in papers]
    yield schema.outlines, [{"paper_id": paper_id, "sketch": outline.sketch} for paper_id, outline in found]
    yield (
        schema.neighbours,
        [{"place": place, "paper_id": paper_id} for paper_id, outline in found for place in outline.places()],
    )
    yield schema.keys, [{"key": key, "paper_id": p.id} for p in papers for key in p.keys]
    same = {"document_id": document_id, "edition": 1, "place": "", "state": "new", "reason": ""}
    yield schema.sightings, [same | {"paper_id": p.id, "facts": codec.paper_facts(p)} for p in papers]
    yield schema.events, [{"kind": "new", "paper_id": p.id, "at": SEEN, "note": ""} for p in papers]


def ingest_days(store: SqlStore, world: World, count: int) -> None:
    """Ingest days of 1,000 sightings, two fifths of them seen before, and print what one costs."""
    days = [listing(world, n, count) for n in range(5)]
    seconds = [timed(ingest_listing, day, store.papers, SEEN)[0] for day in days]
    print(
        f"{'':>9}  1,000 sightings ingested in {statistics.median(seconds):.2f} s (first {seconds[0]:.2f} s), "
        f"process {peak():.0f} MiB at most"
    )


def listing(world: World, day: int, stored: int) -> Listing:
    """Return a day's listing; 400 of its papers are among those stored, half found by id and half by title."""
    known = [world.random.randrange(stored) for _ in range(400)]
    old = [sighting(world, f"row {n}", keys=(key_of(n),)) for n in known]
    new = [
        sighting(world, f"row {n}", keys=(Key(f"arxiv:2612.{day * 1000 + n + stored % 97:05d}"),)) for n in range(600)
    ]
    document = Document(source="bench", name=f"day {day}", body=f"{stored} {day}".encode())
    return Listing(document=document, format="bench", listed_on=DAY, sightings=(*old, *new))


def sighting(world: World, where: str, keys: tuple[Key, ...]) -> Sighting:
    paper = world.paper()
    return Sighting(
        title=paper.title,
        abstract=paper.abstract,
        authors=paper.authors,
        categories=paper.categories,
        keys=keys,
        where=where,
    )


def a_morning(store: SqlStore, readers: int) -> None:
    """Find everybody who is due, ask the ledger, and commit a digest of ten papers for each, 250 at a time."""
    fill_readers(store, readers)
    papers = [event.paper for event in store.papers.fresh(0, upto=500)]
    ids = [paper.id for paper in papers]
    before, after, committed = peak(), 0, 0
    spent = {"due": 0.0, "told": 0.0, "commit": 0.0}
    while batch := measured(spent, store.digests.due, SEEN, limit=10_000, after=after):
        after = batch[-1].subscriber.id
        for first in range(0, len(batch), 250):
            chunk = batch[first : first + 250]
            subscribers = [due.subscriber.id for due in chunk]
            measured(spent, store.digests.told, subscribers, ids)
            drafts = [draft(due, papers) for due in chunk]
            committed += len(measured(spent, store.digests.commit, drafts))
    each = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in spent.items())
    rate = committed / sum(spent.values())
    print(f"{committed:>9,} readers: {each}: {rate:,.0f} digests/s, {peak() - before:.0f} MiB more than before")


def fill_readers(store: SqlStore, count: int, query: Callable[[], str] = lambda: "*") -> None:
    with store.engine.begin() as connection:
        for first in range(1, count + 1, PART):
            numbers = range(first, min(first + PART, count + 1))
            reader = {"channel": "email", "timezone": "UTC", "send_at": "07:00", "feed_generation": 0}
            rows: list[dict[str, Any]] = [
                reader | {"id": n, "address": f"reader{n}@example.org", "suppressed": "", "created_at": SEEN}
                for n in numbers
            ]
            connection.execute(insert(schema.subscribers), rows)
            asked: dict[str, Any] = {
                "name": "",
                "settings": codec.settings_body(Settings()),
                "cadence": "daily",
            }
            asked |= {"paused": False, "cursor": 0, "due_at": SEEN, "due_on": DAY, "created_at": SEEN}
            connection.execute(
                insert(schema.subscriptions), [asked | {"subscriber_id": n, "query": query()} for n in numbers]
            )


def draft(due: Due, papers: Sequence[Paper]) -> Composed:
    start = due.subscriber.id % (len(papers) - 10)
    hit = Hit(score=1.5, terms=("graph",), spans=(Span("title", 0, 5), Span("abstract", 10, 15)))
    items = tuple(Item(paper=paper, kind=EventKind.NEW, hit=hit) for paper in papers[start : start + 10])
    section = Section(subscription=due.subscriptions[0], items=items)
    digest = Digest(subscriber=due.subscriber, slot=DAY.isoformat(), day=DAY, composed_at=SEEN, sections=(section,))
    message = Message(
        message_id=f"<{due.subscriber.id}@x>",
        sender="b@x",
        recipient=due.subscriber.address,
        subject="",
        raw=b"x" * 30_000,
    )
    tomorrow = SEEN + timedelta(days=1)
    moved = {s.id: NextDue(at=tomorrow, on=tomorrow.date()) for s in due.subscriptions}
    return Composed(due=due, cursor=500, next_due=moved, digest=digest, message=message)


def key_of(number: int) -> Key:
    return Key(f"arxiv:{number // 100_000 + 1501:04d}.{number % 100_000:05d}")


def timed(work: Callable[..., T], *arguments: Any, **named: Any) -> tuple[float, T]:
    start = time.perf_counter()
    result = work(*arguments, **named)
    return time.perf_counter() - start, result


def measured(spent: dict[str, float], work: Callable[..., T], *arguments: Any, **named: Any) -> T:
    seconds, result = timed(work, *arguments, **named)
    spent[work.__name__] += seconds
    return result


def peak() -> float:
    """Return the most memory this process has used so far, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
