"""Whatever was changed in a paper's wording, one of its ends leads to it, in every store."""

from __future__ import annotations

import pytest

from digest.model import Key, Sighting, State
from digest.store import SqlStore, schema
from digest.store.neighbours import EACH_SIDE
from tests.contract.making import NOW, ingest, judge, sighting

TITLE = "Slow Rivers: State Space Models with Learned Clocks"
ABSTRACT = (
    "Models that read sequences step at the pace of their input, although language has long stretches in which little "
    "happens. Slow Rivers gives each channel of a block a clock of its own, learned from the data, which decides how "
    "much time passes between two tokens. The clocks turn out to be readable: they slow down at the ends of sentences "
    "and stop altogether in tables. On four benchmarks of long documents the model needs a third of the steps."
)
PAPER = sighting(TITLE, abstract=ABSTRACT)
HALF = len(ABSTRACT) // 2


def verdict(store: SqlStore, *seen: Sighting) -> State:
    """Return what is said of the last sighting, each in a listing of its own."""
    return [judge(store, one)[0].verdict.state for one in seen][-1]


@pytest.mark.parametrize(
    ("title", "abstract", "state"),
    [
        ("Slow Rivers: State Space Models with Learned Clocks for Long Documents", ABSTRACT, State.SEEN),
        ("State Space Models with Learned Clocks", ABSTRACT, State.SEEN),
        ("Slow Rivers: State Space Modells with Learned Clocks", ABSTRACT, State.SEEN),
        ("Still Waters: State Space Models with Learned Clocks", ABSTRACT, State.SEEN),
        (TITLE.replace("Learned", "Lerned"), f"In short: {ABSTRACT}", State.SEEN),
        (TITLE.replace("Learned", "Lerned"), f"{ABSTRACT} Code is available.", State.SEEN),
        ("An altogether different title for it", ABSTRACT, State.UNSURE),
        ("Slow Rivers: State Space Models with Learned Clocks II", ABSTRACT, State.UNSURE),
        ("Tidewater: a policy for robots in the sea", "Nothing of this is about clocks at all. " * 9, State.NEW),
    ],
)
def test_a_near_paper_is_found_among_the_neighbours(store: SqlStore, title: str, abstract: str, state: State) -> None:
    """Found by an end that stayed, among others that begin or end alike; judged by what identity says."""
    crowd = [sighting(f"Slow {word} of the north and clocks", abstract=f"Models {word}. " * 30) for word in "abcdefgh"]
    assert verdict(store, *crowd, PAPER, sighting(title, abstract=abstract)) is state


def test_papers_of_one_listing_find_one_another(store: SqlStore) -> None:
    """A repeat inside a dump, under another title, is no news."""
    said = judge(store, PAPER, sighting(f"{TITLE} for Long Documents", abstract=ABSTRACT))
    assert [judged.verdict.state for judged in said] == [State.NEW, State.SEEN]


def test_both_wordings_of_a_revised_paper_lead_to_it(store: SqlStore) -> None:
    """A retitled new version, then a dump without ids that still has the old title's subtitle."""
    keys = (Key("arxiv:2611.90034"),)
    first = sighting(TITLE, abstract=ABSTRACT, keys=keys, version=1)
    second = sighting(
        "Deep Waters: Reading at One's Own Pace", abstract=f"We ask why. {ABSTRACT}", keys=keys, version=2
    )
    assert verdict(store, first, second) is State.REVISED
    assert verdict(store, sighting("Deep Waters: Reading at One's Own Pace and Time", abstract=ABSTRACT)) is State.SEEN
    with store.engine.connect() as connection:
        places = connection.execute(schema.neighbours.select()).all()
    assert len(places) == 9, "four ends of each wording, one of which they share, and both titles"


def test_another_arxiv_number_is_another_paper(store: SqlStore) -> None:
    """To a sighting with a number, papers of other numbers are no neighbours; those without one are."""
    numbered = [sighting(TITLE, abstract=ABSTRACT, keys=(Key(f"arxiv:2611.9003{n}"),)) for n in (1, 2)]
    assert verdict(store, *numbered) is State.NEW
    longer = sighting(f"{TITLE} for All", abstract=ABSTRACT, keys=(Key("arxiv:2611.90039"),))
    assert verdict(store, longer) is State.NEW
    plain = sighting("Tidewater: Policies that Recover", abstract=ABSTRACT[::-1])
    known = sighting("Tidewater: Policies that Recover Well", abstract=ABSTRACT[::-1], keys=(Key("arxiv:2611.90040"),))
    assert verdict(store, plain, known) is State.SEEN


def test_a_crowd_of_equal_beginnings_hides_no_other_end(store: SqlStore) -> None:
    """More papers than are looked at begin alike; the end of the abstract leads there all the same."""
    crowd = [
        sighting(f"Slow Rivers {'very ' * n}far north", abstract=f"{ABSTRACT[:HALF]} {n} {'x' * n}" * 2)
        for n in range(3 * EACH_SIDE)
    ]
    ingest(store, *crowd, now=NOW)
    assert verdict(store, PAPER, sighting(f"{TITLE} for Long Documents", abstract=ABSTRACT)) is State.SEEN


def test_a_title_without_an_abstract_is_flagged_not_merged(store: SqlStore) -> None:
    """Likeness of titles alone never merges."""
    assert verdict(store, PAPER, sighting(f"{TITLE} for Long Documents", abstract="")) is State.UNSURE


def test_a_dump_that_carries_an_old_wording_brings_nothing_new(store: SqlStore) -> None:
    """A new version changed the title and some of the abstract; who shows the first version is recognised by it."""
    number = (Key("arxiv:2611.00007"),)
    (known,) = ingest(store, sighting(TITLE, abstract=ABSTRACT, keys=number, version=1))
    revised = ABSTRACT.replace("a third of the steps", "half of the steps")
    ingest(store, sighting("Clocks for Text", abstract=revised, keys=number, version=2))
    (stale,) = judge(store, PAPER)
    assert (stale.verdict.state, stale.paper.id) == (State.SEEN, known.id)
    assert stale.verdict.reason == "same title, in an earlier wording"
    assert store.curation.why(known.id).paper.title == "Clocks for Text"
    (new,) = judge(store, sighting(TITLE, abstract=ABSTRACT, keys=(Key("arxiv:2611.00008"),)))
    assert new.verdict.state is State.NEW
