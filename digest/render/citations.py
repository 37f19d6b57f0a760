r"""The papers of a digest for a reference manager: BibTeX, RIS and CSL-JSON.

BibTeX by the rules of ``btxdoc`` (O. Patashnik, 1988), in UTF-8, special characters of TeX escaped and titles in
double braces so that no style changes their case; RIS by the tags of Reference Manager (``TY  - `` to ``ER  - ``);
CSL-JSON by the schema of citationstyles.org. A paper's citation key is made of its own key, so it never changes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from digest import ids
from digest.model import Paper
from digest.render.papers import one_line, page_url


class Citations(StrEnum):
    """The kinds of citations; the value is the file's ending."""

    BIBTEX = "bib"
    RIS = "ris"
    CSL = "csl.json"


MEDIA_TYPES = {
    Citations.BIBTEX: "application/x-bibtex",
    Citations.RIS: "application/x-research-info-systems",
    Citations.CSL: "application/vnd.citationstyles.csl+json",
}
"""Only the last one is registered; the others are what reference managers listen to."""

_TEX = {
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{sign: f"\\{sign}" for sign in "&%$#_"},
}
"""Braces by name: BibTeX counts them even behind a backslash."""
_TEX_SPECIAL = re.compile(r"[\\{}&%$#_~^]")
_NO_BRACE = str.maketrans("{}", "()")


def citations(papers: Iterable[Paper], kind: Citations) -> str:
    """Return the citations of these papers, each paper once."""
    once = {paper.id: paper for paper in papers}.values()
    if kind is Citations.CSL:
        return json.dumps([_csl(paper) for paper in once], ensure_ascii=False, indent=1) + "\n"
    write = _bibtex if kind is Citations.BIBTEX else _ris
    return "\n".join(write(paper) for paper in once)


def citation_key(paper: Paper) -> str:
    """Return the key a paper is cited by: ``arxiv-2611.90034``, ``paper-7`` where it has none."""
    own = next((str(key) for key in paper.keys), f"paper:{paper.id}")
    return re.sub(r"[^A-Za-z0-9.]+", "-", own).strip("-")


def _bibtex(paper: Paper) -> str:
    fields = {
        "title": f"{{{_tex(paper.title)}}}",
        "author": " and ".join(_bibtex_name(name) for name in paper.authors),
        "year": str(paper.published.year) if paper.published else "",
        "month": str(paper.published.month) if paper.published else "",
        "doi": _tex(_doi(paper)),
        "eprint": _arxiv(paper),
        "archiveprefix": "arXiv" if _arxiv(paper) else "",
        "primaryclass": _tex(paper.categories[0]) if _arxiv(paper) and paper.categories else "",
        "url": page_url(paper).translate(_NO_BRACE),
        "abstract": _tex(paper.abstract),
    }
    lines = "".join(f"  {name} = {{{text}}},\n" for name, text in fields.items() if text)
    return f"@misc{{{citation_key(paper)},\n{lines}}}\n"


def _bibtex_name(name: str) -> str:
    """Return a name that BibTeX does not take for two: an " and " inside stands in braces."""
    text = _tex(name)
    return f"{{{text}}}" if re.search(r"\band\b|,", text) else text


def _ris(paper: Paper) -> str:
    lines = [("TY", "GEN"), ("ID", citation_key(paper)), ("TI", one_line(paper.title))]
    lines += [("AU", _ris_name(one_line(name))) for name in paper.authors]
    if paper.published:
        lines += [("PY", str(paper.published.year)), ("DA", paper.published.strftime("%Y/%m/%d"))]
    lines += [("DO", _doi(paper)), ("AN", f"arXiv:{_arxiv(paper)}" if _arxiv(paper) else "")]
    lines += [("UR", page_url(paper)), ("AB", one_line(paper.abstract))]
    return "".join(f"{tag}  - {text}\n" for tag, text in [*lines] if text) + "ER  - \n"


def _ris_name(name: str) -> str:
    given, _, family = name.rpartition(" ")
    return f"{family}, {given}" if given and "," not in name else name


def _csl(paper: Paper) -> Mapping[str, Any]:
    day = paper.published
    fields = {
        "id": citation_key(paper),
        "type": "article",
        "title": one_line(paper.title),
        "author": [_csl_name(one_line(name)) for name in paper.authors],
        "issued": {"date-parts": [[day.year, day.month, day.day]]} if day else None,
        "DOI": _doi(paper),
        "number": f"arXiv:{_arxiv(paper)}" if _arxiv(paper) else "",
        "URL": page_url(paper),
        "abstract": one_line(paper.abstract),
    }
    return {name: value for name, value in fields.items() if value}


def _csl_name(name: str) -> Mapping[str, str]:
    given, _, family = name.rpartition(" ")
    return {"family": family, "given": given} if given else {"literal": name}


def _doi(paper: Paper) -> str:
    return next((key.removeprefix("doi:") for key in map(str, paper.keys) if key.startswith("doi:")), "")


def _arxiv(paper: Paper) -> str:
    return next((number for key in paper.keys if (number := ids.arxiv_number(key))), "")


def _tex(text: str) -> str:
    return _TEX_SPECIAL.sub(lambda found: _TEX[found[0]], one_line(text))
