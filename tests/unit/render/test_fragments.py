"""The law of the joined mail: whatever the digest, its bytes are those of rendering the whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.links import LinkMaker
from digest.model import DailyCounts, Digest, EventKind, Hit, Item, Section, Span
from digest.render import Citations, TemplateRenderer, citations
from digest.render.quoted import quoted_lines
from digest.render.specimens import SPECIMENS
from tests.unit.render.conftest import ADA, LETTERHEAD, TEMPLATES, digest, paper, section

LINKS = LinkMaker(b"k" * 32, base_url="https://digest.example", mail_domain="digest.example")
ATTACHING = [TemplateRenderer([TEMPLATES], LINKS, replace(LETTERHEAD, attach=kind)) for kind in Citations]
RENDERERS = [
    TemplateRenderer([TEMPLATES], links, LETTERHEAD)
    for links in (LINKS, LinkMaker(b"k" * 32, base_url="", mail_domain="digest.example"))
]


def with_history(of: Section, counts: DailyCounts | None) -> Section:
    return replace(of, subscription=replace(of.subscription, history=counts))


TEXT = st.one_of(
    st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=90),
    st.lists(
        st.sampled_from(["We show", "Mamba", "x < y &", "“γ”", "e.g.", "10% ", "=20", "a." * 50]), max_size=60
    ).map(" ".join),
)
SPANS = st.lists(
    st.builds(
        lambda field, start, length: Span(field, start, start + length),
        st.sampled_from(["title", "abstract", "authors"]),
        st.integers(0, 300),
        st.integers(0, 30),
    ),
    max_size=6,
)
PAPERS = st.builds(
    paper,
    key=st.integers(1, 4),
    title=TEXT,
    abstract=TEXT,
    authors=st.lists(TEXT, max_size=7).map(tuple),
    summary=st.none() | TEXT,
    published=st.none() | st.just(date(2026, 11, 19)),
    url=st.none() | st.just("https://example.org/?a=1&b='2'"),
)
ITEMS = st.builds(
    Item,
    paper=PAPERS,
    kind=st.sampled_from(list(EventKind)),
    hit=st.builds(Hit, terms=st.lists(TEXT, max_size=3).map(tuple), spans=SPANS.map(tuple), score=st.floats(0, 9)),
    also_in=st.lists(TEXT, max_size=2).map(tuple),
    note=TEXT,
)
COUNTS = st.none() | st.lists(st.integers(0, 9999), max_size=30).map(
    lambda n: DailyCounts(ADA.created_at.date(), tuple(n))
)
SECTIONS = st.builds(
    lambda query, name, items, more, counts: with_history(
        section(1, query, *items, name=name, left_out=tuple(more)), counts
    ),
    TEXT,
    TEXT,
    st.lists(ITEMS, max_size=3),
    st.lists(ITEMS, max_size=1),
    COUNTS,
)
DIGESTS = st.builds(
    lambda sections, updates, more, notes: replace(
        digest(*sections, updates=tuple(updates)), updates_left_out=tuple(more), notes=tuple(notes)
    ),
    st.lists(SECTIONS, max_size=2),
    st.lists(ITEMS, max_size=2),
    st.lists(ITEMS, max_size=2),
    st.lists(TEXT, max_size=2),
)


@settings(max_examples=60, deadline=None)
@given(of=DIGESTS, which=st.integers(0, 1))
def test_joined_from_pieces_is_byte_for_byte_rendered_whole(of: object, which: int) -> None:
    """For any text, spans, counts and links: message, both parts, and the raw bytes are equal."""
    renderer = RENDERERS[which]
    assert renderer._writer is not None
    assert renderer._joined(renderer._writer, of) == renderer.whole(of)  # type: ignore[arg-type]


@settings(max_examples=20, deadline=None)
@given(of=DIGESTS, which=st.sampled_from(ATTACHING))
def test_citations_are_attached_alike_and_to_the_same_mail(of: Digest, which: TemplateRenderer) -> None:
    """Joined or whole, the mail with an attachment is equal; both parts are those of the mail without."""
    assert which._writer is not None
    made = which._joined(which._writer, of)
    assert made == which.whole(of)
    plain = RENDERERS[0].whole(of)
    assert (made.text, made.html) == (plain.text, plain.html)
    (attached,) = message_from_bytes(made.raw, policy=policy.default).iter_attachments()
    assert attached.get_content().decode() == citations(
        (item.paper for item in of.items), which._letterhead.attach or Citations.RIS
    )


def test_the_shipped_templates_let_themselves_be_joined() -> None:
    """No reader of the shipped templates waits for mails rendered whole."""
    assert RENDERERS[0]._writer is not None


@pytest.mark.parametrize(
    "text",
    [
        "{{ paper.title | upper }} {{ paper.score }}\n",
        "{{ paper.why | upper }}\n",
        "{{ paper.why | length }}\n",
        '{{ paper.title }}{% if "GPT" in paper.why %} a model{% endif %}\n',
        '{{ paper.title }} {{ paper.why | replace("GPT", "gpt") }}\n',
        '{{ paper.title }} {{ "yes" if paper.why == "GPT" else "no" }}\n',
        "{% set because = paper.why %}{{ paper.title }} {{ because[:3] }}\n",
        "{% set of = paper %}{{ paper.title }} {{ of.why }}\n",
        '{{ paper.title }} {{ paper["why"] }}\n',
        "{{ paper.title }} {{ paper.lead.html | striptags }}\n",
        "{{ paper.title }}{% if not paper.why %} for no reason{% endif %}\n",
    ],
)
def test_templates_that_compute_with_a_readers_values_are_rendered_whole(tmp_path: Path, text: str) -> None:
    """A user's template may do what it likes: the mail is right, only slower."""
    (tmp_path / "email").mkdir()
    (tmp_path / "email" / "paper.txt.j2").write_text(text, "utf-8")
    renderer = TemplateRenderer([tmp_path, TEMPLATES], LINKS, LETTERHEAD)
    assert renderer._writer is None
    for of in SPECIMENS:
        assert renderer.message(of) == renderer.whole(of)


def test_printing_a_readers_values_is_joined_still(tmp_path: Path) -> None:
    """Other words around them, side by side, wrapped, and asked for only as the shipped template asks."""
    (tmp_path / "email").mkdir()
    own = (TEMPLATES / "email" / "paper.txt.j2").read_text("utf-8").replace('"(" ~ paper.why', '"Because " ~ paper.why')
    (tmp_path / "email" / "paper.txt.j2").write_text(own, "utf-8")
    renderer = TemplateRenderer([tmp_path, TEMPLATES], LINKS, LETTERHEAD)
    assert renderer._writer is not None
    assert "Because" in renderer.message(SPECIMENS[0]).text
    for of in SPECIMENS:
        assert renderer.message(of) == renderer.whole(of)


def test_a_user_can_change_one_block_of_one_file(tmp_path: Path) -> None:
    """``extends "shipped/…"`` keeps the rest of the shipped card, and the mail is still joined from pieces."""
    (tmp_path / "email").mkdir()
    own = '{% extends "shipped/email/card.html.j2" %}{% block facts %}<p>mine</p>\n{% endblock %}'
    (tmp_path / "email" / "card.html.j2").write_text(own, "utf-8")
    renderer = TemplateRenderer([tmp_path, TEMPLATES], LINKS, LETTERHEAD)
    html = renderer.message(SPECIMENS[0]).html
    assert ">mine</p>" in html
    assert "excerpt" in html
    assert renderer._writer is not None


def test_a_changed_paper_is_never_shown_from_an_old_piece() -> None:
    """New upvotes under the same id and revision make a new card."""
    renderer = RENDERERS[0]
    for upvotes in (11, 12):
        item = Item(paper=paper(7, upvotes=upvotes), kind=EventKind.NEW, hit=Hit())
        assert f"{upvotes} ▲" in renderer.message(digest(section(1, "q", item), subscriber=ADA)).html


@given(text=st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=400))
def test_quoting_line_by_line_is_what_email_makes_of_the_whole(text: str) -> None:
    """Lines of any length and letters, soft ends included."""
    part = EmailMessage(policy=policy.SMTP.clone(max_line_length=76))
    part.set_content(text, cte="quoted-printable")
    expected = part.as_bytes().partition(b"\r\n\r\n")[2]
    assert quoted_lines(text.removesuffix("\n")).encode() == expected


def test_an_order_of_the_users_own_is_rendered_whole(tmp_path: Path) -> None:
    """It may depend on anything, also on what no specimen has: here, a day of more than a thousand papers."""
    (tmp_path / "email").mkdir()
    shipped = (TEMPLATES / "email" / "digest.txt.j2").read_text("utf-8")
    own = shipped + "{% if digest.scanned > 1000 %}a busy day\n{% endif %}"
    (tmp_path / "email" / "digest.txt.j2").write_text(own, "utf-8")
    renderer = TemplateRenderer([tmp_path, TEMPLATES], LINKS, LETTERHEAD)
    busy = replace(digest(), scanned=1001)
    assert "a busy day" in renderer.message(busy).text
    assert renderer.message(busy) == renderer.whole(busy)
