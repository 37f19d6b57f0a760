"""Every row of the README's table of the query language is true."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from digest.match import match
from digest.meanings import known_meanings
from digest.model import Key, Paper
from digest.query import parse, to_text

README = Path(__file__).resolve().parents[2] / "README.md"
NOW = datetime(2026, 11, 20, tzinfo=UTC)
MEANINGS = known_meanings(None, lambda key: [])


def rows() -> list[str]:
    table = README.read_text("utf-8").partition("<!-- language -->")[2].partition("<!-- end of language -->")[0]
    return [found[1].replace("\\|", "|") for found in re.finditer(r"^\| `(.+?)` \|", table, re.MULTILINE)]


def paper(title: str, abstract: str = "", **facts: object) -> Paper:
    return Paper(id=1, title=title, abstract=abstract, first_seen_at=NOW, **facts)  # type: ignore[arg-type]


EXAMPLES: dict[str, tuple[Paper, Paper]] = {
    # the query of a row: a paper it finds, and one it does not
    "diffusion policy": (paper("A policy", "by Diffusion"), paper("Diffusion")),
    '"chain of thought"': (paper("Chain-of-Thought prompting"), paper("Chains of thought")),
    "transform*": (paper("Transforming text"), paper("A platform")),
    'mamba OR "state space model"': (paper("A state-space model"), paper("State of the space model")),
    "transformer -survey": (paper("Transformers"), paper("Transformers: a survey")),
    "(robot OR drone) AND navigation": (paper("Drone navigation"), paper("Robots")),
    "title:mamba": (paper("Mamba"), paper("Snakes", "mamba")),
    'title:(mamba OR "state space")': (paper("State space"), paper("Snakes", "mamba")),
    'author:"Yann LeCun"': (paper("x", authors=("LeCun, Y.",)), paper("Yann LeCun", authors=("Ann LeCun",))),
    "category:cs.CL": (paper("x", categories=("cs.CL",)), paper("x", categories=("cs.CV",))),
    "source:arxiv": (paper("x", sources=("arxiv",)), paper("x", sources=("other",))),
    "id:2401.00001": (paper("x", keys=(Key("arxiv:2401.00001"),)), paper("x", keys=(Key("arxiv:2401.00002"),))),
    "upvotes>=10": (paper("x", upvotes=10), paper("x")),
    "published>=2026-01-01": (paper("x", published=date(2026, 1, 1)), paper("x", published=date(2025, 12, 31))),
    "transfromer~": (paper("A transformer"), paper("A transfer")),
    '"graph neural"~3': (paper("Neural nets, a graph"), paper("Graph one two three four neural")),
    "=RAG": (paper("RAG"), paper("Rag")),
    'like:"robots that learn from watching people"': (
        paper("Imitation from video", "A robot arm learns household tasks by watching humans do them."),
        paper("Dwarf galaxies", "We measure dark matter in faint satellites."),
    ),
    "*": (paper("x"), paper("")),
}


def test_every_row_has_an_example_and_every_example_a_row() -> None:
    """A construct that is documented is tried, and the other way round."""
    assert sorted(rows()) == sorted(EXAMPLES)


@pytest.mark.parametrize("query", EXAMPLES)
def test_a_row_finds_what_it_says(query: str) -> None:
    """The query finds the one paper and not the other, and prints as a query that means the same."""
    found, left = EXAMPLES[query]
    for text in (query, to_text(parse(query))):
        assert match(parse(text), found, meanings=MEANINGS) is not None
        assert query == "*" or match(parse(text), left, meanings=MEANINGS) is None
