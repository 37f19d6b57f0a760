"""What it costs to know whether a paper was seen: a day of 1,000 new papers against ever more stored ones.

    python -m bench candidates [--papers 100000 1000000 3000000] [--folder FOLDER]

The whole command is measured (``digest ingest FILE``: start, reading, judging, storing), warm and with the store's
pages dropped from the machine's memory, beside the brute comparison of the same titles by ``rapidfuzz`` in one run.
Papers are invented; the stored ones have arXiv numbers, the new ones only a title and an abstract, which is the dearest
case: nothing but their neighbours can tell. The fill goes straight into the tables.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz, process
from sqlalchemy import insert, text

from bench.invented import SEEN, World
from digest.model import Key, Paper
from digest.store import SqlStore, codec, schema
from digest.store.neighbours import outline, places
from digest.store.rows import paper_columns
from digest.text.titlekey import title_key

PART, POOL, NEW, RUNS, BRUTE = 20_000, 2_000, 1_000, 5, 20


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench candidates")
    parser.add_argument("--papers", type=int, nargs="*", default=[100_000, 1_000_000, 3_000_000])
    parser.add_argument("--folder", type=Path)
    chosen = parser.parse_args(arguments)
    print("| stored | file | look-up tables | 1,000 new, warm (CPU) | cold | process | brute `fuzz.ratio` | times |")
    print("|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(dir=chosen.folder) as name:
        bench = Bench(Path(name))
        for count in sorted(chosen.papers):
            bench.measure(count)


class Bench:
    """A store that grows, the titles in it, and the files that are ingested into it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.world = World()
        self.pool = [self.world.paper() for _ in range(POOL)]
        self.titles: list[str] = []
        self.files = 0
        self.runner = ProcessPoolExecutor(1, mp_context=get_context("spawn"))
        self.runner.submit(run, [sys.executable, "--version"]).result()

    @property
    def path(self) -> Path:
        return self.folder / "store.db"

    def measure(self, count: int) -> None:
        """Fill up to ``count`` papers, measure, and print the row of the table."""
        self.fill(count)
        runs = [self.ingested() for _ in range(RUNS)]
        warm, busy, peak = (statistics.median(run[column] for run in runs) for column in range(3))
        cold = statistics.median(self.ingested(cold=True)[0] for _ in range(3))
        brute = self.brute()
        whole, lookups = self.sizes()
        print(
            f"| {count:,} | {whole:,.0f} MiB | {lookups:,.0f} MiB | {warm:.2f} s ({busy:.2f} s) | {cold:.2f} s "
            f"| {peak:.0f} MiB | {brute:.0f} s | {brute / warm:,.0f} |",
            flush=True,
        )

    def ingested(self, *, cold: bool = False) -> tuple[float, float, float]:
        """Return seconds, CPU seconds and MiB of one ``digest ingest`` of 1,000 papers nobody has seen."""
        self.files += 1
        file = self.folder / f"day{self.files}.json"
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
        asked = [title_key(self.world.paper().title) for _ in range(BRUTE)]
        started = time.perf_counter()
        for key in asked:
            process.extractOne(key, self.titles, scorer=fuzz.ratio)
        return (time.perf_counter() - started) * NEW / BRUTE

    def sizes(self) -> tuple[float, float]:
        """Return the MiB of the file, and of what is only there to find papers."""
        with SqlStore.open(f"sqlite:///{self.path}") as store, store.engine.connect() as connection:
            pages: dict[str, int] = dict(
                connection.execute(text("SELECT name, SUM(pgsize) FROM dbstat GROUP BY name")).tuples().all()
            )
        found = [size for name, size in pages.items() if name in FINDING]
        return self.path.stat().st_size / 2**20, sum(found) / 2**20

    def fill(self, count: int) -> None:
        """Put papers into the tables until there are ``count``, the places of neighbours in their order."""
        start = len(self.titles)
        standing: list[dict[str, Any]] = []
        with SqlStore.open(f"sqlite:///{self.path}") as store:
            with store.engine.begin() as connection:
                row = {"source": "fill", "name": f"{start}", "sha256": "", "format": "fill", "ingested_at": SEEN}
                document = connection.execute(insert(schema.documents).values(skipped=[], warnings=[], **row))
                document_id = int(document.inserted_primary_key[0])  # type: ignore[index]
                first_id = 1 + (connection.execute(text("SELECT MAX(id) FROM papers")).scalar() or 0)
            for first in range(start, count, PART):
                numbers = range(first, min(first + PART, count))
                papers = [self.paper(first_id + n - start, n) for n in numbers]
                with store.engine.begin() as connection:
                    for table, rows in self.rows(papers, document_id, standing):
                        connection.execute(insert(table), rows)
            standing.sort(key=lambda place: (place["ring"], place["key"], place["paper_id"]))
            for first in range(0, len(standing), 10 * PART):
                with store.engine.begin() as connection:
                    connection.execute(insert(schema.neighbours), standing[first : first + 10 * PART])

    def paper(self, paper_id: int, number: int) -> Paper:
        paper = self.pool[number % POOL]
        abstract = f"{self.world.sentence(12)} {paper.abstract} {self.world.sentence(12)}"
        keys = (Key(f"arxiv:{1000 + number // 50_000}.{number % 50_000:05d}"),)
        return replace(paper, id=paper_id, title=self.world.sentence(8).capitalize(), abstract=abstract, keys=keys)

    def rows(
        self, papers: Sequence[Paper], document_id: int, standing: list[dict[str, Any]]
    ) -> Iterator[tuple[Any, list[dict[str, Any]]]]:
        columns = [paper_columns(paper) for paper in papers]
        keys = [column["title_key"] for column in columns]
        self.titles += keys
        both = list(zip(papers, keys, strict=True))
        standing += (place for p, key in both for place in places(p.id, key, p.abstract, p.keys))
        named = [{"id": p.id, "edition": 1, "first_seen_at": p.first_seen_at} for p in papers]
        yield schema.papers, [column | name for column, name in zip(columns, named, strict=True)]
        yield schema.outlines, [outline(p.id, key, p.abstract) for p, key in both]
        yield schema.keys, [{"key": key, "paper_id": p.id} for p in papers for key in p.keys]
        same = {"document_id": document_id, "edition": 1, "place": "", "state": "new", "reason": ""}
        yield schema.sightings, [same | {"paper_id": p.id, "facts": codec.paper_facts(p)} for p in papers]
        yield schema.events, [{"kind": "new", "paper_id": p.id, "at": SEEN, "note": ""} for p in papers]


def run(command: list[str]) -> tuple[str, float, float, float]:
    """Return what a command said, and its seconds, CPU seconds and MiB; in a small process, whose size counts too."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    spent, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    busy = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return said, spent, busy, after.ru_maxrss / 1024


FINDING = frozenset({"neighbours", "outlines", "keys", "ix_keys_paper_id", "ix_papers_title_key"})
"""The tables and indexes that are only there to find papers."""


def forget(path: Path) -> None:
    """Drop a file's pages from the machine's memory, so that the next read goes to the disk."""
    for file in path.parent.glob(f"{path.name}*"):
        handle = os.open(file, os.O_RDONLY)
        os.fsync(handle)
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(handle)
