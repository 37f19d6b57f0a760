"""What a template sees: every value ready to be shown, nothing left to work out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

from markupsafe import Markup

from digest import ids
from digest.model import Digest, EventKind, Item, LinkKind, Paper
from digest.render.marks import Lead, highlighted, lead

_SHOWN_AUTHORS = 4
_MARKS = {EventKind.REVISED: "revised", EventKind.WITHDRAWN: "withdrawn", EventKind.HOT: "hot"}
_LINK_NAMES = {
    LinkKind.PDF: "PDF",
    LinkKind.CODE: "code",
    LinkKind.PROJECT: "project",
    LinkKind.DISCUSSION: "discussion",
}


@dataclass(frozen=True, slots=True)
class PaperView:
    """One paper as a digest shows it. ``facts`` is the line of date, source, categories and counters."""

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


@dataclass(frozen=True, slots=True)
class SectionView:
    """One subscription's part: its heading, its query where the heading is a name, and its papers."""

    heading: str
    query: str
    papers: tuple[PaperView, ...]
    left_out: tuple[PaperView, ...]

    @property
    def count(self) -> int:
        """Return how many papers matched, the ones left out included."""
        return len(self.papers) + len(self.left_out)


@dataclass(frozen=True, slots=True)
class DigestView:
    """A digest as the templates see it."""

    subject: str
    preheader: str
    day: str
    address: str
    sections: tuple[SectionView, ...]
    updates: tuple[PaperView, ...]
    scanned: int
    shown: int
    left_out: int
    next_day: str
    notes: tuple[str, ...]


def digest_view(digest: Digest) -> DigestView:
    """Return what the templates of mail and page see of a digest."""
    sections = tuple(
        SectionView(
            heading=section.subscription.title,
            query=section.subscription.query if section.subscription.name else "",
            papers=tuple(paper_view(item) for item in section.items),
            left_out=tuple(paper_view(item) for item in section.left_out),
        )
        for section in digest.sections
    )
    return DigestView(
        subject=subject(digest),
        preheader=preheader(digest),
        day=long_day(digest.day),
        address=digest.subscriber.address,
        sections=sections,
        updates=tuple(paper_view(item) for item in digest.updates),
        scanned=digest.scanned,
        shown=len(digest.items),
        left_out=sum(len(section.left_out) for section in sections),
        next_day=long_day(digest.next_on) if digest.next_on else "",
        notes=digest.notes,
    )


def paper_view(item: Item) -> PaperView:
    """Return what the templates see of one item."""
    paper = item.paper
    in_title = [span for span in item.hit.spans if span.field == "title"]
    in_abstract = [span for span in item.hit.spans if span.field == "abstract"]
    return PaperView(
        title=paper.title,
        title_html=highlighted(paper.title, in_title),
        url=_page(paper),
        authors=authors_line(paper),
        facts=tuple(_facts(paper)),
        lead=lead(paper.abstract, in_abstract),
        abstract=paper.abstract,
        why=why(item),
        note=item.note,
        mark=_MARKS.get(item.kind, ""),
        links=tuple(_links(paper)),
        summary=paper.summary or "",
        published=paper.published,
        score=item.hit.score,
        paper=paper,
    )


def subject(digest: Digest) -> str:
    """Return a subject that says something: ``7 new papers: diffusion policy, Mamba``."""
    new = sum(len(section.items) for section in digest.sections)
    if digest.is_empty:
        return f"No new papers on {long_day(digest.day)}"
    if not new:
        return f"{counted(len(digest.updates), 'update')} on papers you know"
    headings = [_short(section.subscription.title) for section in digest.sections]
    return f"{counted(new, 'new paper')}: {', '.join(headings[:3])}{' …' if len(headings) > 3 else ''}"


def preheader(digest: Digest) -> str:
    """Return the line a mail program shows behind the subject: the first titles."""
    return " · ".join(_short(item.paper.title, 70) for item in digest.items[:3])


def why(item: Item) -> str:
    """Return why a paper is here: ``matches “chain of thought”, also in Reasoning``."""
    terms = ", ".join(f"“{term.strip(chr(34))}”" for term in item.hit.terms)
    said = f"matches {terms}" if terms else "matches your query"
    return f"{said}; also in {', '.join(item.also_in)}" if item.also_in else said


def authors_line(paper: Paper) -> str:
    """Return the first few authors and the last, or their number where the names are unknown."""
    if not paper.authors:
        return counted(paper.author_count, "author") if paper.author_count else ""
    if len(paper.authors) <= _SHOWN_AUTHORS + 1:
        return ", ".join(paper.authors)
    return f"{', '.join(paper.authors[: _SHOWN_AUTHORS - 1])} … {paper.authors[-1]} ({len(paper.authors)} authors)"


def long_day(day: date) -> str:
    """Return a date as a letter would have it: ``Friday, 20 November 2026``, whatever the machine's locale."""
    weekday = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")[day.weekday()]
    return f"{weekday}, {day.day} {_MONTHS[day.month - 1]} {day.year}"


def short_day(day: date) -> str:
    """Return ``20 Nov 2026``."""
    return f"{day.day} {_MONTHS[day.month - 1][:3]} {day.year}"


def counted(number: int, noun: str) -> str:
    """Return ``1 paper``, ``2 papers``, ``1,200 papers``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def _facts(paper: Paper) -> list[str]:
    said = [short_day(paper.published)] if paper.published else []
    said += [paper.organization] if paper.organization else []
    said += [", ".join(paper.categories[:3])] if paper.categories else []
    said += [f"{paper.upvotes:,} ▲"] if paper.upvotes else []
    said += [counted(paper.comments, "comment")] if paper.comments else []
    return said


def _page(paper: Paper) -> str:
    """Return where the title leads: the listing's own page, else arXiv's or the DOI's, else nowhere."""
    given = [paper.url or "", *(link.url for link in paper.links if link.kind is LinkKind.PAGE)]
    made = (ids.page_url(key) or "" for key in paper.keys)
    return next((url for url in (*given, *made) if is_web(url)), "")


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


def is_web(url: str) -> bool:
    """Return whether an address from outside may stand behind a link: http or https with a host, nothing else."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc) and not any(c in url for c in '\r\n\t "<>')


def _short(text: str, length: int = 32) -> str:
    return text if len(text) <= length else f"{text[: length - 1].rstrip()}…"
