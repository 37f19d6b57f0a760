"""Lines to blocks: a block is one title, one paragraph, one counter or one date, wherever the lines were broken."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import Enum
from typing import NamedTuple

from digest.model import Skipped
from digest.parsers.days import starting_day
from digest.parsers.decode import Line

LONGEST_GROUP = 256
"""Lines without a blank one between them that are looked at together."""

_AUTHORS = re.compile(r"(?:[*•·‣◦▪-]\s*)?(?P<count>\d{1,3}(?:,\d{3})*|\d+)\s+authors?", re.IGNORECASE)
_NUMBER = re.compile(r"\d{1,3}(?:,\d{3})+|\d{1,7}|\d{1,4}(?:\.\d{1,2})?[kK]|-")
_AFTER_DAY = re.compile(r"\s*(?:\[?\s*(?P<comments>\d{1,3}(?:,\d{3})+|\d{1,6})\s*\]?)?")
_DOTS = frozenset("·•∙⋅")
_NARROWEST, _WIDEST = 40, 200
"""Columns between which software wraps text."""


class Kind(Enum):
    """What a block is by its own look."""

    TEXT = "text"
    DOT = "dot"
    AUTHORS = "authors"
    DAY = "day"
    NUMBER = "number"


class Block(NamedTuple):
    """A block with the number of its first line; ``apart``: a blank line stands before it."""

    line: int
    text: str
    kind: Kind
    apart: bool = True


def blocks(lines: Iterable[Line]) -> Iterator[Block | Skipped]:
    """Yield the blocks of a text."""
    group: list[Line] = []
    for line in lines:
        if line.too_long:
            yield Skipped(f"line {line.number}", "a line of more than a million characters is no text of a page")
        folded = " ".join(line.text.split())
        if not folded or len(group) >= LONGEST_GROUP:
            yield from _split(group)
            group = []
        if folded:
            group.append(Line(line.number, folded))
    yield from _split(group)


def kind_of(text: str) -> Kind:
    """Return what a folded line is by its own look."""
    if len(text) > 40:
        return Kind.TEXT
    if text in _DOTS:
        return Kind.DOT
    if _NUMBER.fullmatch(text):
        return Kind.NUMBER
    if _AUTHORS.fullmatch(text):
        return Kind.AUTHORS
    day = starting_day(text)
    return Kind.DAY if day and _AFTER_DAY.fullmatch(day[1]) else Kind.TEXT


def number_in(text: str) -> int | None:
    """Return the counter that a block is: ``65``, ``1,234``, ``1.2k``, ``-`` (none)."""
    if text == "-":
        return 0
    if not _NUMBER.fullmatch(text):
        return None
    bare = text.replace(",", "").lower()
    return round(float(bare[:-1]) * 1000) if bare.endswith("k") else int(float(bare))


def authors_in(text: str) -> int | None:
    """Return N of ``• N authors``."""
    found = _AUTHORS.fullmatch(text)
    return int(found["count"].replace(",", "")) if found else None


def comments_after_day(rest: str) -> int | None:
    """Return the number that follows a date, if one does."""
    found = _AFTER_DAY.fullmatch(rest)
    return int(found["comments"].replace(",", "")) if found and found["comments"] else None


def _split(group: list[Line]) -> Iterator[Block]:
    """Join what was wrapped, keep apart what is not."""
    width = max((len(line.text) for line in group), default=0)
    wraps = _NARROWEST <= width <= _WIDEST
    parts: list[str] = []
    for index, line in enumerate(group):
        kind = kind_of(line.text)
        following = group[index + 1].text if index + 1 < len(group) else ""
        parts.append(line.text)
        if kind is Kind.TEXT and wraps and _is_broken(line.text, following, width):
            continue
        start = index - len(parts) + 1
        yield Block(group[start].number, " ".join(parts), kind if len(parts) == 1 else Kind.TEXT, apart=start == 0)
        parts = []


def _is_broken(text: str, following: str, width: int) -> bool:
    """Return whether ``following`` goes on where ``text`` had no room left."""
    if not following or kind_of(following) is not Kind.TEXT:
        return False
    return len(text) + 1 + len(following.split(" ", 1)[0]) > width
