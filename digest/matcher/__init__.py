"""All saved queries against all papers at once; always equal to ``match`` on each pair."""

from digest.matcher.bulk import BulkMatcher

__all__ = ["BulkMatcher"]
