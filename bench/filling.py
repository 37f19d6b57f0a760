"""The first fill: what ``digest ingest --first-fill FOLDER`` takes, start to end, and what it leaves.

    python -m bench filling [--papers 300000] [--without-ids] [--store ADDRESS] [--folder FOLDER]

Papers are invented, in files of 10,000 as the Hugging Face API gives them, with arXiv numbers or without any id. The
command is stopped with SIGKILL after a third of the papers and given again; CPU and memory are of all processes.
``--store``: an empty PostgreSQL database instead of a SQLite file.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, inspect, text

from bench.invented import World

PER_FILE, POOL, PER_MONTH = 10_000, 2_000, 50_000


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench filling")
    parser.add_argument("--papers", type=int, default=300_000)
    parser.add_argument("--without-ids", action="store_true")
    parser.add_argument("--store", help="a PostgreSQL address")
    parser.add_argument("--folder", type=Path)
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(dir=chosen.folder) as name:
        dump = Path(name, "dump")
        store = chosen.store or f"sqlite:///{Path(name, 'store.db')}"
        invent(dump, chosen.papers, numbered=not chosen.without_ids)
        command = [sys.executable, "-m", "digest", "--store", store, "--json", "ingest", "--first-fill", str(dump)]
        kept = killed(command, store, chosen.papers // 3)
        before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        said = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1])
        seconds, spent = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
        busy = spent.ru_utime + spent.ru_stime - before.ru_utime - before.ru_stime
        papers, doubled, size = left(store)
        each = 1e6 / max(1, papers - kept)
        print(
            f"killed when {kept:,} papers were stored; the same command again stored the other {papers - kept:,} in "
            f"{seconds:.0f} s ({seconds * each:.0f} µs each, CPU of all its processes {busy * each:.0f} µs, load "
            f"{os.getloadavg()[1]:.0f}); {papers:,} papers, {said['unsure']:,} of these unsure, "
            f"{doubled} sightings twice; {size / 2**20:,.0f} MiB; largest process {spent.ru_maxrss / 1024:.0f} MiB"
        )


def killed(command: list[str], store: str, enough: int) -> int:
    """Run the command until enough papers are stored, kill it, and return how many are."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    while process.poll() is None and stored(store) < enough:
        time.sleep(1)
    process.kill()
    process.wait()
    return stored(store)


def stored(store: str) -> int:
    """Return how many papers are stored for good."""
    if store.startswith("sqlite") and not Path(store.removeprefix("sqlite:///")).exists():
        return 0
    engine = create_engine(store)
    with engine.connect() as connection:
        there = inspect(connection).has_table("papers")
        count = connection.scalar(text("SELECT max(id) FROM papers")) if there else 0
    engine.dispose()
    return int(count or 0)


def left(store: str) -> tuple[int, int, int]:
    """Return how many papers there are, how many sightings more than one of a paper, and the bytes of it all."""
    engine = create_engine(store)
    with engine.connect() as connection:
        papers = connection.scalar(text("SELECT count(*) FROM papers"))
        doubled = connection.scalar(text("SELECT count(*) - count(DISTINCT paper_id) FROM sightings"))
        if store.startswith("sqlite"):
            size: Any = Path(store.removeprefix("sqlite:///")).stat().st_size
        else:
            size = connection.scalar(text("SELECT pg_database_size(current_database())"))
    engine.dispose()
    return int(papers or 0), int(doubled or 0), int(size)


def invent(dump: Path, count: int, *, numbered: bool = True) -> None:
    """Write a dump of invented papers; those with numbers share their abstracts' middles, which saves time."""
    dump.mkdir()
    rows = _numbered() if numbered else _without_ids()
    for first in range(0, count, PER_FILE):
        part = [{"paper": next(rows)} for _ in range(first, min(count, first + PER_FILE))]
        Path(dump, f"part{first // PER_FILE:04d}.json").write_text(json.dumps(part), "utf-8")


def _numbered() -> Iterator[dict[str, Any]]:
    world = World()
    pool = [world.paper() for _ in range(POOL)]
    number = 0
    while True:
        paper, month = pool[number % POOL], number // PER_MONTH
        yield {
            "id": f"{15 + month // 12:02d}{month % 12 + 1:02d}.{number % PER_MONTH:05d}",
            "title": world.sentence(8).capitalize(),
            "summary": f"{world.sentence(12)} {paper.abstract} {world.sentence(12)}",
            "authors": [{"name": name} for name in paper.authors],
        }
        number += 1


def _without_ids() -> Iterator[dict[str, Any]]:
    world = World()
    while True:
        paper = world.paper()
        authors = [{"name": name} for name in paper.authors]
        yield {"title": paper.title, "summary": paper.abstract, "authors": authors}
