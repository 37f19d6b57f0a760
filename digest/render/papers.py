"""What a template sees of one paper: every value ready to be shown, nothing left to work out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from urllib.parse import urlsplit

from markupsafe import Markup

from digest import ids
from digest.model import EventKind, Item, LinkKind, Paper
from digest.render.marks import marked, places
from digest.render.passages import Lead, Passages
from digest.render.words import counted, short_day

MARKER_WIDTH = 6
MATCHES, AND, ALSO_IN = "matches ", ", ", ", also in "
"""What stands before, between and behind the words of a why-line."""
MATCHES_NOTHING = "matches your query"
_SHOWN_AUTHORS = 4
_LINK_NAMES = {
    LinkKind.PDF: "PDF",
    LinkKind.CODE: "code",
    LinkKind.PROJECT: "project",
    LinkKind.DISCUSSION: "discussion",
}
_SITES = {
    "huggingface.co": "Hugging Face",
    "arxiv.org": "arXiv",
    "doi.org": "DOI",
    "biorxiv.org": "bioRxiv",
    "medrxiv.org": "medRxiv",
    "openreview.net": "OpenReview",
}
_NO_LINE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class PaperView:
    """One paper as a digest shows it. ``facts`` is the line of date, source, categories and counters.

    ``mark`` is "new", "revised", "withdrawn" or "hot"; ``title_html``, ``lead`` and ``why`` depend on the reader.
    ``marker`` is the paper's number in the text part, ``[7]   ``, always six letters wide.
    """

    title: str
    title_html: Markup
    url: str
    authors: str
    facts: tuple[str, ...]
    lead: Lead
    abstract: str
    why: str
    note: str
    mark: str
    links: tuple[tuple[str, str], ...]
    summary: str
    published: date | None
    score: float
    paper: Paper
    marker: str = ""


def paper_view(item: Item, number: int = 0) -> PaperView:
    """Return what the templates see of one item."""
    paper = item.paper
    title, abstract = one_line(paper.title), one_line(paper.abstract)
    spans = item.hit.spans
    return PaperView(
        title=title,
        title_html=Markup(marked(title, 0, len(title), places(spans, "title", len(title)))),  # noqa: S704 - escaped
        url=page_url(paper),
        authors=authors_line(paper),
        facts=tuple(_facts(paper)),
        lead=passages(abstract).lead(places(spans, "abstract", len(abstract))),
        abstract=paper.abstract,
        why=why(item.hit.terms, item.also_in),
        note=one_line(item.note),
        mark=EventKind(item.kind).value,
        links=tuple(_links(paper)),
        summary=one_line(paper.summary or ""),
        published=paper.published,
        score=item.hit.score,
        paper=paper,
        marker=marker(number),
    )


def marker(number: int) -> str:
    """Return a paper's number as the text part has it, as wide as the indent of what stands under it."""
    return f"[{number}]".ljust(MARKER_WIDTH)


@lru_cache(maxsize=4096)
def passages(abstract: str) -> Passages:
    """Return an abstract cut into sentences."""
    return Passages(abstract)


def one_line(text: str) -> str:
    """Return text with a blank for each control character and line end; every other letter keeps its place."""
    return text if text.isprintable() else _NO_LINE.sub(" ", text)


def why(terms: Sequence[str], also_in: Sequence[str]) -> str:
    """Return why a paper is here: ``matches “chain of thought”, also in Reasoning``."""
    said = MATCHES + AND.join(map(named, terms)) if terms else MATCHES_NOTHING
    return one_line(f"{said}{ALSO_IN}{AND.join(also_in)}" if also_in else said)


def named(term: str) -> str:
    """Return a term of a query as a why-line has it."""
    return f"“{term.strip(chr(34))}”"


def authors_line(paper: Paper) -> str:
    """Return the first few authors and the last, or their number where the names are unknown."""
    if not paper.authors:
        return counted(paper.author_count, "author") if paper.author_count else ""
    names = [one_line(name) for name in paper.authors]
    if len(names) <= _SHOWN_AUTHORS + 1:
        return ", ".join(names)
    return f"{', '.join(names[: _SHOWN_AUTHORS - 1])} … {names[-1]} ({len(names)} authors)"


def page_url(paper: Paper) -> str:
    """Return where the title leads: the listing's own page, else arXiv's or the DOI's, else nowhere ("")."""
    given = [paper.url or "", *(link.url for link in paper.links if link.kind is LinkKind.PAGE)]
    made = (ids.page_url(key) or "" for key in paper.keys)
    return next((url for url in (*given, *made) if is_web(url)), "")


def is_web(url: str) -> bool:
    """Return whether an address from outside may stand behind a link: http or https with a host, nothing else."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    is_clean = not any(char in url for char in ' "<>') and not _NO_LINE.search(url)
    return parts.scheme in {"http", "https"} and bool(parts.netloc) and is_clean


def _facts(paper: Paper) -> list[str]:
    said = [short_day(paper.published)] if paper.published else []
    said += [_site(page_url(paper))] if page_url(paper) else []
    said += [one_line(paper.organization)] if paper.organization else []
    said += [one_line(", ".join(paper.categories[:3]))] if paper.categories else []
    said += [f"{paper.upvotes:,} ▲"] if paper.upvotes else []
    said += [counted(paper.comments, "comment")] if paper.comments else []
    return said


def _site(url: str) -> str:
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    return _SITES.get(host, host)


def _links(paper: Paper) -> list[tuple[str, str]]:
    found: dict[str, str] = {}
    for key in paper.keys:
        number = ids.arxiv_number(key)
        page = ids.page_url(key)
        if page:
            found.setdefault("arXiv" if number else "DOI", page)
        if number:
            found.setdefault("PDF", f"https://arxiv.org/pdf/{number}")
    for link in paper.links:
        if link.kind in _LINK_NAMES and is_web(link.url):
            found[_LINK_NAMES[link.kind]] = link.url
    return list(found.items())
