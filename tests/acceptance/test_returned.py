"""Mail that came back, from a real LMTP conversation and from a maildir to a reader who gets no more mail."""

from __future__ import annotations

import smtplib
import socket
from pathlib import Path

import pytest

from digest import cli
from digest.app import App
from digest.config import data_folder, load
from digest.errors import ConfigError
from digest.sources.mail.lmtp import MaildirReceiver
from tests.acceptance.conftest import Digest
from tests.acceptance.running import Installation, Service, until
from tests.postgres import free_port
from tests.unit.returned.mails import complaint, notification, plain

ROWS = data_folder("config") / "demo" / "2026-11-19.json"
ADA = "ada@example.org"
SUBSCRIBED, DUE = "2026-11-18T12:00Z", "2026-11-19T12:00Z"


@pytest.fixture
def mailed(digest: Digest) -> Digest:
    """Return a command line whose one reader has got a mail."""
    digest("subscribe", ADA, "*", "--now", SUBSCRIBED)
    digest("run", ROWS, "--now", DUE)
    return digest


def addresses(digest: Digest) -> tuple[str, str]:
    """Return the addresses of ours that the mail carries: for bounces, for leaving."""
    with App.open(load(digest.config, {})) as app:
        reader = app.store.subscribers.find(ADA)
        assert reader is not None
        return app.links.address("bounce", reader), app.links.address("unsubscribe", reader)


def maildir(digest: Digest, *mails: bytes) -> Path:
    """Return a maildir with some unread mails."""
    folder = digest.folder / "back"
    for box in ("new", "cur", "tmp"):
        (folder / box).mkdir(parents=True, exist_ok=True)
    for number, mail in enumerate(mails):
        (folder / "new" / f"{number}.mail").write_bytes(mail)
    return folder


def test_a_bounce_silences_its_reader_whose_feed_goes_on(mailed: Digest) -> None:
    """The next digest is composed for the feed, and no message leaves; the reason can be read."""
    bounces, _ = addresses(mailed)
    box = maildir(mailed, notification("5.1.1", "550 5.1.1 no such user", to=bounces))
    said = mailed("returned", "read", box, "--json", "--now", "2026-11-19T13:00Z")
    assert said.code == 0
    assert said.records[-1] == {"kind": "summary", "read": 1, "refused": 0, "suppressed": 1}
    assert said.records[0]["address"] == ADA
    assert mailed("returned", "list", ADA, "--json").records[0]["what"] == "gone"
    assert "bounced on 2026-11-19: 5.1.1 550 5.1.1 no such user" in mailed("returned", "list", ADA).out
    mailed("ingest", ROWS.with_name("2026-11-20.json"), "--now", "2026-11-20T12:00Z")
    assert mailed("compose", "--json", "--now", "2026-11-20T12:00Z").of_kind("digest")[0]["papers"] > 0
    assert mailed("deliver", "--json", "--now", "2026-11-20T12:00Z").records == [{"kind": "summary"}]
    assert mailed("returned", "read", box, "--json").records[-1]["read"] == 0, "each mail is read once"


def test_complaints_and_requests_to_leave_are_heard(mailed: Digest) -> None:
    """A report that quotes our mail is enough."""
    _, leaving = addresses(mailed)
    token = leaving.partition("+")[2].partition("@")[0]
    mailed("returned", "read", maildir(mailed, complaint(token=token)), "--now", DUE)
    assert "complained on 2026-11-19" in mailed("returned", "list", ADA).out


def test_a_mail_to_the_unsubscribe_address_leaves(mailed: Digest) -> None:
    """Mail programs send it with one click (RFC 2369)."""
    _, leaving = addresses(mailed)
    mailed("returned", "read", maildir(mailed, plain("", to=leaving)), "--now", DUE)
    assert "unsubscribed on 2026-11-19" in mailed("returned", "list", ADA).out


def test_who_left_is_said_to_get_no_mail_until_it_is_resumed(mailed: Digest) -> None:
    """Subscribing alone sends nothing to an address that bounced or left, and says so; ``resume`` does."""
    _, leaving = addresses(mailed)
    mailed("returned", "read", maildir(mailed, plain("", to=leaving)), "--now", DUE)
    assert f"no mail goes to {ADA}: unsubscribed on 2026-11-19" in mailed("subscribe", ADA, "mamba").err
    mailed("ingest", ROWS.with_name("2026-11-20.json"), "--now", "2026-11-20T12:00Z")
    assert mailed("returned", "resume", ADA, "--dry-run", "--json").records[0]["was"] == "unsubscribed on 2026-11-19"
    assert "gets mail again" in mailed("returned", "resume", ADA).out
    assert "no mail goes" not in mailed("subscribe", ADA, "clock").err
    mailed("compose", "--now", "2026-11-20T12:00Z")
    assert mailed("deliver", "--json", "--now", "2026-11-20T12:00Z").records == [{"kind": "summary", "sent": 1}]
    assert mailed("returned", "resume", "nobody@example.org").code == 2


def test_what_nobody_understands_is_left_to_a_human(mailed: Digest) -> None:
    """Flagged in the mailbox and named; a forged token silences nobody."""
    bounces, _ = addresses(mailed)
    forged = notification("5.1.1", "550 5.1.1 no such user", to=bounces.replace("+1", "+1a", 1))
    box = maildir(mailed, plain("Hello!", to=bounces), forged)
    said = mailed("returned", "read", box)
    assert said.code == 1
    assert "it is no bounce, complaint or request that is understood" in said.err
    assert "it names none of our readers" in said.err
    assert sorted(path.name for path in (box / "cur").iterdir()) == ["0.mail:2,FS", "1.mail:2,FS"]
    assert "nothing came back" in mailed("returned", "list", ADA).out


@pytest.mark.parametrize("kind", ["bounce", "not understood", "complaint"])
def test_of_what_comes_back_from_somebody_forgotten_nothing_is_kept(mailed: Digest, kind: str) -> None:
    """It holds the address: it is taken away, and nothing is said of it but that."""
    bounces, leaving = addresses(mailed)
    mail = {
        "bounce": notification("5.1.1", f"550 5.1.1 {ADA}: no such user", to=bounces),
        "not understood": plain(f"{ADA} says hello", to=bounces),
        "complaint": complaint(token=leaving.partition("+")[2].partition("@")[0]),
    }[kind]
    assert mailed("forget", ADA).code == 0
    box = maildir(mailed, mail)
    said = mailed("returned", "read", box, "--json")
    assert (said.code, said.err) == (0, "")
    assert said.records[0]["removed"] is True
    assert said.records[-1] == {"kind": "summary", "read": 1, "refused": 0, "suppressed": 0}
    assert "ada@" not in said.out
    assert not [path for path in box.rglob("*") if path.is_file()]


def test_without_a_mailbox_the_way_out_is_named(digest: Digest) -> None:
    """No traceback, no silence."""
    said = digest("returned", "read")
    assert (said.code, "[returned] maildir" in said.err) == (2, True)
    assert "nobody of that address" in digest("returned", "list", "eve@example.org").err


def test_mail_taken_by_lmtp_is_in_the_maildir_before_the_answer(tmp_path: Path) -> None:
    """One recipient at a time; each mail is whole, with the address it was for."""
    port = free_port()
    with MaildirReceiver(f"127.0.0.1:{port}", tmp_path, name="x"), smtplib.LMTP("127.0.0.1", port) as client:
        refused = client.sendmail("", ["bounce+a@d.example", "bounce+b@d.example"], b"Subject: x\r\n\r\nx\r\n")
        assert refused == {"bounce+b@d.example": (452, b"4.5.3 one recipient at a time")}
        (kept,) = (tmp_path / "new").iterdir()
        assert kept.read_bytes() == b"Delivered-To: bounce+a@d.example\r\nSubject: x\r\n\r\nx\r\n"
        assert not list((tmp_path / "tmp").iterdir())
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(ConfigError, match="lmtp"),
        MaildirReceiver(f"127.0.0.1:{taken.getsockname()[1]}", tmp_path, name="x"),
    ):
        pass


def test_the_path_of_another_program_s_socket_or_of_a_file_is_left_alone(tmp_path: Path) -> None:
    """A second service is told so, and the first goes on; what was left behind by one that ended is in nobody's way."""
    path = tmp_path / "lmtp"
    path.write_text("somebody's")
    with pytest.raises(ConfigError, match="lmtp"), MaildirReceiver(str(path), tmp_path / "box", name="x"):
        pass
    assert path.read_text() == "somebody's"
    path.unlink()
    with socket.socket(socket.AF_UNIX) as ended:
        ended.bind(str(path))
    with MaildirReceiver(str(path), tmp_path / "box", name="x"):
        with pytest.raises(ConfigError, match="lmtp"), MaildirReceiver(str(path), tmp_path / "other", name="y"):
            pass
        assert smtplib.LMTP(str(path)).quit()[0] == 221


def test_the_service_takes_mail_back(tmp_path: Path) -> None:
    """A bounce handed over by LMTP silences its reader at the next tick."""
    installation = Installation(tmp_path, smtp_port=9)
    with installation.config.open("a", encoding="utf-8") as file:
        file.write(f'[returned]\nmaildir = "{tmp_path}/back"\nlmtp = "{tmp_path}/lmtp"\n')
    installation.run("subscribe", ADA, "*")
    with App.open(load(installation.config, {})) as app, Service(installation):
        reader = app.store.subscribers.find(ADA)
        assert reader is not None
        to = app.links.address("bounce", reader)
        with smtplib.LMTP(str(tmp_path / "lmtp")) as client:
            client.sendmail("", [to], notification("5.1.1", "550 5.1.1 no such user", to="somebody@else.example"))
        until(lambda: (found := app.store.subscribers.find(ADA)) and found.suppressed, "the reader is silenced")
    assert cli.run(["--config", str(installation.config), "returned", "list", ADA]) == 0
