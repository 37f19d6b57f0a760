"""What arrives behind a real Postfix is what was signed: queued, logged, stamped and handed on by LMTP to a maildir."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from email import message_from_bytes, policy
from functools import cache
from pathlib import Path

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from digest.channels import Server, SmtpChannel
from digest.channels.dkim import DkimKey, Signer
from digest.channels.dkim.keys import Ed25519Key, RsaKey
from digest.links import LinkMaker
from digest.model import Digest, Message
from digest.render import Citations, TemplateRenderer
from digest.render.specimens import SPECIMENS
from digest.sources.mail.lmtp import MaildirReceiver
from tests.certificates import Certificates, made
from tests.postfix import Postfix, running
from tests.postgres import free_port
from tests.unit.render.conftest import LETTERHEAD, TEMPLATES, digest, item, paper, section

LINKS = LinkMaker(b"k" * 32, base_url="https://digest.example", mail_domain="digest.example")
HOSTILE = digest(
    section(
        1,
        ".\r\n..",
        item(paper(1, title=".begins with a dot " + "x" * 3_000, abstract=".\r\n.\r\n..a\r\nFrom the start\n" * 40)),
        item(
            paper(2, title="深" * 900, abstract="trailing blanks   \t \r\n\r\n\r\n", authors=("\0\u202e", "Ünï Cödé"))
        ),
        name="=?utf-8?q?a=0D=0ABcc:_x@y?=",
    )
)
DIGESTS = (*SPECIMENS, HOSTILE)


@cache
def rsa() -> DkimKey:
    return RsaKey("old", generate_private_key(65537, 2048))


@cache
def ed25519() -> DkimKey:
    return Ed25519Key("new", Ed25519PrivateKey.generate())


@dataclass(frozen=True)
class House:
    """A Postfix that hands what it takes to a maildir."""

    postfix: Postfix
    maildir: Path
    certificates: Certificates

    def arrived(self, messages: Sequence[Message], keys: Sequence[DkimKey], security: str) -> dict[str, bytes]:
        """Send messages, and return what lies in the maildir by Message-ID."""
        server = Server(
            host="127.0.0.1",
            port=self.postfix.port,
            security="starttls" if security == "starttls" else "none",
            ca_file=self.certificates.ca_file,
            timeout=20,
        )
        before = set((self.maildir / "new").iterdir())
        channel = SmtpChannel(server, sign=Signer("digest.example", keys))
        for message in messages:
            assert channel.send(message, handing=lambda: None).startswith("250")
        channel.close()
        self.postfix.wait_until_gone(len(before) + len(messages))
        found = [path.read_bytes() for path in set((self.maildir / "new").iterdir()) - before]
        return {message_from_bytes(raw, policy=policy.default)["Message-ID"]: raw for raw in found}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Run a Postfix with TLS, and behind it the LMTP server of a maildir."""
    folder, port = tmp_path_factory.mktemp("house"), free_port()
    certificates = made(folder)
    pem = folder / "server.pem"
    tls = f"smtpd_tls_security_level = may\nsmtpd_tls_cert_file = {pem}\nsmtpd_tls_key_file = {pem}"
    with (
        running(more=tls, transport=f"lmtp:inet:127.0.0.1:{port}") as postfix,
        MaildirReceiver(f"127.0.0.1:{port}", folder / "box", name="arrived"),
    ):
        yield House(postfix, folder / "box", certificates)


def rendered(of: Digest, slot: str, attach: Citations | None) -> Message:
    """Return the mail of a digest under a slot of its own."""
    return TemplateRenderer([TEMPLATES], LINKS, replace(LETTERHEAD, attach=attach)).message(replace(of, slot=slot))


def published(name: bytes, timeout: int = 5) -> bytes:
    """Return what the DNS would."""
    return next((key.record().encode() for key in (rsa(), ed25519()) if name.startswith(key.selector.encode())), b"")


@pytest.mark.parametrize("attach", [None, Citations.BIBTEX], ids=["plain", "attached"])
@pytest.mark.parametrize("security", ["none", "starttls"])
@pytest.mark.parametrize("keys", [(rsa,), (ed25519,), (ed25519, rsa)], ids=["rsa", "ed25519", "both"])
def test_signatures_hold_behind_a_real_postfix(
    keys: tuple[object, ...], security: str, attach: Citations | None, house: House
) -> None:
    """Each signature of each mail verifies, covers both unsubscribe headers, and breaks when one is taken away."""
    signing = [key() for key in keys]  # type: ignore[operator]
    name = f"{len(keys)}-{signing[0].selector}-{security}-{attach}"
    messages = [rendered(of, f"{name}-{number}", attach) for number, of in enumerate(DIGESTS)]
    found = house.arrived(messages, signing, security)
    assert len(found) == len(messages)
    for message in messages:
        raw = found[message.message_id]
        assert raw.endswith(message.raw), "not a byte was changed on the way"
        for number in range(len(signing)):
            judge = dkim.DKIM(raw)
            assert judge.verify(idx=number, dnsfunc=published)
            covered = {name.lower() for name, _ in judge.signed_headers}
            assert {b"list-unsubscribe", b"list-unsubscribe-post", b"from", b"subject"} <= covered
            for header in (b"List-Unsubscribe:", b"List-Unsubscribe-Post:"):
                bare = raw.replace(b"\r\n" + header, b"\r\nX-" + header)
                assert not dkim.DKIM(bare).verify(idx=number, dnsfunc=published)


def test_a_signature_by_another_key_than_the_published_one_does_not_hold(house: House) -> None:
    """The test above can fail."""
    other = Ed25519Key("new", Ed25519PrivateKey.generate())
    message = rendered(SPECIMENS[0], "another-key", None)
    (raw,) = house.arrived([message], [other], "none").values()
    assert not dkim.DKIM(raw).verify(dnsfunc=published)
