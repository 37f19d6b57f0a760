"""The leaves that occur in a block of papers: for each a row of bits (which papers) and a row of scores.

Row 0 is empty: every leaf that does not occur has it. Scores are the hundredths of ``match.scoring``, computed by the
same functions from the same counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from digest.match import scoring
from digest.match.meaning import Meanings
from digest.matcher import alike
from digest.matcher.arrays import Bits, Floats, Int32s, Ints, Scores, changes, distinct, in_order, ranges
from digest.matcher.day import Day, edges
from digest.matcher.facts import cells
from digest.matcher.patterns import Patterns
from digest.matcher.sequences import joins, occurrences
from digest.matcher.terms import FOLDED, SINGULAR
from digest.matcher.wanted import Wanted
from digest.model import Paper


@dataclass(frozen=True, slots=True)
class Counts:
    """How often something stands in a paper: ``what``, ``paper``, and how often in title and abstract."""

    what: Ints
    paper: Ints
    title: Ints
    abstract: Ints


class Rows:
    """The leaves of all queries on one block of papers."""

    def __init__(self, papers: list[Paper], wanted: Wanted, meanings: Meanings) -> None:
        self.papers = papers
        self.meanings = meanings
        self.wanted = wanted
        self.terms = terms = wanted.terms
        self.width = -(-len(papers) // 64)
        self.day = Day(papers)
        self.labels = {
            mode: terms.words[mode].labels(spelling)[spelling.of]
            for mode, spelling in ((SINGULAR, self.day.singular), (FOLDED, self.day.folded))
        }
        self._edges = edges(self.day, self.labels, terms)
        self.joins = joins(self.day, terms)
        self._size = max(1, len(self.day))
        self._keys = distinct(self._all_occurrences())
        self._what = self._keys // self._size
        self.row_of: Int32s = np.zeros(3 * len(terms) + 3, np.int32)
        self._cells = self._occurring()

    def _all_occurrences(self) -> Ints:
        """Return what begins where, as ``what · size + token``: terms, and above them words written as one."""
        wanted = self.wanted.anywhere[self._edges.label]
        single = (self._edges.label[wanted], self._edges.token[wanted])
        several = occurrences(self.day, self.wanted, self._edges, self.joins)
        patterns = Patterns(self.day).occurrences(self.wanted)
        as_one = (self.joins.edges.label, self.joins.edges.token)
        return np.concatenate([what * self._size + token for what, token in (single, several, patterns, as_one)])

    def counted(self, what: Ints, token: Ints) -> Counts:
        """Return how often each thing begins in each paper's title and abstract; a place counts once."""
        return self._counted(distinct(what * self._size + token))

    def _counted(self, keys: Ints) -> Counts:
        """Count ordered keys ``what · size + token``: papers come in order too, so a cell is a run of keys."""
        what = keys // self._size
        section = self.day.section[keys - what * self._size] if len(keys) else keys
        cells = what * max(1, len(self.papers)) + (section >> 1)
        first = np.flatnonzero(changes(cells))
        times = np.diff(np.append(first, len(cells)))
        abstract = np.add.reduceat(section & 1, first) if len(first) else first
        return Counts(what[first], section[first] >> 1, times - abstract, abstract)

    def units(self, counts: Counts, idf: Floats, field: int) -> Int32s:
        """Return the scores of counted things in a field (0: both), for the idf of each."""
        statistics = self.terms.statistics
        lengths = self.day.lengths.reshape(-1, 2)[counts.paper].astype(np.float64)
        title = counts.title.astype(np.float64) if field != 2 else np.zeros(len(counts.what))
        abstract = counts.abstract.astype(np.float64) if field != 1 else np.zeros(len(counts.what))
        frequency = scoring.field_frequency(title, abstract, lengths[:, 0], lengths[:, 1], statistics)
        units: Int32s = scoring.units(idf, frequency).astype(np.int32)
        return units

    def _occurring(self) -> tuple[Ints, Ints, Int32s]:
        """Give every leaf that occurs and is wanted a row; return (row, paper, score)."""
        parts = [
            *self._text_leaves(),
            cells(self.papers, self.wanted),
            *alike.cells(self.papers, self.wanted, self.meanings),
        ]
        leaf, paper = (np.concatenate([part[column] for part in parts]) for column in (0, 1))
        occurs = np.zeros(len(self.row_of), bool)
        occurs[leaf] = True
        occurring = np.flatnonzero(occurs)
        self.row_of[occurring] = np.arange(1, len(occurring) + 1)
        return self.row_of[leaf].astype(np.int64), paper, np.concatenate([part[2] for part in parts])

    @property
    def count(self) -> int:
        """Return how many rows there are, the empty one included."""
        return int(self.row_of.max(initial=0)) + 1

    def tables(self, more: int) -> tuple[Bits, Scores]:
        """Return the bits and the scores of all rows, with empty rows for ``more`` behind them."""
        bits = np.zeros((self.count + more, self.width), np.uint64)
        scores = np.zeros((self.count + more, len(self.papers)), np.uint16)
        self.write(bits, scores, *self._cells)
        return bits, scores

    def write(self, bits: Bits, scores: Scores, row: Ints, paper: Ints, units: Int32s) -> None:
        """Set the bits and scores of (row, paper), each of which comes once."""
        scores[row, paper] = units
        cell = in_order(row * (64 * self.width) + paper)
        word = cell >> 6
        first = np.flatnonzero(changes(word))
        if len(first):
            ones = np.left_shift(np.uint64(1), (cell & 63).astype(np.uint64))
            bits.reshape(-1)[word[first]] = np.bitwise_or.reduceat(ones, first)

    def _text_leaves(self) -> Iterator[tuple[Ints, Ints, Int32s]]:
        terms = self.terms
        counts = self._counted(self._keys[: np.searchsorted(self._what, len(terms))])
        for field, there in ((0, None), (1, counts.title), (2, counts.abstract)):
            wanted = self.wanted.leaves[counts.what, field]
            if there is not None:
                wanted &= there > 0
            some = Counts(*(column[wanted] for column in (counts.what, counts.paper, counts.title, counts.abstract)))
            yield 3 * some.what + field, some.paper, self.units(some, terms.idf.rows[some.what, 0], field)

    def of(self, *what: int) -> tuple[Ints, Ints]:
        """Return (0, token) for all places of terms and of words that were written as one."""
        asked = np.array(what, np.int64)
        low, high = np.searchsorted(self._what, asked), np.searchsorted(self._what, asked, side="right")
        tokens = self._keys[ranges(low, high)] % self._size
        return np.zeros(len(tokens), np.int64), tokens
