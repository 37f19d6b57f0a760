"""Why-lines, put together from words that are encoded once for all readers.

Escaping goes letter by letter, so a line's encoding is that of its parts, joined; equal to encoding ``papers.why``.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from digest.render.marks import html_text
from digest.render.papers import ALSO_IN, AND, MATCHES, MATCHES_NOTHING, named, one_line, why
from digest.render.pieces import is_a_line, line_value, value
from digest.render.quoted import escaped, soft

MOST_WORDS = 65_536
"""Terms and names kept, at about 400 bytes each."""


class Reason(NamedTuple):
    """A why-line for the HTML part and for the text part."""

    page: str
    letter: str


class _Word(NamedTuple):
    """A term or a name in either part, escaped; ``columns`` is 0 where breaking a line could change it."""

    page: str
    letter: str
    columns: int


def reason(terms: Sequence[str], also_in: Sequence[str]) -> Reason:
    """Return why a paper is here, encoded."""
    words = [_term(term) for term in terms]
    start = MATCHES if terms else MATCHES_NOTHING
    page = start + AND.join([word.page for word in words])
    letter = start + AND.join([word.letter for word in words])
    columns = len(start) + sum([word.columns for word in words])
    if len(words) > 1:
        columns += len(AND) * (len(words) - 1)
    if also_in:
        names = [_name(name) for name in also_in]
        page = f"{page}{ALSO_IN}{AND.join([name.page for name in names])}"
        letter = f"{letter}{ALSO_IN}{AND.join([name.letter for name in names])}"
        columns += len(ALSO_IN) + sum([name.columns for name in names]) + len(AND) * (len(names) - 1)
        words += names
    if not all(word.columns for word in words):
        return _any_reason(terms, also_in)
    return Reason(f"{soft(page)}\r\n", line_value(letter, columns))


def _any_reason(terms: Sequence[str], also_in: Sequence[str]) -> Reason:
    said = why(terms, also_in)
    return Reason(value(html_text(said)), value(said))


@lru_cache(maxsize=MOST_WORDS)
def _term(term: str) -> _Word:
    return _name(named(term))


@lru_cache(maxsize=MOST_WORDS)
def _name(name: str) -> _Word:
    text = one_line(name)
    return _Word(escaped(html_text(text)), escaped(text), len(text) if is_a_line(text) else 0)
