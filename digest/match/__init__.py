"""What a query means: a query and one paper in, a hit or nothing out. Slow, obvious, and the definition.

``matcher`` evaluates all queries against all papers at once and must always say the same.
"""

from digest.match.definition import Page, match
from digest.match.scoring import NO_STATISTICS, Statistics, collected

__all__ = ["NO_STATISTICS", "Page", "Statistics", "collected", "match"]
