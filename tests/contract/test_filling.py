"""A first fill stores what ingesting the same listings one after another stores, only faster."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from digest.model import Key, Sighting
from digest.pipeline.filling import Filled
from digest.sources import FileSource
from digest.store import SqlStore
from tests.contract.filling import account, filled, ingested, listings
from tests.contract.making import listing, sighting


@pytest.mark.parametrize("together", [1, 60, 10_000])
@pytest.mark.parametrize("seed", range(3))
def test_a_fill_stores_what_ingesting_one_after_another_stores(store: SqlStore, seed: int, together: int) -> None:
    """Papers, ids, editions, places, sightings with their reasons, acts and events: row for row."""
    given = listings(seed)
    expected = ingested(given)
    filled(store, given, together)
    assert account(store) == expected
    assert len(expected["papers"]) > 20
    assert expected["editions"]
    assert len(expected["sightings"]) == 150


def test_numbered_papers_beside_others_give_the_same_too(store: SqlStore) -> None:
    """Also where what waits to be written is what the next sighting must find, and where all have numbers."""
    given = listings(7, count=2)
    numbered = [
        replace(one, sightings=tuple(s for s in one.sightings if any(k.startswith("arxiv:") for k in s.keys)))
        for one in given
    ]
    expected = ingested(numbered)
    filled(store, numbered, 10_000)
    assert account(store) == expected


def test_what_is_stored_is_passed_over(store: SqlStore) -> None:
    """A fill that goes on where another one stopped doubles nothing and says what was there."""
    given = listings(1)
    filled(store, given[:3], 1)
    outcomes = filled(store, given, 10_000)
    assert [isinstance(one, Filled) and one.repeated for one in outcomes].count(True) == 3
    before = account(store)
    assert all(isinstance(one, Filled) and one.repeated for one in filled(store, given, 60))
    assert account(store) == before
    assert len(before["sightings"]) == 150


def test_files_are_counted_without_being_read(tmp_path: Path) -> None:
    """The bar knows its end: every file in and below the folders, hidden ones left out."""
    (tmp_path / "below").mkdir()
    for name in ("one.json", "below/two.json", ".hidden"):
        (tmp_path / name).write_text(json.dumps([]), "utf-8")
    assert FileSource([tmp_path, tmp_path / "one.json"]).count() == 3


@pytest.mark.parametrize("part", [slice(None), slice(2, 4)])
def test_what_waits_to_be_written_is_found_by_the_next_sighting(store: SqlStore, part: slice) -> None:
    """One listing: a near title with a number after one without, one title under two numbers, and both under none."""
    abstract = (
        "Clocks that are learned carry slow rivers through narrow gates at a pace of their own, year by year. " * 3
    )
    numbers = iter(range(10))

    def numbered(title: str) -> Sighting:
        return sighting(title, abstract=abstract, keys=(Key(f"arxiv:2611.9003{next(numbers)}"),))

    of_one = [
        sighting("Slow Rivers with Learned Clocks", abstract=abstract),
        numbered("Slow Rivers with Learned Clocks for Long Documents"),
        numbered("Deep Waters at Their Own Pace"),
        numbered("Deep Waters at Their Own Pace"),
        sighting("Deep Waters at Their Own Pace", abstract=abstract),
    ][part]
    given = [listing(*of_one, name="one.json"), listing(*of_one[:1], name="two.json")]
    expected = ingested(given)
    filled(store, given, 10_000)
    assert account(store) == expected
