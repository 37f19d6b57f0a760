"""The keys that sign, and what of them is published in the DNS. A private key never shows in a text or an error."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256, Hash
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from digest.errors import ConfigError

LEAST_RSA_BITS = 2048
"""RFC 8301, 3.2, asks signers for 2,048; large hosts take no less than 1,024."""
_DNS_STRING = 255
"""The longest string inside a TXT record (RFC 1035, 3.3)."""


class DkimKey(Protocol):
    """One private key under its selector."""

    @property
    def selector(self) -> str:
        """Return the name under which the public half stands in the DNS."""

    @property
    def algorithm(self) -> str:
        """Return ``a=``: how it signs."""

    def sign(self, text: bytes) -> bytes:
        """Return the signature of the canonical header."""

    def record(self) -> str:
        """Return the TXT record to publish."""


@dataclass(frozen=True, slots=True)
class RsaKey:
    """RSA-SHA256 (RFC 6376, 3.3.1): what every verifier knows."""

    selector: str
    key: RSAPrivateKey
    algorithm: str = "rsa-sha256"

    def __repr__(self) -> str:
        return f"RsaKey({self.selector!r})"

    def sign(self, text: bytes) -> bytes:
        """Return the signature: PKCS #1 v1.5 over SHA-256."""
        return self.key.sign(text, PKCS1v15(), SHA256())

    def record(self) -> str:
        """Return the TXT record: the public key as SubjectPublicKeyInfo."""
        public = self.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return f"v=DKIM1; k=rsa; p={base64.b64encode(public).decode()}"


@dataclass(frozen=True, slots=True)
class Ed25519Key:
    """Ed25519-SHA256 (RFC 8463): the SHA-256 of the header is what gets signed, and the raw key is published."""

    selector: str
    key: Ed25519PrivateKey
    algorithm: str = "ed25519-sha256"

    def __repr__(self) -> str:
        return f"Ed25519Key({self.selector!r})"

    def sign(self, text: bytes) -> bytes:
        """Return the signature of the text's SHA-256."""
        digest = Hash(SHA256())
        digest.update(text)
        return self.key.sign(digest.finalize())

    def record(self) -> str:
        """Return the TXT record: the 32 bytes of the public key."""
        public = self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return f"v=DKIM1; k=ed25519; p={base64.b64encode(public).decode()}"


def load(files: Mapping[str, Path]) -> tuple[DkimKey, ...]:
    """Return the keys in PEM files, by selector; raises ``ConfigError`` where one cannot be used."""
    return tuple(_load(selector, path) for selector, path in files.items())


def quoted(record: str) -> str:
    """Return a TXT record as a zone file takes it: strings of at most 255 bytes."""
    return " ".join(f'"{part}"' for part in re.findall(f".{{1,{_DNS_STRING}}}", record))


def _load(selector: str, path: Path) -> DkimKey:
    place = f"[dkim] keys {selector}"
    hint = "openssl genpkey -algorithm ed25519 (or rsa -pkeyopt rsa_keygen_bits:2048) -out FILE makes one"
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}", place=place, hint=hint) from error
    except (ValueError, TypeError, UnsupportedAlgorithm):
        # from None: the reader's own words might quote the file
        raise ConfigError(f"{path} holds no unencrypted private key in PEM", place=place, hint=hint) from None
    if isinstance(key, Ed25519PrivateKey):
        return Ed25519Key(selector, key)
    if isinstance(key, RSAPrivateKey) and key.key_size >= LEAST_RSA_BITS:
        return RsaKey(selector, key)
    wanted = f"must be an Ed25519 key, or an RSA key of at least {LEAST_RSA_BITS} bits"
    raise ConfigError(f"{path} {wanted}", place=place, hint=hint)
