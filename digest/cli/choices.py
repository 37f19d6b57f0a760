"""The options that describe a reader and the settings of a saved query; the same wherever they are changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import click

from digest.cli.options import TimeOfDay
from digest.model import Cadence, ChannelName, Order

if TYPE_CHECKING:
    from digest.model import Settings

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class OneOf(click.ParamType[StrEnum]):
    """A choice among the values of an enumeration."""

    def __init__(self, choices: type[StrEnum]) -> None:
        self.choices = choices
        self.name = "|".join(choices)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> StrEnum:
        """Return the member of that value."""
        try:
            return self.choices(value)
        except ValueError:
            self.fail(f"{value!r} is none of {', '.join(self.choices)}", param, ctx)


_PERSON = (
    click.option(
        "--channel",
        type=OneOf(ChannelName),
        metavar="|".join(ChannelName),
        help="email, folder (a file), or none (feeds only).",
    ),
    click.option("--timezone", metavar="ZONE", help="An IANA name such as Europe/Berlin."),
    click.option("--at", "send_at", type=TimeOfDay(), help="The local time at which digests are due."),
)
_SETTINGS = (
    click.option("--cadence", type=OneOf(Cadence), metavar="|".join(Cadence), help="How often a digest is due."),
    click.option("--weekday", "weekdays", multiple=True, type=click.Choice(WEEKDAYS), help="For weekly and weekdays."),
    click.option("--max-papers", type=click.IntRange(1, 500), metavar="N", help="At most N papers a digest."),
    click.option("--min-score", type=click.FloatRange(0), metavar="X", help="No paper with a score below X."),
    click.option("--order", type=OneOf(Order), metavar="|".join(Order), help="How the papers are ordered."),
    click.option("--empty-digest/--no-empty-digest", default=None, help="Send a digest on days without papers too."),
    click.option("--events/--no-events", default=None, help="Add revised, withdrawn and hot papers."),
)  # fmt: skip


def person_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of a reader."""
    for option in reversed(_PERSON):
        function = option(function)
    return function


def settings_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of a saved query."""
    for option in reversed(_SETTINGS):
        function = option(function)
    return function


DIALECTS = ("keywords", "arxiv", "pubmed")
dialect_option = click.option(
    "--dialect",
    type=click.Choice(DIALECTS),
    help="The queries are keyword lists, arXiv API queries or PubMed searches; they are translated.",
)


def translated(query: str, dialect: str | None) -> str:
    """Return a query in our language; raises ``QueryError`` for what has no meaning in it."""
    if dialect is None:
        return query
    from digest.query import dialects, to_text

    readers = {"keywords": dialects.from_keywords, "arxiv": dialects.from_arxiv, "pubmed": dialects.from_pubmed}
    return to_text(readers[dialect](query))


def changed(settings: Settings, given: Mapping[str, Any]) -> Settings:
    """Return settings with what was given on the command line."""
    chosen = {f.name: given[f.name] for f in fields(settings) if given.get(f.name) not in (None, ())}
    if "weekdays" in chosen:
        chosen["weekdays"] = tuple(sorted({WEEKDAYS.index(day) for day in chosen["weekdays"]}))
    return replace(settings, **chosen)


def in_words(settings: Settings) -> str:
    """Return when a digest is due, in words: ``daily``, ``weekly on mon, thu``."""
    days = ", ".join(WEEKDAYS[day] for day in settings.weekdays)
    return f"{settings.cadence}{f' on {days}' if days else ''}"
