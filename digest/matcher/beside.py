"""Words that stand side by side in a query: ``pre training`` finds "pretraining", and neighbours score a little more.

Which pairs of query words a block of papers writes as one word, or side by side, is known from the block; only queries
that have such a pair are touched.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from digest.match import scoring
from digest.matcher.arrays import Bits, Bools, Int32s, Ints, Scores, distinct, pair_keys, ranges
from digest.matcher.rows import Rows
from digest.matcher.shapes import Group, pairs_of
from digest.matcher.terms import SINGULAR

_HASH_BITS = 22


class Beside:
    """The rows of a block, with those added that words side by side in a query need."""

    def __init__(self, rows: Rows, groups: Sequence[Group]) -> None:
        self._rows = rows
        self._left, self._right = rows.joins.marks(len(rows.terms) + 1)
        self.everything = _everything(len(rows.papers), rows.width)
        self._row_of_exchange: dict[tuple[int, tuple[int, ...]], int] = {}
        self._exchanges: dict[int, list[tuple[int, int, int]]] = {}
        self._plan_exchanges(groups)
        self.bits, self.scores = rows.tables(len(self._row_of_exchange))
        self._fill_exchanges()
        self._neighbours = _Neighbours(rows)
        self._bonus_rows: dict[tuple[int, tuple[int, int]], Int32s] = {}
        self.bonus: Scores = np.zeros((1, len(rows.papers)), np.uint16)
        self._plan_bonus(groups)

    def exchange(self, group: Group, leaves: Int32s) -> None:
        """Put the rows that know of words written as one into a group's table of rows."""
        for query, slot, row in self._exchanges.get(id(group), ()):
            leaves[query, slot] = row

    def rows(self, group: Group, pair: tuple[int, int], some: Ints) -> Int32s | None:
        """Return the row of ``bonus`` for the pair in each of some queries, or None where no query has one."""
        found = self._bonus_rows.get((id(group), pair))
        return None if found is None else found[some]

    def _plan_exchanges(self, groups: Sequence[Group]) -> None:
        if not self._rows.joins.label:
            return
        for group in groups:
            labels: dict[tuple[int, int], list[int]] = {}
            for pair in pairs_of(group.shape):
                for query, label in self._joined(group, pair):
                    for slot in pair:
                        labels.setdefault((query, slot), []).append(label)
            leaves = group.leaves.rows
            self._exchanges[id(group)] = [
                (query, slot, self._exchanged(int(leaves[query, slot]), tuple(sorted(set(found)))))
                for (query, slot), found in labels.items()
            ]

    def _joined(self, group: Group, pair: tuple[int, int]) -> Iterator[tuple[int, int]]:
        """Yield the queries whose words at the two slots are written as one today, with the label of that word."""
        left, right = (group.leaves.rows[:, slot] // 3 for slot in pair)
        for query in np.flatnonzero(self._left[left] & self._right[right]).tolist():
            label = self._rows.joins.label.get((int(left[query]), int(right[query])))
            if label is not None:
                yield query, label

    def _exchanged(self, leaf: int, labels: tuple[int, ...]) -> int:
        """Return the number of the row for a leaf that is also true where the words of these labels stand."""
        return self._row_of_exchange.setdefault((leaf, labels), self._rows.count + len(self._row_of_exchange))

    def _fill_exchanges(self) -> None:
        for (leaf, labels), number in self._row_of_exchange.items():
            term, field = leaf // 3, leaf % 3
            counts = self._rows.counted(*self._rows.of(term, *labels))
            there = (counts.title > 0) & (field != 2) | (counts.abstract > 0) & (field != 1)
            idf = np.full(len(counts.what), self._rows.terms.idf.rows[term, 0])
            row = np.full(int(there.sum()), number)
            units = self._rows.units(counts, idf, field)[there]
            self._rows.write(self.bits, self.scores, row, counts.paper[there], units)

    def _plan_bonus(self, groups: Sequence[Group]) -> None:
        """Find the pairs of neighbours in queries that are neighbours in a paper, and make a row of scores for each."""
        keys: dict[tuple[int, tuple[int, int]], tuple[Ints, Ints]] = {}
        for group in groups:
            leaves = group.leaves.rows
            for pair in pairs_of(group.shape):
                left, right = leaves[:, pair[0]], leaves[:, pair[1]]
                some = self._neighbours.maybe(left // 3, right // 3)
                keys[id(group), pair] = some, pair_keys(left[some], right[some])
        wanted = distinct(np.concatenate([found for _, found in keys.values()] or [np.zeros(0, np.int64)]))
        there, self.bonus = self._neighbours.scored(wanted)
        for (number, pair), (some, found) in keys.items():
            if len(some):
                group_size = int(some[-1]) + 1
                self._remember((number, pair), some, there[np.searchsorted(wanted, found)], group_size, groups)

    def _remember(
        self, key: tuple[int, tuple[int, int]], some: Ints, rows: Int32s, size: int, groups: Sequence[Group]
    ) -> None:
        whole = next(len(group) for group in groups if id(group) == key[0])
        table = np.zeros(max(size, whole), np.int32)
        table[some] = rows
        self._bonus_rows[key] = table


class _Neighbours:
    """Pairs of query words (singular) that stand side by side in a paper of the block."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        day = rows.day
        label = rows.labels[SINGULAR]
        both = day.together.copy()
        both[:-1] &= (label[:-1] >= 0) & (label[1:] >= 0)
        token = np.flatnonzero(both)
        self._token, self._left, self._right = token, label[token], label[token + 1]
        self._hashed = _hashes(self._left, self._right)

    def maybe(self, left: Int32s, right: Int32s) -> Ints:
        """Return the places where two terms may be neighbours; few others are among them."""
        return np.flatnonzero(self._hashed[_hash(left, right)])

    def scored(self, wanted: Ints) -> tuple[Int32s, Scores]:
        """Return for each pair of leaves its row of scores (0: nowhere side by side), and the rows."""
        left, right = wanted >> 32, wanted & 0xFFFFFFFF
        keys, field = pair_keys(left // 3, right // 3), left % 3
        pairs, token = self._sorted(left // 3, right // 3)
        low, high = np.searchsorted(pairs, keys), np.searchsorted(pairs, keys, side="right")
        counts = self._rows.counted(np.repeat(np.arange(len(wanted)), high - low), token[ranges(low, high)])
        row = np.zeros(len(wanted), np.int32)
        row[high > low] = np.arange(1, int((high > low).sum()) + 1)
        scores = np.zeros((int(row.max(initial=0)) + 1, len(self._rows.papers)), np.uint16)
        idf = self._rows.terms.idf.rows[:, 0]
        idf_of_pair = scoring.BESIDE * np.minimum(idf[left // 3] + idf[right // 3], scoring.MOST_IDF)
        for number in range(3):
            units = self._rows.units(counts, idf_of_pair[counts.what], number)
            there = (counts.title > 0) & (number != 2) | (counts.abstract > 0) & (number != 1)
            some = (field[counts.what] == number) & there
            scores[row[counts.what[some]], counts.paper[some]] = units[some]
        return row, scores

    def _sorted(self, left: Ints, right: Ints) -> tuple[Ints, Ints]:
        """Return the block's pairs in order with their tokens, those left out that are not among these."""
        some = np.flatnonzero(_hashes(left, right)[_hash(self._left, self._right)])
        keys = pair_keys(self._left[some], self._right[some])
        order = np.argsort(keys)
        return keys[order], self._token[some][order]


def _hashes(left: Ints, right: Ints) -> Bools:
    """Return a table of the hashes of these pairs."""
    hashed = np.zeros(1 << _HASH_BITS, bool)
    hashed[_hash(left, right)] = True
    return hashed


def _hash(left: Ints | Int32s, right: Ints | Int32s) -> Ints:
    mixed = left.astype(np.int64) * 2654435761 + right.astype(np.int64) * 40503
    return (mixed ^ (mixed >> 17)) & ((1 << _HASH_BITS) - 1)


def _everything(papers: int, width: int) -> Bits:
    there: Bools = np.zeros(64 * width, bool)
    there[:papers] = True
    return np.packbits(there, bitorder="little").view(np.uint64)
