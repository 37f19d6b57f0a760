"""Relevance: nDCG@10 on the Cranfield collection beside bm25s, tantivy and SQLite FTS5, all with their own defaults.

``python -m bench ranking FOLDER`` with ``cran.all.1400``, ``cran.qry`` and ``QRelsCorrectedforTRECeval`` in it (the
collection is public and in many repositories; it is not part of this project). Grades: 4 is a complete answer, 1 of
minimal interest, 5 marks what was -1 in the original: no interest.
"""

from __future__ import annotations

import math
import re
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import bm25s
import tantivy

from bench.invented import SEEN
from digest.match import collected
from digest.matcher import BulkMatcher
from digest.model import Paper
from digest.query import Or, Word, to_text
from digest.text.words import FUNCTION_WORDS, folded, surfaces

Ranking = Sequence[int]


def main(arguments: list[str]) -> None:
    folder = Path(arguments[0])
    papers = _papers((folder / "cran.all.1400").read_text(encoding="utf-8"))
    queries = _queries((folder / "cran.qry").read_text(encoding="utf-8"))
    grades = _grades((folder / "QRelsCorrectedforTRECeval").read_text(encoding="utf-8"))
    engines: dict[str, Callable[[list[Paper], list[str]], list[Ranking]]] = {
        "this engine": ours, "bm25s": by_bm25s, "tantivy": by_tantivy, "SQLite FTS5 bm25()": by_fts5,
    }  # fmt: skip
    print("| engine | nDCG@10 |\n|---|---|")
    for name, rank in engines.items():
        rankings = rank(papers, queries)
        scores = [ndcg(ranking, grades.get(number, {})) for number, ranking in enumerate(rankings, 1)]
        print(f"| {name} | {sum(scores) / len(scores):.4f} |")


def ndcg(ranking: Ranking, grades: Mapping[int, int], depth: int = 10) -> float:
    """Normalised discounted cumulative gain with the grades as gains (K. Järvelin, J. Kekäläinen, TOIS 20(4), 2002)."""
    gains = [grades.get(paper, 0) for paper in ranking[:depth]]
    best = sorted(grades.values(), reverse=True)[:depth]
    ideal = sum(gain / math.log2(place + 2) for place, gain in enumerate(best))
    return sum(gain / math.log2(place + 2) for place, gain in enumerate(gains)) / ideal if ideal else 0.0


def ours(papers: list[Paper], queries: list[str]) -> list[Ranking]:
    engine = BulkMatcher(collected(papers))
    for number, query in enumerate(queries):
        words = dict.fromkeys(folded(word) for word in surfaces(query))
        wanted = [Word(word) for word in words if word not in FUNCTION_WORDS]
        engine.put(number, to_text(Or(tuple(wanted)) if len(wanted) > 1 else wanted[0]))
    best = engine.match(papers).best(10)
    return [[papers[hit.position].id for hit in best.get(number, ())] for number in range(len(queries))]


def by_bm25s(papers: list[Paper], queries: list[str]) -> list[Ranking]:
    texts = [f"{paper.title} {paper.abstract}" for paper in papers]
    engine = bm25s.BM25()
    engine.index(bm25s.tokenize(texts, stopwords="en", show_progress=False), show_progress=False)
    places, _ = engine.retrieve(bm25s.tokenize(queries, stopwords="en", show_progress=False), k=10, show_progress=False)
    return [[papers[place].id for place in row] for row in places.tolist()]


def by_tantivy(papers: list[Paper], queries: list[str]) -> list[Ranking]:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("text", stored=False, tokenizer_name="en_stem")
    builder.add_integer_field("id", stored=True)
    index = tantivy.Index(builder.build())
    writer = index.writer(50_000_000)
    for paper in papers:
        writer.add_document(tantivy.Document(id=paper.id, text=f"{paper.title} {paper.abstract}"))
    writer.commit()
    index.reload()
    searcher = index.searcher()
    rankings: list[Ranking] = []
    for query in queries:
        parsed = index.parse_query(" ".join(surfaces(query)).lower(), ["text"])
        rankings.append([searcher.doc(address)["id"][0] for _, address in searcher.search(parsed, 10).hits])
    return rankings


def by_fts5(papers: list[Paper], queries: list[str]) -> list[Ranking]:
    base = sqlite3.connect(":memory:")
    base.execute("CREATE VIRTUAL TABLE paper USING fts5(title, abstract, tokenize = 'porter unicode61')")
    base.executemany(
        "INSERT INTO paper(rowid, title, abstract) VALUES (?, ?, ?)",
        [(paper.id, paper.title, paper.abstract) for paper in papers],
    )
    asked = [" OR ".join(f'"{word}"' for word in dict.fromkeys(surfaces(query))) for query in queries]
    select = "SELECT rowid FROM paper WHERE paper MATCH ? ORDER BY bm25(paper, 2.5, 1.0) LIMIT 10"
    return [[row[0] for row in base.execute(select, (query,))] for query in asked]


def _papers(text: str) -> list[Paper]:
    found = re.findall(r"^\.I (\d+)\n\.T\n(.*?)^\.A\n.*?^\.W\n(.*?)(?=^\.I |\Z)", text, re.DOTALL | re.MULTILINE)
    return [
        Paper(id=int(number), first_seen_at=SEEN, title=" ".join(title.split()), abstract=_abstract(title, body))
        for number, title, body in found
    ]


def _abstract(title: str, body: str) -> str:
    """Return the text without the title, which the collection repeats at its beginning."""
    return " ".join(body.split()).removeprefix(" ".join(title.split())).strip()


def _queries(text: str) -> list[str]:
    return [" ".join(body.split()) for body in re.findall(r"^\.W\n(.*?)(?=^\.I |\Z)", text, re.DOTALL | re.MULTILINE)]


def _grades(text: str) -> dict[int, dict[int, int]]:
    grades: dict[int, dict[int, int]] = {}
    for query, _, paper, grade in (line.split() for line in text.splitlines() if line.strip()):
        if int(grade) < 5:
            grades.setdefault(int(query), {})[int(paper)] = int(grade)
    return grades
