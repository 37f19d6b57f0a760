"""Counts as a line of little bars (E. Tufte, "Beautiful Evidence", 2006), in characters that every font has."""

from __future__ import annotations

from collections.abc import Sequence

_BARS = "▁▂▃▄▅▆▇█"


def sparkline(counts: Sequence[int]) -> str:
    """Return one bar for each count, the tallest for the largest; zero is a bar of no height that keeps its place."""
    most = max(counts, default=0)
    return "".join(_BARS[round(count / most * (len(_BARS) - 1))] if most else _BARS[0] for count in counts)
