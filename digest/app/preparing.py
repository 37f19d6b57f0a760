"""Documents read and prepared for a fill, some ahead, by the other cores of this machine."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import replace
from datetime import datetime
from types import TracebackType
from typing import Self

from digest.app.processes import let_signals_in, signals_wait
from digest.errors import DigestError
from digest.model import Document
from digest.ports import Prepared

AHEAD = 2
"""Documents that each worker has before it or behind it: enough that none waits, few enough to hold in memory."""

RARELY = 100_000
"""Objects made before cycles are looked for: a listing is very many objects, and hardly a cycle."""

Read = tuple[Document, Prepared | str]


class Preparing:
    """``pipeline.filling.Prepare`` with as many processes as there are cores: the one that writes has less to do.

    The processes end with this one, also where it is killed. A context manager.
    """

    def __init__(self, forced_format: str | None = None) -> None:
        self._format = forced_format
        self._often = gc.get_threshold()
        self._workers = os.cpu_count() or 1
        with signals_wait():
            self._pool = ProcessPoolExecutor(
                self._workers, mp_context=multiprocessing.get_context("spawn"), initializer=_end_with_parent
            )

    def __call__(self, documents: Iterable[Document], now: datetime) -> Iterator[Read]:
        """Yield the documents in their order, each read and prepared, or why it cannot be read."""
        ahead: deque[tuple[Document, Future[Prepared | str]]] = deque()
        for document in documents:
            with signals_wait():  # the first one starts the processes
                ahead.append((document, self._pool.submit(prepared, document, self._format, now)))
            if len(ahead) > AHEAD * self._workers:
                yield _whole(*ahead.popleft())
        while ahead:
            yield _whole(*ahead.popleft())

    def __enter__(self) -> Self:
        gc.set_threshold(RARELY)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        gc.set_threshold(*self._often)
        self._pool.shutdown(cancel_futures=True)


def prepared(document: Document, forced_format: str | None, now: datetime) -> Prepared | str:
    """Return a document read and prepared, without its bytes, or why it cannot be read."""
    from digest.parsers import parse
    from digest.sources.loose import read_loosely
    from digest.store.drafts import drafts_of

    try:
        listing = parse(document, format=forced_format, loose=read_loosely)
    except DigestError as error:
        return str(error)
    return Prepared(replace(listing, document=replace(document, body=b""), sightings=()), drafts_of(listing, now))


def _whole(document: Document, future: Future[Prepared | str]) -> Read:
    said = future.result()
    if isinstance(said, str):
        return document, said
    return document, replace(said, listing=replace(said.listing, document=document))


def _end_with_parent() -> None:
    """Leave Ctrl-C to the parent, and end when it ends: a pool's process would wait for work for ever."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    let_signals_in()
    gc.set_threshold(RARELY)
    threading.Thread(target=_watch, daemon=True).start()


def _watch() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
