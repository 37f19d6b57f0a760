"""A query tried on the past: how much it finds, what each clause does, what probably was meant.

Everything is a function of the query and some papers (those of the last days, or of a file); nothing is stored.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from digest.match import NO_STATISTICS, Page, Statistics, match
from digest.matcher.bulk import BulkMatcher
from digest.model import Paper, Scored
from digest.query import And, Fuzzy, Near, Or, Phrase, Query, Word, leaves, parse, to_text, warnings
from digest.query.tree import Leaf
from digest.text.words import folded, read, singular, surfaces

TOO_BROAD = 0.5
FEW_PAPERS = 20
MANY_A_DAY = 50
_SUGGESTIONS = 3
_SLIPS = 2
_WHOLE = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One clause of the query: the papers it matches alone, and what the query would find without it.

    ``without`` is more than the query's hits where the clause narrows it, fewer where it adds to it.
    """

    text: str
    alone: int
    without: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """What a query would have found.

    ``hits`` are places in the papers tried, best first; ``by_day`` counts them by the day a paper was first seen;
    ``per_day`` is the rate over ``days``, where those are known. ``nearest`` has the words of the query that never
    occur, each with the most similar words that do; ``warnings`` are sentences.
    """

    query: str
    papers: int
    hits: tuple[Scored, ...]
    by_day: Mapping[date, int]
    per_day: float | None
    clauses: tuple[Clause, ...]
    nearest: Mapping[str, tuple[str, ...]]
    warnings: tuple[str, ...]

    @property
    def share(self) -> float:
        """Return the part of all papers that the query matches."""
        return len(self.hits) / self.papers if self.papers else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a changed query would add and drop, as places in the papers tried."""

    added: tuple[int, ...]
    dropped: tuple[int, ...]
    kept: tuple[int, ...]


def backtest(
    query: str, papers: Sequence[Paper], *, days: int | None = None, statistics: Statistics = NO_STATISTICS
) -> Backtest:
    """Return what ``query`` finds in ``papers``, which are those of ``days`` days; raises ``QueryError``."""
    tree = parse(query)
    parts = _parts(tree)
    found = _matched({_WHOLE: query, **{n: to_text(part) for n, part in parts.items()}}, papers, statistics)
    hits = sorted(found.get(_WHOLE, ()), key=lambda one: (-one.score, one.position))
    by_day = Counter(papers[hit.position].first_seen_at.date() for hit in hits)
    nearest = _nearest(tree, papers) if papers else {}
    rate = len(hits) / days if days else None
    return Backtest(
        query=query,
        papers=len(papers),
        hits=tuple(hits),
        by_day=dict(sorted(by_day.items())),
        per_day=rate,
        clauses=tuple(_clauses(tree, found)),
        nearest=nearest,
        warnings=(*warnings(tree), *_sentences(len(hits), len(papers), rate, nearest)),
    )


def compare(before: str, after: str, papers: Sequence[Paper]) -> Change:
    """Return what changing a query from ``before`` to ``after`` would have added and dropped."""
    found = _matched({1: before, 2: after}, papers, NO_STATISTICS)
    old, new = ({hit.position for hit in found.get(number, ())} for number in (1, 2))
    return Change(added=tuple(sorted(new - old)), dropped=tuple(sorted(old - new)), kept=tuple(sorted(old & new)))


def collected(papers: Sequence[Paper]) -> Statistics:
    """Return the statistics of a collection: in how many papers each word stands, and how long the fields are."""
    frequency: Counter[str] = Counter()
    title = abstract = 0
    for paper in papers:
        in_title, in_abstract = list(surfaces(paper.title)), list(surfaces(paper.abstract))
        frequency.update({singular(folded(word)) for word in in_title + in_abstract})
        title, abstract = title + len(in_title), abstract + len(in_abstract)
    count = max(1, len(papers))
    return Statistics(len(papers), dict(frequency), max(1.0, title / count), max(1.0, abstract / count))


def _matched(queries: Mapping[int, str], papers: Sequence[Paper], of: Statistics) -> Mapping[int, Sequence[Scored]]:
    engine = BulkMatcher(of)
    for number, query in queries.items():
        engine.put(number, query)
    return engine.match(papers)


def _children(tree: Query) -> tuple[Query, ...]:
    return tree.children if isinstance(tree, And | Or) else ()


def _parts(tree: Query) -> dict[int, Query]:
    """Return each clause under an odd number, and the query without it under the next."""
    children = _children(tree)
    parts: dict[int, Query] = {}
    for i, child in enumerate(children):
        rest = children[:i] + children[i + 1 :]
        parts[2 * i + 1] = child
        parts[2 * i + 2] = rest[0] if len(rest) == 1 else type(tree)(rest)  # type: ignore[arg-type, call-arg]
    return parts


def _clauses(tree: Query, found: Mapping[int, Sequence[Scored]]) -> list[Clause]:
    return [
        Clause(text=to_text(child), alone=len(found.get(2 * i + 1, ())), without=len(found.get(2 * i + 2, ())))
        for i, child in enumerate(_children(tree))
    ]


def _nearest(tree: Query, papers: Sequence[Paper]) -> dict[str, tuple[str, ...]]:
    """Return the wanted words that never occur, with the nearest of those that do, the most frequent first."""
    vocabulary = Counter(
        folded(word) for paper in papers for field in (paper.title, paper.abstract) for word in surfaces(field)
    )
    pages = [Page(paper) for paper in papers]
    missing: dict[str, tuple[str, ...]] = {}
    for leaf, wanted in leaves(tree):
        if wanted and isinstance(leaf, Word | Phrase | Near | Fuzzy) and not any(match(leaf, page) for page in pages):
            for word in _absent(leaf, vocabulary):
                missing[word] = _alike(word, vocabulary)
    return missing


def _absent(leaf: Leaf, vocabulary: Counter[str]) -> list[str]:
    text = leaf.text if isinstance(leaf, Word | Phrase | Near | Fuzzy) else ""
    known = {singular(word) for word in vocabulary}
    return [word for word in map(folded, read(text).surfaces) if singular(word) not in known]


def _alike(word: str, vocabulary: Counter[str]) -> tuple[str, ...]:
    slips = min(_SLIPS, len(word) // 3)
    found = extract(word, list(vocabulary), scorer=OSA.distance, score_cutoff=slips, limit=20)
    ranked = sorted(found, key=lambda one: (one[1], -vocabulary[one[0]], one[0]))
    return tuple(name for name, _, _ in ranked[:_SUGGESTIONS])


def _sentences(hits: int, papers: int, rate: float | None, nearest: Mapping[str, tuple[str, ...]]) -> list[str]:
    found = []
    if papers >= FEW_PAPERS and hits > TOO_BROAD * papers:
        found.append(f"This matches {hits / papers:.0%} of everything: too broad for a digest.")
    elif rate is not None and rate > MANY_A_DAY:
        found.append(f"This matches {rate:.0f} papers a day: too broad for a digest.")
    if papers and not hits:
        found.append("Nothing matches: try fewer words, a prefix (transform*) or OR.")
    for word, alike in nearest.items():
        cure = f"; did you mean {' or '.join(alike)}?" if alike else "."
        found.append(f"“{word}” never occurs{cure}")
    return found
