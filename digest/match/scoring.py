r"""How well a paper answers a query: BM25F, summed over the wanted leaves that matched.

For one leaf that stands ``t`` times in the title and ``a`` times in the abstract::

    frequency = Σ  weight_f · count_f / (1 - b_f + b_f · length_f / average_f)          f = title, abstract
    score     = idf · frequency · (K1 + 1) / (K1 + frequency)

(S. Robertson, H. Zaragoza, M. Taylor, "Simple BM25 extension to multiple weighted fields", CIKM 2004; the idf is
``ln(1 + (N - n + 0.5) / (n + 0.5))`` of S. Robertson, H. Zaragoza, "The Probabilistic Relevance Framework", 2009,
floored as Lucene does, and divided by that of a word that stands nowhere.) So a rare word weighs 1 and a common one
less, and scores stay about as large whatever the collection. The idf of a phrase is the sum over its words, so a phrase
weighs more than a word. Two words side by side in the query that stand side by side in the paper add ``BESIDE`` of what
they would as a phrase (ordered pairs: D. Metzler, W. B. Croft, "A Markov random field model for term dependencies",
SIGIR 2005). An author's name counts as one title word; filters count nothing. Scores are whole hundredths, so that no
sum depends on its order.

Without statistics of a collection every word has the idf 1, as if all were rare.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from digest.model import Paper
from digest.text.words import folded, singular, surfaces

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

K1 = 1.2
TITLE_WEIGHT, ABSTRACT_WEIGHT = 2.5, 1.0
TITLE_B, ABSTRACT_B = 0.4, 0.6
MOST_IDF = 100.0
BESIDE = 0.3
UNITS = 100
"""Hundredths: a score of 1.0 is 100 units."""

_Number = TypeVar("_Number", float, "NDArray[np.float64]")


@dataclass(frozen=True, slots=True)
class Statistics:
    """What a collection says of its words: how many papers there are, and in how many each singular word stands.

    ``title_length`` and ``abstract_length`` are average numbers of words.
    """

    papers: int = 0
    frequency: Mapping[str, int] = field(default_factory=dict)
    title_length: float = 10.0
    abstract_length: float = 180.0

    def idf(self, words: tuple[str, ...]) -> float:
        """Return the summed inverse document frequency of singular words, at most ``MOST_IDF``."""
        if not self.papers:
            return min(MOST_IDF, float(len(words)))
        return min(MOST_IDF, math.fsum(self._idf(word) for word in words))

    def _idf(self, word: str) -> float:
        n = min(self.frequency.get(word, 0), self.papers)
        return math.log(1 + (self.papers - n + 0.5) / (n + 0.5)) / math.log(1 + (self.papers + 0.5) / 0.5)


NO_STATISTICS = Statistics()


def collected(papers: Iterable[Paper]) -> Statistics:
    """Return the statistics of some papers: in how many each singular word stands, and how long the fields are."""
    frequency: Counter[str] = Counter()
    count = title = abstract = 0
    for paper in papers:
        in_title, in_abstract = list(surfaces(paper.title)), list(surfaces(paper.abstract))
        frequency.update({singular(folded(word)) for word in in_title + in_abstract})
        count, title, abstract = count + 1, title + len(in_title), abstract + len(in_abstract)
    if not count:
        return NO_STATISTICS
    return Statistics(count, dict(frequency), max(1.0, title / count), max(1.0, abstract / count))


def field_frequency(
    title: _Number, abstract: _Number, title_length: _Number, abstract_length: _Number, of: Statistics
) -> _Number:
    """Return the weighted frequency of a leaf from its counts in the two fields and the fields' lengths in words."""
    by_title = TITLE_WEIGHT * title / (1 - TITLE_B + TITLE_B * title_length / of.title_length)
    by_abstract = ABSTRACT_WEIGHT * abstract / (1 - ABSTRACT_B + ABSTRACT_B * abstract_length / of.abstract_length)
    return by_title + by_abstract


def units(idf: _Number, frequency: _Number) -> _Number:
    """Return the saturated score of a leaf in whole hundredths.

    Written with operators alone, so that it takes arrays as well as numbers and rounds both alike.
    """
    return (UNITS * (idf * (frequency * (K1 + 1) / (K1 + frequency))) + 0.5) // 1
