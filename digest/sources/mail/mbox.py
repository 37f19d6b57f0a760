"""An mbox file (RFC 4155): mails one after another, each begun by a line ``From …`` after an empty one."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from digest.errors import SourceError
from digest.model import Document, Quiet, Skipped
from digest.ports import SourceStates
from digest.sources.polling import Polling
from digest.sources.reading import MAX_BYTES, UnreadableError, read
from digest.sources.writers import has_writer

QUIET = timedelta(seconds=2)
_FROM = re.compile(rb"(?:\A|(?<=\n\n)|(?<=\n\r\n))From [^\n]*\n")
_HEAD = 1024


class MboxSource:
    """The mails of an mbox file that were not read yet. The file is never changed.

    How far it was read is remembered; where a mail program has rewritten the file, it is read from its start, and
    the papers of the mails read before are known already.
    """

    def __init__(
        self,
        name: str,
        path: Path,
        states: SourceStates,
        *,
        max_bytes: int = MAX_BYTES,
        quiet: timedelta = QUIET,
    ) -> None:
        self._name = name
        self._path = path
        self._polling = Polling(name, states, timedelta(0))
        self._max_bytes = max_bytes
        self._quiet = quiet
        self._ends: dict[str, Mapping[str, str]] = {}

    @property
    def name(self) -> str:
        """Return the configured name."""
        return self._name

    def documents(self, now: datetime) -> Iterator[Document | Skipped | Quiet]:
        """Yield the new mails in the order of the file; raises ``SourceError`` where it cannot be read."""
        try:
            body, seen = read(self._path, self._max_bytes)
        except UnreadableError as error:
            raise SourceError(str(error), place=f"source {self._name}: {self._path}") from error
        if timedelta(0) <= now - seen.modified_at < self._quiet or has_writer(self._path):
            yield Quiet(self._name, "mail is just being delivered")
            return
        for start, end in _mails(body, _start(body, self._polling.memory)):
            place = f"{self._path}, mail at byte {start}"
            self._ends[place] = {"read": str(end), "head": _head(body, end), "length": str(min(end, _HEAD))}
            yield Document(
                source=self._name,
                name=place,
                body=_unquoted(body[start:end]),
                content_type="message/rfc822",
                modified_at=seen.modified_at,
            )

    def done(self, document: Document) -> None:
        """Remember that the file was read as far as this mail."""
        self._passed(document.name)

    def refused(self, item: Document | Skipped, reason: str) -> None:  # noqa: ARG002 - the report names the reason
        """Remember the same: a mail that is no listing will not become one."""
        self._passed(item.name if isinstance(item, Document) else item.where)

    def _passed(self, place: str) -> None:
        if place in self._ends:
            self._polling.learn(self._ends.pop(place))


def _start(body: bytes, memory: Mapping[str, str]) -> int:
    """Return where the unread mails begin: the start, where the file is not the one whose reading is remembered."""
    read_to, length = int(memory.get("read", 0)), int(memory.get("length", 0))
    return read_to if read_to <= len(body) and _head(body, length) == memory.get("head", "") else 0


def _head(body: bytes, upto: int) -> str:
    return hashlib.sha256(body[: min(upto, _HEAD)]).hexdigest()


def _mails(body: bytes, start: int) -> Iterator[tuple[int, int]]:
    """Yield where each mail begins (its ``From`` line included) and ends."""
    begins = [found.start() for found in _FROM.finditer(body) if found.start() >= start]
    ends = [*begins[1:], len(body)] if begins else []
    yield from zip(begins, ends, strict=True)


def _unquoted(mail: bytes) -> bytes:
    """Return a mail without its ``From`` line and with the quoted ones inside it as they were."""
    return re.sub(rb"(?m)^>(>*From )", rb"\1", mail.partition(b"\n")[2])
