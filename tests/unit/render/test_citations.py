"""Citations: what real readers of each kind make of them."""

from __future__ import annotations

import json

import bibtexparser
import pytest
import rispy
from citeproc import Citation, CitationItem, CitationStylesBibliography, CitationStylesStyle, formatter
from citeproc.source.json import CiteProcJSON
from hypothesis import given
from hypothesis import strategies as st

from digest.model import Key
from digest.render.citations import Citations, citation_key, citations
from tests.unit.render.conftest import paper

TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp", "Zs"]) | st.just(" "), max_size=40)
PAPERS = st.builds(
    paper,
    key=st.integers(1, 9),
    title=TEXT,
    abstract=TEXT,
    authors=st.lists(TEXT.filter(str.strip), max_size=3).map(tuple),
)


def test_bibtex_is_read_as_it_was_meant() -> None:
    """What bibtexparser finds: the entry, its authors apart, and the title with its special letters."""
    read = bibtexparser.loads(
        citations([paper(title="100% of R&D_{x}", keys=(Key("doi:10.1/a_b"),))], Citations.BIBTEX)
    )
    (entry,) = read.entries
    assert (entry["ENTRYTYPE"], entry["ID"]) == ("misc", "doi-10.1-a-b")
    assert entry["title"] == r"{100\% of R\&D\_\textbraceleft{}x\textbraceright{}}"
    assert entry["author"] == "Ilse Vanterpool and Kenji Abiodun and Marit Solheim"
    assert entry["year"] == "2026"


@given(st.lists(PAPERS, max_size=3))
def test_every_citation_is_read_back_whatever_a_paper_holds(papers: list[object]) -> None:
    """As many BibTeX and RIS entries and CSL items as papers, braces balanced."""
    wanted = {citation_key(p) for p in papers}  # type: ignore[arg-type]
    ids = len({p.id for p in papers})  # type: ignore[attr-defined]
    bib = citations(papers, Citations.BIBTEX)  # type: ignore[arg-type]
    assert bib.count("{") == bib.count("}")
    assert {entry["ID"] for entry in bibtexparser.loads(bib).entries} == wanted
    assert len(rispy.loads(citations(papers, Citations.RIS))) == ids  # type: ignore[arg-type]
    assert len(json.loads(citations(papers, Citations.CSL))) == ids  # type: ignore[arg-type]


def test_ris_is_read_as_it_was_meant() -> None:
    """What rispy finds: title, authors family name first, year and address."""
    (entry,) = rispy.loads(citations([paper()], Citations.RIS))
    assert entry["title"] == "Slow Rivers: State Space Models with γ & <Clocks>"
    assert entry["authors"][0] == "Vanterpool, Ilse"
    assert entry["year"] == "2026"
    assert entry["urls"] == ["https://arxiv.org/abs/2611.90034"]


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_csl_processor_writes_a_bibliography_from_it() -> None:
    """citeproc-py with a Harvard style prints author, year and title."""
    source = CiteProcJSON(json.loads(citations([paper()], Citations.CSL)))
    shown = CitationStylesBibliography(
        CitationStylesStyle("harvard-cite-them-right", validate=False), source, formatter.plain
    )
    shown.register(Citation([CitationItem("arxiv-2611.90034")]))
    (line,) = (str(entry) for entry in shown.bibliography())
    assert "Vanterpool" in line
    assert "2026" in line
    assert "Slow Rivers" in line
