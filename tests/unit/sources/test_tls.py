"""Web servers and mailboxes behind TLS: who is not vouched for is not believed, and no mail is lost or read twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from digest.errors import ConfigError
from digest.model import Verdict
from digest.parsers import parse
from digest.pipeline.ingest import Ingested, Refused, ingest
from digest.sources.looks import one_by_one
from digest.sources.mail import ImapSource
from digest.sources.mail.imap import Account
from digest.sources.tls import trusting
from digest.sources.web.fetch import Fetcher, FetchError, Rates
from digest.sources.web.guard import Guard
from digest.store import SqlStore
from tests.certificates import Certificates, made
from tests.unit.sources.mail.imapd import Imapd, running_imapd
from tests.unit.sources.web.loopback import Answer, loopback

NOW = datetime(2026, 11, 18, 15, 0, tzinfo=UTC)
HOURLY = timedelta(hours=1)
DASHES = "-" * 78


@pytest.fixture
def certificates(tmp_path: Path) -> Certificates:
    """Return an authority of our own and what it vouches for."""
    return made(tmp_path)


def fetched(url: str, ca_file: Path | None) -> bytes | None:
    """Return what is there, asked as a source does."""
    fetcher = Fetcher(guard=Guard({"127.0.0.1", "localhost"}), rates=Rates({}, 0.0), seconds=20.0, ca_file=ca_file)
    return fetcher.get(url).body


# --- https -------------------------------------------------------------------------------------------------------


def test_a_server_of_our_own_authority_is_read_over_https(certificates: Certificates) -> None:
    """By its name and by its address, both in its certificate; redirects stay within TLS."""
    with loopback(certificates.context) as server:
        server.say("/feed", Answer(body=b"clouds"))
        server.say("/old", Answer(302, headers={"Location": "/feed"}))
        assert fetched(f"{server.address}/feed", certificates.ca_file) == b"clouds"
        assert fetched(f"https://localhost:{server.port}/old", certificates.ca_file) == b"clouds"


def test_a_server_nobody_vouches_for_is_refused_with_the_way_out(certificates: Certificates) -> None:
    """Without the authority nothing is asked of it, and the error names the setting."""
    with loopback(certificates.context) as server:
        server.say("/feed", Answer(body=b"clouds"))
        with pytest.raises(FetchError, match=r"certificate verify failed.*\[fetch\] ca_file"):
            fetched(f"{server.address}/feed", None)
        assert server.asked == []


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda folder: made(folder, hosts=("elsewhere.example.org",)), "Hostname mismatch"),
        (lambda folder: made(folder, valid=timedelta(days=-1)), "certificate has expired"),
    ],
)
def test_another_servers_or_an_old_certificate_is_refused(
    tmp_path: Path, make: Callable[[Path], Certificates], reason: str
) -> None:
    """The authority alone is not enough: the name and the time must be right."""
    certificates = make(tmp_path)
    with loopback(certificates.context) as server, pytest.raises(FetchError, match=reason):
        fetched(f"https://localhost:{server.port}/feed", certificates.ca_file)


@pytest.mark.parametrize("content", [None, "no certificate at all"])
def test_a_file_without_certificates_is_told_by_its_setting(tmp_path: Path, content: str | None) -> None:
    """A missing or foreign file names the file, the setting and what belongs there."""
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_text(content)
    with pytest.raises(ConfigError, match=r"\[fetch\] ca_file: .*ca.pem cannot be read: .*PEM"):
        trusting(path)


# --- IMAP over TLS -----------------------------------------------------------------------------------------------


@pytest.fixture
def store() -> Iterator[SqlStore]:
    """Return an empty store in memory."""
    with SqlStore.open("sqlite://") as opened:
        yield opened


@pytest.fixture
def imapd(certificates: Certificates) -> Iterator[Imapd]:
    """Return a mailbox behind TLS that holds three mailings, each packed in another way."""
    with running_imapd(certificates.context) as running:
        running.mails = {3: mailing(1, "base64"), 5: mailing(2, "quoted-printable"), 8: mailing(3, "7bit", alone=False)}
        yield running


def mailing(number: int, encoding: str, *, alone: bool = True) -> bytes:
    """Return an arXiv mailing of one paper as a mail; ``alone``: it is not one part of several."""
    text = (
        f"{DASHES}\n\\\\\narXiv:2611.0000{number}\nDate: Tue, 17 Nov 2026 18:00:00 GMT   (14kb)\n\n"
        f"Title: Counting Clouds, Part {number}\nAuthors: M{{\\aa}}ns Cloud\nCategories: cs.CL\n\\\\\n"
        f"  We count clouds = {number} by number from below, and find that they are many.\n"
        f"\\\\ ( https://arxiv.org/abs/2611.0000{number} ,  14kb)\n"
    )
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "no-reply@arxiv.example", "ada@example.org", f"cs daily {number}"
    mail["Date"], mail["Message-ID"] = "Wed, 18 Nov 2026 01:00:00 +0000", f"<{number}@arxiv.example>"
    mail.set_content(text, cte=encoding)
    if not alone:
        mail.add_alternative("<p>This mail is text.</p>", subtype="html")
        mail.add_attachment(b"\x89PNG....", maintype="image", subtype="png", filename="logo.png")
    return mail.as_bytes()


def read(imapd: Imapd, store: SqlStore, ca_file: Path | None, *, hours: int = 0) -> tuple[list[str], list[str]]:
    """Look at the mailbox in a fresh process; return the new papers' titles and the errors."""
    account = Account(host="localhost", port=imapd.port, user="ada", password="s3cret", timeout=20.0, ca_file=ca_file)
    source, now = ImapSource("mail", account, store.sources, every=HOURLY), NOW + hours * HOURLY
    outcomes = list(ingest(one_by_one([source], now), store.papers, parse=parse, now=now))
    judged = [one for outcome in outcomes if isinstance(outcome, Ingested) for one in outcome.judged]
    errors = [outcome.error for outcome in outcomes if isinstance(outcome, Refused)]
    return [one.sighting.title for one in judged if is_new(one.verdict)], errors


def is_new(verdict: Verdict) -> bool:
    """Return whether a paper was met for the first time."""
    return verdict.state.value == "new"


def titles(*numbers: int) -> list[str]:
    """Return the titles of the mailings of those numbers."""
    return [f"Counting Clouds, Part {number}" for number in numbers]


def test_mailings_in_any_packing_are_read_from_a_mailbox_behind_tls(
    imapd: Imapd, store: SqlStore, certificates: Certificates
) -> None:
    """base64, quoted-printable and one part of several: every paper once, and none at the next look."""
    assert read(imapd, store, certificates.ca_file) == (titles(1, 2, 3), [])
    assert read(imapd, store, certificates.ca_file, hours=1) == ([], [])


def test_a_mailbox_nobody_vouches_for_never_learns_the_password(imapd: Imapd, store: SqlStore) -> None:
    """The connection ends before anything is said, and the error names the setting."""
    found, errors = read(imapd, store, None)
    assert (found, imapd.said) == ([], [])
    assert "certificate verify failed" in errors[0]
    assert "[fetch] ca_file" in errors[0]


@pytest.mark.parametrize("whole", [0, 1, 2])
def test_a_connection_that_breaks_in_a_mail_loses_none_and_doubles_none(
    imapd: Imapd, store: SqlStore, certificates: Certificates, whole: int
) -> None:
    """What was whole is stored, the look counts as failed, and the next one begins at the mail that was cut."""
    imapd.bodies_left = whole
    first, errors = read(imapd, store, certificates.ca_file)
    assert first == titles(1, 2, 3)[:whole]
    assert len(errors) == 1
    assert store.sources.get("mail").failures == 1
    imapd.bodies_left, imapd.said[:] = 100, []
    assert read(imapd, store, certificates.ca_file, hours=1) == (titles(1, 2, 3)[whole:], [])
    assert sum("BODY.PEEK" in said for said in imapd.said) == 3 - whole


def test_a_mailbox_numbered_anew_gives_no_paper_twice(
    imapd: Imapd, store: SqlStore, certificates: Certificates
) -> None:
    """After a new UIDVALIDITY all mails are read again: the papers in them are known, and the new one is found."""
    read(imapd, store, certificates.ca_file)
    imapd.validity += 1
    imapd.mails = {1: mailing(1, "base64"), 2: mailing(4, "base64"), 3: mailing(2, "7bit")}
    assert read(imapd, store, certificates.ca_file, hours=1) == (titles(4), [])


def test_a_server_that_speaks_no_tls_is_an_error(store: SqlStore) -> None:
    """A plain server where TLS is expected is told as such, and hears no password."""
    with running_imapd() as plain:
        found, errors = read(plain, store, None)
    assert (found, plain.said) == ([], [])
    assert "the mailbox cannot be read" in errors[0]
