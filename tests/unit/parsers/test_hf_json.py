"""The daily-papers API in all its historical forms."""

from __future__ import annotations

import ast
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from digest.errors import ListingError
from digest.model import LinkKind
from digest.parsers import parse
from digest.text.readable import readable
from tests.unit.parsers.conftest import MakeDocument


def row(**inner: Any) -> dict[str, Any]:
    """Return one row as the API gives it, with some inner fields changed."""
    paper = {
        "id": "2401.01234",
        "authors": [{"name": "Ada  Lovelace", "hidden": False}, {"name": "Grace Hopper"}],
        "publishedAt": "2026-01-02T23:30:00.000Z",
        "title": "Counting\n  Clouds with $\\alpha$ Care",
        "summary": "We count clouds.\nThey are many.",
        "upvotes": 7,
    }
    return {"paper": paper | inner, "publishedAt": "2026-01-03T04:30:00.000Z", "title": "outer", "numComments": 3}


def test_every_row_of_every_real_day_is_a_paper(samples: Path, make_document: MakeDocument) -> None:
    """All samples, the day in Python's spelling included: each row gives its paper, fields and all."""
    for path in sorted((samples / "hf-api").glob("*.json")):
        rows = json.loads(path.read_text(encoding="utf-8"))
        rows = [ast.literal_eval(item) if isinstance(item, str) else item for item in rows]
        listing = parse(make_document(path.read_bytes(), name=path.name))
        assert listing.format == "hf-json"
        assert not listing.skipped
        assert listing.listed_on == date.fromisoformat(path.stem)
        assert len(listing.sightings) == len(rows)
        for paper, found in zip(listing.sightings, rows, strict=True):
            inner = found["paper"]
            assert paper.title == readable(inner["title"])
            assert paper.abstract.replace("\n", " ") == readable(inner["summary"])
            assert paper.keys == (f"arxiv:{inner['id']}",)
            assert paper.author_count == len(inner["authors"]) == len(paper.authors)
            assert paper.upvotes == inner["upvotes"]
            assert paper.comments == found["numComments"]
            assert str(paper.published) == inner["publishedAt"][:10]


def test_a_day_cut_at_the_default_limit_is_flagged(samples: Path, make_document: MakeDocument) -> None:
    """Exactly 50 rows are called probably cut short; any other number is not."""
    for path in sorted((samples / "hf-api").glob("*.json")):
        listing = parse(make_document(path.read_bytes(), name=path.name))
        assert bool(listing.warnings) == (len(listing.sightings) == 50), path.name


def test_a_row_gives_its_fields(make_document: MakeDocument) -> None:
    """The inner title, day and counters count; links are kept, other addresses are not."""
    inner = row(
        githubRepo="https://github.com/a/b",
        projectPage="javascript:alert(1)",
        organization={"name": "clouds", "fullname": "Cloud  Institute"},
        ai_summary="Clouds are counted.",
    )
    (paper,) = parse(make_document(json.dumps([inner]), name="2026-01-05.json")).sightings
    assert paper.authors == ("Ada Lovelace", "Grace Hopper")
    assert paper.published == date(2026, 1, 2)
    assert paper.links == ((LinkKind.CODE, "https://github.com/a/b"),)
    assert paper.organization == "Cloud Institute"
    assert paper.summary == "Clouds are counted."
    assert paper.url == "https://huggingface.co/papers/2401.01234"
    assert (paper.upvotes, paper.comments) == (7, 3)


@pytest.mark.parametrize(("raw", "counter"), [("1,234", 1234), ("12", 12), ("many", None), (True, None), (-1, None)])
def test_counters_may_be_strings(make_document: MakeDocument, raw: object, counter: int | None) -> None:
    """``"1,234"`` is a number; what is none is unknown, never zero."""
    (paper,) = parse(make_document(json.dumps([row(upvotes=raw)]))).sightings
    assert paper.upvotes == counter


@pytest.mark.parametrize("wrap", ["data", "dailyPapers"])
def test_rows_may_be_wrapped_in_an_object(make_document: MakeDocument, wrap: str) -> None:
    """``{"status": …, "data": […]}`` is the same day."""
    listing = parse(make_document(json.dumps({"status": "ok", wrap: [row()]})))
    assert len(listing.sightings) == 1


def test_one_broken_row_costs_only_itself(make_document: MakeDocument) -> None:
    """Numbers, empty titles and code where a row should be are skipped with their place."""
    rows = [row(), 7, {"paper": {"title": "  "}}, "__import__('os').system('false')", repr(row()), {"paper": []}]
    listing = parse(make_document(json.dumps(rows)))
    assert len(listing.sightings) == 2
    assert [item.where for item in listing.skipped] == [f"row {number} of 6" for number in (2, 3, 4, 6)]


def test_half_a_file_gives_its_whole_rows_and_says_so(make_document: MakeDocument) -> None:
    """A truncated download: the rows that arrived are read, the break is named, nothing pretends to be complete."""
    body = json.dumps([row(id=f"2401.0000{number}") for number in range(1, 6)], indent=1)
    listing = parse(make_document(body[: len(body) * 7 // 10]))
    assert len(listing.sightings) == 3
    assert "breaks off" in listing.warnings[0]
    assert listing.skipped[-1].where.startswith("line ")


@pytest.mark.parametrize(
    "body", ['[{"paper": {"id": "2401.0', '{"paper', '{"publishedAt": 1}', '[{"paper":' + "[" * 99999]
)
def test_what_holds_no_whole_row_is_an_error(make_document: MakeDocument, body: str) -> None:
    """Nothing readable is one clear error, whatever the reason, and never a traceback."""
    with pytest.raises(ListingError):
        parse(make_document(body))


def test_the_apis_own_error_is_no_empty_day(make_document: MakeDocument) -> None:
    """``{"error": …}`` is refused with the API's words."""
    with pytest.raises(ListingError, match="Invalid date"):
        parse(make_document('{"error": "Invalid date"}'), format="hf-json")


def test_an_empty_day_is_empty_and_says_so(make_document: MakeDocument) -> None:
    """``[]`` is a listing without papers, not an error; a weekend is a reason, a working day is none."""
    for name, says in (
        ("2026-08-15.json", "Saturday: Hugging Face lists no weekends"),
        ("2026-08-19.json", "probably broken"),
        ("x.json", "which day"),
    ):
        listing = parse(make_document("[]", name=name))
        assert listing.sightings == ()
        assert says in listing.warnings[0]
