"""The statistics of a collection, a block of texts at a time; the same as ``match.collected`` finds paper by paper."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from digest.match import NO_STATISTICS, Statistics
from digest.matcher.arrays import distinct
from digest.matcher.day import Day

_AT_ONCE = 1024


@dataclass(frozen=True, slots=True)
class Texts:
    """What counts of a paper."""

    title: str
    abstract: str


def counted(texts: Sequence[Texts]) -> Statistics:
    """Return in how many papers each singular word stands, and how long titles and abstracts are on average."""
    if not texts:
        return NO_STATISTICS
    frequency: Counter[str] = Counter()
    lengths = np.zeros(2, np.int64)
    for start in range(0, len(texts), _AT_ONCE):
        day = Day(texts[start : start + _AT_ONCE])
        papers = len(day.lengths) // 2
        words = distinct(day.singular.of * papers + (day.section >> 1)) // papers
        times = np.bincount(words, minlength=len(day.singular))
        there = np.flatnonzero(times)
        frequency.update(dict(zip(day.singular.texts(there), times[there].tolist(), strict=True)))
        lengths += day.lengths.reshape(-1, 2).sum(axis=0)
    title, abstract = (max(1.0, length / len(texts)) for length in lengths.tolist())
    return Statistics(len(texts), dict(frequency), title, abstract)
