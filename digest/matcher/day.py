"""A block of papers as arrays of words: read once, whatever the number of queries.

A *token* is one word at one place; tokens are numbered through the block, title before abstract, paper after paper. A
*section* is one field of one paper: ``2 · paper`` is its title, ``2 · paper + 1`` its abstract. An *edge* is a term of
the queries that stands at a token: its word alone, or the two words from there on that may be read as one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

import numpy as np

from digest.matcher.arrays import Bools, Ints, pair_keys, places
from digest.matcher.terms import FOLDED, SINGULAR, Terms
from digest.model import Paper
from digest.text import words

_SPLIT = re.compile(f"({words.WORD.pattern})")
_SPLIT_ASCII = re.compile(f"({words.ASCII_WORD.pattern})")
_APART, _SPACE, _HYPHEN = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Spelling:
    """The block's distinct words in one spelling, and the number of each token's."""

    words: list[str]
    of: Ints


class Day:
    """The words of up to a block of papers."""

    def __init__(self, papers: Sequence[Paper]) -> None:
        self.papers = papers
        found = [_split(text) for paper in papers for text in (paper.title, paper.abstract)]
        self.lengths: Ints = np.array([len(parts) // 2 for parts in found], np.int64)
        self.section: Ints = np.repeat(np.arange(len(found), dtype=np.int64), self.lengths)
        self.surface = _numbered(chain.from_iterable(parts[1::2] for parts in found))
        self._gap = self._gaps(found)

    @cached_property
    def folded(self) -> Spelling:
        """The words as quoted words are compared."""
        return _respelled(self.surface, [words.folded(word) for word in self.surface.words])

    @cached_property
    def singular(self) -> Spelling:
        """The words as unquoted words are compared."""
        return _respelled(self.folded, [words.singular(word) for word in self.folded.words])

    @cached_property
    def together(self) -> Bools:
        """Whether a token and the next one stand in one section."""
        same = np.zeros(len(self.section), bool)
        same[:-1] = self.section[:-1] == self.section[1:]
        return same

    @cached_property
    def glued(self) -> Bools:
        """Whether a token and the next one may be read as one word; the same as ``words.glues``."""
        return self._glued()

    def __len__(self) -> int:
        return len(self.section)

    def _gaps(self, found: list[list[str]]) -> Ints:
        gaps = _numbered(chain.from_iterable(parts[2::2] for parts in found))
        kinds = [_HYPHEN if words.is_hyphen(gap) else _SPACE if gap and gap.isspace() else _APART for gap in gaps.words]
        return np.array(kinds, np.int64)[gaps.of] if len(gaps.of) else gaps.of

    def _glued(self) -> Bools:
        of, distinct = self.surface.of, self.surface.words
        if not len(of):
            return np.zeros(0, bool)
        whole = np.array([words.is_whole(word) for word in distinct])[of]
        small = np.array([word in words.FUNCTION_WORDS for word in self.folded.words])[self.folded.of]
        first = np.array([word[0].isdigit() for word in distinct])[of]
        last = np.array([word[-1].isdigit() for word in distinct])[of]
        glued = self.together.copy()
        glued[:-1] &= whole[:-1] & whole[1:] & ~(last[:-1] & first[1:])
        by_space = (self._gap[:-1] == _SPACE) & ~small[:-1] & ~small[1:]
        glued[:-1] &= by_space | (self._gap[:-1] == _HYPHEN)
        return glued


@dataclass(frozen=True, slots=True)
class Edges:
    """Terms that stand at tokens: at ``token`` begins ``label``, and the next word is at ``token + length``."""

    token: Ints
    label: Ints
    length: Ints


def edges(day: Day, terms: Terms) -> Edges:
    """Return where the words of all queries stand, alone or read out of two."""
    parts = []
    for spelling, mode in ((day.singular, SINGULAR), (day.folded, FOLDED)):
        of_word = terms.labels(mode, spelling.words)
        label = of_word[spelling.of] if len(day) else spelling.of
        token = np.flatnonzero(label >= 0)
        parts += [(token, label[token], 1), (*_compounds(day, spelling, mode, terms), 2)]
    return Edges(
        np.concatenate([token for token, _, _ in parts]),
        np.concatenate([label for _, label, _ in parts]),
        np.concatenate([np.full(len(token), length, np.int64) for token, _, length in parts]),
    )


def _compounds(day: Day, spelling: Spelling, mode: str, terms: Terms) -> tuple[Ints, Ints]:
    """Return the tokens that, read as one with the next, are a word of the queries, and that word's term.

    The words of the queries are cut in two, not the day's put together: there are fewer of them.
    """
    number = {word: at for at, word in enumerate(spelling.words)}
    halves = [
        (number[word[:cut]] << 32 | number[word[cut:]], term)
        for word, term in terms.words[mode].items()
        for cut in range(1, len(word))
        if word[:cut] in number and word[cut:] in number
    ]
    keys, of_keys = (np.array(sorted(halves) or [(-1, -1)], np.int64)).T
    token = np.flatnonzero(day.glued)
    found, at = places(pair_keys(spelling.of[token], spelling.of[token + 1]), keys)
    return token[found], of_keys[at[found]]


def _split(text: str) -> list[str]:
    """Return what stands before the first word, the word, what follows it, the next word, and so on."""
    return (_SPLIT_ASCII if text.isascii() else _SPLIT).split(text)


class _Numbers(dict[str, int]):
    """Gives every new key the next number."""

    def __missing__(self, key: str) -> int:
        self[key] = number = len(self)
        return number


def _numbered(items: Iterable[str]) -> Spelling:
    numbers = _Numbers()
    of = np.fromiter(map(numbers.__getitem__, items), np.int64)
    return Spelling(list(numbers), of)


def _respelled(spelling: Spelling, respelled: list[str]) -> Spelling:
    coarser = _numbered(respelled)
    return Spelling(coarser.words, coarser.of[spelling.of] if len(spelling.of) else spelling.of)
