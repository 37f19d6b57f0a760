"""Papers read per second, format by format, beside feedparser and fastfeedparser on the feeds; memory of a big file.

``python -m bench parsers [PAPERS]``. The papers are invented (abstracts of about 1,200 characters, as on arXiv); each
figure is the median of five runs over one document, in CPU time. The peers only take feeds apart: no readable text, no
keys, no announce types.
"""

from __future__ import annotations

import io
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import partial
from random import Random

from digest.model import Document
from digest.parsers import entries, parse
from tests.pages.documents import DOCUMENTS
from tests.pages.invent import Invented, papers, sentence
from tests.pages.render import SHAPES, Page

RUNS = 5


def main(arguments: list[str]) -> None:
    """Print the figures."""
    if arguments[:1] == ["--memory"]:
        _memory_child(int(arguments[1]))
        return
    count = int(arguments[0]) if arguments else 1000
    random = Random(7)
    invented = [_as_real(paper, random) for paper in papers(random, date(2026, 8, 19), count=count, marked=False)]
    print(f"{count} papers a document, median of {RUNS} runs")
    for name, body in _documents(invented, random).items():
        document = Document(source="bench", name="2026-08-19", body=body)
        found = len(parse(document, format=name).sightings)
        rate = _rate(partial(parse, document), found)
        print(f"{name:15} {rate:>9,.0f} papers/s  ({len(body) / count:,.0f} bytes each)")
        if name in {"arxiv-rss", "arxiv-api"}:
            _peers(body, count)
    for megabytes in (1, 100):
        command = [sys.executable, "-m", "bench", "parsers", "--memory", str(megabytes)]
        print(subprocess.run(command, capture_output=True, text=True, check=True).stdout, end="")


def _peers(body: bytes, count: int) -> None:
    import feedparser  # noqa: PLC0415 - a peer, timed only here

    print(f"  feedparser     {_rate(lambda: feedparser.parse(io.BytesIO(body)), count):>9,.0f} entries/s")
    try:
        import fastfeedparser  # noqa: PLC0415 - a peer that may not be there
    except ImportError:
        print("  fastfeedparser is not installed")
        return
    print(f"  fastfeedparser {_rate(lambda: fastfeedparser.parse(body), count):>9,.0f} entries/s")


def _rate(work: Callable[[], object], count: int) -> float:
    seconds = []
    for _ in range(RUNS):
        started = time.process_time()
        work()
        seconds.append(time.process_time() - started)
    return count / statistics.median(seconds)


def _memory_child(megabytes: int) -> None:
    """Print by how much reading a file of so many megabytes raises the process's memory above the file's own."""
    random = Random(7)
    invented = papers(random, date(2026, 8, 19), count=200, marked=False)
    page = "\n".join(SHAPES["hf-paragraphs"](_page(random), invented)).encode() + b"\n\n"
    body = page * (megabytes * 1_000_000 // len(page))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    count = sum(1 for _ in entries(Document(source="bench", name="big", body=body), format="hf-paragraphs"))
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"memory: {megabytes} MB of paragraphs, {count} entries: {(after - before) / 1024:.1f} MiB above the file")


def _as_real(paper: Invented, random: Random) -> Invented:
    """Return a paper as long as on arXiv; as there, nine abstracts of ten are plain ASCII, without double blanks."""
    text = " ".join(paper.paragraphs)
    while len(text) < 1150:
        text += " " + sentence(random)
    if random.random() < 0.9:
        text = text.encode("ascii", "ignore").decode()
    return replace(paper, paragraphs=(" ".join(text.split())[:1400].rstrip(),))


def _page(random: Random) -> Page:
    return Page(random=random, listed_on=date(2026, 8, 19), width=None, hyphens=False, upvotes=True)


def _documents(invented: list[Invented], random: Random) -> dict[str, bytes]:
    shapes = {name: "\n".join(render(_page(random), invented)).encode() for name, render in SHAPES.items()}
    return shapes | {name: render(invented).encode() for name, render in DOCUMENTS.items()}
