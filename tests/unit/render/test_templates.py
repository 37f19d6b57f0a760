"""Templates: the user's own first, nothing undefined, a broken one named with file and line."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import replace
from pathlib import Path

import pytest

from digest.errors import TemplateError
from digest.links import LinkMaker
from digest.model import Digest, EventKind, Links
from digest.render import SteadfastRenderer, TemplateRenderer
from digest.render.environment import wrapped
from digest.render.papers import PaperView
from digest.render.view import DigestView, SectionView
from tests.unit.render.conftest import LETTERHEAD, TEMPLATES, item, paper


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
    [
        ("ok\n{% if %}", "digest.txt.j2, line 2"),
        ("\n\n{{ digest.no_such_thing }}", "digest.txt.j2, line 3"),
        ("ok\n{{ digest.shown - digest.day }}", "digest.txt.j2, line 2"),
        ("{% include 'email/gone.j2' %}", "digest.txt.j2, line 1"),
    ],
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


def test_updates_beyond_their_cap_are_one_click_away(renderer: TemplateRenderer, rich: Digest) -> None:
    """Both parts say how many more there are and link to the page, which has them all; so does the chat message."""
    more = tuple(item(paper(n, title=f"Revised Again {n}"), kind=EventKind.REVISED) for n in (11, 12))
    many = replace(rich, updates_left_out=more)
    mail, page = renderer.message(many), renderer.page(many)
    for part in (mail.text, mail.html):
        assert "2 more updates on papers you know." in " ".join(part.split())
        assert "Revised Again" not in part
    assert mail.html.count("See them all") == mail.text.count("See them all") == 2
    assert page.count("Revised Again 11") == page.count("Revised Again 12") == 1
    assert "2 more: [see them all]" in renderer.markdown(many)
    assert "more updates" not in renderer.message(rich).text


def test_the_page_shows_what_the_cap_left_out(renderer: TemplateRenderer, rich: Digest) -> None:
    """One click from the mail, every paper that matched."""
    page = renderer.page(rich)
    assert "One that the cap left out" in page
    assert "One that the cap left out" not in renderer.message(rich).html
    assert 'name="robots" content="noindex"' in page


def steadfast(folder: Path, links: LinkMaker, **files: str) -> SteadfastRenderer:
    for name, text in files.items():
        path = folder / "email" / f"{name.replace('_', '.')}.j2"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    return SteadfastRenderer(folder, [TEMPLATES], links, LETTERHEAD)


def test_a_broken_template_is_set_aside_at_the_start_and_the_shipped_one_serves(
    tmp_path: Path, links: LinkMaker, rich: Digest
) -> None:
    """Each mistake is named with file and line and costs one file; the user's other templates stay in use."""
    renderer = steadfast(
        tmp_path,
        links,
        digest_txt="Hello {{ digest.address }}",
        foot_html="<tr><td>\n{% if %}</td></tr>",
        card_html="\n{{ paper.titel }}",
        more_html="{{ 1 / 0 }}",
    )
    places = [str(Path(trouble.place).relative_to(tmp_path)) for trouble in renderer.troubles]
    assert sorted(places) == [
        "email/card.html.j2, line 2",
        "email/foot.html.j2, line 2",
        "email/more.html.j2, line 1",
    ]
    message = renderer.message(rich)
    assert message.text == "Hello ada@example.org\n"
    assert "Slow Rivers" in message.html
    assert "Unsubscribe" in message.html


def test_a_template_that_fails_on_one_digest_only_costs_that_digest_its_own_look(
    tmp_path: Path, links: LinkMaker, rich: Digest
) -> None:
    """What no specimen shows is found when it happens, and mail goes on."""
    renderer = steadfast(tmp_path, links, digest_txt="{{ 7 // (digest.scanned - 41) }}")
    assert list(renderer.troubles) == []
    assert renderer.message(rich) == TemplateRenderer([TEMPLATES], links, LETTERHEAD).message(rich)
    assert [error.place.rpartition("/")[2] for error in renderer.troubles] == ["digest.txt.j2, line 1"]
    assert renderer.message(replace(rich, scanned=48)).text == "1\n"


def test_a_folder_that_is_not_there_stops_nothing(tmp_path: Path, links: LinkMaker, rich: Digest) -> None:
    """It is named, and everything is the shipped look."""
    renderer = SteadfastRenderer(tmp_path / "gone", [TEMPLATES], links, LETTERHEAD)
    assert [trouble.place for trouble in renderer.troubles] == [str(tmp_path / "gone")]
    assert renderer.page(rich) == TemplateRenderer([TEMPLATES], links, LETTERHEAD).page(rich)


def test_every_value_a_template_sees_is_documented() -> None:
    """The guide in the templates' folder names every field of every view, and no others."""
    guide = (TEMPLATES / "README.md").read_text("utf-8").partition("## What a template sees")[2]
    told = guide.partition("Filters beside")[0]
    for name, view in (("digest", DigestView), ("section", SectionView), ("paper", PaperView), ("links", Links)):
        line = re.search(rf"^`{name}`: (.*?)(?=^`\w+`: |\Z)", told, re.MULTILINE | re.DOTALL)
        assert line is not None
        named = set(re.findall(r"`(\w+)`", re.sub(r"\([^)]*\)", "", line[1])))
        fields = {field.name for field in dataclasses.fields(view)}
        fields |= {key for key, value in vars(view).items() if isinstance(value, property)}
        assert named == fields - {"score", "bounces", "paper"}, name
