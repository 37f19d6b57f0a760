"""Queries grouped by shape: what remains of a query when its leaves are numbered from left to right.

    mamba "state space" -survey        and   (0, 1, not 2)
    diffusion (policy OR robot)        and   (0, or (1, 2))

All queries of a shape are one table: a row of leaves for each, and the subscription it belongs to. So a whole group is
evaluated by a few numpy operations on columns, and adding or removing a query touches one row.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TypeAlias

import numpy as np

from digest.match.text import as_one
from digest.matcher.arrays import Growing, Int32s, Ints
from digest.matcher.terms import Terms
from digest.query import And, Not, Or, Query, Word


@dataclass(frozen=True, slots=True)
class AllOf:
    """AND; ``beside`` are the slots of words that stand side by side and could be one word."""

    children: tuple[Shape, ...]
    beside: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class AnyOf:
    """OR."""

    children: tuple[Shape, ...]


@dataclass(frozen=True, slots=True)
class NoneOf:
    """NOT."""

    child: Shape


Shape: TypeAlias = int | AllOf | AnyOf | NoneOf
"""A leaf's slot, or an operator over shapes."""


def compiled(query: Query, terms: Terms) -> tuple[Shape, list[int]]:
    """Return a query's shape and its leaves, in the order of their slots."""
    leaves: list[int] = []
    return _compiled(query, terms, leaves), leaves


def _compiled(query: Query, terms: Terms, leaves: list[int]) -> Shape:
    if isinstance(query, And):
        first = len(leaves)
        children = tuple(_compiled(child, terms, leaves) for child in query.children)
        return AllOf(children, tuple(_beside(query, children)) if len(leaves) > first + 1 else ())
    if isinstance(query, Or):
        return AnyOf(tuple(_compiled(child, terms, leaves) for child in query.children))
    if isinstance(query, Not):
        return NoneOf(_compiled(query.child, terms, leaves))
    leaves.append(terms.leaf(query))
    return len(leaves) - 1


def _beside(query: And, children: tuple[Shape, ...]) -> Iterator[tuple[int, int]]:
    for (left, right), (slot, next_slot) in zip(pairwise(query.children), pairwise(children), strict=True):
        if isinstance(left, Word) and isinstance(right, Word) and _can_be_one(left, right):
            yield slot, next_slot  # type: ignore[misc]  # words are leaves, and leaves are slots


_can_be_one = lru_cache(maxsize=1 << 16)(as_one)


def slots_of(shape: Shape) -> Iterator[int]:
    """Yield the slots of a shape."""
    if isinstance(shape, int):
        yield shape
    elif isinstance(shape, NoneOf):
        yield from slots_of(shape.child)
    else:
        for child in shape.children:
            yield from slots_of(child)


@lru_cache(maxsize=1 << 16)
def pairs_of(shape: Shape) -> tuple[tuple[int, int], ...]:
    """Return all slots of a shape whose words stand side by side."""
    if isinstance(shape, int):
        return ()
    if isinstance(shape, NoneOf):
        return pairs_of(shape.child)
    inner = tuple(pair for child in shape.children for pair in pairs_of(child))
    return shape.beside + inner if isinstance(shape, AllOf) else inner


class Group:
    """The queries of one shape."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self.leaves = Growing(max(1, sum(1 for _ in slots_of(shape))), np.int32)
        self.owners = Growing(2, np.int64)
        """The subscription of each query, and the mark of its text."""

    def __len__(self) -> int:
        return self.owners.size

    def add(self, owner: int, mark: int, leaves: list[int]) -> int:
        """Add a query and return its row."""
        self.owners.append(owner, mark)
        return self.leaves.append(*leaves)

    def remove(self, row: int) -> int | None:
        """Remove a row; return the owner of the query that took its place, if one did."""
        self.owners.pop(row)
        self.leaves.pop(row)
        return int(self.owners.rows[row, 0]) if row < len(self) else None

    def some(self, rows: Ints) -> Group:
        """Return a group of these rows."""
        group = Group(self.shape)
        group.fill(self.leaves.rows[rows], self.owners.rows[rows])
        return group

    def fill(self, leaves: Int32s, owners: Ints) -> None:
        """Set all rows."""
        self.leaves, self.owners = Growing.of(leaves), Growing.of(owners)
