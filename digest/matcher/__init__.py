"""All saved queries against all papers at once; always equal to ``match`` on each pair."""

from digest.matcher.bulk import BulkMatcher
from digest.matcher.counting import Texts, counted
from digest.matcher.saving import loaded, saved

__all__ = ["BulkMatcher", "Texts", "counted", "loaded", "saved"]
