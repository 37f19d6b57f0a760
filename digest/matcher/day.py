"""A block of papers as arrays of words: read once, whatever the number of queries.

A *token* is one word at one place; tokens are numbered through the block, title before abstract, paper after paper. A
*section* is one field of one paper: ``2 · paper`` is its title, ``2 · paper + 1`` its abstract. An *edge* is a term of
the queries that stands at a token: its word alone, or the two words from there on that may be read as one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import compress
from typing import Protocol

import numpy as np

from digest.matcher import keys, reading
from digest.matcher.arrays import Bools, Ints, pair_keys, places
from digest.matcher.keys import Filter, Lexicon
from digest.matcher.terms import FOLDED, SINGULAR, Terms, Vocabulary
from digest.text import words


class Spelling(Lexicon):
    """The block's distinct words in one spelling, and the number of each token's.

    A word may stand nowhere: the singular spelling has the plurals of the folded one, too.
    """

    def __init__(self, lexicon: Lexicon, of: Ints) -> None:
        super().__init__(lexicon.keys, lexicon.odd)
        self.of = of

    def marked(self, marks: Bools) -> Bools:
        """Return for each token what ``marks`` says of its word."""
        return marks[self.of] if len(self.of) else np.zeros(0, bool)


class HasText(Protocol):
    """A paper, as far as its words go."""

    @property
    def title(self) -> str:
        """The title."""

    @property
    def abstract(self) -> str:
        """The abstract."""


class Day:
    """The words of up to a block of papers."""

    def __init__(self, papers: Sequence[HasText]) -> None:
        self.papers = papers
        self.read = reading.read([text for paper in papers for text in (paper.title, paper.abstract)])
        self.lengths: Ints = self.read.counts
        self.section: Ints = np.repeat(np.arange(len(self.lengths), dtype=np.int64), self.lengths)
        self.folded = _folded(self.read)
        """The words as quoted words are compared."""

    def __len__(self) -> int:
        return len(self.section)

    @cached_property
    def singular(self) -> Spelling:
        """The words as unquoted words are compared."""
        some = np.concatenate([np.flatnonzero(self.folded.keys.last_bytes() == ord("s")), [*self.folded.odd.values()]])
        some = some.astype(np.int64)
        bare = [words.singular(word) for word in self.folded.texts(some)]
        more = list(dict.fromkeys(compress(bare, self.folded.numbers(bare) < 0)))
        lexicon = self.folded.and_more(more)
        coarser = np.arange(len(lexicon))
        coarser[some] = lexicon.numbers(bare)
        return Spelling(lexicon, coarser[self.folded.of])

    @cached_property
    def known(self) -> Filter:
        """Tells of a word's key whether the block may have it, in either spelling."""
        return Filter(self.singular.keys)

    @cached_property
    def together(self) -> Bools:
        """Whether a token and the next one stand in one section."""
        same = np.zeros(len(self.section), bool)
        same[:-1] = self.section[:-1] == self.section[1:]
        return same

    @cached_property
    def glued(self) -> Bools:
        """Whether a token and the next one may be read as one word; the same as ``words.glues``."""
        glued = self.together.copy()
        if not len(self):
            return glued
        whole, first, last = self._ends()
        glued[:-1] &= whole[:-1] & whole[1:] & ~(last[:-1] & first[1:])
        small = np.zeros(len(self.folded) + 1, bool)  # the last one is for -1
        small[self.folded.numbers(list(words.FUNCTION_WORDS))] = True
        small[-1] = False
        small = self.folded.marked(small)
        white, hyphen = self.read.gaps()
        glued[:-1] &= hyphen | (white & ~small[:-1] & ~small[1:])
        return glued

    def _ends(self) -> tuple[Bools, Bools, Bools]:
        """Return whether a token can be part of a longer word, and whether it begins and ends with a digit."""
        first, last = self.read.begins_with_digit(), self.read.ends_with_digit()
        whole = np.ones(len(self), bool)
        for token in self.read.odd.tolist():
            surface = self.read.surface(token)
            whole[token] = words.is_whole(surface)
            first[token], last[token] = surface[0].isdigit(), surface[-1].isdigit()
        return whole, first, last


def _folded(read: reading.Words) -> Spelling:
    """Return the folded words: those of plain tokens by their bytes, those of odd ones by the definition."""
    plain = np.ones(len(read), bool)
    plain[read.odd] = False
    tokens = np.flatnonzero(plain)
    starts, sizes = read.starts[tokens], (read.ends - read.starts)[tokens]
    plain_keys = keys.of_bytes(read.data, starts, sizes)
    number, values = keys.numbered(plain_keys)
    lexicon = Lexicon(plain_keys.take(values), {})
    of = np.empty(len(read), np.int64)
    of[tokens] = number
    odd = [words.folded(read.surface(token)) for token in read.odd.tolist()]
    lexicon = lexicon.and_more(list(dict.fromkeys(compress(odd, lexicon.numbers(odd) < 0))))
    of[read.odd] = lexicon.numbers(odd)
    return Spelling(lexicon, of)


@dataclass(frozen=True, slots=True)
class Edges:
    """Terms that stand at tokens: at ``token`` begins ``label``, and the next word is at ``token + length``."""

    token: Ints
    label: Ints
    length: Ints


def edges(day: Day, labels: Mapping[str, Ints], terms: Terms) -> Edges:
    """Return where the words of all queries stand, alone or read out of two, from what each token is in each mode."""
    parts = []
    for spelling, mode in ((day.singular, SINGULAR), (day.folded, FOLDED)):
        label = labels[mode]
        token = np.flatnonzero(label >= 0)
        parts += [(token, label[token], 1), (*_compounds(day, spelling, terms.words[mode]), 2)]
    return Edges(
        np.concatenate([token for token, _, _ in parts]),
        np.concatenate([label for _, label, _ in parts]),
        np.concatenate([np.full(len(token), length, np.int64) for token, _, length in parts]),
    )


def _compounds(day: Day, spelling: Spelling, asked: Vocabulary) -> tuple[Ints, Ints]:
    """Return the tokens that, read as one with the next, are a word of the queries, and that word's term.

    The words of the queries are cut in two, not the day's put together: there are fewer of them.
    """
    cuts = keys.cuts(asked.lexicon, day.known)
    left, right = (spelling.numbers([half[side] for half in cuts]) for side in (0, 1))
    both = (left >= 0) & (right >= 0)
    if not both.any():
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    pairs = pair_keys(left[both], right[both])
    order = np.argsort(pairs)
    terms = np.array([asked["".join(halves)] for halves in compress(cuts, both)], np.int64)
    token = np.flatnonzero(day.glued)
    found, at = places(pair_keys(spelling.of[token], spelling.of[token + 1]), pairs[order])
    return token[found], terms[order][at[found]]
