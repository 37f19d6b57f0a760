"""Quoted-printable (RFC 2045, 6.7), line by line, equal to what ``email`` makes of the whole.

It is made in two steps, so that a line can be put together from parts that are encoded already: ``escaped`` goes
letter by letter, ``soft`` breaks the finished line.
"""

from __future__ import annotations

LINE_LENGTH = 76
"""The limit of RFC 2045."""

_ROOM = LINE_LENGTH - 1
"""What a soft line end leaves."""
_TABLE = [chr(n) if chr(n) == "\t" or (32 <= n <= 126 and chr(n) != "=") else f"={n:02X}" for n in range(256)]


def escaped(text: str) -> str:
    """Return text without line ends, its letters in quoted-printable, no line end put in yet."""
    if text.isascii() and text.isprintable():  # of these letters only one does not stand for itself
        return text.replace("=", "=3D")
    return text.encode().decode("latin-1").translate(_TABLE)


def soft(line: str) -> str:
    """Return an escaped line with the soft line ends it needs, where ``email`` puts them."""
    size = len(line)
    if size <= LINE_LENGTH and line[-1:] not in {" ", "\t"}:
        return line
    parts: list[str] = []
    at = 0
    while size - at > LINE_LENGTH:
        end = at + _ROOM
        if "=" in line[end - 2 : end]:  # no escape is taken apart
            end -= 2 if line[end - 2] == "=" else 1
        parts.append(line[at:end])
        at = end
    parts.append(_ended(line[at:]))
    return "=\r\n".join(parts)


def _ended(line: str) -> str:
    """Return the last stretch of a line; a blank at its end would not arrive (RFC 2045, 6.7, rule 3)."""
    last = line[-1:]
    if last not in {" ", "\t"}:
        return line
    room = LINE_LENGTH - len(line)
    if room >= 2:
        return f"{line[:-1]}={ord(last):02X}"
    return f"{line}=\r\n" if room == 1 else f"{line[:-1]}=\r\n={ord(last):02X}"


def quoted(line: str) -> str:
    """Return one line (without its end) in quoted-printable; soft line ends are CRLF."""
    return soft(escaped(line))


def quoted_lines(text: str) -> str:
    """Return lines (the last one without its end) in quoted-printable, each with CRLF."""
    return "".join([f"{quoted(line)}\r\n" for line in text.split("\n")])
