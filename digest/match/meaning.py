"""What texts mean, as far as a model can tell: the seam behind ``like:``.

A meaning is a vector of whole numbers, as long as ``SCALE`` (but for rounding). Products and sums of such numbers are
exact in 64-bit floats, so a likeness does not depend on who computes it, nor in which order.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from digest.errors import QueryError
from digest.match import scoring
from digest.model import Paper
from digest.query import Like, to_text

Vectors: TypeAlias = NDArray[np.float64]
"""Whole numbers: one text's, or one text a row."""

SCALE = 4096.0
"""The length of a meaning's vector."""

WEIGHT = 10.0
"""The score of a perfect likeness: as much as one or two rare words."""


class Meanings(Protocol):
    """A model of meanings; the same text always has the same vector."""

    def asked(self, leaf: Like) -> Vectors:
        """Return the vector of what is asked for; raises ``QueryError`` where there is none."""

    def of(self, papers: Sequence[Paper]) -> Vectors:
        """Return the vectors of papers, one a row."""


class NoMeanings:
    """An installation that finds words only."""

    def asked(self, leaf: Like) -> Vectors:
        """Raise ``QueryError`` with the way out."""
        raise refused(leaf, "needs the extra that knows meanings: pip install 'preprint-digest[semantic]'")

    def of(self, papers: Sequence[Paper]) -> Vectors:
        """Never reached: without an ``asked`` there is nothing to compare with."""
        raise NotImplementedError


NO_MEANINGS = NoMeanings()


def refused(leaf: Like, why: str) -> QueryError:
    """Return the error that says why a ``like:`` cannot be answered."""
    return QueryError(f"like: {why}", query=to_text(leaf), column=0, length=len("like:"))


def units(leaf: Like, asked: Vectors, papers: Vectors) -> Vectors:
    """Return the score, in hundredths, of each paper (a row) for a ``like:``; 0 where it is less alike than wanted.

    The cosine of the two vectors (G. Salton, A. Wong, C. S. Yang, "A vector space model for automatic indexing", 1975).
    """
    product = papers @ asked
    wanted = product * 100 >= leaf.percent * SCALE * SCALE
    alike: Vectors = (scoring.UNITS * WEIGHT * product / (SCALE * SCALE) + 0.5) // 1
    return alike * wanted
