"""A watched folder: what is put there is read once, even while it is still being written.

    inbox/dump.txt ──settled──▶ read ──stored──▶ inbox/done/dump.txt
                                     ──refused─▶ inbox/failed/dump.txt and dump.txt.reason.txt

A file has *settled* when nobody has it open for writing (Linux can tell) and either its last change is ``quiet`` long
ago or it looks the same as it did ``quiet`` ago. Should a writer go on after that, the file stays and is read again:
the papers of the first half are then known already. The move comes after the commit; a crash between the two means
that the file is read again, finds all its papers known, and is moved then.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from digest.errors import SourceError
from digest.model import Document, Skipped
from digest.sources.reading import MAX_BYTES, Signature, UnreadableError, read, signature
from digest.sources.writers import has_writer

QUIET = timedelta(seconds=2)
"""How long a file must have been left alone before it is read."""

_TEMPORARY = (".part", ".partial", ".tmp", ".temp", ".crdownload", ".download", ".filepart", ".swp", "~", ".lock")


class InboxSource:
    """The files of one folder, each read once when it has settled; hidden and temporary names are ignored.

    ``max_bytes`` is the most that is read of one file; ``pattern`` a glob that names must match.
    """

    def __init__(
        self,
        folder: Path,
        *,
        name: str = "inbox",
        pattern: str = "*",
        quiet: timedelta = QUIET,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self.folder = folder
        self._name = name
        self._pattern = pattern
        self._quiet = quiet
        self._max_bytes = max_bytes
        self._looked: dict[Path, tuple[Signature, datetime]] = {}
        self._read: dict[str, Signature] = {}

    @property
    def name(self) -> str:
        """Return the configured name."""
        return self._name

    @property
    def waiting(self) -> tuple[Path, ...]:
        """Return the files that the last look found still being written, or too fresh to tell."""
        return tuple(sorted(self._looked))

    def documents(self, now: datetime) -> Iterator[Document | Skipped]:
        """Yield the files that have settled by ``now``; raises ``SourceError`` where there can be no such folder."""
        for path in self._settled(now):
            try:
                body, seen = read(path, self._max_bytes)
            except UnreadableError as error:
                if path.exists():  # else somebody took it away meanwhile
                    yield Skipped(str(path), str(error))
                continue
            self._read[str(path)] = seen
            yield Document(source=self.name, name=str(path), body=body, modified_at=seen.modified_at)

    def done(self, document: Document) -> None:
        """Move the file to ``done/``, unless it has changed since it was read: then it is read again."""
        path = Path(document.name)
        if self._is_as_read(path):
            _move(path, self.folder / "done")

    def refused(self, item: Document | Skipped, reason: str) -> None:
        """Move the file to ``failed/`` with the reason beside it, unless it has changed since it was read."""
        path = Path(item.name if isinstance(item, Document) else item.where)
        if self._is_as_read(path):
            moved = _move(path, self.folder / "failed")
            moved.with_name(f"{moved.name}.reason.txt").write_text(f"{reason}\n", encoding="utf-8")

    def _settled(self, now: datetime) -> list[Path]:
        looked, self._looked = self._looked, {}
        settled = []
        for path, seen in self._present():
            before, since = looked.get(path, (seen, now))
            since = since if before == seen else now
            left_alone = self._quiet <= max(now - seen.modified_at, now - since)
            if left_alone and not has_writer(path):
                settled.append(path)
            else:
                self._looked[path] = (seen, since)
        return settled

    def _present(self) -> list[tuple[Path, Signature]]:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with os.scandir(self.folder) as entries:
                found = [
                    (Path(entry.path), signature(entry.stat()))
                    for entry in entries
                    if self._is_wanted(entry.name) and entry.is_file()
                ]
        except FileNotFoundError:  # a file went away while we looked: look again next time
            return []
        except OSError as error:
            raise SourceError(
                f"the folder cannot be watched: {error.strerror}",
                place=f"source {self.name}: {self.folder}",
                hint="make it a folder this user may read and write",
            ) from error
        return sorted(found, key=lambda pair: pair[0])

    def _is_wanted(self, name: str) -> bool:
        return not name.startswith(".") and not name.endswith(_TEMPORARY) and Path(name).match(self._pattern)

    def _is_as_read(self, path: Path) -> bool:
        seen = self._read.pop(str(path), None)
        try:
            now = signature(path.stat())
        except FileNotFoundError:
            return False
        return seen is None or now == seen


def _move(path: Path, folder: Path) -> Path:
    """Move a file into a folder under a name that is free there; a move a crash cut in half is finished."""
    try:
        folder.mkdir(exist_ok=True)
        for target in _names(folder, path.name):
            if _is_moved(path, target):
                return target
    except OSError as error:
        raise SourceError(
            f"cannot be moved to {folder}: {error.strerror}", place=str(path), hint="make the folder writable"
        ) from error
    raise AssertionError("unreachable: names do not run out")


def _names(folder: Path, name: str) -> Iterator[Path]:
    yield folder / name
    stem, dot, ending = name.partition(".")
    number = 1
    while number := number + 1:
        yield folder / f"{stem}-{number}{dot}{ending}"


def _is_moved(path: Path, target: Path) -> bool:
    try:
        os.link(path, target)  # unlike a rename, never replaces what is there
    except FileExistsError:
        if not path.samefile(target):
            return False
    except OSError:  # a file system without hard links
        if target.exists():
            return False
        path.rename(target)
        return True
    path.unlink()
    return True
