r"""A piece of a mail with holes: rendered and encoded once, filled for every reader.

A template is rendered with *holes* in place of the values that depend on the reader. A hole is a name between two
control characters, which no paper and no reader can bring along (views are cleaned of them), so what comes out is cut
at them. Lines without a hole are put into quoted-printable here and now; a line that is nothing but a hole takes its
value already encoded; any other line with a hole is put together when it is filled. Soft line ends never cross a
line, so filled pieces, joined, are byte for byte what encoding the whole would give.

Filters that look at a text as a whole (wrapping, underlining) put off their work until the hole is filled.
"""

from __future__ import annotations

import re
from binascii import a2b_qp
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import NamedTuple

from digest.model import Links
from digest.render.environment import COLUMNS
from digest.render.quoted import escaped, quoted_lines, soft

_OF_THE_MAIL = (
    "subject",
    "preheader",
    "address",
    "heading",
    "query",
    "title",
    "lead",
    "why",
    "marker",
    "spark",
    "spark_label",
)
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
    """What fills a hole: its lines in quoted-printable, each with CRLF.

    Of a text on one line, ``escaped`` is the same without line ends; ``columns`` is its length where breaking it into
    lines that are long enough leaves it as it is (no blanks at its ends, no two of them together), else 0.
    """

    coded: str
    escaped: str | None = None
    columns: int = 0

    @property
    def raw(self) -> str:
        """Return the text itself."""
        return _text(self.coded).replace("\r\n", "\n").removesuffix("\n")


class Later:
    """A filter put off: the hole it fills, and what is to be done with which text (literals and names in turn).

    ``indent`` is that of the filter that wraps, ``None`` for any other.
    """

    def __init__(self, name: str, work: Callable[[str], str], text: tuple[str, ...], indent: int | None = None) -> None:
        self.name = name
        self.needs = text[1::2]
        self._work, self._text = work, text
        before, after = text[0], text[-1]
        is_simple = indent is not None and len(text) == 3 and is_a_line(f"{before}x{after}")
        self._room = COLUMNS - (indent or 0) - len(before) - len(after) if is_simple else 0
        self._before, self._after = escaped(" " * (indent or 0) + before), escaped(after)

    def value(self, values: Mapping[str, Value]) -> Value:
        """Return what fills the hole."""
        if self._room:
            _, inner, columns = values[self.needs[0]]
            if 0 < columns <= self._room:
                return Value(f"{soft(f'{self._before}{inner}{self._after}')}\r\n")
        return value(self._work("".join([values[part].raw if n % 2 else part for n, part in enumerate(self._text)])))


class Part(NamedTuple):
    """A line with holes (none: before the first), and what stands still behind it up to the next, encoded.

    A line that is nothing but a hole is its ``name``; any other is ``line``: encoded literals and names in turn.
    """

    name: str
    line: tuple[str, ...]
    still: str


class Piece(NamedTuple):
    """Parts in order, filters put off, and the opening tags of highlights by the name of their hole."""

    parts: tuple[Part, ...]
    laters: tuple[Later, ...]
    marks: Mapping[str, str]

    def fill(self, values: dict[str, Value], to: list[str]) -> None:
        """Append the piece, encoded, its holes filled."""
        for later in self.laters:
            values[later.name] = later.value(values)
        for name, line, still in self.parts:
            if name:
                to.append(values[name].coded)
            elif line:
                to.append(_filled(line, values))
            to.append(still)

    def filled(self, values: dict[str, Value]) -> str:
        """Return the piece, encoded, its holes filled."""
        parts: list[str] = []
        self.fill(values, parts)
        return "".join(parts)


def _filled(line: tuple[str, ...], values: Mapping[str, Value]) -> str:
    parts = [values[part].escaped if n % 2 else part for n, part in enumerate(line)]
    whole = [part for part in parts if part is not None]
    if len(whole) < len(parts):
        return quoted_lines("".join([values[part].raw if n % 2 else _text(part) for n, part in enumerate(line)]))
    return f"{soft(''.join(whole))}\r\n"


def _text(line: str) -> str:
    return a2b_qp(line).decode()


def split(text: str) -> tuple[str, ...]:
    """Cut a text at its holes: literals and names in turn."""
    return tuple(_HOLE.split(text))


def hole(name: str) -> str:
    """Return what stands for a value until it is known."""
    return f"\x01{name}\x02"


def value(raw: str) -> Value:
    """Return a text as a value."""
    if "\n" in raw:
        return Value(quoted_lines(raw))
    inner = escaped(raw)
    return Value(f"{soft(inner)}\r\n", inner, len(raw) if is_a_line(raw) else 0)


def is_a_line(text: str) -> bool:
    """Return whether breaking a text into lines that are long enough leaves it as it is."""
    return text == " ".join(text.split())


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
    line = tuple(part if n % 2 else escaped(part) for n, part in enumerate(holes))
    return Part(holes[1] if is_bare else "", () if is_bare else line, coded)
