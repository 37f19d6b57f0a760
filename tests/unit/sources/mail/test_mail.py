"""Mail as a source: each mail once, none removed, none read half."""

from __future__ import annotations

import mailbox
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from digest.errors import SourceError
from digest.model import Document, Quiet, Skipped
from digest.ports import Source
from digest.sources.mail import ImapSource, MaildirSource, MboxSource
from digest.sources.mail.imap import Account
from digest.store import SqlStore
from tests.unit.sources.mail.imapd import Imapd, running_imapd

T0 = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LONG_AGO = (T0 - timedelta(hours=1)).timestamp()


@pytest.fixture
def store() -> Iterator[SqlStore]:
    """Return an empty store in memory."""
    with SqlStore.open("sqlite://") as opened:
        yield opened


def _mail(number: int) -> bytes:
    return f"Subject: mailing {number}\n\nbody {number}\n".encode()


def _read(source: Source, *, stored: int = 100, now: datetime = T0) -> list[bytes]:
    """Read as the ingester does, but die after so many were stored."""
    bodies: list[bytes] = []
    for item in source.documents(now):
        assert isinstance(item, Document), item
        if len(bodies) == stored:
            break
        bodies.append(item.body)
        source.done(item)
    return bodies


# --- maildir -----------------------------------------------------------------------------------------------------


@pytest.fixture
def maildir(tmp_path: Path) -> mailbox.Maildir:
    """Return an empty maildir."""
    return mailbox.Maildir(tmp_path / "maildir", create=True)


def _maildir_source(tmp_path: Path) -> MaildirSource:
    return MaildirSource("mail", tmp_path / "maildir", max_bytes=10_000)


def test_unread_mails_of_a_maildir_are_read_once_and_kept(tmp_path: Path, maildir: mailbox.Maildir) -> None:
    """What was stored is marked as read for every mail program; nothing is removed."""
    for number in (1, 2):
        maildir.add(_mail(number))
    assert sorted(_read(_maildir_source(tmp_path))) == [_mail(1), _mail(2)]
    assert _read(_maildir_source(tmp_path)) == []
    assert [message.get_flags() for message in maildir] == ["S", "S"]


def test_a_mail_that_was_not_stored_is_read_again(tmp_path: Path, maildir: mailbox.Maildir) -> None:
    """Killed between reading and storing, the mail is still unread."""
    maildir.add(_mail(1))
    assert _read(_maildir_source(tmp_path), stored=0) == []
    assert _read(_maildir_source(tmp_path)) == [_mail(1)]


def test_a_mail_that_is_no_listing_is_flagged(tmp_path: Path, maildir: mailbox.Maildir) -> None:
    """It is not read again, and its owner sees which one it was; flags that were there stay."""
    message = mailbox.MaildirMessage(_mail(1))
    message.set_subdir("cur")
    message.set_flags("R")
    maildir.add(message)
    source = _maildir_source(tmp_path)
    (item,) = source.documents(T0)
    assert isinstance(item, Document)
    source.refused(item, "is no listing")
    assert [message.get_flags() for message in maildir] == ["FRS"]
    assert list(source.documents(T0)) == []


def test_a_mail_above_the_cap_is_skipped(tmp_path: Path, maildir: mailbox.Maildir) -> None:
    """It is named, the others are read."""
    maildir.add(b"Subject: huge\n\n" + b"x" * 20_000)
    maildir.add(_mail(1))
    found = list(_maildir_source(tmp_path).documents(T0))
    assert sorted(type(item).__name__ for item in found) == ["Document", "Skipped"]


def test_a_folder_that_is_no_maildir_says_so(tmp_path: Path) -> None:
    """The error names the source, the place and the way out."""
    with pytest.raises(SourceError, match=r"source mail: .*is no maildir .*name a folder with new, cur and tmp"):
        list(MaildirSource("mail", tmp_path).documents(T0))


# --- mbox --------------------------------------------------------------------------------------------------------


def _mbox(tmp_path: Path, *bodies: bytes) -> Path:
    path = tmp_path / "papers.mbox"
    box = mailbox.mbox(path)
    for body in bodies:
        box.add(body)
    box.flush()
    box.close()
    os.utime(path, (LONG_AGO, LONG_AGO))
    return path


def test_new_mails_of_an_mbox_are_read_once(tmp_path: Path, store: SqlStore) -> None:
    """How far it was read is remembered across processes; the file is not changed."""
    path = _mbox(tmp_path, _mail(1), _mail(2))
    content = path.read_bytes()
    assert [b"body 1" in body for body in _read(MboxSource("mail", path, store.sources), stored=1)] == [True]
    assert [b"body 2" in body for body in _read(MboxSource("mail", path, store.sources))] == [True]
    assert _read(MboxSource("mail", path, store.sources)) == []
    assert path.read_bytes() == content
    _mbox(tmp_path, _mail(3))
    assert [b"body 3" in body for body in _read(MboxSource("mail", path, store.sources))] == [True]


def test_an_mbox_that_was_rewritten_is_read_from_its_start(tmp_path: Path, store: SqlStore) -> None:
    """A mail program that removed the first mail has moved all others: better twice than never."""
    path = _mbox(tmp_path, _mail(1), _mail(2))
    _read(MboxSource("mail", path, store.sources))
    path.unlink()
    _mbox(tmp_path, _mail(2), _mail(3), _mail(4))
    assert len(_read(MboxSource("mail", path, store.sources))) == 3


def test_a_line_that_looks_like_the_start_of_a_mail_is_none(tmp_path: Path, store: SqlStore) -> None:
    """Lines that begin with From are quoted by whoever delivers; they come out as they went in."""
    body = b"Subject: x\n\nFrom here on, tides rise.\n\nFrom there they fall.\n"
    path = _mbox(tmp_path, body)
    (read,) = _read(MboxSource("mail", path, store.sources))
    assert b"\nFrom here on" in read
    assert b"\nFrom there" in read


def test_an_mbox_that_is_being_written_waits(tmp_path: Path, store: SqlStore) -> None:
    """Half a mail is never read."""
    path = _mbox(tmp_path, _mail(1))
    os.utime(path, (T0.timestamp(), T0.timestamp()))
    (item,) = MboxSource("mail", path, store.sources).documents(T0 + timedelta(seconds=1))
    assert isinstance(item, Quiet)
    assert len(_read(MboxSource("mail", path, store.sources), now=T0 + timedelta(seconds=2))) == 1


def test_a_missing_mbox_says_so(tmp_path: Path, store: SqlStore) -> None:
    """With the source, the place and the way out."""
    with pytest.raises(SourceError, match=r"source mail: .*no such file \(check the name\)"):
        list(MboxSource("mail", tmp_path / "none", store.sources).documents(T0))


# --- IMAP --------------------------------------------------------------------------------------------------------


@pytest.fixture
def imapd() -> Iterator[Imapd]:
    """Return a running IMAP server with two mails."""
    with running_imapd() as imapd:
        imapd.mails = {4: _mail(1), 7: _mail(2)}
        yield imapd


def _imap(imapd: Imapd, store: SqlStore, **changes: object) -> ImapSource:
    account = Account(host="127.0.0.1", port=imapd.port, user="ada", password="s3cret", tls=False, timeout=5.0)
    account = replace(account, **changes)  # type: ignore[arg-type]
    return ImapSource("mail", account, store.sources, every=timedelta(minutes=5), max_bytes=1000)


def test_new_mails_of_an_imap_mailbox_are_read_once_and_left_as_they_are(imapd: Imapd, store: SqlStore) -> None:
    """The mailbox is opened read only and bodies are peeked at; UIDs are remembered across processes."""
    assert _read(_imap(imapd, store), stored=1) == [_mail(1)]
    assert _read(_imap(imapd, store)) == [_mail(2)]
    imapd.mails[9] = _mail(3)
    later = T0 + timedelta(minutes=5)
    assert _read(_imap(imapd, store), now=later) == [_mail(3)]
    assert _read(_imap(imapd, store), now=later + timedelta(minutes=5)) == []
    said = " ".join(imapd.said)
    assert "SELECT" not in said
    assert "STORE" not in said
    assert "BODY.PEEK[]" in said


def test_an_imap_mailbox_is_asked_at_its_interval(imapd: Imapd, store: SqlStore) -> None:
    """Between two looks the server is left alone."""
    _read(_imap(imapd, store))
    said = len(imapd.said)
    (item,) = _imap(imapd, store).documents(T0 + timedelta(minutes=4))
    assert isinstance(item, Quiet)
    assert len(imapd.said) == said


def test_a_mailbox_that_was_numbered_anew_is_read_again(imapd: Imapd, store: SqlStore) -> None:
    """After a new UIDVALIDITY old UIDs mean nothing (RFC 3501, section 2.3.1.1)."""
    _read(_imap(imapd, store))
    imapd.validity, imapd.mails = 2, {1: _mail(1), 2: _mail(2), 3: _mail(3)}
    assert len(_read(_imap(imapd, store), now=T0 + timedelta(minutes=5))) == 3


def test_a_huge_mail_is_skipped_without_being_fetched(imapd: Imapd, store: SqlStore) -> None:
    """It is passed over for good, with the reason."""
    imapd.mails = {4: b"x" * 5000}
    source = _imap(imapd, store)
    (item,) = source.documents(T0)
    assert isinstance(item, Skipped)
    source.refused(item, item.reason)
    assert not any("BODY" in said for said in imapd.said)
    assert list(_imap(imapd, store).documents(T0 + timedelta(minutes=5))) == []


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"password": "wrong"}, "wrong password"),
        ({"mailbox": "None"}, "no such mailbox"),
        ({"port": 1}, "refused"),
    ],
)
def test_a_server_that_refuses_is_an_error_without_the_password(
    imapd: Imapd, store: SqlStore, changes: dict[str, object], reason: str
) -> None:
    """The error names host, reason and way out; the look counts as failed."""
    source = _imap(imapd, store, **changes)
    with pytest.raises(SourceError, match=reason) as caught:
        list(source.documents(T0))
    assert "127.0.0.1" in str(caught.value)
    assert "s3cret" not in str(caught.value)
    assert store.sources.get("mail").failures == 1
    assert "s3cret" not in repr(Account(host="h", user="u", password="s3cret"))
