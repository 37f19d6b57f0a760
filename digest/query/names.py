"""The names a query may use for fields and quantities, and the nearest one to a slip of the pen."""

from __future__ import annotations

from difflib import get_close_matches

FIELDS = {
    "title": "title", "ti": "title",
    "abstract": "abstract", "abs": "abstract", "ab": "abstract",
    "author": "author", "au": "author", "authors": "author",
    "category": "category", "cat": "category",
    "source": "source",
    "id": "id", "arxiv": "id", "doi": "id",
    "like": "like",
}  # fmt: skip
"""What may stand before a colon, and the field it means."""

QUANTITIES = {
    "upvotes": "upvotes", "votes": "upvotes",
    "comments": "comments",
    "authors": "authors",
    "published": "published", "date": "published",
}  # fmt: skip
"""What may be compared, and the quantity it means."""

_LIMIT = 0.7


def nearest(name: str, names: dict[str, str]) -> str:
    """Return the known name most like a mistyped one, or ""."""
    known = [known for known in names if len(known) > 3]
    found = get_close_matches(name.lower(), known, n=1, cutoff=_LIMIT)
    return found[0] if found else ""
