"""The kinds of source that [sources] may name, with their options."""

from __future__ import annotations

from collections.abc import Mapping

KINDS: Mapping[str, Mapping[str, type]] = {
    "folder": {"path!": str, "pattern": str},
}
"""Kind of source to its options and their types; ``!`` marks those that must be there."""
