"""Leaves that are compared as a whole, on a block of papers: distinct values are compared, not papers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from digest.match import Statistics, scoring
from digest.match import facts as defined
from digest.matcher.arrays import Int32s, Ints
from digest.matcher.wanted import Wanted
from digest.model import Paper
from digest.query import Author, Category, Compare, Identifier, Like, Source
from digest.query.tree import Leaf
from digest.text import names
from digest.text.words import folded

_Asked = list[tuple[Leaf, int]]
_Found = Iterator[tuple[int, Sequence[int]]]


def cells(papers: list[Paper], wanted: Wanted) -> tuple[Ints, Ints, Int32s]:
    """Return (leaf, paper, score in hundredths) wherever a fact that a query asks for is true of a paper."""
    asked = [(leaf, term) for leaf, term in wanted.terms.facts.items() if wanted.anywhere[term]]
    found = [(term, where, 0) for term, where in _values(asked, papers)]
    found += [(term, where, 0) for term, where in _comparisons(asked, papers)]
    found += [(term, where, _author_units(wanted.terms.statistics)) for term, where in _authors(asked, papers)]
    sizes = np.array([len(where) for _, where, _ in found], np.int64)
    leaf = np.repeat(np.array([3 * term for term, _, _ in found], np.int64), sizes)
    paper = np.array([position for _, where, _ in found for position in where], np.int64)
    return leaf, paper, np.repeat(np.array([units for _, _, units in found], np.int32), sizes)


def _author_units(of: Statistics) -> int:
    return int(scoring.units(1.0, scoring.field_frequency(1.0, 0.0, of.title_length, of.abstract_length, of)))


def _values(asked: _Asked, papers: list[Paper]) -> _Found:
    """Yield categories, sources, identifiers, and everything, by looking up what the papers have."""
    terms: dict[tuple[str, str], list[int]] = {}
    for leaf, term in asked:
        if isinstance(leaf, Category):
            terms.setdefault(("category", folded(leaf.code)), []).append(term)
        elif isinstance(leaf, Source):
            terms.setdefault(("begins" if leaf.prefix else "source", folded(leaf.name)), []).append(term)
        elif isinstance(leaf, Identifier):
            terms.setdefault(("id", leaf.key), []).append(term)
        elif not isinstance(leaf, Author | Compare | Like):
            terms.setdefault(("*", ""), []).append(term)
    beginnings = [name for kind, name in terms if kind == "begins"]
    found: dict[int, dict[int, None]] = {}
    for position, paper in enumerate(papers):
        for value in _values_of(paper, beginnings):
            for term in terms.get(value, ()):
                found.setdefault(term, {})[position] = None
    yield from ((term, list(where)) for term, where in found.items())


def _values_of(paper: Paper, beginnings: list[str]) -> Iterator[tuple[str, str]]:
    """Yield everything a leaf may ask of a paper by equality."""
    yield "*", ""
    for key in paper.keys:
        yield "id", key
    for source in map(folded, paper.sources):
        yield "source", source
        yield from (("begins", name) for name in beginnings if source.startswith(name))
    for category in map(folded, paper.categories):
        yield "category", category
        yield from (("category", category[:dot]) for dot, sign in enumerate(category) if sign == ".")


def _comparisons(asked: _Asked, papers: list[Paper]) -> _Found:
    values: dict[str, tuple[Ints, Ints]] = {}
    for leaf, term in asked:
        if isinstance(leaf, Compare):
            if leaf.quantity not in values:
                values[leaf.quantity] = _known(leaf.quantity, papers)
            position, value = values[leaf.quantity]
            low, high = defined.limits(leaf)
            yield term, position[(low <= value) & (value <= high)].tolist()


def _known(quantity: str, papers: list[Paper]) -> tuple[Ints, Ints]:
    """Return the papers of which a number is known, and the numbers."""
    known = [(at, value) for at, paper in enumerate(papers) if (value := defined.quantity(quantity, paper)) is not None]
    return np.array([at for at, _ in known], np.int64), np.array([value for _, value in known], np.int64)


def _authors(asked: _Asked, papers: list[Paper]) -> _Found:
    """Yield names: those that share a family name with one asked for are compared by the definition."""
    by_family: dict[str, list[tuple[Author, int]]] = {}
    others: list[tuple[Author, int]] = []
    for leaf, term in asked:
        if isinstance(leaf, Author) and (leaf.prefix or names.is_cjk(leaf.name)):
            others.append((leaf, term))
        elif isinstance(leaf, Author):
            for family in names.keys(leaf.name):
                by_family.setdefault(family, []).append((leaf, term))
    if not (by_family or others):
        return
    found: dict[int, set[int]] = {}
    for name, where in _printed(papers).items():
        candidates = [pair for family in names.keys(name) for pair in by_family.get(family, ())]
        for leaf, term in candidates + others:
            if defined.is_author(leaf, name):
                found.setdefault(term, set()).update(where)
    yield from ((term, sorted(where)) for term, where in found.items())


def _printed(papers: list[Paper]) -> dict[str, list[int]]:
    printed: dict[str, list[int]] = {}
    for position, paper in enumerate(papers):
        for name in paper.authors:
            printed.setdefault(name, []).append(position)
    return printed
