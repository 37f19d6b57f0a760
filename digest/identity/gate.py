"""Which papers are worth being judged: the cheap comparison before whole papers are loaded.

``plausible`` decides. An index keeps less of a paper than it asks for, so that it stays small; ``Gate`` compares what
is kept, and lets everything pass that ``plausible`` would let pass.
"""

from __future__ import annotations

from collections.abc import Mapping

from rapidfuzz import fuzz

from digest.identity.titles import NEAR_KEYS
from digest.text.sketch import brief_values, likeness

SKETCHED = 0.2
"""Estimated likeness from which on two abstracts are compared whatever the titles say: SHARED less 3.4 errors."""

KEPT = 400
"""Letters of a title key that are compared: as many as stores keep."""
_LEAST_KEY = 12
"""Letters of a title key from which on a longer title that holds it is near without an abstract to compare."""


def plausible(title_key: str, sketch: bytes, other_title_key: str, other_sketch: bytes) -> bool:
    """Return whether two papers of different ids and title keys are worth being judged.

    ``judge`` asks it too, so it never refuses what ``judge`` would call seen or unsure.
    """
    alike = likeness(sketch, other_sketch)
    if alike is not None and (alike == 0 or alike >= SKETCHED):
        return alike >= SKETCHED
    return _near(title_key, other_title_key)


class Gate:
    """One paper, to be compared with others by their title keys and brief sketches (``text.sketch.brief``)."""

    def __init__(self, title_key: str, brief: bytes) -> None:
        self._title_key = title_key
        self._size = len(brief) // 2
        self._values = frozenset(brief_values(brief))

    def by_abstract(self, briefs: Mapping[int, bytes]) -> tuple[list[int], list[int]]:
        """Return which of other papers, by id, are worth being judged, and of which the titles have to say so.

        Equal values stay equal when they are cut, so as many are common here as are in whole sketches, or more.
        """
        apart = map(self._values.isdisjoint, map(brief_values, briefs.values()))
        worth: list[int] = []
        doubtful: list[int] = []
        for (paper_id, brief), stranger in zip(briefs.items(), apart, strict=True):
            if not brief or not self._size:
                doubtful.append(paper_id)
            elif not stranger:
                (worth if self._shares(brief) else doubtful).append(paper_id)
        return worth, doubtful

    def by_title(self, title_key: str) -> bool:
        """Return whether another paper whose abstract says little is worth being judged."""
        return _near(self._title_key, title_key)

    def _shares(self, brief: bytes) -> bool:
        values = brief_values(brief)
        common = sum(value in self._values for value in values)
        return common >= SKETCHED * min(self._size, len(values))


def _near(title_key: str, other: str) -> bool:
    short, long = sorted((title_key[:KEPT], other[:KEPT]), key=len)
    inside = len(short) >= _LEAST_KEY and (long.startswith(short) or long.endswith(short))
    return inside or fuzz.ratio(short, long, score_cutoff=NEAR_KEYS) > 0
