r"""arXiv's announcement mailings (https://info.arxiv.org/help/subscribe.html), the text alone.

    ------------------------------------------------------------------------------
    \\
    arXiv:2303.08867                          or   Paper: astro-ph/0702001, perhaps (*cross-listing*)
    Date: Wed, 15 Mar 2023 18:34:08 GMT   (243kb,D)      or   replaced with revised version …

    Title: …          headers go on in lines that start with two spaces
    \\
      The abstract.                           replacements have none
    \\ ( https://arxiv.org/abs/2303.08867 ,  243kb)

``%-%-%-`` begins the cross-lists, ``%%--%%--`` the replacements, ``%%%---%%%---`` ends the mailing. The counts of the
subject line are not believed; the entries are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from digest.ids import Identifier, arxiv, doi
from digest.model import Announced, Document, Sighting, Skipped
from digest.parsers.days import day_in_name
from digest.parsers.decode import Line, lines
from digest.parsers.entry import day_of
from digest.parsers.facts import home_of, is_withdrawn, links_of, why_empty
from digest.parsers.names import count_names, split_names
from digest.parsers.pieces import ListedOn, Piece, Warn
from digest.text.readable import readable, readable_abstract

_DASHES = re.compile(r"-{20,}\s*$")
_SECTIONS = (
    (re.compile(r"(?:%%%---){4,}"), None),
    (re.compile(r"(?:%%--){6,}"), Announced.REPLACE),
    (re.compile(r"(?:%-){10,}"), Announced.CROSS),
)
_START = re.compile(
    r"^-{20,} *\n\\\\ *\n(?:arXiv:|Paper)|^Send any comments regarding submissions directly to submitter", re.MULTILINE
)
_BREAK = re.compile(r"\\\\\s*$")
_END = re.compile(r"\\\\\s*\(\s*(?P<address>https?://\S+)\s*,?\s*(?P<size>\d+\s*[kKmM]?b)?")
_ID = re.compile(
    r"(?:arXiv:|Paper:\s*|Paper \(\*cross-listing\*\):\s*)(?P<id>\S+)(?P<cross>\s*\(\*cross-listing\*\))?",
    re.IGNORECASE,
)
_HEADER = re.compile(r"(?P<name>[A-Z][A-Za-z-]{2,20}):\s*(?P<value>.*)$")
_REPLACED = re.compile(r"replaced with revised version\s+(?P<date>.+)$", re.IGNORECASE)
_HEADERS = frozenset(
    {
        "title",
        "author",
        "authors",
        "categories",
        "comments",
        "report-no",
        "journal-ref",
        "doi",
        "msc-class",
        "acm-class",
    }
    | {"license", "date", "subj-class", "proxy", "from"}
)
_TWO_DIGITS = re.compile(r"(\w{3},?\s+\d{1,2}\s+\w{3}\s+)(\d\d)(?!\d)")


@dataclass(slots=True)
class _Open:
    """An entry that is being read: ``part`` counts the breaks met (1: headers, 2: abstract)."""

    line: int
    section: Announced
    part: int = 1
    rows: list[str] = field(default_factory=list)
    abstract: list[str] = field(default_factory=list)


def is_mailing(head: str) -> bool:
    """Return whether ``head`` is a mailing: a line of dashes, a break, and an arXiv number."""
    found = re.search(r"^-{20,} *\n\\\\ *\n(?:arXiv:|Paper)", head, re.MULTILINE)
    return bool(found) or bool(
        re.search(r"^Send any comments regarding submissions directly to submitter", head, re.MULTILINE)
    )


def read_mailing(document: Document) -> Iterator[Piece]:
    """Read a mailing's text."""
    if day := day_in_name(document.name):
        yield ListedOn(day)
    yield from read_mailing_lines(lines(document))


def read_mailing_lines(source: Iterable[Line]) -> Iterator[Piece]:
    """Read the lines of a mailing, wherever they come from."""
    section, count, ended = Announced.NEW, 0, False
    day: date | None = None
    entry: _Open | None = None
    for line in source:
        text = line.text.rstrip()
        if entry is None:
            changed = _section_of(text)
            section, ended = (changed[0] or section, changed[0] is None) if changed else (section, ended)
            if not count and day is None and (day := _day_of(text)):
                yield ListedOn(day)
            entry = _Open(line.number, section) if _BREAK.match(text) else None
        elif _DASHES.match(text) or _section_of(text):
            yield Skipped(f"line {entry.line}", "an entry that does not end")
            changed, entry = _section_of(text), None
            section, ended = (changed[0] or section, changed[0] is None) if changed else (section, ended)
        elif end := _END.match(text):
            count += 1
            yield _paper(entry, end["address"])
            entry = None
        else:
            _take(entry, text)
    if entry is not None:
        yield Skipped(f"line {entry.line}", "an entry that does not end")
        yield Warn(
            f"The mailing breaks off in the entry of line {entry.line}: it was probably cut short.", is_broken=True
        )
    elif not count:
        yield Warn(why_empty(day))
    elif not ended:
        yield Warn("The mailing lacks the line that ends it (%%%---%%%---): more entries may have followed.")


def _section_of(text: str) -> tuple[Announced | None] | None:
    """Return which section a line begins (``None`` inside: the end), or ``None`` for a line that begins none."""
    if not text.startswith("%"):
        return None
    return next(((kind,) for pattern, kind in _SECTIONS if pattern.match(text)), None)


def _day_of(text: str) -> date | None:
    """Return the day of a Date line, whose year may have two digits."""
    said = re.sub(r"\s+", " ", text[5:]).strip() if text.startswith("Date:") else ""
    return day_of(_TWO_DIGITS.sub(r"\g<1>20\2", said)) if said else None


def _take(entry: _Open, text: str) -> None:
    if _BREAK.match(text) and entry.part == 1:
        entry.part = 2
    elif entry.part == 1:
        entry.rows.append(text)
    else:
        entry.abstract.append(text)


def _paper(entry: _Open, address: str) -> Sighting | Skipped:
    """Return the paper of an entry, or why there is none."""
    where = f"line {entry.line}"
    identifier, cross = _identifier(entry, address)
    headers = _headers(entry.rows)
    title = readable(headers.get("title", ""))
    if not title:
        return Skipped(where, f"an entry without a title: {address}")
    replaced = next((found["date"] for row in entry.rows if (found := _REPLACED.match(row))), "")
    abstract, comment = readable_abstract("\n".join(entry.abstract)), readable(headers.get("comments", ""))
    people = headers.get("authors", "") or headers.get("author", "")
    authors = split_names(people)
    other = doi(headers.get("doi", ""))
    return Sighting(
        title=title,
        abstract=abstract,
        authors=authors,
        author_count=count_names(people, authors),
        published=None if replaced else _day_of(f"Date:{headers.get('date', '')}"),
        keys=tuple(dict.fromkeys(key for key in (identifier.key if identifier else None, other) if key)),
        version=identifier.version if identifier else None,
        url=home_of(identifier.key) if identifier else address,
        links=links_of(identifier.key) if identifier else (),
        categories=tuple(headers.get("categories", "").split()),
        announced=_kind(entry.section, cross=cross, replaced=bool(replaced)),
        comment=comment or None,
        journal_ref=readable(headers.get("journal-ref", "")) or None,
        withdrawn=is_withdrawn(comment, abstract),
        where=where,
        raw_title=headers.get("title", ""),
        raw_abstract="\n".join(entry.abstract),
    )


def _kind(section: Announced, *, cross: bool, replaced: bool) -> Announced:
    if replaced:
        return Announced.REPLACE_CROSS if cross else Announced.REPLACE
    return Announced.CROSS if cross else section


def _identifier(entry: _Open, address: str) -> tuple[Identifier | None, bool]:
    """Return the entry's arXiv identifier, and whether its number says that it is a cross-list."""
    for row in entry.rows:
        if found := _ID.match(row):
            return arxiv(found["id"]) or arxiv(address), "cross-listing" in row
    return arxiv(address), False


def _headers(rows: list[str]) -> dict[str, str]:
    """Return the headers by name; a line that starts with two spaces goes on with the one above."""
    found: dict[str, str] = {}
    name = ""
    for row in rows:
        header = _HEADER.match(row)
        if header and header["name"].lower() in _HEADERS:
            name = header["name"].lower()
            found.setdefault(name, header["value"])
        elif name and row.startswith("  "):
            found[name] += "\n" + row
        elif not row.strip():
            name = ""
    return found
