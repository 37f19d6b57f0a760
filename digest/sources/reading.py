"""Reading one file: regular, readable, not too large; never waiting for a pipe."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

MAX_BYTES = 200 * 1024 * 1024
"""How large a document may be unless the settings say otherwise."""

_MEBIBYTE = 1024 * 1024


class UnreadableError(Exception):
    """A file that cannot be read; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Signature:
    """What changes when somebody writes to a file: its inode, its size, its time in nanoseconds."""

    inode: int
    size: int
    modified_ns: int

    @property
    def modified_at(self) -> datetime:
        """Return the file's time as an aware UTC instant."""
        return datetime.fromtimestamp(self.modified_ns / 1e9, UTC)


def signature(status: os.stat_result) -> Signature:
    """Return the signature that a ``stat`` call saw."""
    return Signature(status.st_ino, status.st_size, status.st_mtime_ns)


def read(path: Path, max_bytes: int = MAX_BYTES) -> tuple[bytes, Signature]:
    """Return a file's bytes and its signature from before they were read; raises ``UnreadableError``.

    Folders, pipes and devices are refused; a pipe nobody writes to is not waited for.
    """
    try:
        with _open(path) as file:
            status = os.fstat(file.fileno())
            _check(status, max_bytes)
            body = file.read(max_bytes + 1)
    except OSError as error:
        raise UnreadableError(_reason(error)) from error
    except ValueError as error:
        raise UnreadableError("no file can have such a name (check the name)") from error
    if len(body) > max_bytes:
        raise UnreadableError(_too_large(len(body), max_bytes))
    return body, signature(status)


def _open(path: Path) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)), "rb")


def _check(status: os.stat_result, max_bytes: int) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise UnreadableError("is no regular file but a pipe, a socket or a device (save it to a file first)")
    if status.st_size > max_bytes:
        raise UnreadableError(_too_large(status.st_size, max_bytes))


def _too_large(size: int, max_bytes: int) -> str:
    return (
        f"is {size / _MEBIBYTE:.1f} MB, more than the {max_bytes / _MEBIBYTE:g} MB that are read "
        "(split it, or raise [ingest] max_megabytes)"
    )


def _reason(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "no such file (check the name)"
    if isinstance(error, IsADirectoryError):
        return "is a folder, not a file (name a file in it)"
    if isinstance(error, PermissionError):
        return "may not be read (give yourself the right to: chmod u+r)"
    return f"cannot be read: {error.strerror} (check the disk and try again)"
