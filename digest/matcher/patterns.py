"""Prefixes, slips, exact letters and nearness: each compared with the day's distinct words once, then with places."""

from __future__ import annotations

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
from digest.matcher.terms import Pattern
from digest.matcher.wanted import Wanted
from digest.query import Exact, Fuzzy, Near, Prefix
from digest.query.tree import Text
from digest.text.words import Reading, folded

_STRIDE = 2048  # sections lie further apart than any nearness reaches
_NOWHERE: Ints = np.zeros(0, np.int64)


class Places:
    """The tokens of each distinct word of a spelling, all or some of them."""

    def __init__(self, spelling: Spelling, among: Bools | None = None) -> None:
        self.spelling = spelling
        tokens = np.flatnonzero(among) if among is not None else np.arange(len(spelling.of))
        self._tokens = tokens[by_value(spelling.of[tokens], len(spelling))]
        self._first = bounds(spelling.of[tokens], len(spelling))

    def tokens(self, numbers: Ints) -> Ints:
        """Return where any of these words stands."""
        return self._tokens[ranges(self._first[numbers], self._first[numbers + 1])]

    def count(self, numbers: Ints) -> Ints:
        """Return how often each of these words stands."""
        count: Ints = self._first[numbers + 1] - self._first[numbers]
        return count

    def of(self, word: str) -> Ints:
        """Return where a word stands."""
        number = self.spelling.number.get(word)
        return _NOWHERE if number is None else self._tokens[self._first[number] : self._first[number + 1]]


class Patterns:
    """The patterns of all queries on one block."""

    def __init__(self, day: Day) -> None:
        self._day = day
        self._fields: dict[int, Field] = {}

    @cached_property
    def _folded(self) -> Places:
        return Places(self._day.folded)

    @cached_property
    def _singular(self) -> Places:
        return Places(self._day.singular)

    @cached_property
    def _glued(self) -> Places:
        return Places(self._day.folded, self._day.glued)

    def occurrences(self, wanted: Wanted) -> tuple[Ints, Ints]:
        """Return (term, token) for every place where a pattern begins."""
        leaves = [(leaf, term) for leaf, term in wanted.terms.patterns.items() if wanted.anywhere[term]]
        texts = [_beginning(leaf) for leaf, _ in leaves]
        beginnings = [(term, text) for (_, term), text in zip(leaves, texts, strict=True) if text]
        which, places = self._beginnings([text for _, text in beginnings])
        of_beginnings = np.array([term for term, _ in beginnings], np.int64)[which]
        others = [pair for pair, text in zip(leaves, texts, strict=True) if not text]
        found = [*self._found(others), *self._beginnings_of_two(beginnings)]
        sizes = np.array([len(tokens) for _, tokens in found], np.int64)
        numbers = np.repeat(np.array([term for term, _ in found], np.int64), sizes)
        tokens = np.concatenate([places, *(tokens for _, tokens in found)])
        return np.concatenate([of_beginnings, numbers]), tokens

    def _found(self, leaves: list[tuple[Pattern, int]]) -> Iterator[tuple[int, Ints]]:
        """Yield the places of all but beginnings of one word."""
        slips: list[tuple[int, str, int]] = []
        for leaf, term in leaves:
            if isinstance(leaf, Fuzzy) and len(asked(leaf.text)) == 1:
                slips.append((term, asked(leaf.text).singular()[0], leaf.slips))
            else:
                yield term, self._places(leaf)
        yield from self._slips(slips)

    def _places(self, leaf: Prefix | Fuzzy | Exact | Near) -> Ints:
        if isinstance(leaf, Near):
            return self._near(leaf)
        words = asked(leaf.text)
        if isinstance(leaf, Exact):
            if len(words) == 1:
                return self._as_written(leaf.text)
            return self._defined(leaf, self._all(self._folded, words.folded()))
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
        alike = (
            [(0, self._beginnings([last])[1]), *self._beginnings_of_two([(0, last)])]
            if is_prefix
            else self._slips(slips)
        )
        return found.union(*(self._sections(tokens) for _, tokens in alike))

    def _field(self, section: int) -> Field:
        if section not in self._fields:
            paper = self._day.papers[section // 2]
            self._fields[section] = Field(paper.abstract if section % 2 else paper.title)
        return self._fields[section]

    def _as_written(self, word: str) -> Ints:
        """Return where a word stands with these very letters."""
        tokens, surface = self._folded.of(folded(word)), self._day.read.surface
        return tokens[[surface(token) == word for token in tokens.tolist()]]

    def _beginnings(self, starts: list[str]) -> tuple[Ints, Ints]:
        """Return (place in ``starts``, token) of all words that begin so."""
        which, numbers = self._day.folded.beginning(starts)
        places = Places(self._day.folded, self._marked(numbers))
        return np.repeat(which, places.count(numbers)), places.tokens(numbers)

    def _beginnings_of_two(self, wanted: list[tuple[int, str]]) -> Iterator[tuple[int, Ints]]:
        """Yield where a word may be read as one with the next, and the two begin as asked, but not the first alone."""
        if not wanted:
            return
        lefts = list({start[:cut] for _, start in wanted for cut in range(1, len(start))})
        numbers = self._day.folded.numbers(lefts)
        places = Places(self._day.folded, self._day.glued & self._marked(numbers[numbers >= 0]))
        there = np.flatnonzero(numbers >= 0)[places.count(numbers[numbers >= 0]) > 0]
        tokens_of = {lefts[at]: places.tokens(numbers[at : at + 1]) for at in there.tolist()}
        lengths = sorted({len(left) for left in tokens_of})
        cuts = [
            (term, start[:cut], start[cut:])
            for term, start in wanted
            for cut in lengths
            if cut < len(start) and start[:cut] in tokens_of
        ]
        which, alike = self._day.folded.beginning([right for _, _, right in cuts])
        ends = np.searchsorted(which, np.arange(len(cuts) + 1))
        for at, (term, left, _) in enumerate(cuts):
            begins = np.zeros(len(self._day.folded), bool)
            begins[alike[ends[at] : ends[at + 1]]] = True
            yield term, tokens_of[left][begins[self._day.folded.of[tokens_of[left] + 1]]]

    def _marked(self, numbers: Ints) -> Bools:
        """Return which tokens are one of these folded words."""
        marks = np.zeros(len(self._day.folded), bool)
        marks[numbers] = True
        return self._day.folded.marked(marks)

    def _slips(self, wanted: list[tuple[int, str, int]]) -> Iterator[tuple[int, Ints]]:
        """Yield the places of all words like the ones asked for: one comparison of all with all, by first letter."""
        for (letter, slips), some in _grouped(wanted).items():
            numbers = self._singular.spelling.beginning([letter])[1]
            words = self._singular.spelling.texts(numbers)
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
        known = self._day.folded.number
        cuts = [cut for cut in range(1, len(word)) if word[:cut] in known and word[cut:] in known]
        return np.concatenate([self._exactly(word[:cut], word[cut:]) for cut in cuts] or [_NOWHERE])

    def _exactly(self, left: str, right: str) -> Ints:
        tokens = self._glued.of(left)
        follows: Bools = self._day.folded.of[tokens + 1] == self._day.folded.number[right]
        return tokens[follows]


def _beginning(leaf: Pattern) -> str:
    """Return the letters that a prefix of one word asks for, "" for other patterns."""
    words = asked(leaf.text)
    return words.folded()[0] if isinstance(leaf, Prefix) and len(words) == 1 else ""


def _grouped(wanted: list[tuple[int, str, int]]) -> dict[tuple[str, int], list[tuple[int, str]]]:
    groups: dict[tuple[str, int], list[tuple[int, str]]] = {}
    for term, word, slips in wanted:
        groups.setdefault((word[:1], slips), []).append((term, word))
    return groups
