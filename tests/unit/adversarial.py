"""Pairs of invented papers that are hard to tell apart, or hard to know again, each with the reason.

A row is two titles, how the two abstracts compare (below), and why the pair is what its table says. Rows with ids,
authors or abstracts of their own stand in the last table.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from digest.model import Key, State

ABSTRACT = """Rivers carry sediment from the hills to the sea, and the pace at which they do it sets the shape of every
valley on the way. We measure that pace in forty basins with a cheap floating sensor, compare it with three transport
laws, and find that all of them overstate the load of slow water. A correction with one free parameter halves the error.
The sensors, the readings and the code that fits the correction are public, so that other basins can be added."""
REVISED = """Rivers carry sediment from the hills to the sea, and the pace at which they do it sets the shape of every
valley on the way. We measure that pace in forty basins with a cheap floating sensor, compare it with three transport
laws, and find that all of them overstate the load of slow water. A simple correction halves the error in most basins.
The sensors and the code that fits the correction are public, and a second year of readings confirms the result."""
REWRITTEN = """The pace at which rivers carry sediment sets the shape of every valley on the way. Using a cheap floating
sensor in forty basins, we compare measured loads with three transport laws, and find that all of them fail where water
is slow. We explain why, and derive a new law from first principles. It needs one free parameter, and its error is half
of that of the best known law. The sensors, the readings and the code are available on request to the authors."""
OTHER = """A choir that sings from memory breathes at other places than one that reads. We record twelve ensembles with
a microphone at every stand, mark each breath by hand, and relate its place to the phrase, the page turn and the other
singers. Reading moves breaths to line ends; memory spreads them evenly. Conductors can hear the difference, and a
simple rule for page layout removes most of it without any rehearsal at all."""
CUT = ABSTRACT[:250] + "…"
WITHDRAWN = "This paper has been withdrawn by the authors due to an error in the main theorem of section three."
COMPARED = {
    "same": (ABSTRACT, ABSTRACT),
    "revised": (ABSTRACT, REVISED),
    "rewritten": (ABSTRACT, REWRITTEN),
    "other": (ABSTRACT, OTHER),
    "cut": (ABSTRACT, CUT),
    "one": (ABSTRACT, ""),
    "none": ("", ""),
    "withdrawn": (WITHDRAWN, WITHDRAWN),
    "notice": (ABSTRACT, WITHDRAWN),
}
"""Likeness: the same 1, revised .6, rewritten .2, other 0, cut short 1; one or none to compare; notices."""


class Pair(NamedTuple):
    """Two papers, what identity is to say of the second where the first is known, and why."""

    state: State
    titles: tuple[str, str]
    abstracts: tuple[str, str]
    why: str
    facts: tuple[dict[str, Any], dict[str, Any]] = ({}, {})


SAME = [
    # one title, typed in two ways
    ("Slow Rivers", "slow rivers", "none", "case"),
    ("Slow\n  Rivers", "Slow Rivers", "none", "a line break with spaces inside"),
    ("Slow-Rivers", "Slow Rivers", "none", "hyphens never matter"),
    ("Slow Rivers.", "Slow Rivers", "none", "a full stop at the end"),
    ("“Slow” Rivers’ Pace", '"Slow" Rivers\' Pace', "none", "typographic quotes"),
    ("R$^2$D: Rivers Redrawn", "R^2D: Rivers Redrawn", "none", "dollars around a superscript"),
    (r"R\textsuperscript{2}D: Rivers Redrawn", "R²D: Rivers Redrawn", "none", "a text superscript"),
    ("texttt{Riv}er Maps of Old", "River Maps of Old", "none", "a font command that lost its backslash"),
    (r"$\gamma$-Flow: Drawing Rivers", "γ-Flow: Drawing Rivers", "none", "a Greek letter by name"),
    (r"Towards $\infty$-Rivers", "Towards infty-Rivers", "none", "infinity that lost its backslash"),
    (r"A 360$^\circ$ View of Rivers", "A 360° View of Rivers", "none", "a degree sign in TeX"),
    (r"Poincar\'e Maps of Rivers", "Poincaré Maps of Rivers", "none", "a TeX accent"),
    ("Erdős–Szekeres on Rivers", r"Erd\H{o}s--Szekeres on Rivers", "none", "a Hungarian accent and a TeX dash"),
    ("H$_2$O in Motion", "H₂O in Motion", "none", "a subscript"),
    ("Rivers &amp; Deltas", "Rivers and Deltas", "none", "an HTML entity, and the word for its sign"),
    ("10,000 Rivers", "10000 Rivers", "none", "a comma between thousands"),
    ("Ｒｉｖｅｒｓ in Full Width", "Rivers in Full Width", "none", "full-width letters"),
    ("The ﬂow of Water", "The flow of Water", "none", "a ligature"),
    ("Sedi\u00adment in Rivers", "Sediment in Rivers", "none", "a soft hyphen"),
    ("Sediment\u200b in Rivers", "Sediment in Rivers", "none", "a zero-width space"),
    ("Straße am Fluss", "STRASSE AM FLUSS", "none", "sharp s in capitals"),
    ("Smørrebrød by the River", r"Sm{\o}rrebr{\o}d by the River", "none", "ø in TeX"),
    ("Pre-training on Rivers", "Pretraining on Rivers", "one", "a hyphenated word, and only one abstract"),
    ("C++ for Rivers", "C ++ for Rivers", "none", "a gap before plus signs"),
    # one title, and what the abstracts say does not contradict it
    ("Slow Rivers", "Slow Rivers", "same", "title and abstract"),
    ("Slow Rivers", "Slow Rivers", "revised", "an abstract that was revised"),
    ("Slow Rivers", "Slow Rivers", "rewritten", "an abstract that was rewritten"),
    ("Slow Rivers", "Slow Rivers", "cut", "an abstract that a mail cut short"),
    ("Slow Rivers", "Slow Rivers", "one", "an abstract on one side only"),
    ("Slow Rivers", "Slow Rivers", "notice", "a withdrawal notice in place of the abstract"),
    # a slip of the pen, with an abstract that agrees
    ("Sediment in Slow Rivers", "Sedimnet in Slow Rivers", "same", "two letters exchanged"),
    ("Sediment in Slow Rivers", "Sedimet in Slow Rivers", "revised", "a letter missing, the abstract revised"),
    ("Sediment in Slow Rivers", "Sedimentt in Slow Rivers", "same", "a letter too many"),
    ("Sediment in Slow Rivers", "Sediments in Slow River", "same", "plural and singular"),
    ("Modelling Slow Rivers", "Modeling Slow Rivers", "revised", "British and American spelling"),
    ("Mapping Rivers from Vectors", "Mapping Rivers from Vectorized", "same", "another ending of a word"),
    ("Sediment in Slow Rivers", "Sedimant in Slow Rivers", "cut", "a typo, and the abstract cut short"),
    ("Large River Models in Use", "LRM in Use", "same", "an abbreviation in place of its words"),
    (
        "Learning Flow with LRMs",
        "Learning Flow with Large River Models",
        "revised",
        "a plural abbreviation spelled out",
    ),
    # a subtitle or words more, with an abstract that agrees
    ("Slow Rivers of Text", "Slow Rivers of Text: Measuring Sediment in Forty Basins", "same", "a subtitle added"),
    ("Slow Rivers of Text: Measuring Sediment", "Slow Rivers of Text", "revised", "a subtitle dropped"),
    ("Measuring Sediment in Rivers", "RivSense: Measuring Sediment in Rivers", "same", "a name put before"),
    ("RivSense: Measuring Sediment in Rivers", "Measuring Sediment in Rivers", "revised", "a name dropped"),
    ("Measuring Sediment in Rivers", "Towards Measuring Sediment in Rivers", "revised", "a modest word put before"),
    ("Measuring Sediment in Rivers", "Measuring the Sediment in the Rivers", "revised", "articles"),
    ("Measuring Sediment in Rivers", "Measuring Sediment in Rivers (Extended Version)", "same", "an extended version"),
    ("Measuring Sediment in Rivers", "Measuring Sediment in Rivers with Sensors", "revised", "words at the end"),
    ("Measuring Sediment in Rivers", "On Measuring Suspended Sediment in Rivers", "revised", "words in two places"),
    ("Ice Core Dating by Hand", "Arctic Ice Core Dating by Hand", "same", "a word put before"),
    ("Measuring Sediment in Rivers", "A Study of Measuring Sediment in Rivers", "cut", "framing, and a cut abstract"),
    # a part renamed, with an abstract that is all but the same
    ("FlowNet: Measuring Sediment in Rivers", "FlowSense: Measuring Sediment in Rivers", "same", "a name changed"),
    (
        "FlowNet: Measuring Sediment in Rivers",
        "River Flow Sense: Measuring Sediment in Rivers",
        "same",
        "a longer name",
    ),
    ("How Rivers Move: A Survey", "How Rivers Move: Mapping the Land", "same", "another subtitle"),
    (
        "FlowNet - Measuring Sediment in Rivers",
        "FlowSense - Measuring Sediment in Rivers",
        "same",
        "a dash for a colon",
    ),
    # stock titles whose abstract is the same
    ("Editorial", "Editorial", "same", "a stock title with one abstract"),
    ("Rivers: Preface", "Rivers: preface", "revised", "a stock part with a revised abstract"),
]
MARKED = [
    # never across marks, even with the same abstract: doubt
    ("River Net 2", "River Net 3", "a version"),
    ("River Net", "River Net 2", "a version that only one has"),
    ("RiverNet-v1", "RiverNet-v2", "a version with a letter"),
    ("River Net 2.5", "River Net 25", "a point that the key does not hold"),
    ("River Net 3.5 in Use", "River Net 3.6 in Use", "a decimal"),
    ("River Report 2025", "River Report 2026", "a year"),
    ("Findings of the River Task 2024", "Findings of the River Task 2025", "a year in a title of a series"),
    ("Overview of RiverCLEF 2014", "Overview of RiverCLEF 2015", "a year behind a name"),
    ("Sediment in Rivers, Part I", "Sediment in Rivers, Part II", "parts by roman numerals"),
    ("Sediment in Rivers I: Theory", "Sediment in Rivers II: Theory", "roman numerals before a colon"),
    ("Sediment in Rivers. III", "Sediment in Rivers. IV", "roman numerals at the end"),
    ("Sediment in Rivers, Part 1", "Sediment in Rivers, Part 2", "parts by digits"),
    ("Sediment in Rivers, Part One", "Sediment in Rivers, Part Two", "parts by words"),
    ("Sediment in Rivers, Part A", "Sediment in Rivers, Part B", "parts by letters"),
    ("Sediment in Rivers", "Sediment in Rivers, Part II", "a part that only one has"),
    ("The First River Challenge", "The Second River Challenge", "ordinals"),
    ("The 1st River Challenge of Ghent", "The 2nd River Challenge of Ghent", "ordinals by digits"),
    ("The Tenth River Challenge Report", "The Eleventh River Challenge Report", "higher ordinals"),
    ("RiverT5 for Sediment Maps", "RiverT5+ for Sediment Maps", "a plus sign"),
    ("RiverSplat: Maps of Sediment", "RiverSplat++: Maps of Sediment", "two plus signs"),
    ("Writing River Models in C", "Writing River Models in C++", "C and C++"),
    ("Writing River Models in C", "Writing River Models in C#", "C and C#"),
    ("Writing River Models in F", "Writing River Models in F Sharp", "sharp as a word"),
    ("RiverLM-7B: Technical Report", "RiverLM-13B: Technical Report", "sizes of a model"),
    ("RiverLM 9B in Use", "RiverLM 22B in Use", "sizes of a model, apart"),
    ("Sediment at 8 Bits per Sample", "Sediment at 4 Bits per Sample", "a number of bits"),
    ("Rivers of H2O on Mars", "Rivers of H2O2 on Mars", "a formula with another number"),
    ("Scattering in Layered Ba4Ir3O10", "Scattering in Layered Ba4NbIr3O12", "formulas"),
    ("NaCl: Salt in Slow Rivers", "KCl: Salt in Slow Rivers", "formulas without a digit"),
    ("Transport in Crystals of DyNiSb", "Transport in Crystals of ErNiSb", "formulas of alloys"),
    ("Comment on Sediment in Rivers", "Sediment in Rivers", "a comment on the paper"),
    ("Reply to: Sediment in Slow Rivers", "Sediment in Slow Rivers", "a reply"),
    ("Erratum: Sediment in Slow Rivers", "Sediment in Slow Rivers", "an erratum"),
    ("Corrigendum to Sediment in Slow Rivers", "Sediment in Slow Rivers", "a corrigendum"),
    ("Correction to: Sediment in Slow Rivers", "Sediment in Slow Rivers", "a correction"),
    ("Retraction: Sediment in Slow Rivers", "Sediment in Slow Rivers", "a retraction"),
    ("Retracted: Sediment in Slow Rivers", "Sediment in Slow Rivers", "a retracted paper"),
    ("Addendum to Sediment in Slow Rivers", "Sediment in Slow Rivers", "an addendum"),
    ("Response to Sediment in Slow Rivers", "Sediment in Slow Rivers", "a response"),
    ("Comment on Sediment in Rivers", "Reply to Comment on Sediment in Rivers", "a comment and its reply"),
    ("Why Rivers Are Slow", "Why Rivers Are Not Slow", "not"),
    ("Measuring Rivers with Sensors", "Measuring Rivers without Sensors", "with and without"),
    ("Sediment Does Move in Rivers", "Sediment Never Does Move in Rivers", "never"),
    ("There Is a Law for Rivers", "There Is No Law for Rivers", "no"),
    ("Rivers Can Carry Such Stones", "Rivers Cannot Carry Such Stones", "cannot"),
    ("Linear Laws of Slow Rivers", "Non-linear Laws of Slow Rivers", "a negating prefix"),
    (r"$\alpha$-Flow in Slow Rivers", r"$\beta$-Flow in Slow Rivers", "Greek letters"),
    ("Hepatitis B in River Towns", "Hepatitis C in River Towns", "a letter that is a name"),
    ("Vitamin C in River Fish", "Vitamin D in River Fish", "vitamins"),
    ("Three Laws of Slow Rivers", "Four Laws of Slow Rivers", "a number as a word"),
    ("River Levels in January", "River Levels in February", "months"),
    ("河流中的泥沙运动", "河流中的泥沙静动", "one CJK character"),
    ("河流能搬运石头", "河流不能搬运石头", "a negation of one CJK character"),
    ("河流泥沙研究(上)", "河流泥沙研究(下)", "parts of one CJK character"),
    ("河流泥沙第一报告", "河流泥沙第二报告", "CJK numerals"),
]
"""Each once with the same abstract (a doubt: one may carry the other's), once with a sibling's (two papers)."""

DOUBTS = [
    # near titles and nothing, or too little, to compare
    ("Sediment in Slow Rivers", "Sedimnet in Slow Rivers", "none", "a typo, and no abstracts"),
    ("Sediment in Slow Rivers", "Sediments in Slow Rivers", "one", "a plural, and one abstract"),
    ("Slow Rivers of Text", "Slow Rivers of Text: A Study", "none", "a subtitle, and no abstracts"),
    ("Measuring Sediment in Rivers", "RivSense: Measuring Sediment in Rivers", "one", "a name, and one abstract"),
    ("Sediment in Slow Rivers", "Sedimnet in Slow Rivers", "rewritten", "a typo, and a rewritten abstract"),
    ("Slow Rivers of Text", "Slow Rivers of Text: A Study", "rewritten", "a subtitle, and a rewritten abstract"),
    ("Measuring Sediment in Rivers", "RivSense: Measuring Sediment in Rivers", "rewritten", "a name, and a rewriting"),
    (
        "FlowNet: Measuring Sediment in Rivers",
        "FlowSense: Measuring Sediment in Rivers",
        "revised",
        "name and abstract",
    ),
    (
        "FlowNet: Measuring Sediment in Rivers",
        "FlowSense: Measuring Sediment in Rivers",
        "rewritten",
        "the same, more so",
    ),
    (
        "How Rivers Move: A Survey",
        "How Rivers Move: Mapping the Land",
        "revised",
        "another subtitle, a revised abstract",
    ),
    # words exchanged
    ("Implementing Laws of Slow Rivers", "Compiling Laws of Slow Rivers", "same", "a word exchanged"),
    ("Sediment in Slow Rivers of Ghent", "Sediment in Slow Canals of Ghent", "same", "another object"),
    ("Micro Models of Slow Rivers", "Macro Models of Slow Rivers", "same", "one letter that is no slip"),
    ("Causal Maps of Slow Rivers", "Casual Maps of Slow Rivers", "same", "two letters that are no slip"),
    ("Supervised Maps of Slow Rivers", "Unsupervised Maps of Slow Rivers", "same", "an opposite by its prefix"),
    ("Measuring Sediment in Slow Rivers", "Estimating Sediment in Slow Rivers", "revised", "a verb exchanged"),
    # an abstract under another title
    ("Slow Rivers of Ghent", "What Floating Sensors Say", "same", "a shared abstract"),
    ("Slow Rivers of Ghent", "What Floating Sensors Say", "revised", "most of an abstract shared"),
    ("Slow Rivers of Ghent", "What Floating Sensors Say", "cut", "a shared abstract, cut short"),
    ("Rivers", "Sensors", "same", "a shared abstract under short titles"),
    ("Editorial", "What Floating Sensors Say", "same", "a shared abstract, one title a stock one"),
    ("Editorial", "Editorials", "same", "a slip in a stock title"),
    # one title, and a contradiction
    ("Slow Rivers", "Slow Rivers", "other", "a plainly different abstract"),
    ("slow rivers", "SLOW-RIVERS", "other", "the same, spelled in two ways"),
]
TWO = [
    # near titles of two papers
    ("River Net 2", "River Net 3", "none", "a version, and no abstracts"),
    ("RiverT5 Explained", "RiverT5+ Explained", "none", "a plus sign, and no abstracts"),
    ("Comment on Sediment in Rivers", "Sediment in Rivers", "none", "a comment, and no abstracts"),
    ("Measuring Rivers with Sensors", "Measuring Rivers without Sensors", "one", "without, and one abstract"),
    ("Sediment in Rivers, Part I", "Sediment in Rivers, Part II", "one", "parts, and one abstract"),
    ("River Report 2025", "River Report 2026", "other", "a year, and another abstract"),
    ("Sediment in Slow Rivers", "Sedimnet in Slow Rivers", "other", "a slip, but strangers otherwise"),
    ("Slow Rivers of Text", "Slow Rivers of Text: A Study", "other", "a subtitle, but strangers otherwise"),
    ("FlowNet: Measuring Sediment", "FlowSense: Measuring Sediment", "none", "another name, and no abstracts"),
    ("How Rivers Move: A Survey", "How Rivers Move: Mapping the Land", "none", "one head, and no abstracts"),
    ("Measuring Sediment in Slow Rivers", "Measuring Sediment in Deep Rivers", "none", "a word exchanged"),
    (
        "Measuring Sediment in Slow Rivers",
        "Measuring Sediment in Deep Rivers",
        "other",
        "the same, strangers otherwise",
    ),
    ("Deep Learning", "Deep Learning for Rivers", "none", "two words prove nothing"),
    ("Rivers", "Rivers of Ghent", "none", "one word proves nothing"),
    ("Rivers of Text", "Text of Rivers", "none", "the same words in another order"),
    ("Slow Rivers", "Quick Streams", "none", "nothing in common"),
    ("Slow Rivers", "Quick Streams", "other", "nothing in common, abstracts included"),
    ("Slow Rivers", "Quick Streams", "rewritten", "an abstract that only resembles"),
    ("Slow Rivers", "Quick Streams", "withdrawn", "notices are all alike"),
    ("Sediment in Slow Rivers", "Sedimnet in Slow Rivers", "notice", "a typo, a notice in place of an abstract"),
    ("C", "C++", "none", "signs that are part of a name"),
    ("知识", "知道", "none", "two CJK titles"),
    # stock titles never decide
    ("Editorial", "Editorial", "none", "a stock title"),
    ("Editorial", "Editorial", "one", "a stock title and one abstract"),
    ("Editorial", "Editorial", "other", "a stock title and two abstracts"),
    ("Editorial", "Editorial", "rewritten", "a stock title and abstracts that only resemble"),
    ("Introduction", "Introduction", "none", "another stock title"),
    ("Preface", "Preface", "none", "another"),
    ("Foreword", "FOREWORD", "none", "in capitals"),
    ("Book Review", "Book review", "none", "of two words"),
    ("Rivers: Preface", "Rivers: Preface", "none", "a stock part behind a colon"),
    ("Editorial – Rivers", "Editorial: Rivers", "none", "a stock part before a dash"),
    ("Rivers of Ghent: Preface", "Rivers of Ghent and Bruges: Preface", "none", "a stock part, words more"),
    ("Withdrawn", "Withdrawn", "withdrawn", "withdrawn twice"),
    ("Erratum", "Erratum", "none", "errata"),
    ("In Memoriam", "In memoriam", "one", "obituaries"),
]


def _ids(*keys: str) -> dict[str, Any]:
    return {"keys": tuple(map(Key, keys))}


def _by(*names: str) -> dict[str, Any]:
    return {"authors": names}


_A1, _A2 = _ids("arxiv:2611.00001"), _ids("arxiv:2611.00002")
_D1, _D2 = _ids("doi:10.1000/1"), _ids("doi:10.1000/2")
_A1D1, _A2D1 = _ids("arxiv:2611.00001", "doi:10.1000/1"), _ids("arxiv:2611.00002", "doi:10.1000/1")
_P1, _P2 = _ids("pmid:38012345"), _ids("pmid:38012346")
_ANN, _BO = _by("Ann Lee", "Cy Dahl"), _by("Bo Berg", "Dee Moor")
_ONE = ("Slow Rivers of Ghent", "Slow Rivers of Ghent")
_TWO = ("Slow Rivers of Ghent", "What Floating Sensors Say")
_SLIP = ("Sediment in Slow Rivers", "Sedimnet in Slow Rivers")
_STOCK = ("Editorial", "Editorial")
TOLD_BY_MORE = [
    (State.SEEN, _TWO, "other", _A1, _A1, "one arXiv id, whatever the text says"),
    (State.NEW, _ONE, "same", _A1, _A2, "two arXiv ids, whatever the text says"),
    (State.NEW, _ONE, "none", _A1, _A2, "two arXiv ids and one title"),
    (State.NEW, _TWO, "same", _A1, _A2, "two arXiv ids, a shared abstract"),
    (State.NEW, _SLIP, "same", _A1, _A2, "two arXiv ids, a slip"),
    (State.NEW, _ONE, "same", _A1D1, _A2D1, "two arXiv ids, one DOI"),
    (State.SEEN, _TWO, "rewritten", _D1, _D1, "one DOI, and abstracts that agree a little"),
    (State.SEEN, _ONE, "other", _D1, _D1, "one DOI and one title"),
    (State.SEEN, _SLIP, "none", _D1, _D1, "one DOI, and titles that agree"),
    (State.UNSURE, _TWO, "other", _D1, _D1, "one DOI that names a supplement"),
    (State.UNSURE, _TWO, "none", _D1, _D1, "one DOI, other titles, no abstracts"),
    (State.UNSURE, _ONE, "same", _D1, _D2, "two DOIs: preprint and article, or two articles"),
    (State.UNSURE, _SLIP, "same", _D1, _D2, "two DOIs, a slip"),
    (State.SEEN, _TWO, "rewritten", _P1, _P1, "one PubMed number"),
    (State.UNSURE, _ONE, "same", _P1, _P2, "two PubMed numbers"),
    (State.SEEN, _ONE, "same", _A1, _D1, "preprint and article: title and abstract agree"),
    (State.SEEN, _ONE, "revised", _A1, _D1, "preprint and article, revised in print"),
    (State.SEEN, _SLIP, "revised", _A1, _D1, "preprint and article, a slip mended"),
    (State.SEEN, _TWO, "other", _A1, _A1D1, "the article names its preprint"),
    (State.UNSURE, _TWO, "same", _A1, _D1, "preprint and article under another title"),
    (State.SEEN, _ONE, "none", _A1 | _ANN, _D1 | _by("Lee A", "Dahl C"), "preprint and article: authors agree"),
    (State.UNSURE, _ONE, "none", _A1 | _ANN, _D1 | _BO, "preprint and article: authors contradict"),
    (State.UNSURE, _ONE, "same", _ANN, _BO, "title and abstract agree, authors contradict"),
    (State.UNSURE, _SLIP, "same", _ANN, _BO, "a slip, authors contradict"),
    (State.UNSURE, _STOCK, "same", _ANN, _BO, "a stock title and its abstract, authors contradict"),
    (State.UNSURE, _ONE, "none", _by("Wei Wang"), _by("Jun Wang"), "one family name, other given names"),
    (State.SEEN, _ONE, "none", _ANN, _by("A. Lee"), "an initial"),
    (State.SEEN, _ONE, "none", _ANN, _by("Lee, Ann", "Dahl, Cy"), "family names first"),
    (State.SEEN, _ONE, "none", _by("Zoë Brontë"), _by("Zoe Bronte"), "accents in one list only"),
    (State.SEEN, _ONE, "none", _ANN, _by("Bo Berg", "Ann Lee"), "one author in common"),
    (State.SEEN, _ONE, "none", _by("RIVER Collaboration"), _ANN, "a collaboration is no list of people"),
    (State.SEEN, _ONE, "none", _by("王伟"), _by("Wei Wang"), "names in two scripts"),
    (State.SEEN, _ONE, "none", _ANN, {}, "authors on one side only"),
]


def _pairs() -> list[Pair]:
    tables = ((State.SEEN, SAME), (State.UNSURE, DOUBTS), (State.NEW, TWO))
    plain = [Pair(state, (a, b), COMPARED[how], why) for state, table in tables for a, b, how, why in table]
    shared = [Pair(State.UNSURE, (a, b), COMPARED["same"], why) for a, b, why in MARKED]
    siblings = [Pair(State.NEW, (a, b), COMPARED["rewritten"], f"{why}, siblings") for a, b, why in MARKED]
    told = [
        Pair(state, titles, COMPARED[how], why, (one, other)) for state, titles, how, one, other, why in TOLD_BY_MORE
    ]
    return [*plain, *shared, *siblings, *told]


PAIRS = _pairs()
