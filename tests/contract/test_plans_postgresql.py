"""PostgreSQL, too, can find every candidate of an ingest and a fill by an index."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import event

from digest.store import SqlStore
from tests.contract.filling import filled, listings
from tests.contract.making import NOW, ingest, sighting

WORK: dict[str, Callable[[SqlStore], object]] = {
    "ingesting": lambda store: ingest(store, sighting("Slow Rivers with Clocks"), sighting("Slow Rivers"), now=NOW),
    "a first fill": lambda store: filled(store, listings(1, count=2), 10_000),
}


ON_PURPOSE = ("FROM documents", "FROM acts")
"""What a fill reads whole, once in a transaction or less: what was ingested, and whether operators decided anything."""


@pytest.mark.parametrize("name", WORK)
def test_no_candidate_needs_a_whole_table(name: str, request: pytest.FixtureRequest) -> None:
    """With whole-table scans made dear, no plan holds one: there is an index for each look-up, in byte order."""
    asked: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, values: Any, _context: object, many: bool) -> None:
        if statement.startswith("SELECT") and "FROM " in statement and not (many or statement.endswith(ON_PURPOSE)):
            asked.append((statement, values))

    with SqlStore.open(str(request.getfixturevalue("postgres").store())) as store:
        event.listen(store.engine, "before_cursor_execute", note)
        WORK[name](store)
        event.remove(store.engine, "before_cursor_execute", note)
        assert any("neighbours" in statement for statement, _ in asked)
        with store.engine.connect() as connection:
            connection.exec_driver_sql("SET enable_seqscan = off")
            plans = [
                (line, statement)
                for statement, values in asked
                for (line,) in connection.exec_driver_sql(f"EXPLAIN {statement}", values)
            ]
    assert [found for found in plans if "Seq Scan on" in found[0]] == []
    below = [after for (line, _), (after, _) in pairwise(plans) if "pk_neighbours" in line]
    assert below
    conditions = ("Index Cond: ((place", "Index Cond: (place", "Index Cond: (ROW(place")
    assert all(any(condition in line for condition in conditions) for line in below)
