"""Answers of ``GET https://huggingface.co/api/daily_papers``, one array of rows a day, as they have been since 2023.

A row is ``{"paper": {…}, "numComments": …, …}``. Older dumps hold rows that are Python's spelling of such an object in
a string; others wrap the array in ``{"status": …, "data": […]}``; counters may be strings (``"1,234"``). Of the two
``publishedAt`` the inner one is right, the outer is shifted by the server's time zone.
"""

from __future__ import annotations

import ast
import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime

from digest.errors import ListingError
from digest.ids import arxiv
from digest.model import Document, Key, Link, LinkKind, Sighting, Skipped
from digest.parsers.days import day_in_name
from digest.parsers.decode import text
from digest.parsers.facts import why_empty
from digest.parsers.pieces import ListedOn, Piece, Warn
from digest.text.readable import readable, readable_abstract

LIMIT = 50
"""Rows the API gives by default: a day with exactly as many was probably cut."""

LONGEST_ROW = 1 << 20
"""Characters of a row in Python's spelling that are read; the longest seen has under 20,000."""

_WRAPPERS = ("data", "dailyPapers", "papers", "rows", "items", "results", "daily_papers")

Row = Mapping[str, object]


def is_hf_json(head: str) -> bool:
    """Return whether ``head`` starts a JSON array or object that speaks of papers as the API does."""
    start = head.lstrip("\ufeff \t\r\n")
    if start[:1] not in ("[", "{"):
        return False
    return bool(re.search(r"""["']paper\\?["']\s*:|["']dailyPapers["']|["']publishedAt["']""", start)) or bool(
        re.match(r"""\[\s*\]\s*$|\{[^\[\]]*["'](?:data|papers)["']\s*:\s*\[\s*\]\s*\}\s*$""", start)
    )


def read_hf_json(document: Document) -> Iterator[Piece]:
    """Read the rows of one answer; raises ``ListingError`` where no row can be told from the next."""
    day = document.listed_on or day_in_name(document.name)
    if day:
        yield ListedOn(day)
    content = text(document).lstrip("\ufeff")
    try:
        rows = _rows(json.loads(content), document.name)
    except json.JSONDecodeError as error:
        yield from _rows_of_half_a_file(content, error, document)
        return
    except RecursionError as error:
        raise ListingError(
            "the JSON is nested too deeply for a listing", place=document.name, hint="fetch it again"
        ) from error
    if not rows:
        yield Warn(why_empty(day, of_arxiv=False))
    yield from read_rows(rows)


def read_rows(rows: Sequence[object]) -> Iterator[Piece]:
    """Read rows that have been told apart already (the saved page carries the same ones)."""
    if len(rows) == LIMIT:
        yield Warn(f"Exactly {LIMIT} rows, the API's default limit: the day was probably cut short.")
    for number, row in enumerate(rows, 1):
        yield read_row(row, f"row {number} of {len(rows)}")


def read_row(row: object, where: str) -> Sighting | Skipped:
    """Return the paper of one row, or why there is none."""
    if isinstance(row, str):
        row = _python_literal(row)
    if not isinstance(row, Mapping):
        return Skipped(where, "the row is neither an object nor Python's spelling of one")
    paper = row.get("paper", row)
    if not isinstance(paper, Mapping):
        return Skipped(where, "the row's paper is no object")
    title = readable(_string(paper.get("title")) or _string(row.get("title")))
    if not title:
        return Skipped(where, "the row has no title")
    return _sighting(row, paper, title, where)


def _sighting(row: Row, paper: Row, title: str, where: str) -> Sighting:
    raw_abstract = _string(paper.get("summary")) or _string(row.get("summary")) or _string(paper.get("abstract"))
    authors = _authors(paper.get("authors"))
    identifier = arxiv(_string(paper.get("id")))
    keys: tuple[Key, ...] = (identifier.key,) if identifier else ()
    return Sighting(
        title=title,
        abstract=readable_abstract(raw_abstract),
        authors=authors,
        author_count=len(authors) or None,
        published=_day(paper.get("publishedAt")) or _day(row.get("publishedAt")),
        upvotes=_counter(paper.get("upvotes")),
        comments=_counter(row.get("numComments", paper.get("numComments"))),
        keys=keys,
        version=identifier.version if identifier else None,
        url=f"https://huggingface.co/papers/{keys[0].removeprefix('arxiv:')}" if keys else None,
        links=tuple(_links(paper)),
        organization=readable(_organization(row, paper)) or None,
        summary=readable(_string(paper.get("ai_summary"))) or None,
        where=where,
        raw_title=_string(paper.get("title")) or _string(row.get("title")),
        raw_abstract=raw_abstract,
    )


def _rows(content: object, place: str) -> Sequence[object]:
    if isinstance(content, list):
        return content
    if isinstance(content, dict):
        for name in _WRAPPERS:
            if isinstance(content.get(name), list):
                rows: list[object] = content[name]
                return rows
        if "paper" in content:
            return [content]
        if said := _string(content.get("error")) or _string(content.get("message")):
            raise ListingError(
                f"the API answered with an error: {readable(said)[:200]}", place=place, hint="ask it again later"
            )
    raise ListingError(
        "the JSON holds no list of papers", place=place, hint="expected an array of rows, or {'data': […]}"
    )


def read_rows_of_half_a_page(content: str, position: int) -> Iterator[Piece]:
    """Read the whole rows of an array that breaks off; ``position`` is behind its opening bracket."""
    for number, row in enumerate(_whole_values(content, position), 1):
        yield read_row(row, f"row {number}")


def _rows_of_half_a_file(content: str, error: json.JSONDecodeError, document: Document) -> Iterator[Piece]:
    """Read the whole rows of a file that breaks off, or raise where there is none."""
    start = re.match(r"\s*(?:\{[^\[]{0,1000})?\[", content)
    found = list(_whole_values(content, start.end())) if start else []
    if not found:
        place = f"{document.name}, line {error.lineno} column {error.colno}"
        raise ListingError(f"the JSON is broken: {error.msg}", place=place, hint="fetch it again") from error
    yield Warn(
        f"The JSON breaks off or is broken at line {error.lineno}: only {len(found)} whole rows could be read.",
        is_broken=True,
    )
    for number, row in enumerate(found, 1):
        yield read_row(row, f"row {number}")
    yield Skipped(f"line {error.lineno}", f"broken JSON: {error.msg}")


def _whole_values(content: str, position: int) -> Iterator[object]:
    decoder = json.JSONDecoder()
    gap = re.compile(r"[\s,]*")
    while found := gap.match(content, position):
        try:
            value, position = decoder.raw_decode(content, found.end())
        except (json.JSONDecodeError, RecursionError):
            return
        yield value


def _python_literal(spelling: str) -> object:
    """Read Python's spelling of an object: literals only, nothing is ever run."""
    if len(spelling) > LONGEST_ROW:
        return None
    try:
        value: object = ast.literal_eval(spelling.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None
    return value


def _authors(raw: object) -> tuple[str, ...]:
    if not isinstance(raw, list):
        return ()
    return tuple(name for author in raw if (name := readable(_name_of(author))))


def _name_of(author: object) -> str:
    return _string(author.get("name") if isinstance(author, Mapping) else author)


def _organization(row: Row, paper: Row) -> str:
    raw = paper.get("organization") or row.get("organization")
    return (_string(raw.get("fullname")) or _string(raw.get("name"))) if isinstance(raw, Mapping) else _string(raw)


def _links(paper: Row) -> Iterator[Link]:
    for name, kind in (("githubRepo", LinkKind.CODE), ("projectPage", LinkKind.PROJECT)):
        url = _string(paper.get(name)).strip()
        if re.match(r"https?://[^\s/]+", url) and not re.search(r"\s", url):
            yield Link(kind, url)


def _counter(raw: object) -> int | None:
    if isinstance(raw, str):
        bare = raw.strip().replace(",", "")
        return int(bare) if re.fullmatch(r"\d{1,9}", bare) else None
    if isinstance(raw, bool) or not isinstance(raw, int | float) or not math.isfinite(raw) or raw < 0:
        return None
    return int(raw)


def _day(raw: object) -> date | None:
    try:
        moment = datetime.fromisoformat(_string(raw).strip())
    except ValueError:
        return None
    return (moment.astimezone(UTC) if moment.tzinfo else moment).date()


def _string(raw: object) -> str:
    return raw if isinstance(raw, str) else ""
