"""What is known of one paper before a reader comes, and what a reader's matches make of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from digest.model import Item, Span
from digest.render.marks import Places, marked, places
from digest.render.papers import one_line, passages
from digest.render.passages import Line
from digest.render.pieces import Piece, Value, value
from digest.render.quoted import quoted

MOST_READINGS = 64
"""Readings kept for one paper: at about 2 KB each."""


class Reading(NamedTuple):
    """A paper as the readers see it whose matches stand at the same places."""

    title: Value
    lead: Value
    card: Piece
    letter: Piece


class _Coded(NamedTuple):
    line: Line
    raw: str
    coded: str


class Book:
    """One paper under one mark and note: its pieces, lines and sentences.

    ``make_card`` renders the card for a lead that is whole or an excerpt, ``make_letter`` the text part's entry for
    the chosen sentences.
    """

    def __init__(
        self,
        item: Item,
        make_card: Callable[[Item, bool], Piece],
        make_letter: Callable[[Item, tuple[int, ...]], Piece],
        link: Piece,
    ) -> None:
        self.paper = item.paper
        self.link = link
        self._item = item
        self._title = one_line(item.paper.title)
        self._plain_title = value(html_text(self._title))
        self._passages = passages(one_line(item.paper.abstract))
        self._make_card, self._make_letter = make_card, make_letter
        self._cards: dict[bool, Piece] = {}
        self._letters: dict[tuple[int, ...], tuple[Piece, bool, tuple[_Coded, ...]]] = {}
        self._readings: dict[tuple[Span, ...], Reading] = {}
        self._marked_lines: dict[tuple[Line, Places], tuple[str, str]] = {}

    def reading(self, spans: tuple[Span, ...]) -> Reading:
        """Return the paper as a reader with these matches sees it."""
        known = self._readings.get(spans)
        if known is None:
            if len(self._readings) >= MOST_READINGS:
                self._readings.clear()
                self._marked_lines.clear()
            known = self._readings[spans] = self._read(spans)
        return known

    def _read(self, spans: tuple[Span, ...]) -> Reading:
        in_title = places(spans, "title", len(self._title))
        in_abstract = places(spans, "abstract", len(self._passages.abstract))
        letter, is_whole, lines = self._sentences(self._passages.chosen(in_abstract))
        card = self._card(is_whole)
        title = self._plain_title
        if in_title:
            opening = card.marks.get("title", "<mark>")
            title = value(marked(self._title, 0, len(self._title), in_title, opening, html_text))
        return Reading(title, self._lead(lines, in_abstract, card.marks.get("lead", "<mark>")), card, letter)

    def _lead(self, lines: tuple[_Coded, ...], where: Places, opening: str) -> Value:
        raw: list[str] = []
        coded: list[str] = []
        for known in lines:
            start, end = known.line.start, known.line.end
            inside = tuple([place for place in where if place[0] < end and place[1] > start])
            shown, encoded = self._marked(known.line, inside, opening) if inside else (known.raw, known.coded)
            raw.append(shown)
            coded.append(encoded)
        return Value("\n".join(raw), "".join(coded))

    def _marked(self, line: Line, inside: Places, opening: str) -> tuple[str, str]:
        known = self._marked_lines.get((line, inside))
        if known is None:
            text = marked(self._passages.abstract, line.start, line.end, inside, opening, html_text)
            shown = line.before + text + line.after
            known = self._marked_lines[line, inside] = (shown, f"{quoted(shown)}\r\n")
        return known

    def _card(self, is_whole: bool) -> Piece:
        if is_whole not in self._cards:
            self._cards[is_whole] = self._make_card(self._item, is_whole)
        return self._cards[is_whole]

    def _sentences(self, chosen: tuple[int, ...]) -> tuple[Piece, bool, tuple[_Coded, ...]]:
        if chosen not in self._letters:
            lines = tuple(self._coded(line) for line in self._passages.lines(chosen))
            letter = self._make_letter(self._item, chosen)
            self._letters[chosen] = (letter, self._passages.is_whole(chosen), lines)
        return self._letters[chosen]

    def _coded(self, line: Line) -> _Coded:
        shown = line.before + html_text(self._passages.abstract[line.start : line.end]) + line.after
        return _Coded(line, shown, f"{quoted(shown)}\r\n")


def html_text(text: str) -> str:
    """Return text as an HTML serialiser writes it (HTML standard, 13.3)."""
    return text.replace("&", "&amp;").replace("\xa0", "&nbsp;").replace("<", "&lt;").replace(">", "&gt;")
