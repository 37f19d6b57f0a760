"""How alike two abstracts are, and when an abstract says nothing."""

from __future__ import annotations

import re

from digest.text.sketch import LEAST, shingles

UNRELATED = 0.03
"""Likeness up to which two abstracts are strangers: the most seen in unrelated pairs."""

_NOTICE = re.compile(
    r"\W*(?:(?:this|the)\s(?:paper|article|manuscript|submission|work|preprint|version)\b.{0,40}?"
    r"\b(?:has been|was|is|have been)\s(?:temporarily\s)?(?:withdrawn|retracted|removed)"
    r"|no\sabstract\b.{0,20}\bavailable|(?:an\s)?abstract\s(?:is\s)?not\savailable|withdrawn(?:\sby\b|\W*$))",
    re.IGNORECASE | re.DOTALL,
)
_LONGEST_NOTICE = 600
_FEWEST_WORDS_OF_A_START = 30


def abstract_likeness(one: str, other: str) -> float | None:
    """Return the Jaccard likeness of two abstracts' three-word shingles, ``None`` where either says nothing.

    Where one stands whole in the other, but for its last words, it was cut short, or the other one grew: 1.0. One that
    is too short, or is a notice (withdrawn, not available), says nothing: all notices are alike.
    """
    if one == other and len(one) > _LONGEST_NOTICE:
        return 1.0
    if _is_notice(one) or _is_notice(other):
        return None
    a, b = shingles(one), shingles(other)
    if min(len(a), len(b)) < LEAST:
        return None
    return 1.0 if _is_cut(a, b) else len(a & b) / len(a | b)


def _is_notice(abstract: str) -> bool:
    return len(abstract) < _LONGEST_NOTICE and _NOTICE.match(abstract) is not None


def _is_cut(a: frozenset[str], b: frozenset[str]) -> bool:
    """Return whether all of the shorter text, but for its last words, stands in the longer one."""
    shorter, longer = sorted((a, b), key=len)
    return len(shorter) >= _FEWEST_WORDS_OF_A_START and len(shorter - longer) <= 2
