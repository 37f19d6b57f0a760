"""The engine of all saved queries, kept in a file between two starts.

The file is a copy of what the store has and is never trusted to be the newest: every query is put into the engine
before it is matched, which costs a microsecond where the engine has it and compiles it where it was changed or added.
So a file that is old, lost, damaged or another installation's costs time and nothing else, and each of several machines
on one database has its own.
"""

from __future__ import annotations

import gc
import logging
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from digest.errors import QueryError
from digest.match import Statistics
from digest.match.meaning import Meanings
from digest.matcher import BulkMatcher, loaded, saved

LOG = logging.getLogger("digest.matching")

WORTH_KEEPING = 1_000
"""Subscriptions from which on a file is kept; fewer are compiled in less than 30 ms."""


def engine(file: Path | None, statistics: Statistics, meanings: Meanings) -> BulkMatcher:
    """Return the engine of a file, or an empty one."""
    try:
        data = bytearray(file.read_bytes()) if file else bytearray()
    except OSError:
        data = bytearray()
    with _collector_off():
        kept = loaded(data, statistics, meanings)
    return BulkMatcher(statistics, meanings) if kept is None else kept


def make_ready(matcher: BulkMatcher, queries: Iterable[tuple[int, str]]) -> None:
    """Put all subscriptions' queries into an engine and forget all others, so that nothing is left to compile.

    A query that nobody understands any more is left out; composing will report it.
    """
    with _collector_off():
        known = set()
        for number, query in queries:
            try:
                matcher.put(number, query)
                known.add(number)
            except QueryError:
                continue
        matcher.keep_only(known)
        if len(matcher) >= WORTH_KEEPING:
            gc.freeze()  # it lives as long as the process; looking through it again and again would be for nothing


def keep(matcher: BulkMatcher, file: Path | None) -> None:
    """Write an engine into its file where that is worth it and something changed; where it cannot be, say so."""
    if file is None or not matcher.changes or len(matcher) < WORTH_KEEPING:
        return
    try:
        _write(file, saved(matcher))
    except OSError as error:
        LOG.warning("the compiled queries cannot be kept in %s ([matching] engine_file): %s", file, error.strerror)


def _write(file: Path, data: bytes) -> None:
    """Write a file that its owner alone can read, whole or not at all; nothing to write takes it away."""
    if not data:
        file.unlink(missing_ok=True)
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_name(f"{file.name}.{os.getpid()}")
    beside.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as new:
            new.write(data)
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)


@contextmanager
def _collector_off() -> Iterator[None]:
    """Let nothing look for cycles while millions of objects are made that have none."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
