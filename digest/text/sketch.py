"""An abstract to 128 bytes by which two abstracts are compared without reading them.

The sketch of a text is the 32 smallest CRC-32 values of its three-word shingles (bottom-k sampling: Broder, "On the
resemblance and containment of documents", 1997). Of two texts, the share of common values among the 32 smallest of
both together estimates the Jaccard likeness of their shingles: the standard error is at most .09. A short text has
fewer than 32 shingles; its sketch holds all of them and the estimate is exact.
"""

from __future__ import annotations

import re
import struct
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from zlib import crc32

SIZE = 32
"""How many values a sketch has at most; each takes four bytes."""

_WHOLE_BRIEF = struct.Struct(f"<{SIZE}H")

LEAST = 5
"""Shingles below which a text is too short to say anything."""

_CJK = "\u3041-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff"
_WORD = re.compile(rf"[^\W_{_CJK}]+|[{_CJK}]")
_ASCII_WORD = re.compile(r"[a-z0-9]+")
_BLANKED = bytes(code if chr(code) in "abcdefghijklmnopqrstuvwxyz0123456789" else 32 for code in range(256))
"""ASCII, with a blank for what is in no word."""
_MANY = 4 * SIZE
"""Shingles from which on those that cannot be among the smallest are left out before sorting."""


def shingles(text: str) -> frozenset[str]:
    """Return every run of three words of a text; case, punctuation and Unicode forms do not matter.

    A CJK character is a word by itself.
    """
    words = _words(text)
    return frozenset(map(" ".join, zip(words, words[1:], words[2:], strict=False)))


def letters(text: str) -> str:
    """Return the words of a text glued together, regardless of case, punctuation and Unicode forms."""
    return "".join(_words(text))


@lru_cache(maxsize=64)
def sketch(abstract: str) -> bytes:
    """Return the sketch of an abstract: up to 128 bytes, ``b""`` where it is too short to be compared.

    The last ones are remembered: an abstract is looked for, judged and stored one after another.
    """
    words = _encoded_words(abstract)
    hashes = set(map(crc32, map(b" ".join, zip(words, words[1:], words[2:], strict=False))))
    if len(hashes) < LEAST:
        return b""
    smallest = _smallest(hashes)
    return struct.pack(f"<{len(smallest)}I", *smallest)


def likeness(a: bytes, b: bytes) -> float | None:
    """Return the estimated Jaccard likeness of two sketched texts, ``None`` where one was too short."""
    if not a or not b:
        return None
    if a == b:
        return 1.0
    one, other = _kept_values(a), _values(b)
    if one.isdisjoint(other):
        return 0.0
    both = one.intersection(other)
    whole = max(len(one), len(other)) < SIZE
    smallest = sorted(one.union(other))[: None if whole else SIZE]
    return sum(value in both for value in smallest) / len(smallest)


def brief(sketch: bytes) -> bytes:
    """Return the lower halves of a sketch's values: half its size, by which an index tells that two share nothing.

    Two unrelated sketches share one by chance in one and a half of a hundred pairs.
    """
    return memoryview(sketch).cast("H")[::2].tobytes()


def brief_values(brief: bytes) -> Sequence[int]:
    """Return the values of a brief sketch; equal ones of two sketches are equal here too."""
    return _WHOLE_BRIEF.unpack(brief) if len(brief) == 2 * SIZE else struct.unpack(f"<{len(brief) // 2}H", brief)


@lru_cache(maxsize=64)
def _kept_values(sketch: bytes) -> frozenset[int]:
    """Return the values of a sketch; the same one is compared with many others in a row."""
    return frozenset(_values(sketch))


def _values(sketch: bytes) -> Sequence[int]:
    return struct.unpack(f"<{len(sketch) // 4}I", sketch)


def _smallest(hashes: set[int]) -> list[int]:
    """Return the ``SIZE`` smallest in their order; of many, all but some twice as many are left out at first."""
    if len(hashes) > _MANY:
        bar = 2 * SIZE * 2**32 // len(hashes)
        small = [value for value in hashes if value < bar]
        if len(small) >= SIZE:
            return sorted(small)[:SIZE]
    return sorted(hashes)[:SIZE]


def _encoded_words(text: str) -> list[bytes]:
    if text.isascii():
        return text.lower().encode().translate(_BLANKED).split()
    return [word.encode() for word in _words(text)]


def _words(text: str) -> list[str]:
    if text.isascii():
        return _ASCII_WORD.findall(text.lower())
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())
