"""The engine says what the definition says."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.errors import QueryError
from digest.match import Statistics, match
from digest.matcher import BulkMatcher
from digest.matcher.bulk import PAPERS_AT_ONCE
from digest.matcher.hits import Block, Hits
from digest.model import Paper, Scored
from digest.query import Query, parse, to_text
from tests.unit.match.meanings import FirstLetters
from tests.unit.query.papers import paper, papers, queries

MEANINGS = FirstLetters()
STATISTICS = Statistics(500, {"graph": 40, "network": 200, "pretraining": 3, "deep": 100}, 8.0, 20.0)


@settings(deadline=None, max_examples=400)
@given(
    st.lists(queries, min_size=1, max_size=12),
    st.lists(papers, max_size=8),
    st.sampled_from([STATISTICS, Statistics()]),
)
def test_the_engine_equals_the_definition(asked: list[Query], pages: list[Paper], statistics: Statistics) -> None:
    """Every query on every paper: the same hits with the same scores, in the order of the papers; and the same why."""
    engine = BulkMatcher(statistics, MEANINGS)
    for number, query in enumerate(asked):
        engine.put(number, to_text(query))
    hits = {number: list(found) for number, found in engine.match(pages).items()}
    wanted = {}
    for number, query in enumerate(asked):
        found = [(at, match(query, page, statistics, MEANINGS)) for at, page in enumerate(pages)]
        if any(hit for _, hit in found):
            wanted[number] = [Scored(at, hit.score) for at, hit in found if hit]
    assert hits == wanted
    if pages:
        assert engine.explain(to_text(asked[0]), pages[0]) == match(asked[0], pages[0], statistics, MEANINGS)


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


def test_only_those_asked_for_are_matched() -> None:
    """``among`` leaves the others out, and unknown ids do not matter."""
    engine = BulkMatcher()
    for number, query in enumerate(["mamba", "jamba", "mamba OR jamba", '"ma mba"~2 OR mamb*', "-rag"]):
        engine.put(number, query)
    pages = [paper("mamba"), paper("rag jamba")]
    everything = dict(engine.match(pages))
    for among in ([], [0], [1, 3], [4, 2, 77]):
        assert dict(engine.match(pages, among)) == {number: everything[number] for number in among if number < 5}


def test_the_same_query_again_costs_and_changes_nothing() -> None:
    """``changes`` counts what became different, and who is not kept is gone."""
    engine = BulkMatcher()
    for _ in range(3):
        engine.put(1, "mamba")
        engine.put(2, "jamba")
    assert (engine.changes, len(engine)) == (2, 2)
    engine.keep_only([2, 3])
    assert (engine.changes, len(engine), 1 in engine, 2 in engine) == (3, 1, False, True)


@settings(deadline=None, max_examples=100)
@given(st.lists(queries, min_size=1, max_size=8), st.lists(papers, min_size=1, max_size=6))
def test_an_engine_weighed_anew_is_as_if_it_had_begun_so(asked: list[Query], pages: list[Paper]) -> None:
    """Exchanging the statistics changes scores and nothing else."""
    begun, changed = BulkMatcher(STATISTICS, MEANINGS), BulkMatcher(meanings=MEANINGS)
    for number, query in enumerate(asked):
        begun.put(number, to_text(query))
        changed.put(number, to_text(query))
    changed.weigh(STATISTICS)
    assert dict(changed.match(pages)) == dict(begun.match(pages))
    assert changed.explain(to_text(asked[0]), pages[0]) == begun.explain(to_text(asked[0]), pages[0])


def test_a_bad_query_leaves_the_old_one_in_place() -> None:
    """Put raises and changes nothing."""
    engine = BulkMatcher()
    engine.put(1, "mamba")
    with pytest.raises(QueryError):
        engine.put(1, "(mamba")
    assert list(engine.match([paper("mamba")])) == [1]
    assert engine.explain("mamba", paper("mamba")) == match(parse("mamba"), paper("mamba"))


@settings(deadline=None, max_examples=60)
@given(
    st.dictionaries(
        st.integers(0, 99), st.lists(st.tuples(st.integers(0, 40), st.integers(0, 70000)), min_size=1, max_size=40)
    ),
    st.integers(1, 12),
)
def test_the_best_hits_are_the_first_of_all_hits_by_score_and_earliness(
    found: dict[int, list[tuple[int, int]]], count: int
) -> None:
    """best(n) is sorting everything and taking n."""
    rows = {owner: sorted(dict(hits).items()) for owner, hits in found.items()}
    owners = np.array(list(rows), np.int64)
    blocks = [_block(rows, low, high) for low, high in ((0, 30_000), (30_000, 80_000))]
    hits = Hits(owners, blocks)
    wanted = {
        owner: [
            Scored(position, units / 100)
            for position, units in sorted(row, key=lambda pair: (-pair[1], pair[0]))[:count]
        ]
        for owner, row in rows.items()
    }
    assert dict(hits.best(count)) == wanted


def _block(rows: dict[int, list[tuple[int, int]]], low: int, high: int) -> Block:
    """Return the hits whose papers lie in [low, high), counted from ``low``."""
    inside = [[(paper, units) for paper, units in row if low <= paper < high] for row in rows.values()]
    pairs = [pair for row in inside for pair in row]
    return Block(
        np.array([number for number, row in enumerate(inside) if row], np.int64),
        np.array([len(row) for row in inside if row], np.int64),
        np.array([paper - low for paper, _ in pairs], np.int32),
        np.array([units for _, units in pairs], np.int32),
        low,
    )


def test_more_papers_than_a_block_holds_are_matched_in_order() -> None:
    """Blocks are invisible: every paper has its place in the whole sequence."""
    pages = [paper("mamba" if number % 3 == 0 else "jamba", "x") for number in range(2 * PAPERS_AT_ONCE + 5)]
    engine = BulkMatcher()
    engine.put(5, "mamba")
    engine.put(6, "mamba OR jamba")
    hits = engine.match(pages)
    assert [hit.position for hit in hits[5]] == list(range(0, len(pages), 3))
    assert [hit.position for hit in hits[6]] == list(range(len(pages)))


def test_an_engine_comes_back_from_a_pickle_as_it_was() -> None:
    """A warm start: the same hits, and queries can be changed."""
    engine = BulkMatcher(STATISTICS)
    for number, query in enumerate(["pre training", '"deep learning"~3 OR trans*', "author:LeCun -rag"]):
        engine.put(number, query)
    back: BulkMatcher = pickle.loads(pickle.dumps(engine))
    pages = [paper("Pretraining deep learning", "transformers", authors=("Yann LeCun",))]
    assert dict(back.match(pages)) == dict(engine.match(pages))
    back.put(1, "nothing-here")
    back.drop(2)
    assert list(back.match(pages)) == [0]
