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
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz, process
from sqlalchemy import insert, select, text

from bench.invented import SEEN, World
from digest.model import Key, Paper
from digest.store import SqlStore, codec, schema
from digest.store.neighbours import outline_of
from digest.store.rows import paper_columns
from digest.text.titlekey import title_key

PART, STANDING, POOL, NEW, RUNS, BRUTE = 10_000, 250_000, 2_000, 1_000, 5, 20


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench candidates")
    parser.add_argument("--papers", type=int, nargs="*", default=[100_000, 1_000_000, 3_000_000])
    parser.add_argument("--folder", type=Path)
    chosen = parser.parse_args(arguments)
    print("| stored | file | look-up tables | 1,000 new, warm (CPU) | cold | process | brute `fuzz.ratio` | times |")
    print("|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name, ProcessPoolExecutor(1, get_context("spawn")) as runner:
        runner.submit(run, [sys.executable, "--version"]).result()
        for count in sorted(chosen.papers):
            Bench(chosen.folder or Path(name), count, runner).measure()


class Bench:
    """A store of many papers, and the files that are ingested into it."""

    def __init__(self, folder: Path, count: int, runner: ProcessPoolExecutor) -> None:
        self.count = count
        self.path = folder / f"store{count}.db"
        self.world = World()
        self.world.random = random.Random(time.time_ns())
        self.runner = runner
        if not self.path.exists():
            filled = self.path.with_suffix(".part")
            fill(filled, count)
            filled.rename(self.path)

    def measure(self) -> None:
        """Measure, and print the row of the table."""
        self.ingested()
        runs = [self.ingested() for _ in range(RUNS)]
        warm, busy, peak = (statistics.median(run[column] for run in runs) for column in range(3))
        cold = statistics.median(self.ingested(cold=True)[0] for _ in range(3))
        brute = self.brute()
        whole, lookups = self.sizes()
        print(
            f"| {self.count:,} | {whole:,.0f} MiB | {lookups:,.0f} MiB | {warm:.2f} s ({busy:.2f} s) | {cold:.2f} s "
            f"| {peak:.0f} MiB | {brute:.0f} s | {brute / warm:,.0f} |",
            flush=True,
        )

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

    def brute(self) -> float:
        """Return the seconds in which ``rapidfuzz`` compares 1,000 titles with all, measured on some of them."""
        with SqlStore.open(f"sqlite:///{self.path}") as store, store.engine.connect() as connection:
            titles = list(connection.scalars(select(schema.papers.c.title_key).limit(self.count)))
        asked = [title_key(self.world.paper().title) for _ in range(BRUTE)]
        started = time.perf_counter()
        for key in asked:
            process.extractOne(key, titles, scorer=fuzz.ratio)
        return (time.perf_counter() - started) * NEW / BRUTE

    def sizes(self) -> tuple[float, float]:
        """Return the MiB of the file, and of what is only there to find papers."""
        with SqlStore.open(f"sqlite:///{self.path}") as store, store.engine.connect() as connection:
            pages: dict[str, int] = dict(
                connection.execute(text("SELECT name, SUM(pgsize) FROM dbstat GROUP BY name")).tuples().all()
            )
        found = {name: size for name, size in pages.items() if name in FINDING}
        print(", ".join(f"{name} {size / 2**20:,.0f} MiB" for name, size in found.items()), file=sys.stderr)
        return self.path.stat().st_size / 2**20, sum(found.values()) / 2**20


Rows = list[dict[str, Any]]


def fill(path: Path, count: int) -> None:
    """Put so many papers into the tables of a new store, the places of each quarter of a million in their order."""
    standing: Rows = []
    parts = [range(first, min(first + PART, count)) for first in range(0, count, PART)]
    with SqlStore.open(f"sqlite:///{path}") as store, ProcessPoolExecutor(mp_context=get_context("spawn")) as makers:
        with store.engine.begin() as connection:
            row = {"source": "fill", "name": "fill", "sha256": "", "format": "fill", "ingested_at": SEEN}
            connection.execute(insert(schema.documents).values(skipped=[], warnings=[], **row))
        for n, (rows, places) in enumerate(makers.map(made, parts), 1):
            standing += places
            with store.engine.begin() as connection:
                connection.exec_driver_sql("PRAGMA cache_size = -262144")
                for name, some in rows:
                    connection.execute(insert(schema.metadata.tables[name]), some)
                if len(standing) >= 5 * STANDING or n == len(parts):
                    standing.sort(key=lambda at: (at["place"], at["paper_id"]))
                    connection.execute(insert(schema.neighbours), standing)
                    standing.clear()


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


def made(numbers: range) -> tuple[list[tuple[str, Rows]], Rows]:
    """Return the rows of some papers by table, and where they stand."""
    papers = [paper(number) for number in numbers]
    columns = [paper_columns(paper) for paper in papers]
    outlines = [
        (p.id, outline_of(own["title_key"], p.abstract, p.keys)) for p, own in zip(papers, columns, strict=True)
    ]
    named = ({"id": p.id, "edition": 1, "first_seen_at": p.first_seen_at} for p in papers)
    same = {"document_id": 1, "edition": 1, "place": "", "state": "new", "reason": ""}
    rows: list[tuple[str, Rows]] = [
        ("papers", [column | name for column, name in zip(columns, named, strict=True)]),
        ("outlines", [{"paper_id": paper_id, "sketch": outline.sketch} for paper_id, outline in outlines]),
        ("keys", [{"key": key, "paper_id": p.id} for p in papers for key in p.keys]),
        ("sightings", [same | {"paper_id": p.id, "facts": codec.paper_facts(p)} for p in papers]),
        ("events", [{"kind": "new", "paper_id": p.id, "at": SEEN, "note": ""} for p in papers]),
    ]
    return rows, [{"place": at, "paper_id": paper_id} for paper_id, outline in outlines for at in outline.places()]


def run(command: list[str]) -> tuple[str, float, float, float]:
    """Return what a command said, and its seconds, CPU seconds and MiB; in a small process, whose size counts too."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
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
