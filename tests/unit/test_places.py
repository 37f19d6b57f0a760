"""Places: 64 bits that stand in the order of a paper's ends, and the gate before papers are loaded."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.identity import Gate, plausible
from digest.model import Key
from digest.store.neighbours import digits, outline_of, ring_begins, title_place
from digest.text.sketch import brief, sketch
from digest.text.titlekey import title_key

ABSTRACT = "Models that read sequences step at the pace of their input, although language has long stretches."
WORDS = st.sampled_from(["slow", "rivers", "carry", "clocks", "through", "gates", "deep", "waters", "keep", "pace"])
TEXTS = st.lists(WORDS, max_size=30).map(" ".join)
ENDS = st.text(st.sampled_from("abcdefghijklmnopqrstuvwxyz0123456789é水"), min_size=1, max_size=60)


def test_places_are_the_same_on_every_machine() -> None:
    """They are part of what a store holds: they must never change."""
    outline = outline_of("slowrivers2withclocks", ABSTRACT, ())
    assert [place - ring_begins(ring) for ring, place in enumerate(outline.places()[:4])] == list(outline.ends)
    assert [f"{end:020o}" for end in outline.ends if end is not None] == [
        "17331612406000000000",
        "23730477346000000000",
        "45122154245632436610",
        "41073366262735055050",
    ]
    assert title_place("slowrivers2withclocks") == 441288420769470998


@given(ENDS, ENDS, ENDS, st.sampled_from([2, 3]))
def test_ends_that_begin_alike_have_places_that_begin_alike(common: str, one: str, other: str, per_digit: int) -> None:
    """So many letters in common, so many digits: the neighbours of a place are those of its end."""
    a, b = digits(common + one, per_digit), digits(common + other, per_digit)
    assert a is not None
    assert b is not None
    assert 0 <= a < 2**60
    shared = min(20, len(common) // per_digit)
    assert a >> (60 - 3 * shared) == b >> (60 - 3 * shared)


def test_the_digits_of_texts_are_all_about_as_frequent() -> None:
    """A digit tells three bits only where none is much more frequent than others."""
    words = (
        "the quick survey of large language models that learn to reason with tools and to plan over long horizons "
        "under noise while small graph networks predict molecular properties from few labelled examples by transfer"
    ).replace(" ", "")
    for per_digit in (2, 3):
        seen = [f"{digits(words[at : at + 60], per_digit):020o}" for at in range(len(words) - 60)]
        counts = [sum(of.count(str(digit)) for of in seen) / (20 * len(seen)) for digit in range(8)]
        assert max(counts) < 0.25
        assert min(counts) > 0.05


def test_a_paper_without_letters_stands_nowhere_but_has_an_outline() -> None:
    """Nothing to find it by, nothing to compare."""
    assert outline_of("", "… —", ()) == ("", None, (None, None, None, None), b"", False)
    assert outline_of("", "… —", ()).places() == []
    assert len(outline_of("title", "", ()).places()) == 3


def test_papers_with_an_arxiv_number_stand_in_rings_of_their_own() -> None:
    """Only the ring of whole titles is one for all."""
    plain = outline_of("slowrivers", ABSTRACT, (Key("doi:10.1/x"),)).places()
    numbered = outline_of("slowrivers", ABSTRACT, (Key("arxiv:2611.90034"),)).places()
    assert [b - a for a, b in zip(plain, numbered, strict=True)] == [4 << 60] * 4 + [0]
    assert all(-(2**63) <= place < 2**63 for place in numbered)


@given(TEXTS, TEXTS, TEXTS, TEXTS)
def test_the_gate_lets_everything_plausible_pass(title: str, other_title: str, text: str, other_text: str) -> None:
    """Half a sketch refuses nothing that a whole one would not refuse."""
    mine, theirs = sketch(text), sketch(other_text)
    keys = title_key(title), title_key(other_title)
    gate = Gate(keys[0], brief(mine))
    worth, doubtful = gate.by_abstract({1: brief(theirs)})
    assert worth or (doubtful and gate.by_title(keys[1])) or not plausible(keys[0], mine, keys[1], theirs)


@pytest.mark.parametrize(
    ("mine", "theirs", "worth"),
    [
        (range(32), range(100, 132), False),
        (range(32), range(20, 52), True),
        (range(32), range(27, 59), None),
        (range(32), range(0), None),
        (range(0), range(32), None),
        (range(32), range(28, 38), True),
    ],
)
def test_the_gate_by_abstracts(mine: range, theirs: range, worth: bool | None) -> None:
    """Nothing in common is a stranger, a fifth is worth a look; between them, or without abstracts, titles decide."""
    halves = [b"".join(value.to_bytes(2, "little") for value in values) for values in (mine, theirs)]
    assert Gate("title", halves[0]).by_abstract({7: halves[1]}) == ([7] * (worth is True), [7] * (worth is None))


def test_a_brief_sketch_has_half_of_each_value() -> None:
    """Part of what a store holds: it must never change."""
    assert brief(bytes.fromhex("dbf5bc0796b83a3e")).hex() == "dbf596b8"
