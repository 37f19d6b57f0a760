"""A power cut or a full disk at any moment costs SQLite nothing that was promised, and leaves nothing half."""

from __future__ import annotations

import random
import sqlite3
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from digest.errors import StoreError
from digest.model import Message, OutboxState
from digest.pipeline.deliver import deliver
from digest.store import SqlStore
from tests.contract.making import NOW, composed, ingest, sighting, subscribe
from tests.integration.verbs import renderer
from tests.power import Disk, Step, record

COMMIT_AND_SAY = """
import os, sys
from sqlalchemy import event
from digest.store import SqlStore
from tests.contract.making import ingest, sighting

with SqlStore.open(sys.argv[1]) as store:
    if sys.argv[2] == "NORMAL":
        store.engine.dispose()
        event.listen(store.engine, "connect", lambda c, _: c.execute("PRAGMA synchronous=NORMAL"))
    for day in range(12):
        ingest(store, *(sighting(f"Paper {day}-{n}", abstract="long " * 300) for n in range(10)))
        os.write(1, b"+")
"""


def cut_everywhere(folder: Path, synchronous: str) -> list[tuple[int, int]]:
    """Cut the power at every step of a process that ingests; return (promised, found) days, cut by cut."""
    store_folder = folder / "store"
    store_folder.mkdir()
    url = f"sqlite:///{store_folder / 'digest.db'}"
    with SqlStore.open(url) as store:
        ingest(store, sighting("Before"))
    disk = Disk({path.name: bytearray(path.read_bytes()) for path in store_folder.iterdir()})
    choice = random.Random(5)
    promised, found = 0, []
    for step in record(COMMIT_AND_SAY, store_folder, url, synchronous):
        disk.do(step)
        promised += step.kind == "say"
        if step.kind in {"say", "sync"} or choice.random() < 0.05:
            for share in (0.0, 0.5, 1.0):
                after = disk.after_a_cut(choice, share)
                found.append((promised, days_in(after, folder / "after")))
    assert promised == 12
    return found


def days_in(files: dict[str, bytes], folder: Path) -> int:
    """Start again with what is left on the disk: count the whole days, and see that no day is torn."""
    folder.mkdir(exist_ok=True)
    for path in folder.iterdir():
        path.unlink()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    connection = sqlite3.connect(folder / "digest.db")
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    (papers,) = connection.execute("SELECT count(*) FROM papers WHERE title LIKE 'Paper %'").fetchone()
    connection.close()
    assert papers % 10 == 0
    return int(papers) // 10


def test_nothing_that_was_committed_is_lost_in_a_power_cut(tmp_path: Path) -> None:
    """With synchronous=FULL every day that ingesting reported as stored is there after the cut, and none is torn."""
    found = cut_everywhere(tmp_path, "FULL")
    assert len(found) > 100
    assert [cut for cut in found if cut[1] < cut[0]] == []


def test_the_power_cuts_are_real(tmp_path: Path) -> None:
    """With synchronous=NORMAL, which we do not use, the same cuts lose committed days: the test above can fail."""
    found = cut_everywhere(tmp_path, "NORMAL")
    assert [cut for cut in found if cut[1] < cut[0]]


def test_a_disk_keeps_what_was_synced() -> None:
    """The simulated disk: synced writes stay, the others may go, each for itself."""
    disk = Disk({"a": bytearray(b"....")})
    for step in (Step("write", "a", b"xx", 0), Step("sync", "a"), Step("write", "a", b"yy", 2)):
        disk.do(step)
    assert disk.after_a_cut(random.Random(1), 0.0) == {"a": b"xx.."}
    assert disk.after_a_cut(random.Random(1), 1.0) == {"a": b"xxyy"}


def allow(store: SqlStore, more: int | None) -> None:
    """Let the database grow by some pages at most; ``None`` takes the limit away."""
    with store.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {1_000_000 if more is None else pages + more}")


def test_a_disk_that_fills_up_while_ingesting_stores_all_or_nothing() -> None:
    """However many pages are left when a listing is stored: it is stored whole, or an error says why it is not."""
    outcomes = set()
    for more in range(0, 60, 3):
        with SqlStore.open("sqlite://") as store:
            allow(store, more)
            try:
                ingest(store, *(sighting(f"Paper {n}", abstract=f"{n} " * 400) for n in range(20)))
                stored = True
            except StoreError:
                stored = False
            assert store.views.counts()["papers"] == store.views.counts()["sightings"] == 20 * stored
            outcomes.add(stored)
    assert outcomes == {True, False}


class Talker:
    """A channel whose answers are long, so that they fill a disk."""

    repeatable = False
    relay = "mail.example"

    def __init__(self) -> None:
        self.left: Counter[str] = Counter()

    def send(self, message: Message, *, handing: Callable[[], None]) -> str:
        """Note that a message left."""
        handing()
        self.left[message.recipient] += 1
        return "250 " + "very well " * 300

    def close(self) -> None:
        """Nothing to close."""


def finishes(store: SqlStore, talker: Talker, at: datetime) -> bool:
    """Deliver; return whether the store could be written all the while."""
    try:
        deliver(store.outbox, renderer(), lambda _: talker, owner=str(at), now=lambda: at)
    except StoreError:
        return False
    return True


def test_a_disk_that_fills_up_while_delivering_loses_and_doubles_nothing() -> None:
    """At whichever commit the disk is full: what has left is never sent again unasked, the rest leaves later."""
    stopped, held = 0, 0
    for more in range(0, 24, 2):
        with SqlStore.open("sqlite://") as store:
            for n in range(10):
                subscribe(store, f"reader{n}@example.org")
            papers = ingest(store, sighting("Paper"))
            store.digests.commit([composed(due, papers) for due in store.digests.due(NOW, limit=99)])
            talker = Talker()
            allow(store, more)
            for hours in (0, 1, 2):
                stopped += not finishes(store, talker, NOW + timedelta(hours=hours))
                allow(store, None)
            states = Counter(row.state for row in store.views.outbox())
            held += states[OutboxState.AMBIGUOUS]
            assert states[OutboxState.SENT] + states[OutboxState.AMBIGUOUS] == 10
            assert len(talker.left) == talker.left.total() == 10
    assert stopped > 3
    assert held > 0


def test_a_disk_that_fills_up_while_composing_commits_all_or_nothing() -> None:
    """Digest, ledger, outbox, cursor and due time together, or none of them; with space again, it goes through."""
    outcomes = set()
    for more in range(0, 60, 4):
        with SqlStore.open("sqlite://") as store:
            for n in range(30):
                subscribe(store, f"reader{n}@example.org")
            papers = ingest(store, *(sighting(f"Paper {n}") for n in range(10)))
            batch = [composed(due, papers) for due in store.digests.due(NOW, limit=99)]
            allow(store, more)
            try:
                committed = len(store.digests.commit(batch))
            except StoreError:
                committed = 0
            assert len(store.digests.due(NOW, limit=99)) == 30 - committed
            assert len(store.views.outbox()) == store.views.counts()["digests"] == committed
            outcomes.add(committed)
            allow(store, None)
            assert len(store.digests.commit(batch)) == 30 - committed
    assert outcomes == {0, 30}
