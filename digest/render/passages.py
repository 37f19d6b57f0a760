"""The lead: the two or three sentences of an abstract that carry the matched words and the contribution.

A sentence is worth 2 for each distinct matched word, 1.5 where it says what was done ("we propose", "this paper shows")
and 0.5 where it opens the abstract; the best that fit into ``LEAD_LENGTH`` are shown in their own order. (Cue phrases
and position: H. P. Edmundson, "New methods in automatic extracting", Journal of the ACM 16 (2), 1969; matched words:
A. Tombros, M. Sanderson, "Advantages of query biased summaries in information retrieval", SIGIR 1998.)
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

from markupsafe import Markup, escape

from digest.render.marks import MARK, Places, marked

LEAD_LENGTH = 420
"""Code points of a lead, about what a phone shows without scrolling."""
MOST_SENTENCES = 3
LINE_LENGTH = 64
"""Code points of a line of HTML source: what quoted-printable leaves on one line."""

_SENTENCE_END = re.compile(r"(?<=[.!?])[”\"')\]]*\s+(?=[A-Z“\"'(\[0-9])")
_ABBREVIATION = re.compile(r"(?:\b(?:e\.g|i\.e|et al|cf|vs|resp|approx|Fig|Eq|Sec|No|Dr|St)|\b[A-Z])\.$")
_CONTRIBUTION = re.compile(
    r"\b(?:we|this (?:paper|work|study))\s+(?:\w+\s+)?"
    r"(?:present|propose|introduce|show|find|develop|study|derive|prove|demonstrate|release|describe|ask|learn)",
    re.IGNORECASE,
)
_MATCHED, _SAYS_WHAT, _OPENS = 2.0, 1.5, 0.5


class Lead(NamedTuple):
    """An excerpt: ``text`` for the text part, ``html`` with the matched words marked, whether it is all there is."""

    text: str
    html: Markup
    is_whole: bool


class Line(NamedTuple):
    """A line of a lead's HTML source: a stretch of the abstract, with dots of omission before or behind it."""

    before: str
    start: int
    end: int
    after: str


class Block(NamedTuple):
    """A chosen sentence, and whether something is left out before it (the first one) and behind it."""

    number: int
    before: bool
    after: bool


class Passages:
    """An abstract cut into sentences, once for all readers; what a reader's matches choose of it."""

    def __init__(self, abstract: str) -> None:
        self.abstract = abstract
        self.sentences = _sentences(abstract)
        self._starts = [start for start, _ in self.sentences]
        self._worth = [
            (_SAYS_WHAT if _CONTRIBUTION.search(abstract, start, end) else 0.0) + (0.0 if number else _OPENS)
            for number, (start, end) in enumerate(self.sentences)
        ]

    def chosen(self, where: Places) -> tuple[int, ...]:
        """Return the numbers of the sentences to show, in order."""
        return self.best(self._matched(where))

    def _matched(self, where: Places) -> tuple[int, ...]:
        """Return how many distinct matched words each sentence has."""
        words = {(self.sentence_at(start), self.abstract[start:end].casefold()) for start, end in where}
        counts = Counter(number for number, _ in words)
        return tuple(counts[number] for number in range(len(self.sentences)))

    def sentence_at(self, at: int) -> int | None:
        """Return the number of the sentence a letter stands in, if it is in one."""
        number = bisect_right(self._starts, at) - 1
        return number if number >= 0 and at < self.sentences[number][1] else None

    def best(self, counts: Sequence[int]) -> tuple[int, ...]:
        """Return the numbers of the sentences to show, in order, where these many matched words are in each."""
        worth = [_MATCHED * count + own for count, own in zip(counts, self._worth, strict=True)]
        chosen: list[int] = []
        length = 0
        for number in sorted(range(len(worth)), key=worth.__getitem__, reverse=True):  # of equals the first stays first
            start, end = self.sentences[number]
            if not chosen or length + end - start <= LEAD_LENGTH:
                chosen.append(number)
                length += end - start
                if len(chosen) == MOST_SENTENCES:
                    break
        return tuple(sorted(chosen))

    def blocks(self, chosen: tuple[int, ...]) -> tuple[Block, ...]:
        """Return the chosen sentences, knowing their neighbours."""
        return tuple(
            Block(
                number,
                before=place == 0 and self._is_left_out_before(number),
                after=self._is_left_out_after(number, chosen[place + 1 : place + 2]),
            )
            for place, number in enumerate(chosen)
        )

    def lines(self, block: Block) -> tuple[Line, ...]:
        """Return the lines of HTML source of a chosen sentence, which begins on a line of its own."""
        stretches = _broken(self.abstract, *self.sentences[block.number])
        before, after = _omissions(block)
        return tuple(
            Line(before if s == stretches[0] else "", *s, after if s == stretches[-1] else "") for s in stretches
        )

    def text(self, blocks: Sequence[Block]) -> str:
        """Return these sentences as running text."""
        return " ".join(map(self._text_of, blocks))

    def _text_of(self, block: Block) -> str:
        start, end = self.sentences[block.number]
        before, after = _omissions(block)
        return before + self.abstract[start:end] + after

    def lead(self, where: Places) -> Lead:
        """Return the lead of a reader whose matches stand at these places."""
        blocks = self.blocks(self.chosen(where))
        html = (self.html(line, where) for block in blocks for line in self.lines(block))
        return Lead(self.text(blocks), Markup("\n".join(html)), whole(blocks))  # noqa: S704 - all escaped

    def html(self, line: Line, where: Places, opening: str = MARK, escaped: Callable[[str], str] = escape) -> str:
        """Return a line's HTML source with highlights, ``opening`` being their tag."""
        return line.before + marked(self.abstract, line.start, line.end, where, opening, escaped) + line.after

    def _is_left_out_before(self, number: int) -> bool:
        return self.sentences[number][0] > 0

    def _is_left_out_after(self, number: int, following: tuple[int, ...]) -> bool:
        end = self.sentences[number][1]
        return following != (number + 1,) if following else end < len(self.abstract.rstrip())


def whole(blocks: Sequence[Block]) -> bool:
    """Return whether nothing is left out."""
    return not any(block.before or block.after for block in blocks)


def _omissions(block: Block) -> tuple[str, str]:
    """Return the dots of omission before and behind a chosen sentence."""
    return "… " if block.before else "", " …" if block.after else ""


def _sentences(text: str) -> list[tuple[int, int]]:
    """Return the places of the sentences, abbreviations not taken for an end; over-long ones are cut at a blank."""
    places: list[tuple[int, int]] = []
    start = 0
    for end in [*(found.start() for found in _SENTENCE_END.finditer(text)), len(text.rstrip())]:
        if _ABBREVIATION.search(text[start:end]) and end < len(text.rstrip()):
            continue
        first = start + len(text[start:]) - len(text[start:].lstrip())
        if first < end:
            places.append((first, _cut(text, first, end)))
        start = end
    return places


def _cut(text: str, start: int, end: int) -> int:
    if end - start <= LEAD_LENGTH:
        return end
    blank = text.rfind(" ", start, start + LEAD_LENGTH)
    return blank if blank > start else start + LEAD_LENGTH


def _broken(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Break a stretch at single blanks into lines of at most ``LINE_LENGTH``; a longer word stays whole."""
    lines: list[tuple[int, int]] = []
    while end - start > LINE_LENGTH:
        blank = text.rfind(" ", start + 1, start + LINE_LENGTH + 1)
        blank = blank if blank > start else text.find(" ", start + LINE_LENGTH, end)
        if blank < 0:
            break
        lines.append((start, blank))
        start = blank + 1
    return [*lines, (start, end)]
