"""The language: what is understood, what is refused, and that text and tree say the same."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.errors import QueryError
from digest.query import And, Author, Exact, Near, Not, Or, Phrase, Query, Word, parse, to_text, warnings
from tests.unit.query.papers import queries


@settings(deadline=None, max_examples=300)
@given(queries)
def test_what_is_printed_is_read_back_as_the_same_query(query: Query) -> None:
    """parse(to_text(q)) == q for every tree."""
    assert parse(to_text(query)) == query


@settings(deadline=None, max_examples=300)
@given(
    st.text(max_size=40)
    | st.text("ab \"()|~*-=:<>&'1“", max_size=30)
    | st.lists(
        st.sampled_from(['"', "(", ")", "AND", "OR", "NOT", "-", "title:", "a", "*", "~2", "="]), max_size=12
    ).map(" ".join)
)
def test_any_text_is_a_query_or_an_error_with_a_place(text: str) -> None:
    """Nothing a user types raises anything but a QueryError whose caret lies within the text; what parses, prints."""
    outcome = _parsed(text)
    if isinstance(outcome, QueryError):
        assert 0 <= outcome.column <= len(text)
        assert outcome.length >= 1
        assert "^" in outcome.caret()
    else:
        assert parse(to_text(outcome)) == outcome


def _parsed(text: str) -> Query | QueryError:
    try:
        return parse(text)
    except QueryError as error:
        return error


def test_not_binds_more_tightly_than_and_and_and_more_tightly_than_or() -> None:
    """`-a b OR c` is ((NOT a) AND b) OR c."""
    assert parse("-a b OR c") == Or((And((Not(Word("a")), Word("b"))), Word("c")))
    assert parse("NOT a AND b | c") == parse("-a b OR c")
    assert parse("a ANDNOT b") == parse("a AND NOT b") == parse("a -b")


def test_a_field_before_parentheses_goes_to_every_word_in_them() -> None:
    """`title:(mamba OR "state space")` is two titles; `au:(…)` is several people."""
    assert parse('title:(mamba OR "state space")') == Or((Word("mamba", "title"), Phrase("state space", "title")))
    assert parse('au:("LeCun, Y." OR Hinton)') == Or((Author("LeCun, Y."), Author("Hinton")))


def test_quotes_of_every_kind_and_the_signs_around_them() -> None:
    """Typographic quotes are quotes; = and ~N go with them."""
    assert parse("“chain of thought”") == Phrase("chain of thought")
    assert parse('="Chain of Thought"') == Exact("Chain of Thought")
    assert parse('ti:"graph neural"~3') == Near("graph neural", 3, "title")


@pytest.mark.parametrize(
    ("text", "column", "length", "words", "suggestion"),
    [
        ("autor:lecun", 0, 6, "not a field", "author:"),
        ("publishd>=2026", 0, 8, "not compared", "published"),
        ('mamba "state space', 6, 1, "never closed", 'mamba "state space"'),
        ("(mamba OR s4", 0, 1, "never closed", "(mamba OR s4)"),
        ("mamba)", 5, 1, "closes nothing", "mamba"),
        ("", 0, 1, "empty", ""),
        ("a ()", 2, 2, "nothing between", ""),
        ("mamba AND", 6, 3, "nothing after", ""),
        ("OR mamba", 0, 2, "nothing before", ""),
        ("a OR OR b", 5, 2, "nothing before", ""),
        ("title:", 0, 6, "nothing after", ""),
        ("title:-survey", 6, 1, "before the field", "-title:survey"),
        ("title:(author:x)", 7, 7, "inside title:", ""),
        ("upvotes>=ten", 9, 3, "whole number", ""),
        ("published>=2026-13", 11, 7, "month", ""),
        ("published>=soon", 11, 4, "not a date", ""),
        ("title>=3", 0, 5, "not compared", "title:3"),
        ("tr*former", 2, 1, "at the end", "tr*"),
        ('"graph neural"~', 14, 1, "number of words", '"graph neural"~3'),
        ('"a b c d e"~2', 11, 2, "do not fit", '"a b c d e"~4'),
        ("word~7", 0, 6, "1 or 2", "word~2"),
        ("mamba —", 6, 1, "no word", ""),
        ("id:mamba", 3, 5, "neither", ""),
        ("like:robots", 5, 6, "put a text in quotes", ""),
        ('like:"—"', 6, 1, "no word", ""),
        ('like:"robots"~2', 13, 2, "between 0.01 and 0.99", ""),
        ("like:(a b)", 5, 1, "or a text in quotes", ""),
        ("category:?", 9, 1, "not a category", ""),
        ('x "' + "a " * 101 + '"', 2, 204, "at most 100 words", ""),
        ("(" * 60 + "a" + ")" * 60, 50, 1, "deep", ""),
    ],
)
def test_a_mistake_is_shown_where_it_is(text: str, column: int, length: int, words: str, suggestion: str) -> None:
    """Each mistake has its column, its length, what is wrong in words and, where there is one, the cure."""
    with pytest.raises(QueryError) as caught:
        parse(text)
    error = caught.value
    assert (error.column, error.length, error.suggestion) == (column, length, suggestion)
    assert words in str(error)
    assert error.caret() == f"{text}\n{' ' * column}{'^' * length}"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("*", "every paper"),
        ("mamba OR *", "every paper"),
        ("a OR -a", "every paper"),
        ("-survey", "only excludes"),
        ("mamba -mamba", "never match"),
        ("upvotes>10 upvotes<5", "never match"),
        ("comments<0", "never match"),
        ("-*", "never match"),
        ("cats and dogs", "AND"),
        ("x*", "very many"),
        ("rag~", "short"),
        ("the", "nearly every"),
    ],
)
def test_a_query_that_cannot_be_meant_gets_a_warning(text: str, words: str) -> None:
    """What matches everything, nothing, or far too much is said before the first digest."""
    assert any(words in warning for warning in warnings(parse(text)))


@pytest.mark.parametrize("text", ["'A:0", "'title:b", "'upvotes>=3", "'OR", "'NOT", "'A:b*", "'cats:x~", "-'A:0 'AND"])
def test_a_word_that_looks_like_more_is_printed_as_a_word(text: str) -> None:
    """A sign before it keeps a field, a comparison or an operator from being read into it."""
    assert parse(to_text(parse(text))) == parse(text)


def test_an_ordinary_query_gets_no_warning() -> None:
    """No news is good news."""
    assert warnings(parse('mamba "state space" OR title:transform* -survey upvotes>=3 upvotes<9')) == ()
