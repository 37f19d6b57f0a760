"""An invented model of meanings: a text means the letters its words begin with."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from digest.match.meaning import SCALE, Vectors, refused
from digest.model import Paper
from digest.query import Like


def vector(text: str) -> Vectors:
    """Return how often each of 16 kinds of first letters begins a word, in whole numbers and ``SCALE`` long."""
    counts = np.zeros(16)
    for word in text.split():
        counts[ord(word[0]) % 16] += 1
    length = float(np.sqrt((counts * counts).sum()))
    return np.rint(counts * (SCALE / length)) if length else counts


class FirstLetters:
    """``Meanings`` that knows every paper but those of an old style number."""

    def asked(self, leaf: Like) -> Vectors:
        """Return the vector of a text, or of the number itself for a paper."""
        if "hep-th" in leaf.key:
            raise refused(leaf, f"{leaf.key} has not been seen here")
        return vector(leaf.text or leaf.key)

    def of(self, papers: Sequence[Paper]) -> Vectors:
        """Return the vectors of papers."""
        return np.array([vector(f"{paper.title} {paper.abstract}") for paper in papers])
