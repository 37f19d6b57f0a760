"""Lines to blocks: a block is one title, one paragraph, one counter or one date, wherever the lines were broken."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

from digest.model import Skipped
from digest.parsers.days import PageDay, starting_day
from digest.parsers.decode import Line
from digest.parsers.hf_text.markup import unlink, whole_link

LONGEST_GROUP = 256
"""Lines without a blank one between them that are looked at together."""

NARROWEST, WIDEST = 30, 200
"""Columns between which software wraps text."""

_AUTHORS = re.compile(r"(?:[*•·‣◦▪-]\s*)*(?P<count>\d{1,3}(?:,\d{3})*|\d+)\s+authors?", re.IGNORECASE)
_NUMBER = re.compile(r"(?:\[-\] ?)?(?P<number>\d{1,3}(?:,\d{3})+|\d{1,7}|\d{1,4}(?:\.\d{1,2})?[kK]|-)")
_AFTER_DAY = re.compile(r"\s*(?:\[?\s*(?P<comments>\d{1,3}(?:,\d{3})+|\d{1,6})\s*\]?)?")
_PUBLISHED = re.compile(r"(?:published|submitted|posted) on:? +(?=[A-Z])", re.IGNORECASE)
_SIGNATURE = re.compile(
    r"(?P<name>[^.·•]{0,80}?) ?[·•∙⋅] ?(?P<day>(?:published on )?[A-Z][a-z]{2,8}\.? \d{1,2}\b.{0,24})", re.IGNORECASE
)
_ADDRESS = re.compile(r"<?(?P<url>https?://(?:www\.)?huggingface\.co(?:/\S*)?|/(?:papers|login)\S*)>?")
_NOTHING = re.compile(r"[\[\]*•‣◦▪\\-]|```\w*|(?:[-*•] ?)*(?:\[[^\]]*\])?")
_BREAK = re.compile(r"\\{1,2}(?=\s|$)")
_INVISIBLE = re.compile("[\u200b\ufeff\u2060\u200e\u200f\xad]")
_DOTS = frozenset("·•∙⋅")
_FIRST_OF_MARKS = _DOTS | frozenset("0123456789-*[‣◦▪JFMASONDPjfmasondp")
"""What a counter, a count of authors, a dot or a day begins with; months, "published", "posted", "submitted"."""


_SIGNATURE_LENGTH = 130
"""Characters below which a line may be a whole signature."""
_SHORT = 8
"""Characters below which a line may hold nothing one can see."""
_REMEMBERED = 2048
"""Short lines whose meaning is remembered: counters, days, dots and buttons come again with every paper."""


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
    """

    line: int
    text: str
    kind: Kind
    apart: bool = True
    level: int = 0
    targets: tuple[str, ...] = ()


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


def blocks(lines: Iterable[Line], layout: Layout) -> Iterator[Block | Skipped]:
    """Yield the blocks of a text."""
    group: list[Line] = []
    for line in lines:
        if line.too_long:
            yield Skipped(f"line {line.number}", "a line of more than a million characters is no text of a page")
        text = line.text if layout.marked else fold(line.text)
        blank = not text or text.isspace() or (len(text) < _SHORT and _is_empty(text))
        if group and (blank or len(group) >= LONGEST_GROUP):
            yield from _split(group, layout)
            group = []
        if not blank:
            group.append(line if text is line.text else Line(line.number, text))
    if group:
        yield from _split(group, layout)


@lru_cache(_REMEMBERED)
def _is_empty(text: str) -> bool:
    """Return whether a short line holds nothing one can see, or only a line break as Markdown writes it."""
    return not fold(text).strip("\\ ")


def fold(text: str) -> str:
    """Return a line with its white space folded and what nobody sees taken out."""
    return " ".join((text if text.isascii() else _INVISIBLE.sub("", text)).split())


def _has_dot(text: str) -> bool:
    """Return whether a line may be a signature; no dot is ASCII, which is told without a look at the characters."""
    return not text.isascii() and not _DOTS.isdisjoint(text)


def kind_of(text: str) -> Kind:
    """Return what a folded line is by its own look."""
    return Kind.TEXT if len(text) > 60 or text[0] not in _FIRST_OF_MARKS else _kind_of_mark(text)


@lru_cache(_REMEMBERED)
def _kind_of_mark(text: str) -> Kind:
    if text in _DOTS:
        return Kind.DOT
    if _NUMBER.fullmatch(text):
        return Kind.NUMBER
    if _AUTHORS.fullmatch(text):
        return Kind.AUTHORS
    return Kind.DAY if day_in(text) else Kind.TEXT


@lru_cache(_REMEMBERED)
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


class _Row(NamedTuple):
    line: int
    text: str
    kind: Kind = Kind.TEXT
    level: int = 0
    targets: tuple[str, ...] = ()
    goes_on: bool = False
    indented: bool = False


def _split(group: list[Line], layout: Layout) -> Iterable[Block]:
    """Join what was wrapped, keep apart what is not."""
    if len(group) == 1 and (block := _alone(group[0], layout)):
        return (block,)
    rows = _marked_rows(group, layout) if layout.marked else _plain_rows(group, layout)
    if len(rows) == 1:
        return (_block(rows, layout, apart=True),)
    found: list[Block] = []
    start = 0
    for index, row in enumerate(rows, 1):
        if index == len(rows) or not _goes_on(row, rows[index], layout):
            found.append(_block(rows[start:index], layout, apart=start == 0))
            start = index
    return found


def _alone(line: Line, layout: Layout) -> Block | None:
    """Return the block of a line that stands alone, if it is plain text, a number or one link: most lines are."""
    if layout.marked and (link := whole_link(line.text, layout.references)):
        level, label, target = link
        text = fold(label)
        return Block(line.number, text, Kind.TEXT if level else kind_of(text), True, level, (target,)) if text else None
    text = fold(line.text) if layout.marked else line.text
    if (layout.marked and _is_marked(text)) or (layout.addressed and text[0] in "h</"):
        return None
    if len(text) < _SIGNATURE_LENGTH and _has_dot(text):
        return None
    if len(text) < 3 and text != "-" and not text[0].isalnum():
        return None
    return Block(line.number, text, kind_of(text))


def _is_marked(text: str) -> bool:
    """Return whether a line may hold a link, a heading or a broken line, as Markdown writes them."""
    return "[" in text or "]" in text or "#" in text or "\\" in text


def _plain_rows(group: list[Line], layout: Layout) -> list[_Row]:
    rows: list[_Row] = []
    for line in group:
        address = _ADDRESS.fullmatch(line.text) if layout.addressed and line.text[0] in "h</" else None
        if address:
            rows.append(_Row(line.number, line.text, Kind.ADDRESS, 0, (address["url"],)))
        else:
            rows += _told_apart(line.number, line.text)
    return rows


def _marked_rows(group: list[Line], layout: Layout) -> list[_Row]:
    texts = [line.text for line in group]
    if not any(map(_is_marked, texts)):
        return _plain_rows([Line(line.number, fold(line.text)) for line in group], layout)
    rows: list[_Row] = []
    found = unlink(texts, layout.references)
    for line, raw, level, targets, linked in zip(group, *found, strict=True):
        broken = "\\" in raw
        text = fold(_BREAK.sub(" ", raw) if broken else raw)
        if len(text) < 60 and _is_nothing(text) and not _is_counter(text, targets, alone=len(group) == 1):
            continue
        address = _ADDRESS.fullmatch(text) if layout.addressed and text and text[0] in "h</" else None
        goes_on, indented = linked or (broken and raw.rstrip().endswith("\\")), line.text.startswith("  ")
        if address:
            rows.append(_Row(line.number, text, Kind.ADDRESS, 0, (address["url"],)))
        elif level:
            rows.append(_Row(line.number, text, Kind.TEXT, level, targets, goes_on, indented))
        else:
            rows += _told_apart(line.number, text, targets, goes_on=goes_on, indented=indented)
    return rows


@lru_cache(_REMEMBERED)
def _is_nothing(text: str) -> bool:
    """Return whether a short line holds only brackets, bullets or fences that Markdown left behind."""
    return bool(_NOTHING.fullmatch(text))


def _is_counter(text: str, targets: tuple[str, ...], *, alone: bool) -> bool:
    """Return whether a dash counts upvotes: it leads to the log-in or stands alone; else it is a picture's bullet."""
    return text == "-" and (alone or any("login" in target or target.startswith("[") for target in targets))


def _told_apart(
    line: int, text: str, targets: tuple[str, ...] = (), *, goes_on: bool = False, indented: bool = False
) -> tuple[_Row, ...]:
    """Return a line as what it is; ``8 authors · Feb 18, 2023`` in one line as three."""
    signature = _signature(text) if 1 < len(text) < _SIGNATURE_LENGTH and _has_dot(text) else None
    if not signature:
        return (_Row(line, text, kind_of(text), 0, targets, goes_on, indented),)
    name, day = signature
    end = (_Row(line, "·", Kind.DOT), _Row(line, day, Kind.DAY))
    return (_Row(line, name, kind_of(name), 0, targets), *end) if name else end


@lru_cache(_REMEMBERED)
def _signature(text: str) -> tuple[str, str] | None:
    """Return the name or count of authors and the day that a whole signature holds."""
    found = _SIGNATURE.fullmatch(text)
    return (found["name"], found["day"]) if found and day_in(found["day"]) else None


def _goes_on(row: _Row, following: _Row, layout: Layout) -> bool:
    """Return whether the next line goes on with this one."""
    if row.kind is not Kind.TEXT or following.kind is not Kind.TEXT:
        return False
    if row.level:
        return row.goes_on or following.level == row.level or (following.indented and not following.level)
    return not following.level and (row.goes_on or is_broken(row.text, following.text, layout.width))


def is_broken(text: str, following: str, width: int) -> bool:
    """Return whether ``following`` begins where ``text`` had no room left at ``width`` columns."""
    gap = 0 if text.endswith("-") else 1
    return len(text) <= width < len(text) + gap + len(following.split(" ", 1)[0])


def _block(rows: list[_Row], layout: Layout, *, apart: bool) -> Block:
    first = rows[0]
    if len(rows) == 1:
        return Block(first.line, first.text, first.kind, apart, first.level, first.targets)
    pieces = [first.text]
    for row in rows[1:]:
        pieces += [row.text] if _is_glued(pieces[-1], row.text, layout) else [" ", row.text]
    targets = tuple(dict.fromkeys(target for row in rows for target in row.targets))
    return Block(first.line, "".join(pieces), first.kind, apart, first.level, targets)


def _is_glued(text: str, following: str, layout: Layout) -> bool:
    """Return whether a word was broken between two lines: behind its hyphen, or because it is wider than the page."""
    if (
        text.endswith("-")
        and layout.hyphens
        and re.search(r"\w-$", text)
        and not re.match(r"(?:and|or|to|nor|vs)\b|\W", following)
    ):
        return True
    last = text.rsplit(" ", 1)[-1]
    return bool(layout.width) and len(last) == layout.width
