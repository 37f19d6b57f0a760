"""A group of queries on a block of papers: bits first, then scores for the hits alone.

1. Queries that cannot match because leaves they need do not occur fall out (every NOT counted as true).
2. Words written as one: where the day has "pretraining" and a query the neighbours ``pre training``, the query's leaves
   are exchanged for rows that know of it.
3. Rows of bits are combined by ``& | ~``, some thousands of queries at a time, so that they stay in the cache.
4. The bits that are left are hits; each gets the sum of the scores of the leaves that made it true.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from digest.matcher.arrays import Bits, Bools, Int32s, Ints, Scores
from digest.matcher.beside import Beside
from digest.matcher.hits import Block
from digest.matcher.rows import Rows
from digest.matcher.shapes import AllOf, AnyOf, Group, NoneOf, Shape, pairs_of

_AT_ONCE = 1024

Columns = NDArray[np.uint16]


def evaluate(group: Group, rows: Rows, beside: Beside) -> Iterator[Block]:
    """Yield the hits of a group, some thousands of queries at a time."""
    leaves = rows.row_of[group.leaves.rows]
    beside.exchange(group, leaves)
    possible = np.flatnonzero(_possible(group.shape, leaves))
    for start in range(0, len(possible), _AT_ONCE):
        some = possible[start : start + _AT_ONCE]
        yield from _hits(group, some, leaves[some], beside)


def _possible(shape: Shape, leaves: Int32s) -> Bools:
    """Return which queries can match at all, from which of their leaves occur."""
    if isinstance(shape, int):
        occurs: Bools = leaves[:, shape] != 0
        return occurs
    if isinstance(shape, NoneOf):
        return np.ones(len(leaves), bool)
    possible = _possible(shape.children[0], leaves)
    for child in shape.children[1:]:
        also = _possible(child, leaves)
        possible = possible & also if isinstance(shape, AllOf) else possible | also
    return possible


def _hits(group: Group, some: Ints, leaves: Int32s, beside: Beside) -> Iterator[Block]:
    bits = _bits(group.shape, leaves, beside)
    times, paper = positions(bits)
    if len(paper):
        pairs = {pair: beside.rows(group, pair, some) for pair in pairs_of(group.shape)}
        units = _Scorer(leaves, pairs, beside, times, paper).score(group.shape)
        hit = times > 0
        yield Block(some[hit], times[hit], paper, units)


def _bits(shape: Shape, leaves: Int32s, beside: Beside) -> Bits:
    """Return a row of bits for each query, as a new array."""
    if isinstance(shape, int):
        return beside.bits[leaves[:, shape]]
    if isinstance(shape, NoneOf):
        bits = _bits(shape.child, leaves, beside)
        return np.bitwise_and(np.invert(bits, out=bits), beside.everything, out=bits)
    combine = np.bitwise_and if isinstance(shape, AllOf) else np.bitwise_or
    result = _bits(shape.children[0], leaves, beside)
    for child in shape.children[1:]:
        combine(result, _bits(child, leaves, beside), out=result)
    return result


def positions(bits: Bits) -> tuple[Ints, Columns]:
    """Return how many bits of every row are set, and the column of each (below 65,536), row by row."""
    width = bits.shape[1]
    flat = bits.reshape(-1)
    word = np.flatnonzero(flat)
    found = flat[word]
    ones = np.flatnonzero(np.unpackbits(found.view(np.uint8), bitorder="little").view(bool))
    times = np.bitwise_count(found)
    row = word // width
    column = np.repeat(((word - row * width) << 6).astype(np.uint16), times)
    column |= ones.astype(np.uint16) & np.uint16(63)
    return np.bincount(row, times, len(bits)).astype(np.int64), column


@dataclass(frozen=True, slots=True)
class _Scorer:
    """Sums the scores of leaves for the hits of one chunk: ``times`` many for each query, in these papers."""

    leaves: Int32s
    pairs: dict[tuple[int, int], Int32s | None]
    beside: Beside
    times: Ints
    paper: Columns

    def score(self, shape: Shape) -> Int32s:
        """Return the score of every hit, all of which are true of ``shape``."""
        if isinstance(shape, int):
            return self._leaf(self.leaves[:, shape])
        if isinstance(shape, NoneOf):
            return np.zeros(len(self.paper), np.int32)
        if isinstance(shape, AllOf):
            return self._all(shape)
        return self._any(shape)

    def _leaf(self, row: Int32s) -> Int32s:
        return self._looked_up(self.beside.scores, row)

    def _looked_up(self, table: Scores, row: Int32s) -> Int32s:
        """Return the cells (row of its query, its paper) of a table for every hit."""
        cell = np.repeat(row.astype(np.int64) * table.shape[1], self.times)
        cell += self.paper
        return table.reshape(-1).take(cell).astype(np.int32)

    def _all(self, shape: AllOf) -> Int32s:
        units = self.score(shape.children[0])
        for child in shape.children[1:]:
            units += self.score(child)
        for pair in shape.beside:
            row = self.pairs[pair]
            if row is not None:
                units += self._looked_up(self.beside.bonus, row)
        return units

    def _any(self, shape: AnyOf) -> Int32s:
        units = np.zeros(len(self.paper), np.int32)
        for child in shape.children:
            if isinstance(child, int):
                units += self._leaf(self.leaves[:, child])
            elif not isinstance(child, NoneOf):
                units += np.where(self._true(child), self.score(child), 0)
        return units

    def _true(self, shape: Shape) -> Bools:
        """Return whether a part of the query is true of each hit."""
        query = np.repeat(np.arange(len(self.times)), self.times)
        word = _bits(shape, self.leaves, self.beside)[query, self.paper >> 6]
        true: Bools = (word >> (self.paper & np.uint16(63)).astype(np.uint64)) & np.uint64(1) != 0
        return true
