"""Who is trusted with a message and a password: TLS, log-in and LMTP, against real servers on loopback."""

from __future__ import annotations

import sys
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import dkim
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from digest.channels import Server, SmtpChannel
from digest.channels.dkim import Signer
from digest.channels.dkim.keys import Ed25519Key
from digest.channels.login import token
from digest.errors import AddressRefused, RelayDown
from digest.model import Message
from digest.sources.mail.lmtp import MaildirReceiver
from tests.certificates import Certificates, made
from tests.integration.smtp_server import scripted
from tests.postgres import free_port

RAW = b"From: papers@digest.example\r\nTo: ada@example.org\r\nSubject: 7 papers\r\n\r\n.a dot\r\nbare\nfeed\r\n"
MESSAGE = Message(message_id="<1@d>", sender="b@digest.example", recipient="ada@example.org", subject="", raw=RAW)


class Taken:
    """What a server got: logins and bodies."""

    def __init__(self) -> None:
        self.logins: list[tuple[str, Any]] = []
        self.bodies: list[bytes] = []
        self.was_secure: list[bool] = []

    def authenticate(self, server: Any, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        """Let in who knows the password."""
        self.logins.append((mechanism, data))
        good = getattr(data, "password", b"") == b"secret" or data == b"good token"
        return AuthResult(success=good, handled=False)

    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:  # noqa: N802 - aiosmtpd's name
        """Let in who has the token."""
        said = await server.challenge_auth(b"", encode_to_b64=False) if len(args) == 1 else None
        text = b64decode(args[1]) if said is None else bytes(said)  # type: ignore[arg-type]
        self.logins.append(("XOAUTH2", text))
        return AuthResult(success=text == b"user=ada\x01auth=Bearer good\x01\x01", handled=False)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take a body."""
        self.was_secure.append(session.ssl is not None)
        self.bodies.append(bytes(envelope.original_content or b""))
        return "250 2.0.0 kept"


@contextmanager
def running(taken: Taken, **how: Any) -> Iterator[int]:
    """Run a mail server on a free port."""
    controller = Controller(taken, hostname="127.0.0.1", port=free_port(), **how)
    controller.start()
    yield controller.port
    controller.stop()


@pytest.fixture
def certificates(tmp_path: Path) -> Certificates:
    """Return an authority and a server's certificate by it."""
    return made(tmp_path)


def server(port: int, **how: Any) -> Server:
    return Server(host="127.0.0.1", port=port, timeout=5, **how)


def sent(to: Server, sign: Callable[[bytes], bytes] = bytes) -> str:
    """Send the message, and return the answer."""
    channel = SmtpChannel(to, sign=sign)
    try:
        return channel.send(MESSAGE, handing=lambda: None)
    finally:
        channel.close()


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_server_with_a_trusted_certificate_gets_the_mail_by_tls(security: Any, certificates: Certificates) -> None:
    """Either way; the password goes through TLS too."""
    taken = Taken()
    by = {"tls_context": certificates.context} if security == "starttls" else {"ssl_context": certificates.context}
    how = {"authenticator": taken.authenticate, "auth_require_tls": security == "starttls"}
    with running(taken, **by, **how) as port:
        to = server(port, security=security, ca_file=certificates.ca_file, username="ada", password="secret")
        assert sent(to).startswith("250")
        with pytest.raises(RelayDown, match="535"):
            sent(replace(to, password="wrong"))
    assert taken.was_secure == [security == "starttls"], "aiosmtpd knows of a session only that it became TLS"
    assert len(taken.bodies) == 1
    assert len(taken.logins) >= 2


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_nobody_vouches_for_the_server(security: Any, certificates: Certificates) -> None:
    """Nothing is sent, no password either, and the error names the setting."""
    taken = Taken()
    by = {"tls_context": certificates.context} if security == "starttls" else {"ssl_context": certificates.context}
    with running(taken, **by) as port, pytest.raises(RelayDown, match=r"certificate is not trusted.*ca_file"):
        sent(server(port, security=security, username="ada", password="secret"))
    assert (taken.logins, taken.bodies) == ([], [])


def test_an_expired_certificate_and_one_of_another_name_are_refused(tmp_path: Path) -> None:
    """TLS without them would be a lock without a door."""
    for number, how in enumerate(({"valid": -timedelta(days=1)}, {"hosts": ("elsewhere.example",)})):
        (tmp_path / str(number)).mkdir()
        of = made(tmp_path / str(number), **how)  # type: ignore[arg-type]
        with running(Taken(), ssl_context=of.context) as port:
            host = "127.0.0.1" if number == 0 else "localhost"
            to = replace(server(port, security="tls", ca_file=of.ca_file), host=host)
            with pytest.raises(RelayDown, match="not trusted"):
                sent(to)


def test_without_starttls_nothing_is_sent_in_the_clear() -> None:
    """A server, or somebody on the way, that does not offer it gets neither password nor mail."""
    taken = Taken()
    with running(taken) as port, pytest.raises(RelayDown, match="STARTTLS"):
        sent(server(port, security="starttls", username="ada", password="secret"))
    assert (taken.logins, taken.bodies) == ([], [])


def test_what_is_said_before_tls_begins_is_forgotten(certificates: Certificates) -> None:
    """Somebody on the way adds answers to the last one in the clear: none of them is taken for the server's."""
    injected = "220 go on\r\n250-elsewhere\r\n250 AUTH XOAUTH2\r\n535 no"
    with scripted(certificates.context, STARTTLS=injected) as other:
        how = {"ca_file": certificates.ca_file, "username": "ada", "password": "secret"}
        assert sent(server(other.port, security="starttls", **how)) == "250 taken"
    assert other.seen[:4] == ["EHLO", "STARTTLS", "EHLO", "AUTH"]


def test_a_password_never_leaves_this_machine_unencrypted() -> None:
    """Loopback is this machine; any other server must speak TLS."""
    elsewhere = Server(host="mail.example.org", port=25, username="ada", password="secret")
    with pytest.raises(RelayDown, match=r"no connection that others can read.*starttls"):
        elsewhere.connect()
    assert "secret" not in repr(elsewhere)


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
def test_it_logs_in_by_what_the_server_offers(mechanism: str) -> None:
    """PLAIN and LOGIN."""
    taken = Taken()
    others = [name for name in ("PLAIN", "LOGIN") if name != mechanism]
    how = {"auth_require_tls": False, "auth_exclude_mechanism": others}
    with running(taken, authenticator=taken.authenticate, **how) as port:
        assert sent(server(port, username="ada", password="secret")).startswith("250")
    assert [login[0] for login in taken.logins] == [mechanism]


@pytest.mark.parametrize(("username", "password"), [("ada", "s\u00e9cret"), ("ad\u00e4", "secret")])
def test_a_password_that_cannot_be_written_is_said(username: str, password: str) -> None:
    """The log-in of mail servers is ASCII here: mail waits, and the error names the way out but not the password."""
    taken = Taken()
    how = {"authenticator": taken.authenticate, "auth_require_tls": False}
    with running(taken, **how) as port, pytest.raises(RelayDown, match="ASCII") as refused:
        sent(server(port, username=username, password=password))
    assert password not in str(refused.value)
    assert taken.bodies == []


def test_a_challenge_that_is_none_is_the_relays_fault() -> None:
    """What a broken server says instead of one ends in a line, too."""
    with scripted(EHLO="250-here\r\n250 AUTH LOGIN", AUTH="334 a") as other, pytest.raises(RelayDown):
        sent(server(other.port, username="ada", password="secret"))


def test_a_token_takes_the_place_of_the_password() -> None:
    """XOAUTH2 with what a command prints; a token that is refused is the relay's matter, and shows nowhere."""
    taken = Taken()
    with running(taken, auth_require_tls=False) as port:
        to = server(port, username="ada", token_command=[sys.executable, "-c", "print('good')"])
        assert sent(to).startswith("250")
        with pytest.raises(RelayDown) as refused:
            sent(replace(to, token_command=[sys.executable, "-c", "print('stolen')"]))
    assert refused.value.code == 535
    assert "stolen" not in str(refused.value)


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("import sys; print('half a token'); sys.exit(3)", "exit code 3"),
        ("pass", "no token"),
        ("print('two'); print('lines')", "no token"),
        (r"import sys; sys.stdout.buffer.write(b'\xff\xfe')", "no token"),
    ],
)
def test_a_command_that_gives_no_token_is_named_without_its_words(script: str, words: str) -> None:
    """What it printed is never repeated."""
    with pytest.raises(RelayDown, match=words) as caught:
        token([sys.executable, "-c", script])
    assert "half a token" not in str(caught.value)
    with pytest.raises(RelayDown, match="cannot be run"):
        token(["/nowhere/at-all"])


@pytest.mark.parametrize("by_path", [True, False])
def test_lmtp_is_spoken_to_a_port_or_a_socket(by_path: bool, tmp_path: Path) -> None:
    """The mailbox's own server answers for its recipient after the dot."""
    port = free_port()
    address = str(tmp_path / "lmtp") if by_path else f"127.0.0.1:{port}"
    to = Server(host=address if by_path else "127.0.0.1", port=port, protocol="lmtp", timeout=5)
    with MaildirReceiver(address, tmp_path / "box", name="x"):
        assert sent(to) == "250 2.0.0 kept"
    (kept,) = (tmp_path / "box" / "new").iterdir()
    assert kept.read_bytes().endswith(b"\r\n\r\n.a dot\r\nbare\r\nfeed\r\n")


def test_lmtp_that_is_to_be_private_is_never_spoken_in_the_clear(certificates: Certificates) -> None:
    """Implicit TLS by LMTP as by SMTP; a server that speaks none gets no password and no mail."""
    taken = Taken()

    class Mailboxes(Controller):
        def factory(self) -> LMTP:
            return LMTP(self.handler, authenticator=taken.authenticate, auth_require_tls=False)

    how = {"protocol": "lmtp", "security": "tls", "ca_file": certificates.ca_file, "username": "ada"}
    with scripted(EHLO="250-here\r\n250 AUTH PLAIN") as other, pytest.raises(RelayDown, match="cannot be used"):
        sent(server(other.port, password="secret", **how))
    controller = Mailboxes(taken, hostname="127.0.0.1", port=free_port(), ssl_context=certificates.context)
    controller.start()
    try:
        assert sent(server(controller.port, password="secret", **how)).startswith("250")
    finally:
        controller.stop()
    assert not {"AUTH", "MAIL"} & set(other.seen)
    assert (len(taken.logins), len(taken.bodies)) == (1, 1)


def test_a_mailbox_that_lmtp_refuses_is_the_address_s_fault(tmp_path: Path) -> None:
    """Said after the dot, where SMTP says it at RCPT."""

    class Refusing(Taken):
        async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
            return "550 5.1.1 no such mailbox"

    class Mailboxes(Controller):
        def factory(self) -> LMTP:
            return LMTP(self.handler)

    controller = Mailboxes(Refusing(), hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        with pytest.raises(AddressRefused) as refused:
            sent(Server(host="127.0.0.1", port=controller.port, protocol="lmtp", timeout=5))
    finally:
        controller.stop()
    assert refused.value.suppress


def test_what_arrives_is_what_was_signed() -> None:
    """Dots stuffed and line ends mended on the wire: the signature holds for what the server kept."""
    key = Ed25519Key("new", Ed25519PrivateKey.generate())
    taken = Taken()
    with running(taken) as port:
        sent(server(port), Signer("digest.example", [key]))
    (body,) = taken.bodies
    assert b"\r\n\r\n.a dot\r\nbare\r\nfeed\r\n" in body
    assert dkim.DKIM(body).verify(dnsfunc=lambda name, timeout=5: key.record().encode())
