"""Short words as pairs of numbers, so that many are compared, found equal or cut in two by a few array operations.

A word of up to ``LONGEST`` ASCII letters is its bytes, filled up with zeros, as two big-endian numbers: equal words
have equal keys, and keys are ordered as words are. Longer and other words are *odd*: they are handled one by one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from digest.matcher.arrays import Bits, Bools, Ints, ranges

LONGEST = 16
_MASK = np.array([0, *((1 << 64) - (1 << 8 * (8 - size)) for size in range(1, 9))], np.uint64)
_LOWER = np.uint64(0x2020202020202020)  # what makes a letter small, and digits have
_MIX = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F))
_FILTER_BITS = 19
_TABLE_BITS = 17
_NEXT_FACTOR = 0x5BD1E996  # even, so that factors stay odd


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

    def last_bytes(self) -> NDArray[np.uint8]:
        """Return the last letter of every word, 0 for odd ones."""
        within = np.where(self.size > 8, self.second, self.first) >> (-self.size.astype(np.uint64) % 8 * 8)
        return np.where(self.size > 0, within, 0).astype(np.uint8)

    def words(self) -> list[str]:
        """Return the words, "" for odd ones."""
        data = np.stack([self.first, self.second], axis=1).astype(">u8").view(f"S{LONGEST}").reshape(-1)
        words: list[str] = data.astype(f"U{LONGEST}").tolist()
        return words


def of_words(words: Sequence[str]) -> Keys:
    """Return the keys of words."""
    data = [word.encode() if word.isascii() and len(word) <= LONGEST else b"" for word in words]
    both = np.array(data or [b""], f"S{LONGEST}").view(">u8").astype(np.uint64).reshape(-1, 2)[: len(data)]
    return Keys(both[:, 0].copy(), both[:, 1].copy(), np.fromiter(map(len, data), np.uint8, len(data)))


def of_bytes(data: NDArray[np.uint8], starts: Ints, sizes: Ints) -> Keys:
    """Return the keys of ASCII letters and digits in lower case: stretches of at most ``LONGEST`` bytes of ``data``.

    There must be as many bytes behind the last one.
    """
    eight = np.ndarray((len(data) - 7,), ">u8", data.data, strides=(1,))
    first = (eight[starts].astype(np.uint64) | _LOWER) & _MASK.take(np.minimum(sizes, 8))
    second = np.zeros(len(starts), np.uint64)
    longer = np.flatnonzero(sizes > 8)
    second[longer] = (eight[starts[longer] + 8].astype(np.uint64) | _LOWER) & _MASK.take(sizes[longer] - 8)
    return Keys(first, second, sizes.astype(np.uint8))


def numbered(keys: Keys) -> tuple[Ints, Ints]:
    """Return for each key the number of its value, and for each value the place of one key that has it.

    Keys are thrown into a table by a hash; those that find another value in their place try again with another hash.
    Equal keys always meet the same one, so nothing rests on the hash being good.
    """
    chosen = np.arange(len(keys), dtype=np.int32)
    left, mixed = chosen, _hash(keys.first, keys.second)
    table = np.empty(1 << _TABLE_BITS, np.int32)
    factor = 1
    while len(left):
        slot = _slot(mixed[left], factor, table)
        table[slot] = left
        winner = table[slot]
        same = (keys.first[winner] == keys.first[left]) & (keys.second[winner] == keys.second[left])
        chosen[left[same]] = winner[same]
        left, factor = left[~same], factor + _NEXT_FACTOR
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


class Lexicon:
    """Numbered words: nearly all of them by their keys, odd ones by their letters."""

    def __init__(self, keys: Keys, odd: Mapping[str, int]) -> None:
        self.keys = keys
        self.odd = odd

    @classmethod
    def made_of(cls, words: Sequence[str]) -> Self:
        """Return different words, numbered as they come."""
        keys = of_words(words)
        return cls(keys, {words[number]: number for number in np.flatnonzero(keys.size == 0).tolist()})

    def __len__(self) -> int:
        return len(self.keys)

    def and_more(self, words: Sequence[str]) -> Lexicon:
        """Return these words, and more with the next numbers."""
        more, before = Lexicon.made_of(words), len(self)
        return Lexicon(self.keys + more.keys, {**self.odd, **{word: before + at for word, at in more.odd.items()}})

    @cached_property
    def words(self) -> list[str]:
        """The words by number."""
        words = self.keys.words()
        for word, number in self.odd.items():
            words[number] = word
        return words

    @cached_property
    def number(self) -> dict[str, int]:
        """The number of each word."""
        return dict(zip(self.words, range(len(self)), strict=True))

    def texts(self, numbers: Ints) -> list[str]:
        """Return some of the words."""
        keys = self.keys.take(numbers)
        words = keys.words()
        for at in np.flatnonzero(keys.size == 0).tolist():
            words[at] = self._odd_words[int(numbers[at])]
        return words

    @cached_property
    def _odd_words(self) -> dict[int, str]:
        return {number: word for word, number in self.odd.items()}

    def numbers(self, words: Sequence[str]) -> Ints:
        """Return the numbers of words, -1 for those that are not here."""
        keys = of_words(words)
        found = self.find(keys)
        for at in np.flatnonzero(keys.size == 0).tolist():
            found[at] = self.odd.get(words[at], -1)
        return found

    def find(self, keys: Keys) -> Ints:
        """Return the numbers of keys, -1 for those that are not here or odd."""
        result, left, mixed = (
            np.full(len(keys), -1, np.int64),
            np.flatnonzero(keys.size),
            _hash(keys.first, keys.second),
        )
        for table, factor in self._tables:
            number = table[_slot(mixed[left], factor, table)]
            same = self.keys.first[number] == keys.first[left]
            same &= (self.keys.second[number] == keys.second[left]) & (self.keys.size[number] > 0)
            result[left[same]] = number[same]
            left = left[~same]
        return result

    def beginning(self, starts: Sequence[str]) -> tuple[Ints, Ints]:
        """Return (place in ``starts``, number) for every word that begins so, by place."""
        found = [self._beginning_shortly(of_words(starts)), *self._beginning_oddly(starts)]
        which, numbers = (np.concatenate(column) for column in zip(*found, strict=True))
        order = np.argsort(which, kind="stable")
        return which[order], numbers[order]

    def _beginning_shortly(self, starts: Keys) -> tuple[Ints, Ints]:
        """Return what begins with up to eight ASCII letters: a range of the keys in order."""
        numbers, ordered = self._ordered
        which = np.flatnonzero((starts.size > 0) & (starts.size <= 8))
        lowest = starts.first[which]
        low = np.searchsorted(ordered, lowest)
        high = np.searchsorted(ordered, lowest | ~_MASK[starts.size[which]], side="right")
        return np.repeat(which, high - low), numbers[ranges(low, high)]

    def _beginning_oddly(self, starts: Sequence[str]) -> Iterator[tuple[Ints, Ints]]:
        """Yield what begins with more letters, and the odd words that begin as asked."""
        places: dict[str, list[int]] = {}
        for place, start in enumerate(starts):
            places.setdefault(start, []).append(place)
            if len(start) > 8 and start.isascii():
                numbers = self._beginning_shortly(of_words([start[:8]]))[1]
                numbers = numbers[[word.startswith(start) for word in self.texts(numbers)]]
                yield np.full(len(numbers), place), numbers
        lengths = sorted({len(start) for start in starts})
        found = [
            (place, number)
            for word, number in self.odd.items()
            for length in lengths
            if length <= len(word)
            for place in places.get(word[:length], ())
        ]
        which, odd = np.array(found or np.zeros((0, 2)), np.int64).reshape(-1, 2).T
        yield which, odd

    @cached_property
    def _ordered(self) -> tuple[Ints, Bits]:
        """The words that are not odd, in order of their first eight letters, and these."""
        short = np.flatnonzero(self.keys.size)
        order = np.argsort(self.keys.first[short])
        return short[order], self.keys.first[short][order]

    @cached_property
    def _tables(self) -> list[tuple[NDArray[np.int32], int]]:
        """The numbers by their keys' hashes; those that found another in their place are in the next table."""
        tables, left, factor = [], np.flatnonzero(self.keys.size), 1
        mixed = _hash(self.keys.first, self.keys.second)
        while len(left):
            table = np.zeros(1 << max(8, 2 + len(self).bit_length()), np.int32)
            slot = _slot(mixed[left], factor, table)
            table[slot] = left
            tables.append((table, factor))
            left, factor = left[table[slot] != left], factor + _NEXT_FACTOR
        return tables


def _slot(mixed: Bits, factor: int, table: NDArray[np.int32]) -> Ints:
    bits = len(table).bit_length() - 1
    slots: Ints = ((mixed * np.uint64(factor)) >> np.uint64(64 - bits)).view(np.int64)
    return slots


def cuts(lexicon: Lexicon, parts: Filter) -> list[tuple[str, str]]:
    """Return words cut in two, wherever both halves may be among the parts; few others are among them."""
    found = list(_short_cuts(lexicon.keys, parts))
    words = lexicon.texts(np.array([number for number, _ in found], np.int64))
    halves = [(word[:cut], word[cut:]) for word, (_, cut) in zip(words, found, strict=True)]
    return halves + [(word[:cut], word[cut:]) for word in lexicon.odd for cut in range(1, len(word))]


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
