"""A log and its rotated predecessors, read on from where they were left.

Names as logrotate and Postfix's own rotation make them: ``mail.log``, ``mail.log.1``, ``mail.log.2.gz``,
``mail.log-20261120``, ``maillog.20261120-083000.gz``. A file is known by its inode and its first line: one that is
renamed goes on where it was; one that was emptied in place (``copytruncate``), or that has the inode of one that is
gone, is read from its start. A last line without its end is left for later.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

_HEAD = 4096
"""Bytes of a first line that are looked at."""

Which = tuple[int, int, bytes]
"""Device, inode and first line of a file."""


@dataclass(frozen=True, slots=True)
class Generation:
    """One file of a log: when it was last written, and which one it is whatever its name."""

    path: Path
    written: datetime
    inode: tuple[int, int]
    size: int

    @property
    def is_packed(self) -> bool:
        """Return whether it has been compressed."""
        return self.path.suffix == ".gz"


class RotatedLog:
    """The files of a log, oldest first."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read: dict[Which, int] = {}
        self._known: dict[tuple[int, int], Generation] = {}

    def generations(self) -> list[Generation]:
        """Return the files there are, those written last at the end; raises ``OSError``."""
        self._path.stat()
        named = [path for path in self._path.parent.iterdir() if _is_of(path.name, self._path.name)]
        found = sorted(map(_seen, named), key=lambda one: (one.written, one.path == self._path))
        there = {one.inode for one in found}
        self._read = {which: end for which, end in self._read.items() if which[:2] in there}
        self._known = {inode: one for inode, one in self._known.items() if inode in there}
        return found

    def has_changed(self, one: Generation) -> bool:
        """Return whether a file may have lines that were not read before."""
        known = self._known.get(one.inode)
        return known is None or (known.size, known.written) != (one.size, one.written)

    def is_begun(self, one: Generation) -> bool:
        """Return whether lines of a file were read before; raises ``OSError`` and ``EOFError``."""
        return _which(one) in self._read

    def begin_again(self) -> None:
        """Have all lines unread."""
        self._read, self._known = {}, {}

    def unread(self, one: Generation) -> Iterator[str]:
        """Yield the whole lines of a file that were not read before; raises ``OSError`` and ``EOFError``."""
        if not self.has_changed(one):
            return
        which = _which(one)
        start = self._read.get(which, 0)
        if one.is_packed:
            if which not in self._read:
                with gzip.open(one.path) as packed:
                    yield from map(_text, packed)
                self._read[which] = one.size
            self._known[one.inode] = one
            return
        with one.path.open("rb") as file:
            file.seek(start if start <= one.size else 0)
            for line in file:
                if not line.endswith(b"\n"):
                    file.seek(-len(line), 1)
                    break
                yield _text(line)
            self._read[which] = file.tell()
        self._known[one.inode] = one


def _which(one: Generation) -> Which:
    with gzip.open(one.path) if one.is_packed else one.path.open("rb") as file:
        first = file.readline(_HEAD)
    return (*one.inode, first if first.endswith(b"\n") or len(first) == _HEAD else b"")


def _is_of(name: str, log: str) -> bool:
    return name == log or (name.startswith((f"{log}.", f"{log}-")) and name[len(log) + 1 : len(log) + 2].isdigit())


def _seen(path: Path) -> Generation:
    about = path.stat()
    written = datetime.fromtimestamp(about.st_mtime, UTC)
    return Generation(path, written, (about.st_dev, about.st_ino), about.st_size)


def _text(line: bytes) -> str:
    return line.decode("utf-8", "replace").rstrip("\r\n")
