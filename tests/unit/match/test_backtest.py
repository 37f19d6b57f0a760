"""A query tried on the past."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.errors import QueryError
from digest.match import match
from digest.matcher.backtest import backtest, collected, compare
from digest.model import Paper
from digest.query import Query, to_text
from tests.unit.query.papers import paper, papers, queries

PAGES = [
    Paper(id=n, first_seen_at=datetime(2026, 11, 1, tzinfo=UTC) + timedelta(days=n % 5), title=title)
    for n, title in enumerate(["Mamba video", "Mamba audio", "Transformer video", "A survey of Mamba", "Diffusion"] * 6)
]


def test_the_rate_and_the_days_are_those_of_the_hits() -> None:
    """12 of 30 papers in 5 days are 2.4 a day, counted on the days they were seen."""
    result = backtest("mamba -survey", PAGES, days=5)
    assert (len(result.hits), result.papers, result.share, result.per_day) == (12, 30, 0.4, 2.4)
    assert sum(result.by_day.values()) == 12
    assert list(result.by_day) == sorted(result.by_day)


def test_each_clause_is_weighed() -> None:
    """What it matches alone and what the query finds without it."""
    clauses = {clause.text: (clause.alone, clause.without) for clause in backtest("mamba -survey", PAGES).clauses}
    assert clauses == {"mamba": (18, 24), "-survey": (24, 18)}
    clauses = {clause.text: (clause.alone, clause.without) for clause in backtest("video OR audio", PAGES).clauses}
    assert clauses == {"video": (12, 6), "audio": (6, 12)}


def test_a_word_that_never_occurs_is_named_with_the_nearest_that_do() -> None:
    """A slip of the pen is answered with "did you mean"."""
    result = backtest("mambo transfromer", PAGES)
    assert result.nearest == {"mambo": ("mamba",), "transfromer": ("transformer",)}
    assert any("did you mean mamba?" in warning for warning in result.warnings)
    assert any("Nothing matches" in warning for warning in result.warnings)


def test_too_broad_is_said() -> None:
    """More than half of everything, or more a day than anybody reads."""
    assert any("60% of everything" in warning for warning in backtest("mamba", PAGES).warnings)
    many = [paper("Mamba")] * 60 + [paper("Jamba")] * 90
    assert any("60 papers a day" in warning for warning in backtest("mamba", many, days=1).warnings)


def test_a_bad_query_and_no_papers() -> None:
    """A mistake is a QueryError; nothing to try on is no failure."""
    with pytest.raises(QueryError):
        backtest("(mamba", PAGES)
    assert backtest("mamba", []).share == 0


@settings(deadline=None, max_examples=40)
@given(queries, queries, st.lists(papers, max_size=5))
def test_a_change_adds_and_drops_exactly_the_difference(one: Query, other: Query, pages: list[Paper]) -> None:
    """Whatever the two queries are."""
    change = compare(to_text(one), to_text(other), pages)
    old = {at for at, page in enumerate(pages) if match(one, page)}
    new = {at for at, page in enumerate(pages) if match(other, page)}
    assert (set(change.added), set(change.dropped), set(change.kept)) == (new - old, old - new, old & new)


def test_statistics_count_papers_not_words() -> None:
    """A word counts once a paper, in its singular."""
    statistics = collected([paper("Networks of networks", "network"), paper("Graphs")])
    assert (statistics.papers, statistics.frequency["network"], statistics.title_length) == (2, 1, 2.0)
