"""Noticing that the wall clock jumped."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

TOLERANCE = timedelta(minutes=2)
"""How far the two clocks may part between two looks: time daemons slew and step by seconds."""


def steady() -> float:
    """Return seconds of a clock that nobody sets and that, where the system offers it, runs on while it sleeps."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()


class ClockWatch:
    """Compares the wall clock with a steady one, from look to look."""

    def __init__(self, tolerance: timedelta = TOLERANCE) -> None:
        self._tolerance = tolerance
        self._last: tuple[datetime, float] | None = None

    def jump(self, wall: datetime, steady_seconds: float) -> timedelta:
        """Return how far the wall clock has jumped since the last look; zero where it has not.

        A jump is told once: where the clock stays where it jumped to, it is believed from the next look on.
        """
        last, self._last = self._last, (wall, steady_seconds)
        if last is None:
            return timedelta()
        apart = (wall - last[0]) - timedelta(seconds=steady_seconds - last[1])
        return apart if abs(apart) > self._tolerance else timedelta()
