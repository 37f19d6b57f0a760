"""What is known of one paper before a reader comes, and what a reader's matches make of it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from typing import NamedTuple

from digest.model import Item, Span
from digest.render.marks import Places, marked, places
from digest.render.papers import one_line, passages
from digest.render.passages import Line
from digest.render.pieces import Piece, Value, value

MOST_READINGS = 32
"""Readings kept for one paper: at about 2 KB each."""
MOST_MARKED = 512
"""Highlighted titles and lines kept for one paper: at about 300 bytes each."""


class Reading(NamedTuple):
    """A paper as the readers see it whose matches stand at the same places."""

    title: Value
    lead: Value
    card: Piece
    letter: Piece


class _Sentences(NamedTuple):
    """The chosen sentences: the letter's entry, and the lines of HTML source with where they start and end."""

    letter: Piece
    is_whole: bool
    lines: tuple[Line, ...]
    starts: tuple[int, ...]
    raw: tuple[str, ...]
    coded: tuple[str, ...]


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
        self._chosen: dict[tuple[int, ...], _Sentences] = {}
        self._readings: dict[tuple[Span, ...], Reading] = {}
        self._marked: dict[tuple[Line | None, Places], Value] = {}

    def reading(self, spans: tuple[Span, ...]) -> Reading:
        """Return the paper as a reader with these matches sees it."""
        known = self._readings.get(spans)
        if known is None:
            if len(self._readings) >= MOST_READINGS:
                self._readings.clear()
            known = self._readings[spans] = self._read(spans)
        return known

    def _read(self, spans: tuple[Span, ...]) -> Reading:
        in_title = places(spans, "title", len(self._title))
        in_abstract = places(spans, "abstract", len(self._passages.abstract))
        sentences = self._sentences(self._passages.chosen(in_abstract))
        card = self._card(sentences.is_whole)
        title = self._highlighted(None, in_title, card.marks.get("title", "<mark>")) if in_title else self._plain_title
        return Reading(title, self._lead(sentences, in_abstract, card), card, sentences.letter)

    def _lead(self, sentences: _Sentences, where: Places, card: Piece) -> Value:
        """Return the lead's lines; only those with a highlight differ from reader to reader."""
        opening = card.marks.get("lead", "<mark>")
        raw, coded = list(sentences.raw), list(sentences.coded)
        for number, inside in _touched(sentences, where).items():
            raw[number], coded[number] = self._highlighted(sentences.lines[number], tuple(inside), opening)
        return Value("\n".join(raw), "".join(coded))

    def _highlighted(self, line: Line | None, where: Places, opening: str) -> Value:
        """Return a line of the lead, or the title (no line), with its highlights."""
        known = self._marked.get((line, where))
        if known is None:
            if len(self._marked) >= MOST_MARKED:
                self._marked.clear()
            known = self._marked[line, where] = self._newly_highlighted(line, where, opening)
        return known

    def _newly_highlighted(self, line: Line | None, where: Places, opening: str) -> Value:
        if line is None:
            return value(marked(self._title, 0, len(self._title), where, opening, html_text))
        text = marked(self._passages.abstract, line.start, line.end, where, opening, html_text)
        return value(line.before + text + line.after)

    def _card(self, is_whole: bool) -> Piece:
        if is_whole not in self._cards:
            self._cards[is_whole] = self._make_card(self._item, is_whole)
        return self._cards[is_whole]

    def _sentences(self, chosen: tuple[int, ...]) -> _Sentences:
        known = self._chosen.get(chosen)
        if known is None:
            lines = self._passages.lines(chosen)
            shown = [
                value(line.before + html_text(self._passages.abstract[line.start : line.end]) + line.after)
                for line in lines
            ]
            known = self._chosen[chosen] = _Sentences(
                letter=self._make_letter(self._item, chosen),
                is_whole=self._passages.is_whole(chosen),
                lines=lines,
                starts=tuple(line.start for line in lines),
                raw=tuple(line.raw for line in shown),
                coded=tuple(line.coded for line in shown),
            )
        return known


def _touched(sentences: _Sentences, where: Places) -> dict[int, list[tuple[int, int]]]:
    """Return, by number of the line, what is to be highlighted in it."""
    touched: dict[int, list[tuple[int, int]]] = {}
    for place in where:
        number = max(bisect_right(sentences.starts, place[0]) - 1, 0)
        while number < len(sentences.starts) and sentences.starts[number] < place[1]:
            if place[0] < sentences.lines[number].end:
                touched.setdefault(number, []).append(place)
            number += 1
    return touched


def html_text(text: str) -> str:
    """Return text as an HTML serialiser writes it (HTML standard, 13.3)."""
    return text.replace("&", "&amp;").replace("\xa0", "&nbsp;").replace("<", "&lt;").replace(">", "&gt;")
