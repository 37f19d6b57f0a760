"""Who is who on public benchmarks: DBLP-ACM and DBLP-Scholar, title, authors, year and venue as given, no training.

    python -m bench identity_pairs JEDAI_GIT_DIR DITTO_GIT_DIR

The folders are bare clones or ``.git`` folders of scify/JedAIToolkit (both tables of DBLP-ACM and its perfect mapping)
and megagonlabs/ditto (the labelled pairs of DBLP-Scholar and DBLP-ACM, whose test parts are what the published figures
are of). Two judges are measured: production's own, which sees titles and authors only, and a rule made of its pieces
that reads year and venue too.
"""

from __future__ import annotations

import csv
import io
import re
import subprocess
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from rapidfuzz import fuzz, process

from digest.identity import judge
from digest.identity.titles import Difference, difference
from digest.model import Paper, Sighting, State
from digest.text.readable import readable
from digest.text.titlekey import title_key, title_words

NOW = datetime(2026, 1, 1, tzinfo=UTC)
_JEDAI = "data/cleanCleanErDatasets/DBLP-ACM"
_DITTO = "data/er_magellan/Structured"
_FIELD = re.compile(r"COL (\w+) VAL (.*?)(?=\s*COL \w+ VAL|\s*$)")
_KINDS = {
    "bulletin": {"record", "rec", "bulletin"},
    "journal": {"journal", "j", "transactions", "trans", "tods"},
}
PUBLISHED = {
    "DBLP-ACM": "Magellan 98.4, DeepMatcher 98.4, Ditto 99.0 (trained on three fifths of the pairs)",
    "DBLP-GoogleScholar": "Magellan 92.3, DeepMatcher 94.7, Ditto 95.6 (trained on three fifths of the pairs)",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One bibliographic record as the data set gives it."""

    key: str
    title: str
    authors: tuple[str, ...]
    year: str
    venue: str


Pair = tuple[str, str]


def main(arguments: list[str]) -> None:
    """Print precision, recall and F1 on every data set."""
    if len(arguments) != 2:
        sys.exit(__doc__)
    jedai, ditto = arguments
    _dblp_acm(jedai)
    for name in ("DBLP-ACM", "DBLP-GoogleScholar"):
        for part in ("valid", "test"):
            _labelled(name, part, _git(ditto, f"{_DITTO}/{name}/{part}.txt").decode())


def _dblp_acm(folder: str) -> None:
    ours, theirs = (_table(_git(folder, f"{_JEDAI}/{name}.csv")) for name in ("DBLP2", "ACM"))
    mapping = csv.DictReader(io.StringIO(_git(folder, f"{_JEDAI}/DBLP-ACM_perfectMapping.csv").decode()))
    truth = {(row["idDBLP"], row["idACM"]) for row in mapping}
    near = list(_near(ours, theirs))
    print(f"\nDBLP-ACM: {len(ours)} x {len(theirs)} records, {len(truth)} matches, {len(near)} pairs with a near title")
    same = {(a.key, b.key): score(a, b) for a, b in near if is_same(a, b)}
    said = {(a.key, b.key): production(a, b) for a, b in near}
    _figures("judge: seen", {pair for pair, state in said.items() if state is State.SEEN}, truth)
    _figures("judge: seen or unsure", {pair for pair, state in said.items() if state is not State.NEW}, truth)
    _figures("rule", same, truth)
    chosen = one_to_one(same)
    _figures("rule, one-to-one as the data set is", chosen, truth)
    entries = {entry.key: entry for entry in (*ours, *theirs)}
    for kind, wrong in (("found, not true", chosen - truth), ("true, not found", truth - chosen)):
        for one, other in sorted(wrong):
            print(f"  {kind}: {_shown(entries[one])} | {_shown(entries[other])}")


def _labelled(name: str, part: str, text: str) -> None:
    rows = [line.split("\t") for line in text.splitlines()]
    pairs = [(_ditto(f"a{n}", row[0]), _ditto(f"b{n}", row[1])) for n, row in enumerate(rows)]
    truth = {(a.key, b.key) for (a, b), row in zip(pairs, rows, strict=True) if row[2] == "1"}
    print(f"\n{name}, {part} part: {len(pairs)} pairs, {len(truth)} matches; published F1 (test): {PUBLISHED[name]}")
    said = {(a.key, b.key): production(a, b) for a, b in pairs}
    _figures("judge: seen", {pair for pair, state in said.items() if state is State.SEEN}, truth)
    _figures("judge: seen or unsure", {pair for pair, state in said.items() if state is not State.NEW}, truth)
    _figures("rule", {(a.key, b.key) for a, b in pairs if is_same(a, b)}, truth)


def production(one: Entry, other: Entry) -> State:
    """Return what ``judge`` says of two records; it reads titles and authors."""
    known = Paper(id=1, first_seen_at=NOW, title=one.title, authors=one.authors)
    return judge(Sighting(where="x", title=other.title, authors=other.authors), [known]).state


def is_same(one: Entry, other: Entry) -> bool:
    """Say whether two records are of one paper: a rule in five sentences, the same for both data sets.

    Two years that differ are two papers. A title of some length that is the same needs an author in common, or a year,
    or two lists and telling length; a short one an author. A title that stands whole in the other one needs all
    authors: what is around it is debris of a reference. A title that is near needs most authors, the same kind of
    venue, and no mark that tells them apart.
    """
    if one.year and other.year and one.year != other.year:
        return False
    title, common, venue = likeness(one, other), authors(one, other), _venue(one, other)
    is_marked = difference(one.title, other.title) is Difference.MARKED
    if title >= 0.95 and not is_marked:
        telling = min(len(title_key(entry.title)) for entry in (one, other)) >= 15
        return (common or 0) >= 0.3 or (telling and (bool(one.year and other.year) or common is not None))
    if common == 1 and _stands_in(one, other):
        return True
    if (common or 0) < 0.5 or venue is False or is_marked:
        return False
    return title >= (0.75 if venue or one.year == other.year else 0.85)


def score(one: Entry, other: Entry) -> float:
    """Return how near two records are, for choosing among several that are the same."""
    same_year = one.year == other.year
    lists = 1 / (1 + abs(len(one.authors) - len(other.authors)))
    return likeness(one, other) + 0.5 * (authors(one, other) or 0) + 0.2 * same_year + 0.1 * lists


def likeness(one: Entry, other: Entry) -> float:
    """Return how near two titles are, the order of their words left aside where that is nearer."""
    in_order = fuzz.ratio(title_key(one.title), title_key(other.title))
    any_order = fuzz.token_sort_ratio(*(" ".join(title_words(entry.title)) for entry in (one, other)))
    return max(in_order, any_order) / 100


def authors(one: Entry, other: Entry) -> float | None:
    """Return the share of the shorter list whose family names are, but for a slip, in the other; ``None``: no list."""
    short, long = sorted((one.authors, other.authors), key=len)
    if not short:
        return None
    families = [_family(name) for name in long]
    return sum(any(fuzz.ratio(_family(name), family) >= 75 for family in families) for name in short) / len(short)


def _venue(one: Entry, other: Entry) -> bool | None:
    """Return whether both venues are of one kind: conference, journal, bulletin; ``None`` where one is not given."""
    return _kind(one.venue) == _kind(other.venue) if one.venue and other.venue else None


def _stands_in(one: Entry, other: Entry) -> bool:
    short, long = sorted((title_key(one.title), title_key(other.title)), key=len)
    return len(short) >= 15 and short in long


def one_to_one(scores: Mapping[Pair, float]) -> set[Pair]:
    """Return the pairs of a greedy assignment, nearest first, each record once."""
    taken: set[str] = set()
    chosen = set()
    for pair in sorted(scores, key=lambda pair: (-scores[pair], pair)):
        if taken.isdisjoint(pair):
            chosen.add(pair)
            taken.update(pair)
    return chosen


@lru_cache(maxsize=1 << 16)
def _family(name: str) -> str:
    words = ["".join(title_words(word)) for word in name.replace(".", " ").split()]
    return next((word for word in reversed(words) if len(word) > 2), "".join(words))


def _kind(venue: str) -> str:
    words = re.findall(r"[a-z]+", venue.casefold())
    kinds = (kind for word in words for kind, starts in _KINDS.items() if word in starts)
    return next(kinds, "conference")


def _shown(entry: Entry) -> str:
    return f"{entry.title} ({', '.join(entry.authors)}; {entry.venue} {entry.year})"


def _near(ours: Sequence[Entry], theirs: Sequence[Entry]) -> Iterator[tuple[Entry, Entry]]:
    """Yield the pairs whose title keys are near enough to be scored: everything else is far below."""
    keys = [title_key(entry.title) for entry in theirs]
    for entry in ours:
        for _, _, place in process.extract(title_key(entry.title), keys, scorer=fuzz.ratio, score_cutoff=55, limit=20):
            yield entry, theirs[place]


def _figures(name: str, found: Collection[Pair], truth: Collection[Pair]) -> None:
    right = len(set(found) & set(truth))
    precision, recall = right / max(1, len(found)), right / len(truth)
    print(f"{name:38} precision {precision:.4f}  recall {recall:.4f}  F1 {2 * right / (len(found) + len(truth)):.4f}")


def _table(body: bytes) -> list[Entry]:
    rows = csv.DictReader(io.StringIO(body.decode("cp1252")))
    return [
        Entry(row["id"], readable(row["title"]), _people(readable(row["authors"])), row["year"], readable(row["venue"]))
        for row in rows
    ]


def _ditto(key: str, text: str) -> Entry:
    held = {name: value.strip() for name, value in _FIELD.findall(text)}
    number = re.match(r"\d{4}", held.get("year", ""))
    return Entry(
        key, held.get("title", ""), _people(held.get("authors", "")), number[0] if number else "", held["venue"]
    )


def _people(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _git(folder: str, path: str) -> bytes:
    return subprocess.run(
        ["git", f"--git-dir={folder}", "show", f"HEAD:{path}"], capture_output=True, check=True
    ).stdout


if __name__ == "__main__":
    main(sys.argv[1:])
