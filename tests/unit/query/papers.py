"""Invented papers, and Hypothesis strategies for queries and papers that have something to do with each other."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from hypothesis import strategies as st

from digest.model import Key, Paper
from digest.query import (
    And,
    Author,
    Category,
    Compare,
    Everything,
    Exact,
    Fuzzy,
    Identifier,
    Like,
    Near,
    Not,
    Or,
    Phrase,
    Prefix,
    Query,
    Source,
    Word,
)
from digest.text.words import trimmed

SEEN = datetime(2026, 11, 20, 6, tzinfo=UTC)


def paper(title: str = "Untitled", abstract: str = "", **facts: Any) -> Paper:
    """Return an invented paper."""
    return Paper(id=0, first_seen_at=SEEN, title=title, abstract=abstract, **facts)


_WORDS = """
    pre training pretraining pretrain multi agent multiagent deep learning networks network graph neural 3D C++ C# RAG
    rag GPT 4 GPT4 4o state of the art transformer transformers transfromer a symmetric asymmetric γ MoD CodeT5 CodeT5+
    3.5 10,000 studies study Café cafe 深 学 习 → it bias end to
"""
WORDS = tuple(_WORDS.split())
"""Few words, many of them related, so that random queries hit random papers in interesting ways."""

NAMES = ("Yann LeCun", "LeCun, Y.", "Y LeCun", "LeCun", "Ana María López", "Lopez, A. M.", "Kai-Ming Ho", "Kaiming Ho",
         "van der Berg", "Jan van der Berg", "Berg", "山田太郎", "山田", "Wei Wei", "A Li")  # fmt: skip
CATEGORIES = ("cs.CL", "cs.LG", "cs", "math.OA", "MATH.oa", "cs.C")
SOURCES = ("arxiv", "files", "arxiv-cs", "ArXiv")
KEYS = ("arxiv:2401.00001", "doi:10.1101/857789", "arxiv:hep-th/9901001")

word_texts = st.sampled_from(WORDS)
gaps = st.sampled_from([" ", " ", " ", "-", "-", ", ", "\n", "–", "/"])


@st.composite
def texts(draw: st.DrawFn, most: int = 14) -> str:
    """Return words of ``WORDS`` with spaces, hyphens and commas between them."""
    words = draw(st.lists(word_texts, max_size=most))
    return "".join(word + draw(gaps) for word in words).strip()


@st.composite
def terms(draw: st.DrawFn, most: int, joints: str) -> str:
    """Return what a user would write as one term of up to ``most`` words."""
    words = draw(st.lists(word_texts, min_size=1, max_size=most))
    return trimmed("".join(word + draw(st.sampled_from(joints)) for word in words))


fields = st.sampled_from(["", "", "title", "abstract"])
hyphened = terms(3, "-").filter(lambda text: not text.startswith("-"))
quoted = terms(4, "  -")
near_texts = st.lists(word_texts, min_size=2, max_size=4).map(" ".join)
compares = st.one_of(
    st.builds(
        Compare,
        st.sampled_from(["upvotes", "comments", "authors"]),
        st.sampled_from(["<", "<=", "=", ">=", ">"]),
        st.integers(0, 12).map(str),
    ),
    st.builds(
        Compare,
        st.just("published"),
        st.sampled_from(["<", "<=", "=", ">=", ">"]),
        st.sampled_from(["2026", "2026-01", "2026-02-28", "2025-12-31", "2024"]),
    ),
)
likes = st.one_of(
    st.builds(Like, quoted, st.integers(1, 99)),
    st.builds(Like, st.just(""), st.integers(1, 99), st.sampled_from(KEYS[:2])),
)
leaf_queries: st.SearchStrategy[Query] = st.one_of(
    st.builds(Word, hyphened, fields),
    st.builds(Word, word_texts, fields),
    st.builds(Phrase, quoted, fields),
    st.builds(Prefix, hyphened.map(lambda text: trimmed(text[:4]) or text), fields),
    st.builds(Fuzzy, hyphened, st.integers(1, 2), fields),
    st.builds(Exact, quoted, fields),
    st.builds(Near, near_texts, st.integers(4, 7), fields),
    st.builds(Author, st.sampled_from(NAMES), st.booleans()),
    st.builds(Category, st.sampled_from(CATEGORIES)),
    st.builds(Source, st.sampled_from(SOURCES), st.booleans()),
    st.builds(Identifier, st.sampled_from(KEYS)),
    compares,
    likes,
    st.just(Everything()),
)
bare_words: st.SearchStrategy[Query] = st.builds(Word, word_texts, fields)


def _branches(children: st.SearchStrategy[Query]) -> st.SearchStrategy[Query]:
    several = st.lists(children, min_size=2, max_size=4).map(tuple)
    neighbours = st.lists(bare_words, min_size=2, max_size=4).map(tuple)
    return st.one_of(
        st.builds(And, several), st.builds(And, neighbours), st.builds(Or, several), st.builds(Not, children)
    )


queries: st.SearchStrategy[Query] = st.recursive(leaf_queries | bare_words, _branches, max_leaves=8)

papers: st.SearchStrategy[Paper] = st.builds(
    paper,
    title=texts(),
    abstract=texts(most=30),
    authors=st.lists(st.sampled_from(NAMES), max_size=3).map(tuple),
    author_count=st.none() | st.integers(0, 9),
    upvotes=st.none() | st.integers(0, 12),
    comments=st.none() | st.integers(0, 12),
    published=st.none() | st.dates(date(2024, 12, 30), date(2026, 3, 2)),
    categories=st.lists(st.sampled_from(CATEGORIES), max_size=2).map(tuple),
    sources=st.lists(st.sampled_from(SOURCES), max_size=2).map(tuple),
    keys=st.lists(st.sampled_from([Key(key) for key in KEYS]), max_size=2).map(tuple),
)
