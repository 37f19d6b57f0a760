"""``digest run`` and its verbs, ``preview``, ``status``, ``demo``: from dumps to mails and feeds, once each."""

from __future__ import annotations

import email
import email.policy
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from digest.app import App
from digest.config import data_folder, load
from tests.acceptance.conftest import Digest

DEMO = data_folder("config") / "demo"
CARDS, ROWS = DEMO / "2026-11-19.cards.txt", DEMO / "2026-11-19.json"
SUBSCRIBED, DUE, LATER = "2026-11-18T12:00Z", "2026-11-19T12:00Z", "2026-11-19T13:00Z"


@pytest.fixture
def subscribed(digest: Digest) -> Digest:
    """Return a command line with one reader of two queries."""
    digest("subscribe", "ada@example.org", '"diffusion policy"', "mamba", "--now", SUBSCRIBED)
    return digest


def mails(digest: Digest) -> list[Path]:
    """Return the mails that were written."""
    return sorted((digest.folder / "mail").rglob("*.eml"))


def test_a_run_does_it_all(subscribed: Digest) -> None:
    """One command: read, composed, delivered, feeds and report written, every paper accounted for."""
    said = subscribed("run", "--json", CARDS, ROWS, "--now", DUE)
    assert (said.code, said.err) == (0, "")
    papers = said.of_kind("paper")
    assert {paper["state"] for paper in papers} == {"new", "seen"}
    matched = {paper["title"]: paper["matched_by"] for paper in papers if paper["matched_by"]}
    assert matched["Tidewater: Diffusion Policies that Recover from Their Own Mistakes"] == [
        {"address": "ada@example.org", "subscription": '"diffusion policy"'}
    ]
    summary = said.records[-1]
    assert (summary["new"], summary["digests"], summary["delivered"]) == (12, 1, {"sent": 1})
    (mail,) = mails(subscribed)
    message = email.message_from_bytes(mail.read_bytes(), policy=email.policy.default)
    assert message["To"] == "ada@example.org"
    assert mail.with_suffix(".html").is_file()
    assert sorted(Path(path).suffix for path in summary["feeds"]) == [".atom", ".json", ".rss"]
    assert len(json.loads(Path(summary["feeds"][2]).read_text(encoding="utf-8"))["items"]) == 2


def test_a_second_run_sends_nothing_and_says_why(subscribed: Digest) -> None:
    """Running twice in a row: nothing the second time, with the reason and the day of the next digest."""
    subscribed("run", CARDS, ROWS, "--now", DUE)
    again = subscribed("run", CARDS, ROWS, "--now", LATER)
    assert again.code == 0
    assert "Nobody was due." in again.out
    assert "The next digest is due on Friday, 20 November 2026 at 07:00 UTC." in again.out
    assert "12 seen" not in again.out.splitlines()[0]
    assert "0 new, 15 seen" in again.out
    assert "read before" in again.out
    assert len(mails(subscribed)) == 1


def test_a_day_without_papers_sends_nothing_and_says_why(subscribed: Digest) -> None:
    """The next morning without anything new: due, nothing sent, the reason said."""
    subscribed("run", CARDS, ROWS, "--now", DUE)
    next_day = subscribed("run", "--json", "--now", "2026-11-20T12:00Z")
    (outcome,) = next_day.of_kind("digest")
    assert (outcome["papers"], outcome["reason"]) == (0, "nothing new since the last digest")
    assert len(mails(subscribed)) == 1


def test_the_same_papers_in_another_spelling_are_not_sent_again(subscribed: Digest) -> None:
    """What a later dump repeats is never sent twice, and the report says why nobody got it."""
    subscribed("run", ROWS, "--now", DUE)
    said = subscribed("run", "--json", DEMO / "2026-11-20.json", CARDS, "--now", "2026-11-20T12:00Z")
    sent = [p["title"] for p in said.of_kind("paper") if p["matched_by"]]
    assert "Tidewater: Diffusion Policies that Recover from Their Own Mistakes" not in sent
    assert sent


def test_the_verbs_one_by_one_do_what_run_does(subscribed: Digest) -> None:
    """ingest, compose, deliver: the store between them, the same mail in the end."""
    subscribed("ingest", CARDS, ROWS, "--now", DUE)
    composed = subscribed("compose", "--json", "--now", DUE)
    assert composed.of_kind("digest")[0]["papers"] == 2
    assert composed.records[-1] == {"kind": "summary", "digests": 1}
    assert mails(subscribed) == []
    assert subscribed("deliver", "--json", "--dry-run", "--now", DUE).records == [{"kind": "summary", "waiting": 1}]
    assert subscribed("deliver", "--json", "--now", DUE).records == [{"kind": "summary", "sent": 1}]
    assert subscribed("deliver", "--json", "--now", DUE).records == [{"kind": "summary"}]
    assert len(mails(subscribed)) == 1


def test_a_dry_run_sends_and_stores_nothing(subscribed: Digest) -> None:
    """--dry-run of run and compose shows digests and leaves store, mail folder and feeds alone."""
    subscribed("ingest", CARDS, ROWS, "--now", DUE)
    for words in (("compose",), ("run", ROWS)):
        assert subscribed(*words, "--json", "--dry-run", "--now", DUE).of_kind("digest")[0]["papers"] == 2
    status = subscribed("status", "--json").records[0]
    assert (status["digests"], mails(subscribed), (subscribed.folder / "feeds").exists()) == (0, [], False)


def test_what_was_sent_is_on_record_even_where_the_feeds_cannot_be_written(subscribed: Digest) -> None:
    """A feed folder that is a file fails the run after its mails have left: one line, and a report all the same."""
    (subscribed.folder / "feeds").write_text("a file, no folder", encoding="utf-8")
    said = subscribed("run", CARDS, ROWS, "--now", DUE)
    assert said.code == 1
    assert len(said.err.splitlines()) == 1
    assert len(mails(subscribed)) == 1
    (report,) = subscribed.folder.glob("reports/*.txt")
    for text in (report.read_text(encoding="utf-8"), said.out):
        assert "1 sent" in text
        assert "the feed cannot be written" in text


def test_what_was_done_is_shown_even_where_the_report_cannot_be_written(subscribed: Digest) -> None:
    """The terminal has the whole report, and one line with the setting to mend."""
    (subscribed.folder / "reports").write_text("a file, no folder", encoding="utf-8")
    said = subscribed("run", CARDS, ROWS, "--now", DUE)
    assert (said.code, len(said.err.splitlines())) == (1, 1)
    assert "[reports] folder" in said.err
    assert "1 sent" in said.out


def test_two_runs_of_one_second_are_two_reports(subscribed: Digest) -> None:
    """The second one does not write over the first."""
    for _ in range(3):
        subscribed("run", CARDS, "--now", DUE)
    names = sorted(path.name for path in subscribed.folder.glob("reports/*.txt"))
    assert names == [f"2026-11-19T12-00-00Z{number}.txt" for number in ("-2", "-3", "")]
    assert len(list(subscribed.folder.glob("reports/*.jsonl"))) == 3


def test_preview_shows_what_would_come(subscribed: Digest) -> None:
    """The digest somebody would get, as text, HTML and mail; nothing is stored, so it is still due afterwards."""
    subscribed("ingest", CARDS, ROWS, "--now", DUE)
    html, eml = subscribed.folder / "p.html", subscribed.folder / "p.eml"
    said = subscribed("preview", "ada@example.org", "--html", html, "--eml", eml, "--now", DUE)
    assert said.out.startswith("Subject: ")
    assert "Tidewater" in said.out
    assert "Tidewater" in html.read_text(encoding="utf-8")
    assert b"List-Unsubscribe" in eml.read_bytes()
    (record,) = subscribed("preview", "ada@example.org", "--json", "--now", DUE).records
    assert (record["kind"], record["papers"]) == ("preview", 2)
    assert subscribed("run", "--json", "--now", DUE).records[-1]["digests"] == 1


def test_preview_writes_what_reference_managers_and_chats_read(subscribed: Digest) -> None:
    """BibTeX, RIS, CSL-JSON and Markdown of the digest's papers, each into the file that was named."""
    subscribed("ingest", CARDS, ROWS, "--now", DUE)
    files = {name: subscribed.folder / f"p.{name}" for name in ("bibtex", "ris", "csl", "markdown")}
    options = [word for name, path in files.items() for word in (f"--{name}", path)]
    assert subscribed("preview", "ada@example.org", *options, "--now", DUE).code == 0
    texts = {name: path.read_text(encoding="utf-8") for name, path in files.items()}
    assert all("Tidewater" in text for text in texts.values())
    assert texts["bibtex"].startswith("@")
    assert texts["ris"].startswith("TY  - ")
    assert len(json.loads(texts["csl"])) == 2


def test_preview_looks_back(subscribed: Digest) -> None:
    """--days N: what one would have got in the last days, told before or not."""
    subscribed("run", CARDS, ROWS, "--now", DUE)
    assert "would get nothing now" in subscribed("preview", "ada@example.org", "--now", LATER).out
    assert "Tidewater" in subscribed("preview", "ada@example.org", "--days", "2", "--now", LATER).out


def test_status_counts_everything(subscribed: Digest) -> None:
    """Papers, readers, queries, digests, messages by state, and when the next digest is due."""
    subscribed("run", CARDS, ROWS, "--now", DUE)
    (status,) = subscribed("status", "--json", "--now", LATER).records
    assert status["kind"] == "status"
    assert (status["papers"], status["subscribers"], status["subscriptions"], status["outbox.sent"]) == (12, 1, 2, 1)
    assert status["next_digest"] == "2026-11-20T07:00:00+00:00"


def test_a_mail_folder_that_cannot_be_written(subscribed: Digest) -> None:
    """Delivery that fails is said with its reason and kept for later; nothing is lost."""
    mail = subscribed.write("mail", "a file, not a folder")
    said = subscribed("run", CARDS, ROWS, "--now", DUE)
    assert said.code == 1
    (alarm,) = said.err.splitlines()
    assert alarm.startswith("digest: mail waits, as it cannot be handed over: ")
    assert "ada@" not in alarm
    assert "the mail folder cannot be written" in alarm
    mail.unlink()
    assert subscribed("run", "--json", "--now", LATER).records[-1]["delivered"] == {"sent": 1}


def test_the_report_is_kept_as_text_and_json(subscribed: Digest) -> None:
    """Each run leaves a report of its own; the JSON lines are those that --json shows."""
    said = subscribed("run", "--json", CARDS, "--now", DUE)
    text, lines = sorted((subscribed.folder / "reports").iterdir(), reverse=True)
    assert [json.loads(line) for line in lines.read_text(encoding="utf-8").splitlines()] == said.records
    assert "Slow Rivers: State Space Models with Learned Clocks" in text.read_text(encoding="utf-8")


def test_only_the_newest_reports_are_kept(subscribed: Digest) -> None:
    """[reports] keep says how many runs stay."""
    subscribed.configure("[defaults]\nmax_papers = 3\n")
    text = subscribed.config.read_text(encoding="utf-8").replace("[reports]\n", "[reports]\nkeep = 2\n")
    subscribed.config.write_text(text, encoding="utf-8")
    for hour in range(4):
        subscribed("run", "--now", f"2026-11-19T0{hour}:00Z")
    kept = sorted(path.name for path in (subscribed.folder / "reports").iterdir())
    assert kept == [f"2026-11-19T0{hour}-00-00Z.{ending}" for hour in (2, 3) for ending in ("jsonl", "txt")]


def test_the_secret_is_made_once_and_for_its_owner_alone(subscribed: Digest) -> None:
    """The signing key appears on first use, with mode 0600, and stays."""
    subscribed("run", CARDS, "--now", DUE)
    secret = subscribed.folder / "secret"
    key = secret.read_text(encoding="ascii")
    assert secret.stat().st_mode & 0o777 == 0o600
    assert len(bytes.fromhex(key)) == 32
    subscribed("run", CARDS, "--now", LATER)
    assert secret.read_text(encoding="ascii") == key
    secret.write_text("short", encoding="ascii")
    said = subscribed("preview", "ada@example.org", "--days", "9", "--now", LATER)
    assert (said.code, "holds no key" in said.err) == (2, True)


def test_the_demo_shows_everything(digest: Digest) -> None:
    """Two days, three readers: mails, feeds and reports are made and named; every paper is accounted for."""
    folder = digest.folder / "demo"
    said = digest("demo", folder)
    assert (said.code, said.err) == (0, "")
    made = sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix not in {".db", ""})
    assert all(f"  {path}\n" in said.out for path in made if path.suffix not in {".db-wal", ".db-shm"})
    assert {path.suffix for path in made} >= {".eml", ".html", ".rss", ".atom", ".json", ".txt", ".jsonl"}
    for address in ("ada@example.org", "emmy@example.org", "grace@example.org"):
        assert len(list((folder / "mail" / address).glob("*.eml"))) == 2
    for report in ("2026-11-19T23-30-00Z", "2026-11-20T23-30-00Z"):
        lines = (folder / "reports" / f"{report}.jsonl").read_text(encoding="utf-8").splitlines()
        papers = [row for line in lines if (row := json.loads(line))["kind"] == "paper"]
        listings = [row for line in lines if (row := json.loads(line))["kind"] == "listing"]
        assert len(papers) == sum(listing["papers"] for listing in listings)
        assert all(paper["state"] in {"new", "seen"} and paper["reason"] for paper in papers)


def test_the_demo_always_says_the_same(digest: Digest) -> None:
    """Two demos in two folders tell the same story, word for word."""
    one, two = (
        digest("demo", "--json", digest.folder / name).out.replace(name, "here") for name in ("demo-one", "demo-two")
    )
    assert one == two
    assert one


def test_the_demo_does_not_clear_a_folder_of_yours(digest: Digest) -> None:
    """A folder that holds something else is left alone."""
    mine = digest.folder / "mine"
    mine.mkdir()
    (mine / "thesis.tex").write_text("x", encoding="utf-8")
    said = digest("demo", mine)
    assert (said.code, said.err) == (2, f"digest: {mine}: is not empty (name a new folder)\n")
    assert (mine / "thesis.tex").exists()


def test_feeds_that_a_killed_run_did_not_write_come_with_the_next(subscribed: Digest) -> None:
    """A process that dies between composing and writing the feeds leaves them to the next run."""
    subscribed("ingest", CARDS, ROWS, "--now", DUE)
    config = load(subscribed.config, {})
    with App.open(config, now=datetime(2026, 11, 19, 12, tzinfo=UTC)) as app:
        assert [outcome.digest is not None for outcome in app.compose()] == [True]
    assert not (subscribed.folder / "feeds").exists()
    said = subscribed("run", "--json", "--now", LATER)
    assert said.records[-1]["digests"] == 0
    assert len(said.records[-1]["feeds"]) == 3
    assert subscribed("run", "--json", "--now", LATER).records[-1]["feeds"] == []


def test_a_quiet_run_says_one_line(subscribed: Digest) -> None:
    """-q leaves the result."""
    assert subscribed("run", "-q", CARDS, ROWS, "--now", DUE).out == "scanned 15, 12 new, 3 seen, 1 digest\n"


def test_evidence_is_wanted_where_doubt_is_settled_by_it(digest: Digest) -> None:
    """Without a log to ask, nothing is sent; the setting that is missing is named."""
    digest.configure('[delivery]\ndoubt = "evidence"\n')
    said = digest("deliver")
    assert (said.code, "[evidence] postfix_log" in said.err) == (2, True)
    log = digest.write("mail.log", "")
    digest.configure(f'[delivery]\ndoubt = "evidence"\n[evidence]\npostfix_log = "{log}"\n')
    assert digest("deliver").code == 0


def test_a_dry_run_says_that_its_digests_lack_the_papers_just_read(subscribed: Digest) -> None:
    """Nothing is stored, so nothing of these files is composed; the report does not let anybody think otherwise."""
    words = "those just read are not in them"
    assert words in subscribed("run", CARDS, "--dry-run", "--now", DUE).out
    assert words not in subscribed("run", CARDS, "--now", DUE).out
