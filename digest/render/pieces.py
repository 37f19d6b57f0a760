r"""A piece of a mail with holes: rendered and encoded once, filled for every reader.

A template is rendered with *holes* in place of the values that depend on the reader. A hole is a name between two
control characters, which no paper and no reader can bring along (views are cleaned of them), so what comes out is cut
at them. Lines without a hole are put into quoted-printable here and now; a line that is nothing but a hole takes its
value already encoded; any other line with a hole is encoded when it is filled. Soft line ends never cross a line, so
filled pieces, joined, are byte for byte what encoding the whole would give.

Filters that look at a text as a whole (wrapping, underlining) put off their work until the hole is filled.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from digest.render.quoted import quoted_lines

NAMES = frozenset(
    ("subject", "preheader", "address", "heading", "query", "title", "lead", "why", "marker")
    + ("home", "archive", "manage", "feed_rss", "feed_atom", "feed_json", "unsubscribe", "unsubscribe_mailto")
)
"""The values that depend on the reader."""
LATER = "later "
"""Begins the name of a hole that a filter fills."""

_HOLE = re.compile("\x01([^\x01\x02\n]+)\x02")
MARK = "<mark>\x03</mark>"
"""Stands behind a hole whose value has highlights, to learn what the style sheet makes of them."""
_LINE = re.compile("[^\n]*\n|[^\n]+")
_MARK = re.compile("\x01([^\x01\x02\n]+)\x02(<mark[^>]*>)\x03</mark>")


class NotInPieces(Exception):  # noqa: N818 - no error: such a mail is rendered whole
    """These templates do something with a value that only rendering the whole can do."""


class Value(NamedTuple):
    """What fills a hole: the text, and its lines in quoted-printable."""

    raw: str
    coded: str


class Later(NamedTuple):
    """A filter put off: the hole it fills, and what is to be done with which text."""

    name: str
    work: Callable[[str], str]
    text: str


class Piece(NamedTuple):
    """Parts in order: text with its encoding where there is no hole, else literals and names in turn.

    ``marks`` holds the opening tag of a highlight by the name of its hole.
    """

    parts: tuple[tuple[str, str, tuple[str, ...]], ...]
    laters: tuple[Later, ...]
    marks: Mapping[str, str]

    def fill(self, values: dict[str, Value], raw: list[str], coded: list[str]) -> None:
        """Append the piece, its holes filled, to the text and to its encoding."""
        for name, work, template in self.laters:
            values[name] = value(work(_HOLE.sub(lambda found: values[found[1]].raw, template)))
        for text, encoded, line in self.parts:
            if not line:
                raw.append(text)
                coded.append(encoded)
            elif len(line) == 3 and not line[0] and line[2] == "\n":
                filled = values[line[1]]
                raw += (filled.raw, "\n")
                coded.append(filled.coded)
            else:
                whole = "".join([values[part].raw if n % 2 else part for n, part in enumerate(line)])
                raw.append(whole)
                coded.append(quoted_lines(whole.removesuffix("\n")))


def hole(name: str) -> str:
    """Return what stands for a value until it is known."""
    return f"\x01{name}\x02"


def value(raw: str) -> Value:
    """Return a text as a value."""
    return Value(raw, quoted_lines(raw))


def piece(text: str, laters: tuple[Later, ...] = ()) -> Piece:
    """Cut a rendered text, holes and all, into a piece."""
    marks = dict(_MARK.findall(text))
    parts: list[tuple[str, str, tuple[str, ...]]] = []
    still: list[str] = []
    for line in _LINE.findall(_MARK.sub("\x01\\1\x02", text)):
        split = tuple(_HOLE.split(line))
        if len(split) == 1:
            still.append(line)
            continue
        if not all(name in NAMES or name.startswith(LATER) for name in split[1::2]):
            raise NotInPieces("a value was changed after it was known")
        parts += [_still(still), ("", "", split)]
        still = []
    return Piece(tuple(part for part in [*parts, _still(still)] if part[0] or part[2]), laters, marks)


def _still(lines: list[str]) -> tuple[str, str, tuple[str, ...]]:
    text = "".join(lines)
    if "\x03" in text:
        raise NotInPieces("a highlight was taken apart")
    return text, quoted_lines(text.removesuffix("\n")) if text else "", ()
