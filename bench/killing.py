"""Delivery broken at every point: the proofs of tests/integration at full length (``python -m bench killing``)."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from digest.pipeline.deliver import Doubt
from tests.integration import harder_proofs, proofs
from tests.integration.proofs import Tally
from tests.postfix import running

Proof = Callable[[Path, Doubt], Tally]

BY_POLICY: dict[str, Proof] = {
    "steps": proofs.killed_at_every_step,
    "connections": lambda folder, doubt: proofs.killed_at_every_step(folder, doubt, connections=2),
    "calls": lambda folder, doubt: harder_proofs.killed_at_calls(folder, doubt, 40),
    "faults": lambda folder, doubt: proofs.faulty_server(folder, doubt, proofs.faults()),
    "clock": lambda folder, doubt: proofs.jumping_clock(folder, doubt, range(25, 50, 2)),
}


def main(arguments: list[str]) -> None:
    """Run the proofs named, or all; fail where one finds something."""
    clean = True
    for name, proof in _all():
        if arguments and name.split()[0] not in arguments:
            continue
        with tempfile.TemporaryDirectory(prefix="digest-proof-") as folder:
            begun = time.monotonic()
            tally = proof(Path(folder))
        clean &= tally.is_clean
        print(f"{name}: {tally} ({time.monotonic() - begun:.0f} s)", *tally.notes, sep="\n  ", flush=True)
    sys.exit(0 if clean else 1)


def _all() -> Iterator[tuple[str, Callable[[Path], Tally]]]:
    for name, proof in BY_POLICY.items():
        for doubt in Doubt:
            yield f"{name} {doubt}", lambda folder, of=proof, doubt=doubt: of(folder, doubt)  # type: ignore[misc]
    yield "postfix evidence", _postfix
    yield "power", lambda folder: harder_proofs.power_cuts(folder, readers=40)
    yield "services sqlite", _services


def _postfix(folder: Path) -> Tally:
    with running() as postfix:
        return proofs.killed_before_postfix(folder, postfix)


def _services(folder: Path) -> Tally:
    return proofs.services_at_once(lambda: f"sqlite:///{folder / 'shared.db'}", readers=200, workers=3)
