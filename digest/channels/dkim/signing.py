"""The DKIM-Signature header: one for each key, all over the same fields and the same body.

There is no ``t=``: a message derives from its digest, so one that is sent a second time is signed to the same bytes.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from functools import lru_cache

from digest.channels.dkim.canonical import body_hash, relaxed_header, split
from digest.channels.dkim.keys import DkimKey

SIGNED = (
    "From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type", "Reply-To",
    "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post",
)  # fmt: skip
"""What a verifier is to trust (RFC 6376, 5.4.1; RFC 8058, 4, for the last two). A field of these that a message lacks
is signed as absent, so that nobody adds it on the way."""
OVERSIGNED = frozenset({"From"})
"""Signed once more than it occurs: a second From, which some mail programs would show, breaks the signature."""

_B_COLUMNS = 72


class Signer:
    """Signs messages for a domain with one or more keys; may be used by several threads."""

    def __init__(self, domain: str, keys: Sequence[DkimKey]) -> None:
        self._domain = domain
        self._keys = tuple(keys)

    def __call__(self, raw: bytes) -> bytes:
        """Return the message with its signatures on top; its line ends are CRLF, dots are stuffed later (``wire``)."""
        fields, body = split(raw)
        named, canonical = _chosen(fields)
        bh = body_hash(body)
        return b"".join([*(self._signature(key, named, canonical, bh) for key in self._keys), raw])

    def _signature(self, key: DkimKey, named: str, canonical: bytes, bh: str) -> bytes:
        unsigned = (
            f"DKIM-Signature: v=1; a={key.algorithm}; c=relaxed/simple;\r\n"
            f"\td={self._domain}; s={key.selector};\r\n"
            f"\th={named};\r\n"
            f"\tbh={bh};\r\n"
            "\tb="
        ).encode("ascii")
        signed = base64.b64encode(key.sign(canonical + relaxed_header(unsigned)))
        lines = [signed[at : at + _B_COLUMNS] for at in range(0, len(signed), _B_COLUMNS)]
        return unsigned + b"\r\n\t ".join(lines) + b"\r\n"


_NAMES = {spelled.encode(): name for name in SIGNED for spelled in (name, name.lower())}
"""The spellings that occur; others are looked up in lower case."""


def _chosen(fields: Iterable[bytes]) -> tuple[str, bytes]:
    """Return ``h=`` and the canonical fields it names; of equal names the last comes first (RFC 6376, 5.4.2)."""
    there: dict[str, list[bytes]] = {name: [] for name in SIGNED}
    for field in fields:
        spelled = field.partition(b":")[0]
        name = _NAMES.get(spelled) or _NAMES.get(spelled.strip(b" \t").lower())
        if name:
            there[name].append(relaxed_header(field) + b"\r\n")
    named = tuple(name for name, found in there.items() for _ in range(len(found) + (name in OVERSIGNED) or 1))
    return _folded(named), b"".join([field for found in there.values() for field in reversed(found)])


@lru_cache(maxsize=64)
def _folded(names: tuple[str, ...]) -> str:
    """Return the names of ``h=`` in lines of a few."""
    return ":\r\n\t ".join(":".join(names[at : at + 5]) for at in range(0, len(names), 5))
