"""What copying, printing and mailing leave on a text, taken off again before anything is read.

"> " or "| " before every line (a mail that quotes the page), four blanks or a tab (a page that indents it)
line ends of other kinds (form feed, vertical tab, U+0085, U+2028, U+2029)
characters without width: soft hyphens, joiners, marks of direction
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from digest.parsers.decode import Stretch

_LINE_ENDS = "\x0b\x0c\x85\u2028\u2029"
_BLANKS = "\x1c\x1d\x1e\x1f"
_UNSEEN = "\xad\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
_ENDS = str.maketrans(dict.fromkeys(_LINE_ENDS, "\n") | dict.fromkeys(_BLANKS, " "))
_OFF = str.maketrans(dict.fromkeys(_UNSEEN, ""))
_PREFIXES = (re.compile(r"^(?:[>|][ \t]?)+", re.MULTILINE), re.compile(r"^[ \t\xa0]+", re.MULTILINE))
_FEED = re.compile(r"\n\x0c+|\x0c+\n")
_SHARE = 0.95
_FEWEST = 8
"""Lines with something on them, and the share of these that begin alike, from which a prefix is one."""


@lru_cache(4)
def bare_head(head: str) -> str:
    """Return the start of a text without what was put before its lines and between its letters."""
    return seen(_ended(head, prefix_of(head)))


def bare(stretches: Iterable[Stretch], head: str) -> Iterator[Stretch]:
    """Yield the stretches of the text that starts with ``head`` without what was put before its lines.

    What is put between letters is left to ``seen``, which is quick for the lines that are plain ASCII.
    """
    prefix = prefix_of(head)
    for number, text, too_long in stretches:
        yield Stretch(number, _ended(text, prefix), too_long)


def seen(text: str) -> str:
    """Return a text without the characters that have no width."""
    return text.translate(_OFF) if not text.isascii() and any(map(text.__contains__, _UNSEEN)) else text


@lru_cache(4)
def prefix_of(head: str) -> re.Pattern[str] | None:
    """Return what (nearly) every line of a text begins with, if it is a mark of quoting or an indentation."""
    rows = [row for row in head.translate(_ENDS | _OFF).split("\n") if row.strip()]
    for prefix in _PREFIXES:
        if len(rows) >= _FEWEST and sum(map(bool, map(prefix.match, rows))) >= _SHARE * len(rows):
            return prefix
    return None


def _ended(text: str, prefix: re.Pattern[str] | None) -> str:
    """Return a text whose lines end in line feeds and whose only ASCII blank is the space, without the prefix."""
    if any(map(text.__contains__, _LINE_ENDS + _BLANKS)):
        text = _FEED.sub("\n", text).translate(_ENDS)
    return (prefix.sub("", text) if prefix else text).replace("\t", " ")
