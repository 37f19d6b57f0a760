"""An engine comes back from its file as it was, and from no other file."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest.match import Statistics
from digest.matcher import BulkMatcher, load, save
from digest.model import Paper
from digest.query import Query, to_text
from tests.unit.match.test_matcher import MEANINGS
from tests.unit.query.papers import paper, papers, queries

STATISTICS = Statistics(500, {"graph": 40, "network": 200, "pretraining": 3, "deep": 100}, 8.0, 20.0)


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(queries, min_size=1, max_size=12), st.lists(papers, max_size=5), st.lists(queries, max_size=3))
def test_an_engine_comes_back_as_it_was(
    tmp_path: Path, asked: list[Query], pages: list[Paper], later: list[Query]
) -> None:
    """The same hits and scores; and queries can be changed, added and dropped."""
    engine = BulkMatcher(STATISTICS, MEANINGS)
    for number, query in enumerate(asked):
        engine.put(number, to_text(query))
    save(engine, tmp_path / "engine")
    back = load(tmp_path / "engine", STATISTICS, MEANINGS)
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


def test_a_query_that_is_still_the_same_is_not_read_again(tmp_path: Path) -> None:
    """What changed since is known by its text: put costs nothing for all others."""
    engine = BulkMatcher()
    for number in range(50):
        engine.put(number, f"word{number} OR author:LeCun")
    save(engine, tmp_path / "engine")
    back = load(tmp_path / "engine")
    assert back is not None
    for number in range(50):
        back.put(number, f"word{number} OR author:LeCun" if number != 7 else "mamba")
    assert back.changes == 1
    assert list(back.match([paper("mamba")])) == [7]


def test_the_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    """Queries are private."""
    save(BulkMatcher(), tmp_path / "engine")
    assert stat.S_IMODE((tmp_path / "engine").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["engine"]


def test_a_damaged_file_is_no_file(tmp_path: Path) -> None:
    """Cut anywhere, changed in any byte, of another version, or missing: there is no engine in it, and no error."""
    engine = BulkMatcher()
    engine.put(1, '"state space" mamba*')
    path = tmp_path / "engine"
    assert load(path) is None
    save(engine, path)
    whole = path.read_bytes()
    for size in (0, 10, 60, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:size])
        assert load(path) is None
    for at in range(0, len(whole), 7):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        assert load(path) is None
    path.write_bytes(whole)
    assert load(path) is not None


def test_what_cannot_be_written_is_an_error_and_leaves_nothing(tmp_path: Path) -> None:
    """A folder that is none."""
    (tmp_path / "file").write_text("x")
    with pytest.raises(OSError, match="Not a directory"):
        save(BulkMatcher(), tmp_path / "file" / "engine")


def test_an_engine_of_terms_that_nobody_wants_is_not_kept(tmp_path: Path) -> None:
    """Terms are never forgotten; a file full of old ones would be slower than none."""
    engine = BulkMatcher()
    for number in range(10):
        engine.put(1, f"old{number}")
    save(engine, tmp_path / "engine")
    assert load(tmp_path / "engine") is None
    for number in range(10):
        engine.put(number, f"old{number}")
    save(engine, tmp_path / "engine")
    assert load(tmp_path / "engine") is not None
