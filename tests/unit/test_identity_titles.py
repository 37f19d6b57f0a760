"""How titles differ, and which words are marks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.identity.abstracts import abstract_likeness
from digest.identity.marks import decimals, formulas, marks
from digest.identity.titles import Difference, difference
from digest.text.titlekey import title_words
from tests.unit.adversarial import ABSTRACT, CUT, OTHER, PAIRS, WITHDRAWN

WORDS = (
    "the river rivers net 2 3.5 ii first not without + # α of : – reply 河 流 不 GPT-4 NaCl LLMs large language models"
)


@pytest.mark.parametrize(
    ("one", "other", "kind"),
    [
        ("Slow Rivers", "slow-rivers", Difference.NONE),
        ("Version 2.5", "Version 25", Difference.MARKED),
        ("Sediment in Rivers", "Sedimnet in Rivers", Difference.SLIP),
        ("Tuning Large Language Models", "Tuning LLMs", Difference.SLIP),
        ("Pre-training, again and agian", "Pretraining, again and again", Difference.SLIP),
        ("Sediment in Rivers", "On Sediment in Rivers: A Study", Difference.LONGER),
        ("FlowNet: Sediment in Rivers", "FlowSense: Sediment in Rivers", Difference.PART),
        ("Sediment in Slow Rivers", "Sediment in Deep Rivers", Difference.REWORDED),
        ("Sediment in Slow Rivers", "Sediment in Slow Rivers 2", Difference.MARKED),
        ("Sediment in Slow Rivers", "Quick Streams", Difference.OTHER),
        ("A Framework of One Long Kind: Universal Law, Proof", "Some Scheme of Another Kind: Universal Law, Proof",
         Difference.OTHER),
    ],
)  # fmt: skip
def test_the_ways_in_which_titles_differ(one: str, other: str, kind: Difference) -> None:
    """From nothing to everything, the same in both directions."""
    assert difference(one, other) is difference(other, one) is kind


@given(*[st.lists(st.sampled_from(WORDS.split()), max_size=7).map(" ".join)] * 2)
def test_the_difference_is_the_same_in_both_directions(one: str, other: str) -> None:
    """Law, for any titles; and a title does not differ from itself."""
    assert difference(one, other) is difference(other, one)
    assert difference(one, one) is Difference.NONE


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.why)
def test_the_difference_of_hard_pairs_is_the_same_in_both_directions(pair: object) -> None:
    """The law again, for titles that were made to be hard."""
    one, other = pair.titles  # type: ignore[attr-defined]
    assert difference(one, other) is difference(other, one)


@pytest.mark.parametrize(
    ("title", "found"),
    [
        ("Qwen2.5-72B, Part II", "2.5 72 ii"),
        ("The 2nd River Challenge 2025", "2 2025"),
        ("The Second River Challenge", "second"),
        ("A Study of Type A Rivers", "a"),
        ("A Study of Rivers", ""),
        ("C++ without Errata", "c plus plus without erratum"),
        ("γ-MoD", "gamma"),
        ("不能 (上)", "不 上"),
    ],
)
def test_marks_are_numbers_names_by_letter_and_words_that_turn_the_sense(title: str, found: str) -> None:
    """In the order of the title; the article is none."""
    assert [mark for of_word in marks(title_words(title)) for mark in of_word] == found.split()


def test_formulas_and_decimals_are_read_from_the_title_itself() -> None:
    """Names in capitals and words are no formulas; a version's point counts, an enumeration's does not."""
    assert formulas("NaCl and DyNiSb in JetFlow, NASA and Ohio") == {"NaCl", "DyNiSb"}
    assert decimals("GPT 3.5 in 2025. 12 ways, v1.2.3") == ["3.5", "1.2.3"]


@pytest.mark.parametrize(
    ("one", "other", "likeness"),
    [
        (ABSTRACT, ABSTRACT, 1),
        (ABSTRACT, CUT, 1),
        (ABSTRACT, OTHER, 0),
        (ABSTRACT, "", None),
        (ABSTRACT, WITHDRAWN, None),
        (WITHDRAWN, WITHDRAWN, None),
        ("No abstract is available for this article at all.", ABSTRACT, None),
        ("Too short to say.", "Too short to say.", None),
        ("Withdrawn.", ABSTRACT, None),
        ("An abstract machine for rivers is available now.", "An abstract machine for rivers is available now.", 1),
    ],
)
def test_an_abstract_can_say_nothing(one: str, other: str, likeness: float | None) -> None:
    """One that is missing, short, or a notice is compared with nothing; one that was cut short is the same."""
    assert abstract_likeness(one, other) == abstract_likeness(other, one) == likeness
