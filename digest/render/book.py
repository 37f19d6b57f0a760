"""What is known of one paper before a reader comes, and what a reader's matches make of it.

Readers' matches differ, the sentences they stand in do not. A place that somebody's matches had gets a bit, so a
reader's matches are a number; what of it falls into a sentence says how the sentence is highlighted, and a sentence
with the same bits is highlighted and encoded once for all readers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from operator import or_
from threading import Lock
from typing import NamedTuple

from digest.model import Item, Span
from digest.render.chosen import Choice, Place, Reading, Shown, ShownLine
from digest.render.kept import Budget, Kept
from digest.render.marks import Places, html_text, marked, mended, places
from digest.render.papers import one_line, passages
from digest.render.passages import Block, Line
from digest.render.pieces import Piece, Slot, value
from digest.render.quoted import quoted_lines

MOST_PLACES = 4096
"""Places of matches known in one paper: at about 300 bytes each."""
MOST_READINGS = 256
"""Readings remembered of one paper, those that came first: the more readers have one, the earlier it comes."""
MOST_NUMBERS = 64
_CHOICE, _LINE = 4, 2
"""What is remembered of lines, in units of about 250 bytes."""

_ACROSS = 1
"""The bit of matches that are not in one sentence."""


class Pieces(NamedTuple):
    """The pieces of a paper: the card for a lead that is whole or not, the text part's entry likewise, its links."""

    card: Callable[[Item, bool], Piece]
    letter: Callable[[Item, bool], Piece]
    link: Callable[[Item], Callable[[str], str]]


class _Bits(dict[Span, int]):
    """The bits of places, by place: a new one is asked for; where there are too many it has ``_ACROSS``."""

    def __init__(self, met: Callable[[Span], int]) -> None:
        super().__init__()
        self._met = met
        self._meeting = Lock()

    def __missing__(self, span: Span) -> int:
        with self._meeting:
            if span not in self and len(self) >= MOST_PLACES:
                return _ACROSS
            return self.get(span) or self.setdefault(span, self._met(span))


class Budgets(NamedTuple):
    """What all papers together may remember: of readings, and of the lines they are made of."""

    readings: Budget
    lines: Budget


class Book:
    """One paper under one mark and note: its pieces, lines and sentences."""

    def __init__(self, item: Item, pieces: Pieces, budgets: Budgets) -> None:
        self.paper = item.paper
        self._item, self._pieces, self._budgets = item, pieces, budgets
        self._title = one_line(item.paper.title)
        self._passages = passages(one_line(item.paper.abstract))
        self._sentences = [self._sentence(number) for number in range(len(self._passages.sentences))]
        self._bits_of = _Bits(self._met).__getitem__
        self._span_of: dict[int, Span] = {}
        self._word_bits: dict[tuple[int, str], int] = {}
        self._in_title = 0
        self._words = [0] * len(self._passages.sentences)
        self._choices: dict[bytes, Choice] = {}
        self._chosen: dict[tuple[int, ...], Choice] = {}
        self._blocks: dict[tuple[Block, bool], Shown] = {}
        self._readings: dict[int, Reading] = {}
        self._shown: dict[bool, tuple[Piece, Piece, dict[int, str]]] = {}
        self._link = pieces.link(item)
        self._links: Kept[str, str] = Kept(MOST_NUMBERS)
        self._numbered: Kept[tuple[Slot, str], str] = Kept(MOST_NUMBERS)

    def _sentence(self, number: int) -> tuple[Place, list[Place]]:
        lines = self._passages.lines(Block(number, before=False, after=False))
        return Place(*self._passages.sentences[number]), [Place(line.start, line.end) for line in lines]

    def forget_readings(self) -> None:
        """Forget what readers saw of the paper."""
        self._readings.clear()

    def forget(self) -> None:
        """Forget what readers made of the paper; the places of their matches stay."""
        for known in (self._choices, self._chosen, self._blocks, self._readings):
            known.clear()
        for _, _, titles in self._shown.values():
            titles.clear()

    def link(self, marker: str) -> str:
        """Return the paper's links in the text part, encoded, under its number."""
        return self._links.get(marker) or self._links.keep(marker, self._link(marker))

    def numbered(self, slot: Slot, marker: str) -> str:
        """Return a slot that needs nothing but the paper's number."""
        key = slot, marker
        return self._numbered.get(key) or self._numbered.keep(key, slot.filled({"marker": value(marker)}))

    def reading(self, spans: Sequence[Span]) -> Reading:
        """Return the paper as a reader with these matches sees it."""
        bits = reduce(or_, map(self._bits_of, spans), 0)
        return self._readings.get(bits) or self._read(bits, spans)

    def _met(self, span: Span) -> int:
        """Return the bits of a place that nobody's matches had before: its own, and its word's in its sentence."""
        field, start, end = span
        if field not in {"title", "abstract"} or start >= end:
            return 0
        bit = self._next_bit()
        if field == "title":
            self._span_of[bit] = span
            self._in_title |= bit
            return bit
        number = self._passages.sentence_at(start)
        if number is None or end > self._passages.sentences[number][1]:
            return _ACROSS
        self._span_of[bit] = span
        sentence, lines = self._sentences[number]
        for place in (sentence, *lines):
            place.bits |= bit if place.meets(start, end) else 0
        return bit | self._word_bit(number, self._passages.abstract[start:end].casefold())

    def _next_bit(self) -> int:
        return _ACROSS << 1 + len(self._span_of) + len(self._word_bits)

    def _word_bit(self, number: int, word: str) -> int:
        bit = self._word_bits.get((number, word))
        if bit is None:
            bit = self._word_bits[number, word] = self._next_bit()
            self._words[number] |= bit
        return bit

    def _where(self, bits: int, length: int) -> Places:
        """Return where these bits say that the title or the abstract is highlighted."""
        spans = []
        while bits:
            bit = bits & -bits
            spans.append(self._span_of[bit])
            bits ^= bit
        return mended(spans, spans[0].field, length) if spans else ()

    def _read(self, bits: int, spans: Sequence[Span]) -> Reading:
        if bits & _ACROSS or not _is_in_order(spans):
            return self._read_as_a_whole(spans)
        counts = bytes([(bits & words).bit_count() for words in self._words])
        choice = self._choices.get(counts) or self._choose(counts)
        lead: list[str] = []
        for shown in choice.sentences:
            own = bits & shown.place.bits
            lead += shown.known.get(own) or self._highlighted(shown, choice, own)
        in_title = bits & self._in_title
        title = choice.titles.get(in_title) or self._title_with(in_title, choice)
        made = choice.reading(title, lead)
        if len(self._readings) < MOST_READINGS:
            self._budgets.readings.spend()
            self._readings[bits] = made
        return made

    def _choose(self, counts: bytes) -> Choice:
        """Return the sentences to show where these many words are matched in each."""
        chosen = self._passages.best(counts)
        self._budgets.lines.spend()
        made = self._choices[counts] = self._chosen.get(chosen) or self._new_choice(chosen)
        return made

    def _new_choice(self, chosen: tuple[int, ...]) -> Choice:
        is_whole = self._passages.is_whole(chosen)
        card, letter, titles = self._shown.get(is_whole) or self._new_pieces(is_whole)
        blocks = self._passages.blocks(chosen)
        sentences = tuple([self._blocks.get((one, is_whole)) or self._new_block(one, is_whole) for one in blocks])
        self._budgets.lines.spend(_CHOICE)
        made = self._chosen[chosen] = Choice(sentences, card, letter, titles, self._passages.text(chosen))
        return made

    def _new_pieces(self, is_whole: bool) -> tuple[Piece, Piece, dict[int, str]]:
        made = self._pieces.card(self._item, is_whole), self._pieces.letter(self._item, is_whole), dict[int, str]()
        self._shown[is_whole] = made
        return made

    def _new_block(self, block: Block, is_whole: bool) -> Shown:
        sentence, places_of_lines = self._sentences[block.number]
        pairs = zip(places_of_lines, self._passages.lines(block), strict=True)
        made = self._blocks[block, is_whole] = Shown(sentence, tuple([ShownLine(*pair, {}) for pair in pairs]))
        return made

    def _highlighted(self, shown: Shown, choice: Choice, bits: int) -> tuple[str, ...]:
        """Return the lines of a sentence, encoded, these of its matches highlighted."""
        self._budgets.lines.spend()
        lines = [one.known.get(bits & one.place.bits) or self._line(one, choice, bits) for one in shown.lines]
        made = shown.known[bits] = tuple(lines)
        return made

    def _line(self, shown: ShownLine, choice: Choice, bits: int) -> str:
        self._budgets.lines.spend(_LINE)
        own = bits & shown.place.bits
        made = shown.known[own] = self._html(shown.line, self._where(own, len(self._passages.abstract)), choice)
        return made

    def _html(self, line: Line, where: Places, choice: Choice) -> str:
        return quoted_lines(self._passages.html(line, where, choice.marks[1], html_text))

    def _title_with(self, bits: int, choice: Choice) -> str:
        self._budgets.lines.spend(_LINE)
        made = choice.titles[bits] = self._title_html(self._where(bits, len(self._title)), choice)
        return made

    def _title_html(self, where: Places, choice: Choice) -> str:
        return quoted_lines(marked(self._title, 0, len(self._title), where, choice.marks[0], html_text))

    def _read_as_a_whole(self, spans: Sequence[Span]) -> Reading:
        """Return the paper as ``reading`` does, for matches that go across sentences, or too many."""
        abstract = self._passages.abstract
        in_abstract = places(spans, "abstract", len(abstract))
        chosen = self._passages.chosen(in_abstract)
        choice = self._chosen.get(chosen) or self._new_choice(chosen)
        lead = [self._html(one.line, in_abstract, choice) for shown in choice.sentences for one in shown.lines]
        title = self._title_html(places(spans, "title", len(self._title)), choice)
        return choice.reading(title, lead)


def _is_in_order(spans: Sequence[Span]) -> bool:
    """Return whether no two matches overlap, seen from one to the next: so they come, or they are mended."""
    before, at = "", 0
    for field, start, end in spans:
        if start < at and field == before:
            return False
        before, at = field, end
    return True
