"""Quoted-printable (RFC 2045, 6.7), line by line, equal to what ``email`` makes of the whole."""

from __future__ import annotations

import re
from email.quoprimime import body_encode

LINE_LENGTH = 76
"""The limit of RFC 2045."""

_needs_nothing = re.compile(r"(?:[\t -<>-~]{0,74}[!-<>-~])?").fullmatch
"""Up to 75 characters of printable ASCII without "=", the last one no blank."""


def quoted(line: str) -> str:
    """Return one line (without its end) in quoted-printable; soft line ends are CRLF."""
    if _needs_nothing(line):
        return line
    return body_encode(line.encode().decode("latin-1"), LINE_LENGTH, "\r\n")


def quoted_lines(text: str) -> str:
    """Return lines (the last one without its end) in quoted-printable, each with CRLF."""
    return "".join([f"{quoted(line)}\r\n" for line in text.split("\n")])
