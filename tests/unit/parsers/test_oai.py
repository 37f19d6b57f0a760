"""OAI-PMH: three metadata formats, pages, deleted records, errors."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from digest.errors import ListingError
from digest.parsers import parse
from tests.unit.parsers.conftest import MakeDocument

ANSWER = """<?xml version="1.0" encoding="UTF-8"?>
<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>2026-08-19T10:00:00Z</responseDate>
<request verb="ListRecords">https://oaipmh.arxiv.org/oai</request>{rest}</OAI-PMH>"""
RECORD = "<record><header{status}><identifier>oai:arXiv.org:2401.00001</identifier></header>{metadata}</record>"


def test_real_records_of_two_formats(samples: Path, make_document: MakeDocument) -> None:
    """Sixty raw records with versions and a token for the next page; records with names in parts."""
    raw = parse(make_document((samples / "arxiv-oai" / "arXivRaw.2014-01-16.first-60.xml").read_bytes()))
    assert (raw.format, len(raw.sightings), raw.resume) == ("arxiv-oai", 60, "496549|96001")
    first = raw.sightings[0]
    assert (first.title, first.version) == ("Revisiting Norm Estimation in Data Streams", 2)
    assert first.authors == ("Daniel M. Kane", "Jelani Nelson", "David P. Woodruff")
    assert first.published == date(2008, 11, 21)
    assert first.categories == ("cs.DS", "cs.CC")
    assert any("Schrödinger" in paper.title for paper in raw.sightings)
    parts = parse(make_document((samples / "arxiv-oai" / "arXiv.record.xml").read_bytes()))
    assert parts.resume is None
    assert parts.sightings[0].authors == (
        "Planck Collaboration",
        "Jieci Wang",
        "Zehua Tian",
        "Jiliang Jing",
        "Heng Fan",
    )
    assert parts.sightings[0].keys == ("arxiv:1601.03238", "doi:10.1103/physrevd.93.016005")


def test_dublin_core(make_document: MakeDocument) -> None:
    """The first day is the paper's, the description that begins with Comment is the comment."""
    metadata = """<metadata><oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/"
    xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Clouds</dc:title><dc:creator>Lovelace, Ada</dc:creator>
    <dc:creator>Hopper, Grace</dc:creator><dc:subject>Computer Science - Clouds</dc:subject>
    <dc:description>It rains.</dc:description>
    <dc:description>Comment: 3 pages; this paper has been withdrawn</dc:description>
    <dc:date>2024-01-01</dc:date><dc:date>2024-05-05</dc:date><dc:identifier>http://arxiv.org/abs/2401.00001</dc:identifier>
    <dc:identifier>doi:10.1000/X</dc:identifier></oai_dc:dc></metadata>"""
    body = ANSWER.format(rest=f"<ListRecords>{RECORD.format(status='', metadata=metadata)}</ListRecords>")
    (paper,) = parse(make_document(body)).sightings
    assert paper.authors == ("Ada Lovelace", "Grace Hopper")
    assert (paper.abstract, paper.comment) == ("It rains.", "3 pages; this paper has been withdrawn")
    assert paper.withdrawn
    assert paper.published == date(2024, 1, 1)
    assert paper.keys == ("arxiv:2401.00001", "doi:10.1000/x")


def test_deleted_and_strange_records_are_named(make_document: MakeDocument) -> None:
    """A deleted record, one without metadata and one without a title cost only themselves."""
    records = (
        RECORD.format(status=' status="deleted"', metadata="")
        + RECORD.format(status="", metadata="<metadata><other/></metadata>")
        + RECORD.format(status="", metadata="<metadata><arXiv><id>2401.00001</id></arXiv></metadata>")
    )
    listing = parse(make_document(ANSWER.format(rest=f"<ListRecords>{records}</ListRecords>")))
    assert [item.reason for item in listing.skipped] == [
        "a deleted record",
        "a record without metadata of a kind we know",
        "a record without a title",
    ]


def test_errors_and_empty_answers_are_told_apart(make_document: MakeDocument) -> None:
    """``noRecordsMatch`` is an empty day, every other error an error."""
    empty = parse(make_document(ANSWER.format(rest='<error code="noRecordsMatch">none</error>')))
    assert "no records that match" in empty.warnings[0]
    with pytest.raises(ListingError, match="badResumptionToken"):
        parse(make_document(ANSWER.format(rest='<error code="badResumptionToken">old</error>')))
    with pytest.raises(ListingError, match="broken"):
        parse(make_document(ANSWER.format(rest="<ListRecords><record>")[:-10]))
