"""What is known of one paper before a reader comes, and what a reader's matches make of it.

Readers' matches differ, the sentences they stand in do not: a place that somebody's matches had gets a bit in its
sentence, and a sentence with the same bits set is highlighted and encoded once for all readers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import count
from typing import NamedTuple, TypeVar

from digest.model import Item, Span
from digest.render.marks import MARK, Places, html_text, marked, mended, places
from digest.render.papers import one_line, passages
from digest.render.passages import Block
from digest.render.pieces import Piece, value

MOST_MARKED = 100_000
"""Highlighted sentences and titles kept for all papers together: at about 500 bytes each."""
MOST_PLACES = 4096
"""Places of matches known in one paper: at about 200 bytes each."""
MOST_CHOICES = 256
"""Choices of sentences kept for one paper: at about 1 KB each."""
MOST_NUMBERS = 64

_TITLE, _ACROSS, _NOWHERE = -1, -2, -3
"""In place of a sentence's number: the title; a match that is not in one sentence; one that is not shown at all."""

_K = TypeVar("_K")
_V = TypeVar("_V")


class Kept(dict[_K, _V]):
    """What is remembered, up to a limit; then it starts again."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def keep(self, key: _K, value: _V) -> _V:
        """Remember and return a value."""
        if len(self) >= self._most:
            self.clear()
        self[key] = value
        return value


class Pieces(NamedTuple):
    """The pieces of a paper: the card for a lead that is whole or not, the text part's entry likewise, its links."""

    card: Callable[[Item, bool], Piece]
    letter: Callable[[Item, bool], Piece]
    link: Callable[[Item], Piece]


class Choice(NamedTuple):
    """The chosen sentences, and the pieces that show them; ``filled`` are holes of the letter, filled with them."""

    is_whole: bool
    blocks: tuple[tuple[int, Block], ...]
    card: Piece
    letter: Piece
    filled: dict[str, str]


class Reading(NamedTuple):
    """A paper as a reader sees it."""

    title: str
    lead: str
    choice: Choice


Marked = Kept[tuple[int, int, int], str]
"""By the number of the book, the code of what is shown, and the bits that are highlighted in it."""


class Book:
    """One paper under one mark and note: its pieces, lines and sentences."""

    _numbers = count()

    def __init__(self, item: Item, pieces: Pieces, marked: Marked) -> None:
        self.paper = item.paper
        self._number = next(self._numbers)
        self._item, self._pieces, self._marked = item, pieces, marked
        self._title = one_line(item.paper.title)
        self._passages = passages(one_line(item.paper.abstract))
        self._places: dict[Span, tuple[int, int]] = {}
        self._spans: defaultdict[int, list[Span]] = defaultdict(list)
        self._weights: Kept[tuple[int, int], int] = Kept(MOST_PLACES)
        self._by_weight: Kept[int, Choice] = Kept(MOST_PLACES)
        self._chosen: Kept[tuple[int, ...], Choice] = Kept(MOST_CHOICES)
        self._shown: dict[bool, tuple[Piece, Piece]] = {}
        self._link = pieces.link(item)
        self._links: Kept[str, str] = Kept(MOST_NUMBERS)

    def link(self, marker: str) -> str:
        """Return the paper's links in the text part, encoded, under its number."""
        return self._links.get(marker) or self._links.keep(marker, self._link.filled({"marker": marker}))

    def reading(self, spans: Sequence[Span]) -> Reading:
        """Return the paper as a reader with these matches sees it."""
        bits: dict[int, int] = {}
        for span in spans:
            place, bit = self._places.get(span) or self._met(span)
            bits[place] = bits.get(place, 0) | bit
        if _ACROSS in bits:
            return self._read_as_a_whole(spans)
        in_title = bits.pop(_TITLE, 0)
        weight = 0
        for where in bits.items():
            weight += self._weights.get(where) or self._weigh(where)
        choice = self._by_weight.get(weight) or self._choose(weight)
        lead = [self._block(code, block, bits.get(block.number, 0)) for code, block in choice.blocks]
        return Reading(self._title_with(in_title, choice), _joined(lead), choice)

    def _met(self, span: Span) -> tuple[int, int]:
        """Return the sentence a match stands in, and its bit there."""
        place = self._place(span)
        if place == _ACROSS or len(self._places) >= MOST_PLACES:
            return _ACROSS, 0
        bit = 0
        if place != _NOWHERE:
            bit = 1 << len(self._spans[place])
            self._spans[place].append(span)
        known = self._places[span] = (_TITLE if place == _NOWHERE else place, bit)
        return known

    def _place(self, span: Span) -> int:
        field, start, end = span
        if field == "title":
            return _TITLE if start < end else _NOWHERE
        if field != "abstract" or start >= end:
            return _NOWHERE
        number = self._passages.sentence_at(start)
        is_inside = number is not None and end <= self._passages.sentences[number][1]
        return number if number is not None and is_inside else _ACROSS

    def _places_of(self, place: int, bits: int) -> Places:
        """Return where these bits say that the title or a sentence is highlighted."""
        field = "title" if place == _TITLE else "abstract"
        length = len(self._title if place == _TITLE else self._passages.abstract)
        return mended([span for n, span in enumerate(self._spans[place]) if bits >> n & 1], field, length)

    def _weigh(self, where: tuple[int, int]) -> int:
        """Return how many distinct words are matched in a sentence, in the nine binary digits that are its own."""
        words = {self._passages.abstract[start:end].casefold() for start, end in self._places_of(*where)}
        return self._weights.keep(where, len(words) << 9 * where[0])

    def _choose(self, weight: int) -> Choice:
        counts = [weight >> 9 * number & 511 for number in range(len(self._passages.sentences))]
        return self._by_weight.keep(weight, self._choice(self._passages.best(counts)))

    def _choice(self, chosen: tuple[int, ...]) -> Choice:
        return self._chosen.get(chosen) or self._chosen.keep(chosen, self._new_choice(chosen))

    def _new_choice(self, chosen: tuple[int, ...]) -> Choice:
        is_whole = self._passages.is_whole(chosen)
        if is_whole not in self._shown:
            self._shown[is_whole] = self._pieces.card(self._item, is_whole), self._pieces.letter(self._item, is_whole)
        card, letter = self._shown[is_whole]
        filled = {"lead": value(self._passages.text(chosen))}
        ready = [later for later in letter.laters if set(later.needs) <= {"lead"}]
        filled |= {later.name: later.value(filled) for later in ready}
        rest = tuple(later for later in letter.laters if later not in ready)
        blocks = ((_code(block, is_whole), block) for block in self._passages.blocks(chosen))
        return Choice(is_whole, tuple(blocks), card, letter._replace(laters=rest), filled)

    def _block(self, code: int, block: Block, bits: int) -> str:
        key = (self._number, code, bits)
        known = self._marked.get(key)
        if known is None:
            opening = self._shown[bool(code & 1)][0].marks.get("lead", MARK)
            known = self._marked.keep(key, self._lines(block, self._places_of(block.number, bits), opening))
        return known

    def _lines(self, block: Block, where: Places, opening: str) -> str:
        lines = self._passages.lines(block)
        return value("\n".join([self._passages.html(line, where, opening, html_text) for line in lines]))

    def _title_with(self, bits: int, choice: Choice) -> str:
        key = (self._number, _TITLE - choice.is_whole, bits)
        known = self._marked.get(key)
        if known is None:
            opening = choice.card.marks.get("title", MARK)
            known = self._marked.keep(key, self._title_html(self._places_of(_TITLE, bits), opening))
        return known

    def _title_html(self, where: Places, opening: str) -> str:
        return value(marked(self._title, 0, len(self._title), where, opening, html_text))

    def _read_as_a_whole(self, spans: Sequence[Span]) -> Reading:
        """Return the paper as ``reading`` does, for matches that go across sentences, or too many."""
        in_abstract = places(spans, "abstract", len(self._passages.abstract))
        choice = self._choice(self._passages.chosen(in_abstract))
        opening = choice.card.marks.get("lead", MARK)
        lead = [self._lines(block, in_abstract, opening) for _, block in choice.blocks]
        opening = choice.card.marks.get("title", MARK)
        title = self._title_html(places(spans, "title", len(self._title)), opening)
        return Reading(title, _joined(lead), choice)


def _code(block: Block, is_whole: bool) -> int:
    return block.number << 3 | block.before << 2 | block.after << 1 | is_whole


def _joined(blocks: Sequence[str]) -> str:
    return "".join(blocks) if blocks else "\r\n"
