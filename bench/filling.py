"""The first fill: what ``digest ingest --first-fill FOLDER`` takes, start to end, and what it leaves.

    python -m bench filling [--papers 300000] [--folder FOLDER]

Papers are invented, with arXiv numbers, in files of 10,000 as the Hugging Face API gives them. The command is stopped
with SIGKILL after a third of the files and run again: what is told is what the second run took.
"""

from __future__ import annotations

import argparse
import json
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.invented import World

PER_FILE, POOL, PER_MONTH = 10_000, 2_000, 50_000


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench filling")
    parser.add_argument("--papers", type=int, default=300_000)
    parser.add_argument("--folder", type=Path)
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(dir=chosen.folder) as name:
        dump, store = Path(name, "dump"), Path(name, "store.db")
        invent(dump, chosen.papers)
        command = [sys.executable, "-m", "digest", "--store", f"sqlite:///{store}", "--json", "ingest", "--first-fill"]
        kept = killed(command, dump, store, chosen.papers // 3)
        before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run([*command, str(dump)], check=True, stdout=subprocess.DEVNULL)
        seconds, spent = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
        busy = spent.ru_utime + spent.ru_stime - before.ru_utime - before.ru_stime
        with sqlite3.connect(store) as connection:
            (papers,) = connection.execute("SELECT count(*) FROM papers").fetchone()
            (doubled,) = connection.execute("SELECT count(*) - count(DISTINCT paper_id) FROM sightings").fetchone()
        print(
            f"killed when {kept:,} papers were stored; the same command again stored the other {papers - kept:,} "
            f"in {seconds:.0f} s ({seconds / (papers - kept) * 1e6:.0f} µs each, "
            f"CPU of all processes {busy / (papers - kept) * 1e6:.0f} µs); {papers:,} papers, "
            f"{doubled} sightings twice; "
            f"file {store.stat().st_size / 2**20:,.0f} MiB; largest process {spent.ru_maxrss / 1024:.0f} MiB"
        )


def killed(command: list[str], dump: Path, store: Path, enough: int) -> int:
    """Run the command until enough papers are stored, kill it, and return how many are."""
    process = subprocess.Popen([*command, str(dump)], stdout=subprocess.DEVNULL)
    while process.poll() is None and stored(store) < enough:
        time.sleep(1)
    process.kill()
    process.wait()
    return stored(store)


def stored(store: Path) -> int:
    """Return how many papers are stored for good."""
    if not store.exists():
        return 0
    with sqlite3.connect(f"file:{store}?mode=ro", uri=True) as connection:
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'papers'").fetchone():
            return 0
        return int(connection.execute("SELECT coalesce(max(id), 0) FROM papers").fetchone()[0])


def invent(dump: Path, count: int) -> None:
    """Write a dump of invented papers."""
    dump.mkdir()
    world = World()
    pool = [world.paper() for _ in range(POOL)]
    for first in range(0, count, PER_FILE):
        rows = []
        for number in range(first, min(count, first + PER_FILE)):
            paper, month = pool[number % POOL], number // PER_MONTH
            row = {
                "id": f"{15 + month // 12:02d}{month % 12 + 1:02d}.{number % PER_MONTH:05d}",
                "title": world.sentence(8).capitalize(),
                "summary": f"{world.sentence(12)} {paper.abstract} {world.sentence(12)}",
                "authors": [{"name": name} for name in paper.authors],
            }
            rows.append({"paper": row})
        Path(dump, f"part{first // PER_FILE:04d}.json").write_text(json.dumps(rows), "utf-8")
