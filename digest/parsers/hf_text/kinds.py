"""What a line of a page is by its own look: prose, a counter, a count of authors, a dot, a day, an address."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

from digest.parsers.days import PageDay, starting_day

NARROWEST, WIDEST = 30, 200
"""Columns between which software wraps text."""
REMEMBERED = 2048
"""Short lines whose meaning is remembered: counters, days, dots and buttons come again with every paper."""

_AUTHORS = re.compile(r"(?:[*•·‣◦▪-]\s*)*(?P<count>\d{1,3}(?:,\d{3})*|\d+)\s+authors?(?: ?·)?", re.IGNORECASE)
_NUMBER = re.compile(r"(?:\[-\] ?)?(?P<number>\d{1,3}(?:,\d{3})+|\d{1,7}|\d{1,4}(?:\.\d{1,2})?[kK]|-)")
_AFTER_DAY = re.compile(r"\s*(?:\[?\s*(?P<comments>\d{1,3}(?:,\d{3})+|\d{1,6})\s*\]?)?")
_PUBLISHED = re.compile(r"(?:published|submitted|posted) on:? +(?=[A-Z])", re.IGNORECASE)
_AFTER_HANGING_HYPHEN = re.compile(r"(?:and|or|to|nor|vs)\b|\W")
_WIDE_BLANKS = "\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
"""What ``str.split`` takes for white space beyond ASCII, line ends aside."""
_DOTS = frozenset("·•∙⋅")
_FIRST_OF_MARKS = _DOTS | frozenset("0123456789-*[‣◦▪JFMASONDPjfmasondp")
"""What a counter, a count of authors, a dot or a day begins with; months, "published", "posted", "submitted"."""


class Kind(Enum):
    """What a block is by its own look."""

    TEXT = "text"
    DOT = "dot"
    AUTHORS = "authors"
    DAY = "day"
    NUMBER = "number"
    ADDRESS = "address"


class Block(NamedTuple):
    """A block with the number of its first line.

    ``apart``: a blank line stands before it; ``level``: of a heading, 0 for none; ``targets``: where its links lead.
    While it is still one line of several: ``goes_on``, a link or a broken line goes on in the next; ``indented``.
    """

    line: int
    text: str
    kind: Kind = Kind.TEXT
    apart: bool = False
    level: int = 0
    targets: tuple[str, ...] = ()
    goes_on: bool = False
    indented: bool = False


class Layout(NamedTuple):
    """How a text is laid out as a whole.

    ``width`` is the column at which it was wrapped (0: not at all), ``hyphens`` whether also behind a hyphen;
    ``marked``: it holds links as Markdown or html-to-text writes them, whose numbered addresses are in ``references``;
    ``addressed``: links stand as an address on a line of its own.
    """

    width: int = 0
    hyphens: bool = False
    marked: bool = False
    addressed: bool = False
    references: Mapping[str, str] = {}


def fold(text: str) -> str:
    """Return a line with its white space folded; tabs, and what nobody sees, are gone by now (``copied``)."""
    if "  " in text or text[:1] == " " or text[-1:] == " ":
        return " ".join(text.split())
    if text.isascii() or not any(map(text.__contains__, _WIDE_BLANKS)):
        return text  # as nine lines of ten are: telling it is faster than taking the line apart
    return " ".join(text.split())


def has_dot(text: str) -> bool:
    """Return whether a line may be a signature; no dot is ASCII, which is told without a look at the characters."""
    return not text.isascii() and not _DOTS.isdisjoint(text)


def kind_of(text: str) -> Kind:
    """Return what a folded line is by its own look."""
    return Kind.TEXT if len(text) > 60 or text[0] not in _FIRST_OF_MARKS else _kind_of_mark(text)


@lru_cache(REMEMBERED)
def _kind_of_mark(text: str) -> Kind:
    if text in _DOTS:
        return Kind.DOT
    if _NUMBER.fullmatch(text):
        return Kind.NUMBER
    if _AUTHORS.fullmatch(text):
        return Kind.AUTHORS
    return Kind.DAY if day_in(text) else Kind.TEXT


@lru_cache(REMEMBERED)
def day_in(text: str) -> tuple[PageDay, int | None] | None:
    """Return the day that a block is, and the comments counted behind it."""
    found = starting_day(_PUBLISHED.sub("", text, count=1))
    after = _AFTER_DAY.fullmatch(found[1]) if found else None
    if not found or not after:
        return None
    return found[0], int(after["comments"].replace(",", "")) if after["comments"] else None


def number_in(text: str) -> int | None:
    """Return the counter that a block is: ``65``, ``1,234``, ``1.2k``, ``-`` (none), ``[-] 74``."""
    found = _NUMBER.fullmatch(text)
    if not found:
        return None
    bare = found["number"].replace(",", "").lower()
    if bare == "-":
        return 0
    return round(float(bare[:-1]) * 1000) if bare.endswith("k") else int(bare)


def authors_in(text: str) -> int | None:
    """Return N of ``• N authors``."""
    found = _AUTHORS.fullmatch(text)
    return int(found["count"].replace(",", "")) if found else None


def breaks_word(text: str, following: str) -> bool:
    """Return whether a line may end behind the hyphen of a word that goes on: ``long-/context``, not ``long-/and``."""
    return text.endswith("-") and text[-2:-1].isalnum() and not _AFTER_HANGING_HYPHEN.match(following)


def room_needed(text: str, word: str, *, hyphens: bool) -> int:
    """Return how many columns a line would have taken with the next word on it."""
    return len(text) + len(word) + (0 if hyphens and breaks_word(text, word) else 1)


def is_broken(text: str, following: str, layout: Layout) -> bool:
    """Return whether ``following`` begins where ``text`` had no room left before the column of the layout."""
    if not len(text) <= layout.width:
        return False
    return layout.width < room_needed(text, following.split(" ", 1)[0], hyphens=layout.hyphens)
