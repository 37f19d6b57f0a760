"""JSON Feed 1.0 and 1.1 (https://www.jsonfeed.org/version/1.1/)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from digest.errors import ListingError
from digest.model import Document
from digest.parsers.decode import text
from digest.parsers.entry import Entry, Feed, Text
from digest.parsers.feed import read_entries
from digest.parsers.pieces import Piece

_VERSION = re.compile(r'"version"\s*:\s*"https?:\\?/\\?/(?:www\.)?jsonfeed\.org\\?/version\\?/', re.IGNORECASE)

_AGAIN = "fetch it again, or tell its publisher"


def is_json_feed(head: str) -> bool:
    """Return whether ``head`` starts a JSON Feed: an object with the version's address."""
    return head.lstrip("\ufeff \n\t").startswith("{") and bool(_VERSION.search(head))


def read_json_feed(document: Document) -> Iterator[Piece]:
    """Read the items of a feed; raises ``ListingError`` for broken JSON, or an object without items."""
    try:
        content = json.loads(text(document).lstrip("\ufeff"))
    except json.JSONDecodeError as error:
        place = f"{document.name}, line {error.lineno} column {error.colno}"
        raise ListingError(f"the JSON is broken: {error.msg}", place=place, hint=_AGAIN) from error
    except RecursionError as error:
        raise ListingError("the JSON is nested too deeply for a feed", place=document.name, hint=_AGAIN) from error
    items = content.get("items") if isinstance(content, dict) else None
    if not isinstance(items, list):
        raise ListingError("the JSON Feed has no list of items", place=document.name, hint=_AGAIN)
    feed = Feed(title=_string(content, "title"), link=_string(content, "home_page_url"))
    yield from read_entries((_entry(item, number) for number, item in enumerate(items, 1)), feed, document.name)


def _entry(item: object, number: int) -> Entry:
    """Return one item; what is no object has no title, and is skipped for it."""
    if not isinstance(item, Mapping):
        return Entry(where=f"item {number}")
    address = _string(item, "url")
    identifier = _string(item, "id") or str(item.get("id") or "")
    html = _string(item, "content_html")
    return Entry(
        where=f"item {number}" + (f", {identifier[:100]}" if identifier else ""),
        id=identifier,
        title=Text(_string(item, "title")),
        summary=Text(html, is_html=True) if html else Text(_string(item, "content_text") or _string(item, "summary")),
        links=[("alternate", link) for link in (address, _string(item, "external_url")) if link],
        authors=_authors(item),
        categories=[tag for tag in _list(item, "tags") if isinstance(tag, str)],
        published=_string(item, "date_published"),
        updated=_string(item, "date_modified"),
    )


def _authors(item: Mapping[str, object]) -> list[str]:
    """Return the names of 1.1's ``authors`` or 1.0's ``author``."""
    people = _list(item, "authors") or [item.get("author")]
    return [_string(person, "name") for person in people if isinstance(person, Mapping) and _string(person, "name")]


def _list(item: Mapping[str, object], name: str) -> list[object]:
    value = item.get(name)
    return value if isinstance(value, list) else []


def _string(item: Mapping[str, object], name: str) -> str:
    value = item.get(name)
    return value if isinstance(value, str) else ""
