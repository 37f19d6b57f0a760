"""However much a store holds, a day's work reads only what it needs: every statement goes by an index."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from digest.model import Cadence, Key, OutboxState, Outcome
from digest.store import SqlStore
from tests.contract.filling import filled, listings
from tests.contract.making import NOW, composed, ingest, listing, sighting, subscribe

GROWING = {
    "papers",
    "editions",
    "keys",
    "sightings",
    "events",
    "subscribers",
    "subscriptions",
    "digests",
    "ledger",
    "outbox",
    "neighbours",
    "outlines",
}
SPARSE = "ix_sightings_unsure"
"""An index that holds only the few unsure sightings, newest last: reading all of it is the point."""

Work = Callable[[SqlStore], object]


def full_scans(store: SqlStore, work: Work) -> list[str]:
    """Return the steps of SQLite's plans that read a whole growing table, for every statement of some work."""
    statements: list[tuple[str, Any]] = []

    def note(
        _connection: object, _cursor: object, statement: str, parameters: Any, _context: object, many: bool
    ) -> None:
        if statement.startswith(("SELECT", "UPDATE", "DELETE")):
            statements.append((statement, parameters[0] if many else parameters))

    event.listen(store.engine, "before_cursor_execute", note)
    work(store)
    event.remove(store.engine, "before_cursor_execute", note)
    assert statements
    with store.engine.connect() as connection:
        return [
            f"{row.detail} — {statement}"
            for statement, parameters in statements
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            if row.detail.startswith("SCAN ") and row.detail.split()[1] in GROWING and SPARSE not in row.detail
        ]


def commit_everybody(store: SqlStore) -> None:
    """Compose for all who are due."""
    papers = [event.paper for event in store.papers.fresh(0)]
    due = store.digests.due(NOW, limit=100)
    store.digests.told([one.subscriber.id for one in due], [paper.id for paper in papers])
    assert store.digests.commit([composed(one, papers) for one in due])


def deliver_everything(store: SqlStore) -> None:
    """Compose for all who are due; claim, hand over and settle what waits."""
    commit_everybody(store)
    store.outbox.stranded(NOW)
    for row in store.outbox.claim(owner="me", now=NOW, lease=timedelta(minutes=5), limit=10):
        store.outbox.digest(row.digest_id)
        assert store.outbox.handing(row, "", NOW)
        assert store.outbox.settle(row, Outcome(state=OutboxState.SENT), NOW)


WORK: dict[str, Work] = {
    "ingesting a listing": lambda store: ingest(
        store, sighting("Seen before"), sighting("New", keys=(Key("doi:10.1/n"),)), sighting("New", upvotes=3)
    ),
    "a first fill": lambda store: filled(store, listings(1, count=2), 10_000),
    "asking for a document": lambda store: store.papers.is_ingested(listing().document),
    "reading what is fresh": lambda store: store.papers.fresh(1, upto=5),
    "composing": commit_everybody,
    "delivering": deliver_everything,
    "reading a feed": lambda store: (store.views.feed(1, limit=50), store.views.digest_of(1, "2026-11-20")),
    "finding a reader": lambda store: (store.subscribers.find("ada@example.org"), store.subscribers.get(1)),
    "a reader's queries": lambda store: list(store.subscribers.subscriptions(1)),
    "subscribing": lambda store: subscribe(store, "eve@example.org", "another"),
    "looking up why": lambda store: (store.curation.find("Seen before"), store.curation.why(1)),
    "listing doubts": lambda store: store.curation.unsure(limit=10),
}


@pytest.mark.parametrize("name", WORK)
def test_no_work_of_a_day_reads_a_whole_table(name: str, tmp_path: Path) -> None:
    """Candidates, dues, ledger, feeds and the outbox are all found by index."""
    with SqlStore.open(f"sqlite:///{tmp_path / 'digest.db'}") as store:
        subscribe(store, "ada@example.org", "a", "b")
        subscribe(store, "bob@example.org", "c", cadence=Cadence.AT_ONCE)
        ingest(store, sighting("Seen before", keys=(Key("doi:10.1/x"),)), sighting("And another"))
        assert full_scans(store, WORK[name]) == []
