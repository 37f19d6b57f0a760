"""Neighbours looked for in memory, hundreds at once: nothing is missed that the database would find."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from digest.model import Key, Listing, Sighting
from digest.pipeline.filling import fill
from digest.pipeline.ingest import ingest_listing
from digest.store import SqlStore
from digest.store.neighbours import Outline, near, outline_of, title_keys
from digest.store.rows import indexed_key
from digest.store.vicinity import Recent, Vicinity
from digest.text.titlekey import title_key
from tests.contract.filling import Given, account, filled, ingested, prepare_from
from tests.contract.making import NOW, listing

SYLLABLES = ("ka", "lo", "mi", "ner", "tus", "var", "pe", "dro", "shi", "qua", "ent", "ol", "fi", "gra", "bu", "zen")


def sightings(seed: int, count: int) -> Iterator[Sighting]:
    """Yield papers mostly new: every sixth is one before, its title or abstract edited; some lack one or are short."""
    random = Random(seed)

    def words(number: int) -> str:
        return " ".join("".join(random.choices(SYLLABLES, k=random.choice((1, 2, 3)))) for _ in range(number))

    made: list[Sighting] = []
    for number in range(count):
        opening = random.choice(("In this paper we study ", ""))
        abstract = opening + words(random.choice((40, 60, 90))) if random.random() < 0.9 else ""
        title = words(random.choice((1, 5, 8))).capitalize() if random.random() < 0.97 else "Ob"
        keys = (Key(f"arxiv:2611.{number:05d}"),) if random.random() < 0.3 else ()
        one = Sighting(title=title, abstract=abstract, where=f"row {number}", keys=keys)
        if number % 6 == 5:
            one = _again(random, random.choice(made), f"row {number}", keys)
        made.append(one)
        yield one


def _again(random: Random, known: Sighting, where: str, keys: tuple[Key, ...]) -> Sighting:
    edited: dict[str, Any] = random.choice(
        (
            {"title": f"{known.title}: an addition"},
            {"title": known.title[: len(known.title) * 2 // 3]},
            {"title": f"Anew, {known.title}", "abstract": f"{known.abstract} Code is there."},
            {"title": known.title[:-1] + "x", "abstract": known.abstract[: len(known.abstract) * 3 // 4]},
            {"abstract": f"Revised. {known.abstract}"},
        )
    )
    return replace(replace(known, where=where, keys=keys, version=random.choice((None, 2))), **edited)


def listings(seed: int, count: int = 3, each: int = 120) -> list[Listing]:
    """Return listings of such papers."""
    every = list(sightings(seed, count * each))
    return [listing(*every[n * each : (n + 1) * each], name=f"part{n}.json") for n in range(count)]


@pytest.mark.parametrize(("seed", "together"), [(1, 10_000), (2, 150), (3, 1)])
def test_a_fill_without_numbers_stores_what_ingesting_stores(store: SqlStore, seed: int, together: int) -> None:
    """Also where most papers are new, some are near others, and several transactions look into one memory."""
    given = listings(seed)
    expected = ingested(given)
    filled(store, given, together)
    assert account(store) == expected
    assert sum("('state', 'new')" in row for row in expected["sightings"]) > 250
    assert sum("('state', 'unsure')" in row for row in expected["sightings"]) > 5
    assert len(expected["papers"]) < 340


@pytest.mark.parametrize("seed", range(3))
def test_nothing_is_refused_that_the_database_finds(seed: int) -> None:
    """Whether papers are with the old ones, the young ones or the recent ones; and most are refused."""
    every = [_outline(one) for one in sightings(seed, 500)]
    with SqlStore.open("sqlite://") as store:
        ingest_listing(listing(*sightings(seed, 300)), store.papers, NOW)
        with store.engine.begin() as connection:
            finds = [bool(near(connection, outline, ())) for outline in every]
            vicinity = Vicinity.of(connection)
            says = vicinity.near(every, lambda ids: dict(title_keys(connection, ids)))
    recent, young, all_of = Recent(), Vicinity(), dict(enumerate(every[:300], 1))
    young.add(list(all_of.items()))
    for paper_id, outline in all_of.items():
        recent.add(paper_id, outline)
    assert not [n for n, found in enumerate(finds) if found > says[n]]
    of_young = young.near(every, lambda ids: {paper_id: all_of[paper_id].title_key for paper_id in ids})
    assert not [n for n, found in enumerate(finds) if found > of_young[n]]
    assert not [n for n, found in enumerate(finds) if found > recent.near(every[n])]
    assert sum(says[300:]) < 60
    assert sum(finds[300:]) > 5


def test_what_others_ingest_between_two_transactions_is_found(tmp_path: Path) -> None:
    """What stands in memory is read anew when somebody else was there."""
    url = f"sqlite:///{tmp_path / 'digest.db'}"
    one, two, three = listings(4)
    with SqlStore.open(url) as store, SqlStore.open(url) as elsewhere, SqlStore.open("sqlite://") as other:
        filling = fill([Given([one.document, three.document])], store.papers, prepare=prepare_from([one, three]),
                       now=NOW, together=1)  # fmt: skip
        next(filling)
        ingest_listing(two, elsewhere.papers, NOW)
        assert len(list(filling)) == 1
        for each in (one, two, three):
            ingest_listing(each, other.papers, NOW)
        assert account(store) == account(other)


def _outline(one: Sighting) -> Outline:
    return outline_of(indexed_key(title_key(one.title)), one.abstract, one.keys)
