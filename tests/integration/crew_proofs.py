"""Proofs over delivery by several processes: one or all of them killed anywhere, and power cuts under all of them."""

from __future__ import annotations

import random
import shutil
import threading
from contextlib import suppress
from pathlib import Path

from digest.app import App
from digest.app.stopping import Stop
from digest.config import Config
from digest.pipeline.deliver import Doubt
from tests.integration.crews import DEADLINE, Crew, crew, read, settings, waiting
from tests.integration.harder_proofs import cut_everywhere
from tests.integration.proofs import HOUR, Tally, taken, witness
from tests.integration.smtp_server import ScriptedServer, scripted
from tests.integration.verbs import NOW, ingest, subscribe

READERS = 40
PROCESSES = 3
CONNECTIONS = 2
WHO = ("parent", "helper", "all")
"""Who is killed."""

_DELIVER = """
import sys
from pathlib import Path
from tests.integration.crew_work import Crewed
from tests.integration.crews import read
from tests.integration.verbs import NOW

with Crewed.open(read(Path(sys.argv[1])), now=NOW) as app:
    app.deliver()
"""


def killed_crew(folder: Path, doubt: Doubt, who: str, points: int, *, seed: int = 3) -> Tally:
    """Kill processes of a delivery when the server has been told so many things, drawn from all; later ones finish."""
    tally, prepared = Tally(), folder / "prepared"
    prepared.mkdir()
    waiting(prepared, READERS)
    for point in sorted(random.Random(f"{seed} {who} {doubt}").sample(range(1, 4 * READERS), points)):
        at = folder / f"point{point}"
        shutil.copytree(prepared, at)
        with scripted() as server:
            file = settings(
                at, server.port, processes=PROCESSES, connections=CONNECTIONS, batch=2, doubt=doubt, stop_seconds=5
            )
            _kill_at(point, who, file, server)
            _finish(read(file), doubt, server)
        tally.judge(read(file).store.url, taken(server.accepted), doubt, f"{who} killed at {point}")
        shutil.rmtree(at)
    return tally


def _kill_at(point: int, who: str, file: Path, server: ScriptedServer) -> None:
    killer = _Killer(point, who)
    server.before = killer
    with crew("-c", _DELIVER, str(file)) as running:
        killer.crew.append(running)
        code = running.ended()
    assert killer.has_killed, f"{who} had ended before step {point}: {running.said}"
    assert code == (0 if who == "helper" else -9), running.said


def _finish(config: Config, doubt: Doubt, server: ScriptedServer) -> None:
    """Deliver what is left when all leases have run out; what is in doubt then is settled by the second time."""
    for hours in (1, 2):
        at = NOW + hours * HOUR
        with App.open(config, now=at) as app:
            app.deliver_alone(Stop(), witness(doubt, server, at))


class _Killer:
    """Lets all connections of all processes begin together, and kills at the n-th thing the server is told then."""

    def __init__(self, point: int, who: str) -> None:
        self.crew: list[Crew] = []
        self.has_killed = False
        self._who, self._left = who, point
        self._together = threading.Barrier(PROCESSES * CONNECTIONS)
        self._counting = threading.Lock()

    def __call__(self, step: str) -> None:
        """Count a step, and kill before it is answered where it is the one."""
        if step == "banner":
            with suppress(threading.BrokenBarrierError):  # somebody was killed, and nobody waits for anybody any more
                self._together.wait(0 if self.has_killed else DEADLINE)
            return
        with self._counting:
            self._left -= 1
            if self._left == 0:
                self.crew[0].kill(self._who)
                self.has_killed = True
                self._together.abort()


_SAY = """
import os, sys
from tests.integration.crew_work import compose_and_say, deliver_by_helpers

compose_and_say(sys.argv[1])
deliver_by_helpers(sys.argv[1], int(sys.argv[2]))
os.write(1, b"delivered")
"""


def power_cuts_of_a_crew(folder: Path, *, readers: int, helpers: int = 2) -> Tally:
    """Cut the power at every sync and every promise of processes that deliver from one database."""
    store = folder / "store"
    store.mkdir()
    url = f"sqlite:///{store / 'digest.db'}"
    subscribe(url, readers=tuple(f"reader{n}@example.org" for n in range(readers)))
    ingest(url)
    return cut_everywhere(folder, _SAY, readers, url, str(helpers))
