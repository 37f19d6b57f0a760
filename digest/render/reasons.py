"""Why-lines, put together from words that are encoded once for all readers.

Escaping goes letter by letter, so a line's encoding is that of its parts, joined; equal to encoding ``papers.why``.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from digest.render.marks import html_text
from digest.render.papers import ALSO_IN, AND, MATCHES, MATCHES_NOTHING, named, one_line
from digest.render.pieces import Slot, Value, is_a_line
from digest.render.quoted import escaped, soft

MOST_WORDS = 65_536
"""Terms and names kept, at about 400 bytes each."""
MOST_SLOTS = 8
"""Slots that one why-line fills; shipped templates have three."""


class Reason:
    """A why-line for the HTML part and for the text part; ``fills`` are slots of either that it has filled."""

    __slots__ = ("_columns", "_letter", "_page", "fills")

    def __init__(self, page: str, letter: str, columns: int) -> None:
        self._page, self._letter, self._columns = page, letter, columns
        self.fills: dict[Slot, str] = {}

    def of(self, *, on_page: bool) -> Value:
        """Return the why-line itself."""
        return Value(self._page) if on_page else Value(self._letter, self._columns)

    def filled(self, slot: Slot, *, on_page: bool) -> str:
        """Return a slot that needs nothing but the why-line; no slot is in both parts."""
        if len(self.fills) >= MOST_SLOTS:
            self.fills.clear()
        made = f"{soft(self._page)}\r\n" if on_page and slot.name else slot.filled({"why": self.of(on_page=on_page)})
        self.fills[slot] = made
        return made


class _Word(NamedTuple):
    """A term or a name in either part, escaped; ``columns`` is 0 where breaking a line could change it."""

    page: str
    letter: str
    columns: int


def reason(terms: Sequence[str], also_in: Sequence[str]) -> Reason:
    """Return why a paper is here, encoded."""
    words = [_term(term) for term in terms]
    page = letter = MATCHES if terms else MATCHES_NOTHING
    page += AND.join([word.page for word in words])
    letter += AND.join([word.letter for word in words])
    columns = [word.columns for word in words]
    if also_in:
        names = [_name(name) for name in also_in]
        page += ALSO_IN + AND.join([name.page for name in names])
        letter += ALSO_IN + AND.join([name.letter for name in names])
        columns += [len(ALSO_IN) - len(AND), *[name.columns for name in names]]
    width = len(MATCHES if terms else MATCHES_NOTHING) + sum(columns) + len(AND) * (len(columns) - 1)
    return Reason(page, letter, width if all(columns) and columns else 0)


@lru_cache(maxsize=MOST_WORDS)
def _term(term: str) -> _Word:
    return _name(named(term))


@lru_cache(maxsize=MOST_WORDS)
def _name(name: str) -> _Word:
    text = one_line(name)
    return _Word(escaped(html_text(text)), escaped(text), len(text) if is_a_line(text) else 0)
