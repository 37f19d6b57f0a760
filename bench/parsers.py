"""Papers read per second, format by format, beside feedparser and fastfeedparser on the feeds; memory of a big file.

``python -m bench parsers [PAPERS]``. The papers are invented (abstracts of about 1,200 characters, as on arXiv); each
figure is the median of five runs over one document, in CPU time. The peers only take feeds apart: no readable text, no
keys, no announce types.
"""

from __future__ import annotations

import html
import io
import json
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
from tests.pages.invent import Invented, papers, sentence
from tests.pages.render import SHAPES, Page

RUNS = 5
DASHES = "-" * 78


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
    """Return a paper as long as on arXiv; as there, nine abstracts of ten are plain ASCII."""
    text = " ".join(paper.paragraphs)
    while len(text) < 1150:
        text += " " + sentence(random)
    if random.random() < 0.9:
        text = text.encode("ascii", "ignore").decode()
    return replace(paper, paragraphs=(text[:1400],))


def _page(random: Random) -> Page:
    return Page(random=random, listed_on=date(2026, 8, 19), width=None, hyphens=False, upvotes=True)


def _documents(invented: list[Invented], random: Random) -> dict[str, bytes]:
    shapes = {name: "\n".join(render(_page(random), invented)).encode() for name, render in SHAPES.items()}
    return shapes | {
        "hf-json": json.dumps([_row(paper) for paper in invented]).encode(),
        "arxiv-rss": _rss(invented).encode(),
        "arxiv-api": _api(invented).encode(),
        "arxiv-oai": _oai(invented).encode(),
        "arxiv-mailing": _mailing(invented).encode(),
        "arxiv-html": _html(invented).encode(),
    }


def _row(paper: Invented) -> dict[str, object]:
    authors = [{"name": f"Ada Lovelace {number}", "hidden": False} for number in range(5)]
    inner = {"id": paper.number, "title": paper.title, "summary": paper.paragraphs[0], "authors": authors}
    return {"paper": {**inner, "publishedAt": f"{paper.day}T10:00:00.000Z", "upvotes": 3}, "numComments": 1}


def _rss(invented: list[Invented]) -> str:
    items = "".join(
        f"<item><title>{html.escape(paper.title)}</title><link>https://arxiv.org/abs/{paper.number}</link>"
        f"<description>arXiv:{paper.number}v1 Announce Type: new \nAbstract: "
        f"{html.escape(paper.paragraphs[0])}</description>"
        f'<guid isPermaLink="false">oai:arXiv.org:{paper.number}v1</guid>'
        "<category>cs.CL</category><category>cs.AI</category>"
        "<pubDate>Wed, 19 Aug 2026 00:00:00 -0400</pubDate><arxiv:announce_type>new</arxiv:announce_type>"
        "<dc:creator>Ada Lovelace, Grace Hopper, Alan Turing</dc:creator></item>"
        for paper in invented
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss xmlns:arxiv="http://arxiv.org/schemas/atom" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" version="2.0"><channel><title>cs.CL updates on arXiv.org</title>'
        f"<link>http://rss.arxiv.org/rss/cs.CL</link>{items}</channel></rss>"
    )


def _api(invented: list[Invented]) -> str:
    people = "".join(
        f"<author><name>{name}</name></author>" for name in ("Ada Lovelace", "Grace Hopper", "Alan Turing")
    )
    body = "".join(
        f"<entry><id>http://arxiv.org/abs/{paper.number}v1</id><updated>2026-08-19T10:00:00Z</updated>"
        f"<published>2026-08-19T10:00:00Z</published><title>{html.escape(paper.title)}</title>"
        f'<summary>  {html.escape(paper.paragraphs[0])}\n</summary>{people}<category term="cs.CL"/>'
        f'<link href="http://arxiv.org/abs/{paper.number}v1" rel="alternate" type="text/html"/></entry>'
        for paper in invented
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom">'
        '<link href="http://arxiv.org/api/query" rel="self"/><title type="html">ArXiv Query: x</title>'
        f"<id>http://arxiv.org/api/x</id><updated>2026-08-19T00:00:00-04:00</updated>{body}</feed>"
    )


def _oai(invented: list[Invented]) -> str:
    records = "".join(
        f"<record><header><identifier>oai:arXiv.org:{paper.number}</identifier></header><metadata>"
        f'<arXivRaw xmlns="http://arxiv.org/OAI/arXivRaw/"><id>{paper.number}</id><version version="v1">'
        "<date>Wed, 19 Aug 2026 10:00:00 GMT</date></version>"
        f"<title>{html.escape(paper.title)}</title><authors>Ada Lovelace, Grace Hopper and Alan Turing</authors>"
        f"<categories>cs.CL cs.AI</categories><abstract>  {html.escape(paper.paragraphs[0])}\n</abstract>"
        "</arXivRaw></metadata></record>"
        for paper in invented
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">'
        f"<responseDate>2026-08-19T10:00:00Z</responseDate><ListRecords>{records}</ListRecords></OAI-PMH>"
    )


def _mailing(invented: list[Invented]) -> str:
    page = Page(random=Random(7), listed_on=date(2026, 8, 19), width=79, hyphens=False, upvotes=False)
    body = "".join(
        f"{DASHES}\n\\\\\narXiv:{paper.number}\nDate: Wed, 19 Aug 2026 10:00:00 GMT   (14kb)\n\nTitle: "
        + "\n  ".join(page.wrap(paper.title))
        + "\nAuthors: Ada Lovelace, Grace Hopper and Alan Turing\nCategories: cs.CL\n\\\\\n  "
        + "\n".join(page.wrap(paper.paragraphs[0]))
        + f"\n\\\\ ( https://arxiv.org/abs/{paper.number} ,  14kb)\n"
        for paper in invented
    )
    return f"Date: Wed, 19 Aug 26 00:44:20 GMT\nSubject: cs daily\n\n{body}"


def _html(invented: list[Invented]) -> str:
    body = "".join(
        f"<dt>[1] <a href=\"/abs/{paper.number}\">arXiv:{paper.number}</a></dt><dd><div class='meta'>"
        f"<div class='list-title mathjax'><span class='descriptor'>Title:</span> {html.escape(paper.title)}</div>"
        "<div class='list-authors'><a href='x'>Ada Lovelace</a>, <a href='y'>Grace Hopper</a></div>"
        "<div class='list-subjects'>Subjects: <span>Computation and Language (cs.CL)</span></div>"
        f"<p class='mathjax'>{html.escape(paper.paragraphs[0])}</p></div></dd>"
        for paper in invented
    )
    return (
        f"<!DOCTYPE html><html><head><title>cs.CL</title></head><body>arxiv.org <dl><h3>New submissions</h3>{body}</dl>"
    )
