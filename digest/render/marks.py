"""Matched words highlighted, and the lead: the sentences of an abstract that say why the paper is here."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from markupsafe import Markup, escape

from digest.model import Span

LEAD_LENGTH = 420
"""Code points of a lead, about what a phone shows without scrolling."""

_SENTENCE_END = re.compile(r"(?<=[.!?])[”\"')\]]*\s+(?=[A-Z“\"'(\[0-9])")
_ABBREVIATION = re.compile(r"(?:\b(?:e\.g|i\.e|et al|cf|vs|resp|approx|Fig|Eq|Sec|No|Dr|St)|\b[A-Z])\.$")
_CONTRIBUTION = re.compile(
    r"\b(?:we|this (?:paper|work|study))\s+(?:\w+\s+)?"
    r"(?:present|propose|introduce|show|find|develop|study|derive|prove|demonstrate|release|describe|ask|learn)",
    re.IGNORECASE,
)


class Lead(NamedTuple):
    """An excerpt: ``text`` for the text part, ``html`` with the matched words marked, whether it is all there is."""

    text: str
    html: Markup
    is_whole: bool


def highlighted(text: str, spans: Sequence[Span], *, start: int = 0) -> Markup:
    """Return text as HTML with the spans marked; ``start`` is the place of the text in the field the spans count in."""
    parts: list[Markup] = []
    at = 0
    for span in sorted(spans, key=lambda span: span.start):
        first, last = max(span.start - start, at), min(span.end - start, len(text))
        if first < last:
            parts += [escape(text[at:first]), Markup("<mark>"), escape(text[first:last]), Markup("</mark>")]
            at = last
    return Markup("").join([*parts, escape(text[at:])])


def lead(abstract: str, spans: Sequence[Span]) -> Lead:
    """Return the two or three sentences with the most matched words and the contribution, in their own order."""
    sentences = _sentences(abstract)
    chosen = _chosen(abstract, sentences, spans)
    if not chosen:
        return Lead("", Markup(""), True)
    gaps = [later[0] - 1 > earlier[1] for earlier, later in pairwise(chosen)]
    texts = [abstract[start:end] for start, end in chosen]
    htmls = [highlighted(abstract[start:end], spans, start=start) for start, end in chosen]
    before, after = chosen[0][0] > 0, chosen[-1][1] < len(abstract.rstrip())
    joins = [" … " if gap else " " for gap in gaps] + [" …" if after else ""]
    opening = "… " if before else ""
    text = opening + "".join(part + join for part, join in zip(texts, joins, strict=True))
    html = escape(opening) + Markup("").join(part + join for part, join in zip(htmls, joins, strict=True))
    return Lead(text, html, not before and not after and not any(gaps))


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


def _chosen(abstract: str, sentences: Sequence[tuple[int, int]], spans: Sequence[Span]) -> list[tuple[int, int]]:
    def worth(number: int) -> tuple[float, int]:
        start, end = sentences[number]
        matched = len({abstract[s.start : s.end].casefold() for s in spans if start <= s.start < end})
        contribution = 1.5 if _CONTRIBUTION.search(abstract, start, end) else 0.0
        return (-(2.0 * matched + contribution + (0.5 if number == 0 else 0.0)), number)

    chosen: list[int] = []
    length = 0
    for number in sorted(range(len(sentences)), key=worth):
        size = sentences[number][1] - sentences[number][0]
        if len(chosen) < 3 and (not chosen or length + size <= LEAD_LENGTH):
            chosen.append(number)
            length += size
    return [sentences[number] for number in sorted(chosen)]
