"""Leaves that are compared as a whole: names, categories, sources, identifiers, numbers and dates."""

from __future__ import annotations

import calendar
from datetime import date

from digest.model import Paper
from digest.query import Author, Category, Compare, Everything, Identifier, Source
from digest.text import names
from digest.text.words import folded


def is_author(leaf: Author, name: str) -> bool:
    """Return whether a printed name can be the person a query asks for."""
    return names.begins(leaf.name, name) if leaf.prefix else names.agree(leaf.name, name)


def holds(leaf: Category | Source | Identifier | Compare | Everything, paper: Paper) -> bool:
    """Return whether a fact is true of a paper; never of what is unknown."""
    if isinstance(leaf, Category):
        return any(is_in(leaf.code, category) for category in paper.categories)
    if isinstance(leaf, Source):
        return any(is_source(leaf, source) for source in paper.sources)
    if isinstance(leaf, Identifier):
        return leaf.key in paper.keys
    return isinstance(leaf, Everything) or compares(leaf, paper)


def is_in(code: str, category: str) -> bool:
    """Return whether a category is the one asked for or lies in the archive asked for (cs.CL in cs)."""
    asked_for, category = folded(code), folded(category)
    return category == asked_for or category.startswith(asked_for + ".")


def is_source(leaf: Source, source: str) -> bool:
    """Return whether a source's configured name is the one asked for."""
    return folded(source).startswith(folded(leaf.name)) if leaf.prefix else folded(source) == folded(leaf.name)


def compares(leaf: Compare, paper: Paper) -> bool:
    """Return whether a paper's number or date stands to the value as asked; a date against the whole month or year."""
    value = quantity(leaf.quantity, paper)
    if value is None:
        return False
    low, high = limits(leaf)
    return low <= value <= high


def quantity(name: str, paper: Paper) -> int | None:
    """Return a paper's number of that name; a date as its proleptic day number; ``None`` where it is not known."""
    if name == "published":
        return paper.published.toordinal() if paper.published else None
    if name == "authors":
        return paper.author_count if paper.author_count is not None else (len(paper.authors) or None)
    return paper.upvotes if name == "upvotes" else paper.comments


NEVER = 1 << 40


def limits(leaf: Compare) -> tuple[int, int]:
    """Return the smallest and largest value a comparison accepts."""
    first, last = _days(leaf.value) if leaf.quantity == "published" else (int(leaf.value), int(leaf.value))
    return {
        "<": (-NEVER, first - 1),
        "<=": (-NEVER, last),
        "=": (first, last),
        ">=": (first, NEVER),
        ">": (last + 1, NEVER),
    }[leaf.operator]


def _days(value: str) -> tuple[int, int]:
    """Return the first and last day of a year, a month or a day, as day numbers."""
    parts = [int(part) for part in value.split("-")]
    year, month, day = (*parts, 0, 0)[:3]
    last_month = month or 12
    last_day = day or calendar.monthrange(year, last_month)[1]
    return date(year, month or 1, day or 1).toordinal(), date(year, last_month, last_day).toordinal()
