r"""The links of Markdown and of html-to-text, taken out of the text they stand around.

    [Title](https://…)      [Title][36]      ![picture](…)      [          abstract of several lines          ][37]

Only what belongs to a link is taken away: ``[32]`` and ``[0, 1)`` in an abstract stay. The line structure is kept, so a
link may open on one line and close on another; one that opens or closes beyond a blank line loses its half here too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from digest.parsers.hf_text.copied import seen

_CLOSING = re.compile(
    r"\](?<!\\\])(?:\(\s*<?(?P<target>(?:https?://|mailto:|/|#|\.)[^\s>]*?)>?(?:\s+\"[^\"]*\")?\s*\)|\[(?P<number>\d{1,5})\])"
)
_NUMBERED = r"^[^\S\n]*(?:\[(\d{1,5})\]:?|(\d{1,5})\.)[^\S\n]+<?"
_REFERENCE = re.compile(rf"{_NUMBERED}(?:https?:/)?/\S+[^\S\n]*$")
_PAPER = re.compile(rf"{_NUMBERED}((?:https?:/)?/[^\s?#]*papers/[^\s?#>]+)>*[^\S\n]*$", re.MULTILINE)
_LINKING = re.compile(r"\][(\[]")
_STARTS = ("http://", "https://", "mailto:", "/", "#", ".")
"""What an address begins with."""
_ENDS = frozenset(")]")
_PROSE = 30
"""Characters from which a line may be prose that goes on below."""
_SMALL = 40
"""Characters of a counter or a button at most."""
_IMAGE = re.compile(r"!\[[^\]\n]*\]\([^)\s]*\)")
_ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+\-.!>|~])")
_OPEN = re.compile(r"\[(?![^\[\]\n]{0,40}\])")
_HEADING = re.compile(r"\s{0,3}(#{1,6})\s+")


class Unlinked(NamedTuple):
    """Lines without their links: for each its text, its heading level (0: none), and where its links lead."""

    texts: list[str]
    levels: list[int]
    targets: list[tuple[str, ...]]
    joined: list[bool]
    """Whether a link goes on from this line to the next."""


def references(texts: Iterable[str]) -> Mapping[str, str]:
    """Return the numbered addresses that lead to papers (``[36]: https://…``, ``36. https://…``), by number."""
    found = (match for text in texts if "papers/" in text for match in _PAPER.findall(seen(text)))
    return {bracketed or bare: target for bracketed, bare, target in found}


def is_reference(row: str) -> bool:
    """Return whether a line is a numbered address (``[36]: https://…``), of which the end of a page is full."""
    return "/" in row[:24] and bool(_REFERENCE.match(row))


def plain_heading(row: str) -> tuple[int, str]:
    """Return level and text of a heading without a link; level 0: the line is something else."""
    heading = _HEADING.match(row) if "#" in row[:4] else None
    if not heading or "[" in row or "]" in row or "\\" in row:
        return 0, ""
    return len(heading[1]), row[heading.end() :]


def may_link(text: str) -> bool:
    """Return whether a link may end in a text, as far as a quick look tells."""
    return bool(_LINKING.search(text))


def unlink(rows: list[str], numbered: Mapping[str, str]) -> Unlinked:
    """Take the links out of lines that stand together."""
    return _row_by_row(rows, numbered) or _all_at_once(rows, numbered)


def _row_by_row(rows: list[str], numbered: Mapping[str, str]) -> Unlinked | None:
    """Return the lines if every bracket is a line of its own, or a link's whose line is nothing else: most are."""
    found = Unlinked(rows[:], [0] * len(rows), [()] * len(rows), [False] * len(rows))
    texts, levels, targets, joined = found
    opened = -1
    for index, row in enumerate(rows):
        if row[:2] == "][" and row[-1] == "]" and (number := row[2:-1]).isdigit():
            target = (numbered.get(number, row[1:]),)
            for above in range(opened if opened >= 0 else index, index):
                targets[above], joined[above] = target, True
            texts[index], targets[index], opened = "", target, -1
        elif row == "[":
            if index and len(rows[index - 1]) > _PROSE:
                return None
            opened, texts[index] = index, ""
        elif "[" in row or "]" in row or "#" in row or "\\" in row:
            link = whole_link(row, numbered) if opened < 0 else None
            if not link:
                return None
            levels[index], texts[index], targets[index] = link[0], link[1], (link[2],)
    return found


def _all_at_once(rows: list[str], numbered: Mapping[str, str]) -> Unlinked:
    headings = [_HEADING.match(row) if "#" in row[:10] else None for row in rows]
    bare = [row[found.end() :] if found else row for row, found in zip(rows, headings, strict=True)]
    text = "\n".join(bare)
    if "![" in text:
        text = _IMAGE.sub("", text)
    spans = _links(text) if may_link(text) else []
    targets: list[list[str]] = [[] for _ in rows]
    joined = [False] * len(rows)
    for opening, closing in spans:
        last = text.count("\n", 0, closing.start())
        first = text.count("\n", 0, opening) if opening >= 0 else last
        target = closing["target"] or numbered.get(closing["number"], f"[{closing['number']}]")
        for row in range(first, last + 1):
            targets[row].append(target)
            joined[row] = joined[row] or row < last
    texts = _without(text, spans).split("\n")
    if "\\" in text:
        texts = [_ESCAPED.sub(r"\1", row) for row in texts]
    levels = [len(found[1]) if found else 0 for found in headings]
    return Unlinked(texts, levels, [tuple(target) for target in targets], joined)


def whole_link(row: str, numbered: Mapping[str, str]) -> tuple[int, str, str] | None:
    """Return heading level, text and address of a line that is one link and nothing else, as most are.

    Also of one that opens beyond a blank line, and of one that ends in a counter that is a link (``May 29[6](…)``): its
    text is ``May 29 6``.
    """
    bare = row.strip()
    if bare[-1:] not in _ENDS or "\\" in bare:
        return None
    heading = _HEADING.match(bare) if bare.startswith("#") else None
    label = bare[heading.end() :] if heading else bare
    before, opened, label = label.partition("[") if "[" in label else ("", "", label)
    text, found, target = label[:-1].rpartition("](" if bare.endswith(")") else "][")
    if not found or (not opened and "]" in text) or ("!" in bare and "![" in bare) or " " in target or may_link(text):
        return None
    if bare.endswith("]") and target.isdigit():
        target = numbered.get(target, f"[{target}]")
    elif not target.startswith(_STARTS):
        return None
    if before:
        if heading or not _is_counter(before, text, target):
            return None
        text = f"{before}{' ' * before[-1].isdigit()}{text}"
    return (len(heading[1]) if heading else 0), text, target


def _is_counter(before: str, text: str, target: str) -> bool:
    """Return whether a link behind other text is a counter or a button."""
    return len(before) <= _SMALL and len(text) <= _SMALL and _is_button(text, target) and "]" not in before + text


def _is_button(label: str, target: str) -> bool:
    return len(label) <= _SMALL and ("/papers/" not in target or "#" in target)


def _links(text: str) -> list[tuple[int, re.Match[str]]]:
    """Return each link's opening bracket (-1: not here) and its closing."""
    closings = list(_CLOSING.finditer(text))
    if len(closings) == 1 and text.startswith("[") and closings[0].end() == len(text.rstrip("\\ \t\n")):
        return [(0, closings[0])]
    return [(_opening(text, closing), closing) for closing in closings]


def _opening(text: str, closing: re.Match[str]) -> int:
    """Return where the bracket stands that ``closing`` closes; -1: not here.

    A link in the middle of a line is a counter or a button: what is longer, or leads to a paper, began further up, and
    the bracket found is one of the text's own.
    """
    depth, position = 1, closing.start()
    while depth and (position := max(text.rfind("[", 0, position), text.rfind("]", 0, position))) >= 0:
        if text[position - 1 : position] != "\\":
            depth += 1 if text[position] == "]" else -1
    if depth:
        return -1
    label, target = text[position + 1 : closing.start()], closing["target"] or ""
    above, _, before = text[:position].rpartition("\n")
    at_start = not before.strip("*•-_! ") and not _goes_on(above.rpartition("\n")[2])
    return position if at_start or ("\n" not in label and _is_button(label, target)) else -1


def _goes_on(line: str) -> bool:
    """Return whether a line is prose that goes on below it."""
    return len(line) > _PROSE and not _CLOSING.search(line, len(line) - 8)


def _without(text: str, spans: list[tuple[int, re.Match[str]]]) -> str:
    cuts = [(opening, opening + 1) for opening, _ in spans if opening >= 0]
    if _OPEN.match(text) and (0, 1) not in cuts and _is_open(text, spans):
        cuts.append((0, 1))  # closes beyond a blank line
    cuts += [closing.span() for _, closing in spans]
    pieces: list[str] = []
    position = 0
    for start, end in sorted(cuts):
        pieces.append(text[position:start])
        if text[start] == "[" and text[start - 1 : start].isdigit() and start:
            pieces.append(" ")  # May 29[6](…): a counter glued to a day
        position = end
    return "".join(pieces) + text[position:]


def _is_open(text: str, spans: list[tuple[int, re.Match[str]]]) -> bool:
    """Return whether more brackets open than close, links left aside."""
    closing = sum(found[0].count("]") for _, found in spans)
    opening = sum(found[0].count("[") + (start >= 0) for start, found in spans)
    return text.count("[") - opening > text.count("]") - closing
