"""Who is who, replayed: real daily listings, papers known to be the same by ids that identity is not shown.

    python -m bench identity GIT_DIR… [--all] [--shown | --titles] [--orders N]

``GIT_DIR…`` are bare clones or ``.git`` folders (``bench.identity_data`` names the repositories). Every day is ingested
as in production, one after another, into a new SQLite store. ``--all`` replays the dumps of more categories too,
``--shown`` leaves ids and authors in place, ``--titles`` hides the abstracts too, ``--orders N`` replays N other orders
of the days.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.identity_data import Day, hidden, read
from digest.model import Paper, Sighting, State
from digest.pipeline.ingest import ingest_listing
from digest.store import SqlStore
from digest.text import names

START = datetime(2024, 1, 1, tzinfo=UTC)


@dataclass
class Replay:
    """What became of every sighting, against what is true."""

    counts: Counter[str] = field(default_factory=Counter)
    copies: Counter[str] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)
    held: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    _wordings: dict[str, set[tuple[str, str]]] = field(default_factory=lambda: defaultdict(set))
    _sources: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _owner: dict[int, tuple[str, Sighting]] = field(default_factory=dict)
    _first: dict[str, tuple[str, Sighting]] = field(default_factory=dict)

    def note(self, day: Day, truth: str, shown: Sighting, state: State, reason: str, paper: Paper) -> None:
        """Count one verdict; ``shown`` is the sighting with ids and authors."""
        kind = self._kind(truth, shown, state, paper)
        self.counts[kind] += 1
        wording = (shown.raw_title, shown.raw_abstract)
        if truth in self._wordings and (wording not in self._wordings[truth] or day.source not in self._sources[truth]):
            self.copies[kind] += 1
            self.copies["same bytes"] += wording in self._wordings[truth]
        self._wordings[truth].add(wording)
        self._sources[truth].add(day.source)
        if kind not in {"caught", "new"}:
            first = self._first[truth] if kind == "repeat sent plain" else self._owner[paper.looks_like or paper.id]
            other, first_shown = first
            self.errors.append(f"{kind}: {truth} “{shown.title}” | {other} “{first_shown.title}” | {reason}")
        self._owner.setdefault(paper.id, (truth, shown))
        self._first.setdefault(truth, (truth, shown))
        self.held[truth].add(paper.id)

    def _kind(self, truth: str, shown: Sighting, state: State, paper: Paper) -> str:
        if truth in self.held:
            if state is State.UNSURE:
                return "repeat flagged"
            return "repeat sent plain" if state is State.NEW else "caught" if paper.id in self.held[truth] else "wrong"
        if state in {State.NEW, State.UNSURE}:
            return "new" if state is State.NEW else "new flagged"
        first = self._owner[paper.id][1]
        same_authors = any(names.agree(a, b) for a in shown.authors for b in first.authors)
        return "re-post merged" if same_authors else "unrelated lost"

    def report(self, name: str, seconds: float) -> None:
        """Print the figures and every error."""
        c, total = self.counts, sum(self.counts.values())
        caught, lost = c["caught"], c["unrelated lost"] + c["wrong"]
        missed = c["repeat flagged"] + c["repeat sent plain"]
        flagged = c["repeat flagged"] + c["new flagged"]
        papers = len(self.held)
        print(
            f"\n## {name}: {total} sightings of {papers} papers, {seconds:.0f} s, {1e6 * seconds / total:.0f} µs each"
        )
        print(f"caught {caught} of {caught + missed}; {dict(c)}")
        for label, wrong in (("", lost), (", re-posts counted as errors", lost + c["re-post merged"])):
            precision, recall = caught / (caught + wrong), caught / (caught + missed)
            f1 = 2 * caught / (2 * caught + wrong + missed)
            print(f"precision {precision:.6f}, recall {recall:.6f}, F1 {f1:.6f}{label}")
        print(f"flagged: {flagged}: {flagged / total:.3%} of sightings, {flagged / papers:.3%} of papers")
        copies = sum(n for kind, n in self.copies.items() if kind != "same bytes")
        print(f"second copies from another source or in another wording: {copies}; {dict(self.copies)}")
        for error in self.errors:
            print(" ", error)


def replay(days: Iterable[Day], store: SqlStore, show: str) -> Replay:
    """Ingest days one after another; ``show`` is what identity sees: all, text, or titles."""
    result = Replay()
    for number, day in enumerate(days):
        listing = day.listing if show == "all" else hidden(day.listing, abstracts=show == "text")
        judged = ingest_listing(listing, store.papers, START + timedelta(minutes=number))
        for one, full, truth in zip(judged, day.listing.sightings, day.truth, strict=True):
            result.note(day, truth, full, one.verdict.state, one.verdict.reason, one.paper)
    return result


def _timed(name: str, days: Sequence[Day], show: str) -> Replay:
    start = time.process_time()
    with tempfile.TemporaryDirectory() as folder, SqlStore.open(f"sqlite:///{Path(folder) / 'replay.db'}") as store:
        done = replay(days, store, show)
    done.report(name, time.process_time() - start)
    return done


def main(arguments: list[str]) -> None:
    """Replay and report."""
    orders = int(arguments.pop(arguments.index("--orders") + 1)) if "--orders" in arguments else 0
    folders = [argument for argument in arguments if not argument.startswith("--")]
    if not folders:
        sys.exit(__doc__)
    show = "all" if "--shown" in arguments else "titles" if "--titles" in arguments else "text"
    days = read(folders)
    main_days = [day for day in days if day.main]
    daily = _timed("daily replay", main_days, show)
    if "--all" in arguments:
        _timed("all dumps", days, show)
    for number in range(orders):
        other = _timed(f"order {number + 1}", _shuffled(main_days, number), show)
        _differences(daily, other)


def _shuffled(days: list[Day], number: int) -> list[Day]:
    """Return the days in another order: backwards first, then at random."""
    return days[::-1] if number == 0 else random.Random(number).sample(days, len(days))


def _differences(one: Replay, other: Replay) -> None:
    """Count the papers that one order told to readers more or less often than the other."""
    differ = sorted(truth for truth, papers in one.held.items() if len(papers) != len(other.held[truth]))
    print(f"papers that readers hear of another number of times than in the order of time: {len(differ)}")
    for truth in differ:
        print(f"  {truth}: {len(one.held[truth])} and {len(other.held[truth])} times")


if __name__ == "__main__":
    main(sys.argv[1:])
