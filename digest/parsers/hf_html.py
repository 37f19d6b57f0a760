"""Saved pages of Hugging Face papers: the rows in ``data-props``, or the visible cards where they are missing."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date

from digest.model import Document
from digest.parsers.decode import text
from digest.parsers.facts import why_empty
from digest.parsers.hf_json import read_rows, read_rows_of_half_a_page
from digest.parsers.hf_text.reader import read_headed
from digest.parsers.htmltree import is_cut, read_units
from digest.parsers.pieces import ListedOn, Piece, Warn
from digest.parsers.xmltree import Node

_UNITS = frozenset({"article", "h1", "h2", "time"})
_PROPS = re.compile(r"""data-props=(?P<quote>["'])(?P<props>(?:(?!(?P=quote)).)*)(?P=quote)""", re.DOTALL)
_DATA = re.compile(r"publishedAt|dailyPapers|trendingPapers")
_BLOCKS = frozenset("p div ul ol li h1 h2 h3 h4 article section time header footer".split())  # noqa: SIM905
_HALF_PROPS = re.compile(r"""data-props=["']?(?P<props>\{[^<>]*)$""")
_ROWS = ("searchResults", "dailyPapers", "papers", "trendingPapers")
"""Where the page's data keeps its papers; those that were searched for stand beside those of the day."""
_NAMED_ROWS = re.compile(r'"(?:dailyPapers|papers|trendingPapers)"\s*:\s*\[')


def is_hf_html(head: str) -> bool:
    """Return whether ``head`` starts a page of Hugging Face that is about papers."""
    page = re.match(r"\s*(?:<!--.*?-->\s*)*<(?:!doctype html|html)\b", head, re.IGNORECASE | re.DOTALL)
    return bool(page) and bool(
        re.search(r"hugging ?face", head, re.IGNORECASE) and re.search(r"papers", head, re.IGNORECASE)
    )


def read_hf_html(document: Document) -> Iterator[Piece]:
    """Read a saved page; of one that breaks off, the papers that are whole."""
    content = text(document)
    for found in _PROPS.finditer(content):
        if _DATA.search(found["props"]) and (rows := _rows(html.unescape(found["props"]))):
            yield from _read_data(*rows)
            return
    if (half := _HALF_PROPS.search(content)) and (start := _NAMED_ROWS.search(props := html.unescape(half["props"]))):
        yield Warn("The page's data breaks off: only its whole rows were read.", is_broken=True)
        yield from read_rows_of_half_a_page(props, start.end())
        return
    cut = is_cut(document)
    if cut:
        yield Warn("The page breaks off: only its whole cards were read.", is_broken=True)
    elif "data-props" in content and "publishedAt" in content:
        yield Warn("The page's data is broken: only its visible cards were read.")
    yield from read_headed(replace(document, body=_visible(document, closed=cut).encode()))


def _read_data(rows: list[object], content: Mapping[str, object]) -> Iterator[Piece]:
    day = _day(content)
    if day:
        yield ListedOn(day)
    if not rows:
        yield Warn(why_empty(day, of_arxiv=False))
    yield from read_rows(rows)


def _rows(props: str) -> tuple[list[object], Mapping[str, object]] | None:
    try:
        content = json.loads(props)
    except (json.JSONDecodeError, RecursionError):
        return None
    if not isinstance(content, dict):
        return None
    found = [content[name] for name in _ROWS if isinstance(content.get(name), list)]
    return (next(filter(None, found), []), content) if found else None


def _day(content: Mapping[str, object]) -> date | None:
    """Return the page's own day, which its data has under one of two names."""
    said = next((content[name] for name in ("dateString", "date") if isinstance(content.get(name), str)), "")
    try:
        return date.fromisoformat(str(said)[:10])
    except ValueError:
        return None


def _visible(document: Document, *, closed: bool) -> str:
    """Return the cards as Markdown, the shape that carries all a card shows."""
    return "\n\n".join(_markdown(node) for node in read_units(document, _UNITS, closed=closed)).replace("\xa0", " ")


def _markdown(node: Node) -> str:
    inner = "".join(piece if isinstance(piece, str) else _markdown(piece) for piece in node.pieces)
    folded = re.sub(r"[ \t\n]*\n[ \t\n]*", "\n\n", inner) if "\n" in inner else inner
    if node.name == "a" and folded.strip():
        return f"[{' '.join(folded.split())}]({node.attributes.get('href', '')})"
    if node.name in {"h1", "h2", "h3", "h4"}:
        return f"\n\n{'#' * int(node.name[1])} {' '.join(folded.split())}\n\n"
    if node.name in {"svg", "img", "button"}:
        return ""
    return f"\n\n{folded.strip()}\n\n" if node.name in _BLOCKS else folded
