"""What is known of one paper before a reader comes, and what a reader's matches make of it.

Readers' matches differ, the sentences they stand in do not. A place that somebody's matches had gets a bit in its
sentence, so what a reader's matches are in a sentence is a number, and a sentence with the same bits is highlighted
and encoded once for all readers. So is, within limits, the whole entry of readers with the same matches and reasons.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from sys import intern
from threading import Lock
from typing import NamedTuple, TypeVar
from weakref import WeakMethod

from digest.model import Item, Span
from digest.render.chosen import ByNumber, Choice, Entry, Fills, Lines, Numbered, Numbers, Place, Shown, ShownLine
from digest.render.kept import Budget
from digest.render.marks import Places, html_text, marked, mended, places
from digest.render.papers import one_line, passages
from digest.render.passages import Block, Line, whole
from digest.render.pieces import Piece
from digest.render.quoted import quoted_lines
from digest.render.reasons import Reason

_K = TypeVar("_K")
_V = TypeVar("_V")

MOST_PLACES = 4096
"""Places of matches known in one paper."""
MOST_ENTRIES = 150
"""Entries remembered of one paper, those that came first: the more readers have one, the earlier it comes. Twice
as many are hardly faster."""
MOST_LINES = 1000
"""Units of about 250 bytes that may be remembered of the lines of one paper, those that came first likewise."""
_CHOICE, _LINE = 4, 2
"""What is remembered of lines, in these units."""
_BITS = tuple([1 << n for n in range(128)])
"""Numbers of one bit: they are in all books."""


class Pieces(NamedTuple):
    """The pieces of a paper: the card for a lead that is whole or not, the text part's entry likewise, its links.

    ``reason`` puts a why-line together.
    """

    card: Callable[[Item, bool], Piece]
    letter: Callable[[Item, bool], Piece]
    link: Callable[[Item], Numbered]
    reason: Callable[[tuple[str, ...], tuple[str, ...]], Reason]


class Spot(NamedTuple):
    """A place of matches: its sentence (or the title), its bit and its word's bit in that.

    ``clash`` are the bits of the known places in the same sentence that it overlaps with.
    """

    cell: int
    bit: int
    word: int
    clash: int


class _Spots(dict[Span, Spot]):
    """The places of matches that are known; of a new one is asked who it is.

    ``met`` is held weakly, as it belongs to who holds this: a book that is forgotten goes at once, not with the next
    search for cycles, which are rare while mail leaves.
    """

    def __init__(self, met: Callable[[Span], Spot], too_many: Spot) -> None:
        super().__init__()
        self._met, self._too_many = WeakMethod(met), too_many
        self._meeting = Lock()

    def __missing__(self, span: Span) -> Spot:
        met = self._met()
        with self._meeting:
            if met is None or (span not in self and len(self) >= MOST_PLACES):
                return self._too_many
            return self.get(span) or self.setdefault(span, met(span))


class _Cell:
    """A sentence with its lines, or the title: what is known of matches in it; ``spots`` by their bits."""

    __slots__ = ("lines", "spots", "words")

    def __init__(self, lines: list[Place]) -> None:
        self.lines = lines
        self.spots: list[Span] = []
        self.words: dict[str, int] = {}

    def spans(self, bits: int) -> list[Span]:
        """Return the places that these bits stand for."""
        found = []
        while bits:
            lowest = bits & -bits
            found.append(self.spots[lowest.bit_length() - 1])
            bits ^= lowest
        return found


class Budgets(NamedTuple):
    """What all papers together may remember: places of matches, entries, and the lines these are made of."""

    places: Budget
    entries: Budget
    lines: Budget


Key = tuple[tuple[Span, ...], tuple[str, ...], tuple[str, ...]]
"""What of a reader's a paper's entry depends on: spans, terms, and what else it is also in."""


class Book:
    """One paper under one mark and note: its pieces, lines and sentences."""

    def __init__(self, item: Item, pieces: Pieces, budgets: Budgets) -> None:
        self.paper = item.paper
        self._item, self._pieces, self._budgets = item, pieces, budgets
        self._title = one_line(item.paper.title)
        self._passages = passages(one_line(item.paper.abstract))
        sentences = range(len(self._passages.sentences))
        self._cells = [*[_Cell(self._lines(number)) for number in sentences], _Cell([])]
        self._in_title, self._nowhere = len(sentences), len(sentences) + 1
        self._spots = _Spots(self._met, Spot(self._nowhere, 1, 0, 0))
        self._choices: dict[bytes, Choice] = {}
        self._chosen: dict[tuple[int, ...], Choice] = {}
        self._blocks: dict[tuple[Block, bool], Shown] = {}
        self._entries: dict[Key, Entry] = {}
        self._numbers: dict[tuple[Numbers, Numbers], tuple[Numbers, Numbers]] = {}
        self._shown: dict[bool, tuple[Piece, Piece, dict[int, str]]] = {}
        self._known = Lines()
        self._room = MOST_LINES
        self.link: Numbered = ByNumber(pieces.link(item)).__getitem__
        """Returns the paper's links in the text part, encoded, under its number."""

    def _lines(self, number: int) -> list[Place]:
        lines = self._passages.lines(Block(number, before=False, after=False))
        return [Place(line.start, line.end) for line in lines]

    def forget_entries(self) -> None:
        """Forget what readers saw of the paper."""
        self._entries.clear()
        self._numbers.clear()

    def forget(self) -> None:
        """Forget what readers made of the paper; the places of their matches stay."""
        for known in (self._choices, self._chosen, self._blocks, self._entries, self._numbers):
            known.clear()
        self._room = MOST_LINES
        for _, _, titles in self._shown.values():
            titles.clear()

    def put(self, page: list[str], letter: list[str], item: Item, number: str) -> None:
        """Put the paper behind what is there of both parts, as this item's reader sees it."""
        hit = item.hit
        key = hit.spans, hit.terms, item.also_in
        entry = self._entries.get(key)
        if entry:
            entry.put(page, letter, number)
        else:
            self._put(page, letter, key, number)

    def _put(self, page: list[str], letter: list[str], key: Key, number: str) -> None:
        spans, terms, also_in = key
        choice, title, lead = self._read(spans)
        at, below = len(page), len(letter)
        numbers = choice.put(page, letter, Fills(title, lead, self._pieces.reason(terms, also_in), number), self._known)
        if len(self._entries) < MOST_ENTRIES:
            self._budgets.entries.spend()
            own = self._numbers.setdefault(numbers, numbers)
            self._entries[self._own(key)] = Entry(tuple(page[at:]), tuple(letter[below:]), *own)

    def _own(self, key: Key) -> Key:
        """Return the same, of places and texts that are kept anyway: those that a digest brought along may go."""
        spans, terms, also_in = key
        return tuple(map(self._own_place, spans)), tuple(map(intern, terms)), tuple(map(intern, also_in))

    def _own_place(self, span: Span) -> Span:
        spot = self._spots[span]
        return self._cells[spot.cell].spots[spot.bit.bit_length() - 1] if spot.cell < self._nowhere else span

    def _met(self, span: Span) -> Spot:
        """Return what is to be known of a place that nobody's matches had before."""
        field, start, end = span
        if field not in {"title", "abstract"} or start >= end:
            return Spot(self._nowhere, 0, 0, 0)
        if field == "title":
            return self._new_spot(self._in_title, span, 0)
        number = self._passages.sentence_at(start)
        if number is None or end > self._passages.sentences[number][1]:
            return Spot(self._nowhere, 1, 0, 0)
        words = self._cells[number].words
        word = words.setdefault(intern(self._passages.abstract[start:end].casefold()), _bit(len(words)))
        return self._new_spot(number, span, word)

    def _new_spot(self, number: int, span: Span, word: int) -> Spot:
        self._budgets.places.spend()
        cell = self._cells[number]
        bit = _bit(len(cell.spots))
        clash = 0
        for known in cell.spots:
            if known.start < span.end and span.start < known.end:
                clash |= self._spots[known].bit
                self._spots[known] = self._spots[known]._replace(clash=self._spots[known].clash | bit)
        for line in cell.lines:
            line.bits |= bit if line.meets(span.start, span.end) else 0
        cell.spots.append(span)
        return Spot(number, bit, word, clash if number != self._in_title else 0)

    def _where(self, cell: int, bits: int, length: int) -> Places:
        """Return where these bits say that the title or the abstract is highlighted."""
        spans = self._cells[cell].spans(bits)
        return mended(spans, spans[0].field, length) if spans else ()

    def _read(self, spans: Sequence[Span]) -> tuple[Choice, str, Sequence[str]]:
        """Return the chosen sentences, the title and the lead, encoded, for a reader with these matches."""
        marks = [0] * (self._nowhere + 1)
        words = [0] * self._in_title
        clashes = 0
        for span in spans:
            cell, bit, word, clash = self._spots[span]
            clashes |= marks[cell] & clash
            marks[cell] |= bit
            if word:
                words[cell] |= word
        if clashes or marks[self._nowhere]:
            return self._read_as_a_whole(spans)
        counts = bytes(map(int.bit_count, words))
        choice = self._choices.get(counts) or self._choose(counts)
        lead: list[str] = []
        for shown in choice.sentences:
            bits = marks[shown.number]
            lead += shown.known.get(bits) or self._highlighted(shown, choice, bits)
        bits = marks[self._in_title]
        return choice, choice.titles.get(bits) or self._title_with(bits, choice), lead

    def _choose(self, counts: bytes) -> Choice:
        """Return the sentences to show where these many words are matched in each."""
        chosen = self._passages.best(counts)
        return self._kept(self._choices, counts, self._chosen.get(chosen) or self._new_choice(chosen))

    def _new_choice(self, chosen: tuple[int, ...]) -> Choice:
        blocks = self._passages.blocks(chosen)
        is_whole = whole(blocks)
        card, letter, titles = self._shown.get(is_whole) or self._new_pieces(is_whole)
        sentences = tuple([self._blocks.get((one, is_whole)) or self._new_block(one, is_whole) for one in blocks])
        made = Choice(sentences, card, letter, titles, self._passages.text(blocks))
        return self._kept(self._chosen, chosen, made, _CHOICE)

    def _new_pieces(self, is_whole: bool) -> tuple[Piece, Piece, dict[int, str]]:
        made = self._pieces.card(self._item, is_whole), self._pieces.letter(self._item, is_whole), dict[int, str]()
        self._shown[is_whole] = made
        return made

    def _new_block(self, block: Block, is_whole: bool) -> Shown:
        pairs = zip(self._cells[block.number].lines, self._passages.lines(block), strict=True)
        made = self._blocks[block, is_whole] = Shown(block.number, tuple([ShownLine(*pair, {}) for pair in pairs]))
        return made

    def _highlighted(self, shown: Shown, choice: Choice, bits: int) -> tuple[str, ...]:
        """Return the lines of a sentence, encoded, these of its matches highlighted."""
        lines = [
            one.known.get(bits & one.place.bits) or self._line(shown.number, one, choice, bits) for one in shown.lines
        ]
        return self._kept(shown.known, bits, tuple(lines))

    def _line(self, number: int, shown: ShownLine, choice: Choice, bits: int) -> str:
        own = bits & shown.place.bits
        made = self._html(shown.line, self._where(number, own, len(self._passages.abstract)), choice)
        return self._kept(shown.known, own, made, _LINE)

    def _kept(self, known: dict[_K, _V], key: _K, made: _V, units: int = 1) -> _V:
        """Return what was made of lines, remembered where there is room for so much more."""
        if self._room >= units:
            self._budgets.lines.spend(units)
            self._room -= units
            known[key] = made
        return made

    def _html(self, line: Line, where: Places, choice: Choice) -> str:
        return quoted_lines(self._passages.html(line, where, choice.marks[1], html_text))

    def _title_with(self, bits: int, choice: Choice) -> str:
        made = self._title_html(self._where(self._in_title, bits, len(self._title)), choice)
        return self._kept(choice.titles, bits, made, _LINE)

    def _title_html(self, where: Places, choice: Choice) -> str:
        return quoted_lines(marked(self._title, 0, len(self._title), where, choice.marks[0], html_text))

    def _read_as_a_whole(self, spans: Sequence[Span]) -> tuple[Choice, str, Sequence[str]]:
        """Return what ``_read`` does, for matches that overlap, that go across sentences, or that are too many."""
        abstract = self._passages.abstract
        in_abstract = places(spans, "abstract", len(abstract))
        chosen = self._passages.chosen(in_abstract)
        choice = self._chosen.get(chosen) or self._new_choice(chosen)
        lead = [self._html(one.line, in_abstract, choice) for shown in choice.sentences for one in shown.lines]
        title = self._title_html(places(spans, "title", len(self._title)), choice)
        return choice, title, lead


def _bit(number: int) -> int:
    return _BITS[number] if number < len(_BITS) else 1 << number
