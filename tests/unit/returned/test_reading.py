"""What mail that came back says."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.model import ReturnKind
from digest.returned.reading import read
from tests.unit.returned.mails import (
    EXIM,
    TOKEN,
    complaint,
    complaint_quoting,
    global_notification,
    notification,
    plain,
)


@pytest.mark.parametrize(
    ("status", "diagnostic", "kind"),
    [
        ("5.1.1", "550 5.1.1 <ada@example.org>: Recipient address rejected: User unknown", ReturnKind.GONE),
        ("5.1.10", "550 recipient does not exist", ReturnKind.GONE),
        ("5.2.1", "550 5.2.1 the account is disabled", ReturnKind.GONE),
        ("5.0.0", "550 5.1.1 no such user", ReturnKind.GONE),
        ("5.2.2", "552 5.2.2 mailbox full", ReturnKind.FULL),
        ("4.2.2", "452 4.2.2 over quota", ReturnKind.FULL),
        ("5.0.0", "552 Quota violation", ReturnKind.FULL),
        ("5.0.0", "550 refused", ReturnKind.UNCLEAR),
        ("5.4.4", "Host or domain name not found", ReturnKind.UNCLEAR),
        ("5.3.0", "553 5.3.0 ... Addressee unknown", ReturnKind.UNCLEAR),
        ("5.7.1", "550 5.7.1 likely unsolicited mail", ReturnKind.ELSEWHERE),
        ("5.7.26", "550 5.7.26 unauthenticated: user unknown to us", ReturnKind.ELSEWHERE),
        ("5.0.0", "554 rejected due to content", ReturnKind.ELSEWHERE),
        ("4.4.7", "delivery time expired", ReturnKind.ELSEWHERE),
        ("5.6.0", "550 the message cannot be converted", ReturnKind.ELSEWHERE),
    ],
)
def test_a_notification_is_read_by_its_codes(status: str, diagnostic: str, kind: ReturnKind) -> None:
    """RFC 3463: the mailbox is gone, full, or it is not the address's fault; the server's own code is preferred."""
    said = read(notification(status, diagnostic))
    assert said.kind is kind
    assert (said.purpose, said.token) == ("bounce", TOKEN)
    assert said.reason == diagnostic


@pytest.mark.parametrize("encoding", ["8bit", "base64", "quoted-printable"])
def test_a_notification_of_an_address_in_utf_8_is_a_bounce(encoding: str) -> None:
    """RFC 6533 gives it a type of its own, and lets it be encoded; that a machine wrote it goes without saying."""
    said = read(global_notification(encoding))
    assert (said.kind, said.status, said.token) == (ReturnKind.GONE, "5.1.1", TOKEN)
    assert said.reason == "550 5.1.1 no such user"


@pytest.mark.parametrize(
    "mail",
    [
        global_notification(status="what is this?"),
        plain("Nix da.", headers="Auto-Submitted: auto-replied\n", by="Postmaster@x"),
    ],
)
def test_a_mail_host_that_is_not_understood_is_no_holiday(mail: bytes) -> None:
    """Somebody must have a look, as it may be a bounce."""
    assert read(mail).kind is ReturnKind.UNKNOWN


QUOTED = (
    f"To: redacted@isp.example\nList-Unsubscribe: <mailto:unsubscribe+{TOKEN}@d.example>\n\nSeven papers.\n".encode()
)
BROKEN = (
    b"Subject: x\nContent-Type: text/plain\nContent-Transfer-Encoding: quoted-printable\n\n"
    b"To leave: unsubscribe=2B" + TOKEN[:9].encode() + b"=\n" + TOKEN[9:].encode() + b"@d.example\n"
)


@pytest.mark.parametrize("encoding", ["7bit", "base64", "quoted-printable"])
@pytest.mark.parametrize("kind", ["message/rfc822", "text/rfc822-headers", "application/octet-stream", "text/plain"])
@pytest.mark.parametrize("quoted", [QUOTED, BROKEN], ids=["whole", "broken by a soft line break"])
def test_a_complaint_is_found_by_what_it_quotes_however_it_is_written(kind: str, encoding: str, quoted: bytes) -> None:
    """The token may be broken by a soft line break, the mail encoded, or both."""
    said = read(complaint_quoting(quoted, kind, encoding))
    assert (said.kind, said.purpose, said.token) == (ReturnKind.COMPLAINT, "unsubscribe", TOKEN)


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed", "expanded"])
def test_what_waits_or_arrived_is_nothing(action: str) -> None:
    """A warning after four hours is no bounce."""
    assert read(notification("4.4.1", "connection timed out", action=action)).kind is ReturnKind.NOTHING


def test_a_bounce_of_no_standard_is_recognised() -> None:
    """Three of four bounces are no RFC 3464."""
    said = read(EXIM)
    assert (said.kind, said.status) == (ReturnKind.GONE, "5.1.1")
    assert "no such user here" in said.reason


def test_a_mail_from_nobody_leaves_no_traceback(caplog: pytest.LogCaptureFixture) -> None:
    """One of flufl.bounce's heuristics stumbles over it; the log stays clean."""
    assert read(plain("Hello!", by="")).kind is ReturnKind.UNKNOWN
    assert not caplog.records


def test_a_complaint_is_found_by_what_it_quotes() -> None:
    """Mail hosts take the reader's address out; our token stands in the mail they quote."""
    said = read(complaint())
    assert (said.kind, said.purpose, said.token) == (ReturnKind.COMPLAINT, "unsubscribe", TOKEN)
    assert said.reason == "abuse, reported by SomeGenerator/1.0"
    assert read(complaint("not-spam")).kind is ReturnKind.NOTHING


def test_a_mail_to_the_address_for_leaving_is_a_request() -> None:
    """Whatever it says; but a machine that answers to it asks for nothing."""
    to = f"Unsubscribe+{TOKEN.upper()}@d.example"
    said = read(plain("", to=to))
    assert (said.kind, said.purpose, said.token) == (ReturnKind.LEFT, "unsubscribe", TOKEN)
    assert read(plain("On holiday", to=to, headers="Auto-Submitted: auto-replied\n")).kind is ReturnKind.NOTHING


def test_a_click_on_unsubscribe_is_a_request_though_a_program_wrote_the_mail() -> None:
    """RFC 3834 has a program say that it wrote something; nobody answers us automatically at this address."""
    said = read(plain("", to=f"unsubscribe+{TOKEN}@d.example", headers="Auto-Submitted: auto-generated\n"))
    assert said.kind is ReturnKind.LEFT


@pytest.mark.parametrize("to", ["digest@d.example", f"bounce+{TOKEN}@d.example"])
def test_a_mail_that_only_quotes_the_address_for_leaving_is_no_request(to: str) -> None:
    """Who praises a digest and quotes its foot, or forwards it, stays a reader; a human has a look."""
    said = read(plain(f"Great!\n> List-Unsubscribe: <mailto:unsubscribe+{TOKEN}@d.example>", to=to))
    assert (said.kind, said.token) == (ReturnKind.UNKNOWN, TOKEN)


def test_a_report_of_failed_signatures_is_no_complaint() -> None:
    """DMARC's failure reports (RFC 6591) have the form of complaints, and no reader had a part in them."""
    assert read(complaint("auth-failure")).kind is ReturnKind.NOTHING


def test_an_automatic_reply_to_the_bounce_address_is_nothing() -> None:
    """Somebody on holiday stays a reader."""
    said = read(plain("I am on holiday until Monday.", headers="Auto-Submitted: auto-replied (vacation)\n"))
    assert said.kind is ReturnKind.NOTHING
    assert read(plain("Dear digest, thank you!")).kind is ReturnKind.UNKNOWN


ENCODED = complaint_quoting(BROKEN, "message/rfc822", "base64")


def test_a_header_that_is_none_stops_nobody() -> None:
    """``email`` reads it and cannot write it."""
    assert read(complaint().replace(b"User-Agent: SomeGenerator/1.0", b"User-Agent:\x0b")).kind is ReturnKind.COMPLAINT


@settings(deadline=None, max_examples=150)
@given(st.binary(max_size=2_000), st.integers(0, 700), st.integers(0, 60))
def test_no_mail_stops_it(noise: bytes, at: int, cut: int) -> None:
    """Random bytes, and bounces with random bytes in the middle, are read or left to a human."""
    read(noise)
    for mail in (notification("5.1.1", "gone"), complaint(), EXIM, global_notification("base64"), ENCODED):
        said = read(mail[:at] + noise + mail[at + cut :])
        assert "\n" not in said.reason
