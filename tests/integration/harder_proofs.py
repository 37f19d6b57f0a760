"""More proofs, below the program: killed at system calls, and power cuts, over composing and delivering."""

from __future__ import annotations

import random
import re
import sqlite3
import subprocess
import sys
from collections import Counter
from itertools import zip_longest
from pathlib import Path

import pytest

from digest.channels import Server
from digest.pipeline.deliver import Doubt
from tests.conftest import need_program
from tests.integration import ways
from tests.integration.proofs import HOUR, Tally, ready, taken, witness
from tests.integration.verbs import NOW, ROOT, compose, copied, deliver_by_smtp, ingest, subscribe
from tests.integration.ways import PLAIN, Way
from tests.power import Disk, record

CALLS = "pwrite64,pread64,fsync,fdatasync,ftruncate,fcntl,unlink,connect,sendto,recvfrom"
"""The system calls by which a process changes the database or speaks to a mail server."""
WRITES = "pwrite64,ftruncate"
"""Those that fail on a full disk."""

_WORK = """
import sys
from digest.errors import StoreError
from digest.pipeline.deliver import Doubt
from tests.integration import ways
from tests.integration.verbs import compose, deliver_by_smtp

url, server, doubt, connections = sys.argv[1:]
try:
    compose(url)
    deliver_by_smtp(url, ways.read(server), Doubt(doubt), connections=int(connections))
except StoreError as error:
    sys.exit(f"StoreError: {error}")
"""


def killed_at_calls(folder: Path, doubt: Doubt, points: int, *, way: Way = PLAIN, seed: int = 11) -> Tally:
    """Kill composing and delivering at random system calls of one process; later runs finish."""
    return _broken_at_calls(folder, doubt, points, CALLS, "signal=SIGKILL:when={}", way, seed)


def full_disk(folder: Path, doubt: Doubt, points: int, *, way: Way = PLAIN, seed: int = 7) -> Tally:
    """Fill the disk at random writes of a process that composes and delivers: from there on, none succeeds.

    There is space again for later runs, which finish.
    """
    return _broken_at_calls(folder, doubt, points, WRITES, "error=ENOSPC:when={}+", way, seed)


def _broken_at_calls(folder: Path, doubt: Doubt, points: int, calls: str, inject: str, way: Way, seed: int) -> Tally:
    tally, waiting = Tally(), ready(folder, composed=False)
    for call, n in _drawn(_calls(waiting, calls, way), points, random.Random(f"{seed} {doubt} {way}")):
        url = copied(waiting, folder / "broken.db")
        with way.served() as server:
            to = way.to(server.port)
            trouble = f"inject={call}:{inject.format(n)}"
            _traced(folder, ["-e", f"trace={call}", "-e", trouble, *_only_of(url, calls)], url, to, doubt, way)
            compose(url)
            for hours in (1, 2):
                at = NOW + hours * HOUR
                evidence = witness(doubt, server, at)
                deliver_by_smtp(url, to, doubt, at=at, evidence=evidence, connections=way.connections)
        tally.judge(url, taken(server.accepted), doubt, f"{call} {n}")
    return tally


def _drawn(made: Counter[str], points: int, choice: random.Random) -> list[tuple[str, int]]:
    """Draw calls by lot, as many of each kind, as far as they go: locks outnumber what is written and sent by far."""
    kinds = [[(call, n) for n in choice.sample(range(1, times + 1), times)] for call, times in sorted(made.items())]
    choice.shuffle(kinds)
    in_turn = [point for drawn in zip_longest(*kinds) for point in drawn if point is not None]
    return in_turn[:points]


_counted: dict[tuple[str, Way], Counter[str]] = {}


def _calls(waiting: Path, calls: str, way: Way) -> Counter[str]:
    """Count, once for all policies, how often a call is made by the thread that makes it most often.

    strace counts for each thread too.
    """
    if (calls, way) not in _counted:
        _counted[calls, way] = _count(waiting, calls, way)
    return _counted[calls, way]


def _count(waiting: Path, calls: str, way: Way) -> Counter[str]:
    folder, url = waiting.parent, copied(waiting, waiting.parent / "counted.db")
    with way.served() as server:
        _traced(folder, ["-e", f"trace={calls}", *_only_of(url, calls)], url, way.to(server.port), Doubt.HOLD, way)
    made = Counter(re.findall(r"(?m)^(\d+ +\w+)\(", (folder / "calls").read_text()))
    most: Counter[str] = Counter()
    for (_, call), times in ((key.split(), times) for key, times in made.items()):
        most[call] = max(most[call], times)
    return most


def _only_of(url: str, calls: str) -> list[str]:
    """Return what leaves the index beside a database alone, which need not be on a disk, where writes are to fail."""
    database = url.removeprefix("sqlite:///")
    return ["-P", database, "-P", f"{database}-wal"] if calls == WRITES else []


def _traced(folder: Path, options: list[str], url: str, to: Server, doubt: Doubt, way: Way) -> None:
    strace = [need_program("strace", debian="strace"), "-f", "--seccomp-bpf", "-o", str(folder / "calls"), *options]
    work = [sys.executable, "-c", _WORK, url, ways.written(to), doubt.value, str(way.connections)]
    done = subprocess.run([*strace, *work], cwd=ROOT, capture_output=True, check=False)
    if b"PTRACE" in done.stderr or b"ptrace" in done.stderr:
        pytest.skip(f"strace may not trace here: {done.stderr.decode().strip()}")
    gave_up = done.returncode == 1 and done.stderr.startswith(b"StoreError: ")
    assert gave_up or done.returncode in {0, -9, 137}, done.stderr.decode()


_SAY = """
import os, sys
from digest.pipeline.deliver import deliver
from tests.integration.crew_work import Loud, compose_and_say
from tests.integration.verbs import NOW, opened, renderer

compose_and_say(sys.argv[1])
beside = [lambda _: Loud()] * (int(sys.argv[2]) - 1)
with opened(sys.argv[1]) as store:
    deliver(store.outbox, renderer(), lambda _: Loud(), owner="me", now=lambda: NOW, limit=2, beside=beside)
os.write(1, b"delivered")
"""


def power_cuts(
    folder: Path, *, readers: int, connections: int = 1, shares: tuple[float, ...] = (0.0, 0.5, 1.0)
) -> Tally:
    """Cut the power at every sync and every promise of a process that composes and delivers.

    A mail whose body has left must never look unsent afterwards: it is ``handing`` or ``sent``.
    """
    store = folder / "store"
    store.mkdir()
    url = f"sqlite:///{store / 'digest.db'}"
    subscribe(url, readers=tuple(f"reader{n}@example.org" for n in range(readers)))
    ingest(url)
    return cut_everywhere(folder, _SAY, readers, url, str(connections), shares=shares)


def cut_everywhere(
    folder: Path, source: str, readers: int, *arguments: str, shares: tuple[float, ...] = (0.0, 0.5, 1.0)
) -> Tally:
    """Cut the power at every sync and every promise of a program that says what it has done with a store."""
    store = folder / "store"
    disk = Disk({path.name: bytearray(path.read_bytes()) for path in store.iterdir()})
    choice, tally, said = random.Random(5), Tally(), []
    for step in record(source, store, *arguments):
        disk.do(step)
        said += [step.data.decode()] if step.kind == "say" else []
        if step.kind in {"say", "sync"} or choice.random() < 0.05:
            for share in shares:
                _judge_cut(tally, _left(disk.after_a_cut(choice, share), folder / "after"), said, readers)
    assert said[-1] == "delivered"
    assert len(said) == readers + 2
    return tally


def _left(files: dict[str, bytes], folder: Path) -> dict[str, str]:
    """Start again with what is left on the disk: the state of each message."""
    folder.mkdir(exist_ok=True)
    for path in folder.iterdir():
        path.unlink()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    connection = sqlite3.connect(folder / "digest.db")
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    states = dict(connection.execute("SELECT message_id, state FROM outbox"))
    (told,) = connection.execute("SELECT count(DISTINCT subscriber_id) FROM ledger").fetchone()
    connection.close()
    assert told == len(states), "ledger and outbox disagree"
    return states


def _judge_cut(tally: Tally, states: dict[str, str], said: list[str], readers: int) -> None:
    tally.points += 1
    composed = "composed" in said
    tally.lost += composed and len(states) != readers
    tally.lost += not composed and len(states) not in {0, readers}
    left = [one for one in said if one not in {"composed", "delivered"}]
    tally.doubled_unflagged += sum(states.get(one) not in {"handing", "sent"} for one in left)
    tally.lost += "delivered" in said and set(states.values()) != {"sent"}
    tally.held += sum(states.get(one) == "handing" for one in left)
