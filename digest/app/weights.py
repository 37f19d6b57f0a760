"""How much each word weighs: by how many of the store's newest papers it stands in.

The papers counted are those numbered up to the last round ``STEP``, at most ``MOST`` of them. So the weights depend on
the store alone, not on when or where a process started, and stay the same from one step to the next; a digest that was
composed keeps the scores it has, whatever the weights are later. A store of fewer than ``STEP`` papers says nothing
yet, and all words weigh the same.
"""

from __future__ import annotations

from digest.match import NO_STATISTICS, Statistics
from digest.matcher import Texts, counted
from digest.store.views import SqlViews

STEP = 500
MOST = 5_000


class Weights:
    """The statistics of a store, counted again when a step is reached."""

    def __init__(self, views: SqlViews) -> None:
        self._views = views
        self._upto = 0
        self._statistics = NO_STATISTICS

    def now(self) -> Statistics:
        """Return the statistics as of now; the same object until they change."""
        upto = self._views.newest_paper() // STEP * STEP
        if upto != self._upto:
            texts = self._views.texts(upto - MOST, upto)
            self._upto, self._statistics = upto, counted([Texts(title, abstract) for title, abstract in texts])
        return self._statistics
