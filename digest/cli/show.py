"""How papers, hits and tables look to a human."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from digest import ids
from digest.model import (
    Act,
    ActKind,
    Facts,
    History,
    Hit,
    Key,
    Listing,
    Paper,
    Skipped,
    Span,
    State,
    UnsurePair,
    Verdict,
)
from digest.text.sparkline import sparkline

if TYPE_CHECKING:
    from digest.app.backtest import BackTest

MARK = "bold black on yellow"
_STATE_STYLES = {State.NEW: "bold green", State.SEEN: "dim", State.REVISED: "bold blue", State.UNSURE: "bold yellow"}
ABSTRACT_PREVIEW = 240
"""Code points of an abstract shown unless all of it is asked for."""


def listing_header(listing: Listing, title: str) -> Text:
    """Return the line above a listing's papers."""
    text = Text.assemble((listing.document.name, "bold"), "\n", (title, "cyan"))
    if listing.listed_on:
        text.append(f", listed on {long_date(listing.listed_on)}", "cyan")
    text.append(f"\n{count(len(listing.sightings), 'paper')}", "bold")
    if listing.skipped:
        text.append(f", {len(listing.skipped)} not understood", "yellow")
    for warning in listing.warnings:
        text.append(f"\n! {warning}", "yellow")
    return text


def numbered(entries: Iterable[tuple[int, RenderableType]]) -> Table:
    """Return entries under one another with their numbers beside them."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(justify="right", style="dim", no_wrap=True)
    grid.add_column()
    for number, entry in entries:
        grid.add_row(str(number), entry)
        grid.add_row()
    return grid


def paper(facts: Facts, *, full: bool = False, verdict: Verdict | None = None) -> RenderableType:
    """Return one paper: title, who and when, the beginning of the abstract."""
    lines: list[RenderableType] = [_titled(facts, verdict)]
    if verdict is not None and verdict.state is not State.NEW:
        lines.append(Text(verdict.reason, "italic dim"))
    if about := facts_line(facts):
        lines.append(Text(about, "cyan"))
    if facts.abstract:
        lines.append(Text(facts.abstract if full else shortened(facts.abstract), "dim"))
    return Group(*lines)


def _titled(facts: Facts, verdict: Verdict | None) -> Text:
    title = Text(facts.title, "bold")
    return title if verdict is None else Text.assemble((verdict.state.value, _STATE_STYLES[verdict.state]), " ", title)


def facts_line(facts: Facts) -> str:
    """Return what is known beside title and abstract, in one line."""
    parts = [
        authors(facts),
        long_date(facts.published) if facts.published else "",
        f"▲ {facts.upvotes}" if facts.upvotes is not None else "",
        count(facts.comments, "comment") if facts.comments else "",
        " ".join(facts.categories),
        facts.announced.value if facts.announced else "",
        "  ".join(shown_key(key) for key in facts.keys),
    ]
    return " · ".join(part for part in parts if part)


def authors(facts: Facts) -> str:
    """Return the first authors and how many more there are, or the count alone."""
    if not facts.authors:
        return count(facts.author_count, "author") if facts.author_count else ""
    if len(facts.authors) <= 4:
        return ", ".join(facts.authors)
    return f"{', '.join(facts.authors[:3])} and {len(facts.authors) - 3} more"


def shown_key(key: Key) -> str:
    """Return a key as people write it: ``arXiv:2401.00001``, ``doi:10.…``."""
    return f"arXiv:{number}" if (number := ids.arxiv_number(key)) else key


def shortened(text: str, limit: int = ABSTRACT_PREVIEW) -> str:
    """Return the beginning of a text in one line, cut at a word."""
    flat = " ".join(text.split())
    return flat if len(flat) <= limit else flat[: limit - 1].rsplit(" ", 1)[0] + " …"


def skipped(entries: Sequence[Skipped]) -> RenderableType:
    """Return what was not understood, with its place and reason."""
    lines = [Text("Not understood", "bold yellow")]
    lines += [Text.assemble((f"  {one.where}", "bold"), f": {one.reason}") for one in entries]
    return Group(*lines, Text(""))


def hit(of: Paper, value: Hit, *, full: bool = False) -> RenderableType:
    """Return a paper a query matched, the matched words marked, and which words they are."""
    title = _marked(of.title, [s for s in value.spans if s.field == "title"], 0)
    title.stylize("bold", 0, len(title))
    spans = [span for span in value.spans if span.field == "abstract"]
    start, end = (0, len(of.abstract)) if full else _window(of.abstract, spans)
    about = Text.assemble((f"score {value.score:.2f}", "green"), "  ", (", ".join(value.terms), "yellow"))
    abstract = Text.assemble("… " if start else "", _marked(of.abstract[start:end], spans, start))
    abstract.append(" …" if end < len(of.abstract) else "")
    return Group(title, about, Text(facts_line(of), "cyan"), *([abstract] if of.abstract else []))


def _window(text: str, spans: Sequence[Span]) -> tuple[int, int]:
    """Return the stretch of an abstract to show: whole words around its first matched one."""
    first = spans[0].start if spans else 0
    start = 0 if first < ABSTRACT_PREVIEW // 2 else text.rfind(" ", 0, first - ABSTRACT_PREVIEW // 4) + 1
    end = start + ABSTRACT_PREVIEW
    return start, len(text) if end >= len(text) else max(text.rfind(" ", start, end), start + 1)


def _marked(text: str, spans: Sequence[Span], offset: int) -> Text:
    marked = Text(" ".join(text.split("\n")))
    for span in spans:
        if offset <= span.start and span.end - offset <= len(text):
            marked.stylize(MARK, span.start - offset, span.end - offset)
    return marked


def table(columns: Sequence[str], rows: Iterable[Sequence[str | Text]], *, right: Sequence[str] = ()) -> Table:
    """Return a plain table with a line under its head; columns named in ``right`` are numbers."""
    made = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold")
    for name in columns:
        made.add_column(name, justify="right" if name in right else "left", overflow="fold")
    for row in rows:
        made.add_row(*(Text(cell) if isinstance(cell, str) else cell for cell in row))
    return made


def counts(values: Mapping[str, int]) -> Text:
    """Return counts side by side, those above zero in bold."""
    return Text("   ").join(Text(f"{value} {name}", "bold" if value else "dim") for name, value in values.items())


_REPORT_STYLES = (
    (re.compile(r"^Run of .*", re.MULTILINE), "bold magenta"),
    (re.compile(r"^\S.* \(\d.*\)$", re.MULTILINE), "bold"),
    (re.compile(r"^ +→ .*", re.MULTILINE), "green"),
    (re.compile(r"^ +✗ .*", re.MULTILINE), "bold red"),
    (re.compile(r"^ +! .*", re.MULTILINE), "yellow"),
    (re.compile(r"^      (?![→✗!]).*", re.MULTILINE), "dim"),
    (re.compile(r"(?<=  )\[\S+\]$", re.MULTILINE), "cyan"),
)


def report(text: str) -> Text:
    """Return a run report with its headings, matches and failures in colour."""
    coloured = Text(text)
    for pattern, style in _REPORT_STYLES:
        for found in pattern.finditer(text):
            coloured.stylize(style, *found.span())
    return coloured


def facts(pairs: Iterable[tuple[str, str]]) -> Table:
    """Return names and values beside one another."""
    grid = Table.grid(padding=(0, 3))
    for name, value in pairs:
        grid.add_row(Text(name, "bold"), Text(value))
    return grid


def count(number: int, noun: str, plural: str = "") -> str:
    """Return ``1 paper``, ``2 papers``; ``plural`` where it is no plain ``s``."""
    return f"{number:,} {noun if number == 1 else plural or f'{noun}s'}"


def long_date(day: date) -> str:
    """Return ``18 February 2023``."""
    return f"{day.day} {day:%B %Y}"


def unsure_pair(value: UnsurePair) -> RenderableType:
    """Return two papers that may be one, under one another, with the reason."""
    grid = Table.grid(padding=(0, 2))
    grid.add_row(Text(str(value.paper.id), "bold yellow"), Text(value.paper.title, "bold"))
    grid.add_row("", Text(facts_line(value.paper), "cyan"))
    grid.add_row(Text(str(value.looks_like.id), "dim"), Text(value.looks_like.title))
    grid.add_row("", Text(facts_line(value.looks_like), "cyan"))
    grid.add_row("", Text(value.reason, "italic dim"))
    return Group(grid, Text(""))


def history(value: History) -> RenderableType:
    """Return a paper with all its sightings and what was decided about it."""
    rows = [
        (
            str(seen.id),
            f"{seen.seen_at:%Y-%m-%d %H:%M}",
            f"{seen.document}, {seen.where}",
            seen.state.value if seen.looks_like is None else f"{seen.state.value}: like {seen.looks_like}?",
            seen.reason,
        )
        for seen in value.sightings
    ]
    lines: list[RenderableType] = [
        Text.assemble((f"{value.paper.id}  ", "dim"), (value.paper.title, "bold")),
        Text(facts_line(value.paper), "cyan"),
        table(("sighting", "seen", "where", "verdict", "why"), rows, right=("sighting",)),
    ]
    for done in value.acts:
        undone = f", undone {done.undone_at:%Y-%m-%d %H:%M}" if done.undone_at else ""
        lines.append(Text(f"act {done.id}, {done.at:%Y-%m-%d %H:%M}: {act(done)}{undone}"))
    return Group(*lines, Text(""))


def act(value: Act) -> str:
    """Return in words what was decided about two papers."""
    return {
        ActKind.MERGE: f"paper {value.other} is now {value.paper}",
        ActKind.SPLIT: f"paper {value.other} was split off {value.paper}",
        ActKind.APART: f"papers {value.paper} and {value.other} are two",
        ActKind.JOIN: f"paper {value.other} is now {value.paper}, as a sighting of both proved",
    }[value.kind]


def clauses(tried: BackTest) -> RenderableType:
    """Return what each part of a query matches by itself, as a bar each, and what is found without it."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(justify="right")
    grid.add_column(justify="right", style="dim", no_wrap=True)
    grid.add_column()
    for clause in tried.clauses:
        share = clause.papers / len(tried.papers) if tried.papers else 0.0
        bar = "▇" * round(share * 30) or ("▏" if clause.papers else "")
        grid.add_row(
            Text(clause.text if clause.wanted else f"NOT {clause.text}", "yellow"),
            str(clause.papers),
            "" if clause.without is None else f"{clause.without} without it",
            Text(bar, "cyan" if clause.wanted else "red"),
        )
    return Group(grid, Text(""))


def by_day(hits: Mapping[date, int]) -> RenderableType:
    """Return how many hits each day had, as a line of bars; the last 60 days of a long time."""
    days = list(hits)[-60:]
    counts = [hits[day] for day in days]
    line = f"{days[0]:%-d %b} {sparkline(counts)} {days[-1]:%-d %b}, at most {max(counts)} a day"
    return Group(Text(line, "cyan"), Text(""))


def related(papers: Sequence[Paper]) -> RenderableType:
    """Return the papers that a query misses though they mean much the same as what it finds."""
    lines = [Text("not found, but much like what is found:", "bold"), *(Text(f"~ {p.title}", "cyan") for p in papers)]
    return Group(*lines, Text(""))


def changes(tried: BackTest, than: str) -> RenderableType:
    """Return what a query adds to another and drops of it."""
    lines = [Text(f"instead of {than}: {len(tried.added)} added, {len(tried.dropped)} dropped", "bold")]
    lines += [Text(f"+ {paper.title}", "green") for paper in tried.added]
    lines += [Text(f"- {paper.title}", "red") for paper in tried.dropped]
    return Group(*lines, Text(""))
