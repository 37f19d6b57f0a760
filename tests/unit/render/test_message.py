"""The digest as a Markdown message, and the shipped themes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from digest.errors import TemplateError
from digest.links import LinkMaker
from digest.model import Digest
from digest.render import TemplateRenderer, template_folders
from digest.render.specimens import SPECIMENS
from tests.unit.render.conftest import LETTERHEAD, TEMPLATES, digest, item, paper, section

LINKS = LinkMaker(b"k" * 32, base_url="https://digest.example", mail_domain="digest.example")
RENDERER = TemplateRenderer([TEMPLATES], LINKS, LETTERHEAD)


def test_a_message_says_what_and_why(rich: Digest) -> None:
    """Subject, headings with counts, linked titles, authors, why-lines, updates and what is left out."""
    html = MarkdownIt().render(RENDERER.markdown(rich))
    assert "<strong>2 new papers: State space models, driv*</strong>" in html
    link = '<a href="https://arxiv.org/abs/2611.90034">Slow Rivers: State Space Models with γ &amp; &lt;Clocks&gt;</a>'
    assert link in html
    assert "<em>matches “mamba”, also in Clocks</em>" in html
    assert "1 more matched" in html
    assert "<strong>revised</strong>" in html


@given(text=st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp", "Zs"]), min_size=1, max_size=60))
def test_no_title_makes_links_or_markup_of_its_own(text: str) -> None:
    """Whatever a title holds, the only link is ours, and nobody is mentioned."""
    message = RENDERER.markdown(digest(section(1, "q", item(paper(title=f"a {text} [x](javascript:y) @here")))))
    html = MarkdownIt().render(message)
    assert re.findall(r'href="([^"]*)"', html) == ["https://arxiv.org/abs/2611.90034"]
    assert "@here" not in message


@pytest.mark.parametrize("theme", ["modern", "plain"])
def test_every_shipped_theme_renders_every_part_and_joins_it_from_pieces(theme: str) -> None:
    """A theme is complete, dark too, and as fast as the other."""
    renderer = TemplateRenderer(template_folders(TEMPLATES, theme=theme), LINKS, LETTERHEAD)
    assert renderer._writer is not None
    for of in SPECIMENS:
        message = renderer.message(of)
        assert "prefers-color-scheme: dark" in message.html
        assert message == renderer.whole(of)
        assert renderer.page(of)


def test_a_theme_that_is_not_there_is_an_error_that_names_those_that_are(tmp_path: Path) -> None:
    """The place is the setting."""
    with pytest.raises(TemplateError) as caught:
        template_folders(TEMPLATES, own=tmp_path, theme="gothic")
    assert caught.value.place == "[templates] theme"
    assert "modern, plain" in caught.value.hint
