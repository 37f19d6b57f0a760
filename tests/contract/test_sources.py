"""How each source fared, kept by every store alike."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from digest.model import SourceState
from digest.store import SqlStore

T0 = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def test_a_source_that_was_never_asked_has_a_fresh_state(store: SqlStore) -> None:
    """Nothing needs to be made before a new source is asked for the first time."""
    assert store.sources.get("arxiv") == SourceState(name="arxiv")


def test_a_state_comes_back_as_it_was_put_and_the_last_one_counts(store: SqlStore) -> None:
    """Instants stay aware, the source's own memory stays what it was, other sources stay untouched."""
    first = SourceState(name="arxiv", checked_at=T0, error="refused", failures=3, next_at=T0, memory={"etag": '"x"'})
    store.sources.put(first)
    store.sources.put(SourceState(name="other"))
    assert store.sources.get("arxiv") == first
    second = replace(first, error="", failures=0, succeeded_at=T0, gave="41 papers", next_at=None, memory={})
    store.sources.put(second)
    assert store.sources.get("arxiv") == second
