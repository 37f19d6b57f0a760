"""Quoted-printable (RFC 2045, 6.7), line by line, equal to what ``email`` makes of the whole."""

from __future__ import annotations

import re
from binascii import b2a_qp
from email.quoprimime import body_encode

LINE_LENGTH = 76
"""The limit of RFC 2045."""

_SURELY_SHORT = 74
"""Where the quick encoder and ``email`` agree: below the place of any soft line end; only ``email`` leaves "." be."""
_needs_nothing = re.compile(r"(?:[\t -<>-~]{0,74}[!-<>-~])?").fullmatch
"""Up to 75 characters of printable ASCII without "=", the last one no blank."""


def quoted(line: str) -> str:
    """Return one line (without its end) in quoted-printable; soft line ends are CRLF."""
    if _needs_nothing(line):
        return line
    if len(line) <= _SURELY_SHORT and not line.startswith("."):
        short = b2a_qp(line.encode(), istext=False)
        if len(short) <= _SURELY_SHORT and b"\n" not in short:
            return short.decode("ascii")
    return body_encode(line.encode().decode("latin-1"), LINE_LENGTH, "\r\n")


def quoted_lines(text: str) -> str:
    """Return lines (the last one without its end) in quoted-printable, each with CRLF."""
    return "".join([f"{quoted(line)}\r\n" for line in text.split("\n")])
