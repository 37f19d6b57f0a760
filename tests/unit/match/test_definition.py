"""What every construct means, on papers small enough to see it."""

from __future__ import annotations

from datetime import date
from itertools import pairwise, product

import pytest
from hypothesis import given, settings

from digest.match import NO_STATISTICS, Statistics, collected, match
from digest.match.definition import shown_authors
from digest.model import Key, Paper, Span
from digest.query import Query, parse
from tests.unit.match.meanings import FirstLetters
from tests.unit.query.papers import paper, papers, queries

SPELLINGS = ("pre-training", "pretraining", "pre training")


@pytest.mark.parametrize(
    ("written", "asked"), list(product(SPELLINGS, (*SPELLINGS, '"pre training"', '"pretraining"', '"pre-training"')))
)
def test_hyphen_space_and_neither_are_the_same_to_every_query(written: str, asked: str) -> None:
    """All three spellings in a text are found by all three in a query, quoted or not, in a phrase and near others."""
    page = paper(f"On {written} methods")
    for query in (
        asked,
        f"title:({asked}) methods",
        f'"{asked.strip(chr(34))} methods"',
        f'"{asked.strip(chr(34))} methods"~3',
    ):
        assert match(parse(query), page), query
    assert match(parse("pretrain*"), page)
    assert not match(parse('"pretrain"'), page)


@pytest.mark.parametrize(
    ("query", "text", "hit"),
    [
        ("asymmetric", "a symmetric matrix", False),
        ("asymmetric", "an a-symmetric matrix", True),
        ("23", "2-3 papers", False),
        ("GPT-4", "GPT4 and", True),
        ("gpt4", "with GPT 4.", True),
        ("GPT", "with GPT-4.", True),
        ("GPT-3", "GPT-3.5", False),
        ("end-to-end", "learned end to end", True),
        ("RAG", "a fragment", False),
        ("CodeT5", "CodeT5+", False),
        ("C++", "C++11", True),
        ("c", "C++ and C#", False),
        ("c#", "C++ and C#", True),
        ("γ-mod", "γ-MoD", True),
        ("3d", "3D", True),
        ("10000", "10,000 words", True),
        ("network", "Networks", True),
        ("networks", "a network", True),
        ('"networks"', "a network", False),
        ("bias", "bia", False),
        ("cafe", "Café", True),
        ("Ｌｌａｍａ", "llama", True),
        ("=RAG", "rag", False),
        ("=RAG", "RAG-based", True),
        ('="Chain of Thought"', "the Chain of Thought", True),
        ('="Chain of Thought"', "the chain of thought", False),
        ("transfromer~", "Transformers", True),
        ("transfromer~", "transfer", False),
        ("ransformer~", "transformer", False),
        ("trnsfrmer~2", "transformer", True),
        ("深度学习", "基于深度学习的方法", True),
        ("学习的", "基于深度学习的方法", True),
        ("深学", "基于深度学习的方法", False),
        ('"graph neural"~3', "neural nets on a graph", False),
        ('"graph neural"~3', "neural, over graph", True),
        ('"deep deep"~3', "deep", False),
        ('"deep deep"~3', "deep and deep", True),
        ("→", "encoder → decoder", True),
        ("a b", "a c", False),
        ("a OR b", "b", True),
        ("-a", "b", True),
        ('"a b"', "a, b", True),
    ],
)
def test_each_construct(query: str, text: str, hit: bool) -> None:
    """The examples of the language, each way."""
    assert (match(parse(query), paper("Title", text)) is not None) is hit


@pytest.mark.parametrize("printed", ["Yann LeCun", "Y. LeCun", "LeCun, Yann", "Yann A. LeCun", "LeCun YA"])
@pytest.mark.parametrize(
    "asked", ['"LeCun, Y."', '"Yann LeCun"', '"Y LeCun"', "LeCun", "lecún", '"LeCun Yann"', "LeC*"]
)
def test_a_person_is_found_by_any_way_to_write_the_name(asked: str, printed: str) -> None:
    """Family name alone, initials, either order, no accents."""
    page = paper(authors=("Ana Costa", printed))
    hit = match(parse(f"au:{asked}"), page)
    assert hit
    assert hit.spans == (Span("authors", 11, 11 + len(printed)),)
    assert shown_authors(page)[11:] == printed


@pytest.mark.parametrize(
    ("asked", "printed", "hit"),
    [
        ("Y LeCun", "Zoe LeCun", False),
        ("Yann", "Yann LeCun", False),
        ("Hinton", "Hintone", False),
        ("van der Maaten", "Laurens van der Maaten", True),
        ("Maaten", "Laurens van der Maaten", True),
        ("O'Brien", "Pat O’Brien", True),
        ("Kaiming He", "Kai-Ming He", True),
        ("Ben-David", "Shai Ben-David", True),
        ("Łukasz Kaiser", "Lukasz Kaiser", True),
        ("山田", "山田太郎", True),
        ("Smith", "John Smith Jr.", True),
    ],
)
def test_names_that_are_and_are_not_the_same(asked: str, printed: str, hit: bool) -> None:
    """Particles, apostrophes, hyphens, suffixes and CJK names."""
    assert (match(parse(f'author:"{asked}"'), paper(authors=(printed,))) is not None) is hit


FACTS = paper(
    "T",
    "A",
    authors=("A B", "C D"),
    upvotes=10,
    published=date(2026, 1, 15),
    categories=("cs.CL",),
    sources=("arxiv-cs",),
    keys=(Key("arxiv:2401.00001"),),
)


@pytest.mark.parametrize(
    ("query", "hit"),
    [
        ("upvotes>=10", True),
        ("upvotes>10", False),
        ("comments>=0", False),
        ("-comments<5", True),
        ("authors=2", True),
        ("authors>2", False),
        ("published>=2026", True),
        ("published>2026", False),
        ("published=2026-01", True),
        ("published<2026-01-15", False),
        ("published<=2026-01-15", True),
        ("cat:cs.CL", True),
        ("cat:CS", True),
        ("cat:c", False),
        ("source:arxiv", False),
        ("source:arxiv*", True),
        ("id:2401.00001v3", True),
        ("id:https://arxiv.org/abs/2401.00002", False),
        ("*", True),
    ],
)
def test_facts(query: str, hit: bool) -> None:
    """Numbers, dates, categories, sources and identifiers; what is unknown satisfies nothing."""
    assert (match(parse(query), FACTS) is not None) is hit


def test_spans_count_code_points_of_the_shown_text_and_are_merged_and_in_order() -> None:
    """Spans index title and abstract as they are shown, 𝔸 and é included; overlaps unite, neighbours do not."""
    page = paper("𝔸 graph neural net", "é: graph neural nets, graph")
    hit = match(parse('"graph neural" OR neural OR net'), page)
    assert hit
    shown = {"title": page.title, "abstract": page.abstract}
    assert [(span.field, shown[span.field][span.start : span.end]) for span in hit.spans] == [
        ("title", "graph neural"),
        ("title", "net"),
        ("abstract", "graph neural"),
        ("abstract", "nets"),
    ]
    assert hit.terms == ('"graph neural"', "neural", "net")


def test_only_what_made_the_query_true_is_shown() -> None:
    """Nothing from below a NOT, and nothing from an alternative that failed."""
    hit = match(parse("(mamba AND jamba) OR state -survey"), paper("Mamba state"))
    assert hit
    assert hit.terms == ("state",)


def test_scores_prefer_titles_rare_words_and_words_side_by_side() -> None:
    """Title above abstract, more above fewer with less and less gain, rare above common, adjacent above apart."""
    statistics = Statistics(1000, {"model": 900, "mamba": 3})

    def score(query: str, page: Paper) -> float:
        hit = match(parse(query), page, statistics)
        assert hit
        return hit.score

    assert score("mamba", paper("mamba x")) > score("mamba", paper("x x", "mamba"))
    once, twice, thrice = (score("mamba", paper("x", " ".join(["mamba"] * n + ["x"] * (9 - n)))) for n in (1, 2, 3))
    assert once < twice < thrice
    assert thrice - twice < twice - once
    assert score("mamba", paper("mamba model")) > 10 * score("model", paper("mamba model"))
    assert score("mamba model", paper("mamba model x")) > score("mamba model", paper("model mamba x"))


@settings(deadline=None, max_examples=200)
@given(queries, papers)
def test_spans_are_real_places_in_order_and_do_not_overlap(query: Query, page: Paper) -> None:
    """Whatever the query and the paper."""
    hit = match(query, page, meanings=FirstLetters())
    if hit is None:
        return
    lengths = {"title": len(page.title), "abstract": len(page.abstract), "authors": len(shown_authors(page))}
    assert all(0 <= span.start < span.end <= lengths[span.field] for span in hit.spans)
    assert hit.score >= 0
    order = [(("title", "abstract", "authors").index(span.field), span.start, span.end) for span in hit.spans]
    assert order == sorted(order)
    assert all(a[0] != b[0] or a[2] <= b[1] for a, b in pairwise(order))


def test_statistics_count_papers_not_words() -> None:
    """A word counts once a paper, in its singular; of no papers nothing is known."""
    statistics = collected([paper("Networks of networks", "network"), paper("Graphs")])
    assert (statistics.papers, statistics.frequency["network"], statistics.title_length) == (2, 1, 2.0)
    assert collected([]) == NO_STATISTICS
