"""Commits of several connections at once: as many transactions as there are waits for the disk, not as messages.

A group commit (D. Gawlick, D. Kinkade, "Varieties of concurrency control in IMS/VS Fast Path", 1985): what is to be
written queues, and one thread writes all there is in one transaction, as soon as half of the connections wait for it
or ``WINDOW`` is over. ``handing`` waits until it is written: no body leaves before. That a message was sent is not
waited for: it is written with the ``handing`` of the connection's next one, or when the window is over, whichever is
sooner. So a connection has at most one message in doubt, and a message costs a share of one transaction, not of two.

    connection 1   354, handing ─┐ waits ┌─▶ body, 250, sent ▸  354, handing ─┐ waits
    connection 2     354, handing┤       ├─▶ body, 250, sent ▸    354, handing┤
    the writer                   └commit─┘                                    └commit: two sent, two handing
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Condition, Lock, Thread
from typing import Protocol

from digest.errors import StoreError
from digest.model import Change, Digest, Message, OutboxRow, OutboxState, Outcome
from digest.ports import Outbox, Renderer

WINDOW = 0.01
"""Seconds that a change waits at most until writing begins."""


class Books(Protocol):
    """As much of an outbox as one connection needs."""

    def handing(self, row: OutboxRow, body_sha256: str, now: datetime) -> bool:
        """Commit, durably, that a body of this hash is about to leave. False: the lease is lost, do not send."""

    def settle(self, row: OutboxRow, outcome: Outcome, now: datetime, then: Callable[[], None]) -> None:
        """Have it committed what became of the attempt; ``then`` is called once it is, if the lease was still there."""


class Alone:
    """The books of the only connection: each change is committed at once."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox

    def handing(self, row: OutboxRow, body_sha256: str, now: datetime) -> bool:
        """Commit, durably, that a body of this hash is about to leave. False: the lease is lost, do not send."""
        return self._outbox.handing(row, body_sha256, now)

    def settle(self, row: OutboxRow, outcome: Outcome, now: datetime, then: Callable[[], None]) -> None:
        """Commit what became of the attempt."""
        if self._outbox.settle(row, outcome, now):
            then()


class GroupCommits:
    """What writes for several connections, each of which has a ``lane``; to be used in a ``with`` statement."""

    def __init__(self, outbox: Outbox, *, window: float = WINDOW) -> None:
        self.outbox = _InTurn(outbox)
        self._window = window
        self._changed = Condition()
        self._queue: list[_Ticket] = []
        self._awaited = 0
        self._lanes = 0
        self._has_failed = False
        self._is_closed = False
        self._writer = Thread(target=self._run, name="delivery commits")

    def __enter__(self) -> GroupCommits:
        self._writer.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._is_closed = True
            self._changed.notify()
        self._writer.join()

    @contextmanager
    def lane(self) -> Iterator[Lane]:
        """Yield the books of one connection; what it has sent is written when it ends. Raises ``StoreError``."""
        lane = Lane(self)
        self._count_lanes(1)
        try:
            yield lane
            lane.catch_up()
        finally:
            self._count_lanes(-1)

    def queued(self, change: Change, *, is_awaited: bool) -> _Ticket:
        """Have a change written: soon, or as soon as enough are waited for."""
        ticket = _Ticket(change)
        with self._changed:
            self._queue.append(ticket)
            if is_awaited:
                self._await(ticket)
            elif len(self._queue) == 1:
                self._changed.notify()
        return ticket

    def written(self, ticket: _Ticket) -> bool:
        """Return whether a lease was still there, once the change is written for good; raises ``StoreError``."""
        with self._changed:
            if not (ticket.is_awaited or ticket.is_done):
                self._await(ticket)
        if ticket.is_awaited:
            ticket.done.acquire()
        if ticket.error is not None:
            raise StoreError(str(ticket.error)) from ticket.error
        return ticket.is_held

    def _await(self, ticket: _Ticket) -> None:
        ticket.is_awaited = True
        ticket.done.acquire()
        if any(one is ticket for one in self._queue):  # or else it is being written, and counts for nothing that waits
            self._awaited += 1
            if self._awaited == 1 or self._awaited >= self._enough:
                self._changed.notify()

    @property
    def _enough(self) -> int:
        return max(self._lanes // 2, 1)

    def _count_lanes(self, more: int) -> None:
        with self._changed:
            self._lanes += more
            self._changed.notify()

    def _run(self) -> None:
        while tickets := self._next():
            try:
                held = self.outbox.together([ticket.change for ticket in tickets])
            except BaseException as error:  # it is told to all who wait, in their own threads
                self._failed(tickets, error)
            else:
                self._succeeded(tickets, held)

    def _next(self) -> list[_Ticket]:
        """Return what is to be written next, when it is time; nothing: all is done."""
        with self._changed:
            self._changed.wait_for(self._has_work)
            self._changed.wait_for(lambda: self._is_closed or self._awaited >= self._enough, self._window)
            tickets, self._queue, self._awaited = self._queue, [], 0
        return tickets

    def _has_work(self) -> bool:
        """Return whether to write; what could not be written is tried again with the next that somebody waits for."""
        return self._is_closed or bool(self._queue and (self._awaited or not self._has_failed))

    def _succeeded(self, tickets: Sequence[_Ticket], held: Sequence[bool]) -> None:
        with self._changed:
            self._has_failed = False
            for ticket, is_held in zip(tickets, held, strict=True):
                ticket.is_held = is_held
                ticket.tell()

    def _failed(self, tickets: Sequence[_Ticket], error: BaseException) -> None:
        with self._changed:
            self._has_failed = True
            if not self._is_closed:
                self._queue[:0] = [ticket for ticket in tickets if not ticket.is_awaited]
            for ticket in tickets:
                if ticket.is_awaited:
                    ticket.error = error
                    ticket.tell()


class Lane:
    """The books of one of several connections; for one thread."""

    def __init__(self, group: GroupCommits) -> None:
        self._group = group
        self._owed: tuple[_Ticket, Callable[[], None]] | None = None

    def handing(self, row: OutboxRow, body_sha256: str, now: datetime) -> bool:
        """Return when it is written that a body of this hash is about to leave. False: the lease is lost."""
        change = Change(row=row, now=now, body_sha256=body_sha256)
        is_held = self._group.written(self._group.queued(change, is_awaited=True))
        self.catch_up()  # it queued before, so it is written too
        return is_held

    def settle(self, row: OutboxRow, outcome: Outcome, now: datetime, then: Callable[[], None]) -> None:
        """Have it written what became of the attempt: for all but a message that was sent, wait until it is."""
        self.catch_up()
        self._owed = self._group.queued(Change(row=row, now=now, outcome=outcome), is_awaited=False), then
        if outcome.state is not OutboxState.SENT:
            self.catch_up()

    def catch_up(self) -> None:
        """Return when everything of this connection is written; raises ``StoreError``."""
        if self._owed is not None:
            (ticket, then), self._owed = self._owed, None
            if self._group.written(ticket):
                then()


class _Ticket:
    """A change that is to be written, and what became of it."""

    __slots__ = ("change", "done", "error", "is_awaited", "is_done", "is_held")

    def __init__(self, change: Change) -> None:
        self.change = change
        self.done = Lock()
        self.is_awaited = False
        self.is_done = False
        self.is_held = False
        self.error: BaseException | None = None

    def tell(self) -> None:
        """Let go on who waits for it."""
        self.is_done = True
        if self.is_awaited:
            self.done.release()


class _InTurn:
    """An outbox to which one thread at a time writes; the others wait without asking the database again."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._writing = Lock()
        self.digest, self.digests = outbox.digest, outbox.digests

    def claim(self, *, owner: str, now: datetime, lease: timedelta, limit: int) -> Sequence[OutboxRow]:
        """Lease rows to ``owner``."""
        with self._writing:
            return self._outbox.claim(owner=owner, now=now, lease=lease, limit=limit)

    def together(self, changes: Sequence[Change]) -> Sequence[bool]:
        """Commit several changes in one transaction."""
        with self._writing:
            return self._outbox.together(changes)


class OneAtATime:
    """A renderer for several threads: what it remembers is not made for two at once, and they would not be faster."""

    def __init__(self, renderer: Renderer) -> None:
        self._renderer = renderer
        self._rendering = Lock()

    def message(self, digest: Digest) -> Message:
        """Render the mail; raises ``TemplateError``."""
        with self._rendering:
            return self._renderer.message(digest)
