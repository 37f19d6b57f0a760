"""The mail: what readers and mail hosts check."""

from __future__ import annotations

import email
import re
from dataclasses import replace
from email import policy
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import AddressError
from digest.links import LinkMaker
from digest.model import Digest, Subscriber
from digest.render import TemplateRenderer
from tests.unit.render.conftest import ADA, LETTERHEAD, NOW, TEMPLATES, digest, item, paper, section

PLAIN_LINKS = LinkMaker(b"k" * 32, base_url="", mail_domain="digest.example")
PLAIN = TemplateRenderer([TEMPLATES], PLAIN_LINKS, LETTERHEAD)


def read(raw: bytes) -> EmailMessage:
    message = email.message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def test_help_is_asked_for_by_mail_whatever_the_sender_s_address_holds(rich: Digest) -> None:
    """RFC 6068: what separates parts of such an address is escaped."""
    letterhead = replace(LETTERHEAD, from_address="r&d?50%#1+x@digest.example")
    mail = read(TemplateRenderer([TEMPLATES], PLAIN_LINKS, letterhead).message(rich).raw)
    assert mail["List-Help"] == "<mailto:r%26d%3F50%25%231+x@digest.example?subject=help>"


def test_the_same_digest_always_gives_the_same_bytes(renderer: TemplateRenderer, rich: Digest) -> None:
    """Rendered twice, also by a renderer made anew: equal bytes, Message-ID and Date included."""
    again = TemplateRenderer([TEMPLATES], renderer._links, LETTERHEAD)
    assert renderer.message(rich) == renderer.message(rich) == again.message(rich)


def test_the_headers_are_what_mail_hosts_ask_of_a_list(renderer: TemplateRenderer, rich: Digest) -> None:
    """RFC 8058, 2369, 2919, 3834: one-click unsubscribe, list id, auto-submitted, a Date that is the digest's own."""
    mail = read(renderer.message(rich).raw)
    page, _, mailto = mail["List-Unsubscribe"].partition(", ")
    assert re.fullmatch(r"<https://digest\.example/unsubscribe/[\w-]+>", page)
    assert re.fullmatch(r"<mailto:unsubscribe\+[\w-]+@digest\.example\?subject=unsubscribe>", mailto)
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["List-Id"] == "Paper digest <digest.digest.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Precedence"] == "bulk"
    assert mail["Date"].datetime == NOW
    assert mail["Subject"] == "2 new papers: State space models, driv*"
    assert mail["To"] == "ada@example.org"


def test_without_a_web_server_only_the_mail_way_out_is_named(rich: Digest) -> None:
    """No header and no link promises a page that nobody answers."""
    mail = read(PLAIN.message(rich).raw)
    assert mail["List-Unsubscribe"].startswith("<mailto:")
    assert mail["List-Unsubscribe-Post"] is None
    assert mail["List-Help"] == "<mailto:papers@digest.example?subject=help>", "of everybody's mail, RFC 2369"
    assert mail["List-Archive"] is None
    assert "https://digest.example" not in PLAIN.message(rich).html


def test_a_text_part_comes_first_and_reads_like_a_letter(renderer: TemplateRenderer, rich: Digest) -> None:
    """multipart/alternative, text before HTML, 72 columns but for addresses."""
    mail = read(renderer.message(rich).raw)
    text, page = mail.iter_parts()
    assert (text.get_content_type(), page.get_content_type()) == ("text/plain", "text/html")
    lines = text.get_content().splitlines()
    assert all(len(line) <= 72 or "http" in line or "mailto:" in line for line in lines)
    assert "[1]   Slow Rivers: State Space Models with γ & <Clocks>" in lines
    assert "[1]   https://arxiv.org/abs/2611.90034" in lines


def test_the_page_says_who_when_why_and_where_else(renderer: TemplateRenderer, rich: Digest) -> None:
    """Authors, date, counters, the matched word marked, the why-line, updates and what the cap left out."""
    html = renderer.message(rich).html
    for said in (
        "Ilse Vanterpool, Kenji Abiodun, Marit Solheim",
        "18 Nov 2026",
        "1,143 ▲",
        "1 comment",
        "Mamba</mark>",
        "matches “mamba”, also in Clocks",
        "3 authors",
        "1 more matched.",
        "version 2: abstract changed",
        "machine summary",
        "https://github.com/example/slow-rivers",
        "https://arxiv.org/pdf/2611.90034",
    ):
        assert said in html, said
    assert "γ &amp; &lt;Clocks&gt;" in html


def test_nothing_remote_is_loaded_and_nothing_runs(renderer: TemplateRenderer, rich: Digest) -> None:
    """No image, script, style sheet or font from anywhere: no tracking."""
    html = renderer.message(rich).html
    assert not re.search(r"<(?:img|script|link|iframe|object|video)\b|url\(|@import", html)


def test_dark_mode_and_small_screens_are_served(renderer: TemplateRenderer, rich: Digest) -> None:
    """The media rules survive inlining, beside the colour-scheme meta tags; language and one h1 are set."""
    html = renderer.message(rich).html
    assert "prefers-color-scheme: dark" in html
    assert "max-width: 520px" in html
    assert 'name="color-scheme" content="light dark"' in html
    assert html.count("<h1") == 1
    assert html.count('role="main"') == 1
    assert 'lang="en"' in html


HOSTILE = st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1, max_size=80).map(
    lambda text: f"{text}\r\nBcc: eve@example.org\r\n\r\nbody"
)


@given(title=HOSTILE, query=HOSTILE)
def test_no_paper_and_no_query_can_add_a_header_or_break_a_line(title: str, query: str) -> None:
    """CR, LF and control characters never reach a header; lines end in CRLF and are at most 998 bytes."""
    made = PLAIN.message(digest(section(1, query, item(paper(title=title)))))
    mail = read(made.raw)
    assert mail["Bcc"] is None
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    lines = made.raw.split(b"\r\n")
    assert all(len(line) <= 998 for line in lines)
    assert all(len(line) <= 76 for line in made.raw.partition(b"\r\n\r\n")[2].split(b"\r\n"))
    assert not any(b"\n" in line or b"\r" in line or b"\0" in line for line in lines)


@pytest.mark.parametrize("address", ["a@b, c@d", "a@b\r\nBcc: e@f", "nobody", "a b@c", "<a@b>", ""])
def test_what_is_no_single_address_is_never_a_recipient(address: str) -> None:
    """A bad address is refused before anything is rendered into a header."""
    with pytest.raises(AddressError):
        PLAIN.message(digest(section(1, "q", item(paper())), subscriber=replace(ADA, address=address)))


def test_message_ids_differ_by_subscriber_and_slot(renderer: TemplateRenderer, rich: Digest) -> None:
    """Two readers, or two days, never share a Message-ID; the envelope sender names the reader."""
    other = replace(rich, subscriber=Subscriber(id=36, address="ada@example.org", created_at=NOW))
    later = replace(rich, slot="2026-11-21")
    made = [renderer.message(of) for of in (rich, other, later)]
    assert len({message.message_id for message in made}) == 3
    assert len({message.sender for message in made}) == 2 == len({message.sender for message in made[:2]})


def test_an_empty_digest_says_so(renderer: TemplateRenderer) -> None:
    """Who asked for a word on empty days gets one."""
    made = renderer.message(digest())
    assert made.subject == "No new papers on Friday, 20 November 2026"
    assert "Nothing among 41 new papers matches your queries this time." in made.text


def test_a_full_digest_stays_below_what_gmail_clips(renderer: TemplateRenderer) -> None:
    """Twenty papers, the default cap, are under 95 KB of HTML."""
    twenty = [item(paper(n, abstract=f"{ABSTRACT_LONG} {n}")) for n in range(20)]
    assert len(renderer.message(digest(section(1, "mamba", *twenty))).html.encode()) < 95_000


ABSTRACT_LONG = "We present a mamba that is long and says a lot about what it does, and why, and to whom. " * 20
