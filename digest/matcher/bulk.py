"""``BulkMatcher``: all saved queries, grouped by shape, against blocks of papers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from hashlib import blake2b

import numpy as np

from digest.match import NO_STATISTICS, Page, Statistics, match
from digest.match.meaning import NO_MEANINGS, Meanings
from digest.matcher.arrays import Ints
from digest.matcher.beside import Beside
from digest.matcher.evaluate import evaluate
from digest.matcher.hits import Block, Hits
from digest.matcher.rows import Rows
from digest.matcher.shapes import Group, Shape, compiled
from digest.matcher.terms import Terms
from digest.matcher.wanted import Wanted
from digest.model import Hit, Paper
from digest.query import Like, Query, parse
from digest.query import leaves as tree_leaves

PAPERS_AT_ONCE = 1024
TREES_KEPT = 8192
"""Queries kept as trees, a few KB each: popular ones are asked about once for every reader and paper."""
_ROW_BITS = 32  # a place is the number of a group and a row in it
_ROW = (1 << _ROW_BITS) - 1


class BulkMatcher:
    """All saved queries; see ``ports.Matcher``. ``saving`` makes one a file's content and back.

    ``statistics`` weigh rare words above common ones; ``weigh`` exchanges them. ``meanings`` answer ``like:``.
    """

    def __init__(self, statistics: Statistics = NO_STATISTICS, meanings: Meanings = NO_MEANINGS) -> None:
        self._meanings = meanings
        self.terms = Terms(statistics)
        self.groups: list[Group] = []
        self._group_of: dict[Shape, int] = {}
        self._places: dict[int, int] = {}
        self._pages: dict[int, Page] = {}
        self.changes = 0
        """How often a subscription was added, changed or dropped."""

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, subscription_id: object) -> bool:
        return subscription_id in self._places

    def put(self, subscription_id: int, query: str) -> None:
        """Add a subscription's query or change it; raises ``QueryError``. Costs the size of the query."""
        mark = marked(query)
        if self._mark(subscription_id) == mark:
            return
        tree = parse(query)
        if "like" in query.casefold():  # hardly any; and whoever is asked for and unknown must be said now
            _ = [self._meanings.asked(leaf) for leaf, _ in tree_leaves(tree) if isinstance(leaf, Like)]
        shape, leaves = compiled(tree, self.terms)
        changes = self.changes
        self.drop(subscription_id)
        group = self.group(shape)
        self._places[subscription_id] = self._group_of[shape] << _ROW_BITS | group.add(subscription_id, mark, leaves)
        self.changes = changes + 1

    def _mark(self, subscription_id: int) -> int | None:
        place = self._places.get(subscription_id)
        if place is None:
            return None
        return int(self.groups[place >> _ROW_BITS].owners.rows[place & _ROW, 1])

    def group(self, shape: Shape) -> Group:
        """Return the group of a shape, new or known."""
        number = self._group_of.setdefault(shape, len(self.groups))
        if number == len(self.groups):
            self.groups.append(Group(shape))
        return self.groups[number]

    def drop(self, subscription_id: int) -> None:
        """Forget a subscription; unknown ids are fine."""
        if subscription_id not in self._places:
            return
        place = self._places.pop(subscription_id)
        group = self.groups[place >> _ROW_BITS]
        moved = group.remove(place & _ROW)
        if moved is not None:
            self._places[moved] = place
        self.changes += 1

    def keep_only(self, subscription_ids: Collection[int]) -> None:
        """Forget all other subscriptions."""
        for gone in self._places.keys() - subscription_ids:
            self.drop(gone)

    def find_places(self) -> None:
        """Note where each subscription stands, after the groups were filled."""
        for number, group in enumerate(self.groups):
            start = number << _ROW_BITS
            self._places.update(zip(group.owners.rows[:, 0].tolist(), range(start, start + len(group)), strict=True))

    def forget(self, terms: Iterable[int]) -> None:
        """Forget the subscriptions that want any of these facts."""
        leaves = np.array([3 * term for term in terms], np.int32)
        for group in self.groups:
            wanting = np.isin(group.leaves.rows, leaves).any(axis=1) if len(leaves) else np.zeros(0, bool)
            for owner in group.owners.rows[np.flatnonzero(wanting), 0].tolist():
                self.drop(owner)

    def weigh(self, statistics: Statistics) -> None:
        """Score by other statistics from now on."""
        if statistics is not self.terms.statistics:
            self.terms.weigh(statistics)

    def match(self, papers: Sequence[Paper], among: Collection[int] | None = None) -> Hits:
        """Return the hits of every subscription that has any, or of those ``among``, in the order of ``papers``."""
        groups = [group for group in self.groups if len(group)] if among is None else self._some(among)
        wanted = Wanted(self.terms, groups)
        first = np.cumsum([0, *map(len, groups)])
        found: list[Block] = []
        for start in range(0, len(papers), PAPERS_AT_ONCE):
            some = list(papers[start : start + PAPERS_AT_ONCE])
            found += self._block(groups, wanted, first, some, start)
        owners = np.concatenate([group.owners.rows[:, 0] for group in groups] or [np.zeros(0, np.int64)])
        return Hits(owners, found)

    def _some(self, among: Collection[int]) -> list[Group]:
        """Return the groups with the queries of these subscriptions alone."""
        places = np.array([self._places[number] for number in among if number in self._places], np.int64)
        numbers, rows = places >> _ROW_BITS, places & _ROW
        return [self.groups[number].some(rows[numbers == number]) for number in np.unique(numbers).tolist()]

    def _block(
        self, groups: list[Group], wanted: Wanted, first: Ints, papers: list[Paper], start: int
    ) -> Iterator[Block]:
        rows = Rows(papers, wanted, self._meanings)
        beside = Beside(rows, groups)
        for group, offset in zip(groups, first.tolist(), strict=False):
            for block in evaluate(group, rows, beside):
                yield replace(block, query=block.query + offset, start=start)

    def explain(self, query: str, paper: Paper) -> Hit | None:
        """Return why ``query`` matches ``paper`` (score, terms, spans), or ``None`` where it does not."""
        return match(_tree(query), self._page(paper), self.terms.statistics)

    def _page(self, paper: Paper) -> Page:
        """Return a paper opened for matching; of one day's papers most are asked for by many readers."""
        known = self._pages.get(paper.id)
        if known is None or (known.paper is not paper and known.paper != paper):
            if len(self._pages) >= PAPERS_AT_ONCE:
                self._pages = {}  # another thread may still read from the old ones
            known = self._pages[paper.id] = Page(paper, self._meanings)
        return known


@lru_cache(maxsize=TREES_KEPT)
def _tree(query: str) -> Query:
    return parse(query)


def marked(query: str) -> int:
    """Return 63 bits that tell a query from any other."""
    return int.from_bytes(blake2b(query.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big") >> 1
