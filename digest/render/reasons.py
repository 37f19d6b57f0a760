"""Why-lines, put together from words that are encoded once for all readers.

Escaping goes letter by letter, so a line's encoding is that of its parts, joined; equal to encoding ``papers.why``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from digest.render.marks import html_text
from digest.render.papers import ALSO_IN, AND, MATCHES, MATCHES_NOTHING, named, one_line
from digest.render.pieces import Slot, Value, is_a_line
from digest.render.quoted import escaped

MOST_WORDS = 8_192
"""Terms and lists of names kept, at about 400 bytes each."""
MOST_SLOTS = 8
"""Slots that one why-line fills; shipped templates have three."""


_Word = tuple[str, str, int]
"""A term or a name, or several: escaped for either part, and its columns, 0 where breaking a line could change it."""


class Reason(dict[Slot, str]):
    """A why-line in both parts: by slot, the slots that need nothing else, filled."""

    __slots__ = ("_said",)

    def __init__(self, said: _Word) -> None:
        self._said = said

    def of(self, slot: Slot) -> Value:
        """Return the why-line itself, for the slot's part of the mail."""
        page, letter, columns = self._said
        return Value(page) if slot.on_page else Value(letter, columns)

    def __missing__(self, slot: Slot) -> str:
        if len(self) >= MOST_SLOTS:
            self.clear()
        made = self[slot] = slot.filled({"why": self.of(slot)})
        return made


def reason(terms: Sequence[str], also_in: tuple[str, ...]) -> Reason:
    """Return why a paper is here, encoded."""
    said = _together(MATCHES, map(_term, terms)) if terms else _NOTHING
    return Reason(_behind(said, _also_in(also_in)) if also_in else said)


def _together(before: str, words: Iterable[_Word]) -> _Word:
    pages, letters, columns = zip(*words, strict=True)
    width = len(before) + sum(columns) + len(AND) * (len(columns) - 1)
    return before + AND.join(pages), before + AND.join(letters), width if all(columns) else 0


def _behind(said: _Word, more: _Word) -> _Word:
    width = said[2] + more[2] if said[2] and more[2] else 0
    return said[0] + more[0], said[1] + more[1], width


_NOTHING = MATCHES_NOTHING, MATCHES_NOTHING, len(MATCHES_NOTHING)


@lru_cache(maxsize=MOST_WORDS)
def _also_in(names: tuple[str, ...]) -> _Word:
    return _together(ALSO_IN, map(_name, names))


@lru_cache(maxsize=MOST_WORDS)
def _term(term: str) -> _Word:
    return _name(named(term))


def _name(name: str) -> _Word:
    text = one_line(name)
    return escaped(html_text(text)), escaped(text), len(text) if is_a_line(text) else 0
