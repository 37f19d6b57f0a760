"""Tokens: only ours, only for their purpose, for ever."""

from __future__ import annotations

import base64
import hmac
from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from digest.links import LinkMaker
from digest.model import Links, Subscriber

ADA = Subscriber(id=35, address="ada@example.org", created_at=datetime(2026, 11, 20, tzinfo=UTC))
MAKER = LinkMaker(b"k" * 32, base_url="https://digest.example/", mail_domain="digest.example")
PURPOSES = st.sampled_from(["unsubscribe", "feed", "confirm", "archive:2026-11-20"])


@given(number=st.integers(1, 2**60), generation=st.integers(0, 10**6), purpose=PURPOSES)
def test_a_token_names_its_subscriber_and_opens_only_its_own_door(number: int, generation: int, purpose: str) -> None:
    """It verifies for its purpose; not for another, not under another key."""
    token = MAKER.token(purpose, replace(ADA, id=number, feed_generation=generation))
    bearer = MAKER.verify(purpose, token)
    assert bearer is not None
    assert bearer.subscriber_id == number
    assert MAKER.verify(f"{purpose}x", token) is None
    assert LinkMaker(b"o" * 32, base_url="", mail_domain="").verify(purpose, token) is None


@given(text=st.text(max_size=60), place=st.integers(0, 30), letter=st.sampled_from("abcXYZ019-_"))
def test_what_we_did_not_make_never_verifies(text: str, place: int, letter: str) -> None:
    """Random text is refused; so is a token with one character changed."""
    token = MAKER.token("feed", ADA)
    assert MAKER.verify("feed", text) is None
    changed = token[:place] + letter + token[place + 1 :]
    assert changed == token or MAKER.verify("feed", changed) is None


def test_resetting_a_feed_changes_its_address_and_no_unsubscribe_link() -> None:
    """Links in old mails work for ever, whatever happens to the feeds."""
    reset = replace(ADA, feed_generation=1)
    before, after = MAKER.for_digest(ADA, "2026-11-20"), MAKER.for_digest(reset, "2026-11-20")
    assert before.feed_rss != after.feed_rss
    assert before.unsubscribe == after.unsubscribe
    bearer = MAKER.verify("feed", MAKER.token("feed", reset))
    assert bearer is not None
    assert bearer.generation == 1


def test_without_a_web_server_there_are_no_web_addresses() -> None:
    """Nothing points at a page that nobody answers."""
    links = LinkMaker(b"k" * 32, base_url="", mail_domain="digest.example").for_digest(ADA, "2026-11-20")
    assert links == Links(unsubscribe_mailto=links.unsubscribe_mailto, bounces=links.bounces)
    assert links.unsubscribe_mailto.startswith("mailto:unsubscribe+")


@given(secret=st.binary(min_size=1, max_size=200), number=st.integers(0, 10**12))
def test_the_mac_in_a_token_is_hmac_sha_256(secret: bytes, number: int) -> None:
    """For keys of any length, also longer than a block: the first 128 bits of RFC 2104's, as ``hmac`` makes it."""
    maker = LinkMaker(secret, base_url="https://digest.example", mail_domain="digest.example")
    mac = hmac.digest(secret, f"manage\0{number}\0{0}".encode(), "sha256")[:16]
    token = maker.token("manage", Subscriber(id=number, address="a@example.org", created_at=ADA.created_at))
    assert token[-22:] == base64.urlsafe_b64encode(mac).decode().rstrip("=")
