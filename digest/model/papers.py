"""What comes in, and what is known of a paper: document, listing, sighting, verdict, paper, event."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple, NewType

Key = NewType("Key", str)
"""An identifier of a paper in its one spelling (``arxiv:2401.00001``, ``doi:10.1101/857789``); made by ``ids``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """The bytes of one fetch.

    ``source`` is the configured name of where it came from ("files" for the command line), ``name`` what the user
    calls it (a path, a URL). ``listed_on`` is the day the caller says the listing is of; ``modified_at`` the time of
    the file or of the ``Last-Modified`` header: a parser infers missing years from the first of the two it finds.
    """

    source: str
    name: str
    body: bytes
    content_type: str = ""
    listed_on: date | None = None
    modified_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Skipped:
    """One thing in a document, or one document of a source, that was not understood, and why.

    ``where`` is as exact as can be: ``line 12``, ``row 3 of 50``, ``entry oai:arXiv.org:2203.01250v3``.
    """

    where: str
    reason: str


class LinkKind(StrEnum):
    """What a link of a paper leads to."""

    PAGE = "page"
    PDF = "pdf"
    CODE = "code"
    PROJECT = "project"
    DISCUSSION = "discussion"


class Link(NamedTuple):
    """An http(s) address that belongs to a paper."""

    kind: LinkKind
    url: str


class Announced(StrEnum):
    """How arXiv announced a paper in one listing; the order is from strongest to weakest."""

    NEW = "new"
    CROSS = "cross"
    REPLACE = "replace"
    REPLACE_CROSS = "replace-cross"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is said of a paper, by one listing (``Sighting``) or by all of them together (``Paper``).

    ``title``, ``abstract`` and ``comment`` are readable Unicode text in NFC, white space folded (paragraphs of an
    abstract are separated by one newline), control characters gone. ``author_count`` may be known where the names
    are not. ``version`` is arXiv's ``vN``. ``summary`` is a machine-made summary the listing carried, to be labelled
    as such.
    """

    title: str
    abstract: str = ""
    authors: tuple[str, ...] = ()
    author_count: int | None = None
    published: date | None = None
    upvotes: int | None = None
    comments: int | None = None
    keys: tuple[Key, ...] = ()
    version: int | None = None
    url: str | None = None
    links: tuple[Link, ...] = ()
    categories: tuple[str, ...] = ()
    announced: Announced | None = None
    organization: str | None = None
    comment: str | None = None
    journal_ref: str | None = None
    summary: str | None = None
    withdrawn: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting(Facts):
    """One paper as one listing showed it. ``where`` is its place in the document; the raw text is kept as found."""

    where: str
    raw_title: str = ""
    raw_abstract: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What one document held.

    ``warnings`` are full sentences about the listing as a whole: probably cut short, an error page in disguise,
    nothing recognised. ``listed_on`` is the listing's own day where it or the caller gave one. ``resume`` is what the
    next page is to be asked with where the listing is one page of several (OAI-PMH's resumption token).
    ``broken`` is the warning that the document is only half there ("": it is whole); what it holds are whole papers.
    """

    document: Document
    format: str
    listed_on: date | None
    sightings: tuple[Sighting, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    warnings: tuple[str, ...] = ()
    resume: str | None = None
    broken: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper(Facts):
    """What all sightings of one paper say together.

    ``id`` is the store's number (0: not stored yet). ``revision`` counts the stored wordings of title, abstract and
    comment from 1; an older wording stays readable by its number. ``looks_like`` is the id of a paper this one may
    be a copy of (verdict *unsure*).
    """

    id: int
    first_seen_at: datetime
    listed_on: date | None = None
    sources: tuple[str, ...] = ()
    revision: int = 1
    looks_like: int | None = None


class State(StrEnum):
    """What identity says of a sighting."""

    NEW = "new"
    SEEN = "seen"
    REVISED = "revised"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What identity says of one sighting, with the reason in words.

    ``paper`` is the stored paper it is another sighting of (SEEN, REVISED) or may be a copy of (UNSURE), ``None``
    for NEW. ``changes`` names the fields that a REVISED sighting changed: title, abstract, comment, withdrawn.
    ``joined`` are the stored papers that this sighting proves to be the same one as ``paper``: two until now.
    """

    state: State
    reason: str
    paper: Paper | None = None
    changes: tuple[str, ...] = ()
    joined: tuple[Paper, ...] = ()


class EventKind(StrEnum):
    """What happened to a paper that a reader may want to hear of."""

    NEW = "new"
    REVISED = "revised"
    WITHDRAWN = "withdrawn"
    HOT = "hot"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened to a paper; ``id`` grows in commit order, so "everything after N" misses nothing.

    ``note`` says it in words for the reader ("abstract changed", "passed 100 upvotes"); empty for NEW.
    """

    id: int
    kind: EventKind
    paper: Paper
    at: datetime
    note: str = ""


class News(NamedTuple):
    """An event a sighting gave rise to, before the store has numbered it."""

    kind: EventKind
    note: str = ""
