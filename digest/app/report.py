"""What a run did, accounting for every paper: scanned, new, seen before and why, matched by whom."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path

from digest.app import records
from digest.model import Digest, Quiet, State
from digest.pipeline.compose import ComposedFor
from digest.pipeline.deliver import DeliveryReport
from digest.pipeline.ingest import Ingested, Judged, Outcome, Refused

STATES = (*(state.value for state in State), "skipped")
_HEADINGS = {
    State.NEW: "New",
    State.UNSURE: "New, but they look like papers seen before",
    State.REVISED: "New versions of papers seen before",
    State.SEEN: "Seen before",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """One run: the documents read, the digests composed, the messages delivered, the feed files written.

    ``templates`` says what is wrong with the user's templates, for which the shipped ones served.
    ``unwritten`` says which files that belong to the run could not be written; everything else of it happened.
    ``delivery`` is ``None`` where nothing was to be delivered (a dry run, or only the other verbs ran).
    """

    at: datetime
    ingested: tuple[Outcome, ...] = ()
    composed: tuple[ComposedFor, ...] = ()
    delivery: DeliveryReport | None = None
    feeds: tuple[Path, ...] = ()
    templates: tuple[str, ...] = ()
    unwritten: tuple[str, ...] = ()
    dry_run: bool = False

    @property
    def documents(self) -> tuple[Ingested, ...]:
        """Return the documents that were read."""
        return tuple(item for item in self.ingested if isinstance(item, Ingested))

    @property
    def refused(self) -> tuple[Refused, ...]:
        """Return the sources and documents that gave nothing."""
        return tuple(item for item in self.ingested if isinstance(item, Refused))

    @property
    def judged(self) -> tuple[Judged, ...]:
        """Return every paper of every document, in the order in which they were met."""
        return tuple(judged for document in self.documents for judged in document.judged)

    @property
    def counts(self) -> Mapping[str, int]:
        """Return how many papers were new, seen, revised and unsure, and how many entries were skipped."""
        total: Counter[str] = Counter()
        for document in self.documents:
            total.update(document.counts())
        return {name: total[name] for name in STATES}

    @property
    def digests(self) -> tuple[Digest, ...]:
        """Return the digests that were composed."""
        return tuple(outcome.digest for outcome in self.composed if outcome.digest)

    @property
    def failed(self) -> bool:
        """Return whether anything failed; the rest was done."""
        return bool(
            self.refused
            or self.templates
            or self.unwritten
            or any(document.listing.broken for document in self.documents)
            or any(outcome.failed for outcome in self.composed)
            or (self.delivery is not None and (self.delivery.errors or self.delivery.alarms))
        )

    @property
    def summary(self) -> str:
        """Return the run in one line."""
        counts = self.counts
        digests = self.digests
        parts = [
            f"scanned {sum(counts[state.value] for state in State)}",
            *(f"{counts[name]} {name}" for name in STATES if counts[name] or name == "new"),
            f"{len(digests)} digest{'' if len(digests) == 1 else 's'}",
        ]
        return ", ".join(parts)

    def matched_by(self) -> dict[int, list[tuple[str, str]]]:
        """Return, by paper id, the addresses and subscription titles whose digests of this run hold the paper."""
        found: dict[int, list[tuple[str, str]]] = {}
        for digest in self.digests:
            for section in digest.sections:
                for item in (*section.items, *section.left_out):
                    titles = (section.subscription.title, *item.also_in)
                    found.setdefault(item.paper.id, []).extend((digest.subscriber.address, title) for title in titles)
        return found

    def to_records(self) -> Iterator[records.Record]:
        """Yield the run as flat JSON objects: documents, papers with whom they matched, digests, summary."""
        matched = self.matched_by()
        for item in self.ingested:
            if isinstance(item, Refused):
                yield records.refused(item)
                continue
            if isinstance(item, Quiet):
                yield records.quiet(item)
                continue
            yield records.listing(item.listing)
            for judged in item.judged:
                by = [
                    {"address": address, "subscription": title} for address, title in matched.get(judged.paper.id, ())
                ]
                yield records.judged(judged) | {"matched_by": by}
            yield from map(records.skipped, item.listing.skipped)
        yield from map(records.composed, self.composed)
        for alarm, messages in self.delivery.alarms.items() if self.delivery else ():
            yield {"kind": "alarm", "reason": alarm, "messages": messages}
        for recipient, error in self.delivery.errors if self.delivery else ():
            yield {"kind": "undelivered", "address": recipient, "reason": error}
        yield self.summary_record()

    def summary_record(self) -> records.Record:
        """Return ``{"kind":"summary", …}`` of the whole run."""
        return {
            "kind": "summary",
            "at": self.at.isoformat(),
            "dry_run": self.dry_run,
            **self.counts,
            "digests": len(self.digests),
            "delivered": self.delivery.counts() if self.delivery else {},
            "feeds": [str(path) for path in self.feeds],
            "templates": list(self.templates),
            "unwritten": list(self.unwritten),
            "failed": self.failed,
        }

    def to_text(self) -> str:
        """Return the whole report as text that reads like a letter."""
        return "\n".join(_lines(self)) + "\n"


def _lines(report: RunReport) -> Iterator[str]:
    yield f"Run of {report.at:%A, %d %B %Y, %H:%M} UTC{' (a dry run: nothing was stored)' if report.dry_run else ''}"
    yield ""
    yield from _reading(report)
    matched = report.matched_by()
    for state, heading in _HEADINGS.items():
        yield from _papers(heading, [j for j in report.judged if j.verdict.state is state], matched)
    yield from _skipped(report)
    yield from _digests(report)
    yield from _delivery(report)


def _reading(report: RunReport) -> Iterator[str]:
    yield _plural(len(report.documents), "document") + f" read: {report.summary}."
    for item in report.ingested:
        if isinstance(item, Refused):
            yield f"  ✗ {item.error if item.name in item.error else f'{item.name}: {item.error}'}"
            continue
        if isinstance(item, Quiet):
            yield f"  · {item.where}: {item.reason}"
            continue
        listing = item.listing
        day = f", listed on {listing.listed_on}" if listing.listed_on else ""
        again = ", read before" if item.repeated else ""
        yield f"  {listing.document.name} ({listing.format}{day}{again}): {counted(item.counts())}"
        yield from (f"    ! {warning}" for warning in listing.warnings)
    yield ""


def counted(counts: Mapping[str, int]) -> str:
    """Return counts in words, zeros left out: ``12 new, 3 seen``."""
    return ", ".join(f"{count} {name}" for name, count in counts.items() if count) or "nothing"


def _papers(heading: str, judged: list[Judged], matched: Mapping[int, list[tuple[str, str]]]) -> Iterator[str]:
    if not judged:
        return
    yield f"{heading} ({len(judged)})"
    for one in judged:
        key = f"  [{one.paper.keys[0]}]" if one.paper.keys else ""
        yield f"  {one.sighting.title}{key}"
        if one.verdict.state is not State.NEW:
            yield f"      {one.verdict.reason}"
        if one.verdict.state is not State.SEEN:
            yield f"      {_by_whom(matched.get(one.paper.id, []))}"
    yield ""


def _by_whom(matched: list[tuple[str, str]]) -> str:
    if not matched:
        return "asked for by nobody who is due"
    by: dict[str, list[str]] = {}
    for address, title in matched:
        by.setdefault(address, []).append(f"“{title}”")
    return "→ " + "; ".join(f"{address} ({', '.join(titles)})" for address, titles in by.items())


def _skipped(report: RunReport) -> Iterator[str]:
    skipped = [(d.listing.document.name, s) for d in report.documents for s in d.listing.skipped]
    if skipped:
        yield f"Not understood ({len(skipped)})"
        yield from (f"  {name}, {one.where}: {one.reason}" for name, one in skipped)
        yield ""


def _digests(report: RunReport) -> Iterator[str]:
    if report.dry_run and (report.counts[State.NEW] or report.counts[State.UNSURE]):
        yield "The digests below are of papers stored before: none is stored now, so those just read are not in them."
    if not report.composed:
        yield "Nobody was due."
        return
    yield f"Digests ({len(report.digests)} for {_plural(len(report.composed), 'reader')} due)"
    for outcome in report.composed:
        yield f"  {outcome.due.subscriber.address}: {said(outcome)}"
    yield ""


def said(outcome: ComposedFor) -> str:
    """Return what one due subscriber got, in words."""
    if outcome.digest is None:
        return f"{'✗' if outcome.failed else 'nothing:'} {outcome.reason}"
    left_out = sum(len(section.left_out) for section in outcome.digest.sections)
    more = f", {left_out} more left out by the cap" if left_out else ""
    titles = ", ".join(f"“{s.subscription.title}” {len(s.items)}" for s in outcome.digest.sections if s.items)
    return f"{_plural(len(outcome.digest.items), 'paper')}{more}{f' ({titles})' if titles else ''}"


def _delivery(report: RunReport) -> Iterator[str]:
    if report.templates:
        yield "Templates of yours that do not work; the shipped ones served:"
        yield from (f"  ✗ {trouble}" for trouble in report.templates)
        yield ""
    if report.delivery is not None:
        yield f"Delivered: {counted(report.delivery.counts())}."
        yield from (f"  ✗ {alarm} (messages: {count})" for alarm, count in report.delivery.alarms.items())
        yield from (f"  ✗ {recipient}: {error}" for recipient, error in report.delivery.errors)
        yield from (f"  · {remark}" for remark in (report.delivery.remark,) if remark)
    if report.feeds:
        yield f"Feeds written: {len(report.feeds)}, in {report.feeds[0].parent}."
    yield from (f"  ✗ {trouble}" for trouble in report.unwritten)


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def write(report: RunReport, folder: Path, *, keep: int) -> tuple[Path, Path]:
    """Write a report as text and as JSON lines into ``folder``, keep the newest ``keep``, and return the two paths.

    A second report of the same second gets a name of its own.
    """
    folder.mkdir(parents=True, exist_ok=True)
    text = _reserved(folder, f"{report.at:%Y-%m-%dT%H-%M-%SZ}")
    lines = text.with_suffix(".jsonl")
    text.write_text(report.to_text(), encoding="utf-8")
    lines.write_text("".join(map(records.line, report.to_records())), encoding="utf-8")
    _forget_oldest(folder, keep)
    return text, lines


def _reserved(folder: Path, name: str) -> Path:
    """Make an empty file that nobody had, also where another process asks for the same name at the same time."""
    newest = max((_age(path)[1] for path in filter(_is_report, folder.glob(f"{name}*.txt"))), default=0)
    for number in count(newest + 1):
        path = folder / (f"{name}.txt" if number == 1 else f"{name}-{number}.txt")
        try:
            path.open("x").close()
        except FileExistsError:
            continue
        return path
    raise AssertionError("count() never ends")


def _forget_oldest(folder: Path, keep: int) -> None:
    for ending in (".txt", ".jsonl"):
        old: Iterable[Path] = sorted(filter(_is_report, folder.glob(f"[0-9]*Z*{ending}")), key=_age)[:-keep]
        for path in old:
            path.unlink(missing_ok=True)


def _age(path: Path) -> tuple[str, int]:
    """Return what puts reports in order of time: the second, and which one of that second."""
    second, _, number = path.stem.partition("Z")
    return second, int(number.removeprefix("-") or 1)


def _is_report(path: Path) -> bool:
    return re.fullmatch(r"[0-9T-]+Z(-[0-9]+)?", path.stem) is not None
