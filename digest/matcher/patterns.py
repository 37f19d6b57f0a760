"""Prefixes, slips, exact letters and nearness: each compared with the day's distinct words once, then with places."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from functools import cached_property

import numpy as np
from rapidfuzz.distance import OSA
from rapidfuzz.process import cdist

from digest.match.text import Field, asked, near_readings
from digest.match.text import occurrences as defined
from digest.matcher.arrays import Bools, Ints, bounds, by_value, ranges
from digest.matcher.day import Day, Spelling
from digest.matcher.terms import Terms
from digest.query import Exact, Fuzzy, Near, Prefix
from digest.query.tree import Text
from digest.text.words import Reading

_STRIDE = 2048  # sections lie further apart than any nearness reaches
_LAST = "\U0010ffff"
_NOWHERE: Ints = np.zeros(0, np.int64)


class Places:
    """The tokens of each distinct word of a spelling, all or some of them."""

    def __init__(self, spelling: Spelling, among: Bools | None = None) -> None:
        self.words = spelling.words
        self._tokens = by_value(spelling.of, len(spelling.words))
        if among is not None:
            self._tokens = self._tokens[among[self._tokens]]
        self._first = bounds(spelling.of[self._tokens], len(spelling.words))
        self._bounds: list[int] = self._first.tolist()

    @cached_property
    def number(self) -> dict[str, int]:
        """The number of each distinct word."""
        return {word: number for number, word in enumerate(self.words)}

    @cached_property
    def sorted(self) -> tuple[list[str], list[int]]:
        """The distinct words in order of their letters, and their numbers."""
        order = sorted(range(len(self.words)), key=self.words.__getitem__)
        return [self.words[number] for number in order], order

    @cached_property
    def rank(self) -> Ints:
        """The place of each distinct word in the order of letters."""
        rank = np.zeros(len(self.words), np.int64)
        rank[self.sorted[1]] = np.arange(len(self.words))
        return rank

    def range(self, start: str) -> tuple[int, int]:
        """Return the ranks [low, high) of the words that begin with these letters."""
        return bisect_left(self.sorted[0], start), bisect_left(self.sorted[0], start + _LAST)

    def tokens(self, numbers: Ints) -> Ints:
        """Return where any of these words stands."""
        return self._tokens[ranges(self._first[numbers], self._first[numbers + 1])]

    def of(self, word: str) -> Ints:
        """Return where a word stands."""
        number = self.number.get(word)
        return _NOWHERE if number is None else self._tokens[self._bounds[number] : self._bounds[number + 1]]

    def beginning(self, start: str) -> Ints:
        """Return where any word stands that begins with these letters."""
        low, high = self.range(start)
        alike = self.sorted[1][low:high]
        parts = [self._tokens[self._bounds[number] : self._bounds[number + 1]] for number in alike]
        return np.concatenate(parts) if parts else _NOWHERE


class Patterns:
    """The patterns of all queries on one block."""

    def __init__(self, day: Day) -> None:
        self._day = day
        self._folded, self._singular = Places(day.folded), Places(day.singular)
        self._fields: dict[int, Field] = {}

    @cached_property
    def _glued(self) -> Places:
        return Places(self._day.folded, self._day.glued)

    @cached_property
    def _surface(self) -> Places:
        return Places(self._day.surface)

    def occurrences(self, terms: Terms) -> tuple[Ints, Ints]:
        """Return (term, token) for every place where a pattern begins."""
        found = list(self._found(terms))
        sizes = np.array([len(tokens) for _, tokens in found], np.int64)
        numbers = np.repeat(np.array([term for term, _ in found], np.int64), sizes)
        return numbers, np.concatenate([tokens for _, tokens in found] or [_NOWHERE])

    def _found(self, terms: Terms) -> Iterator[tuple[int, Ints]]:
        wanted = terms.used.rows.sum(axis=1) > 0
        single_slips: list[tuple[int, str, int]] = []
        for leaf, term in terms.patterns.items():
            if not wanted[term]:
                continue
            if isinstance(leaf, Fuzzy) and len(asked(leaf.text)) == 1:
                single_slips.append((term, asked(leaf.text).singular()[0], leaf.slips))
            else:
                yield term, self._places(leaf)
        yield from self._slips(single_slips)

    def _places(self, leaf: Prefix | Fuzzy | Exact | Near) -> Ints:
        if isinstance(leaf, Near):
            return self._near(leaf)
        words = asked(leaf.text)
        if isinstance(leaf, Prefix) and len(words) == 1:
            return self._beginnings(words.folded()[0])
        if isinstance(leaf, Exact):
            if len(words) == 1:
                return self._surface.of(leaf.text)
            return self._defined(leaf, self._all(self._surface, words.surfaces))
        return self._defined(leaf, self._sections_of_heads(leaf, words))

    def _defined(self, leaf: Text, sections: set[int]) -> Ints:
        """Return the occurrences by the definition itself, in the sections that can have any.

        Such leaves (``pre-train*``, ``="Chain of Thought"``) are few.
        """
        first = np.searchsorted(self._day.section, np.arange(2 * len(self._day.papers)))
        tokens = [
            int(first[section]) + start
            for section in sorted(sections)
            for start, _ in defined(leaf, self._field(section))
        ]
        return np.array(tokens, np.int64)

    def _sections(self, tokens: Ints) -> set[int]:
        return set(self._day.section[tokens].tolist())

    def _all(self, places: Places, needed: tuple[str, ...]) -> set[int]:
        """Return the sections in which all these words stand."""
        return set.intersection(*(self._sections(places.of(word)) for word in needed))

    def _sections_of_heads(self, leaf: Prefix | Fuzzy, words: Reading) -> set[int]:
        """Return where a pattern of several words can be: where its words but the last are, or its last two as one."""
        is_prefix = isinstance(leaf, Prefix)
        places, names = (self._folded, words.folded()) if is_prefix else (self._singular, words.singular())
        found = self._all(places, names[:-1])
        if not words.glued[-2]:
            return found
        if len(names) > 2:
            return found | self._all(places, names[:-2])
        last = "".join(names)
        slips = [] if isinstance(leaf, Prefix) else [(0, last, leaf.slips)]
        alike = [self._beginnings(last)] if is_prefix else [tokens for _, tokens in self._slips(slips)]
        return found.union(*(self._sections(tokens) for tokens in alike))

    def _field(self, section: int) -> Field:
        if section not in self._fields:
            paper = self._day.papers[section // 2]
            self._fields[section] = Field(paper.abstract if section % 2 else paper.title)
        return self._fields[section]

    def _beginnings(self, start: str) -> Ints:
        tokens = self._folded.beginning(start)
        read_as_one = [
            self._read_as_one(start[:cut], start[cut:])
            for cut in range(1, len(start))
            if start[:cut] in self._folded.number
        ]
        return np.concatenate([tokens, *read_as_one])

    def _read_as_one(self, left: str, right: str) -> Ints:
        """Return where the word ``left`` may be read as one with the next, which begins with ``right``."""
        tokens, after = self._glued.of(left), self._folded.rank
        if not len(tokens):
            return tokens
        low, high = self._folded.range(right)
        rank = after[self._day.folded.of[tokens + 1]]
        return tokens[(low <= rank) & (rank < high)]

    def _slips(self, wanted: list[tuple[int, str, int]]) -> Iterator[tuple[int, Ints]]:
        """Yield the places of all words like the ones asked for: one comparison of all with all, by first letter."""
        by_letter: dict[str, list[int]] = {}
        for number, word in enumerate(self._singular.words):
            by_letter.setdefault(word[:1], []).append(number)
        for (letter, slips), some in _grouped(wanted).items():
            numbers = np.array(by_letter.get(letter, ()), np.int64)
            words = [self._singular.words[number] for number in numbers.tolist()]
            asked_for = [word for _, word in some]
            distance = cdist(asked_for, words, scorer=OSA.distance, score_cutoff=slips, dtype=np.uint8)
            for (term, _), row in zip(some, distance, strict=True):
                yield term, self._singular.tokens(numbers[row <= slips])

    def _near(self, leaf: Near) -> Ints:
        """Return the beginnings that lie in a window with every word of a reading as often as asked."""
        found = [_NOWHERE]
        for words in near_readings(asked(leaf.text)):
            times = Counter(words)
            places = {word: np.sort(np.concatenate([self._folded.of(word), self._compound(word)])) for word in times}
            if all(len(places[word]) >= count for word, count in times.items()):
                found.append(self._close(places, times, leaf.distance))
        return np.unique(np.concatenate(found))

    def _close(self, places: dict[str, Ints], times: Counter[str], distance: int) -> Ints:
        spread = {word: tokens + _STRIDE * self._day.section[tokens] for word, tokens in places.items()}
        starts = np.unique(np.concatenate(list(spread.values())))
        good = np.ones(len(starts), bool)
        for word, at in spread.items():
            good &= np.searchsorted(at, starts + distance, side="right") - np.searchsorted(at, starts) >= times[word]
        windows = starts[good]
        inside = [
            places[word][np.searchsorted(windows, at, side="right") > np.searchsorted(windows, at - distance)]
            for word, at in spread.items()
        ]
        return np.concatenate(inside)

    def _compound(self, word: str) -> Ints:
        """Return where two words that may be read as one make up this word."""
        known = self._folded.number
        cuts = [cut for cut in range(1, len(word)) if word[:cut] in known and word[cut:] in known]
        return np.concatenate([self._exactly(word[:cut], word[cut:]) for cut in cuts] or [_NOWHERE])

    def _exactly(self, left: str, right: str) -> Ints:
        tokens = self._glued.of(left)
        follows: Bools = self._day.folded.of[tokens + 1] == self._folded.number[right]
        return tokens[follows]


def _grouped(wanted: list[tuple[int, str, int]]) -> dict[tuple[str, int], list[tuple[int, str]]]:
    groups: dict[tuple[str, int], list[tuple[int, str]]] = {}
    for term, word, slips in wanted:
        groups.setdefault((word[:1], slips), []).append((term, word))
    return groups
