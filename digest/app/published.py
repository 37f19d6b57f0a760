"""The feed files: for each subscriber one RSS, one Atom and one JSON Feed, replaced as a whole.

A file beside them holds the number of the last digest whose feeds were written: what a process that was killed did not
write, the next one does.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote

from digest.errors import DeliveryError
from digest.model import FeedFormat, Subscriber
from digest.ports import Renderer, Views

LAST = ".last-digest"
LONGEST_NAME = 230
"""Characters of an address that are a file name as they are; file systems take 255, with all that is put around it."""


def last_digest(folder: Path) -> int:
    """Return the number of the last digest whose feeds were written into ``folder``; 0 where none was."""
    try:
        return int((folder / LAST).read_text(encoding="ascii"))
    except (OSError, ValueError):
        return 0


def note_last_digest(folder: Path, digest_id: int) -> None:
    """Remember that the feeds of all digests up to this one are written."""
    _replace(folder / LAST, str(digest_id).encode())


def publish(
    subscribers: Iterable[Subscriber], views: Views, renderer: Renderer, *, folder: Path, entries: int
) -> Iterator[Path]:
    """Write the three feeds of each subscriber into ``folder`` and yield their paths; raises ``DeliveryError``."""
    for subscriber in subscribers:
        newest = views.feed(subscriber.id, limit=entries)
        for feed_format in FeedFormat:
            path = folder / f"{file_name(subscriber.address)}.{feed_format}"
            _replace(path, renderer.feed(subscriber, newest, feed_format))
            yield path


def file_name(address: str) -> str:
    """Return the start of a subscriber's file names: the address, safe as a name on every system, or begun."""
    quoted = quote(address, safe="@+")
    if len(quoted) <= LONGEST_NAME:
        return quoted
    return f"{quoted[:100]}~{hashlib.sha256(address.encode()).hexdigest()[:32]}"


def _replace(path: Path, content: bytes) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_bytes(content)
        draft.replace(path)
    except OSError as error:
        raise DeliveryError(
            f"the feed cannot be written: {error.strerror}",
            place=str(path),
            hint="choose another place with [feeds] folder",
        ) from error
