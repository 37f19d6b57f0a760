"""Templates of the user's own in pieces: lines in which several of a reader's values stand, and links of their own."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path
from weakref import ref

import pytest
from css_inline import CSSInliner
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.model import Digest, EventKind, Hit, Item, Span
from digest.render import TemplateRenderer
from digest.render.fragments import FragmentWriter, Limits
from digest.render.specimens import SPECIMENS
from tests.unit.render.conftest import LETTERHEAD, TEMPLATES, digest, paper, section
from tests.unit.render.test_fragments import DIGESTS, LINKS

MIXED = {
    "a number, a title and a reason on one line": (
        "email/paper.txt.j2",
        "{{ paper.marker }}{{ paper.title }} because it {{ paper.why }}\n{{ paper.authors }}\n",
    ),
    "several values wrapped together": (
        "email/paper.txt.j2",
        '{{ (paper.marker ~ paper.title ~ " (" ~ paper.why ~ ") " ~ paper.lead.text) | wrapped(4) }}\n',
    ),
    "the number behind, and twice": (
        "email/paper.txt.j2",
        "{{ paper.title }} {{ paper.marker }}\n{{ paper.why | wrapped }} {{ paper.marker }}.\n",
    ),
    "title, reason and number on one line of the card": (
        "email/card.html.j2",
        "<h3>{{ paper.marker }} {{ paper.title_html }} ({{ paper.why }})</h3>\n<p>{{ paper.why }}</p>\n",
    ),
    "a lead of several lines between other values": (
        "email/card.html.j2",
        "<p>{{ paper.title_html }}: {{ paper.lead.html }} ({{ paper.why }}) {{ paper.marker }}</p>\n",
    ),
    "links and a heading on one line": (
        "email/section.html.j2",
        '<tr><td><h2>{{ section.heading }} <a href="{{ links.archive }}">{{ section.tally }}</a></h2></td></tr>\n',
    ),
    "an address and a query under a heading": (
        "email/section.txt.j2",
        '{{ (section.heading ~ " " ~ section.query) | underlined }}\n{{ links.manage }} {{ section.heading }}\n',
    ),
    "the preheader and the address in the letter": (
        "email/top.txt.j2",
        "{{ digest.subject | underlined }}\n{{ digest.preheader }} for {{ digest.address }}\n",
    ),
    "the number in words of one's own before the links": (
        "email/link.txt.j2",
        "No. {{ paper.marker }}: {{ paper.url }}, {{ paper.marker }}\n",
    ),
}


def renderer_with(folder: Path, name: str, text: str) -> TemplateRenderer:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, "utf-8")
    return TemplateRenderer([folder, TEMPLATES], LINKS, LETTERHEAD)


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, TemplateRenderer]:
    """One renderer for each template, its pieces made once."""
    return {which: renderer_with(tmp_path_factory.mktemp("own"), *own) for which, own in MIXED.items()}


@pytest.mark.parametrize("which", MIXED)
def test_lines_with_several_values_are_joined_too(mixed: dict[str, TemplateRenderer], which: str) -> None:
    """Such templates only print, so no reader waits for the whole; once more, what is remembered serves."""
    assert mixed[which]._writer is not None
    for of in [*SPECIMENS, *SPECIMENS]:
        assert mixed[which].message(of) == mixed[which].whole(of)


@settings(max_examples=30, deadline=None)
@given(of=DIGESTS, which=st.sampled_from(list(MIXED)))
def test_lines_with_several_values_are_byte_for_byte_those_of_the_whole(
    mixed: dict[str, TemplateRenderer], of: Digest, which: str
) -> None:
    """For any text, spans and counts."""
    assert mixed[which].message(of) == mixed[which].whole(of)


@pytest.mark.parametrize("value", ["why", "lead.text", "title_html"])
def test_a_link_that_shows_what_is_the_readers_own_is_rendered_whole(tmp_path: Path, value: str) -> None:
    """Links are kept by number alone; what a reader's matches make of a paper must never come from another reader."""
    own = f"{{{{ paper.marker }}}}{{{{ paper.url }}}} {{{{ paper.{value} }}}}\n"
    renderer = renderer_with(tmp_path, "email/link.txt.j2", own)
    assert renderer._writer is None
    for of in SPECIMENS:
        assert renderer.message(of) == renderer.whole(of)


def many_readers() -> Iterator[Digest]:
    """Digests of two papers, each with matches of its own, and all of them once more."""
    papers = [paper(key, abstract="We show tides. " * 9 + "Shores are learned first. They rise.") for key in (1, 2)]
    for start in [*range(60), *range(60)]:
        spans = (*(Span("abstract", at, at + 5) for at in (start, start + 40)), Span("title", start % 9, 12))
        hit = Hit(terms=("".join(("ti", "des")),), spans=spans)
        yield digest(section(1, "tides", *[Item(paper=of, kind=EventKind.NEW, hit=hit) for of in papers]))


def test_what_is_forgotten_is_made_again_alike() -> None:
    """However little may be remembered of papers, every reader's mail is that of the whole."""
    renderer = TemplateRenderer([TEMPLATES], LINKS, LETTERHEAD)
    writer = FragmentWriter([TEMPLATES], CSSInliner(keep_at_rules=True), Limits(places=6, entries=3, lines=9))
    for of in many_readers():
        assert renderer._joined(writer, of) == renderer.whole(of)


def test_of_one_paper_only_so_much_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """What came first stays; what comes after there is room no more is made for its reader alone, and is the same."""
    monkeypatch.setattr("digest.render.book.MOST_LINES", 12)
    monkeypatch.setattr("digest.render.book.MOST_ENTRIES", 5)
    renderer = TemplateRenderer([TEMPLATES], LINKS, LETTERHEAD)
    writer = FragmentWriter([TEMPLATES], CSSInliner(keep_at_rules=True))
    for of in many_readers():
        assert renderer._joined(writer, of) == renderer.whole(of)
    assert len(writer._books) == 2
    for book in writer._books.values():
        lines = [line for shown in book._blocks.values() for line in shown.lines]
        assert 0 < sum(len(line.known) for line in lines) <= 6
        assert 0 < sum(len(shown.known) for shown in book._blocks.values()) <= 12
        assert len(book._entries) == 5


def test_what_a_digest_brings_along_is_not_kept() -> None:
    """Remembered are texts and places that are known anyway, not each reader's copies of them."""
    writer = FragmentWriter([TEMPLATES], CSSInliner(keep_at_rules=True))
    for of in many_readers():
        writer.write(of, LINKS.for_digest(of.subscriber, of.slot))
    for book in writer._books.values():
        places = {id(place) for cell in book._cells for place in cell.spots}
        kept = [span for spans, _, _ in book._entries for span in spans if book._spots[span].cell < book._nowhere]
        assert {id(span) for span in kept} <= places
        assert len(kept) > 60
        assert len({id(term) for _, terms, _ in book._entries for term in terms}) == 1


def test_what_is_forgotten_of_a_paper_goes_at_once() -> None:
    """Not with the next search for cycles, which are rare while mail leaves."""
    writer = FragmentWriter([TEMPLATES], CSSInliner(keep_at_rules=True))
    spans = (Span("abstract", 8, 13), Span("title", 0, 3))
    item = Item(paper=paper(1, abstract="We show tides."), kind=EventKind.NEW, hit=Hit(terms=("tides",), spans=spans))
    of = digest(section(1, "tides", item))
    gc.collect()
    gc.disable()
    try:
        writer.write(of, LINKS.for_digest(of.subscriber, of.slot))
        book = ref(writer._book(item))
        writer._books.clear()
        assert book() is None
    finally:
        gc.enable()
