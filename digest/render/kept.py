"""What is remembered between two mails, within limits."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

_K = TypeVar("_K")
_V = TypeVar("_V")


class Kept(dict[_K, _V]):
    """What is remembered, up to a limit; then it starts again."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def keep(self, key: _K, value: _V) -> _V:
        """Remember and return a value."""
        if len(self) >= self._most:
            self.clear()
        self[key] = value
        return value


class Budget:
    """How much many may remember together; when it is spent, ``forget`` is called, and all of them start again."""

    def __init__(self, most: int, forget: Callable[[], None]) -> None:
        self._most = self._left = most
        self._forget = forget

    def spend(self, much: int = 1) -> None:
        """Account for what is going to be remembered."""
        self._left -= much
        if self._left < 0:
            self._left = self._most - much
            self._forget()
