"""The nearest of some names to a mistyped one."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(name: str, names: Iterable[str]) -> str:
    """Return the name most like ``name``, or "" where none is like it."""
    return next(iter(get_close_matches(name, list(names), n=1, cutoff=0.6)), "")
