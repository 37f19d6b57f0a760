"""What a template sees of a digest: subject, preheader, sections, counts, all ready to be shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, count, islice
from typing import NamedTuple

from digest.model import Digest, Section
from digest.render.papers import PaperView, one_line, paper_view
from digest.render.words import counted, long_day, shortened
from digest.text.sparkline import sparkline

PREHEADER_TITLES = 3
BETWEEN_TITLES = " · "


@dataclass(frozen=True, slots=True)
class SectionView:
    """One subscription's part: its heading, its query where the heading is a name, and its papers.

    ``count`` is how many papers matched, the ones the cap left out (``more`` of them) included. ``spark`` shows the
    papers of the last 30 days as little bars and ``spark_label`` in words, both "" where there are less than two days
    to compare; ``history`` is the same as numbers, oldest first.
    """

    heading: str
    query: str
    count: int
    more: int
    papers: tuple[PaperView, ...] = ()
    left_out: tuple[PaperView, ...] = ()
    spark: str = ""
    spark_label: str = ""
    history: tuple[int, ...] = ()

    @property
    def tally(self) -> str:
        """Return how many papers are shown, and of how many where the cap left some out: ``5 of 35``."""
        return f"{self.count - self.more:,} of {self.count:,}" if self.more else f"{self.count:,}"


class Counts(NamedTuple):
    """What a digest's top and foot show that many readers have in common."""

    day: str
    scanned: int
    shown: int
    left_out: int
    updated: int
    updates_more: int
    next_day: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DigestView:
    """A digest as the templates see it; of the ``shown`` papers ``updated`` are updates, ``updates_more`` left out."""

    subject: str
    preheader: str
    day: str
    address: str
    scanned: int
    shown: int
    left_out: int
    updated: int
    updates_more: int
    next_day: str
    notes: tuple[str, ...]
    sections: tuple[SectionView, ...] = ()
    updates: tuple[PaperView, ...] = ()
    updates_left_out: tuple[PaperView, ...] = ()

    @property
    def summary(self) -> str:
        """Return the digest in a sentence: ``52 of 140 papers match; here are the first 10, and 2 updates.``."""
        new, updates = self.shown - self.updated, counted(self.updated, "update")
        matched = new + self.left_out
        if not matched:
            nothing = f"Nothing among {counted(self.scanned, 'new paper')} matches your queries"
            return f"{nothing}; {updates} on papers you know." if self.updated else f"{nothing} this time."
        said = f"{matched:,} of {counted(self.scanned, 'paper')} {'matches' if matched == 1 else 'match'} your queries"
        said += f"; here are the first {new:,}" if self.left_out else ""
        return f"{said}, and {updates} on papers you know." if self.updated else f"{said}."

    @property
    def papers(self) -> tuple[PaperView, ...]:
        """Return all papers shown, in the order of their numbers."""
        return tuple(paper for section in self.sections for paper in section.papers) + self.updates


def digest_view(digest: Digest) -> DigestView:
    """Return what the templates of mail, page and message see of a digest."""
    number = count(1)
    return DigestView(
        subject=subject(digest),
        preheader=preheader(digest),
        address=digest.subscriber.address,
        **counts(digest)._asdict(),
        sections=tuple(section_view(section, number) for section in digest.sections),
        updates=tuple(paper_view(item, next(number)) for item in digest.updates),
        updates_left_out=tuple(paper_view(item) for item in digest.updates_left_out),
    )


def counts(digest: Digest) -> Counts:
    """Return what top and foot of a digest show beside what is its reader's own."""
    updated = len(digest.updates)
    return Counts(
        day=_long_day(digest.day),
        scanned=digest.scanned,
        shown=sum([len(section.items) for section in digest.sections]) + updated,
        left_out=sum([len(section.left_out) for section in digest.sections]),
        updated=updated,
        updates_more=len(digest.updates_left_out),
        next_day=_long_day(digest.next_on) if digest.next_on else "",
        notes=tuple([one_line(note) for note in digest.notes]),
    )


_long_day = lru_cache(maxsize=64)(long_day)


def section_view(section: Section, number: Iterator[int]) -> SectionView:
    """Return what the templates see of one section."""
    return SectionView(
        **texts(section),
        count=len(section.items) + len(section.left_out),
        more=len(section.left_out),
        papers=tuple(paper_view(item, next(number)) for item in section.items),
        left_out=tuple(paper_view(item) for item in section.left_out),
        history=history(section),
    )


def texts(section: Section) -> dict[str, str]:
    """Return what a section's heading says."""
    return {
        "heading": heading(section),
        "query": query(section),
        "spark": spark(section),
        "spark_label": spark_label(section),
    }


def heading(section: Section) -> str:
    """Return the name of a section, or its query where it has no name."""
    return one_line(section.subscription.title)


def query(section: Section) -> str:
    """Return the query of a section that has a name of its own, else ""."""
    return one_line(section.subscription.query) if section.subscription.name else ""


def history(section: Section) -> tuple[int, ...]:
    """Return how many papers a section's query matched on each of the last days; () where that says nothing yet."""
    kept = section.subscription.history
    return kept.counts if kept and sum(count > 0 for count in kept.counts) > 1 else ()


def spark(section: Section) -> str:
    """Return a section's history as little bars."""
    counts = history(section)
    return sparkline(counts) if counts else ""


def spark_label(section: Section) -> str:
    """Return a section's history in words: ``41 papers in 30 days, at most 7 a day``."""
    counts = history(section)
    return f"{counted(sum(counts), 'paper')} in {len(counts)} days, at most {max(counts):,} a day" if counts else ""


def subject(digest: Digest) -> str:
    """Return a subject that says something: ``7 new papers: diffusion policy, Mamba``."""
    new = sum(len(section.items) for section in digest.sections)
    if digest.is_empty:
        return f"No new papers on {long_day(digest.day)}"
    if not new:
        return f"{counted(len(digest.updates), 'update')} on papers you know"
    headings = [shortened(heading(section)) for section in digest.sections[:3]]
    return f"{counted(new, 'new paper')}: {', '.join(headings)}{' …' if len(digest.sections) > 3 else ''}"


def preheader(digest: Digest) -> str:
    """Return the line a mail program shows behind the subject: the first titles."""
    return BETWEEN_TITLES.join(map(short_title, first_titles(digest)))


def first_titles(digest: Digest) -> list[str]:
    """Return the titles of the first papers."""
    items = chain(*[section.items for section in digest.sections], digest.updates)
    return [item.paper.title for item in islice(items, PREHEADER_TITLES)]


@lru_cache(maxsize=4096)
def short_title(title: str) -> str:
    """Return a title as a preheader has it."""
    return shortened(one_line(title), 70)
