"""Sources on the web, from the settings to the report: each named, none in the way of another."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.conftest import Digest
from tests.acceptance.test_service import dump
from tests.unit.sources.web.loopback import Answer, Loopback, loopback

THURSDAY = "2026-11-19T15:00Z"
SATURDAY = "2026-11-21T15:00Z"
DAY = "/api/daily_papers?date={}&limit=100&p=0"
EMPTY_FEED = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>cs.CL updates on arXiv.org</title>
<link>https://rss.arxiv.org/rss/cs.CL</link><description>cs.CL updates on the arXiv.org e-print archive.</description>
</channel></rss>"""


@pytest.fixture
def server() -> Iterator[Loopback]:
    """Return a web server that has one day of the Daily Papers."""
    with loopback() as running:
        running.say("*", Answer(body=b"[]", headers={"Content-Type": "application/json"}))
        running.say(DAY.format("2026-11-19"), Answer(body=dump(1, "Tides of the North"), headers={"ETag": '"1"'}))
        yield running


@pytest.fixture
def configured(digest: Digest, server: Loopback) -> Digest:
    """Return the command line with four sources: a folder, the Daily Papers, a feed, and one that is away."""
    server.say("/rss/cs.CL", Answer(body=EMPTY_FEED, headers={"Content-Type": "application/rss+xml"}))
    server.say("/gone", Answer(500))
    digest.configure(
        f'gone = {{ kind = "url", url = "{server.address}/gone" }}\n'
        f'hf = {{ kind = "huggingface", base = "{server.address}", days = 1 }}\n'
        f'cl = {{ kind = "arxiv-rss", categories = ["cs.CL"], base = "{server.address}" }}\n'
        '[fetch]\nallow_hosts = ["127.0.0.1"]\n'
    )
    return digest


def test_a_failing_source_stops_no_other_and_each_is_named(configured: Digest) -> None:
    """The one that is away is an error with the way out and exit code 1; the papers of the others are in."""
    said = configured("run", "--now", THURSDAY, "--json")
    assert said.code == 1
    (error,) = said.of_kind("error")
    assert error["source"] == "gone"
    assert "answers 500" in error["reason"]
    assert [paper["title"] for paper in said.of_kind("paper")] == ["Tides of the North"]


def test_an_empty_feed_on_a_working_day_and_on_a_weekend_are_told_apart(configured: Digest) -> None:
    """The report names the reason where there is one, and says where there is none."""
    thursday = {q["where"]: q["reason"] for q in configured("run", "--now", THURSDAY, "--json").of_kind("quiet")}
    assert thursday["cl"] == "empty: Thursday 19 November should not be, so it is asked again"
    saturday = configured("run", "--now", SATURDAY, "--json").of_kind("quiet")
    reasons = [(q["where"], q["reason"]) for q in saturday]
    assert ("cl", "empty: Saturday: arXiv announces nothing for weekends") in reasons
    assert ("hf", "2026-11-21, Saturday: Hugging Face lists no weekends") in reasons


def test_list_says_what_each_last_gave_and_when(configured: Digest) -> None:
    """Before the first run nothing was asked; after it, what was given or what went wrong."""
    before = configured("sources", "list", "--json").of_kind("source")
    assert [(r["name"], r["checked_at"]) for r in before] == [
        ("inbox", None),
        ("gone", None),
        ("hf", None),
        ("cl", None),
    ]
    configured("run", "--now", THURSDAY)
    after = {r["name"]: r for r in configured("sources", "list", "--json").of_kind("source")}
    assert after["hf"]["gave"].startswith("1 paper, 1 new, from http://127.0.0.1")
    assert after["hf"]["succeeded_at"] == "2026-11-19T15:00:00+00:00"
    assert "answers 500" in after["gone"]["error"]
    assert after["gone"]["failures"] == 1
    assert after["gone"]["next_at"] == "2026-11-19T15:05:00+00:00"


def test_check_asks_at_once_and_leaves_no_trace(configured: Digest, server: Loopback) -> None:
    """Also a source that is not due is asked; nothing is stored, and the next run reads what was seen."""
    configured("run", "--now", THURSDAY)
    states = configured("sources", "list", "--json").out
    asked = len(server.asked)
    said = configured("sources", "check", "hf", "--now", THURSDAY, "--json")
    assert len(server.asked) > asked
    assert said.code == 0
    assert configured("sources", "list", "--json").out == states


def test_a_dry_run_asks_and_remembers_nothing(configured: Digest) -> None:
    """What a dry run saw as new is new to the run that follows."""
    for _ in range(2):
        said = configured("ingest", "--dry-run", "--now", THURSDAY, "--json")
        assert said.of_kind("summary")[0]["new"] == 1
    assert configured("run", "--now", THURSDAY, "--json").of_kind("summary")[0]["new"] == 1


def test_a_second_run_within_the_hour_asks_nobody_and_says_so(configured: Digest, server: Loopback) -> None:
    """Politeness is kept across runs: who was asked a moment ago is left alone."""
    configured("run", "--now", THURSDAY)
    asked = len(server.asked)
    said = configured("run", "--now", "2026-11-19T15:01Z", "--json")
    assert len(server.asked) == asked
    assert {q["where"] for q in said.of_kind("quiet")} == {"gone", "hf", "cl"}


def test_an_address_on_the_command_line_is_read(configured: Digest, server: Loopback) -> None:
    """Parse and ingest take addresses beside files; an address of our own network wants the setting."""
    url = server.address + DAY.format("2026-11-19")
    assert configured("parse", url, "--json").of_kind("listing")[0]["papers"] == 1
    assert configured("ingest", url, "--json").of_kind("summary")[0]["new"] == 1
    configured.configure()
    said = configured("parse", url)
    assert said.code == 1
    assert "no public address" in said.err
    assert "allow_hosts" in said.err


def test_settings_of_a_source_are_checked_by_name_and_kind(digest: Digest, tmp_path: Path) -> None:
    """What is missing or misspelt is named with the way out before anything is asked."""
    digest.configure('cl = { kind = "arxiv-rss" }\n')
    assert "categories is missing" in digest("run").err
    digest.configure('cl = { kind = "arxiv-rs", categories = ["cs.CL"] }\n')
    assert "did you mean 'arxiv-rss'" in digest("run").err
