"""Power cuts without a plug: record what a process writes and syncs, then make the disk as it could be after any cut.

A write that no fsync followed may be on the disk or not, each for itself and in any order; a synced one is. What the
process wrote to its standard output says what it had promised by then.
"""

from __future__ import annotations

import random
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.conftest import ROOT, need_program

_UNFINISHED = " <unfinished ...>"
_RESUMED = re.compile(r"^<\.\.\. \w+ resumed>")
_CALL = re.compile(
    r"^(?P<call>pwrite64|write|fsync|fdatasync|ftruncate)\((?P<fd>\d+)<(?P<path>[^>]*)>"
    r'(?:, "(?P<bytes>(?:\\x[0-9a-f]{2})*)"(?P<cut>\.\.\.)?)?(?:, (?P<numbers>[\d, ]+))?\) += (?P<result>-?\d+)'
)


@dataclass(frozen=True)
class Step:
    """A system call: ``write`` (bytes at an offset), ``truncate`` (to an offset), ``sync``, or ``say`` (a promise)."""

    kind: str
    name: str = ""
    data: bytes = b""
    offset: int = 0


@dataclass
class Disk:
    """Files as they certainly are, and the changes that no sync has made certain yet."""

    files: dict[str, bytearray]
    pending: dict[str, list[Step]] = field(default_factory=dict)

    def do(self, step: Step) -> None:
        """Carry out a step."""
        if step.kind == "sync":
            for change in self.pending.pop(step.name, []):
                _apply(self.files, change)
        elif step.kind != "say":
            self.pending.setdefault(step.name, []).append(step)

    def after_a_cut(self, choice: random.Random, share: float) -> dict[str, bytes]:
        """Return the files as they may be if the power fails now; each pending change survives with a chance."""
        files = {name: bytearray(data) for name, data in self.files.items()}
        for changes in self.pending.values():
            for change in changes:
                if choice.random() < share:
                    _apply(files, change)
        return {name: bytes(data) for name, data in files.items()}


def record(source: str, folder: Path, *arguments: str) -> list[Step]:
    """Run Python code under strace and return what it did to the files of a folder, and what it said."""
    log = folder.parent / f"{folder.name}.strace"
    calls = "pwrite64,write,fsync,fdatasync,ftruncate"
    strace = [
        need_program("strace", debian="strace"),
        "-f",
        "-y",
        "-xx",
        "-s",
        "100000",
        "-e",
        f"trace={calls}",
        "-o",
        str(log),
    ]
    done = subprocess.run(
        [*strace, sys.executable, "-c", source, *arguments],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if b"PTRACE" in done.stderr or b"ptrace" in done.stderr:
        pytest.skip(f"strace may not trace here: {done.stderr.decode().strip()}")
    assert done.returncode == 0, done.stderr.decode()
    return list(_steps(_whole(log.read_text().splitlines()), folder))


def _whole(lines: Iterable[str]) -> Iterator[str]:
    """Yield the calls of all threads without their thread, as they ended, each in one line.

    What was written while a sync was under way would look synced: SQLite never does that to one file.
    """
    begun: dict[str, str] = {}
    for line in lines:
        thread, _, said = line.partition(" ")
        said = said.lstrip()
        if said.endswith(_UNFINISHED):
            begun[thread] = said.removesuffix(_UNFINISHED)
            continue
        if found := _RESUMED.match(said):
            said = begun.pop(thread, "") + said[found.end() :].removeprefix(" ")
        for other in begun.values():
            overtaken = other.startswith(("fsync", "fdatasync")) and said.startswith(("pwrite64", "ftruncate"))
            assert not overtaken or _file(other) != _file(said), "a file was written to while it was synced"
        yield said


def _file(call: str) -> str:
    return call.partition("<")[2].partition(">")[0]


def _steps(lines: Iterable[str], folder: Path) -> Iterator[Step]:
    for line in lines:
        found = _CALL.match(line)
        assert found or not line.startswith((*_KINDS, "write(")), f"not understood: {line[:200]}"
        if found is None or found["result"].startswith("-"):
            continue
        data = bytes.fromhex((found["bytes"] or "").replace("\\x", ""))
        path = Path(
            bytes.fromhex(found["path"].replace("\\x", "")).decode() if "\\x" in found["path"] else found["path"]
        )
        numbers = [int(number) for number in (found["numbers"] or "0").split(", ")]
        if found["fd"] == "1":
            yield Step("say", data=data)
        elif path.parent == folder and not path.name.endswith("-shm"):
            assert not found["cut"], "strace cut a write short"
            assert found["call"] != "write", "SQLite was expected to write at offsets"
            yield Step(_KINDS[found["call"]], path.name, data, numbers[-1])


_KINDS = {"pwrite64": "write", "fsync": "sync", "fdatasync": "sync", "ftruncate": "truncate"}


def _apply(files: dict[str, bytearray], change: Step) -> None:
    data = files.setdefault(change.name, bytearray())
    end = change.offset + len(change.data)
    data.extend(bytes(max(0, end - len(data))))
    if change.kind == "truncate":
        del data[change.offset :]
    else:
        data[change.offset : end] = change.data
