"""Real answers of the archives, served by loopback, through the source of each kind into the store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.conftest import Digest
from tests.unit.sources.web.loopback import Answer, Loopback, loopback


@pytest.fixture
def server() -> Iterator[Loopback]:
    """Return a web server."""
    with loopback() as running:
        yield running


@pytest.mark.parametrize(
    ("line", "sample"),
    [
        ('kind = "huggingface", days = 1', "hf-api/2026-08-19.json"),
        ('kind = "arxiv-rss", categories = ["cs.AI"]', "arxiv-feed/cs.AI.atom.xml"),
        ('kind = "arxiv-api", query = "all:science"', "arxiv-api/all-science.2019-08-10.atom.xml"),
        ('kind = "arxiv-oai", set = "cs", form = "arXivRaw"', "arxiv-oai/arXivRaw.2014-01-16.first-60.xml"),
        ('kind = "biorxiv", subject = "bioengineering"', "other-feeds/biorxiv.bioengineering.rdf.xml"),
    ],
)
def test_each_kind_brings_in_what_its_archive_answered(
    digest: Digest, server: Loopback, samples: Path, line: str, sample: str
) -> None:
    """The papers that come by the source are those that ``digest parse`` finds in the same file."""
    expected = digest("parse", samples / sample, "--json").of_kind("paper")
    body = (samples / sample).read_bytes()
    if sample.startswith("arxiv-oai"):  # the sample is the first page of many; the last has an empty token
        server.say("*", Answer(body=body), Answer(body=b"<OAI-PMH><ListRecords/></OAI-PMH>"))
    else:
        server.say("*", Answer(body=body))
    digest.configure(f'one = {{ {line}, base = "{server.address}" }}\n[fetch]\nallow_hosts = ["127.0.0.1"]\n')
    said = digest("ingest", "--now", "2026-08-19T15:00Z", "--json").of_kind("paper")
    assert expected
    assert [paper["title"] for paper in said] == [paper["title"] for paper in expected]
