"""Templates: the user's own first, nothing undefined, a broken one named with file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from digest.errors import TemplateError
from digest.links import LinkMaker
from digest.model import Digest
from digest.render import TemplateRenderer
from digest.render.environment import wrapped
from tests.unit.render.conftest import LETTERHEAD, TEMPLATES


def with_own(folder: Path, text: str, links: LinkMaker) -> TemplateRenderer:
    (folder / "email").mkdir()
    (folder / "email" / "digest.txt.j2").write_text(text, "utf-8")
    return TemplateRenderer([folder, TEMPLATES], links, LETTERHEAD)


def test_one_file_in_the_users_folder_replaces_one_template(tmp_path: Path, links: LinkMaker, rich: Digest) -> None:
    """The rest is still the shipped one."""
    made = with_own(tmp_path, "Hello {{ digest.address }}: {{ digest.shown }}", links).message(rich)
    assert made.text == "Hello ada@example.org: 3\n"
    assert "Slow Rivers" in made.html


@pytest.mark.parametrize(
    ("text", "place"),
    [("ok\n{% if %}", "digest.txt.j2, line 2"), ("{{ digest.no_such_thing }}", "digest.txt.j2")],
)
def test_a_broken_template_is_an_error_with_its_place(
    text: str, place: str, tmp_path: Path, links: LinkMaker, rich: Digest
) -> None:
    """A syntax error names file and line; what is undefined is never rendered as nothing."""
    with pytest.raises(TemplateError) as caught:
        with_own(tmp_path, text, links).message(rich)
    assert caught.value.place.endswith(place)


def test_a_template_cannot_reach_the_machine(tmp_path: Path, links: LinkMaker, rich: Digest) -> None:
    """The sandbox refuses the usual way from a string to the operating system."""
    with pytest.raises(TemplateError):
        with_own(tmp_path, "{{ ''.__class__.__mro__[1].__subclasses__() }}", links).message(rich)


def test_wrapping_keeps_addresses_whole() -> None:
    """A link longer than a line stays one link."""
    address = "https://example.org/" + "a" * 90
    assert address in wrapped(f"see {address} for more").splitlines()


def test_the_page_shows_what_the_cap_left_out(renderer: TemplateRenderer, rich: Digest) -> None:
    """One click from the mail, every paper that matched."""
    page = renderer.page(rich)
    assert "One that the cap left out" in page
    assert "One that the cap left out" not in renderer.message(rich).html
    assert 'name="robots" content="noindex"' in page
