"""A maildir (https://cr.yp.to/proto/maildir.html): a file a mail, whole as soon as it is there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from digest.errors import SourceError
from digest.model import Document, Quiet, Skipped
from digest.sources.reading import MAX_BYTES, UnreadableError, read

_SEEN, _FLAGGED = "S", "F"


@dataclass(frozen=True, slots=True)
class MaildirSource:
    """The unread mails of a maildir, oldest first.

    What was stored is marked as read, what was no listing as read and flagged, so that any mail program shows which
    mails those were. Nothing is removed but what somebody says must not be kept.
    """

    name: str
    folder: Path
    max_bytes: int = MAX_BYTES

    def documents(self, now: datetime) -> Iterator[Document | Skipped | Quiet]:  # noqa: ARG002 - a mail there is whole
        """Yield the unread mails; raises ``SourceError`` where there is no maildir."""
        for path in self._unread():
            try:
                body, seen = read(path, self.max_bytes)
            except UnreadableError as error:
                yield Skipped(str(path), str(error))
                continue
            yield Document(
                source=self.name,
                name=str(path),
                body=body,
                content_type="message/rfc822",
                modified_at=seen.modified_at,
            )

    def done(self, document: Document) -> None:
        """Mark the mail as read."""
        self._mark(Path(document.name), _SEEN)

    def refused(self, item: Document | Skipped, reason: str) -> None:  # noqa: ARG002 - the report names the reason
        """Mark the mail as read and flagged."""
        self._mark(Path(item.name if isinstance(item, Document) else item.where), _FLAGGED + _SEEN)

    def remove(self, document: Document) -> None:
        """Remove the mail."""
        path = Path(document.name)
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise SourceError(
                f"cannot be removed: {error.strerror}", place=str(path), hint="make the maildir writable"
            ) from error

    def _unread(self) -> list[Path]:
        try:
            found = [path for box in ("new", "cur") for path in (self.folder / box).iterdir() if path.is_file()]
        except OSError as error:
            raise SourceError(
                f"is no maildir that can be read: {error.strerror}",
                place=f"source {self.name}: {self.folder}",
                hint="name a folder with new, cur and tmp in it",
            ) from error
        unread = (path for path in found if not path.name.startswith(".") and _SEEN not in _flags(path))
        return sorted(unread, key=lambda path: path.name)

    def _mark(self, path: Path, flags: str) -> None:
        """Rename as the protocol has it: base, ``:2,``, the flags in alphabetical order."""
        base = path.name.partition(":2,")[0]
        marked = self.folder / "cur" / f"{base}:2,{''.join(sorted({*_flags(path), *flags}))}"
        try:
            path.rename(marked)
        except FileNotFoundError:
            return  # a mail program has moved or marked it meanwhile
        except OSError as error:
            raise SourceError(
                f"cannot be marked as read: {error.strerror}", place=str(path), hint="make the maildir writable"
            ) from error


def _flags(path: Path) -> str:
    return path.name.partition(":2,")[2]
