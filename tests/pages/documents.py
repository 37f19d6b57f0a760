"""Invented papers as the documents other than saved text: API answers, feeds, harvests, mailings, listing pages."""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Sequence
from datetime import date
from random import Random

from tests.pages.invent import Invented
from tests.pages.render import Page

DASHES = "-" * 78


def _row(paper: Invented) -> dict[str, object]:
    authors = [{"name": f"Ada Lovelace {number}", "hidden": False} for number in range(5)]
    inner = {"id": paper.number, "title": paper.title, "summary": paper.paragraphs[0], "authors": authors}
    return {"paper": {**inner, "publishedAt": f"{paper.day}T10:00:00.000Z", "upvotes": 3}, "numComments": 1}


def _json(invented: Sequence[Invented]) -> str:
    return json.dumps([_row(paper) for paper in invented])


def _rss(invented: Sequence[Invented]) -> str:
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


def _api(invented: Sequence[Invented]) -> str:
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


def _oai(invented: Sequence[Invented]) -> str:
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


def _mailing(invented: Sequence[Invented]) -> str:
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


def _html(invented: Sequence[Invented]) -> str:
    body = "".join(
        f"<dt>[1] <a href=\"/abs/{paper.number}\">arXiv:{paper.number}</a></dt><dd><div class='meta'>"
        f"<div class='list-title mathjax'><span class='descriptor'>Title:</span> {html.escape(paper.title)}</div>"
        "<div class='list-authors'><a href='x'>Ada Lovelace</a>, <a href='y'>Grace Hopper</a></div>"
        "<div class='list-subjects'>Subjects: <span>Computation and Language (cs.CL)</span></div>"
        f"<p class='mathjax'>{html.escape(paper.paragraphs[0])}</p></div></dd>"
        for paper in invented
    )
    return (
        "<!DOCTYPE html><html><head><title>cs.CL</title></head><body>arxiv.org <dl><h3>New submissions</h3>"
        f"{body}</dl></body></html>"
    )


DOCUMENTS: dict[str, Callable[[Sequence[Invented]], str]] = {
    "hf-json": _json,
    "arxiv-rss": _rss,
    "arxiv-api": _api,
    "arxiv-oai": _oai,
    "arxiv-mailing": _mailing,
    "arxiv-html": _html,
}
"""What renders papers as a document, by the name of its format."""
