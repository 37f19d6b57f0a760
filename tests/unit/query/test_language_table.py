"""The README's table of the language: every row does what it says."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from digest.match import match
from digest.model import Key, Paper
from digest.query import parse
from digest.query.language import ROWS, Row, as_markdown
from tests.unit.query.papers import paper


def _page(row: Row, text: str) -> Paper:
    """Return a paper with the row's text where the query looks."""
    field = row.query.partition(":")[0] if ":" in row.query else row.query.partition(">")[0]
    if field in ("author", "category", "source", "id"):
        name = {"author": "authors", "category": "categories", "source": "sources", "id": "keys"}[field]
        facts: dict[str, Any] = {name: (Key(text),)}
        return paper(**facts)
    if field == "upvotes":
        return paper(upvotes=int(text))
    return paper(published=date.fromisoformat(text)) if field == "published" else paper(text)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.query)
def test_a_row_finds_what_it_says_and_nothing_else(row: Row) -> None:
    """Each example is found or not, as the table claims."""
    query = parse(row.query)
    assert match(query, _page(row, row.finds))
    if row.misses:
        assert not match(query, _page(row, row.misses))


def test_the_readme_has_the_table_as_it_is() -> None:
    """Where the README shows the language, it shows this table."""
    readme = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")
    if "| query | what it means |" in readme:
        assert as_markdown() in readme
