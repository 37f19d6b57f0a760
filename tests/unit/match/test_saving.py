"""An engine comes back from its file as it was, and from no other file."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from digest.match import Statistics
from digest.matcher import BulkMatcher, loaded, saved
from digest.model import Paper
from digest.query import Query, to_text
from tests.unit.match.test_matcher import MEANINGS
from tests.unit.query.papers import paper, papers, queries

STATISTICS = Statistics(500, {"graph": 40, "network": 200, "pretraining": 3, "deep": 100}, 8.0, 20.0)


@settings(deadline=None, max_examples=100)
@given(st.lists(queries, min_size=1, max_size=12), st.lists(papers, max_size=5), st.lists(queries, max_size=3))
def test_an_engine_comes_back_as_it_was(asked: list[Query], pages: list[Paper], later: list[Query]) -> None:
    """The same hits and scores; and queries can be changed, added and dropped."""
    engine = BulkMatcher(STATISTICS, MEANINGS)
    for number, query in enumerate(asked):
        engine.put(number, to_text(query))
    back = loaded(bytearray(saved(engine)), STATISTICS, MEANINGS)
    assert back is not None
    for number, query in enumerate(asked):
        back.put(number, to_text(query))
    assert back.changes == 2 * sum("like:" in to_text(query) for query in asked)  # whether it still can be answered
    assert dict(back.match(pages)) == dict(engine.match(pages))
    for one in (engine, back):
        for number, query in enumerate(later):
            one.put(number, to_text(query))
            one.put(100 + number, to_text(query))
        one.drop(3)
    assert dict(back.match(pages)) == dict(engine.match(pages))


def test_a_query_that_is_still_the_same_is_not_read_again() -> None:
    """What changed since is known by its text: put costs nothing for all others."""
    engine = BulkMatcher()
    for number in range(50):
        engine.put(number, f"word{number} OR author:LeCun")
    back = loaded(bytearray(saved(engine)))
    assert back is not None
    for number in range(50):
        back.put(number, f"word{number} OR author:LeCun" if number != 7 else "mamba")
    assert back.changes == 1
    assert list(back.match([paper("mamba")])) == [7]


def test_a_damaged_file_is_no_engine() -> None:
    """Cut anywhere, changed in any byte, of another version, or empty: there is no engine in it, and no error."""
    engine = BulkMatcher()
    engine.put(1, '"state space" mamba*')
    whole = saved(engine)
    for size in (0, 10, 60, len(whole) // 2, len(whole) - 1):
        assert loaded(bytearray(whole[:size])) is None
    for at in range(len(whole)):
        assert loaded(bytearray(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])) is None
    assert loaded(bytearray(whole)) is not None


def test_an_engine_of_terms_that_nobody_wants_is_not_kept() -> None:
    """Terms are never forgotten; a file full of old ones would be slower than none."""
    engine = BulkMatcher()
    for number in range(10):
        engine.put(1, f"old{number}")
    assert saved(engine) == b""
    for number in range(10):
        engine.put(number, f"old{number}")
    assert saved(engine)
