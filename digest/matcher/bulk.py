"""``BulkMatcher``: the queries by subscription, each paper read once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from digest.match import NO_STATISTICS, Page, Statistics, match
from digest.model import Hit, Paper, Scored
from digest.query import Query, parse


class BulkMatcher:
    """All saved queries; see ``ports.Matcher``."""

    def __init__(self, statistics: Statistics = NO_STATISTICS) -> None:
        self._statistics = statistics
        self._queries: dict[int, Query] = {}

    def put(self, subscription_id: int, query: str) -> None:
        """Add a subscription's query or change it; raises ``QueryError``."""
        self._queries[subscription_id] = parse(query)

    def drop(self, subscription_id: int) -> None:
        """Forget a subscription; unknown ids are fine."""
        self._queries.pop(subscription_id, None)

    def match(self, papers: Sequence[Paper]) -> Mapping[int, Sequence[Scored]]:
        """Return the hits of every subscription that has any, in the order of ``papers``."""
        pages = [Page(paper) for paper in papers]
        hits = {number: self._hits(query, pages) for number, query in self._queries.items()}
        return {number: found for number, found in hits.items() if found}

    def _hits(self, query: Query, pages: Sequence[Page]) -> list[Scored]:
        found = ((position, match(query, page, self._statistics)) for position, page in enumerate(pages))
        return [Scored(position, hit.score) for position, hit in found if hit is not None]

    def explain(self, query: str, paper: Paper) -> Hit | None:
        """Return why ``query`` matches ``paper`` (score, terms, spans), or ``None`` where it does not."""
        return match(parse(query), paper, self._statistics)
