"""Tokens and addresses of unsubscribe, manage, feed and archive links.

A token is ``K`` + subscriber + generation + MAC: ``1a3-0-Jx…``. The MAC is the first 128 bits of HMAC-SHA-256
(RFC 2104) over purpose, subscriber and generation under the key ``K``, so nothing needs to be stored, a token of one
purpose opens no other door, and an unsubscribe link in an old mail works for ever. Raising a subscriber's generation
makes their feed addresses new.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from digest.model import FeedFormat, Links, Subscriber

_TOKEN = re.compile(
    r"(?P<key>[0-9])(?P<subscriber>[0-9a-z]{1,13})-(?P<generation>[0-9a-z]{1,7})-(?P<mac>[a-z2-7]{26}|[\w-]{22})",
    re.ASCII,
)
_MAC_IN_BOTH_CASES = 22
_BLOCK = 64
"""Bytes that SHA-256 takes at once; a key is filled up to them (RFC 2104, 2)."""
_IPAD, _OPAD = (bytes(n ^ pad for n in range(256)) for pad in (0x36, 0x5C))
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_BASE32 = "abcdefghijklmnopqrstuvwxyz234567"
_BASE32_PAIRS = [first + second for first in _BASE32 for second in _BASE32]


class Bearer(NamedTuple):
    """Whom a valid token speaks for."""

    subscriber_id: int
    generation: int


class LinkMaker:
    """Makes and checks the links of one installation.

    ``secret`` is the key (32 random bytes), ``key_id`` a digit that names it. ``base_url`` is where the web server is
    reached, "" where there is none: then only the addresses that need no server are filled in.
    """

    def __init__(self, secret: bytes, *, base_url: str, mail_domain: str, key_id: str = "1") -> None:
        key = hashlib.sha256(secret).digest() if len(secret) > _BLOCK else secret
        self._inner, self._outer = (hashlib.sha256(key.ljust(_BLOCK, b"\0").translate(pad)) for pad in (_IPAD, _OPAD))
        self._key_id = key_id
        self._base = base_url.rstrip("/")
        self._mail_domain = mail_domain

    def for_digest(self, subscriber: Subscriber, slot: str) -> Links:
        """Return the addresses a subscriber's digest carries."""
        unsubscribe = self.token("unsubscribe", subscriber)
        mailto = f"mailto:{self.address('unsubscribe', subscriber)}?subject=unsubscribe"
        bounces = self.address("bounce", subscriber)
        if not self._base:
            return Links(unsubscribe_mailto=mailto, bounces=bounces)
        archive = self.token(f"archive:{slot}", subscriber)
        feed = f"{self._base}/feeds/{self.token('feed', subscriber)}"
        return Links(
            home=self._base,
            archive=f"{self._base}/d/{archive}/{slot}",
            manage=f"{self._base}/manage/{self.token('manage', subscriber)}",
            unsubscribe=f"{self._base}/unsubscribe/{unsubscribe}",
            unsubscribe_mailto=mailto,
            bounces=bounces,
            feed_rss=f"{feed}.{FeedFormat.RSS.value}",
            feed_atom=f"{feed}.{FeedFormat.ATOM.value}",
            feed_json=f"{feed}.{FeedFormat.JSON.value}",
        )

    def feed(self, subscriber: Subscriber, feed_format: FeedFormat) -> str:
        """Return the address of a subscriber's feed, "" where there is no web server."""
        token = self.token("feed", subscriber)
        return f"{self._base}/feeds/{token}.{feed_format.value}" if self._base else ""

    def address(self, purpose: str, subscriber: Subscriber) -> str:
        """Return our mail address for a purpose and a subscriber, ``bounce+TOKEN@domain``, in one case throughout.

        Mail servers may change the case of an address on its way. At most 56 characters stand before the @ (RFC 5321
        allows 64).
        """
        return f"{purpose}+{self._made(purpose, Bearer(subscriber.id, 0), _in_one_case)}@{self._mail_domain}"

    def token(self, purpose: str, subscriber: Subscriber) -> str:
        """Return the subscriber's token for a purpose; only feed tokens change with the generation."""
        return self._made(
            purpose, Bearer(subscriber.id, subscriber.feed_generation if purpose == "feed" else 0), _in_both_cases
        )

    def verify(self, purpose: str, token: str) -> Bearer | None:
        """Return whom a token speaks for, ``None`` where it is not ours or is for another purpose; constant time.

        For a feed, compare the bearer's generation with the subscriber's: an older one was reset.
        """
        found = _TOKEN.fullmatch(token)
        if found is None or found["key"] != self._key_id:
            return None
        bearer = Bearer(int(found["subscriber"], 36), int(found["generation"], 36))
        written = _in_both_cases if len(found["mac"]) == _MAC_IN_BOTH_CASES else _in_one_case
        return bearer if hmac.compare_digest(self._made(purpose, bearer, written), token) else None

    def _made(self, purpose: str, bearer: Bearer, written: Callable[[bytes], str]) -> str:
        text = f"{purpose}\0{bearer.subscriber_id}\0{bearer.generation}".encode()
        return f"{self._key_id}{_written(bearer)}-{written(self._mac(text)[:16])}"

    def _mac(self, text: bytes) -> bytes:
        """Return HMAC-SHA-256 of a text, the key taken in already: half of what ``hmac.digest`` costs."""
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(text)
        outer.update(inner.digest())
        return outer.digest()


def _in_both_cases(mac: bytes) -> str:
    return base64.urlsafe_b64encode(mac)[:_MAC_IN_BOTH_CASES].decode()


def _in_one_case(mac: bytes) -> str:
    """Return 128 bits in base 32 (RFC 4648, 6), small letters, two at a time."""
    number = int.from_bytes(mac) << 2
    return "".join([_BASE32_PAIRS[number >> bits & 1023] for bits in range(120, -1, -10)])


@lru_cache(maxsize=64)
def _written(bearer: Bearer) -> str:
    """Return whom a token is for; a digest has six of them."""
    return f"{_base36(bearer.subscriber_id)}-{_base36(bearer.generation)}"


def _base36(number: int) -> str:
    digits = ""
    while number or not digits:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits
