"""The chosen sentences of a paper, and a paper as a reader sees it, in parts that many readers share."""

from __future__ import annotations

from typing import NamedTuple

from digest.render.marks import MARK
from digest.render.passages import Line
from digest.render.pieces import Filling, Parts, Piece, Slot, given, value

_SHOWN = frozenset({"title", "lead"})
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

    __slots__ = ("known", "lines", "place")

    def __init__(self, place: Place, lines: tuple[ShownLine, ...]) -> None:
        self.place, self.lines = place, lines
        self.known: dict[int, tuple[str, ...]] = {}


Rest = tuple[tuple[Slot, tuple[str, ...]], ...]
"""The slots that are still to be filled, each with the text behind it."""


class Layout(NamedTuple):
    """Parts in their order: text, then the rest."""

    head: tuple[str, ...]
    rest: Rest


class Reading(NamedTuple):
    """A paper as readers with the same matches see it: its card, and its entry in the letter."""

    card: Layout
    letter: Layout
    title: str
    lead: tuple[str, ...]
    lead_text: Filling

    def values(self, *, on_page: bool) -> dict[str, Filling]:
        """Return what fills the holes of the paper but for why-line and number."""
        return {"title": self.title, "lead": "".join(self.lead)} if on_page else {"lead": self.lead_text}


class Choice:
    """The chosen sentences, and what shows them.

    ``titles`` are the known ways to highlight the title, ``marks`` the tags that highlight in title and lead.
    """

    __slots__ = ("_around", "_card", "_lead", "_letter", "_rest", "marks", "sentences", "titles")

    def __init__(
        self, sentences: tuple[Shown, ...], card: Piece, letter: Piece, titles: dict[int, str], lead: str
    ) -> None:
        self.sentences, self.titles = sentences, titles
        self.marks = card.marks.get("title", MARK), card.marks.get("lead", MARK)
        self._lead = value(lead)
        self._letter = laid(given(letter.parts, {"lead": self._lead}), "", ())
        self._card = card.parts
        self._around, self._rest = _usual(card.parts)

    def reading(self, title: str, lead: list[str]) -> Reading:
        """Return the paper with this title and this lead, encoded, in lines."""
        shown = tuple(lead) or _NO_LEAD
        if self._around:
            before, between, behind = self._around
            card = Layout((before, title, between, *shown, behind), self._rest)
        else:
            card = laid(self._card, title, shown)
        return Reading(card, self._letter, title, shown, self._lead)


def _usual(parts: Parts) -> tuple[tuple[str, str, str] | None, Rest]:
    """Return the text around title and lead, and the rest, where a card has these two once and in this order."""
    names = ["" if isinstance(part, str) else part.name or "line" for part in parts]
    if names[:5] != ["", "title", "", "lead", ""] or any(
        isinstance(part, Slot) and part.needs & _SHOWN for part in parts[5:]
    ):
        return None, ()
    before, _, between, _, behind = parts[:5]
    return (str(before), str(between), str(behind)), laid(parts[5:], "", ()).rest


def laid(parts: Parts, title: str, lead: tuple[str, ...]) -> Layout:
    """Return the parts of a card with title and lead put in, or those of a letter, which has both already."""
    head: list[str] = []
    rest: list[tuple[Slot, list[str]]] = []
    text = head
    for part in parts:
        if isinstance(part, str):
            text.append(part)
        elif part.name == "title":
            text.append(title)
        elif part.name == "lead":
            text += lead
        elif part.needs <= _SHOWN:
            text.append(part.filled({"title": title, "lead": "".join(lead)}))
        else:
            text = []
            rest.append((part, text))
    return Layout(tuple(head), tuple([(slot, tuple(after)) for slot, after in rest]))
