"""Feeds to papers: arXiv's four kinds, and any other RSS or Atom feed.

An arXiv entry is told by itself (its id, its link), not by the feed it stands in, so mixed feeds are read too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date

from digest.errors import ListingError
from digest.ids import Identifier, arxiv, doi, find, pmid
from digest.model import Announced, Document, Key, Link, LinkKind, Sighting, Skipped
from digest.parsers.entry import Entry, Feed, Text, day_of
from digest.parsers.facts import announced, home_of, is_withdrawn, links_of, why_empty
from digest.parsers.feed_xml import read_feed
from digest.parsers.names import count_names, names, natural_names
from digest.parsers.pieces import ListedOn, Piece, Warn
from digest.parsers.xmltree import Broken
from digest.text.markup import html_to_text
from digest.text.readable import readable, readable_abstract

RSS_LIMIT = 2000
"""Items at which https://rss.arxiv.org cuts a feed."""

_PREAMBLE = re.compile(r"\s*arXiv:(?P<id>\S+)\s+Announce Type:\s*(?P<type>[\w-]+)\s*(?:Abstract:\s*)?", re.IGNORECASE)
_OLD_TITLE = re.compile(
    r"\.?\s*\(arXiv:(?P<id>\S+)\s+\[(?P<category>[^\]]+)\](?:\s+(?P<mark>UPDATED|CROSS LISTED))?\)\s*$"
)
_JOURNAL_FIRST = re.compile(
    r"\s*(?P<journal>[^<>,.]{2,80}), (?:Published|Posted|Available) online:?\s*[^;<]{4,40};\s*"
    r"(?:doi:\s*(?P<doi>10\.\S+?))?(?=[\s<]|$)",
    re.IGNORECASE,
)
_ASK = "check what was asked for: categories, query, numbers"
_BETWEEN, _IN_BRACKETS = re.compile(r"[\s,;]+"), re.compile(r"\([^()]*\)")
"""In arXiv's API a category may be a list of classes: ``03B70, 68Q99 (Primary)``, ``F.4.1; K.2``."""
_MARKS = {"UPDATED": Announced.REPLACE, "CROSS LISTED": Announced.CROSS}


_START = r"\s*(?:<\?xml.{0,200}?\?>\s*)?(?:<\?.{0,400}?\?>\s*|<!--.{0,4000}?-->\s*)*"
_ATOM = re.compile(_START + r"<(?:\w+:)?(?:feed|entry)\b", re.DOTALL)
_RSS = re.compile(_START + r"<(?:(?:\w+:)?(?:rss|RDF)\b|Channel\s[^>]*purl\.org/net/rss1\.1#)", re.DOTALL)
_OF_ARXIV = re.compile(
    r"<(?:id|link)[^>]*>\s*https?://(?:\w+\.)*arxiv\.org/|oai:arXiv\.org:|//(?:rss|export)\.arxiv\.org/"
)


Loose = Callable[[Document], tuple[Feed, list[Entry]]]
"""Reads a feed that is not well-formed (``sources.loose``); raises ``ListingError``."""


def is_any_feed(head: str) -> bool:
    """Return whether something in the first lines begins a feed, whatever stands before it."""
    return bool(re.search(r"<(?:\w+:)?(?:rss|feed|RDF|channel)[\s>]", head[:4000], re.IGNORECASE))


def is_atom(head: str) -> bool:
    """Return whether ``head`` starts an Atom feed, or an Atom entry that is a document of its own."""
    return bool(_ATOM.match(head.lstrip("\ufeff")))


def is_rss(head: str) -> bool:
    """Return whether ``head`` starts an RSS feed, 0.9x to 2.0 or RDF, whatever prefix its names have."""
    return bool(_RSS.match(head.lstrip("\ufeff")))


def is_arxiv_api(head: str) -> bool:
    """Return whether ``head`` starts an answer of arXiv's API (its title, its id, or its errors)."""
    return is_atom(head) and bool(re.search(r"https?://(?:export\.)?arxiv\.org/api/|ArXiv Query:", head[:6000]))


def is_arxiv_atom(head: str) -> bool:
    """Return whether ``head`` starts one of arXiv's Atom feeds."""
    return is_atom(head) and bool(_OF_ARXIV.search(head[:6000]))


def is_arxiv_rss(head: str) -> bool:
    """Return whether ``head`` starts one of arXiv's RSS feeds, today's or those before 2024."""
    return is_rss(head) and bool(_OF_ARXIV.search(head[:6000]))


def read_xml_feed(document: Document, loose: Loose | None = None) -> Iterator[Piece]:
    """Read an RSS or Atom feed; raises ``ListingError`` for an error feed, or where nothing of it can be read.

    Where a feed is not well-formed, ``loose`` reads the rest of it, if there is one.
    """
    feed = Feed()
    count = 0
    try:
        for entry in read_feed(document, feed):
            _refuse_error(feed, entry, document.name)
            count += 1
            yield from _day_first(feed, count)
            yield paper_of(entry)
    except Broken as broken:
        if loose and not broken.ends_early:
            yield from read_loosely(document, loose, after=count, why=broken)
            return
        yield from _broken(broken, count, document.name)
    _refuse_error(feed, None, document.name)
    yield from _close(feed, count)


def read_loosely(
    document: Document, loose: Loose | None, *, after: int = 0, why: Broken | None = None
) -> Iterator[Piece]:
    """Read the entries behind the first ``after`` as a lenient reader sees them."""
    if loose is None:
        raise ListingError(
            "the feed is broken, and there is no lenient reader for it", place=document.name, hint="fetch it again"
        )
    feed, entries = loose(document)
    if why:
        yield Warn(f"The feed is not well-formed ({why.reason}, line {why.line}): it was read leniently.")
    yield from read_entries(entries[after:], feed, document.name, before=after)


def _broken(broken: Broken, count: int, name: str) -> Iterator[Piece]:
    if not count:
        place = f"{name}, line {broken.line}"
        raise ListingError(f"the XML is broken: {broken.reason}", place=place, hint="fetch it again") from broken
    yield Warn(
        f"The feed breaks off or is broken at line {broken.line}: only {count} entries could be read.", is_broken=True
    )
    yield Skipped(f"line {broken.line}", f"broken XML: {broken.reason}")


def read_entries(entries: Iterable[Entry], feed: Feed, place: str, *, before: int = 0) -> Iterator[Piece]:
    """Read entries that another reader has told apart, ``before`` of which were read already."""
    count = before
    for entry in entries:
        _refuse_error(feed, entry, place)
        count += 1
        yield paper_of(entry)
    _refuse_error(feed, None, place)
    yield from _close(feed, count)


def paper_of(entry: Entry) -> Sighting | Skipped:
    """Return the paper of an entry, or why there is none."""
    title = readable(_plain(entry.title))
    old = _OLD_TITLE.search(title)
    if old:
        title = title[: old.start()].strip()
    if not title:
        return Skipped(entry.where, "an entry without a title")
    return _arxiv_paper(entry, title, old) or _other_paper(entry, title)


def _arxiv_paper(entry: Entry, title: str, old: re.Match[str] | None) -> Sighting | None:
    preamble = _PREAMBLE.match(entry.summary.raw)  # then it is plain text, whatever RSS says
    summary = entry.summary.raw if preamble else _plain(entry.summary)
    identifier = _arxiv_id(entry, preamble["id"] if preamble else old["id"] if old else "")
    if identifier is None:
        return None
    raw_abstract = summary[preamble.end() :] if preamble else summary
    kind = announced(entry.extra.get("announce_type", "") or (preamble["type"] if preamble else ""))
    if old:
        kind = _MARKS.get(old["mark"] or "", Announced.NEW)
    abstract, comment = readable_abstract(raw_abstract), readable(entry.extra.get("comment", ""))
    authors = natural_names(entry.authors)
    replaced = kind in {Announced.REPLACE, Announced.REPLACE_CROSS}
    return Sighting(
        title=title,
        abstract=abstract,
        authors=authors,
        author_count=count_names(" ".join(entry.authors), authors),
        published=None if replaced else day_of(entry.published),
        keys=_keys(identifier.key, entry),
        version=identifier.version,
        url=home_of(identifier.key),
        links=links_of(identifier.key),
        categories=_categories(entry, old["category"] if old else ""),
        announced=kind,
        comment=comment or None,
        journal_ref=readable(entry.extra.get("journal_ref", "") or entry.extra.get("journal_reference", "")) or None,
        withdrawn=is_withdrawn(comment, abstract),
        where=entry.where,
        raw_title=entry.title.raw.strip(),
        raw_abstract=raw_abstract,
    )


def _other_paper(entry: Entry, title: str) -> Sighting:
    summary = _plain(entry.summary)
    journal = _JOURNAL_FIRST.match(summary)
    said = " ".join((*entry.identifiers, entry.id, *(address for _, address in entry.links)))
    keys = list(dict.fromkeys(identifier.key for identifier in find(said)))
    if journal and journal["doi"] and (key := doi(journal["doi"])):
        keys = list(dict.fromkeys([*keys, key]))
    keys += [key for key in (pmid(said),) if key]
    raw_abstract = summary[journal.end() :] if journal else summary
    abstract = readable_abstract(raw_abstract)
    authors = names(entry.authors)
    page = next((address for relation, address in entry.links if _is_web(address) and relation != "pdf"), None)
    return Sighting(
        title=title,
        abstract="" if abstract == title else abstract,
        authors=authors,
        author_count=count_names(" ".join(entry.authors), authors),
        published=day_of(entry.published) or day_of(entry.updated),
        keys=tuple(keys),
        url=page or (home_of(keys[0]) if keys else None),
        links=tuple(
            Link(LinkKind.PDF, address) for relation, address in entry.links if relation == "pdf" and _is_web(address)
        ),
        categories=tuple(dict.fromkeys(filter(None, map(readable, entry.categories)))),
        journal_ref=readable(journal["journal"] if journal else entry.extra.get("publicationName", "")) or None,
        where=entry.where,
        raw_title=entry.title.raw.strip(),
        raw_abstract=entry.summary.raw.strip(),
    )


def _arxiv_id(entry: Entry, named: str) -> Identifier | None:
    """Return the arXiv identifier an entry is of; the one that names a version first."""
    candidates = [
        arxiv(text)
        for text in (named, entry.id, *(address for _, address in entry.links))
        if "arxiv" in text.lower() or text == named
    ]
    found = [identifier for identifier in candidates if identifier and identifier.key.startswith("arxiv:")]
    return next((identifier for identifier in found if identifier.version), found[0] if found else None)


def _keys(key: Key, entry: Entry) -> tuple[Key, ...]:
    named = [doi(text) for text in entry.identifiers]
    return tuple(dict.fromkeys([key, *(other for other in named if other and not other.startswith("arxiv:"))]))


def _categories(entry: Entry, named: str) -> tuple[str, ...]:
    primary = entry.extra.get("primary_category", "") or named
    terms = (category for term in entry.categories for category in _BETWEEN.split(_IN_BRACKETS.sub(" ", term)))
    return tuple(dict.fromkeys(filter(None, (primary, *terms))))


def _plain(text: Text) -> str:
    return html_to_text(text.raw) if text.is_html else text.raw


def _is_web(address: str) -> bool:
    return re.match(r"https?://[^\s/]+\S*$", address) is not None


def _refuse_error(feed: Feed, entry: Entry | None, place: str) -> None:
    """Raise what arXiv says where a feed is an error in disguise."""
    if feed.title.lower().startswith("feed error"):
        raise ListingError(f"the feed is an error message: {readable(feed.title)}", place=place, hint=_ASK)
    if entry and "/api/errors" in entry.id:
        said = readable(entry.summary.raw) or readable(entry.title.raw)
        raise ListingError(f"arXiv's API answered with an error: {said[:200]}", place=place, hint=_ASK)


def _day_first(feed: Feed, count: int) -> Iterator[Piece]:
    day = _own_day(feed) if count == 1 else None
    if day:
        yield ListedOn(day)


def _own_day(feed: Feed) -> date | None:
    return day_of(feed.updated) if feed.updated else None


def _close(feed: Feed, count: int) -> Iterator[Piece]:
    """Yield what is to be said of the listing as a whole."""
    is_arxiv = "arxiv" in f"{feed.title} {feed.link}".lower()
    day = _own_day(feed)
    if not count:
        if day:
            yield ListedOn(day)
        yield Warn(why_empty(day) if is_arxiv and feed.number("totalResults") is None else "The feed holds no entries.")
    total, start = feed.number("totalResults"), feed.number("startIndex") or 0
    if total is not None and count and start + count < total:
        yield Warn(f"The answer holds {count} of {total} results, from {start}: the others are on other pages.")
    if is_arxiv and total is None and count >= RSS_LIMIT:
        yield Warn(f"The feed holds {count} items, arXiv's limit: it was probably cut.")
