"""Messages as files: an ``.eml`` any mail program opens, and the HTML a browser does.

The names derive from recipient and Message-ID, so a message written twice is the same files: nothing doubles.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

from digest.errors import RelayDown
from digest.model import Message


class FolderChannel:
    """``ports.Channel`` that writes ``FOLDER/RECIPIENT/SLOT.eml`` and ``.html``."""

    repeatable = True

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, message: Message, *, handing: Callable[[], None]) -> str:
        """Write the message and return where; each file appears whole or not at all."""
        handing()
        path = self._folder / _safe(message.recipient) / _safe(message.message_id.strip("<>").rsplit(".", 1)[0])
        if "@" not in message.message_id:
            path = path.with_name(_safe(message.message_id))
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _write(path.parent / f"{path.name}.html", message.html.encode())
            _write(path.parent / f"{path.name}.eml", message.raw)
        except OSError as error:
            raise RelayDown(
                f"the mail folder cannot be written: {error.strerror}",
                place=str(path.parent),
                hint="check [mail] folder",
            ) from error
        return f"written to {path}.eml"

    def close(self) -> None:
        """Nothing is held open."""


def _write(path: Path, content: bytes) -> None:
    """Write a file so that it is there whole, on disk, or not at all."""
    draft = path.with_name(f".{path.name}.part")
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _safe(name: str) -> str:
    """Return a file name without separators, leading dots or anything a shell minds."""
    return re.sub(r"[^\w.@+=-]+", "_", name).lstrip(".")[:120] or "_"
