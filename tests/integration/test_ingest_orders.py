"""Whatever the order of the listings, the papers are the same."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import permutations
from pathlib import Path
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from digest import parsers
from digest.model import Document, Key, Listing, Sighting, State
from digest.pipeline.ingest import ingest_listing
from digest.store import SqlStore
from digest.text.titlekey import title_key

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DOCUMENT = Document(source="files", name="x", body=b"")


def papers_of(listings: Sequence[Listing]) -> tuple[set[str], dict[str, int]]:
    """Ingest into a new store; return the title keys of the papers and how many sightings were of each state."""
    states: dict[str, int] = {}
    with SqlStore.open("sqlite://") as store:
        for listing in listings:
            for judged in ingest_listing(listing, store.papers, NOW):
                state = State.NEW if judged.verdict.state is State.UNSURE else judged.verdict.state
                states[state] = states.get(state, 0) + 1  # whom a flag is on may depend on who came first
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


WORDS = "river slow text flat light ink paper stone leaf wind salt glass north amber quiet long bright small iron cloud"


def abstract(work: int) -> str:
    """Return the abstract of a work: words in an order that no other work has."""
    return " ".join(WORDS.split()[(work + 1) * n % 20] + str(n * (work + 2) % 7) for n in range(30))


ARXIV, DOI, PMID, NONE = "arxiv", "doi", "pmid", ""


def sighting(work: int, spelled: int, carries: tuple[str, ...]) -> Sighting:
    """Return a sighting of a work that has one title, one id of each kind, and one abstract."""
    title = ["Slow Rivers: Paper {}", "slow-rivers, PAPER {}", "Slow  Rivers — paper {}"][spelled].format(
        "abcdef"[work]
    )
    return Sighting(title=title, abstract=abstract(work), keys=tuple(map(keys(work).__getitem__, carries)), where="x")


def retitled(work: int, published: bool, carries: tuple[str, ...]) -> Sighting:
    """Return a sighting of a work that was published under another title and with another abstract."""
    title = "Text transport reconsidered" if published else "Of rivers and ink"
    named = f"{title}: {WORDS.split()[work]} {WORDS.split()[work + 7]}"
    words = abstract(work).split()
    text = " ".join(words[:12] + [word[::-1] for word in words[12:]] if published else words)
    return Sighting(title=named, abstract=text, keys=tuple(map(keys(work).__getitem__, carries)), where="x")


def keys(work: int) -> dict[str, Key]:
    return {
        ARXIV: Key(f"arxiv:2611.9{work:04}"),
        DOI: Key(f"doi:10.1000/{work}"),
        PMID: Key(f"pmid:38{work:06}"),
    }


def partition(listings: Sequence[Sequence[Sighting]]) -> list[list[int]]:
    """Ingest listings into a new store; return which sightings, by what they are, ended as one paper."""
    seen: list[tuple[int, int]] = []
    with SqlStore.open("sqlite://") as store:
        for sightings in listings:
            listing = Listing(document=DOCUMENT, format="t", listed_on=None, sightings=tuple(sightings))
            judged = ingest_listing(listing, store.papers, NOW)
            seen += [(one.paper.id, NAMES[one.sighting]) for one in judged]
        root = {paper: store.curation.why(paper).paper.id for paper, _ in seen}
    papers: dict[int, list[int]] = {}
    for paper, name in seen:
        papers.setdefault(root[paper], []).append(name)
    return sorted(sorted(of) for of in papers.values())


SOME_IDS = [(), (ARXIV,), (DOI,), (PMID,), (ARXIV, DOI), (DOI, PMID), (ARXIV, DOI, PMID)]
DRAWN = [sighting(work, spelled, some) for work in range(4) for spelled in range(3) for some in SOME_IDS]
DRAWN += [retitled(work, late, (DOI,) if late else (ARXIV,)) for work in (4, 5) for late in (False, True)]
DRAWN += [retitled(work, late, (ARXIV, DOI)) for work in (4, 5) for late in (False, True)]
NAMES = {drawn: number for number, drawn in enumerate(DRAWN)}
LISTINGS = st.lists(st.lists(st.sampled_from(DRAWN), max_size=6), max_size=4)


@settings(max_examples=25, deadline=None)
@given(LISTINGS.flatmap(lambda of: st.tuples(st.just(of), st.permutations(of))), st.randoms(use_true_random=False))
def test_any_order_of_the_same_listings_gives_the_same_papers(
    orders: tuple[list[list[Sighting]], list[list[Sighting]]], luck: Random
) -> None:
    """Law: by ids and title keys, which sightings are of one paper does not depend on who came first.

    Sightings carry none, one or several ids of three kinds; those of retitled works are joined by whoever carries both.
    """
    first, second = orders
    inside = [luck.sample(of, len(of)) for of in second]
    assert partition(first) == partition(second) == partition(inside)


def rival(number: int, carries: int) -> Sighting:
    """Return a sighting of one of two papers of one title, of both kinds of ids, or of nobody knows which."""
    some = [(), (ARXIV,), (DOI,), (ARXIV, DOI)][carries]
    named = tuple(map(keys(number).__getitem__, some))
    return Sighting(title="On Rivers and Their Text", keys=named, where="x")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.builds(rival, st.integers(0, 2), st.integers(0, 3)), min_size=1, max_size=8))
def test_two_arxiv_ids_are_never_one_paper_nor_one_id_two(sightings: list[Sighting]) -> None:
    """Law, in any order, where the title says nothing: three works of one title, sighted with and without ids."""
    listing = Listing(document=DOCUMENT, format="t", listed_on=None, sightings=tuple(sightings))
    with SqlStore.open("sqlite://") as store:
        judged = ingest_listing(listing, store.papers, NOW)
        of_paper: dict[int, set[Key]] = {}
        of_key: dict[Key, set[int]] = {}
        for one in judged:
            paper = store.curation.why(one.paper.id).paper
            for key in (key for key in one.sighting.keys if key.startswith("arxiv:")):
                of_paper.setdefault(paper.id, set()).add(key)
                of_key.setdefault(key, set()).add(paper.id)
    assert all(len(found) == 1 for found in of_paper.values())
    assert all(len(found) == 1 for found in of_key.values())


@settings(max_examples=40, deadline=None)
@given(st.permutations([rival(0, 1), rival(1, 1), rival(0, 0)]))
def test_a_sighting_that_could_be_either_is_flagged_unless_it_was_first(order: list[Sighting]) -> None:
    """Of two papers of one title, a sighting without an id joins neither silently."""
    listing = Listing(document=DOCUMENT, format="t", listed_on=None, sightings=tuple(order))
    with SqlStore.open("sqlite://") as store:
        states = [judged.verdict.state for judged in ingest_listing(listing, store.papers, NOW)]
    assert states[2] is (State.NEW if order[2].keys else State.UNSURE)
