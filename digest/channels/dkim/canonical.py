"""The one shape of a message in which signer and verifier look at it: relaxed/relaxed (RFC 6376, 3.4.2 and 3.4.4).

Everything here takes bytes whose line ends are CRLF already. All work on bodies is done by ``bytes`` methods: a body
of 70 KB takes some tens of microseconds, where a regular expression takes a millisecond.
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
    """Return ``bh=``: the base64 SHA-256 of the relaxed body."""
    return base64.b64encode(hashlib.sha256(relaxed_body(body)).digest()).decode()


def relaxed_body(body: bytes) -> bytes:
    """Return a body without what may change on its way: runs of white space, white space and empty lines at ends."""
    if b"\t" in body:
        body = body.replace(b"\t", b" ")
    while b"  " in body:
        body = body.replace(b"  ", b" ")
    body = body.replace(b" \r\n", b"\r\n").removesuffix(b" ").rstrip(b"\r\n")
    return body + b"\r\n" if body else b""


def relaxed_header(field: bytes) -> bytes:
    """Return a header field, name in lower case, unfolded, white space folded, without its line end."""
    name, _, value = field.partition(b":")
    return name.strip(b" \t").lower() + b":" + _WSP.sub(b" ", _FOLD.sub(b"", value)).strip(b" \t")
