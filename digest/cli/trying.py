"""``digest try``: what a query would have found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import click

from digest.cli.options import State, command
from digest.cli.reading import reading_options

if TYPE_CHECKING:
    from digest.app import App
    from digest.model import Hit, Paper, Scored

DEFAULT_DAYS = 30
ME = 1


@command("try", epilog="Without FILE, the papers first seen in the last 30 days (--days N) are tried.")
@click.argument("query")
@click.argument("files", nargs=-1, metavar="[FILE…]")
@click.option("--days", type=click.IntRange(1, 100_000), metavar="N", help="Try the last N days of the store.")
@click.option(
    "--limit", type=click.IntRange(0), default=20, metavar="N", help="Show the best N hits (default 20; 0: all)."
)
@reading_options
def try_query(
    state: State, query: str, files: tuple[str, ...], days: int | None, limit: int, listed_on: date | None,
    forced_format: str | None,
) -> None:  # fmt: skip
    """Show what QUERY finds in dumps or in the last days, and how much that would be."""
    from digest.query import parse as parse_query

    if files and days:
        raise click.UsageError("give files or --days, not both")
    parse_query(query)
    span = 0 if files else days or DEFAULT_DAYS
    papers = _papers_of_files(state, files, listed_on, forced_format) if files else _papers_of_days(state, span)
    _show(state, query, papers, days=span, limit=limit)


def _papers_of_files(
    state: State, files: Sequence[str], listed_on: date | None, forced_format: str | None
) -> list[Paper]:
    """Return the papers of some dumps, each once: they are ingested into a store that lives in memory only."""
    from digest.app import App
    from digest.config import StoreSettings
    from digest.pipeline.ingest import Refused

    config = replace(state.config, store=StoreSettings(url="sqlite://"))
    with App.open(config, now=state.now) as app:
        for outcome in app.ingest(app.named(files, listed_on=listed_on), forced_format=forced_format):
            if isinstance(outcome, Refused):
                state.fail(outcome.error if outcome.name in outcome.error else f"{outcome.name}: {outcome.error}")
        return _distinct(app, after=0)


def _papers_of_days(state: State, days: int) -> list[Paper]:
    with state.app() as app:
        earliest = state.clock() - timedelta(days=days)
        return [paper for paper in _distinct(app, after=0) if paper.first_seen_at >= earliest]


def _distinct(app: App, *, after: int) -> list[Paper]:
    return list({event.paper.id: event.paper for event in app.store.papers.fresh(after)}.values())


def _show(state: State, query: str, papers: Sequence[Paper], *, days: int, limit: int) -> None:
    from digest.matcher import BulkMatcher

    matcher = BulkMatcher()
    matcher.put(ME, query)
    scored = sorted(matcher.match(papers).get(ME, ()), key=lambda one: (-one.score, one.position))
    shown = scored[: limit or None]
    hits = [(papers[one.position], hit) for one in shown if (hit := matcher.explain(query, papers[one.position]))]
    summary = _summary(query, papers, scored, days)
    if state.as_json:
        from digest.app import records

        for paper, hit in hits:
            state.out.record(records.hit(paper, hit))
        state.out.record(summary)
        return
    _show_human(state, hits, summary)


def _summary(query: str, papers: Sequence[Paper], scored: Sequence[Scored], days: int) -> dict[str, object]:
    from digest.query import parse as parse_query
    from digest.query import warnings

    share = len(scored) / len(papers) if papers else 0.0
    found = list(warnings(parse_query(query)))
    if share > 0.5 and len(papers) >= 20:
        found.append(f"This matches {share:.0%} of everything: too broad for a digest.")
    if not scored and papers:
        found.append("Nothing matches: try fewer words, a prefix (transform*) or OR.")
    return {
        "kind": "summary",
        "query": query,
        "papers": len(papers),
        "hits": len(scored),
        "share": round(share, 4),
        "days": days or None,
        "per_day": round(len(scored) / days, 2) if days else None,
        "warnings": found,
    }


def _show_human(state: State, hits: Sequence[tuple[Paper, Hit]], summary: dict[str, object]) -> None:
    from rich.text import Text

    from digest.cli import show

    full = state.verbosity > 0
    state.out.show(show.numbered(enumerate((show.hit(paper, hit, full=full) for paper, hit in hits), 1)))
    over = f"over the last {summary['days']} days: {summary['per_day']} a day, " if summary["days"] else ""
    found, of = summary["hits"], summary["papers"]
    line = f"{over}{found} of {of} papers ({summary['share']:.0%})"
    more = f", the best {len(hits)} shown" if len(hits) < int(str(found)) else ""
    state.out.show(Text(line + more, "bold"), at=-1)
    warnings = summary["warnings"]
    for warning in warnings if isinstance(warnings, list) else []:
        state.out.show(Text(f"! {warning}", "yellow"), at=-1)
