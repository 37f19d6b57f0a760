"""Every file of folders, read or refused cleanly: ``python -m bench feeds FOLDER…``.

For the test files of feedparser and of the W3C's validator, and any others. A crash is any exception but a
``DigestError`` that names place and way out; a hang is a file that takes longer than ten seconds. Memory is the most
that this process and the largest of the children it reads broken feeds in have held.
"""

from __future__ import annotations

import resource
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from digest.errors import DigestError
from digest.model import Document
from digest.parsers import parse
from digest.sources.loose import read_loosely

PATIENCE = 10.0
"""Seconds after which a file counts as a hang."""


class Fate(NamedTuple):
    """What became of a file, what was said of it, and the seconds it took."""

    what: str
    said: str
    seconds: float


def main(arguments: list[str]) -> None:
    """Read every file below each folder and print what became of them, and every crash, hang and bare refusal."""
    for folder in map(Path, arguments):
        fates = {path: _timed(path) for path in sorted(folder.rglob("*")) if path.is_file()}
        counts = Counter(fate.what for fate in fates.values())
        print(f"{folder}: {counts.total()} files: {dict(counts.most_common())}")
        print("\n".join(_remarkable(fates)))
    for name, who in ("this process", resource.RUSAGE_SELF), ("a child", resource.RUSAGE_CHILDREN):
        print(f"memory of {name}: at most {resource.getrusage(who).ru_maxrss / 1024:.0f} MiB")


def _remarkable(fates: dict[Path, Fate]) -> Iterator[str]:
    """Yield a line for each file that was neither read nor refused as it should be, the slowest, and the refusals."""
    for path, fate in fates.items():
        if fate.what in {"crash", "bare refusal"} or fate.seconds > PATIENCE:
            yield f"  {fate.what} after {fate.seconds:.1f} s: {path}: {fate.said}"
    path, slowest = max(fates.items(), key=lambda item: item[1].seconds)
    yield f"  slowest: {slowest.seconds:.2f} s ({path})"
    reasons = Counter(fate.said for fate in fates.values() if fate.what == "refused")
    yield from (f"  {count:5} refused: {reason}" for reason, count in reasons.most_common(20))


def _timed(path: Path) -> Fate:
    started = time.perf_counter()
    what, said = _read(path)
    return Fate(what, said, time.perf_counter() - started)


def _read(path: Path) -> tuple[str, str]:
    document = Document(source="files", name=path.name, body=path.read_bytes())
    try:
        listing = parse(document, loose=read_loosely)
    except DigestError as error:
        return "refused" if error.place and error.hint else "bare refusal", error.message
    except Exception as error:
        return "crash", f"{type(error).__name__}: {error}"
    return ("papers" if listing.sightings else "no papers"), ""
