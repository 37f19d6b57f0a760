"""Header lines whose values come from anybody: what is not plain is written in encoded words (RFC 2047), never read.

``email`` reads a value before it writes it, encoded words included: ``=?utf-8?q?=0D=0ABcc:?=`` as the name of a saved
query would become a header of its own. And told of long lines, it makes encoded words longer than the 75 characters
that a mail program has to read. So header lines are written here.
"""

from __future__ import annotations

import re
from base64 import b64encode
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import accumulate

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
"""C0 and C1 controls, and the line ends of Unicode."""
_TURN = re.compile(r"[\u202a-\u202e\u2066-\u2069]")
"""What turns the direction of writing until it is taken back: cut short, it would turn a whole list of mails."""
_is_plain = re.compile(r"[!-~](?:[ -~]*[!-~])?").fullmatch
_is_safe = re.compile(r"[A-Za-z0-9!*+/-]").fullmatch
"""What may stand for itself in an encoded word wherever it is (RFC 2047, 5, rule 3)."""

_LINE = 76
_WORD = 75
_AROUND = len("=?utf-8?q??=")
_LONGEST = 900
"""What is longer than this is cut into encoded words too: a line may have 998 bytes (RFC 5322, 2.1.1)."""


def clean(value: str) -> str:
    """Return a value in one line, without control characters."""
    return _TURN.sub("", _CONTROL.sub(" ", value))


def unstructured(name: str, value: str) -> str:
    """Return free text as the value of a header of this name: as it is, or in encoded words on lines of their own."""
    value = clean(value)
    if (_is_plain(value) and "=?" not in value and "  " not in value and len(value) < _LONGEST) or not value:
        return value
    return "\r\n ".join(_words(value, _LINE - len(name) - 2))


def lines(values: Mapping[str, str]) -> str:
    """Return header lines, as ``line`` makes each; they are looked at together where they are as they should be."""
    made = "".join([f"{name}: {value}\r\n" for name, value in values.items()])
    unfolded = made.replace("\r\n ", "")
    ends = {unfolded.count(end) for end in ("\r", "\n", "\r\n")}
    return made if made.isascii() and ends == {len(values)} else "".join([line(*one) for one in values.items()])


def line(name: str, value: str) -> str:
    """Return a header line; raises ``ValueError`` for what would be more than one, or could not be sent."""
    made = f"{name}: {value}\r\n"
    if not made.isascii() or "\n" in made[:-2].replace("\r\n ", "") or "\r" in made[:-2].replace("\r\n ", ""):
        raise ValueError(f"this is no value of the header {name}: {value!r}")
    return made


def _words(value: str, room: int) -> Iterator[str]:
    """Yield encoded words, the first of at most so many characters; in whichever of the two codes is shorter."""
    is_foreign = len(_bytes(value)) > 2 * len(value.encode("ascii", "ignore"))
    lengths = map(len, map(_bytes, value)) if is_foreign else map(len, map(_quoted, value))
    ends = list(accumulate(lengths))
    start = had = 0
    while start < len(value):
        fits = (room - _AROUND) // 4 * 3 if is_foreign else room - _AROUND
        end = max(bisect_right(ends, had + fits, start), start + 1)
        word = value[start:end]
        yield f"=?utf-8?b?{_base64(word)}?=" if is_foreign else f"=?utf-8?q?{''.join(map(_quoted, word))}?="
        start, had, room = end, ends[end - 1], _WORD


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def _base64(word: str) -> str:
    return b64encode(_bytes(word)).decode()


@lru_cache(maxsize=4096)
def _quoted(letter: str) -> str:
    if letter == " ":
        return "_"
    return letter if _is_safe(letter) else "".join([f"={byte:02X}" for byte in _bytes(letter)])
