"""Sources on the web, from the settings to the report: each named, none in the way of another."""

from __future__ import annotations

import mailbox
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from digest.config import data_folder, load
from digest.config.kinds import KINDS
from tests import make
from tests.acceptance.conftest import Digest
from tests.acceptance.test_service import dump
from tests.unit.sources.mail.imapd import running_imapd
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
    assert thursday["cl"] == "empty: Thursday 19 November should not be, something may be broken there"
    saturday = configured("run", "--now", SATURDAY, "--json").of_kind("quiet")
    reasons = [(q["where"], q["reason"]) for q in saturday]
    assert ("cl", "empty: Saturday: arXiv announces nothing for weekends") in reasons
    assert ("hf", "2026-11-21, Saturday: Hugging Face lists no weekends") in reasons


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (Answer(body=b"<!doctype html><title>503</title><h1>We will be back soon</h1>"), ""),
        (Answer(body=dump(1, "Tides of the North"), cut=20), "broke off"),
        (Answer(body=b"x" * 40_000_000), "is larger than 32 MB"),
        (Answer(403), "answers 403"),
        (Answer(302, headers={"Location": "http://169.254.169.254/latest"}), "no public address"),
    ],
)
def test_a_broken_day_is_named_and_fetched_when_it_is_mended(
    configured: Digest, server: Loopback, broken: Answer, reason: str
) -> None:
    """An error page, half an answer, a flood, a refusal, a redirect inside: never an empty day, never forgotten."""
    server.say(DAY.format("2026-11-19"), broken, Answer(body=dump(1, "Tides of the North")))
    first = configured("run", "--now", THURSDAY, "--json")
    assert first.code == 1
    (error,) = (e for e in first.of_kind("error") if e["source"] == "hf")
    assert reason in error["reason"]
    assert first.of_kind("paper") == []
    then = configured("run", "--now", "2026-11-20T15:00Z", "--json")
    assert [paper["title"] for paper in then.of_kind("paper")] == ["Tides of the North"]


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


MAILING = """From: no-reply@example.org
To: ada@example.org
Subject: sea daily 1 new + 0 crosses received
Content-Type: text/plain; charset=us-ascii

------------------------------------------------------------------------------
------------------------------------------------------------------------------
Submissions to:
Sea Studies
 received from  Wed 18 Nov 26 19:00:00 GMT  to  Thu 19 Nov 26 19:00:00 GMT
------------------------------------------------------------------------------
------------------------------------------------------------------------------
\\\\
arXiv:2611.0000{number}
Date: Wed, 18 Nov 2026 20:00:00 GMT   (243kb)

Title: {title}
Authors: Ada Example, Bob Example
Categories: cs.CL
\\\\
  We study the sea from every side and find that it is deeper than it looks to
anybody who stands on the shore at noon.
\\\\ ( https://arxiv.org/abs/2611.0000{number} ,  243kb)
------------------------------------------------------------------------------
"""


def test_mailings_are_read_from_a_maildir_an_mbox_and_an_imap_mailbox(digest: Digest) -> None:
    """One line of settings each; every mail is read once, whatever box it lies in."""
    titles = ["Tides by Mail", "Swell by File", "Surf by Wire"]
    first, second, third = (MAILING.format(number=n, title=title).encode() for n, title in enumerate(titles, 1))
    mailbox.Maildir(digest.folder / "maildir", create=True).add(first)
    box = mailbox.mbox(digest.folder / "papers.mbox")
    box.add(second)
    box.close()
    at = digest.folder.as_posix()
    digest.write("password", "s3cret\n")
    with running_imapd() as imapd:
        imapd.mails = {1: third}
        digest.configure(
            f'a = {{ kind = "maildir", path = "{at}/maildir" }}\nb = {{ kind = "mbox", path = "{at}/papers.mbox" }}\n'
            f'c = {{ kind = "imap", host = "127.0.0.1", port = {imapd.port}, tls = false, user = "ada", '
            f'password_file = "{at}/password" }}\n'
        )
        said = digest("run", "--now", THURSDAY, "--json")
        assert said.code == 0, said.err
        assert [paper["title"] for paper in said.of_kind("paper")] == titles
        again = digest("run", "--now", "2026-11-19T15:05Z", "--json")
    assert again.of_kind("paper") == []
    assert again.code == 0


def test_an_archive_is_harvested_over_all_its_pages(digest: Digest, server: Loopback) -> None:
    """OAI-PMH from the settings to the store: each resumption token is followed, the next run goes on from there."""
    page = (
        '<?xml version="1.0"?><OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>2026-11-19T15:00:00Z'
        "</responseDate><request verb='ListRecords'>x</request><ListRecords><record><header><identifier>"
        "oai:arXiv.org:2611.0000{n}</identifier><datestamp>2026-11-19</datestamp><setSpec>cs</setSpec></header>"
        '<metadata><arXiv xmlns="http://arxiv.org/OAI/arXiv/"><id>2611.0000{n}</id><created>2026-11-18</created>'
        "<authors><author><keyname>Example</keyname><forenames>Ada</forenames></author></authors><title>Tides, part {n}"
        "</title><categories>cs.CL</categories><abstract>We study tides from every side, at length.</abstract></arXiv>"
        "</metadata></record>{token}</ListRecords></OAI-PMH>"
    )
    pages = [page.format(n=n, token=f"<resumptionToken>t{n}</resumptionToken>" if n < 3 else "") for n in (1, 2, 3)]
    server.say("*", *(Answer(body=text.encode(), headers={"Content-Type": "text/xml"}) for text in pages))
    digest.configure(
        f'sea = {{ kind = "arxiv-oai", set = "cs", base = "{server.address}/oai" }}\n'
        '[fetch]\nallow_hosts = ["127.0.0.1"]\n'
    )
    said = digest("run", "--now", THURSDAY, "--json")
    assert said.code == 0, said.err
    assert [paper["title"] for paper in said.of_kind("paper")] == ["Tides, part 1", "Tides, part 2", "Tides, part 3"]
    digest("run", "--now", "2026-11-25T15:00Z")
    assert "from=2026-11-19" in server.paths[3]


def test_settings_of_a_source_are_checked_by_name_and_kind(digest: Digest, tmp_path: Path) -> None:
    """What is missing or misspelt is named with the way out before anything is asked."""
    digest.configure('cl = { kind = "arxiv-rss" }\n')
    assert "categories is missing" in digest("run").err
    digest.configure('cl = { kind = "arxiv-rs", categories = ["cs.CL"] }\n')
    assert "did you mean 'arxiv-rss'" in digest("run").err


def test_the_sources_of_the_readme_work_as_they_stand(tmp_path: Path) -> None:
    """What a reader copies from the README is accepted; every kind is explained in config/digest.toml."""
    (block,) = re.findall(r"```toml\n(\[sources\].*?)```", make.README.read_text(encoding="utf-8"), re.DOTALL)
    path = tmp_path / "digest.toml"
    path.write_text(block, encoding="utf-8")
    kinds = {source.kind for source in load(path, {}).sources}
    assert {"folder", "huggingface", "arxiv-oai", "imap"} <= kinds
    explained = (data_folder("config") / "digest.toml").read_text(encoding="utf-8")
    assert [kind for kind in KINDS if f"#   {kind} " not in explained] == []
