"""Laws of what goes over the wire: no line over 998 bytes, no bare CR or LF, no header but ours, nothing above ASCII.

Whatever papers, readers and operators write: by both ways of rendering, signed, with citations attached.
"""

from __future__ import annotations

import re
from dataclasses import replace
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import Message as Parsed
from functools import cache

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from hypothesis import example, given, settings
from hypothesis import strategies as st

from digest.addresses import address as valid
from digest.channels.dkim import Signer
from digest.channels.dkim.keys import Ed25519Key, RsaKey
from digest.channels.wire import dotted
from digest.errors import AddressError
from digest.links import LinkMaker
from digest.model import Digest, EventKind, Hit, Item, Message, Section, Span
from digest.render import Citations, TemplateRenderer
from digest.render.headers import clean, line, unstructured
from tests.unit.render.conftest import ADA, LETTERHEAD, TEMPLATES, digest, item, paper, section

BCC = "Bcc: eve@example.org"
ATTACKS = [
    f"a\r\n{BCC}",
    f"a\n{BCC}",
    f"a\r{BCC}",
    f"a\r\n\r\n{BCC}",
    f"a\r\n.\r\nMAIL FROM:<eve@example.org>\r\n{BCC}",
    f"a\u2028{BCC}\u2029{BCC}\x85{BCC}\x0b{BCC}\x0c{BCC}\x1c{BCC}",
    "=?utf-8?q?a=0D=0ABcc:_x@y?=",
    "=?utf-8?b?DQpCY2M6IHhAeQ0K?=",
    "x =?us-ascii?q?=0A?= y",
    "=?utf-8?q?a=00b?=",
    "=?nope?q?=E9?=",
    "=?utf-8?q?" + "=0D=0A" * 400 + "?=",
    "a\0b",
    "\u202egnp.exe\u2066",
    ".\n..\n.a",
    "--=_",
    "\x1b[31m red \x7f\x9b",
    "<b>&amp;\"'</b>",
    "{{ 7 * 7 }}{% raw %}",
    " ",
    "",
]
HUGE = [
    "x" * 5_000,
    "深" * 2_000,
    "é" * 1_001,
    "a=" * 700,
    "." * 1_200,
    "🦜" * 300,
    "\u0301" * 999,
    " " * 1_500,
    "a\t" * 800,
]
TEXT = st.one_of(
    st.sampled_from(ATTACKS),
    st.sampled_from(HUGE),
    st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60),
    st.builds("{}{}".format, st.sampled_from(ATTACKS), st.sampled_from(HUGE)),
    st.text(alphabet="\r\n\0\x0b.-=?_ aé深\u202e\u2028", max_size=40),
)
NAMES = [
    "Papers",
    "論文" * 60,
    f"a\r\n{BCC}",
    "=?utf-8?q?a=0D=0ABcc:_x@y?=",
    'Papers, "daily" <x@y>',
    "x" * 2_000,
    "Ünï",
]
OURS = [
    "Subject", "Date", "Message-ID", "To", "From", "List-Id", "Precedence", "Auto-Submitted", "Feedback-ID",
    "List-Unsubscribe", "List-Unsubscribe-Post", "List-Help", "List-Archive", "MIME-Version", "Content-Type",
]  # fmt: skip
PART = ["Content-Type", "Content-Transfer-Encoding"]
LINKS = LinkMaker(b"k" * 32, base_url="https://digest.example", mail_domain="digest.example")


@cache
def keys() -> tuple[RsaKey, Ed25519Key]:
    return RsaKey("old", generate_private_key(65537, 2048)), Ed25519Key("new", Ed25519PrivateKey.generate())


@cache
def renderer(attach: Citations | None, name: str = "Papers") -> TemplateRenderer:
    return TemplateRenderer([TEMPLATES], LINKS, replace(LETTERHEAD, attach=attach, from_name=name))


def hostile_paper(key: int, title: str, abstract: str, author: str) -> Item:
    of = paper(key, title=title, abstract=abstract, authors=(author, "Ada"), summary=abstract, categories=(title[:30],))
    hit = Hit(score=1, terms=(title[:20],), spans=(Span("title", 0, 3), Span("abstract", 1, 900)))
    return Item(paper=of, kind=EventKind.REVISED, hit=hit, also_in=(author,), note=title)


@st.composite
def digests(draw: st.DrawFn) -> Digest:
    """Draw a digest in which everything that anybody may write is hostile."""
    found: list[Section] = []
    for number in range(draw(st.integers(0, 2))):
        shown = [
            hostile_paper(number * 2 + n, draw(TEXT), draw(TEXT), draw(TEXT)) for n in range(draw(st.integers(1, 2)))
        ]
        found.append(section(number, draw(TEXT), *shown, name=draw(TEXT)))
    updates = (hostile_paper(9, draw(TEXT), draw(TEXT), draw(TEXT)),) if draw(st.booleans()) else ()
    return replace(digest(*found, updates=updates), notes=(draw(TEXT),))


def published(name: bytes, timeout: int = 5) -> bytes:
    """Return the record of a key."""
    return next((key.record().encode() for key in keys() if name.startswith(key.selector.encode())), b"")


def parts(mail: Parsed) -> list[list[str]]:
    """Return the names of the headers of a mail and of each of its parts."""
    return [part.keys() for part in mail.walk()]


def check(message: Message, *, attached: bool) -> None:
    """See that a message keeps the laws, signed and ready for the wire."""
    signed = Signer("digest.example", keys())(message.raw)
    wire = dotted(signed)
    assert wire.isascii()
    assert b"\0" not in wire
    assert wire.endswith(b"\r\n.\r\n")
    lines = wire.removesuffix(b".\r\n").split(b"\r\n")
    assert not [one for one in lines if b"\r" in one or b"\n" in one or one == b"."]
    assert max(map(len, lines)) <= 998
    assert max(map(len, message.raw.partition(b"\r\n\r\n")[2].split(b"\r\n"))) <= 100
    mail = message_from_bytes(signed, policy=policy.compat32)
    alternative = [["Content-Type"], PART, PART] if attached else [PART, PART]
    outside = ["DKIM-Signature", "DKIM-Signature", *OURS]
    assert parts(mail) == [outside, *alternative, *([[*PART, "Content-Disposition"]] if attached else [])]
    assert [dkim.DKIM(signed).verify(idx=n, dnsfunc=published) for n in (0, 1)] == [True, True]


@settings(max_examples=60, deadline=None)
@given(of=digests(), attach=st.sampled_from([None, *Citations]), name=st.sampled_from(NAMES))
def test_no_digest_breaks_the_laws_of_mail(of: Digest, attach: Citations | None, name: str) -> None:
    """Joined from pieces and rendered whole (the bytes are equal), signed twice, with and without citations."""
    by = renderer(attach, name)
    made = by.message(of)
    assert made == by.whole(of)
    check(made, attached=attach is not None)


@pytest.mark.parametrize("attack", [*ATTACKS, *HUGE], ids=lambda text: repr(text)[:30])
def test_no_attack_gets_through_anywhere(attack: str) -> None:
    """Each known trick in every place at once."""
    shown = hostile_paper(1, attack, attack, attack)
    of = replace(digest(section(1, attack, shown, name=attack), updates=(shown,)), notes=(attack,))
    for by in (renderer(None), renderer(Citations.RIS)):
        assert by.message(of) == by.whole(of)
        check(by.message(of), attached=by is not renderer(None))


@settings(max_examples=150, deadline=None)
@given(address=TEXT | st.emails() | st.builds("{}@example.org".format, TEXT) | st.builds("ada@{}".format, TEXT))
@example("ada@example.org" + "x" * 400)
@example("é@example.org")
@example("ada@b\u00fccher.example")
def test_an_address_is_harmless_or_refused(address: str) -> None:
    """Whatever stands in the store in its place: an ``AddressError``, or a mail to one recipient."""
    of = digest(section(1, "q", item(paper())), subscriber=replace(ADA, address=address))
    try:
        made = renderer(None).message(of)
    except AddressError:
        return
    check(made, attached=False)
    assert made.recipient == address
    assert re.fullmatch(r"[^\s<>\x00-\x20\x7f-\U0010ffff]+@[^\s<>\x00-\x20\x7f-\U0010ffff]+", made.recipient)


@settings(max_examples=100, deadline=None)
@given(text=st.emails())
def test_who_can_subscribe_can_be_written_to(text: str) -> None:
    """What the validator of addresses lets through, the mail does too."""
    try:
        accepted = valid(text)
    except AddressError:
        return
    of = digest(subscriber=replace(ADA, address=accepted))
    assert message_from_bytes(renderer(None).message(of).raw, policy=policy.default)["To"] == accepted


@settings(max_examples=300, deadline=None)
@given(text=TEXT)
def test_a_header_says_what_was_meant_in_words_every_program_reads(text: str) -> None:
    """RFC 2047: at most 75 characters a word and 76 a line; decoded, it is the text without what a line cannot hold."""
    value = unstructured("Subject", text)
    lines = line("Subject", value).removesuffix("\r\n").split("\r\n")
    assert all(one.startswith(" ") for one in lines[1:])
    if "=?" in value:
        assert max(map(len, lines)) <= 76
        assert all(len(word) <= 75 for word in value.split())
        assert str(make_header(decode_header(value))) == clean(text)
    else:
        assert value == clean(text)


@pytest.mark.parametrize("value", [f"a\r\n{BCC}", f"a\n {BCC}", "a\rb", "é"])
def test_a_header_that_would_be_two_is_never_written(value: str) -> None:
    """The last gate: whoever forgot to encode a value gets an error, not a mail."""
    with pytest.raises(ValueError, match="no value of the header List-Id"):
        line("List-Id", value)


@pytest.mark.parametrize("name", NAMES)
def test_a_sender_is_one_address_whatever_its_name(name: str) -> None:
    """The name arrives, and the address is ours."""
    head = renderer(None, name).message(digest()).raw
    sender = message_from_bytes(head, policy=policy.default)["From"]
    assert [one.addr_spec for one in sender.addresses] == [LETTERHEAD.from_address]
