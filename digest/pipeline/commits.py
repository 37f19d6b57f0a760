"""Commits of several connections at once: as many transactions as there are waits for the disk, not as messages.

A group commit (D. Gawlick, D. Kinkade, "Varieties of concurrency control in IMS/VS Fast Path", 1985): who wants to
write queues; who gets to write takes along everything that queued meanwhile. Nobody is told that something is written
before it is, so each connection still has at most one message in doubt.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from threading import Lock

from digest.errors import StoreError
from digest.model import Change, Digest, Message, OutboxRow, Outcome
from digest.ports import Outbox, Renderer


class GroupCommits:
    """``ports.Outbox`` for several threads over one outbox."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._writing = Lock()
        self._queueing = Lock()
        self._queue: list[_Ticket] = []

    def claim(self, *, owner: str, now: datetime, lease: timedelta, limit: int) -> Sequence[OutboxRow]:
        """Lease rows to ``owner``."""
        with self._writing:
            return self._outbox.claim(owner=owner, now=now, lease=lease, limit=limit)

    def handing(self, row: OutboxRow, body_sha256: str, now: datetime) -> bool:
        """Commit, durably, that a body of this hash is about to leave. False: the lease is lost, do not send."""
        return self._written(Change(row=row, now=now, body_sha256=body_sha256))

    def settle(self, row: OutboxRow, outcome: Outcome, now: datetime) -> bool:
        """Commit what became of the attempt. False: the lease was lost meanwhile."""
        return self._written(Change(row=row, now=now, outcome=outcome))

    def together(self, changes: Sequence[Change]) -> Sequence[bool]:
        """Commit several changes in one transaction."""
        with self._writing:
            return self._outbox.together(changes)

    def stranded(self, now: datetime) -> Sequence[OutboxRow]:
        """Return the rows whose lease ran out while ``handing``."""
        return self._outbox.stranded(now)

    def ambiguous(self, now: datetime) -> Sequence[OutboxRow]:
        """Return the rows held because they may have arrived."""
        return self._outbox.ambiguous(now)

    def digest(self, digest_id: int) -> Digest:
        """Return a digest just as it was composed."""
        return self._outbox.digest(digest_id)

    def digests(self, digest_ids: Sequence[int]) -> dict[int, Digest]:
        """Return several digests just as they were composed, by id; those there are."""
        return dict(self._outbox.digests(digest_ids))

    def _written(self, change: Change) -> bool:
        ticket = _Ticket(change)
        with self._queueing:
            self._queue.append(ticket)
        with self._writing:
            if ticket.written is None and ticket.error is None:
                self._write_queue()
        if ticket.error is not None:
            raise StoreError(str(ticket.error))
        return bool(ticket.written)

    def _write_queue(self) -> None:
        with self._queueing:
            tickets, self._queue = self._queue, []
        try:
            written = self._outbox.together([ticket.change for ticket in tickets])
        except BaseException as error:
            for ticket in tickets:
                ticket.error = error
            raise
        for ticket, was_written in zip(tickets, written, strict=True):
            ticket.written = was_written


class _Ticket:
    """A change that waits, and what became of it."""

    __slots__ = ("change", "error", "written")

    def __init__(self, change: Change) -> None:
        self.change = change
        self.written: bool | None = None
        self.error: BaseException | None = None


class OneAtATime:
    """A renderer for several threads: what it remembers is not made for two at once, and they would not be faster."""

    def __init__(self, renderer: Renderer) -> None:
        self._renderer = renderer
        self._rendering = Lock()

    def message(self, digest: Digest) -> Message:
        """Render the mail; raises ``TemplateError``."""
        with self._rendering:
            return self._renderer.message(digest)
