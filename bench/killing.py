"""Delivery broken at every point: the proofs of tests/integration at full length (``python -m bench killing``)."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from digest.pipeline.deliver import Doubt
from tests.integration import crew_proofs, harder_proofs, proofs
from tests.integration.proofs import Tally
from tests.integration.ways import WAYS, Way
from tests.postfix import running
from tests.postgres import Postgres

CALLS = 27
"""System calls at which a process is killed, for each way and policy."""
WRITES = 12
"""Writes from which on the disk is full, for each way and policy."""
CREWS = 12
"""Moments of a delivery by three processes at which one or all of them are killed, for each policy."""

Proof = Callable[[Path, Doubt, Way], Tally]

BROKEN: dict[str, Proof] = {
    "steps": lambda folder, doubt, way: proofs.killed_at_every_step(folder, doubt, way=way),
    "calls": lambda folder, doubt, way: harder_proofs.killed_at_calls(folder, doubt, CALLS, way=way),
    "disk": lambda folder, doubt, way: harder_proofs.full_disk(folder, doubt, WRITES, way=way),
    "faults": lambda folder, doubt, way: proofs.faulty_server(folder, doubt, proofs.faults(way), way=way),
    "clock": lambda folder, doubt, way: proofs.jumping_clock(folder, doubt, _around_the_doubt(folder), way=way),
}
"""What is broken, by every policy and on every way mail leaves."""


def main(arguments: list[str]) -> None:
    """Run the proofs whose names begin with what is given, or all; fail where one finds something."""
    clean, total = True, Tally()
    for name, proof in _all():
        if arguments and not name.startswith(tuple(arguments)):
            continue
        with tempfile.TemporaryDirectory(prefix="digest-proof-") as folder:
            begun = time.monotonic()
            tally = proof(Path(folder))
        clean &= tally.is_clean
        total += tally
        print(f"{name}: {tally} ({time.monotonic() - begun:.0f} s)", *tally.notes, sep="\n  ", flush=True)
    print(f"all: {total}")
    sys.exit(0 if clean else 1)


def _all() -> Iterator[tuple[str, Callable[[Path], Tally]]]:
    for name, proof in BROKEN.items():
        for way in WAYS:
            for doubt in Doubt:
                yield f"{name}, {way}, {doubt}", partial(_of, proof, doubt, way)
    for who in crew_proofs.WHO:
        for doubt in Doubt:
            yield f"crew, {who}, {doubt}", partial(_crew, doubt=doubt, who=who)
    yield "power, crew", partial(crew_proofs.power_cuts_of_a_crew, readers=40)
    for connections in (1, 2):
        yield f"postfix, {connections} connections, evidence", partial(_postfix, connections=connections)
        yield f"power, {connections} connections", partial(_power, connections=connections)
        yield f"services, sqlite, {connections} connections", partial(_sqlite, connections=connections)
        yield f"services, postgresql, {connections} connections", partial(_postgresql, connections=connections)


def _of(proof: Proof, doubt: Doubt, way: Way, folder: Path) -> Tally:
    return proof(folder, doubt, way)


def _crew(folder: Path, *, doubt: Doubt, who: str) -> Tally:
    return crew_proofs.killed_crew(folder, doubt, who, CREWS)


def _around_the_doubt(folder: Path) -> range:
    """Return the steps of a delivery around the one at which a message leaves."""
    step = proofs.step_in_doubt(folder)
    return range(max(1, step - 6), step + 10, 2)


def _postfix(folder: Path, *, connections: int) -> Tally:
    with running() as postfix:
        return proofs.killed_before_postfix(folder, postfix, connections=connections)


def _power(folder: Path, *, connections: int) -> Tally:
    return harder_proofs.power_cuts(folder, readers=40, connections=connections)


def _sqlite(folder: Path, *, connections: int) -> Tally:
    return _services(lambda: f"sqlite:///{folder / 'shared.db'}", connections)


def _postgresql(folder: Path, *, connections: int) -> Tally:
    with _server(folder) as postgres:
        return _services(postgres.database, connections)


def _services(make: Callable[[], str], connections: int) -> Tally:
    return proofs.services_at_once(make, Doubt.HOLD, readers=200, workers=3, connections=connections)


@contextmanager
def _server(folder: Path) -> Iterator[Postgres]:
    folder.chmod(0o755)
    home = folder / "postgres"
    home.mkdir()
    server = Postgres(home)
    server.start()
    try:
        yield server
    finally:
        server.stop()
