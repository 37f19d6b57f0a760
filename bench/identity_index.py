"""An index in memory that finds the candidates the store finds: the replays' stand-in, and its check."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from digest.identity import plausible
from digest.model import News, Paper, Sighting, Verdict
from digest.text.sketch import sketch
from digest.text.titlekey import title_key

SIDE = 8
"""Neighbours looked at on each side."""
_END = 60


@lru_cache(maxsize=1 << 17)
def _features(title: str, abstract: str) -> tuple[str, bytes, tuple[str, ...]]:
    """Return the title key, the sketch, and the four texts by which neighbours stand in order."""
    key, glued = title_key(title), "".join(char for char in abstract.casefold() if char.isalnum())
    return key, sketch(abstract), (key, key[::-1], glued[:_END], glued[: -_END - 1 : -1])


class MemoryIndex:
    """``ports.PaperIndex`` in memory."""

    def __init__(self) -> None:
        self.papers: dict[int, Paper] = {}
        self.merged: dict[int, int] = {}
        self._of: dict[str, set[int]] = defaultdict(set)
        self._sorted: tuple[list[tuple[str, int]], ...] = ([], [], [], [])

    def candidates(self, sighting: Sighting) -> Sequence[Paper]:
        """Return the papers that share an id or the title key, and plausible alphabetical neighbours."""
        key, held, texts = _features(sighting.title, sighting.abstract)
        found = set(self._of[f"title:{key}"]).union(*(self._of[name] for name in sighting.keys))
        for number in {
            n for text, order in zip(texts, self._sorted, strict=True) for n in _around(order, text)
        } - found:
            paper = self.papers[number]
            if plausible(key, held, *_features(paper.title, paper.abstract)[:2]):
                found.add(number)
        return [self.papers[number] for number in sorted(found)]

    def record(self, sighting: Sighting, verdict: Verdict, paper: Paper, news: Sequence[News]) -> Paper:
        """Keep the paper, findable by what it says now and said before."""
        del sighting, news
        paper = paper if paper.id else replace(paper, id=len(self.papers) + 1)
        before = self.papers.get(paper.id)
        self.papers[paper.id] = paper
        for name in paper.keys:
            self._of[name].add(paper.id)
        if before is None or (before.title, before.abstract) != (paper.title, paper.abstract):
            key, _, texts = _features(paper.title, paper.abstract)
            self._of[f"title:{key}"].add(paper.id)
            for text, order in zip(texts, self._sorted, strict=True):
                if text:
                    insort(order, (text, paper.id))
        for other in verdict.joined:
            self.merged[self.root(other.id)] = self.root(paper.id)
        return paper

    def root(self, number: int) -> int:
        """Return the paper that a paper was merged into, or itself."""
        while number in self.merged and self.merged[number] != number:
            number = self.merged[number]
        return number


def _around(order: list[tuple[str, int]], text: str) -> Iterator[int]:
    if text:
        place = bisect_left(order, (text, 0))
        yield from (number for _, number in order[max(0, place - SIDE) : place + SIDE])
