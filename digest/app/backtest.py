"""A query tried on papers of the past: what it finds, what each part of it contributes, and what is wrong with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz import process
from rapidfuzz.distance import OSA

from digest.matcher import BulkMatcher
from digest.model import Hit, Paper
from digest.query import Fuzzy, Leaf, Phrase, Prefix, Query, Word, leaves, parse, to_text, warnings
from digest.text.words import folded, singular, surfaces

TOO_BROAD = 0.5
"""Share of all papers above which a query is no filter any more."""

ENOUGH = 20
"""Papers from which on a share says something."""

_ITSELF, _OTHER, _FIRST_CLAUSE = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Clause:
    """One leaf of a query, as written: how many papers it matches by itself; ``wanted`` is False below a NOT."""

    text: str
    wanted: bool
    papers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BackTest:
    """What a query would have found in ``papers``; ``hits`` are best first, ``days`` the time they span (0: unknown).

    ``added`` and ``dropped`` are what it finds more and less than the query it was compared with.
    """

    query: str
    papers: Sequence[Paper]
    hits: Sequence[tuple[Paper, Hit]]
    found: int
    days: int
    clauses: Sequence[Clause]
    warnings: Sequence[str]
    added: Sequence[Paper] = ()
    dropped: Sequence[Paper] = ()

    @property
    def share(self) -> float:
        """Return the share of the papers that match, 0 to 1."""
        return self.found / len(self.papers) if self.papers else 0.0

    @property
    def per_day(self) -> float | None:
        """Return the hits a day, ``None`` where the papers are of no known time."""
        return self.found / self.days if self.days else None


def back_test(query: str, papers: Sequence[Paper], *, days: int = 0, limit: int = 0, than: str = "") -> BackTest:
    """Try a query on papers; explain the best ``limit`` hits (0: all) and compare it with the query ``than``.

    Raises ``QueryError``.
    """
    tree = parse(query)
    parts = list(dict.fromkeys(leaves(tree)))
    places = _matched(papers, [query, than, *(to_text(leaf) for leaf, _ in parts)])
    matcher = BulkMatcher()
    best = sorted(places[_ITSELF], key=lambda place: (-places[_ITSELF][place], place))
    explained = ((papers[place], matcher.explain(query, papers[place])) for place in best[: limit or None])
    clauses = [
        Clause(to_text(leaf), wanted, len(places[_FIRST_CLAUSE + number]))
        for number, (leaf, wanted) in enumerate(parts)
    ]
    return BackTest(
        query=query,
        papers=papers,
        hits=[(paper, hit) for paper, hit in explained if hit is not None],
        found=len(best),
        days=days,
        clauses=clauses,
        warnings=[*warnings(tree), *_from_experience(tree, clauses, len(best), papers)],
        added=[papers[p] for p in best if than and p not in places[_OTHER]],
        dropped=[papers[p] for p in places[_OTHER] if p not in places[_ITSELF]],
    )


def _matched(papers: Sequence[Paper], queries: Sequence[str]) -> list[dict[int, float]]:
    """Return, for each query, the places of the papers it matches with their scores; "" matches none."""
    matcher = BulkMatcher()
    for number, query in enumerate(queries):
        if query:
            matcher.put(number, query)
    hits = matcher.match(papers)
    return [{s.position: s.score for s in hits.get(number, ())} for number in range(len(queries))]


def _from_experience(tree: Query, clauses: Sequence[Clause], found: int, papers: Sequence[Paper]) -> Iterator[str]:
    """Yield what the papers say about the query: too broad, nothing found, words that never occur."""
    if len(papers) >= ENOUGH and found > TOO_BROAD * len(papers):
        yield f"It matches {found / len(papers):.0%} of everything: too broad for a digest."
    absent = [
        leaf for (leaf, wanted), c in zip(dict.fromkeys(leaves(tree)), clauses, strict=True) if wanted and not c.papers
    ]
    vocabulary = _vocabulary(papers) if absent else Counter()
    for leaf in absent:
        yield _never(leaf, vocabulary, len(papers))
    if not found and papers and not absent:
        yield "Nothing matches all of it at once: try OR, or fewer words."


def _never(leaf: Leaf, vocabulary: Counter[str], papers: int) -> str:
    text = f"{to_text(leaf)} is in none of the {papers:,} papers"
    near = next(iter(near_words(leaf.text, vocabulary)), "") if isinstance(leaf, Word | Phrase | Prefix | Fuzzy) else ""
    return f"{text}; did you mean {near}?" if near else f"{text}."


def _vocabulary(papers: Sequence[Paper]) -> Counter[str]:
    """Return in how many papers each word stands, in its folded singular."""
    words: Counter[str] = Counter()
    for paper in papers:
        words.update({singular(folded(word)) for word in surfaces(f"{paper.title} {paper.abstract}")})
    return words


def near_words(text: str, vocabulary: Counter[str]) -> list[str]:
    """Return the words of a vocabulary that a single word may be a slip of, the nearest and commonest first."""
    word = singular(folded(text))
    if len(word) < 4 or " " in word:
        return []
    most = 1 if len(word) < 8 else 2
    near = process.extract(word, list(vocabulary), scorer=OSA.distance, score_cutoff=most, limit=None)
    ranked = sorted(near, key=lambda found: (found[1], -vocabulary[found[0]], found[0]))
    return [found[0] for found in ranked if found[0] != word]
