"""Small tools over numpy arrays that the engine is built from."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Ints: TypeAlias = NDArray[np.int64]
Int32s: TypeAlias = NDArray[np.int32]
Scores: TypeAlias = NDArray[np.uint16]
Bools: TypeAlias = NDArray[np.bool_]
Bits: TypeAlias = NDArray[np.uint64]
Floats: TypeAlias = NDArray[np.float64]

_FIRST_CAPACITY = 4
_FEW = 20_000


class Growing:
    """A table that grows at its end in constant amortised time and gives up any row for its last one."""

    def __init__(self, width: int, dtype: type[np.generic]) -> None:
        self._rows = np.zeros((_FIRST_CAPACITY, width), dtype)
        self.size = 0

    @classmethod
    def of(cls, rows: NDArray[Any]) -> Growing:
        """Return a table of these rows, which become its own."""
        table = cls(rows.shape[1], rows.dtype.type)
        table._rows, table.size = rows, len(rows)
        return table

    @property
    def rows(self) -> NDArray[Any]:
        """The rows in use, as a view."""
        return self._rows[: self.size]

    def append(self, *row: float) -> int:
        """Add a row and return its number."""
        if self.size == len(self._rows):
            more = np.zeros((max(_FIRST_CAPACITY, self.size), self._rows.shape[1]), self._rows.dtype)
            self._rows = np.concatenate([self._rows, more])
        self._rows[self.size] = row
        self.size += 1
        return self.size - 1

    def pop(self, row: int) -> None:
        """Put the last row into the place of this one."""
        self.size -= 1
        self._rows[row] = self._rows[self.size]


def ranges(starts: Ints, ends: Ints) -> Ints:
    """Return the numbers of all half-open ranges one after another: [0, 2) and [5, 7) give 0 1 5 6."""
    lengths = ends - starts
    before = np.cumsum(lengths) - lengths
    result: Ints = np.arange(int(lengths.sum()), dtype=np.int64) + np.repeat(starts - before, lengths)
    return result


def by_value(numbers: Ints, count: int) -> Ints:
    """Return the order that sorts numbers below ``count``, equal ones as they come (two bytes sort by radix)."""
    order: Ints = np.argsort(numbers.astype(np.uint16) if count <= 1 << 16 else numbers, kind="stable")
    return order


def bounds(numbers: Ints, count: int) -> Ints:
    """Return where each number below ``count`` begins in the sorted numbers, and their end."""
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(np.bincount(numbers, minlength=count))])


def distinct(keys: Ints) -> Ints:
    """Return the keys, none below 0, in order, each once (``np.unique`` hashes first, which costs more here)."""
    ordered = in_order(keys)
    return ordered[changes(ordered)]


def in_order(keys: Ints) -> Ints:
    """Return keys, none below 0, in order: by radix, two bytes at a time, which is twice as fast as by comparisons."""
    if len(keys) < _FEW:
        return np.sort(keys)
    largest = int(keys.max())
    for shift in range(0, largest.bit_length(), 16):
        keys = keys[np.argsort((keys >> shift).astype(np.uint16), kind="stable")]
    return keys


def changes(ordered: Ints) -> Bools:
    """Return where a sorted array has a value for the first time."""
    first = np.ones(len(ordered), bool)
    first[1:] = ordered[1:] != ordered[:-1]
    return first


def places(keys: Ints, sorted_keys: Ints) -> tuple[Bools, Ints]:
    """Return which keys are in a sorted array, and for each of the keys where (or where it would be, at most last)."""
    if not len(sorted_keys):
        return np.zeros(len(keys), bool), np.zeros(len(keys), np.int64)
    at = np.minimum(np.searchsorted(sorted_keys, keys), len(sorted_keys) - 1)
    there: Bools = sorted_keys[at] == keys
    return there, at


def pair_keys(left: NDArray[np.integer[Any]], right: NDArray[np.integer[Any]]) -> Ints:
    """Return one number for each pair of numbers below 2³¹."""
    keys: Ints = (left.astype(np.int64) << 32) | right.astype(np.int64)
    return keys
