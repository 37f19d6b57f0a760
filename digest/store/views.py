"""Read-only looks at what was delivered, for feeds, pages and reports."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice

from sqlalchemy import Connection, Engine, and_, func, select

from digest.model import Digest, FeedEntry, OutboxRow, OutboxState, Paper
from digest.store import codec, schema
from digest.store.digests import await_commits, load
from digest.store.editions import papers_at
from digest.store.engine import reading, rows
from digest.store.outbox import read_row
from digest.store.rows import PAPER_COLUMNS

UPDATES = "Updates"
"""What a feed calls the section of revised, withdrawn and hot papers."""


class SqlViews:
    """``ports.Views`` on a database."""

    def __init__(self, engine: Engine) -> None:
        self._reading = reading(engine)

    def feed(self, subscriber_id: int, *, subscription_id: int | None = None, limit: int) -> Sequence[FeedEntry]:
        """Return the newest entries of a subscriber's feed, newest digest first, each digest in its own order."""
        with self._reading.begin() as connection:
            entries = (
                entry
                for digest in _digests(connection, subscriber_id, limit)
                for entry in _entries(digest)
                if subscription_id in {None, entry.subscription_id}
            )
            return list(islice(entries, limit))

    def digest_of(self, subscriber_id: int, slot: str) -> Digest | None:
        """Return the digest of a slot just as it was composed."""
        table = schema.digests
        with self._reading.begin() as connection:
            return load(connection, and_(table.c.subscriber_id == subscriber_id, table.c.slot == slot))

    def papers_since(self, since: datetime | None) -> Sequence[Paper]:
        """Return the papers first seen at or after an instant (``None``: all), in the order of their ids."""
        papers = schema.papers
        query = select(*PAPER_COLUMNS).where(papers.c.merged_into.is_(None)).order_by(papers.c.id)
        if since is not None:
            query = query.where(papers.c.first_seen_at >= since)
        with self._reading.begin() as connection:
            return [codec.read_paper(row) for row in rows(connection, query)]

    def newest_paper(self) -> int:
        """Return the number of the paper seen for the first time last, 0 where there is none."""
        with self._reading.begin() as connection:
            return connection.scalar(select(func.max(schema.papers.c.id))) or 0

    def texts(self, after: int, upto: int) -> Sequence[tuple[str, str]]:
        """Return the titles and abstracts of the papers whose numbers lie in (after, upto], in their order."""
        papers = schema.papers
        there = (papers.c.id > after, papers.c.id <= upto, papers.c.merged_into.is_(None))
        query = select(papers.c.title, papers.c.abstract).where(*there).order_by(papers.c.id)
        with self._reading.begin() as connection:
            return [(row.title, row.abstract) for row in connection.execute(query)]

    def digests_after(self, digest_id: int) -> Mapping[int, int]:
        """Return, for each subscriber with a digest above an id, the id of their newest digest.

        Whoever remembers the highest of them misses none: a digest with a lower id that is still being committed is
        waited for.
        """
        table = schema.digests
        newest = select(table.c.subscriber_id, func.max(table.c.id)).where(table.c.id > digest_id)
        with self._reading.begin() as connection:
            await_commits(connection)
            return {row[0]: row[1] for row in connection.execute(newest.group_by(table.c.subscriber_id))}

    def outbox(
        self,
        *,
        subscriber_id: int | None = None,
        state: OutboxState | None = None,
        doubted: bool = False,
        limit: int = 100,
    ) -> Sequence[OutboxRow]:
        """Return outbox rows, newest first: of a subscriber, in a state, those that once left without an answer."""
        table = schema.outbox
        query = select(table).order_by(table.c.id.desc()).limit(limit)
        if subscriber_id is not None:
            query = query.where(table.c.subscriber_id == subscriber_id)
        if state is not None:
            query = query.where(table.c.state == state.value)
        if doubted:
            query = query.where(table.c.doubts > 0)
        with self._reading.begin() as connection:
            return [read_row(row) for row in rows(connection, query)]

    def counts(self) -> Mapping[str, int]:
        """Return how many of everything there are; outbox rows by state, as ``outbox.sent``."""
        tables = (schema.papers, schema.sightings, schema.subscribers, schema.subscriptions, schema.digests)
        by_state = select(schema.outbox.c.state, func.count()).group_by(schema.outbox.c.state)
        with self._reading.begin() as connection:
            counts = {t.name: connection.scalar(select(func.count()).select_from(t)) or 0 for t in tables}
            merged = select(func.count()).where(schema.papers.c.merged_into.is_not(None))
            counts["papers"] -= connection.scalar(merged) or 0
            return counts | {f"outbox.{state}": count for state, count in connection.execute(by_state)}


def _digests(connection: Connection, subscriber_id: int, limit: int) -> Iterator[Digest]:
    table = schema.digests
    query = select(table).where(table.c.subscriber_id == subscriber_id).order_by(table.c.id.desc()).limit(limit)
    for row in connection.execute(query).mappings().all():
        papers = papers_at(connection, codec.papers_of(row["body"]))
        yield codec.read_digest(dict(row), papers)


def _entries(digest: Digest) -> Iterator[FeedEntry]:
    for section in digest.sections:
        for item in (*section.items, *section.left_out):
            yield FeedEntry(
                item=item,
                section=section.subscription.title,
                subscription_id=section.subscription.id,
                delivered_at=digest.composed_at,
                slot=digest.slot,
            )
    for item in (*digest.updates, *digest.updates_left_out):
        yield FeedEntry(
            item=item, section=UPDATES, subscription_id=0, delivered_at=digest.composed_at, slot=digest.slot
        )
