"""Files and folders that somebody named."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from digest.model import Document, Skipped
from digest.sources.reading import MAX_BYTES, UnreadableError, read


@dataclass(frozen=True, slots=True)
class FileSource:
    """The named files, and all files in and below the named folders by name; hidden ones only where named.

    A file that cannot be read is a ``Skipped`` that says why; the others go on. ``listed_on`` is the day the caller
    says these listings are of. Nothing is ever moved or changed.
    """

    paths: Sequence[Path]
    name: str = "files"
    listed_on: date | None = None
    max_bytes: int = MAX_BYTES

    def documents(self, now: datetime) -> Iterator[Document | Skipped]:  # noqa: ARG002 - files do not ask the time
        """Yield every file there is, read whole."""
        yield from (found if isinstance(found, Skipped) else self._document(found) for found in self._files())

    def count(self) -> int:
        """Return how many files there are."""
        return sum(1 for _ in self._files())

    def _files(self) -> Iterator[Path | Skipped]:
        for path in self.paths:
            if os.path.isdir(path):  # noqa: PTH112 - Path.is_dir raises on a name that is too long
                yield from self._below(path)
            else:
                yield path

    def done(self, document: Document) -> None:
        """Leave the file alone: it is somebody else's."""

    def refused(self, item: Document | Skipped, reason: str) -> None:
        """Leave the file alone: it is somebody else's."""

    def _below(self, folder: Path) -> Iterator[Path | Skipped]:
        unreadable: list[OSError] = []
        for parent, folders, files in os.walk(folder, onerror=unreadable.append):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted(files):
                if not name.startswith("."):
                    yield Path(parent, name)
        for error in unreadable:
            yield Skipped(str(error.filename), f"this folder cannot be read: {error.strerror} (chmod u+rx)")

    def _document(self, path: Path) -> Document | Skipped:
        try:
            body, seen = read(path, self.max_bytes)
        except UnreadableError as error:
            return Skipped(str(path), str(error))
        return Document(
            source=self.name, name=str(path), body=body, listed_on=self.listed_on, modified_at=seen.modified_at
        )
