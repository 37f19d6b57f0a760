"""``digest outbox``, ``export``, ``forget``, ``completion``: single messages, single people, and the shell."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from urllib.parse import quote

import pytest

from digest.app.published import file_name
from digest.config import data_folder
from tests.acceptance.conftest import Digest

ROWS = data_folder("config") / "demo" / "2026-11-19.json"
ADA = "ada@example.org"
SUBSCRIBED, DUE, LATER = "2026-11-18T12:00Z", "2026-11-19T12:00Z", "2026-11-19T13:00Z"
NEXT_DAY = "2026-11-20T12:00Z"


@pytest.fixture
def composed(digest: Digest) -> Digest:
    """Return a command line with one message waiting in the outbox."""
    digest("subscribe", ADA, '"diffusion policy"', "--now", SUBSCRIBED)
    digest("ingest", ROWS, "--now", DUE)
    digest("compose", "--now", DUE)
    return digest


def state_of(digest: Digest) -> str:
    """Return the state of the one message."""
    (message,) = digest("outbox", "list", "--json").records
    return str(message["state"])


def test_messages_are_listed_and_shown(composed: Digest) -> None:
    """The list has each message with its fate; one is shown with its text."""
    (message,) = composed("outbox", "list", ADA, "--json").records
    assert (message["kind"], message["id"], message["address"], message["state"]) == ("message", 1, ADA, "pending")
    assert composed("outbox", "list", "--state", "sent").out == "No messages.\n"
    shown = composed("outbox", "show", "1")
    assert "Tidewater" in shown.out
    assert message["message_id"] in shown.out
    assert composed("outbox", "show", "1", "--json").records[0]["subject"]


def test_a_message_is_shown_with_its_whole_history(composed: Digest) -> None:
    """Every try and every decision, by whom and when and with which answer; and the same as JSON."""
    blocked = composed.write("mail", "a file in the way")
    composed("deliver", "--now", DUE)
    blocked.unlink()
    composed("outbox", "retry", "1", "--now", DUE)
    composed("deliver", "--now", LATER)
    lines = composed("outbox", "show", "1", "--json").of_kind("attempt")
    assert [(line["n"], line["outcome"], line["charged"]) for line in lines] == [
        (1, "retry", False),
        (2, "pending", False),
        (2 + 1, "sent", True),
    ]
    assert lines[1]["by"] == "operator"
    shown = composed("outbox", "show", "1").out
    assert all(word in shown for word in ("retry, uncharged", "operator", "written to"))


def test_a_dropped_message_is_never_sent(composed: Digest) -> None:
    """Dropped: not delivered, its papers count as told; retry lets it go after all."""
    assert composed("outbox", "drop", "1", "--json", "--now", DUE).records[0]["state"] == "suppressed"
    assert composed("deliver", "--json", "--now", DUE).records == [{"kind": "summary"}]
    assert composed("compose", "--json", "--now", NEXT_DAY).of_kind("digest")[0]["papers"] == 0
    assert composed("outbox", "retry", "1", "--json", "--now", LATER).records[0]["state"] == "pending"
    assert composed("deliver", "--json", "--now", LATER).records == [{"kind": "summary", "sent": 1}]


def test_what_was_sent_is_never_sent_again(composed: Digest) -> None:
    """Neither retry nor drop touches a sent message."""
    composed("deliver", "--now", DUE)
    for words, reason in ((("retry", "1"), "it was sent (nothing is sent twice)"), (("drop", "1"), "it was sent")):
        said = composed("outbox", *words, "--now", LATER)
        assert (said.code, reason in said.err) == (1, True)
    assert state_of(composed) == "sent"


def test_a_message_that_waits_is_tried_at_once(composed: Digest) -> None:
    """A message that waits for its next try goes with the next delivery after ``outbox retry``."""
    blocked = composed.write("mail", "a file in the way")
    assert composed("deliver", "--now", DUE).code == 1
    blocked.unlink()
    soon = "2026-11-19T12:00:30Z"
    assert composed("deliver", "--json", "--now", soon).records == [{"kind": "summary"}]
    composed("outbox", "retry", "1", "--now", soon)
    assert composed("deliver", "--json", "--now", soon).records == [{"kind": "summary", "sent": 1}]


def test_an_old_message_stays_unsent(composed: Digest) -> None:
    """A digest of the day before yesterday is history."""
    said = composed("outbox", "retry", "1", "--now", "2026-11-21T12:00Z")
    assert "it is too old to be sent" in said.err


@pytest.mark.parametrize("words", [("retry", "1"), ("drop", "1")])
def test_a_dry_run_changes_no_message(composed: Digest, words: tuple[str, str]) -> None:
    """--dry-run shows the message and leaves it."""
    assert composed("outbox", *words, "--dry-run").code == 0
    assert state_of(composed) == "pending"


def test_unknown_messages_and_states_are_said(composed: Digest) -> None:
    """One line each; the known numbers are dealt with all the same."""
    said = composed("outbox", "drop", "7", "1", "--json", "--now", DUE)
    assert (said.code, said.err) == (1, "digest: message 7: there is no such message (see digest outbox list)\n")
    assert [message["id"] for message in said.records] == [1]
    assert composed("outbox", "retry", "7", "--now", DUE).out == ""
    assert composed("outbox", "show", str(2**63)).code == 2
    assert composed("outbox", "list", "--state", "lost").code == 2


def test_everything_known_of_a_person_is_handed_out(composed: Digest) -> None:
    """Subscriber, saved queries, digests, papers told of, messages: a row each."""
    composed("deliver", "--now", DUE)
    kinds = {record["kind"] for record in composed("export", ADA).records}
    assert kinds >= {"subscribers", "subscriptions", "digests", "ledger", "outbox", "attempts"}
    assert composed("export", "nobody@example.org").code == 2


def test_a_forgotten_person_is_gone_and_never_written_to_again(digest: Digest) -> None:
    """No row, file or report names the address any more; subscribing it again takes its owner's word."""
    digest("subscribe", ADA, '"diffusion policy"', "--now", SUBSCRIBED)
    digest("run", ROWS, "--now", DUE)
    assert ADA.encode() in b"".join(path.read_bytes() for path in digest.folder.glob("reports/*"))
    assert digest("forget", ADA, "--now", LATER).code == 0
    assert digest("export", ADA).code == 2
    assert digest("status", "--json").records[0]["subscribers"] == 0
    files = [path for name in ("feeds", "mail", "reports") for path in (digest.folder / name).rglob("*.*")]
    assert not [path for path in files if path.is_file() and (ADA in path.name or ADA.encode() in path.read_bytes())]
    again = digest("subscribe", ADA.upper().replace("EXAMPLE.ORG", "example.org"), "mamba")
    assert (again.code, "this address asked to be forgotten" in again.err) == (2, True)
    assert digest("forget", "--undo", ADA, "--json").records == [{"kind": "summary", "forgotten": False}]
    assert digest("subscribe", ADA, "mamba").code == 0


LONG = f"{'r' * 64}@{'.'.join(['a' * 58] * 3)}.org"
"""Nearly as long as an address may be, and with what is put around it too long for a file name."""


@pytest.mark.parametrize("address", ["o'brien@example.org", "a&b@example.org", "r/d@example.org", LONG])
def test_no_file_is_left_of_an_address_that_is_no_file_name(address: str, digest: Digest) -> None:
    """Its files have other names than its letters; those of an address that begins alike stay."""
    for one in (address, f"{address}.uk"):
        digest("subscribe", one, '"diffusion policy"', "--now", SUBSCRIBED)
    digest("run", ROWS, "--now", DUE)
    before = {path for path in digest.folder.rglob("*") if path.is_file()}
    assert digest("forget", address, "--now", LATER).code == 0
    gone = before - set(digest.folder.rglob("*"))
    written = [path.name for path in gone]
    assert sorted(name.rpartition(".")[2] for name in written) == ["atom", "eml", "html", "json", "rss"]
    reports = b"".join(path.read_bytes() for path in digest.folder.glob("reports/*"))
    names = {address, quote(address, safe="@+"), file_name(address)}
    assert not [name for name in names if name.encode() in reports.replace(f"{name}.uk".encode(), b"")]
    assert f"{address}.uk".encode() in reports


def test_forgetting_that_was_stopped_can_be_done_again(composed: Digest) -> None:
    """What is no file of ours among the reports stops nothing; a file that cannot be cleaned leaves the rest to do."""
    (composed.folder / "reports").mkdir(exist_ok=True)
    noise = composed.write("reports/noise.bin", b"\xff " + ADA.encode() + b" \xfe")
    (composed.folder / "reports" / "of.old").mkdir()
    blocked = composed.folder / "reports" / "no.txt"
    blocked.symlink_to("/proc/self/mem")
    said = composed("forget", ADA)
    assert (said.code, "cannot be cleaned" in said.err, "no.txt" in said.err) == (1, True, True)
    assert composed("export", ADA).code == 0
    blocked.unlink()
    assert composed("forget", ADA).code == 0
    assert noise.read_bytes() == b"\xff (forgotten) \xfe"


def test_an_address_nobody_has_is_forgotten_too(digest: Digest) -> None:
    """Whoever asks before subscribing is never written to, whoever subscribes them; what names them is cleaned."""
    (digest.folder / "reports").mkdir()
    report = digest.write("reports/old.txt", f"refused: {ADA}".encode())
    assert digest("forget", ADA, "--dry-run", "--json").records == [{"kind": "summary", "forgotten": False}]
    assert digest("subscribe", ADA, "mamba", "--dry-run").code == 0
    said = digest("forget", ADA, "--json")
    assert (said.code, said.records[0]) == (
        0,
        {"kind": "summary", "forgotten": True, "known": False, "files": [str(report)]},
    )
    assert report.read_text("utf-8") == "refused: (forgotten)"
    assert "asked to be forgotten" in digest("subscribe", ADA, "mamba").err
    assert f"nobody has {ADA}" in digest("forget", ADA).out, "once more changes nothing"
    assert digest("forget", "no address").code == 2
    assert digest("forget", "--undo", ADA).code == 0
    assert digest("subscribe", ADA, "mamba").code == 0


def test_forgetting_can_be_tried_first(composed: Digest) -> None:
    """--dry-run forgets nobody."""
    assert composed("forget", ADA, "--dry-run", "--json").records == [{"kind": "summary", "forgotten": False}]
    assert composed("status", "--json").records[0]["subscribers"] == 1


@pytest.mark.parametrize(("typed", "offered"), [("pa", "parse"), ("papers sp", "split"), ("run --dry", "--dry-run")])
def test_the_shell_completes(typed: str, offered: str) -> None:
    """What ``digest completion bash`` sets up answers <Tab> with commands and options."""
    words = f"digest {typed}"
    asked = {"_DIGEST_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(len(words.split()) - 1)}
    child = subprocess.run(
        [sys.executable, "-m", "digest"], env={**os.environ, **asked}, capture_output=True, text=True, check=False
    )
    assert child.returncode == 0, child.stderr
    assert f"plain,{offered}" in child.stdout.splitlines()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_completion_is_printed(digest: Digest, shell: str) -> None:
    """The script names the variable the program answers to."""
    assert "_DIGEST_COMPLETE" in digest("completion", shell).out


def test_a_mail_server_that_cannot_be_used_is_said_before_all_else(composed: Digest) -> None:
    """On standard error, for the operator; the readers that wait are no lines of their own."""
    text = composed.config.read_text("utf-8").replace("[mail]\n", '[mail]\nby = "smtp"\n')
    composed.config.write_text(f'{text}[smtp]\nhost = "127.0.0.1"\nport = 1\n', encoding="utf-8")
    said = composed("deliver", "--now", DUE)
    assert said.code == 1
    assert said.err.startswith("digest: mail waits, as it cannot be handed over: mail server 127.0.0.1:1")


def test_mails_that_came_back_and_the_engine_of_queries_forget_a_person_too(digest: Digest) -> None:
    """Bounces name an address, or one of ours for its reader; what is about others stays."""
    box, engine = digest.folder / "box" / "cur", digest.folder / "engine"
    box.mkdir(parents=True)
    digest.configure(f'[returned]\nmaildir = "{box.parent}"\n[matching]\nengine_file = "{engine}"\n')
    digest("subscribe", ADA, '"diffusion policy"', "--now", SUBSCRIBED)
    digest("run", ROWS, "--now", DUE)
    (mail,) = (digest.folder / "mail").rglob("*.eml")
    unsubscribe = re.findall(rb"mailto:(unsubscribe\+[^?]+)\?", mail.read_bytes())[0]
    (box / "1:2,S").write_bytes(b"Subject: returned\n\n550 <" + ADA.upper().encode() + b"> unknown\n")
    (box / "2:2,S").write_bytes(b"To: " + unsubscribe + b"\n\nplease\n")
    (box / "3:2,S").write_bytes(b"Subject: returned\n\n550 <emmy@example.org> unknown\n")
    (box / "4:2,").write_bytes(
        b"Subject: returned\n\n550 <" + ADA.encode() + b".uk> or <x." + ADA.encode() + b"> unknown\n"
    )
    engine.write_bytes(b"queries of many")
    local, domain = ADA.split("@")
    assert digest("forget", f"{local}@{domain.upper()}", "--now", LATER).code == 0
    assert sorted(path.name for path in box.iterdir()) == ["3:2,S", "4:2,"]
    assert not engine.exists()
    assert not (digest.folder / "mail" / ADA).exists()
