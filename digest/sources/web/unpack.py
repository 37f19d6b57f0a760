"""The body of an answer: unpacked, whole, and not too large."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

from digest.errors import SourceError

_STEP = 1024 * 1024
_GZIP = zlib.MAX_WBITS | 16


class TruncatedError(Exception):
    """A body that ended before its end."""


def unpacked(chunks: Iterable[bytes], encoding: str, max_bytes: int) -> bytes:
    """Return a body unpacked; raises ``TruncatedError``, or ``SourceError`` above ``max_bytes`` or if not gzip."""
    name = encoding.strip().casefold()
    if name not in {"", "identity", "gzip", "x-gzip"}:
        raise SourceError(f"is packed as {encoding!r}, which we did not ask for", hint="tell the host's operator")
    body = bytearray()
    for piece in _gunzipped(chunks) if "gzip" in name else chunks:
        body += piece
        if len(body) > max_bytes:
            raise SourceError(f"is larger than {max_bytes / _STEP:g} MB", hint="raise [fetch] max_megabytes")
    return bytes(body)


def _gunzipped(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Unpack in steps of a megabyte: a small bomb never becomes a large buffer. Several members are one body."""
    unpacker = zlib.decompressobj(_GZIP)
    for chunk in chunks:
        data = chunk
        while data:
            if unpacker.eof:
                unpacker = zlib.decompressobj(_GZIP)
            try:
                yield unpacker.decompress(data, _STEP)
            except zlib.error as error:
                raise TruncatedError(f"is broken gzip: {error}") from error
            data = unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail
    if not unpacker.eof:
        raise TruncatedError("the packed body broke off in the middle")
