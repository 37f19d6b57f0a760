"""What ``like:`` asks for, on a block of papers: vectors of all leaves times vectors of all papers, some at a time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from digest.match import meaning
from digest.match.meaning import Meanings
from digest.matcher.arrays import Int32s, Ints
from digest.matcher.wanted import Wanted
from digest.model import Paper
from digest.query import Like


def cells(papers: list[Paper], wanted: Wanted, meanings: Meanings) -> Iterator[tuple[Ints, Ints, Int32s]]:
    """Yield (leaf, paper, score in hundredths) wherever a paper is like what a query asks for."""
    asked = [
        (leaf, term) for leaf, term in wanted.terms.facts.items() if isinstance(leaf, Like) and wanted.anywhere[term]
    ]
    if not asked:
        return
    of_papers = meanings.of(papers)
    for leaf, term in asked:
        units = meaning.units(leaf, meanings.asked(leaf), of_papers)
        where = np.flatnonzero(units)
        yield np.full(len(where), 3 * term, np.int64), where, units[where].astype(np.int32)
