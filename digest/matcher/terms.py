"""Every distinct thing that queries look for, numbered.

A *term* is what a leaf looks for without its field; ``leaf = 3 · term + field`` (0 either, 1 title, 2 abstract). Terms
are found by the day's words in a dictionary, so that adding one costs its own size and nothing is ever rebuilt:

* ``words``: singular words (``s``) and folded ones (``f``) to their terms; the words inside longer terms are there too;
* ``sequences``: terms of several words, by length, as rows of the terms of their words;
* ``patterns``: prefixes, slips, exact letters and nearness; ``facts``: what is compared as a whole.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import TypeAlias

import numpy as np

from digest.match import Statistics
from digest.match.text import asked
from digest.matcher.arrays import Growing, Ints
from digest.matcher.keys import Filter, Lexicon
from digest.query import Exact, Fuzzy, Near, Phrase, Prefix, Word
from digest.query.tree import Leaf
from digest.text.words import folded, singular

FIELD = {"": 0, "title": 1, "abstract": 2}
SINGULAR, FOLDED = "s", "f"

Pattern: TypeAlias = Prefix | Fuzzy | Exact | Near


class Sequences:
    """The terms of one length: ``words`` has the terms of their words, ``glued`` which neighbours may be one."""

    def __init__(self, length: int, *tables: Growing) -> None:
        new = (Growing(length, np.int32), Growing(length - 1, np.bool_), Growing(1, np.int32))
        self.words, self.glued, self.terms = tables or new


class Vocabulary:
    """The words of one spelling that queries look for, each with its term."""

    def __init__(self) -> None:
        self._terms: dict[str, int] = {}
        self._lexicon = Lexicon.made_of([])

    def get(self, word: str) -> int | None:
        """Return the term of a word, ``None`` where no query asked for it."""
        return self._terms.get(word)

    def add(self, word: str, term: int) -> None:
        """Give a new word its term."""
        self._terms[word] = term

    def __contains__(self, word: object) -> bool:
        return word in self._terms

    def __getitem__(self, word: str) -> int:
        return self._terms[word]

    def items(self) -> Iterable[tuple[str, int]]:
        """Return all words with their terms."""
        return self._terms.items()

    @property
    def lexicon(self) -> Lexicon:
        """The words, in the order they came."""
        if len(self._lexicon) < len(self._terms):
            self._lexicon = self._lexicon.and_more([*islice(self._terms, len(self._lexicon), None)])
        return self._lexicon

    def labels(self, lexicon: Lexicon) -> Ints:
        """Return the term of each word of a lexicon, -1 for those that nobody asks for."""
        terms = np.fromiter(self._terms.values(), np.int64, len(self._terms))
        result, found = np.full(len(lexicon), -1, np.int64), lexicon.find(self.lexicon.keys)
        result[found[found >= 0]] = terms[found >= 0]
        for word, number in lexicon.odd.items():
            result[number] = self._terms.get(word, -1)
        return result


class Terms:
    """All terms of all queries; numbers are never reused, and a term nobody wants any more only costs its place."""

    def __init__(self, statistics: Statistics) -> None:
        self.statistics = statistics
        self.words = {SINGULAR: Vocabulary(), FOLDED: Vocabulary()}
        self.sequences: dict[int, Sequences] = {}
        self.patterns: dict[Pattern, int] = {}
        self.facts: dict[Leaf, int] = {}
        self.idf = Growing(1, np.float64)
        self._long: dict[tuple[tuple[int, ...], tuple[bool, ...]], int] = {}

    def __len__(self) -> int:
        return self.idf.size

    def leaf(self, leaf: Leaf) -> int:
        """Return the number of a leaf, new or known."""
        if isinstance(leaf, Word):
            return 3 * self._of_words(leaf.text, SINGULAR) + FIELD[leaf.field]
        if isinstance(leaf, Phrase):
            return 3 * self._of_words(leaf.text, FOLDED) + FIELD[leaf.field]
        if isinstance(leaf, Prefix | Fuzzy | Exact | Near):
            return 3 * self._pattern(leaf) + FIELD[leaf.field]
        if leaf not in self.facts:
            self.facts[leaf] = self._new(0.0)
        return 3 * self.facts[leaf]

    def may_be_asked(self) -> Filter:
        """Return what tells of a word's key whether queries may ask for it, in either spelling."""
        return Filter(*(vocabulary.lexicon.keys for vocabulary in self.words.values()))

    def weigh(self, statistics: Statistics) -> None:
        """Give every term the weight that other statistics give its words."""
        self.statistics = statistics
        idf, word_of = self.idf.rows[:, 0], dict[int, str]()
        for mode, vocabulary in self.words.items():
            for word, number in vocabulary.items():
                word_of[number] = _weighed_as(word, mode)
                idf[number] = statistics.idf((word_of[number],))
        for rows in self.sequences.values():
            for term, numbers in zip(rows.terms.rows[:, 0].tolist(), rows.words.rows.tolist(), strict=True):
                idf[term] = statistics.idf(tuple(word_of[number] for number in numbers))
        for leaf, number in self.patterns.items():
            idf[number] = statistics.idf(asked(leaf.text).singular())

    def _of_words(self, text: str, mode: str) -> int:
        if text.isascii() and text.isalnum():
            return self._word(mode, singular(text.lower()) if mode == SINGULAR else text.lower())
        reading = asked(text)
        if len(reading) == 1:
            word = folded(text)
            return self._word(mode, singular(word) if mode == SINGULAR else word)
        words = reading.singular() if mode == SINGULAR else reading.folded()
        key = (tuple(self._word(mode, word) for word in words), reading.glued[:-1])
        if key not in self._long:
            self._long[key] = self._sequence(key, self.statistics.idf(reading.singular()))
        return self._long[key]

    def take(self, rows: Sequences) -> None:
        """Take all terms of one length, their words being known."""
        self.sequences[rows.words.rows.shape[1]] = rows
        keys = zip(map(tuple, rows.words.rows.tolist()), map(tuple, rows.glued.rows.tolist()), strict=True)
        self._long.update(zip(keys, rows.terms.rows[:, 0].tolist(), strict=True))

    def _word(self, mode: str, word: str) -> int:
        number = self.words[mode].get(word)
        if number is None:
            number = self._new(self.statistics.idf((_weighed_as(word, mode),)))
            self.words[mode].add(word, number)
        return number

    def _sequence(self, key: tuple[tuple[int, ...], tuple[bool, ...]], idf: float) -> int:
        rows = self.sequences.setdefault(len(key[0]), Sequences(len(key[0])))
        term = self._new(idf)
        rows.words.append(*key[0])
        rows.glued.append(*key[1])
        rows.terms.append(term)
        return term

    def _pattern(self, leaf: Pattern) -> int:
        bare = _without_field(leaf)
        if bare not in self.patterns:
            self.patterns[bare] = self._new(self.statistics.idf(asked(leaf.text).singular()))
        return self.patterns[bare]

    def _new(self, idf: float) -> int:
        return self.idf.append(idf)


def _weighed_as(word: str, mode: str) -> str:
    """Return the word that statistics know a word of a mode by."""
    return word if mode == SINGULAR else singular(word)


def _without_field(leaf: Pattern) -> Pattern:
    if isinstance(leaf, Prefix):
        return Prefix(leaf.text)
    if isinstance(leaf, Fuzzy):
        return Fuzzy(leaf.text, leaf.slips)
    return Exact(leaf.text) if isinstance(leaf, Exact) else Near(leaf.text, leaf.distance)
