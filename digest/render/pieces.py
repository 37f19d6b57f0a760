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
from dataclasses import fields
from typing import NamedTuple

from digest.model import Links
from digest.render.quoted import quoted_lines

_OF_THE_MAIL = ("subject", "preheader", "address", "heading", "query", "title", "lead", "why", "marker")
LINKS = tuple(field.name for field in fields(Links) if field.name != "bounces")
"""The addresses a template can show, each a value of its own."""
NAMES = frozenset((*_OF_THE_MAIL, *LINKS))
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
    """A filter put off: the hole it fills, and what is to be done with which text (literals and names in turn)."""

    name: str
    work: Callable[[str], str]
    text: tuple[str, ...]


class Part(NamedTuple):
    """A line with holes (none: before the first), and what stands still behind it up to the next, with its encoding.

    A line that is nothing but a hole is its ``name``; any other is ``line``, literals and names in turn.
    """

    name: str
    line: tuple[str, ...]
    raw: str
    coded: str


class Piece(NamedTuple):
    """Parts in order, filters put off, and the opening tags of highlights by the name of their hole."""

    parts: tuple[Part, ...]
    laters: tuple[Later, ...]
    marks: Mapping[str, str]

    def fill(self, values: dict[str, Value], raw: list[str], coded: list[str]) -> None:
        """Append the piece, its holes filled, to the text and to its encoding."""
        for later, work, text in self.laters:
            values[later] = value(work(_filled(text, values)))
        for name, line, still, still_coded in self.parts:
            if name:
                filled = values[name]
                raw += (filled.raw, still)
                coded += (filled.coded, still_coded)
            elif line:
                whole = _filled(line, values)
                raw += (whole, still)
                coded += (quoted_lines(whole), still_coded)
            else:
                raw.append(still)
                coded.append(still_coded)


def _filled(line: tuple[str, ...], values: Mapping[str, Value]) -> str:
    return "".join([values[part].raw if n % 2 else part for n, part in enumerate(line)])


def split(text: str) -> tuple[str, ...]:
    """Cut a text at its holes: literals and names in turn."""
    return tuple(_HOLE.split(text))


def hole(name: str) -> str:
    """Return what stands for a value until it is known."""
    return f"\x01{name}\x02"


def value(raw: str) -> Value:
    """Return a text as a value."""
    return Value(raw, quoted_lines(raw))


def piece(text: str, laters: tuple[Later, ...] = ()) -> Piece:
    """Cut a rendered text, holes and all, into a piece."""
    marks = dict(_MARK.findall(text))
    parts: list[Part] = []
    holes: tuple[str, ...] = ()
    still: list[str] = []
    for line in _LINE.findall(_MARK.sub("\x01\\1\x02", text)):
        found = split(line.removesuffix("\n"))
        if len(found) == 1:
            still.append(line)
            continue
        parts.append(_part(holes, still))
        holes, still = found, []
    return Piece(tuple(part for part in [*parts, _part(holes, still)] if any(part)), laters, marks)


def _part(holes: tuple[str, ...], still: list[str]) -> Part:
    if not all(name in NAMES or name.startswith(LATER) for name in holes[1::2]):
        raise NotInPieces("a value was changed after it was known")
    text = "".join(still)
    if "\x03" in text:
        raise NotInPieces("a highlight was taken apart")
    coded = quoted_lines(text.removesuffix("\n")) if text else ""
    is_bare = len(holes) == 3 and not holes[0] and not holes[2]
    return Part(holes[1] if is_bare else "", () if is_bare else holes, ("\n" if holes else "") + text, coded)
