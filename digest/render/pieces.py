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
from collections.abc import Hashable, Mapping
from dataclasses import fields
from functools import partial
from typing import NamedTuple

from digest.model import Links
from digest.render.environment import COLUMNS
from digest.render.marks import html_text
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
WHY, MARKER = frozenset({"why"}), frozenset({"marker"})
"""What slots need that show nothing of the reader but the why-line, or the paper's number: told by identity."""
_KNOWN_NEEDS = {needs: needs for needs in (WHY, MARKER)}
LATER = "later "
"""Begins the name of a hole that a filter fills."""

_HOLE = re.compile("\x01([^\x01\x02\n]+)\x02")
MARK = "<mark>\x03</mark>"
"""Stands behind a hole whose value has highlights, to learn what the style sheet makes of them."""
_LINE = re.compile("[^\n]*\n|[^\n]+")
_MARK = re.compile("\x01([^\x01\x02\n]+)\x02(<mark[^>]*>)\x03</mark>")


class NotInPieces(Exception):  # noqa: N818 - no error: such a mail is rendered whole
    """These templates do something with a value that only rendering the whole can do."""


class Value:
    """A text on one line that fills a hole, its letters in quoted-printable.

    ``columns`` is its length where breaking it into lines that are long enough leaves it as it is (no blanks at its
    ends, no two of them together), else 0; ``raw`` is the text itself, where it is at hand.
    """

    __slots__ = ("columns", "escaped", "raw")

    def __init__(self, escaped_text: str, columns: int = 0, raw: str | None = None) -> None:
        self.escaped, self.columns, self.raw = escaped_text, columns, raw


Filling = Value | str
"""What fills a hole; a plain string is lines in quoted-printable, each with CRLF."""


class Values(dict[str, Filling]):
    """What fills the holes of one part of the mail: texts, put into quoted-printable when they are asked for.

    ``ready`` are those that are in it already.
    """

    def __init__(self, texts: Mapping[str, str], ready: Mapping[str, Filling] | None = None, *, on_page: bool) -> None:
        super().__init__(ready or {})
        self._texts, self._on_page = dict(texts), on_page

    def tell(self, texts: Mapping[str, str]) -> None:
        """Take texts in place of those of the same names."""
        self._texts.update(texts)
        for name in texts:
            self.pop(name, None)

    def __missing__(self, name: str) -> Filling:
        text = self._texts[name]
        made = self[name] = value(html_text(text) if self._on_page else text)
        return made


class Later:
    """A filter put off: the hole it fills, and what is to be done with which text (literals and names in turn).

    ``indent`` is that of the filter that wraps, ``None`` for any other; ``key`` tells it from every other filter.
    """

    def __init__(self, name: str, work: partial[str], text: tuple[str, ...], indent: int | None = None) -> None:
        self.name = name
        self.needs = text[1::2]
        self.key = name, work.func, tuple(work.keywords.items()), text
        self._work, self._text = work, text
        before, after = text[0], text[-1]
        is_simple = indent is not None and len(text) == 3 and is_a_line(f"{before}x{after}")
        self._room = COLUMNS - (indent or 0) - len(before) - len(after) if is_simple else 0
        self._before, self._after = escaped(" " * (indent or 0) + before), escaped(after)

    def value(self, values: Mapping[str, Filling]) -> str:
        """Return what fills the hole."""
        if self._room:
            inner = values[self.needs[0]]
            if isinstance(inner, Value) and 0 < inner.columns <= self._room:
                return f"{soft(f'{self._before}{inner.escaped}{self._after}')}\r\n"
        texts = [_raw(values[part]) if n % 2 else part for n, part in enumerate(self._text)]
        return quoted_lines(self._work("".join(texts)))


class Slot:
    """A line of a piece with holes in it: encoded literals and names in turn, and the filters put off in it.

    ``needs`` are the values that fill it; ``name`` is the only one where the line is nothing but its hole, else "".
    Slots of one ``key`` are filled alike; those ``on_page`` are of the HTML part.
    """

    __slots__ = ("_laters", "_line", "_lone", "key", "name", "needs", "on_page")

    def __init__(self, line: tuple[str, ...], laters: tuple[Later, ...], *, on_page: bool) -> None:
        self.on_page = on_page
        names = set(line[1::2])
        mine = []
        for later in reversed(laters):
            if later.name in names:
                mine.append(later)
                names = (names - {later.name}).union(later.needs)
        self._line, self._laters = line, tuple(reversed(mine))
        self.key: Hashable = on_page, line, tuple([later.key for later in self._laters])
        needs = frozenset(names)
        self.needs = _KNOWN_NEEDS.get(needs, needs)
        self._lone = line[1] if len(line) == 3 and not line[0] and not line[2] else ""
        self.name = "" if mine else self._lone

    def filled(self, values: Mapping[str, Filling]) -> str:
        """Return the line, encoded, its holes filled."""
        if self.name:
            return coded(values[self.name])
        if self._lone and len(self._laters) == 1:
            return self._laters[0].value(values)
        found = {name: values[name] for name in self.needs}
        for later in self._laters:
            found[later.name] = later.value(found)
        return coded(found[self._lone]) if self._lone else _filled(self._line, found)


Parts = tuple[str | Slot, ...]
"""Encoded text, and slots, in their order."""


class Piece(NamedTuple):
    """A text in parts; ``marks`` are the opening tags of highlights by the name of their hole."""

    parts: Parts
    marks: Mapping[str, str]

    def filled(self, values: Mapping[str, Filling]) -> list[str]:
        """Return the piece, encoded, its holes filled."""
        return [part if type(part) is str else part.filled(values) for part in self.parts]  # type: ignore[union-attr]


def given(parts: Parts, values: Mapping[str, Filling]) -> Parts:
    """Return parts with every slot filled for which these values are enough, and text beside text joined."""
    joined: list[str | Slot] = []
    for part in parts:
        one = part.filled(values) if isinstance(part, Slot) and part.needs <= values.keys() else part
        if isinstance(one, str) and joined and isinstance(joined[-1], str):
            joined[-1] += one
        else:
            joined.append(one)
    return tuple(joined)


def coded(filling: Filling) -> str:
    """Return a filling as lines in quoted-printable, each with CRLF."""
    return filling if isinstance(filling, str) else f"{soft(filling.escaped)}\r\n"


def _filled(line: tuple[str, ...], values: Mapping[str, Filling]) -> str:
    if len(line) == 3:
        before, name, after = line
        one = values[name]
        if isinstance(one, Value):
            return f"{soft(f'{before}{one.escaped}{after}')}\r\n"
    found = [values[part] if n % 2 else part for n, part in enumerate(line)]
    if all(isinstance(one, Value) for one in found[1::2]):
        found[1::2] = [one.escaped for one in found[1::2]]  # type: ignore[union-attr]  # as just seen
        return f"{soft(''.join(found))}\r\n"  # type: ignore[arg-type]
    return quoted_lines("".join([_raw(one) if n % 2 else _text(str(one)) for n, one in enumerate(found)]))


def _raw(filling: Filling) -> str:
    if isinstance(filling, Value):
        return _text(filling.escaped) if filling.raw is None else filling.raw
    return _text(filling).replace("\r\n", "\n").removesuffix("\n")


def _text(line: str) -> str:
    return a2b_qp(line).decode()


def split(text: str) -> tuple[str, ...]:
    """Cut a text at its holes: literals and names in turn."""
    return tuple(_HOLE.split(text))


def hole(name: str) -> str:
    """Return what stands for a value until it is known."""
    return f"\x01{name}\x02"


def value(raw: str) -> Filling:
    """Return a text as what fills a hole."""
    if "\n" in raw:
        return quoted_lines(raw)
    return Value(escaped(raw), len(raw) if is_a_line(raw) else 0, raw)


def is_a_line(text: str) -> bool:
    """Return whether breaking a text into lines that are long enough leaves it as it is."""
    return text == " ".join(text.split())


def piece(text: str, laters: tuple[Later, ...] = (), *, on_page: bool = False) -> Piece:
    """Cut a rendered text, holes and all, into a piece, of the HTML part or of the text part."""
    parts: list[str | Slot] = []
    for source in _sources(text):
        found = split(source)
        if any(sign in literal for literal in found[::2] for sign in "\x01\x02\x03"):
            raise NotInPieces("a hole or a highlight was taken apart")
        if not all(name in NAMES or name.startswith(LATER) for name in found[1::2]):
            raise NotInPieces("a value was changed after it was known")
        line = tuple(part if n % 2 else escaped(part) for n, part in enumerate(found))
        parts.append(Slot(line, laters, on_page=on_page) if len(found) > 1 else quoted_lines(source))
    return Piece(given(tuple(parts), {}), dict(_MARK.findall(text)))


def _sources(text: str) -> list[str]:
    return [line.removesuffix("\n") for line in _LINE.findall(_MARK.sub("\x01\\1\x02", text))]
