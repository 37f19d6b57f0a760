"""Lines to blocks: a block is one title, one paragraph, one counter or one date, wherever the lines were broken."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import count

from digest.model import Skipped
from digest.parsers.decode import Stretch
from digest.parsers.hf_text.copied import seen
from digest.parsers.hf_text.furniture import is_page_number
from digest.parsers.hf_text.kinds import (
    REMEMBERED,
    Block,
    Kind,
    Layout,
    breaks_word,
    day_in,
    fold,
    has_dot,
    is_broken,
    kind_of,
)
from digest.parsers.hf_text.markup import is_reference, may_link, plain_heading, unlink, whole_link

LONGEST_GROUP = 256
"""Lines without a blank one between them that are looked at together."""

_ADDRESS = re.compile(r"<?(?P<url>https?://(?:www\.)?huggingface\.co(?:/\S*)?|/(?:papers|login)\S*)>?")
_NOTHING = re.compile(r"[\[\]*•‣◦▪\\-]|```\w*|(?:[-*•] ?)*(?:\[[^\]]*\])?")
_BREAK = re.compile(r"\\{1,2}(?=\s|$)")
_FACES = re.compile(
    r"\[(?:- !\[[^\]\n]*\]\([^)\s]*\)\\*\n)*(?P<count>- \d+ authors?)\]\((?P<target>https?://[^\s()]*)\)"
)
"""The pictures of some authors and the count of all, as Markdown links them."""
_SIGNATURE = re.compile(
    r"(?P<name>[^.·•]{0,80}?) ?[·•∙⋅] ?(?:published on )?(?P<day>[A-Z][a-z]{2,8}\.? \d{1,2}\b.{0,24})", re.IGNORECASE
)

_SIGNATURE_LENGTH = 130
"""Characters below which a line may be a whole signature."""
_LABEL = 60
"""Characters below which a line may be a counter, a button, or nothing but marks."""
_AS_BLOCK = tuple.__new__
_REPEATED, _KEPT = 4_000, 512
"""Characters below which lines may come again (buttons, counters, the same paper in another layout), and how many of
these groups of lines are remembered at a time."""


def blocks(source: Iterable[Stretch], layout: Layout) -> Iterator[Block | Skipped]:
    """Yield the blocks of a text."""
    groups = _Groups(layout)
    for stretch in source:
        if stretch.too_long:
            yield from groups.end()
            yield Skipped(f"line {stretch.number}", "a line of more than a million characters is no text of a page")
            continue
        number = stretch.number
        *ended, rest = stretch.text.split("\n\n")
        for piece in ended:
            if groups.open or (layout.references and "\n" in piece):  # numbered links make every group another
                yield from groups.grown(number, seen(piece))
                yield from groups.end()
            elif piece:
                yield from groups.whole(number, piece)
            number += piece.count("\n") + 2
        yield from groups.grown(number, seen(rest))
    yield from groups.end()


class _Groups:
    """The lines between two blank ones: ``open`` are those met so far. What lines were is remembered a while."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.first = 0
        self.open: list[str] = []
        self.known: dict[str, tuple[int, Sequence[Block]]] = {}

    def grown(self, number: int, piece: str) -> Iterator[Block]:
        """Take more lines into the open group, and yield the blocks of each group that ends in them."""
        marked, numbered = self.layout.marked, bool(self.layout.references)
        for offset, raw in enumerate(piece.split("\n")):
            text = raw if marked else fold(raw)
            blank = _is_blank(text) or (numbered and is_reference(text))
            if self.open and (blank or len(self.open) >= LONGEST_GROUP):
                yield from self.end()
            if not blank:
                self.first = self.first if self.open else number + offset
                self.open.append(text)

    def end(self) -> Iterable[Block]:
        """Close the open group and return its blocks."""
        group, self.open = self.open, []
        return _split(self.first, group, self.layout) if group else ()

    def whole(self, number: int, piece: str) -> Sequence[Block]:
        """Return the blocks of the lines between blank ones; ``number`` is that of the first line."""
        known = self.known.get(piece)
        if known is not None:
            first, found = known
            return [_AS_BLOCK(Block, (number - first + block[0], *block[1:])) for block in found]
        text = seen(piece)
        found = [*self.grown(number, text), *self.end()] if "\n" in text else self._single(number, text)
        if len(piece) < _REPEATED:
            if len(self.known) >= _KEPT:
                self.known.clear()
            self.known[piece] = number, found
        return found

    def _single(self, number: int, raw: str) -> Sequence[Block]:
        text = raw if self.layout.marked else fold(raw)
        return () if _is_blank(text) else _split(number, [text], self.layout)


def _is_blank(text: str) -> bool:
    """Return whether a line holds nothing one can see, a line break as Markdown writes it, or a page's number."""
    if not text or ((text[0] == "\\" or text[0].isspace()) and not fold(text).strip("\\ ")):
        return True
    return is_page_number(text)


def _split(first: int, group: list[str], layout: Layout) -> Sequence[Block]:
    """Join what was wrapped, keep apart what is not; ``first`` is the number of the group's first line."""
    if len(group) == 1 and (block := _alone(first, group[0], layout)):
        return (block,)
    if layout.marked and group[-1].endswith(")") and (faces := _FACES.fullmatch("\n".join(group))):
        target = (faces["target"],)
        return (Block(first + len(group) - 1, faces["count"], Kind.AUTHORS, apart=True, targets=target),)
    rows = _marked_rows(first, group, layout) if layout.marked else _plain_rows(first, group, layout)
    found: list[Block] = []
    start = 0
    for index, row in enumerate(rows, 1):
        if index == len(rows) or not _goes_on(row, rows[index], layout):
            found.append(row if index == start + 1 else _joined(rows[start:index], layout))
            start = index
    if found:
        found[0] = found[0]._replace(apart=True)
    return found


def _alone(line: int, raw: str, layout: Layout) -> Block | None:
    """Return the block of a line that stands alone, if it is plain text, a number or one link: most lines are."""
    level, text, targets = _link_or_heading(raw, layout) if layout.marked else (0, raw, ())
    text = fold(text) if layout.marked else text
    if level or targets:
        return Block(line, text, Kind.TEXT if level else kind_of(text), True, level, targets) if text else None
    if layout.addressed and (address := _address(text)):
        return Block(line, text, Kind.ADDRESS, apart=True, targets=address)
    if not text or (layout.marked and _may_be_linked(text)) or (len(text) < _SIGNATURE_LENGTH and has_dot(text)):
        return None
    if len(text) < 3 and text != "-" and not text[0].isalnum():
        return None
    return Block(line, text, kind_of(text), True)


def _link_or_heading(raw: str, layout: Layout) -> tuple[int, str, tuple[str, ...]]:
    """Return heading level, text and address of a line that is one link or one heading; else 0, the line, nothing."""
    if raw[0] == "#" and "\\" in raw:
        raw = _BREAK.sub(" ", raw)  # a title broken in two
    if raw[-1] in ")] \xa0" and (link := whole_link(raw, layout.references)):
        return link[0], link[1], (link[2],)
    level, text = plain_heading(raw) if "#" in raw[:4] else (0, raw)
    return (level, text, ()) if level else (0, raw, ())


def _address(text: str) -> tuple[str, ...]:
    """Return the address that a line is."""
    found = _ADDRESS.fullmatch(text) if text and text[0] in "h</" else None
    return (found["url"],) if found else ()


def _is_marked(text: str) -> bool:
    """Return whether a line may hold a link, a heading or a broken line, as Markdown writes them."""
    return "[" in text or "]" in text or "#" in text or "\\" in text


def _may_be_linked(text: str) -> bool:
    """Return the same of a line that stands alone: there ``[32]`` in the midst of prose is none of these."""
    if len(text) < _LABEL and kind_of(text) is Kind.NUMBER:
        return False
    if len(text) < _LABEL or text[0] in "[#" or "\\" in text:
        return _is_marked(text)
    return may_link(text)


def _plain_rows(first: int, group: list[str], layout: Layout) -> list[Block]:
    rows: list[Block] = []
    for line, text in enumerate(group, first):
        if layout.addressed and (address := _address(text)):
            rows.append(Block(line, text, Kind.ADDRESS, targets=address))
        else:
            rows += _told_apart(line, text)
    return rows


def _marked_rows(first: int, group: list[str], layout: Layout) -> list[Block]:
    if not any(map(_is_marked, group)):
        return _plain_rows(first, list(map(fold, group)), layout)
    rows: list[Block] = []
    found = unlink(group, layout.references)
    for line, raw, original, level, targets, linked in zip(count(first), found.texts, group, *found[1:]):
        text = (_without_break(raw) if len(raw) < _LABEL and not level else _unbroken(raw)) if raw else ""
        if not text or (text == "-" and not _is_counter(targets, alone=len(group) == 1)):
            continue
        goes_on, indented = linked or ("\\" in raw and raw.rstrip().endswith("\\")), original.startswith("  ")
        if layout.addressed and (address := _address(text)):
            rows.append(Block(line, text, Kind.ADDRESS, targets=address))
        elif level:
            rows.append(Block(line, text, Kind.TEXT, False, level, targets, goes_on, indented))
        else:
            rows += _told_apart(line, text, targets, goes_on=goes_on, indented=indented)
    return rows


def _unbroken(raw: str) -> str:
    """Return a line folded, without the line breaks that Markdown writes."""
    return fold(_BREAK.sub(" ", raw) if "\\" in raw else raw)


@lru_cache(REMEMBERED)
def _without_break(raw: str) -> str:
    """Return the same of a short line; "" where it holds only brackets, bullets or fences that Markdown left behind."""
    text = _unbroken(raw)
    return "" if text != "-" and _NOTHING.fullmatch(text) else text


def _is_counter(targets: tuple[str, ...], *, alone: bool) -> bool:
    """Return whether a dash counts upvotes: it leads to the log-in or stands alone; else it is a picture's bullet."""
    return alone or any("login" in target or target.startswith("[") for target in targets)


def _told_apart(
    line: int, text: str, targets: tuple[str, ...] = (), *, goes_on: bool = False, indented: bool = False
) -> tuple[Block, ...]:
    """Return a line as what it is; ``8 authors · Feb 18, 2023`` in one line as three."""
    signature = _signature(text) if 1 < len(text) < _SIGNATURE_LENGTH and has_dot(text) else None
    if not signature:
        return (Block(line, text, kind_of(text), False, 0, targets, goes_on, indented),)
    name, day = signature
    end = (Block(line, "·", Kind.DOT), Block(line, day, Kind.DAY))
    return (Block(line, name, kind_of(name), targets=targets), *end) if name else end


@lru_cache(REMEMBERED)
def _signature(text: str) -> tuple[str, str] | None:
    """Return the name or count of authors and the day that a whole signature holds."""
    found = _SIGNATURE.fullmatch(text)
    return (found["name"], found["day"]) if found and day_in(found["day"]) else None


def _goes_on(row: Block, following: Block, layout: Layout) -> bool:
    """Return whether the next line goes on with this one."""
    if row.kind is not Kind.TEXT or following.kind is not Kind.TEXT:
        return False
    if row.level:
        return row.goes_on or following.level == row.level or (following.indented and not following.level)
    return not following.level and (row.goes_on or is_broken(row.text, following.text, layout))


def _joined(rows: list[Block], layout: Layout) -> Block:
    """Return the lines of one block as one."""
    pieces = [rows[0].text]
    for row in rows[1:]:
        pieces += [row.text] if _is_glued(pieces[-1], row.text, layout) else [" ", row.text]
    targets = tuple(dict.fromkeys(target for row in rows for target in row.targets))
    return rows[0]._replace(text="".join(pieces), targets=targets)


def _is_glued(text: str, following: str, layout: Layout) -> bool:
    """Return whether a word was broken between two lines: behind its hyphen, or because it is wider than the page."""
    if layout.hyphens and breaks_word(text, following):
        return True
    last = text.rsplit(" ", 1)[-1]
    return bool(layout.width) and len(last) == layout.width
