"""Looking at many sources at once, so that none waits for another's slow host.

    remote source ─▶ thread, one document at a time ─▶ queue ─▶ whoever stores ─▶ the thread goes on
    local source  ─────────────────────────────────────────────▶ whoever stores

A thread goes on when its last document has been stored and settled: a source never sees two of its methods run at a
time. Whoever stores does so in one thread. A look that outlasts the patience goes on by itself; what it finds is handed
over the next time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from queue import Empty, SimpleQueue
from threading import Semaphore, Thread
from time import monotonic

from digest.errors import DigestError
from digest.ports import Found, RemoteSource, Source


class Looks:
    """The looks under way, by the names of their sources; of one source there is one at a time."""

    def __init__(self) -> None:
        self._arrived: SimpleQueue[tuple[_Look, Found | BaseException | None]] = SimpleQueue()
        self._flying: dict[str, _Look] = {}
        self._closed = False

    def found(
        self, sources: Iterable[Source], now: datetime, *, patience: float | None = None
    ) -> Iterator[tuple[Source, Found | DigestError]]:
        """Yield what the sources hold as it arrives, or the error that ended a look.

        ``patience`` is how many seconds are spent waiting for remote sources in all; ``None``: until all have ended.
        """
        local = []
        for source in sources:
            if isinstance(source, RemoteSource):
                self._begin(source, now)
            else:
                local.append(source)
        for source in local:
            yield from one_by_one([source], now)
        yield from self._arriving(patience)

    def close(self) -> None:
        """Let the looks under way end at their next document, which is not stored."""
        self._closed = True
        for look in self._flying.values():
            look.settled.release()

    def _begin(self, source: Source, now: datetime) -> None:
        if source.name not in self._flying:
            look = self._flying[source.name] = _Look(source)
            Thread(target=self._fly, args=(look, now), daemon=True, name=f"digest-look-{source.name}").start()

    def _fly(self, look: _Look, now: datetime) -> None:
        try:
            for item in look.source.documents(now):
                self._arrived.put((look, item))
                look.settled.acquire()
                if self._closed:
                    return
        except BaseException as error:  # raised again where it is waited for
            self._arrived.put((look, error))
        else:
            self._arrived.put((look, None))

    def _arriving(self, patience: float | None) -> Iterator[tuple[Source, Found | DigestError]]:
        while self._flying:
            started = monotonic()
            try:
                look, item = self._arrived.get(timeout=patience)
            except Empty:
                return
            patience = None if patience is None else max(0.0, patience - (monotonic() - started))
            if item is None or isinstance(item, BaseException):
                del self._flying[look.source.name]
            if isinstance(item, BaseException) and not isinstance(item, DigestError):
                raise item
            if item is not None:
                yield look.source, item
            look.settled.release()


class _Look:
    """A source that is being looked at, and whether its last document has been settled."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.settled = Semaphore(0)


def one_by_one(sources: Iterable[Source], now: datetime) -> Iterator[tuple[Source, Found | DigestError]]:
    """Yield what the sources hold, one source after another."""
    for source in sources:
        items = source.documents(now)
        while True:
            try:
                item = next(items)
            except StopIteration:
                break
            except DigestError as error:
                yield source, error
                break
            yield source, item
