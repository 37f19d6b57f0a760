"""When a source is asked next: at its interval while all is well, ever later while it fails."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from digest.model import Quiet
from digest.ports import SourceStates

FIRST_WAIT = timedelta(minutes=5)
LONGEST_WAIT = timedelta(hours=6)
"""How long a source that fails again and again is left alone at most, unless its host asks for longer."""


class Polling:
    """The timetable and the memory of one source, kept in the store."""

    def __init__(self, name: str, states: SourceStates, every: timedelta) -> None:
        self._name = name
        self._states = states
        self._every = every

    @property
    def memory(self) -> Mapping[str, str]:
        """Return what the source remembers."""
        return self._states.get(self._name).memory

    def learn(self, memory: Mapping[str, str]) -> None:
        """Remember something instead."""
        self._states.put(replace(self._states.get(self._name), memory=memory))

    def too_early(self, now: datetime) -> Quiet | None:
        """Return what to say where the source is not to be asked yet."""
        next_at = self._states.get(self._name).next_at
        if next_at is None or now >= next_at:
            return None
        return Quiet(self._name, f"is not asked again before {next_at:%Y-%m-%d %H:%M} UTC")

    def ended(self, now: datetime) -> None:
        """Note that a look went well."""
        state = self._states.get(self._name)
        self._states.put(replace(state, checked_at=now, error="", failures=0, next_at=now + self._every))

    def failed(self, now: datetime, reason: str, wait: timedelta | None = None) -> None:
        """Note that a look failed, and for how long the host wants to be left alone, if it said so."""
        state = self._states.get(self._name)
        pause = min(FIRST_WAIT * 2 ** min(state.failures, 10), LONGEST_WAIT)
        next_at = now + max(pause, wait or pause)
        self._states.put(replace(state, checked_at=now, error=reason, failures=state.failures + 1, next_at=next_at))
