"""HTML that holds up in Gmail, Outlook and Apple Mail, as far as it can be told without them.

``tests/data/email/caniemail.json`` says for every feature that caniemail.com has tried how the three families show it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

import pytest

from digest.compose import MAX_SHOWN, MAX_UPDATES
from digest.model import EventKind, Key, Link, LinkKind, Message, Span
from digest.render.specimens import SPECIMENS
from tests.unit.render.conftest import digest, item, paper, section
from tests.unit.render.golden import TESTS, THEMES, renderer

CLIPPED = 95 * 1024
"""Gmail clips at about 102 KB of HTML."""
SUPPORT: dict[str, str] = json.loads((TESTS / "data" / "email" / "caniemail.json").read_text("utf-8"))["features"]
HARMLESS = {
    "css-border-radius": "corners are square",
    "css-max-height": "the hidden preheader has display: none too",
    "css-opacity": "the hidden preheader has display: none too",
    "css-overflow": "the hidden preheader has display: none too",
    "css-word-break": "a very long query widens the column",
    "css-at-media": "small screens get the wide margins",
    "css-at-media-prefers-color-scheme": "it stays light, or the program inverts it by itself",
    "html-aria-hidden": "a screen reader reads the little bars too",
    "html-role": "a screen reader announces the layout tables",
    "html-style": "the style sheet is in style attributes; what stays in <style> is for dark and small screens",
    "html-mark": "an unknown inline element keeps its style attribute, and its text",
}
"""What one of the families does not know, and what its readers then see."""
OLD = {
    "html": "a body h1 h2 h3 head html meta style table tbody td title tr",
    "css": "border-bottom border-bottom-color border-left border-left-color color font-family font-style padding-left"
    " padding-right",
    "attribute": "border charset class content href name",
}
"""What is as old as HTML mail, so that nobody has tried it."""


class Used(HTMLParser):
    """What a mail uses, by the names of caniemail.com; ``addresses`` is what it could load."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.features: set[tuple[str, str]] = set()
        self.addresses: list[str] = []
        self.links: list[str] = []
        self.feed(html)
        style = "".join(re.findall(r"<style>(.*?)</style>", html, re.DOTALL))
        self.features |= {("at", name) for name in re.findall(r"@([\w-]+ \([\w-]+)", style)}
        for rules in re.findall(r"\{([^{}]*)\}", style):
            self._properties(rules)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note tag, attributes and properties."""
        self.features.add(("html", tag))
        for name, value in attrs:
            self.features.add(("attribute", name))
            if name == "style":
                self._properties(value or "")
            elif name == "href":
                self.links.append(value or "")
            elif name in {"src", "srcset", "background", "poster", "data", "action"}:
                self.addresses.append(value or "")

    def _properties(self, rules: str) -> None:
        self.features |= {("css", rule.partition(":")[0].strip()) for rule in rules.split(";") if ":" in rule}
        self.addresses += re.findall(r"url\(|@import|expression\(", rules)


def unsupported(used: Used) -> Iterator[str]:
    for kind, name in sorted(used.features):
        slug = {"html": f"html-{name}", "css": f"css-{name}", "attribute": f"html-{name}"}.get(kind, "")
        if kind == "at":
            slug = "css-at-media-prefers-color-scheme" if "prefers-color-scheme" in name else "css-at-media"
        known = SUPPORT.get(slug)
        if name in OLD.get(kind, "").split() or slug in HARMLESS:
            continue
        if known is None or set(known) & set("nu"):
            yield f"{kind} {name}: {known}"


@pytest.mark.parametrize("theme", THEMES)
def test_every_tag_attribute_and_property_is_known_or_harmless(theme: str) -> None:
    """Both themes, whatever a digest holds: nothing that one of the families would show badly."""
    for of in SPECIMENS:
        assert list(unsupported(Used(renderer(theme).message(of).html))) == []


@pytest.mark.parametrize("theme", THEMES)
def test_a_mail_loads_nothing_and_follows_nobody(theme: str) -> None:
    """No picture, font, style sheet or script, no pixel: links are the papers' own and ours, without any mark."""
    used = Used(renderer(theme).message(SPECIMENS[0]).html)
    assert used.addresses == []
    tags = {name for kind, name in used.features if kind == "html"}
    assert not tags & {"img", "link", "script", "iframe", "object", "svg", "video", "form", "input", "base"}
    allowed = re.compile(
        r"https://(arxiv\.org/(abs|pdf)/|doi\.org/|example\.org/|digest\.example/(d|feeds|manage|unsubscribe)/)"
    )
    assert [link for link in used.links if not allowed.match(link) or "utm_" in link] == []


def test_the_longest_mail_is_not_clipped() -> None:
    """As many papers as the cap lets through, each with a long title, abstract, summary, why-line and all links."""
    for theme in THEMES:
        size = len(the_longest(theme).html.encode())
        assert size < CLIPPED, f"{theme}: {size:,} bytes"


def the_longest(theme: str) -> Message:
    abstract = " ".join(
        f"We show number {n} of the many slow rivers that run to the sea, and we {'go on ' * 8}." for n in range(20)
    )
    spans = tuple(Span("abstract", at.start(), at.end()) for at in re.finditer("rivers|sea", abstract))
    made = [
        replace(
            item(
                paper(
                    n,
                    title="Slow Rivers and Their Many Clocks: A Very Long Title about State Space Models of "
                    + "Rivers " * 6,
                    abstract=abstract,
                    authors=tuple(f"Ilse Maximiliana Vanterpool-Abiodun {k}" for k in range(60)),
                    keys=(Key(f"arxiv:2611.9{n:04}"), Key(f"doi:10.1000/rivers.{n}")),
                    links=tuple(Link(kind, f"https://example.org/{kind.value}/{n}/{'long' * 8}") for kind in LinkKind),
                    summary="It gives each channel of a slow river a clock of its own, " * 4,
                    categories=("cs.LG", "cs.CL", "stat.ML"),
                    organization="University of the Rivers and Seas",
                    published=date(2026, 11, 18),
                ),
                kind=EventKind.NEW if n > MAX_UPDATES else EventKind.REVISED,
                note="" if n > MAX_UPDATES else "version 2: title, abstract and comment changed",
                also_in=("Rivers and seas of the North", "Everything about clocks"),
            )
        )
        for n in range(1, MAX_SHOWN + 1)
    ]
    made = [
        replace(one, hit=replace(one.hit, spans=spans, terms=("rivers", "sea", '"state space model"'))) for one in made
    ]
    new, updates = made[MAX_UPDATES:], made[:MAX_UPDATES]
    sections = [section(n, "rivers OR sea " * 3, *new[n::4], name=f"Rivers {n}", left_out=(new[0],)) for n in range(4)]
    return renderer(theme).message(digest(*sections, updates=tuple(updates)))
