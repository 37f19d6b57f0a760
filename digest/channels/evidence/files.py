"""A log and its rotated predecessors, read on from where they were left.

Names as logrotate and Postfix's own rotation make them: ``mail.log``, ``mail.log.1``, ``mail.log.2.gz``,
``mail.log-20261120``, ``maillog.20261120-083000.gz``. A file is known by its inode, so one that is renamed goes on
where it was; one that became shorter (``copytruncate``) is read from its start. A last line without its end is left for
later.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Generation:
    """One file of a log: when it was last written, and which one it is whatever its name."""

    path: Path
    written: datetime
    inode: tuple[int, int]
    size: int


class RotatedLog:
    """The files of a log, oldest first."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read: dict[tuple[int, int], int] = {}

    def generations(self) -> list[Generation]:
        """Return the files there are, those written last at the end; raises ``OSError``."""
        self._path.stat()
        named = [path for path in self._path.parent.iterdir() if _is_of(path.name, self._path.name)]
        return sorted(map(_seen, named), key=lambda one: (one.written, one.path == self._path))

    def unread(self, one: Generation) -> Iterator[str]:
        """Yield the whole lines of a file that were not read before; raises ``OSError`` and ``EOFError``."""
        start = self._read.get(one.inode, 0)
        if one.path.suffix == ".gz":
            if one.inode not in self._read:
                with gzip.open(one.path) as packed:
                    yield from map(_text, packed)
                self._read[one.inode] = one.size
            return
        with one.path.open("rb") as file:
            file.seek(start if start <= one.size else 0)
            for line in file:
                if not line.endswith(b"\n"):
                    file.seek(-len(line), 1)
                    break
                yield _text(line)
            self._read[one.inode] = file.tell()


def _is_of(name: str, log: str) -> bool:
    return name == log or (name.startswith((f"{log}.", f"{log}-")) and name[len(log) + 1 : len(log) + 2].isdigit())


def _seen(path: Path) -> Generation:
    about = path.stat()
    written = datetime.fromtimestamp(about.st_mtime, UTC)
    return Generation(path, written, (about.st_dev, about.st_ino), about.st_size)


def _text(line: bytes) -> str:
    return line.decode("utf-8", "replace").rstrip("\r\n")
