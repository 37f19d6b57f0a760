"""What a matching gave: for every subscription with hits, the papers in order and their scores."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from digest.match.scoring import UNITS
from digest.matcher.arrays import Int32s, Ints, by_value, changes, ranges
from digest.model import Scored


@dataclass(frozen=True, slots=True)
class Block:
    """Hits of some queries in a block of papers, query by query.

    ``query`` numbers the queries, ``times`` says how many hits each has, and for each hit there is the ``paper``,
    counted from ``start``, and the score in hundredths.
    """

    query: Ints
    times: Ints
    paper: NDArray[Any]
    units: Int32s
    start: int = 0


class Hits(Mapping[int, Sequence[Scored]]):
    """The hits of all subscriptions, left in the blocks they were found in; a list is made when it is asked for."""

    def __init__(self, owners: Ints, blocks: Sequence[Block]) -> None:
        self._owners = owners
        self._blocks = blocks

    @cached_property
    def _index(self) -> Ints:
        """One column for each query and block with hits: query, block, first hit and number of hits; by query."""
        parts: list[list[Ints]] = [
            [block.query, np.full(len(block.query), number), np.cumsum(block.times) - block.times, block.times]
            for number, block in enumerate(self._blocks)
        ]
        if not parts:
            return np.zeros((4, 0), np.int64)
        index: Ints = np.concatenate(parts, axis=1)
        ordered: Ints = index[:, by_value(index[0], len(self._owners))]
        return ordered

    @cached_property
    def _queries(self) -> Ints:
        queries: Ints = self._index[0][changes(self._index[0])]
        return queries

    @cached_property
    def _query_of(self) -> dict[int, int]:
        return dict(zip(self._owners[self._queries].tolist(), self._queries.tolist(), strict=True))

    def __len__(self) -> int:
        return len(self._queries)

    def __iter__(self) -> Iterator[int]:
        return iter(self._owners[self._queries].tolist())

    def __contains__(self, owner: object) -> bool:
        return owner in self._query_of

    def __getitem__(self, owner: int) -> list[Scored]:
        query = self._query_of[owner]
        low, high = np.searchsorted(self._index[0], [query, query + 1])
        found: list[Scored] = []
        for number, first, times in self._index[1:, low:high].T.tolist():
            block = self._blocks[number]
            papers = (block.paper[first : first + times].astype(np.int64) + block.start).tolist()
            scores = (block.units[first : first + times] / UNITS).tolist()
            found += map(Scored, papers, scores)
        return found

    @property
    def total(self) -> int:
        """Return how many hits there are."""
        return sum(len(block.paper) for block in self._blocks)

    def best(self, count: int) -> Hits:
        """Return the ``count`` best hits of every subscription, best first, earlier papers before later ones."""
        ranked = [_ranked(block, count) for block in self._blocks]
        if len({block.start for block in ranked}) > 1:
            ranked = [_ranked(_united(ranked), count)]
        return Hits(self._owners, ranked)


def _united(blocks: Sequence[Block]) -> Block:
    """Return the hits of several blocks as one, query by query."""
    query = np.concatenate([block.query for block in blocks])
    times = np.concatenate([block.times for block in blocks])
    paper = np.concatenate([block.paper.astype(np.int32) + np.int32(block.start) for block in blocks])
    units = np.concatenate([block.units for block in blocks])
    order = np.argsort(query, kind="stable")
    first = (np.cumsum(times) - times)[order]
    hits = ranges(first, first + times[order])
    distinct = np.flatnonzero(changes(query[order]))
    return Block(query[order][distinct], np.add.reduceat(times[order], distinct), paper[hits], units[hits])


def _ranked(block: Block, count: int) -> Block:
    """Return the best hits of each query; queries with about equally many hits are sorted as rows of one array."""
    kept = np.minimum(block.times, count)
    dest = np.cumsum(kept) - kept
    paper, units = np.empty(int(kept.sum()), block.paper.dtype), np.empty(int(kept.sum()), np.int32)
    key, shift = _keys(block)
    for width in _widths(block.times):
        some = np.flatnonzero((block.times > width // 2) & (block.times <= width))
        best = _best(key, (np.cumsum(block.times) - block.times)[some], block.times[some], width, count)
        row, column = np.nonzero(best)
        ranked = best[row, column]
        at = dest[some][row] + column
        units[at] = ranked >> key.dtype.type(shift)
        paper[at] = (1 << shift) - 1 - (ranked & key.dtype.type((1 << shift) - 1)).astype(np.int64)
    return replace(block, times=kept, paper=paper, units=units)


def _keys(block: Block) -> tuple[NDArray[Any], int]:
    """Return one number above 0 for each hit, larger for better ones, and its bits that say how early the paper is."""
    shift = int(block.paper.max(initial=0) + 1).bit_length()
    dtype: type[np.uint32 | np.uint64] = np.uint32 if int(block.units.max(initial=0)) < 1 << (32 - shift) else np.uint64
    early = ((1 << shift) - 1 - block.paper.astype(np.int64)).astype(dtype)
    keys: NDArray[Any] = np.left_shift(block.units.astype(dtype), dtype(shift))
    keys |= early
    return keys, shift


def _best(key: NDArray[Any], first: Ints, times: Ints, width: int, count: int) -> NDArray[Any]:
    """Return the largest keys of each run of keys, in rows, largest first; 0 where a run is shorter."""
    column = np.arange(width)
    table = key[np.minimum(first[:, None] + column, len(key) - 1)]
    table[column >= times[:, None]] = 0
    if width > count:
        table = np.partition(table, width - count, axis=1)[:, width - count :]
    return np.sort(table, axis=1)[:, ::-1]


def _widths(times: Ints) -> Iterator[int]:
    width = 1
    while width // 2 < times.max(initial=0):
        yield width
        width *= 2
