"""What has to be on the disk before somebody is told that it is."""

from __future__ import annotations

import os
from pathlib import Path


def sync(path: Path) -> None:
    """Put a file's bytes, or the names in a folder, on the disk; raises ``OSError``.

    A file that is there whole may be there under no name after a power cut, until its folder is synced too.
    """
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
