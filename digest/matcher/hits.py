"""What a matching gave: for every subscription with hits, the papers in order and their scores."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

import numpy as np

from digest.match.scoring import UNITS
from digest.matcher.arrays import Int32s, Ints
from digest.model import Scored


class Hits(Mapping[int, Sequence[Scored]]):
    """The hits of all subscriptions in three arrays; a subscription's list is made when it is asked for.

    ``owners`` are the subscriptions that have any; those of ``owners[i]`` are ``positions[offsets[i]:offsets[i + 1]]``
    with the scores ``units`` in hundredths.
    """

    def __init__(self, owners: Ints, offsets: Ints, positions: Int32s, units: Int32s) -> None:
        self.owners = owners
        self.offsets = offsets
        self.positions = positions
        self.units = units

    @cached_property
    def _place(self) -> dict[int, int]:
        return {owner: place for place, owner in enumerate(self.owners.tolist())}

    def __len__(self) -> int:
        return len(self.owners)

    def __iter__(self) -> Iterator[int]:
        return iter(self.owners.tolist())

    def __contains__(self, owner: object) -> bool:
        return owner in self._place

    def __getitem__(self, owner: int) -> list[Scored]:
        place = self._place[owner]
        part = slice(int(self.offsets[place]), int(self.offsets[place + 1]))
        scores = (self.units[part] / UNITS).tolist()
        return [Scored(*pair) for pair in zip(self.positions[part].tolist(), scores, strict=True)]

    @property
    def total(self) -> int:
        """Return how many hits there are."""
        return len(self.positions)

    def best(self, count: int) -> Hits:
        """Return the ``count`` best hits of every subscription, best first, earlier papers before later ones.

        All subscriptions with about equally many hits are sorted together, as rows of one array.
        """
        sizes = np.diff(self.offsets)
        kept = np.minimum(sizes, count)
        offsets = np.concatenate([[0], np.cumsum(kept)])
        positions, units = np.zeros(offsets[-1], np.int32), np.zeros(offsets[-1], np.int32)
        for low, high in _size_classes(sizes):
            some = np.flatnonzero((sizes > low) & (sizes <= high))
            for start in range(0, len(some), 1 + (1 << 22) // high):
                part = some[start : start + 1 + (1 << 22) // high]
                self._rank(part, high, count, offsets, positions, units)
        return Hits(self.owners, offsets, positions, units)

    def _rank(self, part: Ints, width: int, count: int, offsets: Ints, positions: Int32s, units: Int32s) -> None:
        column = np.arange(width)
        at = np.minimum(self.offsets[part][:, None] + column, self.total - 1)
        there = column < np.diff(self.offsets)[part][:, None]
        key = (self.units[at].astype(np.int64) << 32) | (0xFFFFFFFF - self.positions[at].astype(np.int64))
        key = np.where(there, key, -1)
        if width > count:
            key = -np.partition(-key, count - 1, axis=1)[:, :count]
        key = -np.sort(-key, axis=1)
        row, column = np.nonzero(key >= 0)
        dest = offsets[part][row] + column
        units[dest] = key[row, column] >> 32
        positions[dest] = 0xFFFFFFFF - (key[row, column] & 0xFFFFFFFF)


def _size_classes(sizes: Ints) -> Iterator[tuple[int, int]]:
    low, high = 0, 4
    while low < sizes.max(initial=0):
        yield low, high
        low, high = high, 2 * high
