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
_UNSEEN = "\xad\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
_OFF = str.maketrans(dict.fromkeys(_LINE_ENDS, "\n") | dict.fromkeys(_UNSEEN, ""))
_PREFIXES = (re.compile(r"^(?:[>|][ \t]?)+", re.MULTILINE), re.compile(r"^[ \t\xa0]+", re.MULTILINE))
_FEED = re.compile(r"\n\x0c+|\x0c+\n")
_SHARE = 0.95
_FEWEST = 8
"""Lines with something on them, and the share of these that begin alike, from which a prefix is one."""


@lru_cache(4)
def bare_head(head: str) -> str:
    """Return the start of a text without what was put before its lines and between its letters."""
    return _without(head, prefix_of(head))


def bare(stretches: Iterable[Stretch], head: str) -> Iterator[Stretch]:
    """Yield the stretches of the text that starts with ``head`` likewise; lines keep their numbers but for new ones."""
    prefix = prefix_of(head)
    for number, text, too_long in stretches:
        yield Stretch(number, _without(text, prefix), too_long)


@lru_cache(4)
def prefix_of(head: str) -> re.Pattern[str] | None:
    """Return what (nearly) every line of a text begins with, if it is a mark of quoting or an indentation."""
    rows = [row for row in head.translate(_OFF).split("\n") if row.strip()]
    for prefix in _PREFIXES:
        if len(rows) >= _FEWEST and sum(map(bool, map(prefix.match, rows))) >= _SHARE * len(rows):
            return prefix
    return None


def _without(text: str, prefix: re.Pattern[str] | None) -> str:
    odd = "\x0c" in text or "\x0b" in text
    if odd or (not text.isascii() and any(map(text.__contains__, _UNSEEN + _LINE_ENDS))):
        text = _FEED.sub("\n", text).translate(_OFF)
    return prefix.sub("", text) if prefix else text
