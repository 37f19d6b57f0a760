"""More proofs, below the program: killed at system calls, and power cuts, over composing and delivering."""

from __future__ import annotations

import random
import re
import sqlite3
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from digest.pipeline.deliver import Doubt
from tests.conftest import need_program
from tests.integration.proofs import HOUR, Tally, ready, taken, witness
from tests.integration.smtp_server import scripted
from tests.integration.verbs import NOW, ROOT, compose, copied, deliver_by_smtp, ingest, subscribe
from tests.power import Disk, record

CALLS = "pwrite64,pread64,fsync,fdatasync,ftruncate,fcntl,unlink,connect,sendto,recvfrom"
"""The system calls by which a process changes the database or speaks to a mail server."""

_WORK = """
import sys
from digest.pipeline.deliver import Doubt
from tests.integration.verbs import compose, deliver_by_smtp

compose(sys.argv[1])
deliver_by_smtp(sys.argv[1], int(sys.argv[2]), Doubt(sys.argv[3]))
"""


def killed_at_calls(folder: Path, doubt: Doubt, points: int, *, seed: int = 11) -> Tally:
    """Kill composing and delivering at random system calls of one process; later runs finish."""
    tally, waiting = Tally(), ready(folder, composed=False)
    made = _calls(folder, copied(waiting, folder / "counted.db"), doubt)
    every = [(call, n) for call, count in sorted(made.items()) for n in range(1, count + 1)]
    for call, n in random.Random(seed).sample(every, min(points, len(every))):
        url = copied(waiting, folder / "killed.db")
        with scripted() as server:
            inject = f"inject={call}:signal=SIGKILL:when={n}"
            _traced(folder, ["-e", f"trace={call}", "-e", inject], url, server.port, doubt)
            compose(url)
            deliver_by_smtp(url, server.port, doubt, at=NOW + HOUR, evidence=witness(doubt, server))
        tally.judge(url, taken(server.accepted), doubt, f"{call} {n}")
    return tally


def _calls(folder: Path, url: str, doubt: Doubt) -> Counter[str]:
    with scripted() as server:
        _traced(folder, ["-e", f"trace={CALLS}"], url, server.port, doubt)
    return Counter(re.findall(r"(?m)^(\w+)\(", (folder / "calls").read_text()))


def _traced(folder: Path, options: list[str], url: str, port: int, doubt: Doubt) -> None:
    strace = [need_program("strace", debian="strace"), "-o", str(folder / "calls"), *options]
    work = [sys.executable, "-c", _WORK, url, str(port), doubt.value]
    done = subprocess.run([*strace, *work], cwd=ROOT, capture_output=True, check=False)
    if b"PTRACE" in done.stderr or b"ptrace" in done.stderr:
        pytest.skip(f"strace may not trace here: {done.stderr.decode().strip()}")
    assert done.returncode in {0, -9, 137}, done.stderr.decode()


_SAY = """
import os, sys
from digest.pipeline.deliver import deliver
from tests.integration.verbs import NOW, compose, opened, renderer

class Loud:
    repeatable = False
    relay = "standard output"

    def send(self, message, *, handing):
        handing()
        os.write(1, message.message_id.encode())
        return "250 ok"

compose(sys.argv[1])
os.write(1, b"composed")
with opened(sys.argv[1]) as store:
    deliver(store.outbox, renderer(), lambda _: Loud(), owner="me", now=lambda: NOW, limit=2)
os.write(1, b"delivered")
"""


def power_cuts(folder: Path, *, readers: int, shares: tuple[float, ...] = (0.0, 0.5, 1.0)) -> Tally:
    """Cut the power at every sync and every promise of a process that composes and delivers.

    A mail whose body has left must never look unsent afterwards: it is ``handing`` or ``sent``.
    """
    store = folder / "store"
    store.mkdir()
    url = f"sqlite:///{store / 'digest.db'}"
    subscribe(url, readers=tuple(f"reader{n}@example.org" for n in range(readers)))
    ingest(url)
    disk = Disk({path.name: bytearray(path.read_bytes()) for path in store.iterdir()})
    choice, tally, said = random.Random(5), Tally(), []
    for step in record(_SAY, store, url):
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
