"""``digest try``: what a query would have found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import click

from digest.cli.options import State, command
from digest.cli.reading import reading_options

if TYPE_CHECKING:
    from digest.app import App
    from digest.app.backtest import BackTest

DEFAULT_DAYS = 30
SHOWN = 20
"""Hits shown to people who did not say how many they want."""


@command("try", epilog="Without FILE, the papers first seen in the last 30 days (--days N) are tried.")
@click.argument("query")
@click.argument("files", nargs=-1, metavar="[FILE…]")
@click.option("--days", type=click.IntRange(1, 100_000), metavar="N", help="Try the last N days of the store.")
@click.option("--limit", type=click.IntRange(1), metavar="N", help="Show the best N (default 20; with --json all).")
@click.option("--instead-of", "than", default="", metavar="QUERY", help="Show what would be added and dropped.")
@reading_options
def try_query(
    state: State,
    query: str,
    files: tuple[str, ...],
    days: int | None,
    limit: int | None,
    than: str,
    listed_on: date | None,
    forced_format: str | None,
) -> None:
    """Show what QUERY finds in dumps or in the last days, and how much that would be."""
    from digest.app.backtest import back_test
    from digest.query import parse as parse_query

    if files and days:
        raise click.UsageError("give files or --days, not both")
    parse_query(query)
    span = 0 if files else days or DEFAULT_DAYS
    most = limit or (0 if state.as_json else SHOWN)
    with _app_of_files(state, files, listed_on, forced_format) if files else state.app() as app:
        papers = app.store.views.papers_since(None if files else state.clock() - timedelta(days=span))
        tried = back_test(
            query, papers, days=span, limit=most, than=than, statistics=app.statistics, meanings=app.meanings
        )
    _show_records(state, tried) if state.as_json else _show(state, tried, than)


@contextmanager
def _app_of_files(
    state: State, files: Sequence[str], listed_on: date | None, forced_format: str | None
) -> Iterator[App]:
    """Yield an App that knows the papers of some dumps, each once, in a store that lives in memory only."""
    from digest.app import App
    from digest.cli.reading import say_broken
    from digest.config import StoreSettings
    from digest.pipeline.ingest import Ingested, Refused

    config = replace(state.config, store=StoreSettings(url="sqlite://"))
    with App.open(config, now=state.now) as app:
        for outcome in app.ingest(app.named(files, listed_on=listed_on), forced_format=forced_format):
            if isinstance(outcome, Refused):
                state.fail(outcome.error if outcome.name in outcome.error else f"{outcome.name}: {outcome.error}")
            elif isinstance(outcome, Ingested):
                say_broken(state, outcome.listing)
        yield app


def _show_records(state: State, tried: BackTest) -> None:
    from digest.app import records

    for paper, hit in tried.hits:
        state.out.record(records.hit(paper, hit))
    for change, papers in (("added", tried.added), ("dropped", tried.dropped), ("related", tried.related)):
        for paper in papers:
            state.out.record({"kind": "change", "change": change, "title": paper.title, "keys": list(paper.keys)})
    state.out.record(
        {
            "kind": "summary",
            "query": tried.query,
            "papers": len(tried.papers),
            "hits": tried.found,
            "share": round(tried.share, 4),
            "days": tried.days or None,
            "per_day": None if tried.per_day is None else round(tried.per_day, 2),
            "clauses": [
                {"clause": c.text, "wanted": c.wanted, "papers": c.papers, "without": c.without} for c in tried.clauses
            ],
            "by_day": {day.isoformat(): hits for day, hits in tried.by_day.items()},
            "warnings": list(tried.warnings),
        }
    )


def _show(state: State, tried: BackTest, than: str) -> None:
    from rich.text import Text

    from digest.cli import show

    full = state.verbosity > 0
    state.out.show(show.numbered(enumerate((show.hit(paper, hit, full=full) for paper, hit in tried.hits), 1)))
    if len(tried.clauses) > 1:
        state.out.show(show.clauses(tried))
    if than:
        state.out.show(show.changes(tried, than))
    if len(tried.by_day) > 1:
        state.out.show(show.by_day(tried.by_day))
    if tried.related:
        state.out.show(show.related(tried.related))
    state.out.show(Text(_rate(tried), "bold"), at=-1)
    for warning in tried.warnings:
        state.out.show(Text(f"! {warning}", "yellow"), at=-1)


def _rate(tried: BackTest) -> str:
    over = "" if tried.per_day is None else f"over the last {tried.days} days: {tried.per_day:.1f} a day, "
    more = f", the best {len(tried.hits)} shown" if len(tried.hits) < tried.found else ""
    share = f"{tried.share:.0%} of everything"
    return f"{over}{tried.found} of {len(tried.papers)} papers, {share}{more}"
