"""What is asked for at all: alone that is evaluated."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from digest.matcher.arrays import Bools
from digest.matcher.shapes import Group
from digest.matcher.terms import Terms


class Wanted:
    """Which of all terms the queries of some groups ask for."""

    def __init__(self, terms: Terms, groups: Iterable[Group]) -> None:
        self.terms = terms
        wanted = np.zeros(3 * len(terms), bool)
        for group in groups:
            wanted[group.leaves.rows.reshape(-1)] = True
        self.leaves: Bools = wanted.reshape(-1, 3)
        """For each term, whether it is wanted in either field, in the title, in the abstract."""
        self.anywhere: Bools = self.leaves[:, 0] | self.leaves[:, 1] | self.leaves[:, 2]
