"""Short words as pairs of numbers, so that many are compared, found equal or cut in two by a few array operations.

A word of up to ``LONGEST`` ASCII letters is its bytes, filled up with zeros, as two big-endian numbers: equal words
have equal keys, and keys are ordered as words are. Longer and other words are *odd*: they are handled one by one.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from digest.matcher.arrays import Bits, Bools, Ints

LONGEST = 16
_MASK = np.array([0, *((1 << 64) - (1 << 8 * (8 - size)) for size in range(1, 9))], np.uint64)
_MIX = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F))
_FILTER_BITS = 20


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of words: two numbers and a size in bytes; 0 is the size of an odd word."""

    first: Bits
    second: Bits
    size: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.size)

    def __add__(self, more: Keys) -> Keys:
        return Keys(
            np.concatenate([self.first, more.first]),
            np.concatenate([self.second, more.second]),
            np.concatenate([self.size, more.size]),
        )

    def take(self, some: Ints) -> Keys:
        """Return the keys at these places."""
        return Keys(self.first[some], self.second[some], self.size[some])

    def words(self) -> list[str]:
        """Return the words, none of which may be odd."""
        data = np.stack([self.first, self.second], axis=1).astype(">u8").view(f"S{LONGEST}").reshape(-1)
        words: list[str] = data.astype(f"U{LONGEST}").tolist()
        return words


def of_words(words: Sequence[str]) -> Keys:
    """Return the keys of words."""
    data = [word.encode() if word.isascii() and len(word) <= LONGEST else b"" for word in words]
    both = np.array(data or [b""], f"S{LONGEST}").view(">u8").astype(np.uint64).reshape(-1, 2)[: len(data)]
    return Keys(both[:, 0].copy(), both[:, 1].copy(), np.fromiter(map(len, data), np.uint8, len(data)))


def of_bytes(data: NDArray[np.uint8], starts: Ints, sizes: Ints) -> Keys:
    """Return the keys of stretches of ``data``, each at most ``LONGEST`` bytes and that much before its end."""
    eight = np.ndarray((len(data) - 7,), ">u8", data.data, strides=(1,))
    first = eight[starts].astype(np.uint64) & _MASK.take(np.minimum(sizes, 8))
    second = np.zeros(len(starts), np.uint64)
    longer = np.flatnonzero(sizes > 8)
    second[longer] = eight[starts[longer] + 8].astype(np.uint64) & _MASK.take(sizes[longer] - 8)
    return Keys(first, second, sizes.astype(np.uint8))


def numbered(keys: Keys) -> tuple[Ints, Ints]:
    """Return for each key the number of its value, and for each value the place of one key that has it.

    Keys are thrown into a table by a hash; those that find another value in their place try again with another hash.
    Equal keys always meet the same one, so nothing rests on the hash being good.
    """
    chosen = np.arange(len(keys))
    left, mixed = chosen, _hash(keys.first, keys.second)
    table = np.empty(1 << 18, np.int64)
    factor = 1
    while len(left):
        slot = (mixed * np.uint64(factor)) >> np.uint64(46)
        table[slot] = left
        winner = table[slot]
        same = (keys.first[winner] == keys.first[left]) & (keys.second[winner] == keys.second[left])
        chosen[left[same]] = winner[same]
        left, mixed, factor = left[~same], mixed[~same], factor + 0x5BD1E996
    values = np.flatnonzero(chosen == np.arange(len(keys)))
    number = np.empty(len(keys), np.int64)
    number[values] = np.arange(len(values))
    return number[chosen], values


def _hash(first: Bits, second: Bits) -> Bits:
    mixed = first * _MIX[0] ^ second * _MIX[1]
    mixed ^= mixed >> np.uint64(29)
    result: Bits = mixed * _MIX[0]
    return result


class Filter:
    """Tells of a key whether it may be among some; rarely says yes of one that is not, never no of one that is."""

    def __init__(self, *among: Keys) -> None:
        self._table = np.zeros(1 << _FILTER_BITS, bool)
        for keys in among:
            self._table[self._slots(keys.first, keys.second)] = True

    def maybe(self, first: Bits, second: Bits) -> Bools:
        """Return for each key whether it may be among them."""
        found: Bools = self._table.take(self._slots(first, second))
        return found

    def _slots(self, first: Bits, second: Bits) -> Any:
        return (_hash(first, second) >> np.uint64(64 - _FILTER_BITS)).view(np.int64)


def cuts(words: Sequence[str], keys: Keys, among: Filter, parts: Container[str]) -> Iterator[tuple[str, int]]:
    """Yield (word, cut) wherever a word cut in two gives two parts; ``among`` has let their keys through."""
    for number, cut in (*_short_cuts(keys, among), *_odd_cuts(words, keys)):
        word = words[number]
        if word[:cut] in parts and word[cut:] in parts:
            yield word, cut


def _odd_cuts(words: Sequence[str], keys: Keys) -> Iterator[tuple[int, int]]:
    for number in np.flatnonzero(keys.size == 0).tolist():
        yield from ((number, cut) for cut in range(1, len(words[number])))


def _short_cuts(keys: Keys, parts: Filter) -> Iterator[tuple[int, int]]:
    some = np.arange(len(keys))
    for cut in range(1, LONGEST):
        some = some[keys.size[some] > cut]
        first, second = keys.first[some], keys.second[some]
        begins = parts.maybe(first & _MASK[min(cut, 8)], second & _MASK[max(cut - 8, 0)])
        first, second = _rest(first[begins], second[begins], cut)
        ends = parts.maybe(first, second)
        yield from ((number, cut) for number in some[begins][ends].tolist())


def _rest(first: Bits, second: Bits, cut: int) -> tuple[Bits, Bits]:
    """Return the keys without their first ``cut`` bytes."""
    if cut >= 8:
        return second << np.uint64(8 * (cut - 8)), np.zeros_like(second)
    away, kept = np.uint64(8 * cut), np.uint64(64 - 8 * cut)
    return first << away | second >> kept, second << away
