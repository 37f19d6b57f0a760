"""Every feed of a folder, read or refused cleanly: ``python -m bench feeds FOLDER [SECONDS]``.

For the test files of feedparser and of the W3C's validator, and any others. A crash is any exception but
``ListingError``; a hang is a file that takes longer than ``SECONDS`` (10). The largest memory of a child is reported.
"""

from __future__ import annotations

import resource
import time
from collections import Counter
from pathlib import Path

from digest.errors import ListingError
from digest.model import Document
from digest.parsers import parse
from digest.sources.loose import read_loosely


def main(arguments: list[str]) -> None:
    """Read every file below the folder and print what became of them."""
    folder, patience = Path(arguments[0]), float(arguments[1]) if len(arguments) > 1 else 10.0
    fates: Counter[str] = Counter()
    slowest = (0.0, "")
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        started = time.perf_counter()
        fate = _fate(path)
        seconds = time.perf_counter() - started
        slowest = max(slowest, (seconds, str(path)))
        fates["hang" if seconds > patience else fate] += 1
        if fate.startswith("crash") or seconds > patience:
            print(f"  {fate} after {seconds:.1f} s: {path}")
    mebibytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"{fates.total()} files: {dict(fates.most_common())}")
    print(f"slowest {slowest[0]:.2f} s ({slowest[1]}); a child's memory at most {mebibytes:.0f} MiB")


def _fate(path: Path) -> str:
    document = Document(source="files", name=path.name, body=path.read_bytes())
    try:
        listing = parse(document, loose=read_loosely)
    except ListingError:
        return "refused"
    except Exception as error:
        return f"crash: {type(error).__name__}: {error}"
    return "papers" if listing.sightings else "no papers"
