"""Whatever the order of the listings, the papers are the same."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import permutations
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from digest import parsers
from digest.model import Document, Key, Listing, Sighting, State
from digest.pipeline.ingest import ingest_listing
from digest.store import SqlStore
from digest.text.titlekey import title_key

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ABSTRACTS = [
    "State space models read a sequence at the pace at which it is given, and language has long quiet stretches.",
    "A map made in summer is of little use in snow, so geometry is kept apart from whatever the weather changes.",
]


def papers_of(listings: Sequence[Listing]) -> tuple[set[str], dict[str, int]]:
    """Ingest into a new store; return the title keys of the papers and how many sightings were of each state."""
    states: dict[str, int] = {}
    with SqlStore.open("sqlite://") as store:
        for listing in listings:
            for judged in ingest_listing(listing, store.papers, NOW):
                states[judged.verdict.state] = states.get(judged.verdict.state, 0) + 1
        return {title_key(event.paper.title) for event in store.papers.fresh(0)}, states


def test_the_three_real_texts_in_any_order_give_each_paper_once(samples: Path) -> None:
    """Cards, paragraphs and lines overlap; six orders, one set of papers, as many as there are distinct titles."""
    listings = [
        parsers.parse(Document(source="files", name=path.name, body=path.read_bytes()))
        for path in sorted((samples / "hf-text").glob("*.txt"))
    ]
    assert [len(listing.sightings) for listing in listings] == [42, 64, 80]
    distinct = {title_key(sighting.title) for listing in listings for sighting in listing.sightings}
    for order in permutations(listings):
        found, states = papers_of(order)
        assert found == distinct
        assert states[State.NEW] == len(distinct)
        assert states.get(State.SEEN, 0) == 42 + 64 + 80 - len(distinct)


def test_a_file_ingested_twice_adds_nothing(samples: Path) -> None:
    """The second time every paper is seen, with a reason."""
    path = samples / "hf-text" / "dec-11.cards.txt"
    listing = parsers.parse(Document(source="files", name=path.name, body=path.read_bytes()))
    with SqlStore.open("sqlite://") as store:
        ingest_listing(listing, store.papers, NOW)
        again = ingest_listing(listing, store.papers, NOW)
        assert {judged.verdict.state for judged in again} == {State.SEEN}
        assert all(judged.verdict.reason for judged in again)
        assert len(store.papers.fresh(0)) == 42


def sighting(number: int, spelled: int, has_id: bool) -> Sighting:
    title = ["Slow Rivers: Paper {}", "slow-rivers, PAPER {}", "Slow  Rivers — paper {}"][spelled].format(number)
    keys = (Key(f"arxiv:2611.9{number:04}"),) if has_id else ()
    return Sighting(title=title, abstract=f"{ABSTRACTS[number % 2]} Number {number}.", keys=keys, where="x")


SIGHTINGS = st.builds(sighting, st.integers(0, 5), st.integers(0, 2), st.booleans())


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.lists(SIGHTINGS, max_size=5), max_size=4).flatmap(
        lambda of: st.tuples(st.just(of), st.permutations(of))
    )
)
def test_any_order_of_the_same_listings_gives_the_same_papers(
    orders: tuple[list[list[Sighting]], list[list[Sighting]]],
) -> None:
    """By ids and title keys, the set of papers does not depend on who came first."""
    document = Document(source="files", name="x", body=b"")
    first, second = (
        papers_of([Listing(document=document, format="t", listed_on=None, sightings=tuple(of)) for of in order])
        for order in orders
    )
    assert first == second
