"""``BulkMatcher``: all saved queries, grouped by shape, against blocks of papers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from digest.match import NO_STATISTICS, Statistics, match
from digest.match.meaning import NO_MEANINGS, Meanings
from digest.matcher.arrays import Ints
from digest.matcher.beside import Beside
from digest.matcher.evaluate import evaluate
from digest.matcher.hits import Block, Hits
from digest.matcher.rows import Rows
from digest.matcher.shapes import Group, Shape, compiled
from digest.matcher.terms import Terms
from digest.model import Hit, Paper
from digest.query import Like, parse
from digest.query import leaves as tree_leaves

PAPERS_AT_ONCE = 1024
_ROW_BITS = 32  # a place is the number of a group and a row in it


class BulkMatcher:
    """All saved queries; see ``ports.Matcher``. May be pickled: a million queries are back in seconds.

    ``statistics`` weigh rare words above common ones; they are fixed for the life of the engine. ``meanings`` answer
    ``like:``.
    """

    def __init__(self, statistics: Statistics = NO_STATISTICS, meanings: Meanings = NO_MEANINGS) -> None:
        self._statistics = statistics
        self._meanings = meanings
        self._terms = Terms(statistics)
        self._groups: list[Group] = []
        self._group_of: dict[Shape, int] = {}
        self._places: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self._places)

    def put(self, subscription_id: int, query: str) -> None:
        """Add a subscription's query or change it; raises ``QueryError``. Costs the size of the query."""
        tree = parse(query)
        if "like" in query.casefold():  # hardly any; and whoever is asked for and unknown must be said now
            _ = [self._meanings.asked(leaf) for leaf, _ in tree_leaves(tree) if isinstance(leaf, Like)]
        shape, leaves = compiled(tree, self._terms)
        self.drop(subscription_id)
        number = self._group_of.setdefault(shape, len(self._groups))
        if number == len(self._groups):
            self._groups.append(Group(shape))
        self._places[subscription_id] = number << _ROW_BITS | self._groups[number].add(subscription_id, leaves)
        self._terms.use(leaves, 1)

    def drop(self, subscription_id: int) -> None:
        """Forget a subscription; unknown ids are fine."""
        if subscription_id not in self._places:
            return
        place = self._places.pop(subscription_id)
        number, row = place >> _ROW_BITS, place & ((1 << _ROW_BITS) - 1)
        group = self._groups[number]
        self._terms.use(group.leaves.rows[row].tolist(), -1)
        moved = group.remove(row)
        if moved is not None:
            self._places[moved] = place

    def match(self, papers: Sequence[Paper]) -> Hits:
        """Return the hits of every subscription that has any, in the order of ``papers``."""
        groups = [group for group in self._groups if len(group)]
        first = np.cumsum([0, *map(len, groups)])
        found: list[Block] = []
        for start in range(0, len(papers), PAPERS_AT_ONCE):
            some = list(papers[start : start + PAPERS_AT_ONCE])
            found += self._block(groups, first, some, start)
        owners = np.concatenate([group.owners.rows[:, 0] for group in groups] or [np.zeros(0, np.int64)])
        return Hits(owners, found)

    def _block(self, groups: list[Group], first: Ints, papers: list[Paper], start: int) -> Iterator[Block]:
        rows = Rows(papers, self._terms, self._meanings)
        beside = Beside(rows, groups)
        for group, offset in zip(groups, first.tolist(), strict=False):
            for block in evaluate(group, rows, beside):
                yield replace(block, query=block.query + offset, start=start)

    def explain(self, query: str, paper: Paper) -> Hit | None:
        """Return why ``query`` matches ``paper`` (score, terms, spans), or ``None`` where it does not."""
        return match(parse(query), paper, self._statistics, self._meanings)
