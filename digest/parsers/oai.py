"""OAI-PMH 2.0 (https://www.openarchives.org/OAI/openarchivesprotocol.html) as arXiv serves it.

Three metadata formats: ``oai_dc`` (Dublin Core), ``arXiv`` (authors with parts) and ``arXivRaw`` (every version).
An answer is one page; what to ask the next with is passed on as ``Resume``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from digest.errors import ListingError
from digest.ids import arxiv, doi
from digest.model import Document, Key, Sighting, Skipped
from digest.parsers.entry import day_of
from digest.parsers.facts import home_of, is_withdrawn, links_of
from digest.parsers.names import names, split_names
from digest.parsers.pieces import ListedOn, Piece, Resume, Warn
from digest.parsers.xmltree import Broken, Node, read_items
from digest.text.readable import readable, readable_abstract

_FORMATS = frozenset({"arXiv", "arXivRaw", "dc", "arXivOld"})
_COMMENT = re.compile(r"\s*Comments?:\s*", re.IGNORECASE)


def is_oai(head: str) -> bool:
    """Return whether ``head`` starts an OAI-PMH answer."""
    return bool(re.match(r"\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--.*?-->\s*)*<(?:\w+:)?OAI-PMH\b", head, re.DOTALL))


def read_oai(document: Document) -> Iterator[Piece]:
    """Read one page of records; raises ``ListingError`` where the answer is an error."""
    count = 0
    try:
        for node in read_items(document, frozenset({"record"})):
            if node.name == "record":
                count += 1
                yield _paper(node, count)
            else:
                yield from _said(node, document.name)
    except Broken as broken:
        if not count:
            place = f"{document.name}, line {broken.line}"
            raise ListingError(f"the XML is broken: {broken.reason}", place=place, hint="fetch it again") from broken
        yield Warn(
            f"The answer breaks off or is broken at line {broken.line}: only {count} records could be read.",
            is_broken=True,
        )
        yield Skipped(f"line {broken.line}", f"broken XML: {broken.reason}")


def _said(node: Node, place: str) -> Iterator[Piece]:
    """Yield what the answer says besides records."""
    text = node.text.strip()
    if node.name == "responseDate" and (day := day_of(text)):
        yield ListedOn(day)
    elif node.name == "resumptionToken" and text:
        total = node.attributes.get("completeListSize", "")
        yield Resume(text, int(total) if total.isascii() and total.isdigit() else None)
    elif node.name == "error":
        code = node.attributes.get("code", "error")
        if code != "noRecordsMatch":
            said = f"the archive answered with an error: {code}: {readable(text)[:200]}"
            raise ListingError(said, place=place, hint="check set, days and format, or ask it again later")
        yield Warn("The archive has no records that match: nothing was added or changed in the days asked for.")


def _paper(record: Node, number: int) -> Sighting | Skipped:
    header = record.first("header")
    identifier = header.say("identifier") if header else ""
    where = f"record {number}" + (f", {identifier}" if identifier else "")
    if header and header.attributes.get("status") == "deleted":
        return Skipped(where, "a deleted record")
    metadata = record.first("metadata")
    found = next((node for node in metadata.children if node.name in _FORMATS), None) if metadata else None
    if found is None:
        return Skipped(where, "a record without metadata of a kind we know")
    if not readable(found.say("title")):
        return Skipped(where, "a record without a title")
    return _from_dc(found, identifier, where) if found.name == "dc" else _from_arxiv(found, identifier, where)


def _from_arxiv(node: Node, identifier: str, where: str) -> Sighting:
    named = arxiv(node.say("id")) or arxiv(identifier)
    versions = [
        int(found[1])
        for version in node.all("version")
        if (found := _VERSION.match(version.attributes.get("version", "")))
    ]
    holder = node.first("authors")
    authors = _parts(holder) if holder and holder.children else split_names(holder.text if holder else "")
    first = node.first("version")
    return _sighting(
        node,
        where,
        named=named.key if named else None,
        version=max(versions, default=0) or (named.version if named else None),
        authors=authors,
        published=day_of(node.say("created")) or (day_of(first.say("date")) if first else None),
        abstract=node.say("abstract"),
        comment=node.say("comments"),
        categories=tuple(node.say("categories").split()),
        dois=[node.say("doi")],
        journal_ref=node.say("journal-ref"),
    )


_VERSION = re.compile(r"v(\d{1,4})$")


def _from_dc(node: Node, identifier: str, where: str) -> Sighting:
    texts = [child.text for child in node.all("description")]
    identifiers = [child.text for child in node.all("identifier")]
    named = next(filter(None, map(arxiv, [identifier, *identifiers])), None)
    days = [day for child in node.all("date") if (day := day_of(child.text))]
    return _sighting(
        node,
        where,
        named=named.key if named else None,
        version=None,
        authors=names([child.text for child in node.all("creator")]),
        published=min(days, default=None),
        abstract=next((text for text in texts if not _COMMENT.match(text)), ""),
        comment=next((_COMMENT.sub("", text, count=1) for text in texts if _COMMENT.match(text)), ""),
        categories=tuple(readable(child.text) for child in node.all("subject")),
        dois=[text for text in identifiers if "10." in text],
        journal_ref="",
    )


def _sighting(
    node: Node,
    where: str,
    *,
    named: Key | None,
    version: int | None,
    authors: tuple[str, ...],
    published: date | None,
    abstract: str,
    comment: str,
    categories: tuple[str, ...],
    dois: list[str],
    journal_ref: str,
) -> Sighting:
    keys = [key for key in (named, *map(doi, dois)) if key]
    shown, said = readable_abstract(abstract), readable(comment)
    return Sighting(
        title=readable(node.say("title")),
        abstract=shown,
        authors=authors,
        author_count=len(authors) or None,
        published=published,
        keys=tuple(dict.fromkeys(keys)),
        version=version,
        url=home_of(keys[0]) if keys else None,
        links=links_of(keys[0]) if keys else (),
        categories=categories,
        comment=said or None,
        journal_ref=readable(journal_ref) or None,
        withdrawn=is_withdrawn(said, shown),
        where=where,
        raw_title=node.say("title"),
        raw_abstract=abstract,
    )


def _parts(holder: Node) -> tuple[str, ...]:
    """Return names that stand in parts: forenames, family name, suffix."""
    return tuple(
        name
        for author in holder.all("author")
        if (name := readable(" ".join(author.say(part) for part in ("forenames", "keyname", "suffix"))))
    )
