"""The engine says what the definition says."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.errors import QueryError
from digest.match import Statistics, match
from digest.matcher import BulkMatcher
from digest.model import Paper, Scored
from digest.query import Query, parse, to_text
from tests.unit.query.papers import paper, papers, queries

STATISTICS = Statistics(500, {"graph": 40, "network": 200, "pretraining": 3, "deep": 100}, 8.0, 20.0)


@settings(deadline=None, max_examples=400)
@given(
    st.lists(queries, min_size=1, max_size=12),
    st.lists(papers, max_size=8),
    st.sampled_from([STATISTICS, Statistics()]),
)
def test_the_engine_equals_the_definition(asked: list[Query], pages: list[Paper], statistics: Statistics) -> None:
    """Every query on every paper: the same hits with the same scores, in the order of the papers; and the same why."""
    engine = BulkMatcher(statistics)
    for number, query in enumerate(asked):
        engine.put(number, to_text(query))
    hits = {number: list(found) for number, found in engine.match(pages).items()}
    wanted = {}
    for number, query in enumerate(asked):
        found = [(at, match(query, page, statistics)) for at, page in enumerate(pages)]
        if any(hit for _, hit in found):
            wanted[number] = [Scored(at, hit.score) for at, hit in found if hit]
    assert hits == wanted
    if pages:
        assert engine.explain(to_text(asked[0]), pages[0]) == match(asked[0], pages[0], statistics)


def test_a_changed_query_is_live_at_once_and_a_dropped_one_gone() -> None:
    """Put again replaces, drop forgets, and unknown ids do not matter."""
    engine = BulkMatcher()
    pages = [paper("mamba"), paper("jamba")]
    engine.put(1, "mamba")
    engine.put(2, "title:jamba")
    assert {number: [hit.position for hit in found] for number, found in engine.match(pages).items()} == {
        1: [0],
        2: [1],
    }
    engine.put(1, "jamba")
    engine.drop(2)
    engine.drop(77)
    assert {number: [hit.position for hit in found] for number, found in engine.match(pages).items()} == {1: [1]}


def test_a_bad_query_leaves_the_old_one_in_place() -> None:
    """Put raises and changes nothing."""
    engine = BulkMatcher()
    engine.put(1, "mamba")
    with pytest.raises(QueryError):
        engine.put(1, "(mamba")
    assert list(engine.match([paper("mamba")])) == [1]
    assert engine.explain("mamba", paper("mamba")) == match(parse("mamba"), paper("mamba"))
