"""DKIM signatures, judged by another implementation: dkimpy reads the published record and verifies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as generate_ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.channels.dkim import DkimKey, Signer, load
from digest.channels.dkim.keys import Ed25519Key, RsaKey, quoted
from digest.channels.dkim.signing import SIGNED
from digest.channels.wire import crlf
from digest.errors import ConfigError

MESSAGE = (
    b"Subject: =?utf-8?q?Neue_Arbeiten=3A?= 20\r\n  of them\r\n"
    b"Date: Fri, 20 Nov 2026 07:00:00 +0000\r\nMessage-ID: <1@digest.example>\r\n"
    b"To: ada@example.org\r\nFrom: Paper digest <digest@digest.example>\r\n"
    b"List-Id: Paper digest <digest.digest.example>\r\n"
    b"List-Unsubscribe: <https://digest.example/unsubscribe/1>, <mailto:unsubscribe@digest.example>\r\n"
    b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
    b"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    b".a dot\r\nwords   and\ttabs \t\r\n\r\n\r\n"
)


@cache
def rsa() -> RsaKey:
    return RsaKey("old", generate_private_key(65537, 2048))


@cache
def ed25519() -> Ed25519Key:
    return Ed25519Key("new", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))


def dns(*keys: DkimKey) -> Callable[..., bytes]:
    """Return what dkimpy asks for TXT records: only those of these keys are published."""
    published = {f"{key.selector}._domainkey.digest.example.": key.record().encode() for key in keys}

    def answer(name: bytes, timeout: int = 5) -> bytes:
        return published.get(name.decode(), b"")

    return answer


def verdicts(signed: bytes, keys: Sequence[DkimKey]) -> list[bool]:
    """Return what dkimpy says of each signature, the topmost first."""
    try:
        return [dkim.DKIM(signed).verify(idx=at, dnsfunc=dns(*keys)) for at in range(len(keys))]
    except dkim.DKIMException:
        return [False] * len(keys)


@pytest.mark.parametrize("key", [rsa, ed25519])
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\r\n\r\n\r\n",
        b"no line end",
        b"lone\nline\nfeeds\n",
        b"lone\rcarriage\rreturns\r",
        b"mixed\r\n\n\r\r\n \n",
        b"x" * 5000 + b"\r\n",
        b"  \t leading and trailing \t \r\n \t\r\n",
        b".\r\n..\r\n.dots\r\n",
    ],
    ids=lambda body: repr(body[:12]),
)
def test_another_implementation_verifies_what_was_signed(key: Callable[[], DkimKey], body: bytes) -> None:
    """Both algorithms, whatever the body is like: lone CR and LF, blank lines at the end, long lines, dots."""
    head = MESSAGE.partition(b"\r\n\r\n")[0]
    assert verdicts(Signer("digest.example", [key()])(crlf(head + b"\r\n\r\n" + body)), [key()]) == [True]


@given(body=st.lists(st.sampled_from([b" ", b"\t", b"\r\n", b"\r", b"\n", b"a", b".", b"\xc3\xa9"]), max_size=30))
@settings(deadline=None, max_examples=100)
def test_every_body_verifies(body: list[bytes]) -> None:
    """A law: white space and line ends in any order never break a signature."""
    head = MESSAGE.partition(b"\r\n\r\n")[0]
    assert verdicts(Signer("digest.example", [ed25519()])(crlf(head + b"\r\n\r\n" + b"".join(body))), [ed25519()]) == [
        True
    ]


def test_two_keys_are_two_signatures_that_both_hold() -> None:
    """A host that does not know Ed25519 yet finds RSA; both are over the same message."""
    keys = (ed25519(), rsa())
    signed = Signer("digest.example", keys)(MESSAGE)
    assert verdicts(signed, keys) == [True, True]
    assert signed.endswith(MESSAGE)
    assert Signer("digest.example", keys)(MESSAGE) == signed


@pytest.mark.parametrize("name", SIGNED)
def test_every_header_that_counts_is_covered(name: str) -> None:
    """Changing, removing or adding any of them breaks the signature; the unsubscribe headers included."""
    signed = Signer("digest.example", [ed25519()])(MESSAGE)
    changed = signed.replace(f"\r\n{name}: ".encode(), f"\r\n{name}: x".encode())
    added = signed.replace(b"\r\nMIME-Version:", f"\r\n{name}: evil@example.com\r\nMIME-Version:".encode(), 1)
    is_there = f"\r\n{name}: ".encode() in MESSAGE or MESSAGE.startswith(f"{name}: ".encode())
    assert verdicts(changed, [ed25519()]) == [changed == signed]
    assert verdicts(signed.replace(b"words", b"swords"), [ed25519()]) == [False]
    if name == "From" or not is_there:
        assert verdicts(added, [ed25519()]) == [False]


def test_no_line_of_a_signature_is_long() -> None:
    """The header is folded, RSA's signature too."""
    signed = Signer("digest.example", [rsa(), ed25519()])(MESSAGE).removesuffix(MESSAGE)
    assert max(map(len, signed.split(b"\r\n"))) <= 100


def pem(key: object) -> bytes:
    made: bytes = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())  # type: ignore[attr-defined]
    return made


def test_keys_are_read_from_files_and_never_show_themselves(tmp_path: Path) -> None:
    """Loaded keys sign; neither text nor errors hold what is in the file."""
    (tmp_path / "rsa.pem").write_bytes(pem(rsa().key))
    (tmp_path / "ed.pem").write_bytes(pem(ed25519().key))
    keys = load({"old": tmp_path / "rsa.pem", "new": tmp_path / "ed.pem"})
    assert [key.algorithm for key in keys] == ["rsa-sha256", "ed25519-sha256"]
    assert [repr(key) for key in keys] == ["RsaKey('old')", "Ed25519Key('new')"]
    assert verdicts(Signer("digest.example", keys)(MESSAGE), keys) == [True, True]


@pytest.mark.parametrize("content", [None, b"secret words", "short", "curve"])
def test_a_key_that_cannot_be_used_is_named_without_its_content(content: bytes | str | None, tmp_path: Path) -> None:
    """The error says which selector and file, and how a key is made."""
    short, curve = generate_private_key(65537, 1024), generate_ec(SECP256R1())
    made = {"short": pem(short), "curve": pem(curve)}
    path = tmp_path / "dkim.pem"
    if content is not None:
        path.write_bytes(made[content] if isinstance(content, str) else content)
    with pytest.raises(ConfigError, match=r"\[dkim\] keys now: .*dkim.pem .*openssl") as caught:
        load({"now": path})
    assert "secret words" not in str(caught.value)
    assert "BEGIN" not in str(caught.value)


def test_the_record_fits_into_strings_of_dns() -> None:
    """An RSA key is longer than the 255 bytes a string of a TXT record may have, so it is cut."""
    parts = quoted(rsa().record()).strip('"').split('" "')
    assert "".join(parts) == rsa().record()
    assert [len(part) <= 255 for part in parts] == [True, True]
