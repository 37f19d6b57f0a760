"""The one shape of a message in which signer and verifier look at it: relaxed/simple (RFC 6376, 3.4.2 and 3.4.3).

Headers may be folded anew on their way; a body in quoted-printable or base64 has no white space that anybody could
change, so it is taken as it is, which costs a body of 70 KB some tens of microseconds and not half a millisecond.
Everything here takes bytes whose line ends are CRLF already.
"""

from __future__ import annotations

import base64
import hashlib
import re

_WSP = re.compile(rb"[ \t]+")
_FOLD = re.compile(rb"\r\n(?=[ \t])")
_LINE = re.compile(rb"\r\n(?![ \t])")


def split(raw: bytes) -> tuple[list[bytes], bytes]:
    """Return the header fields of a message, each with its folding but without its last line end, and the body."""
    head, _, body = raw.partition(b"\r\n\r\n")
    return _LINE.split(head), body


def body_hash(body: bytes) -> str:
    """Return ``bh=``: the base64 SHA-256 of the body; empty lines at its end do not count."""
    stripped = body.rstrip(b"\r\n")
    return base64.b64encode(hashlib.sha256(stripped + b"\r\n").digest()).decode()


def relaxed_header(field: bytes) -> bytes:
    """Return a header field, name in lower case, unfolded, white space folded, without its line end."""
    name, _, value = field.partition(b":")
    return name.strip(b" \t").lower() + b":" + _one_line(value)


def _one_line(value: bytes) -> bytes:
    if b"\v" in value or b"\f" in value:  # white space to Python, and not to RFC 6376
        return _WSP.sub(b" ", _FOLD.sub(b"", value)).strip(b" \t")
    return b" ".join(value.split())
