"""Invented papers as the text of a page, in each shape, with random furniture and noise."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from random import Random

from tests.pages.invent import Invented, day_text

TOP = (
    "new", "Get trending papers in your email inbox!", "Get trending papers in your email inbox once a day!",
    "Subscribe", "Daily Papers", "byAK and the research community",
)  # fmt: skip
MENU = (
    "Daily",
    "Weekly",
    "Monthly",
    "Models",
    "Datasets",
    "Log In",
    "Sign Up",
    "Explore",
    "My Feed",
    "Leaderboard",
    "Docs",
)
BANNERS = (
    ("We use cookies to improve your experience. By going on you accept our privacy policy.", "Accept all", "Reject"),
    ("This site stores data on your device. Manage your preferences any time.", "Got it!"),
    ("Please enable JavaScript in your browser to see this page.",),
)
BOTTOM = (
    "Previous",
    "1",
    "2",
    "3",
    "Next",
    "Page 1 of 3",
    "Company",
    "© 2026 Hugging Face",
    "TOS",
    "About",
    "Back to top",
)
SITE = "https://huggingface.co"


@dataclass(frozen=True)
class Page:
    """What a page is rendered with: ``random`` for its noise, the day it shows (or none), the column it wraps at."""

    random: Random
    listed_on: date
    width: int | None
    hyphens: bool
    upvotes: bool

    def wrap(self, text: str) -> list[str]:
        """Return a paragraph's lines."""
        if not self.width:
            return [text]
        return textwrap.wrap(text, self.width, break_long_words=False, break_on_hyphens=self.hyphens)


Shape = Callable[[Page, Iterable[Invented]], list[str]]


def cards(page: Page, papers: Iterable[Invented]) -> list[str]:
    """Title, abstract, then ``• N authors``, ``·``, the day with its comments."""
    rows = _top(page)
    for paper in papers:
        if page.upvotes:
            rows += [str(paper.upvotes or "-"), ""]
        rows += [*page.wrap(paper.title), ""]
        rows += [row for paragraph in paper.paragraphs for row in (*page.wrap(paragraph), "")]
        signer = f"  • {paper.author_count} authors" if paper.author_count else paper.organization
        rows += [signer] if signer else []
        rows += ["·", _day(paper, " {}"), ""]
    return rows + _bottom(page)


def paragraphs(page: Page, papers: Iterable[Invented]) -> list[str]:
    """Title and abstract with blank lines between, nothing else."""
    rows = _top(page)
    for paper in papers:
        rows += [*page.wrap(paper.title), ""]
        rows += [row for paragraph in paper.paragraphs for row in (*page.wrap(paragraph), "")]
    return rows + _bottom(page)


def lines(page: Page, papers: Iterable[Invented]) -> list[str]:
    """Title line, abstract line, no blanks; the first title glued to the button before it."""
    rows = [row for row in _top(page) if row.strip() and row != "Subscribe"]
    glued = page.random.random() < 0.5
    rows += [] if glued else ["Subscribe"]
    for number, paper in enumerate(papers):
        rows += [("Subscribe" if glued and not number else "") + paper.title, *paper.paragraphs]
    return rows + [row for row in _bottom(page) if row.strip()]


def numbered(page: Page, papers: Iterable[Invented]) -> list[str]:
    """``[``, ``65``, ``][35]``, ``### [Title][36]``, as html-to-text writes it, and the addresses at the end."""
    rows, addresses = ["* [ Models ][1]", "* [ Docs ][2]"], [f"{SITE}/models", f"{SITE}/docs"]
    rows += [*_top(page)]

    def link(address: str) -> str:
        addresses.append(address)
        return f"[{len(addresses)}]"

    for paper in papers:
        home = f"{SITE}/papers/{paper.number}"
        rows += ["[", str(paper.upvotes or "-"), f"]{link(f'{SITE}/login?next=%2Fpapers%2F{paper.number}')}", ""]
        heading = page.wrap(f"[{paper.title}]{link(home)}")
        rows += [*(f"### {row}" for row in heading), "", "[", ""]
        rows += [row for paragraph in paper.paragraphs for row in (*page.wrap(paragraph), "")]
        rows += [f"]{link(home)}"]
        if paper.author_count:
            rows += ["[", f"* {paper.author_count} authors", f"]{link(home)}"]
        elif paper.organization:
            rows += [f"[[logo] {paper.organization}]{link(f'{SITE}/acme')}"]
        rows += ["·", _day(paper, " [ {}]" + (link(f"{home}#community") if paper.comments else ""))]
    tail = page.random.choice(("[{}]: {}", "{:>4}. {}"))
    return [*rows, *_bottom(page), "", *(tail.format(index, target) for index, target in enumerate(addresses, 1))]


def markdown(page: Page, papers: Iterable[Invented]) -> list[str]:
    """Markdown links: ``### [Title](…)``, long titles broken by a backslash, abstract lines ending in two."""
    rows = ["[Subscribe](https://huggingface.co/login?next=%2Fpapers)", "", *_top(page)]
    for paper in papers:
        home = f"{SITE}/papers/{paper.number}"
        rows += [f"[{paper.upvotes or '-'}]({SITE}/login?next=%2Fpapers%2F{paper.number})", ""]
        cut = paper.title.find(" ", 80)
        title = paper.title[:cut] + "\\ " + paper.title[cut:] if cut > 0 else paper.title
        rows += [f"### [{title}]({home})", ""]
        broken = "\\\\\n\\\\\n".join("\\\\\n".join(page.wrap(paragraph)) for paragraph in paper.paragraphs)
        rows += [*f"[{broken}]({home})".split("\n"), ""]
        if paper.author_count:
            faces = ["- ![](https://cdn-avatars.huggingface.co/x.png)\\\\"] * page.random.randint(0, 3)
            rows += [*f"[{chr(10).join([*faces, f'- {paper.author_count} authors'])}]({home})".split("\n"), ""]
        elif paper.organization:
            rows += [f"[![logo](https://cdn-avatars.huggingface.co/a.png){paper.organization}]({SITE}/acme)", ""]
        rows += ["·", "", _day(paper, f"[{{}}]({home}#community)"), ""]
    return rows + _bottom(page)


def link_lines(page: Page, papers: Iterable[Invented]) -> list[str]:
    """Every link's address on a line of its own under its text."""
    rows = [*_top(page), " Models", "", f"{SITE}/models", ""]
    for paper in papers:
        home = f"{SITE}/papers/{paper.number}"
        rows += [f" [-] {paper.upvotes or '-'}", "", f"{SITE}/login?next=%2Fpapers%2F{paper.number}", ""]
        rows += [paper.title, "", home, ""]
        rows += [row for paragraph in paper.paragraphs for row in (paragraph, "")]
        rows += [home, ""]
        if paper.author_count:
            rows += ["[", "", f"{paper.author_count} authors]({home})", ""]
        elif paper.organization:
            rows += [" ", "", home, "", f" {paper.organization}", "", f"{SITE}/acme", ""]
        rows += ["·", "", day_text(paper.day, year=paper.shows_year) + " ", ""]
        rows += [str(paper.comments), "", f"{home}#community", ""] if paper.comments else []
    return rows + _bottom(page)


def trending(page: Page, papers: Iterable[Invented]) -> list[str]:
    """Headings without links; every paper twice."""
    rows = [*_top(page), "## Trending Papers", ""]
    for paper in papers:
        for published in ("Published on ", ""):
            rows += ["Submitted by", "", "somebody", ""] if page.upvotes else []
            rows += [f"### {paper.title}", ""]
            rows += [row for paragraph in paper.paragraphs for row in (*page.wrap(paragraph), "")]
            signer = f"- {paper.author_count} authors" if paper.author_count else paper.organization or ""
            rows += [f"{signer} · {published}{day_text(paper.day, year=True)}", ""]
            rows += ["Upvote", "", str(paper.upvotes or "-"), "", "GitHub 11.3k", "arXiv Page", ""]
    return rows + _bottom(page)


SHAPES: dict[str, Shape] = {
    "hf-cards": cards,
    "hf-paragraphs": paragraphs,
    "hf-lines": lines,
    "hf-numbered": numbered,
    "hf-markdown": markdown,
    "hf-link-lines": link_lines,
    "hf-trending": trending,
}


def with_noise(random: Random, rows: list[str]) -> bytes:
    """Return a page's lines as bytes, with what travels with copied text."""
    if random.random() < 0.3:
        rows = [row + random.choice(("", " ", "\t", "\N{NO-BREAK SPACE}")) for row in rows]
    if random.random() < 0.3:
        rows = [part for row in rows for part in ([row, ""] if not row and random.random() < 0.3 else [row])]
    text = "\n".join(rows)
    if random.random() < 0.2:
        text = text.replace(" ", "\N{NO-BREAK SPACE}" if random.random() < 0.5 else "  ", random.randint(0, 200))
    ends = random.choice(("\n", "\n", "\r\n", "\r"))
    encoding = random.choice(("utf-8", "utf-8", "utf-8-sig", "utf-16"))
    return text.replace("\n", ends).encode(encoding)


def _day(paper: Invented, comments: str) -> str:
    return day_text(paper.day, year=paper.shows_year) + (comments.format(paper.comments) if paper.comments else "")


def _top(page: Page) -> list[str]:
    random = page.random
    rows: list[str] = []
    if random.random() < 0.3:
        rows += random.choice(BANNERS)
    first = random.sample(MENU, random.randint(0, 5))
    rows += [*first, *(TOP if random.random() < 0.6 else sorted(random.sample(TOP, 4), key=TOP.index))]
    rows += random.sample(("Daily", "Weekly", "Monthly"), random.randint(0, 3))
    rows.append(day_text(page.listed_on, year=False))
    return [part for row in rows for part in (row, "")]


def _bottom(page: Page) -> list[str]:
    if page.random.random() < 0.5:
        return []
    return ["", *(part for row in page.random.sample(BOTTOM, page.random.randint(1, 6)) for part in (row, ""))]
