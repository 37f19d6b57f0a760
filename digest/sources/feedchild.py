"""feedparser in a process of its own: feed on standard input, entries as JSON on standard output.

Run by ``loose``; limits itself before it reads a byte. What feedparser gives is turned into the plain fields of
``parsers.entry`` and nothing else leaves the process.
"""

from __future__ import annotations

import io
import json
import resource
import sys
from typing import Any

LARGEST = 8 << 20
"""Bytes of a feed that are read: feedparser takes seconds for a megabyte of nonsense."""


def main(seconds: int, memory: int) -> None:
    """Read one feed and print its entries, with so many seconds of CPU and bytes of memory."""
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    body = sys.stdin.buffer.read(LARGEST)
    import feedparser  # noqa: PLC0415 - only here, behind the limits

    found = feedparser.parse(io.BytesIO(body), sanitize_html=False, resolve_relative_uris=False)
    feed = found.get("feed", {})
    answer = {
        "version": str(found.get("version", "")),
        "title": _text(feed, "title"),
        "link": _text(feed, "link"),
        "updated": _text(feed, "updated") or _text(feed, "published"),
        "entries": [_entry(entry) for entry in found.get("entries", [])],
    }
    json.dump(answer, sys.stdout)


def _entry(entry: Any) -> dict[str, Any]:
    content = entry.get("content") or [{}]
    summary = entry.get("summary_detail") or content[0]
    title = entry.get("title_detail") or {}
    return {
        "id": _text(entry, "id"),
        "title": [_text(title, "value"), _is_html(title)],
        "summary": [_text(summary, "value"), _is_html(summary)],
        "links": [[_text(link, "rel") or "alternate", _text(link, "href")] for link in entry.get("links", [])],
        "authors": [_text(author, "name") for author in entry.get("authors", []) if _text(author, "name")],
        "categories": [_text(tag, "term") for tag in entry.get("tags", []) if _text(tag, "term")],
        "identifiers": [text for name in ("dc_identifier", "prism_doi") if (text := _text(entry, name))],
        "published": _text(entry, "published"),
        "updated": _text(entry, "updated"),
        "extra": {
            ours: text
            for theirs, ours in (("arxiv_announce_type", "announce_type"), ("arxiv_comment", "comment"))
            if (text := _text(entry, theirs))
        },
    }


def _is_html(detail: Any) -> bool:
    return "html" in _text(detail, "type")


def _text(holder: Any, name: str) -> str:
    value = holder.get(name) if hasattr(holder, "get") else None
    return value if isinstance(value, str) else ""


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
