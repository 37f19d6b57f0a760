"""What each source last gave, kept as the documents go by; and why an empty day is empty."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from digest.config import SourceSettings
from digest.model import Quiet
from digest.pipeline.ingest import Ingested, Outcome, Refused
from digest.ports import Source, SourceStates


def remembered(
    outcomes: Iterable[Outcome], states: SourceStates, sources: Iterable[SourceSettings], now: datetime
) -> Iterator[Outcome]:
    """Pass outcomes on, keep what the configured sources gave, and say of an empty listing why it is one."""
    kinds = {settings.name: settings.kind for settings in sources}
    for outcome in explained(outcomes, kinds, now):
        if isinstance(outcome, Ingested) and outcome.listing.document.source in kinds:
            _gave(outcome, states, now)
        elif isinstance(outcome, Refused) and outcome.source in kinds:
            states.put(replace(states.get(outcome.source), checked_at=now, error=outcome.error))
        yield outcome


def in_order(outcomes: Iterable[Outcome], sources: Iterable[Source]) -> tuple[Outcome, ...]:
    """Return outcomes in the order of their sources, whichever answered first; those of one source as they came."""
    places = {source.name: place for place, source in enumerate(sources)}
    return tuple(sorted(outcomes, key=lambda outcome: places.get(_source_of(outcome), len(places))))


def _source_of(outcome: Outcome) -> str:
    if isinstance(outcome, Ingested):
        return outcome.listing.document.source
    return outcome.source if isinstance(outcome, Refused) else outcome.where


def explained(outcomes: Iterable[Outcome], kinds: dict[str, str], now: datetime) -> Iterator[Outcome]:
    """Pass outcomes on, each listing without an entry followed by the reason, so that nobody takes it for a failure."""
    for outcome in outcomes:
        yield outcome
        if isinstance(outcome, Ingested) and not outcome.judged and not outcome.listing.skipped:
            yield Quiet(outcome.listing.document.source, _why_empty(outcome, kinds, now))


def _gave(outcome: Ingested, states: SourceStates, now: datetime) -> None:
    counts = outcome.counts()
    papers = f"{len(outcome.judged)} paper{'' if len(outcome.judged) == 1 else 's'}"
    gave = f"{papers}, {counts['new']} new, from {outcome.listing.document.name}"
    source = outcome.listing.document.source
    states.put(replace(states.get(source), checked_at=now, succeeded_at=now, gave=gave, error=""))


def _why_empty(outcome: Ingested, kinds: dict[str, str], now: datetime) -> str:
    from digest.parsers.calendar import ARXIV_ZONE, WHY_EMPTY

    day = outcome.listing.listed_on or now.astimezone(ARXIV_ZONE).date()
    asked = WHY_EMPTY.get(kinds.get(outcome.listing.document.source, ""))
    if asked is None:
        return f"{outcome.listing.document.name} holds no paper"
    return f"empty: {asked(day) or f'{day:%A %d %B} should not be, something may be broken there'}"
