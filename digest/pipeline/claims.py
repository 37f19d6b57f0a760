"""What a connection has claimed: sent in turn until somebody wants to stop, and given back where it was not come to."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from itertools import takewhile

from digest.errors import StoreError
from digest.model import Change, OutboxRow, OutboxState, Outcome
from digest.ports import Outbox

GIVEN_BACK = Outcome(state=OutboxState.RETRY, reply="given back: the delivery was stopped", charged=False)
"""Due when it was due, so that it keeps its place."""


@contextmanager
def claimed(outbox: Outbox, rows: Sequence[OutboxRow], now: Callable[[], datetime]) -> Iterator[deque[OutboxRow]]:
    """Yield claimed messages to be taken from; those that are left in the end, for whatever reason, are given back.

    Where even that fails they are free again when their lease has run out.
    """
    left = deque(rows)
    try:
        yield left
    finally:
        if left:
            with suppress(StoreError):
                outbox.together([Change(row=row, now=now(), outcome=GIVEN_BACK) for row in left])


def until(stopping: Callable[[], bool], rows: Iterable[OutboxRow]) -> Iterator[OutboxRow]:
    """Yield messages as long as nobody wants to stop."""
    return takewhile(lambda _: not stopping(), rows)
