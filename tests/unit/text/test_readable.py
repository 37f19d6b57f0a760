"""Readable text: what people see, never half converted, the same when done twice."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.text.readable import readable, readable_abstract

PAIRS = [
    ("  Counting\n  Clouds\t", "Counting Clouds"),
    (r"M{\aa}ns P\'aez and Fr\'ed\'eric", "Måns Páez and Frédéric"),
    (r"Ludwik D\k{a}browski, Pawe{\l} Zalecki", "Ludwik Dąbrowski, Paweł Zalecki"),
    (r"Schr\"odinger, Erd\H{o}s, \v{C}ech, {\O}rsted, Stra\ss{}e", "Schrödinger, Erdős, Čech, Ørsted, Straße"),
    (r"Gr\"{u}nwald, na\"{\i}ve, {\'E}cole, \c{c}a, \~n", "Grünwald, naïve, École, ça, ñ"),
    ("``train once'' and -- well --- Value--at--Risk", "“train once” and – well — Value–at–Risk"),
    ("R&amp;D &lt;b&gt; &#x3b3;-MoD &unknown; AT&T", "R&D <b> γ-MoD &unknown; AT&T"),
    ("a\x00b\x1b[0m\u200bc\u202ed", "ab[0mcd"),
    ("cafe\u0301", "café"),
    ("use --flag and a--b-- c", "use --flag and a–b-- c"),
    ("γ-MoD 100\\% of C++ & C#", "γ-MoD 100% of C++ & C#"),
]


@pytest.mark.parametrize(("raw", "shown"), PAIRS)
def test_what_listings_hold_becomes_readable(raw: str, shown: str) -> None:
    """Accents, quotes, dashes and entities turn into characters; what is none stays."""
    assert readable(raw) == shown


def test_paragraphs_of_an_abstract_stay_apart() -> None:
    """A blank line or an indented line begins a paragraph; a plain line end does not."""
    assert readable_abstract("  One\ntwo.\n\nThree.\r\n  Four\n") == "One two.\nThree.\nFour"


def test_a_formula_on_lines_of_its_own_is_no_paragraph() -> None:
    """Display formulas are indented, and said or left like all others; blank lines still part paragraphs."""
    shown = "  \\[\n  \\alpha \\leq \\beta\n  \\]\n"
    left = "  $$\n  \\unknown{x}\n  $$\n"
    raw = f"We prove\n{shown}  and\n  $\n  x^2\n  $\n  too.\n\n{left}\nEnd."
    assert readable_abstract(raw) == "We prove α ≤ β and x² too.\n$$ \\unknown{x} $$\nEnd."


@settings(deadline=None, max_examples=300)
@given(st.text(max_size=200))
def test_any_text_becomes_clean(raw: str) -> None:
    """The result is NFC, without control characters or double spaces."""
    shown = readable(raw)
    assert shown == " ".join(shown.split())
    assert unicodedata.is_normalized("NFC", shown)
    assert not any(unicodedata.category(character) in {"Cc", "Cs"} for character in shown)
