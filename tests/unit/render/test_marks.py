"""Matched words are marked and nothing else is changed; the lead says why the paper is here."""

from __future__ import annotations

import html
import re

from hypothesis import given
from hypothesis import strategies as st

from digest.model import Span
from digest.render.marks import highlighted, places
from digest.render.passages import LEAD_LENGTH, Lead, Passages

TEXTS = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=300)
PLACES = st.lists(st.tuples(st.integers(0, 300), st.integers(0, 300)), max_size=6)


def lead(text: str, spans: list[Span]) -> Lead:
    return Passages(text).lead(places(spans, "abstract", len(text)))


def spans(stretches: list[tuple[int, int]]) -> list[Span]:
    return [Span("abstract", min(place), max(place)) for place in stretches]


@given(text=TEXTS, stretches=PLACES)
def test_marking_changes_no_letter_and_lets_no_markup_through(text: str, stretches: list[tuple[int, int]]) -> None:
    """Whatever the text and the spans, the HTML without its marks reads as the text, and only marks are tags."""
    marked = str(highlighted(text, spans(stretches)))
    assert html.unescape(re.sub(r"</?mark>", "", marked)) == html.unescape(html.escape(text))
    assert set(re.findall(r"<[^>]*>", marked)) <= {"<mark>", "</mark>"}
    assert marked.count("<mark>") == marked.count("</mark>")


def test_the_words_of_the_spans_are_the_ones_marked() -> None:
    """Spans count code points, also behind letters that take more than one byte."""
    assert highlighted("γ & mamba", [Span("title", 4, 9)]) == "γ &amp; <mark>mamba</mark>"


def test_the_lead_holds_the_matched_sentence_and_the_contribution() -> None:
    """Of a long abstract, the sentence with the matched word and the one that says what was done are shown."""
    filler = "It is well known that many things happen in this field every day of the year, as everybody can see. " * 3
    text = f"{filler}We present a fast clock. {filler}The mamba wins."
    at = text.index("mamba")
    shown = lead(text, [Span("abstract", at, at + 5)])
    assert "We present a fast clock." in shown.text
    assert "<mark>mamba</mark>" in shown.html
    assert " … We present" in shown.text
    assert not shown.is_whole


def test_a_short_abstract_is_shown_whole_and_says_so() -> None:
    """Nothing is marked as an excerpt that is none; abbreviations do not end a sentence."""
    text = "We use tools, e.g. Python. They help."
    assert lead(text, []) == (text, text.replace(". They", ".\nThey"), True)


@given(text=TEXTS, stretches=PLACES)
def test_a_lead_is_made_of_the_abstract_and_is_short(text: str, stretches: list[tuple[int, int]]) -> None:
    """Every piece of a lead stands in the abstract, whatever blank is between; it is hardly longer than a screen."""
    shown = lead(text, spans(stretches))
    assert len(shown.text) <= LEAD_LENGTH + 20
    for piece in shown.text.split(" … "):
        assert " ".join(piece.strip("… ").split()) in " ".join(text.split())
