"""Raw text to keys: the only maker of keys.

An arXiv identifier has had three forms (https://info.arxiv.org/help/arxiv_identifier.html): ``YYMM.NNNNN`` since
January 2015, ``YYMM.NNNN`` from April 2007 to December 2014, and ``archive(.SC)?/YYMMNNN`` before. The version
``vN`` is not part of the paper's key. A DOI (https://www.doi.org/doi-handbook/) is case-insensitive; one that
arXiv registered (``10.48550/arXiv.…``) *is* the arXiv key.
"""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import unquote

from digest.model import Key

_ARXIV_NEW = r"(?P<yy>\d{2})(?P<mm>0[1-9]|1[0-2])\.(?P<number>\d{4,5})"
_ARXIV_OLD = r"(?P<archive>[a-z]+(?:-[a-z]+)?)(?:\.[A-Z]{2})?/(?P<old>\d{2}(?:0[1-9]|1[0-2])\d{3})"
_ARXIV = re.compile(
    rf"(?<![\w./-])(?:{_ARXIV_NEW}|{_ARXIV_OLD})(?:v(?P<version>[1-9]\d{{0,3}}))?(?![\w-]|\.\d)", re.ASCII
)
_DRESSED_ARXIV = re.compile(
    r"(?:oai:arxiv\.org:|arxiv:\s*|arxiv\.org[:/](?:abs/|pdf/|html/|format/|\d{4}\.\d{4,5})?|huggingface\.co/papers/|/papers/|alphaxiv\.org/abs/)",
    re.IGNORECASE,
)
_PLAIN = re.compile(
    rf"(?:https://(?:huggingface\.co/papers|arxiv\.org/(?:abs|pdf))/)?{_ARXIV_NEW}(?:v(?P<version>[1-9]\d{{0,3}}))?",
    re.ASCII,
)
"""What most are: a number, or an address that ends in one."""
_TAIL = re.compile(r"(\.pdf)?([?#].*)?$")
_DOI = re.compile(r"(?<![\w.])10\.\d{4,9}/[^\s\"<>]*[^\s\"<>.,;:!?'\]]")
_PMID = re.compile(r"(?:\bpmid:\s*|pubmed\.ncbi\.nlm\.nih\.gov/)(\d{4,9})\b", re.IGNORECASE)
_DOI_OF_ARXIV = re.compile(r"10\.48550/arxiv\.(.+)", re.IGNORECASE)


class Identifier(NamedTuple):
    """A paper's key and, for arXiv, the version that was named beside it."""

    key: Key
    version: int | None = None


def arxiv(text: str) -> Identifier | None:
    """Return the arXiv identifier that ``text`` *is*: bare, with ``arXiv:`` before it, or as an address."""
    if plain := _PLAIN.fullmatch(text):
        return _identifier(plain)
    text = text.strip()
    dressed = _DRESSED_ARXIV.search(text)
    bare = _TAIL.sub("", text[dressed.end() :] if dressed and not text[0].isdigit() else text)
    bare = bare.strip("/ ")
    found = _ARXIV.fullmatch(bare)
    return _identifier(found) if found else None


def doi(text: str) -> Key | None:
    """Return the key of the DOI that ``text`` is or links to; an arXiv DOI gives the arXiv key."""
    found = _DOI.search(unquote(text.strip()))
    return _doi_key(found[0]) if found else None


def pmid(text: str) -> Key | None:
    """Return the key of the PubMed number that a text names (``pmid:38012345``) or leads to."""
    found = _PMID.search(text)
    return Key(f"pmid:{found[1]}") if found else None


def find(text: str) -> tuple[Identifier, ...]:
    """Return every identifier that stands in a line of text or an address, in order, each key once.

    A bare number such as ``2401.00001`` counts only where something says arXiv (``arXiv:``, an address of arXiv or of
    a Hugging Face paper page): abstracts are full of numbers.
    """
    found: dict[Key, Identifier] = {}
    for match in re.finditer(rf"{_DRESSED_ARXIV.pattern}(?P<id>[^\s\"<>()\[\],;]+)", text, re.IGNORECASE):
        identifier = arxiv(match["id"].rstrip(".")) or arxiv(match[0].rstrip("."))
        if identifier:
            found.setdefault(identifier.key, identifier)
    for match in _DOI.finditer(unquote(text)):
        key = _doi_key(match[0])
        found.setdefault(key, Identifier(key))
    return tuple(found.values())


def arxiv_number(key: Key) -> str | None:
    """Return the bare arXiv number of a key (``2401.00001``, ``hep-th/9901001``), or ``None`` for other keys."""
    return key.removeprefix("arxiv:") if key.startswith("arxiv:") else None


def page_url(key: Key) -> str | None:
    """Return the address of a paper's own page: arXiv's abstract page or the DOI resolver's."""
    scheme, _, value = key.partition(":")
    if scheme == "arxiv":
        return f"https://arxiv.org/abs/{value}"
    return f"https://doi.org/{value}" if scheme == "doi" else None


def _identifier(found: re.Match[str]) -> Identifier | None:
    version = int(found["version"]) if found["version"] else None
    if not found["yy"]:
        return Identifier(Key(f"arxiv:{found['archive']}/{found['old']}"), version)
    if len(found["number"]) != (5 if int(found["yy"]) >= 15 else 4) or int(found["yy"] + found["mm"]) < 704:
        return None
    return Identifier(Key(f"arxiv:{found['yy']}{found['mm']}.{found['number']}"), version)


def _doi_key(value: str) -> Key:
    of_arxiv = _DOI_OF_ARXIV.fullmatch(value)
    identifier = arxiv(of_arxiv[1]) if of_arxiv else None
    return identifier.key if identifier else Key(f"doi:{value.casefold()}")
