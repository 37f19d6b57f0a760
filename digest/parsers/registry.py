"""Which formats there are, how one is told by content, and how a document becomes a listing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from digest.errors import ListingError
from digest.model import Document, Listing, Sighting, Skipped
from digest.parsers.arxiv_html import is_arxiv_html, read_arxiv_html
from digest.parsers.decode import head
from digest.parsers.feed import (
    Loose,
    is_any_feed,
    is_arxiv_api,
    is_arxiv_atom,
    is_arxiv_rss,
    is_atom,
    is_rss,
    read_loosely,
    read_xml_feed,
)
from digest.parsers.hf_html import is_hf_html, read_hf_html
from digest.parsers.hf_json import is_hf_json, read_hf_json
from digest.parsers.hf_text.reader import read_addressed, read_cards, read_headed, read_plain
from digest.parsers.hf_text.shapes import (
    is_cards,
    is_lines,
    is_link_lines,
    is_markdown,
    is_numbered,
    is_paragraphs,
    is_trending,
)
from digest.parsers.json_feed import is_json_feed, read_json_feed
from digest.parsers.mail import is_mail, read_mail
from digest.parsers.mailing import is_mailing, read_mailing
from digest.parsers.oai import is_oai, read_oai
from digest.parsers.pieces import ListedOn, Piece, Resume, Warn
from digest.text.readable import readable

LONGEST_TITLE = 2_000
LONGEST_ABSTRACT = 200_000
"""Code points: what is longer is a file of another kind that only looks like a listing."""


class Format(NamedTuple):
    """One format: what it is called, what it is, how the start of a text shows it, and its reader.

    ``lenient``: the reader takes a second argument, the reader of what is not well-formed.
    """

    name: str
    title: str
    recognises: Callable[[str], bool]
    read: Callable[..., Iterator[Piece]]
    lenient: bool = False


def _read_mail(document: Document) -> Iterator[Piece]:
    return read_mail(document, entries)


_ALL = (
    Format("arxiv-oai", "page of an OAI-PMH harvest", is_oai, read_oai),
    Format("arxiv-api", "answer of the arXiv API", is_arxiv_api, read_xml_feed, lenient=True),
    Format("arxiv-atom", "Atom feed of arXiv", is_arxiv_atom, read_xml_feed, lenient=True),
    Format("arxiv-rss", "RSS feed of arXiv", is_arxiv_rss, read_xml_feed, lenient=True),
    Format("atom", "Atom feed", is_atom, read_xml_feed, lenient=True),
    Format("rss", "RSS feed", is_rss, read_xml_feed, lenient=True),
    Format("json-feed", "JSON Feed", is_json_feed, read_json_feed),
    Format("hf-html", "saved page of Hugging Face papers", is_hf_html, read_hf_html),
    Format("arxiv-html", "saved listing page of arXiv", is_arxiv_html, read_arxiv_html),
    Format("feed", "any other feed, read leniently", is_any_feed, read_loosely, lenient=True),
    Format("mail", "mail or mbox that carries a listing", is_mail, _read_mail),
    Format("arxiv-mailing", "text of an arXiv mailing", is_mailing, read_mailing),
    Format("hf-json", "answer of the Hugging Face daily papers API", is_hf_json, read_hf_json),
    Format("hf-markdown", "text of a Hugging Face papers page, Markdown links", is_markdown, read_headed),
    Format("hf-numbered", "text of a Hugging Face papers page, numbered links", is_numbered, read_headed),
    Format("hf-link-lines", "text of a Hugging Face papers page, a link per line", is_link_lines, read_addressed),
    Format("hf-trending", "text of the Hugging Face trending papers", is_trending, read_headed),
    Format("hf-cards", "text of a Hugging Face papers page, cards", is_cards, read_cards),
    Format("hf-paragraphs", "text of a Hugging Face papers page, paragraphs", is_paragraphs, read_plain),
    Format("hf-lines", "text of a Hugging Face papers page, a line each", is_lines, read_plain),
)
FORMATS: Mapping[str, Format] = {kind.name: kind for kind in _ALL}
"""Every format by its name, the most telling first; that is the order in which ``sniff`` asks."""


def sniff(document: Document) -> str:
    """Return the name of the format a document is in, told by its content.

    Raises ``ListingError`` for what is empty, binary, or of no kind we know.
    """
    start = head(document)
    name = next((kind.name for kind in _ALL if kind.recognises(start)), "")
    if name:
        return name
    if page := re.match(r"\s*<(?:!doctype html|html|head|body)\b", start, re.IGNORECASE):
        title = re.search(r"<title[^>]*>([^<]{1,200})", start[page.start() :], re.IGNORECASE)
        said = f", titled {readable(title[1])!r}" if title else ""
        raise ListingError(
            f"this is a web page that holds no listing{said}", place=document.name, hint="is it an error?"
        )
    raise ListingError(
        "this is no listing of a kind we know",
        place=document.name,
        hint=f"formats: {', '.join(FORMATS)}; --format overrides the guess",
    )


def entries(
    document: Document,
    *,
    format: str | None = None,  # noqa: A002 - the option's name
    loose: Loose | None = None,
) -> Iterator[Piece]:
    """Yield what a document holds, piece by piece, in constant memory; raises ``ListingError``.

    ``loose`` reads feeds that are not well-formed; without it they are errors.
    """
    name = format or sniff(document)
    if name not in FORMATS:
        raise ListingError(f"there is no format {name!r}", place=document.name, hint=f"formats: {', '.join(FORMATS)}")
    head(document)
    kind = FORMATS[name]
    yield from map(_sized, kind.read(document, loose) if kind.lenient else kind.read(document))


def _sized(piece: Piece) -> Piece:
    """Return a piece as it is, but for a paper that is longer than any: something else was taken for one."""
    if not isinstance(piece, Sighting):
        return piece
    if len(piece.title) <= LONGEST_TITLE and len(piece.abstract) <= LONGEST_ABSTRACT:
        return piece
    length = len(piece.title) + len(piece.abstract)
    return Skipped(piece.where, f"{length:,} characters are no title and abstract")


def parse(
    document: Document,
    *,
    format: str | None = None,  # noqa: A002 - the option's name
    loose: Loose | None = None,
) -> Listing:
    """Return what a document holds as a whole; raises ``ListingError``.

    A listing in which no paper was recognised says so in its warnings.
    """
    name = format or sniff(document)
    sightings: list[Sighting] = []
    skipped: list[Skipped] = []
    warnings: dict[str, bool] = {}
    listed_on = document.listed_on
    resume = None
    for piece in entries(document, format=name, loose=loose):
        match piece:
            case Sighting():
                sightings.append(piece)
            case Skipped():
                skipped.append(piece)
            case Warn(text, is_broken):
                warnings.setdefault(text, is_broken)
            case ListedOn(day):
                listed_on = document.listed_on or day
            case Resume(token):
                resume = token
    if not sightings and not warnings:
        warnings.setdefault("No paper was recognised: an empty day, or a page of another kind.", False)
    return Listing(
        document=document,
        format=name,
        listed_on=listed_on,
        sightings=tuple(sightings),
        skipped=tuple(skipped),
        warnings=tuple(warnings),
        resume=resume,
        broken=next((text for text, is_broken in warnings.items() if is_broken), ""),
    )
