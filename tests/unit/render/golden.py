"""What every form of the invented specimens looks like: ``tests/golden`` holds it, ``python -m tests.make`` renews it.

A change of look is a change of these files, so that it can be read as a difference.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from digest.links import LinkMaker
from digest.model import FeedEntry, FeedFormat
from digest.render import Citations, Letterhead, TemplateRenderer, citations, template_folders
from digest.render.specimens import SPECIMENS

TESTS = Path(__file__).resolve().parents[2]
GOLDEN = TESTS / "golden"
LINKS = LinkMaker(b"k" * 32, base_url="https://digest.example", mail_domain="digest.example")
LETTERHEAD = Letterhead(from_name="Papers", from_address="papers@digest.example", domain="digest.example")
THEMES = ("modern", "plain")


def renderer(theme: str = "modern") -> TemplateRenderer:
    """Return the renderer over a shipped theme."""
    return TemplateRenderer(template_folders(TESTS.parent / "templates", theme=theme), LINKS, LETTERHEAD)


def forms() -> Iterator[tuple[str, bytes]]:
    """Yield every form by the name of its file; line ends are plain, so that Git shows lines."""
    for theme in THEMES:
        made = renderer(theme)
        for name, of in zip(("full", "two", "empty"), SPECIMENS, strict=True):
            message = made.message(of)
            yield f"{theme}-{name}.html", message.html.encode()
            yield f"{theme}-{name}.txt", message.text.encode()
    made = renderer()
    full = SPECIMENS[0]
    yield "full.eml", made.message(full).raw.replace(b"\r\n", b"\n")
    yield "full.md", made.markdown(full).encode()
    yield "page.html", made.page(full).encode()
    entries = [
        FeedEntry(item=item, section="Tides", subscription_id=1, delivered_at=full.composed_at, slot=full.slot)
        for item in full.items
    ]
    for feed_format in FeedFormat:
        yield f"feed.{feed_format.value}", made.feed(full.subscriber, entries, feed_format)
    for kind in Citations:
        yield f"papers.{kind.value}", citations((item.paper for item in full.items), kind).encode()


def write() -> None:
    """Write all forms, and remove what is none any more."""
    made = dict(forms())
    GOLDEN.mkdir(exist_ok=True)
    for path in GOLDEN.iterdir():
        if path.name not in made:
            path.unlink()
    for name, content in made.items():
        (GOLDEN / name).write_bytes(content)
