"""Every shape a Hugging Face page reaches us in, whatever stands around the papers."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.errors import ListingError
from digest.model import LinkKind
from digest.parsers import parse, sniff
from tests.pages.law import faults
from tests.pages.relatives import RELATIVES
from tests.pages.render import SHAPES
from tests.unit.parsers.conftest import MakeDocument

LONG = "Clouds are counted from below, one by one, and the count is compared with what a satellite saw of them."


@pytest.mark.parametrize("shape", SHAPES)
@settings(deadline=None, max_examples=40, derandomize=True)
@given(seed=st.integers(0, 10**9))
def test_reading_a_rendered_page_gives_its_papers(shape: str, seed: int) -> None:
    """The law parse(render(papers, shape)) = papers: none lost, invented or merged, no field wrong."""
    assert faults(shape, seed) == []


@pytest.mark.parametrize("shape", SHAPES)
@settings(deadline=None, max_examples=30, derandomize=True)
@given(seed=st.integers(0, 10**9), relative=st.sampled_from(sorted(RELATIVES)))
def test_the_law_holds_for_pages_that_were_mailed_printed_or_indented(shape: str, seed: int, relative: str) -> None:
    """Quoting, page breaks and numbers, other line ends, marks without width, any width: the same papers."""
    assert faults(shape, seed, relative) == []


NUMBERED = f"""# Web source

- Captured (UTC): 2026-06-29

```text
[[Cloud logo] Clouds][1]
* [ Models ][2]
  * [ Blog][14]
new

Get trending papers in your email inbox once a day!

# Daily Papers

## by[AK][30] and the research community
* Daily

Jun 29
[
-
][31]

### [Counting Clouds over Long Distances with Homologous Guidance and Contextual Awareness
### Measurement][32]

[

{LONG}

][33]
[
* 3 authors
][34]
·
May 30
[
65
][35]

### [Rain][36]

[

{LONG} It rained.

][37]
[[acme] Acme Weather][38]
·
Mar 8, 2024 [ 6][39]

[Content truncated]
```
[32]: https://huggingface.co/papers/2606.00001
   36. https://huggingface.co/papers/2403.00002
"""


def test_numbered_links_as_html_to_text_writes_them(make_document: MakeDocument) -> None:
    """A title over two headings, an organisation behind its logo, counters in brackets, addresses at the end."""
    document = make_document(NUMBERED, listed_on=date(2026, 6, 29))
    first, second = parse(document).sightings
    assert sniff(document) == "hf-numbered"
    assert first.title.endswith("Contextual Awareness Measurement")
    assert (first.upvotes, first.author_count, first.published) == (0, 3, date(2026, 5, 30))
    assert (second.title, second.abstract) == ("Rain", f"{LONG} It rained.")
    assert (second.upvotes, second.comments, second.organization) == (65, 6, "Acme Weather")
    assert (first.keys, second.keys) == (("arxiv:2606.00001",), ("arxiv:2403.00002",))


MARKDOWN = f"""---
url: https://huggingface.co/papers?q=clouds
---
[Subscribe](https://huggingface.co/login?next=%2Fpapers)

# Daily Papers

## by [![](https://huggingface.co/a/papers-by.png)AK](https://huggingface.co/akhaliq) and the research community

- Daily

[Trending Papers](https://huggingface.co/papers/trending)

Oct 2

[101](https://huggingface.co/login?next=%2Fpapers%2F2606.00683)

### [Cloud-RAG: Faithful Counting\\  with Past Clouds](https://huggingface.co/papers/2606.00683)

[Clouds are counted\\\\
from below \\[32\\] in (0, 1\\].\\\\
{LONG}](https://huggingface.co/papers/2606.00683)

[![acme](https://cdn-avatars.huggingface.co/a.png)Acme](https://huggingface.co/acme)

·

May 29[6](https://huggingface.co/papers/2606.00683#community)

[-](https://huggingface.co/login?next=%2Fpapers%2F2502.20581)

### [Rain](https://huggingface.co/papers/2502.20581)

[{LONG}](https://huggingface.co/papers/2502.20581)

[- ![](https://cdn-avatars.huggingface.co/b.jpeg)\\\\
- ![](https://huggingface.co/avatars/c.svg)\\\\
- 3 authors](https://huggingface.co/papers/2502.20581)

·

Feb 27, 2025
"""


def test_markdown_as_scrapers_write_it(make_document: MakeDocument) -> None:
    """Broken titles and abstract lines are joined, escapes undone, pictures dropped, comments told from days."""
    first, second = parse(make_document(MARKDOWN, listed_on=date(2026, 10, 2))).sightings
    assert first.title == "Cloud-RAG: Faithful Counting with Past Clouds"
    assert first.abstract == f"Clouds are counted from below [32] in (0, 1]. {LONG}"
    assert (first.upvotes, first.comments, first.organization) == (101, 6, "Acme")
    assert first.published == date(2026, 5, 29)
    assert (second.upvotes, second.author_count, second.published) == (0, 3, date(2025, 2, 27))
    assert second.keys == ("arxiv:2502.20581",)


TRENDING = f"""# Clouds - 2026 - Trending Papers

[Subscribe](https://huggingface.co/login?next=%2Fpapers)

# Trending Papers

-

-

Trending Papers

Submitted by

[picture]

somebody

### [Efficient Memory Management for Clouds with
PagedRain](https://huggingface.co/papers/2309.00001)

{LONG}

-

- [picture]

- 9 authors

· Published on Sep 12, 2023

[Upvote

117](https://huggingface.co/login?next=%2Fpapers%2F2309.00001)

[GitHub 1.3k](https://github.com/clouds/rain) [arXiv Page](https://arxiv.org/abs/2309.00001)

Submitted by

[picture]

somebody

### [Efficient Memory Management for Clouds with
PagedRain](https://huggingface.co/papers/2309.00001)

{LONG}

- 9 authors

· Sep 12, 2023

[Upvote

117](https://huggingface.co/login?next=%2Fpapers%2F2309.00001)
"""


def test_trending_papers_stand_twice_and_count_once(make_document: MakeDocument) -> None:
    """The narrow and the wide layout are one paper, with its upvotes, day and repository."""
    (paper,) = parse(make_document(TRENDING)).sightings
    assert paper.title == "Efficient Memory Management for Clouds with PagedRain"
    assert paper.abstract == LONG
    assert (paper.author_count, paper.upvotes, paper.published) == (9, 117, date(2023, 9, 12))
    assert paper.links == ((LinkKind.CODE, "https://github.com/clouds/rain"),)
    assert paper.keys == ("arxiv:2309.00001",)


def test_trending_without_any_link(make_document: MakeDocument) -> None:
    """Headings, summaries, counts and nothing else."""
    page = (
        "Get trending papers in your email inbox!\n\n## Trending Papers\n\n"
        f"### Clouds from Below\n\n{LONG}\n- 8 authors\n[LINK: GitHub 11.3k](https://github.com/clouds/below)\n\n"
    ) + (f"### Rain for\n  Everyone\n\n{LONG}\n[LINK: GitHub 476](https://github.com/clouds/rain)\n\n" * 2)
    first, second = parse(make_document(page)).sightings
    assert (first.title, first.abstract, first.author_count) == ("Clouds from Below", LONG, 8)
    assert (second.title, second.abstract, second.author_count) == ("Rain for Everyone", LONG, None)


def test_a_page_cut_in_a_sentence_says_so(make_document: MakeDocument) -> None:
    """Half a file: what is there is read, and the listing warns."""
    page = f"Daily Papers\n\nMar 11\n\nClouds from Below\n\n{LONG}\n\nRain from Above\n\n{LONG}"
    assert not parse(make_document(page)).warnings
    (warning,) = parse(make_document(page[:-30])).warnings
    assert "cut short" in warning


def test_text_that_belongs_to_no_paper_is_named(make_document: MakeDocument) -> None:
    """What is neither furniture nor a paper is skipped with its line and its first words."""
    page = f"Daily Papers\n\nClouds from Below\n\n{LONG}\n\n• 3 authors\n·\nMay 5, 2025\n\n{LONG} And so on."
    listing = parse(make_document(page))
    assert len(listing.sightings) == 1
    assert [(item.where, item.reason[:40]) for item in listing.skipped] == [
        ("line 11", "neither a title nor an abstract: Clouds ")
    ]


@pytest.mark.parametrize("marks", ["## {}", "# {}", "**{}**", "### {} ###", "- {}", "{}"])
def test_the_marks_a_title_stands_in_are_no_part_of_it(make_document: MakeDocument, marks: str) -> None:
    """Notes kept as Markdown: headings, bold lines, bullets above the abstracts."""
    titles = ("Clouds from Below", "Rain for Everyone")
    page = "\n\n".join(f"{marks.format(title)}\n\n{LONG}" for title in titles)
    assert tuple(paper.title for paper in parse(make_document(page)).sightings) == titles


def test_a_note_with_a_table_is_no_listing(make_document: MakeDocument) -> None:
    """What explains a folder of dumps lies in it too, and says "Daily Papers"; its rows are no titles."""
    row = f"| clouds | {LONG} |"
    note = "\n".join(["# Saved listings", LONG, "", "| what | of Daily Papers |", "|---|---|", *[row] * 4])
    with pytest.raises(ListingError, match="no listing"):
        parse(make_document(note, name="README.md"))
