"""A paper's pieces with what a reader's matches make of them put in: its card, and its entry in the letter."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from digest.render.marks import MARK
from digest.render.passages import Line
from digest.render.pieces import MARKER, WHY, Filling, Parts, Piece, Slot, given, value
from digest.render.reasons import Reason

MOST_NUMBERS = 64
_NO_LEAD = ("\r\n",)
_PUT_ALREADY = value("")
"""The lead of a letter that shows it in no other line than its own."""


class Place:
    """A sentence of the abstract, or a line of it; ``bits`` are those of all places of matches known in it."""

    __slots__ = ("bits", "end", "start")

    def __init__(self, start: int, end: int) -> None:
        self.start, self.end, self.bits = start, end, 0

    def meets(self, start: int, end: int) -> bool:
        """Return whether a match has letters in it."""
        return start < self.end and end > self.start


class ShownLine(NamedTuple):
    """A line of a sentence as a lead has it, encoded: ``known`` by the bits that are highlighted in it."""

    place: Place
    line: Line
    known: dict[int, str]


class Shown:
    """A sentence as a lead has it: ``known`` are its lines, encoded, by the bits that are highlighted in it."""

    __slots__ = ("known", "lines", "number")

    def __init__(self, number: int, lines: tuple[ShownLine, ...]) -> None:
        self.number, self.lines = number, lines
        self.known: dict[int, tuple[str, ...]] = {}


Numbered = Callable[[str], str]
"""Returns a line of a paper, encoded, for the paper's number in a mail."""


class ByNumber(dict[str, str]):
    """A text with a paper's number in it, made once for every number."""

    def __init__(self, made: Numbered) -> None:
        super().__init__()
        self._made = made

    def __missing__(self, number: str) -> str:
        if len(self) >= MOST_NUMBERS:
            self.clear()
        text = self[number] = self._made(number)
        return text


class Lines:
    """The lines of a paper that show nothing of a reader but the paper's number."""

    def __init__(self) -> None:
        self._known: dict[Slot, Numbered] = {}

    def of(self, slot: Slot) -> Numbered:
        """Return what makes such a line of a number."""
        return self._known.get(slot) or self._known.setdefault(
            slot, ByNumber(partial(_with_number, slot, {})).__getitem__
        )


def _with_number(slot: Slot, values: Mapping[str, Filling], number: str) -> str:
    return slot.filled({**values, "marker": value(number)})


Numbers = tuple[tuple[int, Numbered], ...]
"""Which texts show a paper's number, and what makes them of it."""


class Entry(NamedTuple):
    """A paper in both parts of the mail, encoded, for readers with the same matches and reasons."""

    card: tuple[str, ...]
    letter: tuple[str, ...]
    on_card: Numbers
    in_letter: Numbers

    def put(self, page: list[str], letter: list[str], number: str) -> None:
        """Put the paper behind what is there of both parts."""
        at = len(page)
        page.extend(self.card)
        for place, line in self.on_card:
            page[at + place] = line(number)
        at = len(letter)
        letter.extend(self.letter)
        for place, line in self.in_letter:
            letter[at + place] = line(number)


class Fills(NamedTuple):
    """What fills a paper's pieces for one reader: title and lead as they are highlighted, why-line and number."""

    title: str
    lead: Sequence[str]
    reason: Reason
    number: str


class Choice:
    """The chosen sentences, and what shows them.

    ``titles`` are the known ways to highlight the title, ``marks`` the tags that highlight in title and lead.
    """

    __slots__ = ("_card", "_lead", "_letter", "marks", "sentences", "titles")

    def __init__(
        self, sentences: tuple[Shown, ...], card: Piece, letter: Piece, titles: dict[int, str], lead: str
    ) -> None:
        self.sentences, self.titles = sentences, titles
        self.marks = card.marks.get("title", MARK), card.marks.get("lead", MARK)
        shown = value(lead)
        self._card, self._letter = card.parts, given(letter.parts, {"lead": shown})
        is_needed = any(not isinstance(part, str) and "lead" in part.needs for part in self._letter)
        self._lead = shown if is_needed else _PUT_ALREADY

    def put(self, page: list[str], letter: list[str], fills: Fills, lines: Lines) -> tuple[Numbers, Numbers]:
        """Put the paper behind what is there of both parts; return what of that shows its number."""
        on_card = _put(page, self._card, fills, lines, None)
        return on_card, _put(letter, self._letter, fills, lines, self._lead)


def _put(coded: list[str], parts: Parts, fills: Fills, lines: Lines, lead_text: Filling | None) -> Numbers:
    """Put parts of the page, or of the letter where there is a ``lead_text``."""
    title, lead, reason, number = fills
    start = len(coded)
    numbers: list[tuple[int, Numbered]] = []
    for part in parts:
        if isinstance(part, str):
            coded.append(part)
        elif part.needs is WHY:
            coded.append(reason[part])
        elif part.name == "lead":
            coded.extend(lead or _NO_LEAD)
        elif part.name == "title":
            coded.append(title)
        else:
            line = lines.of(part) if part.needs is MARKER else _mixed(part, fills, lead_text)
            numbers.append((len(coded) - start, line))
            coded.append(line(number))
    return tuple(numbers)


def _mixed(slot: Slot, fills: Fills, lead_text: Filling | None) -> Numbered:
    """Return what fills a slot in which a value stands beside others."""
    lead = "".join(fills.lead) if lead_text is None else lead_text
    return partial(_with_number, slot, {"title": fills.title, "lead": lead, "why": fills.reason.of(slot)})
