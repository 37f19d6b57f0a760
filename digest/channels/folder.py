"""Messages as files: an ``.eml`` any mail program opens, and the HTML a browser does.

The names derive from recipient and Message-ID, so a message written twice is the same files: nothing doubles.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from digest.durable import sync
from digest.errors import RelayDown
from digest.model import Message


class FolderChannel:
    """``ports.Channel`` that writes ``FOLDER/RECIPIENT/SLOT.eml`` and ``.html``."""

    repeatable = True

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def relay(self) -> str:
        """Return the folder."""
        return str(self._folder)

    def of(self, recipient: str) -> Path:
        """Return the folder with the mails of one recipient."""
        return self._folder / _safe(recipient)

    def send(self, message: Message, *, handing: Callable[[], None]) -> str:
        """Write the message and return where; each file appears whole or not at all."""
        handing()
        path = self.of(message.recipient) / _safe(_occasion(message.message_id))
        try:
            _make(path.parent)
            _write(path.parent / f"{path.name}.html", message.html.encode())
            _write(path.parent / f"{path.name}.eml", message.raw)
            sync(path.parent)
        except OSError as error:
            raise RelayDown(
                f"the mail folder cannot be written: {error.strerror}",
                place=str(path.parent),
                hint="check [mail] folder",
            ) from error
        return f"written to {path}.eml"

    def close(self) -> None:
        """Nothing is held open."""


def _make(folder: Path) -> None:
    """Make a folder and those it lies in, so that they are there after a power cut too."""
    if not folder.is_dir():
        _make(folder.parent)
        folder.mkdir(exist_ok=True)
        sync(folder.parent)


def _write(path: Path, content: bytes) -> None:
    """Write a file so that it is there whole, on disk, or not at all."""
    draft = path.with_name(f".{path.name}.part")
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _occasion(message_id: str) -> str:
    """Return the slot a derived Message-ID begins with: ``<2026-11-20.f51418@…>`` is of 2026-11-20."""
    return message_id.strip("<>").partition("@")[0].rpartition(".")[0] or message_id.strip("<>")


def _safe(name: str) -> str:
    """Return a file name without separators or leading dots, another one for every other name."""
    quoted = quote(name, safe="@+=-_.~")
    if quoted.startswith("."):
        quoted = f"%2E{quoted[1:]}"
    return quoted if len(quoted) <= 150 else f"{quoted[:100]}~{hashlib.sha256(name.encode()).hexdigest()[:32]}"
