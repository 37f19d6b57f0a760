"""The values of fields and comparisons that are not words: names, categories, sources, identifiers, numbers, dates."""

from __future__ import annotations

import re
from datetime import date
from typing import NoReturn

from digest import ids
from digest.errors import QueryError
from digest.query.tree import Author, Category, Compare, Identifier, Like, Query, Source, usual_percent
from digest.text.words import WORD

FACTS = frozenset({"author", "category", "source", "id"})
"""Fields whose value is compared as a whole, not word by word."""

_QUOTES = re.compile('["“”„«»]')
_LEAST = re.compile(r"~(?:0?\.(\d\d?))?(\S*)$", re.ASCII)
_CATEGORY = re.compile(r"[^\W_][\w.-]*")
_DAY = re.compile(r"(\d{4})(?:-(\d\d?)(?:-(\d\d?))?)?", re.ASCII)


def count_words(text: str) -> int:
    """Return how many words a text holds."""
    return sum(1 for _ in WORD.finditer(text))


def fact(query: str, field: str, raw: str, column: int, *, quoted: bool) -> Query:
    """Return the leaf of a value of one of the ``FACTS``; ``column`` is where it stands in the query."""
    text = " ".join(raw.split())
    if field == "id":
        return _identifier(query, text, column)
    prefix = text.endswith("*")
    text = text.rstrip("*").strip() if prefix else text
    if field == "category":
        code = text.rstrip(".,;") if not quoted else text.rstrip(".")
        if not _CATEGORY.fullmatch(code):
            _fail(query, f"{raw or 'nothing'} is not a category such as cs.CL", column, len(raw))
        return Category(code)
    if not count_words(text):
        _fail(query, f"there is no name after {field}:", column, len(raw))
    return Author(text, prefix) if field == "author" else Source(text, prefix)


def _identifier(query: str, text: str, column: int) -> Identifier:
    found = ids.arxiv(text)
    key = found.key if found else ids.doi(text)
    if key is None:
        _fail(query, f"{text} is neither an arXiv number nor a DOI", column, len(text))
    return Identifier(key)


def like(query: str, raw: str, column: int, *, quoted: bool, least: str = "") -> Like:
    """Return the leaf of what follows ``like:``: an identifier, or in quotes any text; ``least`` is its ``~…``."""
    text = " ".join(_QUOTES.sub(" ", raw).split())
    found = ids.arxiv(text)
    key = found.key if found else ids.doi(text) or ""
    if not key and not quoted:
        _fail(query, f"{text} is neither an arXiv number nor a DOI; put a text in quotes", column, len(raw))
    if not key and not count_words(text):
        _fail(query, "there is no word in this", column, len(raw))
    usual = usual_percent(key)
    percent = _percent(query, least, column + len(raw) + quoted) if least else usual
    return Like("" if key else text, percent, key)


def _percent(query: str, least: str, column: int) -> int:
    found = _LEAST.match(least)
    percent = int(found[1].ljust(2, "0")) if found and found[1] and not found[2] else 0
    if not percent:
        _fail(query, "~ after like: wants a likeness between 0.01 and 0.99, such as ~0.6", column, len(least))
    return percent


def compared(query: str, quantity: str, operator: str, raw: str, column: int) -> Compare:
    """Return the leaf of a comparison whose right side is ``raw``."""
    if quantity == "published":
        return Compare(quantity, operator, _day(query, raw, column))
    if not (raw.isascii() and raw.isdecimal() and len(raw) <= 9):
        _fail(query, f"{quantity} wants a whole number, not {raw or 'nothing'}", column, len(raw))
    return Compare(quantity, operator, str(int(raw)))


def _day(query: str, raw: str, column: int) -> str:
    found = _DAY.fullmatch(raw)
    if found is None:
        _fail(query, f"{raw or 'nothing'} is not a date: write 2026, 2026-01 or 2026-01-31", column, len(raw))
    year, month, day = int(found[1]), int(found[2] or 1), int(found[3] or 1)
    try:
        date(year, month, day)
    except ValueError as error:
        raise QueryError(f"{raw}: {error}", query=query, column=column, length=len(raw)) from error
    return "-".join(part if i == 0 else part.zfill(2) for i, part in enumerate(found.groups()) if part)


def _fail(query: str, message: str, column: int, length: int) -> NoReturn:
    raise QueryError(message, query=query, column=min(column, len(query)), length=length)
