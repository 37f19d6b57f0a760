"""The feeds in a real reader: newsboat, run headless against files."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from digest.links import LinkMaker
from digest.model import FeedFormat
from digest.render import TemplateRenderer
from tests.conftest import need_program
from tests.unit.render.conftest import ADA, LETTERHEAD, TEMPLATES, digest, entries, item, paper, section

RENDERER = TemplateRenderer(
    [TEMPLATES], LinkMaker(b"k" * 32, base_url="https://digest.example", mail_domain="digest.example"), LETTERHEAD
)
ENTRIES = entries(digest(section(1, "mamba", *(item(paper(n, title=f"Paper {n}: γ & <Clocks>")) for n in range(1, 6)))))


def unread(folder: Path, urls: list[str]) -> int:
    """Reload the feeds and return how many items newsboat calls unread."""
    newsboat = need_program("newsboat", debian="newsboat")
    (folder / "urls").write_text("\n".join(urls) + "\n")
    (folder / "config").write_text("auto-reload no\n")
    told = subprocess.run(
        [newsboat, "-q", "-u", "urls", "-c", "cache.db", "-C", "config", "-x", "reload", "print-unread"],
        cwd=folder,
        env={"HOME": str(folder), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TERM": "dumb"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    found = re.search(r"(\d+) unread", told.stdout)
    assert found, told.stdout + told.stderr
    return int(found[1])


def written(folder: Path, name: str, raw: bytes) -> str:
    path = folder / name
    path.write_bytes(raw)
    return f"file://{path}"


@pytest.mark.parametrize("feed_format", [FeedFormat.RSS, FeedFormat.ATOM])
def test_a_reader_sees_each_paper_once_however_often_the_feed_is_made(feed_format: FeedFormat, tmp_path: Path) -> None:
    """Five papers are five unread items, also after counters and titles have changed and a digest was added."""
    url = written(tmp_path, "feed.xml", RENDERER.feed(ADA, ENTRIES, feed_format))
    assert unread(tmp_path, [url]) == 5
    changed = [replace(e, item=replace(e.item, paper=replace(e.item.paper, upvotes=99))) for e in ENTRIES]
    added = entries(digest(section(1, "mamba", item(paper(6, title="Paper 6")))))
    written(tmp_path, "feed.xml", RENDERER.feed(ADA, [*added, *changed], feed_format))
    assert unread(tmp_path, [url]) == 6


def test_two_readers_feeds_in_one_program_do_not_eat_each_other(tmp_path: Path) -> None:
    """Newsboat knows items by id across all feeds: the same papers in two feeds stay two sets of items."""
    urls = [
        written(tmp_path, f"{number}.xml", RENDERER.feed(replace(ADA, id=number), ENTRIES, FeedFormat.RSS))
        for number in (1, 2)
    ]
    assert unread(tmp_path, urls) == 10
