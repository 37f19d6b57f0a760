"""Text that software wrapped: the column is told from the lines, and what was broken is whole again."""

from __future__ import annotations

import textwrap

import pytest

from digest.parsers import parse
from tests.unit.parsers.conftest import MakeDocument

ABSTRACTS = {
    "Clouds over Harbors": (
        "In this paper, we find that harbors filter glaciers and learn from clouds, while every catalyst encodes a "
        "lattice of its own. In this paper, we find that the glacier – shallow as it is – preserves the naïve "
        "encoder. A compass self-supervised by galaxies compresses rivers and improves efficient self-supervised "
        "filters; it estimates and predicts hidden kernels, ranks dialogues, and counts."
    ),
    "Rain from Below": (
        "This adaptive open-source harbor measures low-rank rain in 99.5% of cases, and the graph estimates what a "
        "quantum protein recovers. Our long-context treebank is scalable."
    ),
    "Rivers": (
        "We show that cross-lingual rivers, fine-grained as they are, lead to a scalable orchard with a hidden engine, "
        "and that each meadow predicts the treebank of the one before it."
    ),
}


def page(width: int, titles: list[str], *, hyphens: bool) -> str:
    """Return the papers as cards wrapped at a column."""
    bodies = (textwrap.fill(ABSTRACTS[title], width, break_on_hyphens=hyphens) for title in titles)
    return "Daily Papers\n\nJul 9\n\n" + "\n".join(
        f"{title}\n\n{body}\n\n • 3 authors\n·\nJul 8, 2025\n" for title, body in zip(titles, bodies, strict=True)
    )


@pytest.mark.parametrize("hyphens", [True, False])
def test_few_wrapped_papers_are_read_as_they_were(make_document: MakeDocument, *, hyphens: bool) -> None:
    """Three papers at any column, broken behind hyphens or not: their few lines may fit several columns as well."""
    for width in range(40, 180):
        found = parse(make_document(page(width, list(ABSTRACTS), hyphens=hyphens))).sightings
        assert {paper.title: paper.abstract for paper in found} == ABSTRACTS, width


@pytest.mark.parametrize("title", ABSTRACTS)
@pytest.mark.parametrize("width", [60, 80, 100])
def test_two_lines_that_go_on_in_a_sentence_were_wrapped(make_document: MakeDocument, title: str, width: int) -> None:
    """One paper alone, whose abstract takes two lines or three, is enough to tell that lines were broken."""
    (paper,) = parse(make_document(page(width, [title], hyphens=False))).sightings
    assert paper.abstract == ABSTRACTS[title]


def test_days_that_end_in_links_are_no_broken_lines(make_document: MakeDocument) -> None:
    """Of a few papers with numbered links the days and counters outnumber the lines that were wrapped."""
    papers = "".join(
        f"[\n1\n][{number}]\n\n### [{title}][{number}]\n\n[\n\n{textwrap.fill(text, 100)}\n\n][{number}]\n"
        f"·\nOct 24, 2024 [ 1][{number}]\n[ 1\n][{number}]\n\n"
        for number, (title, text) in enumerate(ABSTRACTS.items(), 1)
        if title != "Clouds over Harbors"
    )
    found = parse(make_document(f"Daily Papers\n\nOct 25\n\n{papers}")).sightings
    assert [paper.abstract for paper in found] == [ABSTRACTS["Rain from Below"], ABSTRACTS["Rivers"]]
