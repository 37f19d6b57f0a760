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


class Numbers:
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


Sheet = tuple[tuple[str, ...], tuple[tuple[int, Numbered], ...]]
"""A paper in one part of the mail, encoded, and which of its texts show the paper's number: those are left empty."""


class Entry(NamedTuple):
    """A paper in both parts of the mail, for readers with the same matches and reasons."""

    card: Sheet
    letter: Sheet

    def put(self, page: list[str], letter: list[str], number: str) -> None:
        """Put the paper behind what is there of both parts."""
        for coded, (texts, numbered) in ((page, self.card), (letter, self.letter)):
            at = len(coded)
            coded.extend(texts)
            for place, line in numbered:
                coded[at + place] = line(number)


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
        self._lead = value(lead)
        self._card, self._letter = card.parts, given(letter.parts, {"lead": self._lead})

    def entry(self, title: str, lead: Sequence[str], reason: Reason, numbers: Numbers) -> Entry:
        """Return the paper with this title and this lead, encoded, in lines, and with this why-line."""
        on_card = {"title": (title,), "lead": lead or _NO_LEAD}
        card = _sheet(self._card, on_card, {}, reason, numbers)
        return Entry(card, _sheet(self._letter, {}, {"lead": self._lead}, reason, numbers))


def _sheet(
    parts: Parts, lines: Mapping[str, Sequence[str]], more: Mapping[str, Filling], reason: Reason, numbers: Numbers
) -> Sheet:
    """Return parts filled: what is nothing but a hole with ``lines``, what is more than that with ``more`` too."""
    texts: list[str] = []
    numbered: list[tuple[int, Numbered]] = []
    for part in parts:
        if isinstance(part, str):
            texts.append(part)
        elif part.name in lines:
            texts += lines[part.name]
        elif part.needs is WHY:
            texts.append(reason[part])
        else:
            numbered.append((len(texts), _numbered(part, lines, more, reason, numbers)))
            texts.append("")
    return tuple(texts), tuple(numbered)


def _numbered(
    slot: Slot, lines: Mapping[str, Sequence[str]], more: Mapping[str, Filling], reason: Reason, numbers: Numbers
) -> Numbered:
    """Return what fills a slot in which a value stands beside others, or the paper's number."""
    if slot.needs is MARKER:
        return numbers.of(slot)
    joined = {name: "".join(of) for name, of in lines.items()}
    return partial(_with_number, slot, {**more, **joined, "why": reason.of(slot)})
