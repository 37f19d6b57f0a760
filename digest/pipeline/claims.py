"""What a process has claimed: sent in turn until somebody wants to stop, and given back where it was not come to."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from itertools import takewhile
from threading import Lock
from typing import Protocol

from digest.errors import DigestError, StoreError
from digest.model import Change, Digest, OutboxRow, OutboxState, Outcome

GIVEN_BACK = Outcome(state=OutboxState.RETRY, reply="given back: the delivery was stopped", charged=False)
"""Due when it was due, so that it keeps its place."""

GAVE_WAY = replace(GIVEN_BACK, reply="given back: the mail server takes no connection of this process, another sends")


class ClaimedFrom(Protocol):
    """As much of an outbox as claiming asks for."""

    def claim(self, *, owner: str, now: datetime, lease: timedelta, limit: int) -> Sequence[OutboxRow]:
        """Lease rows to ``owner``."""

    def digest(self, digest_id: int) -> Digest:
        """Return a digest."""

    def digests(self, digest_ids: Sequence[int]) -> Mapping[int, Digest]:
        """Return several digests by id, those there are."""

    def together(self, changes: Sequence[Change]) -> Sequence[bool]:
        """Commit several changes in one transaction."""


class Claims:
    """What a process has claimed, to be sent by all its connections: whichever is free takes the next message.

    To be used in a ``with`` statement, and by several threads. What is left in the end, for whatever reason, is given
    back; where even that fails it is free again when its lease has run out.
    """

    def __init__(
        self, outbox: ClaimedFrom, *, owner: str, now: Callable[[], datetime], lease: timedelta, limit: int
    ) -> None:
        self._outbox = outbox
        self._claim = partial(outbox.claim, owner=owner, lease=lease, limit=limit)
        self._now = now
        self._left: deque[OutboxRow] = deque()
        self._given_back = GIVEN_BACK
        self._digests: dict[int, Digest] = {}
        self._unread: Sequence[int] = ()
        self._taking = Lock()

    def __enter__(self) -> Claims:
        return self

    def __exit__(self, *_: object) -> None:
        if self._left:
            with suppress(StoreError):
                self._outbox.together(
                    [Change(row=row, now=self._now(), outcome=self._given_back) for row in self._left]
                )

    def next(self) -> tuple[OutboxRow, Callable[[], Digest]] | None:
        """Return a message and what reads its digest; ``None``: nothing is due any more. Raises ``StoreError``."""
        with self._taking:
            if not self._left:
                self._left.extend(self._claim(now=self._now()))
                self._digests, self._unread = {}, [row.digest_id for row in self._left]
            if not self._left:
                return None
            row = self._left.popleft()
        return row, lambda: self._digest(row.digest_id)

    def back(self, row: OutboxRow) -> None:
        """Take a message back that could not be tried: another connection gets it, when it has come to the others."""
        with self._taking:
            self._left.append(row)

    def put_off(self, row: OutboxRow, outcome: Outcome) -> int:
        """Have a message, and all that are left of its channel, wait; return how many do. Raises ``StoreError``.

        In one transaction: there may be as many as there are readers, and none is worth a wait for the disk.
        """
        with self._taking:
            same = [row, *(one for one in self._left if one.channel is row.channel)]
            self._left = deque(one for one in self._left if one.channel is not row.channel)
        now = self._now()
        return sum(self._outbox.together([Change(row=one, now=now, outcome=outcome) for one in same]))

    def give_way(self) -> None:
        """Let what is left be given back for another process."""
        self._given_back = GAVE_WAY

    @property
    def are_left(self) -> bool:
        """Return whether there are messages that are claimed and not sent."""
        return bool(self._left)

    def _digest(self, digest_id: int) -> Digest:
        """Return a digest: read with the others that were claimed with it, once one of them is wanted."""
        with self._taking:
            if self._unread:
                self._digests, self._unread = self._read_together(self._unread), ()
            digest = self._digests.pop(digest_id, None)
        return digest or self._outbox.digest(digest_id)

    def _read_together(self, digest_ids: Sequence[int]) -> dict[int, Digest]:
        """Return digests by id; where that fails each is read alone, to see which it is."""
        try:
            return dict(self._outbox.digests(digest_ids))
        except DigestError:
            return {}


def until(stopping: Callable[[], bool], rows: Iterable[OutboxRow]) -> Iterator[OutboxRow]:
    """Yield messages as long as nobody wants to stop."""
    return takewhile(lambda _: not stopping(), rows)
