"""Bytes to lines of text, whatever wrote them, never more than one line of bounded length at a time."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator
from typing import NamedTuple

from digest.errors import ListingError
from digest.model import Document

LONGEST_LINE = 1 << 20
"""Characters, or a chunk more. The longest abstract on arXiv has under 6,000; a line beyond a million is no text."""

_CHUNK = 1 << 16
HEAD = 1 << 16
"""Bytes at the start of a document by which its format is told."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MAGIC = {
    b"%PDF-": "a PDF",
    b"PK\x03\x04": "a zip archive or office document",
    b"\x1f\x8b": "gzip data: unpack it first",
    b"BZh": "bzip2 data: unpack it first",
    b"\xfd7zXZ": "xz data: unpack it first",
    b"\x28\xb5\x2f\xfd": "zstd data: unpack it first",
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF8": "a GIF image",
    b"\x7fELF": "a program",
    b"SQLite format 3": "an SQLite database",
}


_BARE = (
    (re.compile(rb"(?:[\t\n\r -~]\0\0\0){2}"), "utf-32-le"),
    (re.compile(rb"(?:\0\0\0[\t\n\r -~]){2}"), "utf-32-be"),
    (re.compile(rb"(?:[\t\n\r -~]\0){4}"), "utf-16-le"),
    (re.compile(rb"(?:\0[\t\n\r -~]){4}"), "utf-16-be"),
)
"""What ASCII looks like in wide encodings without a byte order mark (RFC 4627, section 3; XML 1.0, appendix F)."""
_BLANKS = re.compile(r"[ \t\xa0]+")


class Line(NamedTuple):
    """A line with its number, counted from 1, without its line end; ``text`` is "" where it was too long to be read."""

    number: int
    text: str
    too_long: bool = False


class Stretch(NamedTuple):
    """Whole lines of a text, with the number of the first; ``too_long``: one line, "" as it was too long to be read."""

    number: int
    text: str
    too_long: bool = False


def encoding_of(document: Document) -> str:
    """Return the encoding of a text document: its byte order mark, else what its first bytes show, else Windows-1252.

    Raises ``ListingError`` for an empty or a binary document.
    """
    body = document.body
    if not body[:HEAD].removeprefix(codecs.BOM_UTF8).strip() and not body.removeprefix(codecs.BOM_UTF8).strip():
        raise ListingError("the document is empty", place=document.name, hint="save or download it again")
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return encoding
    for start, encoding in _BARE:
        if start.match(body):
            return encoding
    _refuse_binary(document)
    return "utf-8" if _is_utf8(body[:HEAD]) else "cp1252"


def head(document: Document) -> str:
    """Return the start of the document as text, its line ends and blanks of one kind.

    Raises ``ListingError`` for an empty or a binary document.
    """
    start = document.body[:HEAD].decode(encoding_of(document), "replace")
    return _BLANKS.sub(" ", start.replace("\r\n", "\n").replace("\r", "\n"))


def text(document: Document) -> str:
    """Return the whole document as text; undecodable bytes become U+FFFD."""
    return document.body.decode(encoding_of(document), "replace")


def stretches(document: Document) -> Iterator[Stretch]:
    """Yield the text in stretches of whole lines, whatever ends them; undecodable bytes become U+FFFD."""
    stream = io.TextIOWrapper(io.BytesIO(document.body), encoding_of(document), "replace", newline=None)
    number, rest, skipping = 1, "", False
    while chunk := stream.read(_CHUNK):
        if skipping:
            _, ended, chunk = chunk.partition("\n")
            if not ended:
                continue
            yield Stretch(number, "", too_long=True)
            number, skipping = number + 1, False
        whole, ended, rest = (rest + chunk).rpartition("\n")
        if ended:
            yield Stretch(number, whole)
            number += whole.count("\n") + 1
        skipping = len(rest) > LONGEST_LINE
        rest = "" if skipping else rest
    if rest or skipping:
        yield Stretch(number, rest, too_long=skipping)


def lines(document: Document) -> Iterator[Line]:
    """Yield the lines one by one, as ``stretches`` has them."""
    for number, text, too_long in stretches(document):
        for offset, line in enumerate(text.split("\n")):
            yield Line(number + offset, line, too_long)


def _is_utf8(start: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(start)
    except UnicodeDecodeError:
        return False
    return True


def _refuse_binary(document: Document) -> None:
    start = document.body[:HEAD]
    kind = next((name for magic, name in _MAGIC.items() if start.startswith(magic)), "")
    controls = sum(start.count(bytes((code,))) for code in (*range(9), *range(14, 27), 28, 29, 30, 31))
    if kind or b"\0" in start or controls * 50 > len(start):
        raise ListingError(
            f"this is no text but {kind or 'binary data'}",
            place=document.name,
            hint="hand over saved text, HTML, JSON, a mailing or a feed",
        )
