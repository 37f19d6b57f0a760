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


class Value(str):
    """What fills a hole: its lines in quoted-printable, each with CRLF; a plain string will do as well.

    Of a text on one line, ``escaped`` is the same without line ends; ``columns`` is its length where breaking it into
    lines that are long enough leaves it as it is (no blanks at its ends, no two of them together), else 0.
    """

    __slots__ = ("columns", "escaped")
    escaped: str
    columns: int


def line_value(escaped_text: str, columns: int = 0) -> Value:
    """Return a text on one line, escaped already, as a value."""
    made = Value(f"{soft(escaped_text)}\r\n")
    made.escaped, made.columns = escaped_text, columns
    return made


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

    def value(self, values: Mapping[str, str]) -> str:
        """Return what fills the hole."""
        if self._room:
            inner = values[self.needs[0]]
            if isinstance(inner, Value) and 0 < inner.columns <= self._room:
                return f"{soft(f'{self._before}{inner.escaped}{self._after}')}\r\n"
        texts = [_raw(values[part]) if n % 2 else part for n, part in enumerate(self._text)]
        return quoted_lines(self._work("".join(texts)))


class Piece(NamedTuple):
    """An encoded text with a name, ``%(title)s``, for each line that is only a hole, ``%(line 0)s`` for others.

    ``lines`` are those others: the name, and encoded literals and names in turn; ``laters`` are the filters put off;
    ``marks`` the opening tags of highlights by the name of their hole.
    """

    template: str
    lines: tuple[tuple[str, tuple[str, ...]], ...]
    laters: tuple[Later, ...]
    marks: Mapping[str, str]

    def filled(self, values: dict[str, str]) -> str:
        """Return the piece, encoded, its holes filled."""
        for later in self.laters:
            values[later.name] = later.value(values)
        for name, line in self.lines:
            values[name] = _filled(line, values)
        return self.template % values


def _filled(line: tuple[str, ...], values: Mapping[str, str]) -> str:
    parts = [values[part] if n % 2 else part for n, part in enumerate(line)]
    if all(isinstance(part, Value) for part in parts[1::2]):
        parts[1::2] = [part.escaped for part in parts[1::2]]  # type: ignore[attr-defined]  # as just seen
        return f"{soft(''.join(parts))}\r\n"
    return quoted_lines("".join([_raw(part) if n % 2 else _text(part) for n, part in enumerate(parts)]))


def _raw(coded: str) -> str:
    return _text(coded).replace("\r\n", "\n").removesuffix("\n")


def _text(line: str) -> str:
    return a2b_qp(line).decode()


def split(text: str) -> tuple[str, ...]:
    """Cut a text at its holes: literals and names in turn."""
    return tuple(_HOLE.split(text))


def hole(name: str) -> str:
    """Return what stands for a value until it is known."""
    return f"\x01{name}\x02"


def value(raw: str) -> str:
    """Return a text as a value."""
    if "\n" in raw:
        return quoted_lines(raw)
    return line_value(escaped(raw), len(raw) if is_a_line(raw) else 0)


def is_a_line(text: str) -> bool:
    """Return whether breaking a text into lines that are long enough leaves it as it is."""
    return text == " ".join(text.split())


def piece(text: str, laters: tuple[Later, ...] = ()) -> Piece:
    """Cut a rendered text, holes and all, into a piece."""
    parts: list[str] = []
    lines: list[tuple[str, tuple[str, ...]]] = []
    for source in _sources(text):
        found = split(source)
        if any(sign in literal for literal in found[::2] for sign in "\x01\x02\x03"):
            raise NotInPieces("a hole or a highlight was taken apart")
        if not all(name in NAMES or name.startswith(LATER) for name in found[1::2]):
            raise NotInPieces("a value was changed after it was known")
        if len(found) == 1:
            parts.append(quoted_lines(source).replace("%", "%%"))
        elif len(found) == 3 and not found[0] and not found[2]:
            parts.append(f"%({found[1]})s")
        else:
            lines.append((f"line {len(lines)}", tuple(p if n % 2 else escaped(p) for n, p in enumerate(found))))
            parts.append(f"%({lines[-1][0]})s")
    return Piece("".join(parts), tuple(lines), laters, dict(_MARK.findall(text)))


def _sources(text: str) -> list[str]:
    return [line.removesuffix("\n") for line in _LINE.findall(_MARK.sub("\x01\\1\x02", text))]
