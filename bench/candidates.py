"""What it costs to know whether a paper was seen: a day of 1,000 new papers against ever more stored ones.

    python -m bench candidates [--papers 100000 1000000 3000000] [--folder FOLDER]

The whole command is measured (``digest ingest FILE``: start, reading, judging, storing), warm and with the store's
pages dropped from the machine's memory, beside the brute comparison of the same titles by ``rapidfuzz`` in one run.
Papers are invented; the stored ones have arXiv numbers, the new ones only a title and an abstract, which is the dearest
case: nothing but their neighbours can tell. The fill goes straight into the tables; with ``--folder`` the stores stay
there and are used again.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import replace
from functools import cache
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz, process
from sqlalchemy import select, text

from bench.invented import SEEN, World
from digest.model import Key, Paper
from digest.store import SqlStore, codec, schema
from digest.store.neighbours import outline_of
from digest.text.titlekey import title_key

PART, STANDING, POOL, NEW, RUNS, BRUTE = 10_000, 250_000, 2_000, 1_000, 5, 20
NOW = f"{SEEN:%Y-%m-%d %H:%M:%S.%f}"


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench candidates")
    parser.add_argument("--papers", type=int, nargs="*", default=[100_000, 1_000_000, 3_000_000])
    parser.add_argument("--folder", type=Path)
    chosen = parser.parse_args(arguments)
    print("| stored | file | look-up tables | 1,000 new, warm (CPU) | cold | process | brute (CPU) | times, CPU |")
    print("|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name, ProcessPoolExecutor(1, get_context("spawn")) as runner:
        runner.submit(run, [sys.executable, "--version"]).result()
        folder = chosen.folder or Path(name)
        if missing := [count for count in chosen.papers if not (folder / f"store{count}.db").exists()]:
            fill(folder, missing)
        for count in sorted(chosen.papers):
            Bench(folder, count, runner).measure()


class Bench:
    """A store of many papers, and the files that are ingested into it."""

    def __init__(self, folder: Path, count: int, runner: ProcessPoolExecutor) -> None:
        self.count = count
        self.path = folder / f"store{count}.db"
        self.world = World()
        self.world.random = random.Random(time.time_ns())
        self.runner = runner

    def measure(self) -> None:
        """Measure, and print the row of the table."""
        self.warm()
        self.ingested()
        runs = [self.ingested() for _ in range(RUNS)]
        warm, busy, peak = (statistics.median(run[column] for run in runs) for column in range(3))
        cold = statistics.median(self.ingested(cold=True)[0] for _ in range(3))
        brute, brute_busy = self.brute()
        whole, lookups = self.sizes()
        print(
            f"| {self.count:,} | {whole:,.0f} MiB | {lookups:,.0f} MiB | {warm:.2f} s ({busy:.2f} s) | {cold:.2f} s "
            f"| {peak:.0f} MiB | {brute:,.0f} s ({brute_busy:,.0f} s) | {brute_busy / busy:,.0f} |",
            flush=True,
        )

    def warm(self) -> None:
        """Have the machine hold the look-up tables in its memory, as after a day's work."""
        with closing(sqlite3.connect(self.path)) as connection:
            for table in FINDING:
                connection.execute(f"SELECT count(*) FROM {table} NOT INDEXED").fetchone()

    def ingested(self, *, cold: bool = False) -> tuple[float, float, float]:
        """Return seconds, CPU seconds and MiB of one ``digest ingest`` of 1,000 papers nobody has seen."""
        file = self.path.with_name("day.json")
        papers = (self.world.paper() for _ in range(NEW))
        rows = [{"paper": {"title": paper.title, "summary": paper.abstract}} for paper in papers]
        file.write_text(json.dumps(rows), "utf-8")
        if cold:
            forget(self.path)
        command = [sys.executable, "-m", "digest", "--store", f"sqlite:///{self.path}", "--json", "ingest", str(file)]
        said, *spent = self.runner.submit(run, command).result()
        assert json.loads(said.splitlines()[-1])["new"] >= NEW - 5
        return spent[0], spent[1], spent[2]

    def brute(self) -> tuple[float, float]:
        """Return in how many seconds, and CPU seconds, ``rapidfuzz`` compares 1,000 titles with all: some of them."""
        with SqlStore.open(f"sqlite:///{self.path}") as store, store.engine.connect() as connection:
            titles = list(connection.scalars(select(schema.papers.c.title_key).limit(self.count)))
        asked = [title_key(self.world.paper().title) for _ in range(BRUTE)]
        started, before = time.perf_counter(), time.process_time()
        for key in asked:
            process.extractOne(key, titles, scorer=fuzz.ratio)
        spent, busy = time.perf_counter() - started, time.process_time() - before
        return spent * NEW / BRUTE, busy * NEW / BRUTE

    def sizes(self) -> tuple[float, float]:
        """Return the MiB of the file, and of what is only there to find papers."""
        with SqlStore.open(f"sqlite:///{self.path}") as store, store.engine.connect() as connection:
            pages: dict[str, int] = dict(
                connection.execute(text("SELECT name, SUM(pgsize) FROM dbstat GROUP BY name")).tuples().all()
            )
        found = {name: size for name, size in pages.items() if name in FINDING}
        print(", ".join(f"{name} {size / 2**20:,.0f} MiB" for name, size in found.items()), file=sys.stderr)
        return self.path.stat().st_size / 2**20, sum(found.values()) / 2**20


Rows = list[tuple[Any, ...]]
COLUMNS = {
    "papers": "id, title_key, title, abstract, upvotes, comments, facts, edition, first_seen_at",
    "outlines": "paper_id, sketch",
    "keys": "key, paper_id",
    "sightings": "paper_id, facts, document_id, edition, place, state, reason",
    "events": "paper_id, kind, at, note",
    "neighbours": "place, paper_id",
}


def fill(folder: Path, counts: Sequence[int]) -> None:
    """Fill a store with papers, the places of each quarter of a million in their order; keep a copy at each count."""
    path, standing, done = folder / "filling.db", Rows(), 0
    for old in folder.glob("filling.db*"):
        old.unlink()
    SqlStore.open(f"sqlite:///{path}").close()
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as makers:
        for rows in makers.map(made, parts(counts)):
            standing += rows.pop("neighbours")
            done += len(rows["papers"])
            if done in counts or len(standing) >= 5 * STANDING:
                rows["neighbours"] = sorted(standing)
                standing.clear()
            write(path, rows)
            if done == max(counts):
                path.rename(folder / f"store{done}.db")
            elif done in counts:
                shutil.copyfile(path, folder / f"store{done}.db")


def parts(counts: Sequence[int]) -> Iterator[range]:
    """Yield numbers of papers, some at a time, with an end at each count."""
    ends = sorted({*counts, *range(0, max(counts), PART)} | {0})
    yield from (range(first, end) for first, end in pairwise(ends))


def write(path: Path, rows: Mapping[str, Rows]) -> None:
    """Write rows into the tables, and the log into the file."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA cache_size = -262144")
        with connection:
            source = ("fill", "fill", "", "fill", NOW, "[]", "[]")
            connection.execute(
                "INSERT OR IGNORE INTO documents (id, source, name, sha256, format, ingested_at, skipped, warnings)"
                " VALUES (1, ?, ?, ?, ?, ?, ?, ?)",
                source,
            )
            for table, some in rows.items():
                marks = ", ".join("?" * len(some[0]))
                connection.executemany(f"INSERT INTO {table} ({COLUMNS[table]}) VALUES ({marks})", some)


@cache
def pool() -> tuple[World, list[Paper]]:
    """Return the words, and papers whose abstracts are the middle of every abstract."""
    world = World()
    return world, [world.paper() for _ in range(POOL)]


def paper(number: int) -> Paper:
    """Return one of the stored papers."""
    world, papers = pool()
    world.random = random.Random(number)
    middle = papers[number % POOL]
    return replace(
        middle,
        id=number + 1,
        title=world.sentence(8).capitalize(),
        abstract=f"{world.sentence(12)} {middle.abstract} {world.sentence(12)}",
        keys=(Key(f"arxiv:{1000 + number // 50_000}.{number % 50_000:05d}"),),
    )


def made(numbers: range) -> dict[str, Rows]:
    """Return the rows of some papers by table."""
    rows: dict[str, Rows] = {table: [] for table in COLUMNS}
    for number in numbers:
        one = paper(number)
        facts = json.dumps(codec.paper_facts(one))
        outline = outline_of(title_key(one.title), one.abstract, one.keys)
        title = (outline.title_key, one.title, one.abstract, one.upvotes, one.comments)
        rows["papers"].append((one.id, *title, facts, 1, NOW))
        rows["outlines"].append((one.id, outline.sketch))
        rows["keys"] += [(key, one.id) for key in one.keys]
        rows["sightings"].append((one.id, facts, 1, 1, "", "new", ""))
        rows["events"].append((one.id, "new", NOW, ""))
        rows["neighbours"] += [(place, one.id) for place in outline.places()]
    return rows


def run(command: list[str]) -> tuple[str, float, float, float]:
    """Return what a command said, and its seconds, CPU seconds and MiB; in a small process, whose size counts too.

    Its modules are compiled once, as an installer does, also where this shell's settings forbid it.
    """
    settings = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    said = subprocess.run(command, check=True, capture_output=True, text=True, env=settings).stdout
    spent, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    busy = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return said, spent, busy, after.ru_maxrss / 1024


FINDING = frozenset({"neighbours", "outlines", "keys"})
"""The tables and indexes that are only there to find papers."""


def forget(path: Path) -> None:
    """Drop a file's pages from the machine's memory, so that the next read goes to the disk."""
    for file in path.parent.glob(f"{path.name}*"):
        handle = os.open(file, os.O_RDONLY)
        os.fsync(handle)
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(handle)
