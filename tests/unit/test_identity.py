"""Who is who: every verdict with its reason, whatever the order of the candidates."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.identity import absorb, judge, news, plausible
from digest.model import (
    Announced,
    Document,
    EventKind,
    Key,
    Link,
    LinkKind,
    Listing,
    Paper,
    Sighting,
    State,
)
from digest.text.sketch import sketch
from digest.text.titlekey import title_key

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
LISTING = Listing(document=Document(source="arxiv", name="x", body=b""), format="test", listed_on=date(2026, 11, 20))
CLOCKS = "State space models read a sequence at the pace at which it is given, and language has long quiet stretches."
MAPS = "A map made in summer is of little use in snow, so geometry is kept apart from whatever the weather changes."


def sighting(title: str = "Slow Rivers", abstract: str = CLOCKS, **facts: object) -> Sighting:
    return Sighting(title=title, abstract=abstract, where="line 1", **facts)  # type: ignore[arg-type]


def paper(key: int = 1, title: str = "Slow Rivers", abstract: str = CLOCKS, **facts: object) -> Paper:
    return Paper(id=key, title=title, abstract=abstract, first_seen_at=NOW, **facts)  # type: ignore[arg-type]


def arxiv(number: str) -> tuple[Key, ...]:
    return (Key(f"arxiv:{number}"),)


def doi(number: str) -> tuple[Key, ...]:
    return (Key(f"doi:10.1/{number}"),)


CASES = [
    # sighting, candidate, state, words of the reason
    (sighting(), None, State.NEW, "no paper with its ids or its title"),
    (sighting("Another", MAPS, keys=arxiv("1")), paper(keys=arxiv("1")), State.SEEN, "same arXiv id 1"),
    (sighting(keys=arxiv("2")), paper(keys=arxiv("1")), State.NEW, "an arXiv id not seen before"),
    (sighting(), paper(), State.SEEN, "same title"),
    (sighting("slow-rivers"), paper(keys=arxiv("1")), State.SEEN, "same title"),
    (sighting(abstract=""), paper(), State.SEEN, "same title"),
    (sighting("Other title", MAPS), paper(), State.NEW, ""),
    (sighting(keys=doi("7")), paper(keys=doi("7")), State.SEEN, "same DOI 10.1/7"),
    (sighting("A Retitled Paper", CLOCKS + " New.", keys=doi("7")), paper(keys=doi("7")), State.SEEN, "same DOI"),
    (sighting("Talk 12", MAPS, keys=doi("7")), paper(keys=doi("7")), State.UNSURE, "another title and abstract"),
    (sighting(keys=doi("8")), paper(keys=arxiv("1")), State.SEEN, "same title"),
    (sighting(keys=doi("8")), paper(keys=doi("7")), State.UNSURE, "another DOI"),
    (sighting(abstract=MAPS), paper(), State.UNSURE, "plainly different abstract"),
    (
        sighting(abstract="", authors=("Ann Lee",)),
        paper(authors=("Bo Berg", "Cy Dahl")),
        State.UNSURE,
        "plainly different authors",
    ),
    (sighting(authors=("A. Lee",)), paper(authors=("Ann Lee", "Bo Berg")), State.SEEN, "same title"),
    (sighting("Editorial", ""), paper(title="Editorial", abstract=""), State.NEW, "many papers bear"),
    (
        sighting("Quantum Gases: Preface", ""),
        paper(title="Quantum gases: preface", abstract=""),
        State.NEW,
        "many papers",
    ),
    (
        sighting("Editorial – AI in Medicine", ""),
        paper(title="Editorial: AI in medicine"),
        State.NEW,
        "many papers bear",
    ),
    (sighting("Editorial", CLOCKS), paper(title="Editorial", abstract=CLOCKS), State.SEEN, "same title"),
]


@pytest.mark.parametrize(("seen", "known", "state", "reason"), CASES)
def test_each_piece_of_evidence_decides_as_it_should_and_says_why(
    seen: Sighting, known: Paper | None, state: State, reason: str
) -> None:
    """ArXiv ids before DOIs before titles; contradictions are unsure, never merged."""
    verdict = judge(seen, [known] if known else [])
    assert verdict.state is state
    assert reason in verdict.reason
    assert (verdict.paper is not None) == (state is not State.NEW)


@given(order=st.permutations(range(5)))
def test_the_verdict_does_not_depend_on_the_order_of_the_candidates(order: list[int]) -> None:
    """The best evidence wins, and among equals the paper that was first."""
    known = [
        paper(5, keys=doi("9")),
        paper(4),
        paper(3, abstract=MAPS),
        paper(2, title="Elsewhere", abstract=MAPS, keys=arxiv("9")),
        paper(1, title="Elsewhere", abstract=MAPS),
    ]
    verdict = judge(sighting(), [known[n] for n in order])
    assert (verdict.state, verdict.paper) == (State.SEEN, known[1])


def test_a_higher_version_is_a_revision_and_says_what_changed() -> None:
    """v2 with another title: revised, and the known wording is replaced."""
    known = paper(keys=arxiv("1"), version=1, comment="8 pages")
    seen = sighting("Slow Rivers, Revisited", CLOCKS, keys=arxiv("1"), version=2, comment="accepted at X")
    verdict = judge(seen, [known])
    assert (verdict.state, verdict.changes) == (State.REVISED, ("title", "comment"))
    after = absorb(verdict, seen, LISTING, NOW)
    assert (after.title, after.comment, after.version, after.revision) == (seen.title, seen.comment, 2, 2)
    assert news(verdict, known, after)[0] == (EventKind.REVISED, "version 2: title and comment changed")


@pytest.mark.parametrize(
    "seen",
    [
        sighting("Slow  rivers", keys=arxiv("1"), version=1),
        sighting("Slow Rivers", MAPS, keys=arxiv("1")),
        sighting("Slow Rivers", CLOCKS, keys=arxiv("1"), announced=Announced.REPLACE),
    ],
)
def test_another_spelling_or_an_unversioned_source_revises_nothing(seen: Sighting) -> None:
    """Only a source that states versions can revise; the known wording stays."""
    known = paper(keys=arxiv("1"), version=1)
    verdict = judge(seen, [known])
    assert verdict.state is State.SEEN
    assert absorb(verdict, seen, LISTING, NOW).abstract == CLOCKS
    assert news(verdict, known, absorb(verdict, seen, LISTING, NOW)) == ()


def test_a_withdrawal_is_an_event_of_its_own_and_happens_once() -> None:
    """The first sighting as withdrawn is news, the second is not."""
    known, seen = paper(keys=arxiv("1"), version=1), sighting(keys=arxiv("1"), version=2, withdrawn=True)
    verdict = judge(seen, [known])
    after = absorb(verdict, seen, LISTING, NOW)
    assert after.withdrawn
    assert news(verdict, known, after) == ((EventKind.WITHDRAWN, "withdrawn"),)
    assert judge(seen, [after]).state is State.SEEN


@pytest.mark.parametrize(
    ("before", "after", "is_news"),
    [(None, 100, True), (99, 140, True), (100, 140, False), (3, 99, False), (120, None, False)],
)
def test_a_known_paper_that_passes_a_hundred_upvotes_is_hot(
    before: int | None, after: int | None, is_news: bool
) -> None:
    """Once, when it passes; a paper that came with more is simply new."""
    known, seen = paper(keys=arxiv("1"), upvotes=before), sighting(keys=arxiv("1"), upvotes=after)
    verdict = judge(seen, [known])
    expected = ((EventKind.HOT, "passed 100 upvotes"),) if is_news else ()
    assert news(verdict, known, absorb(verdict, seen, LISTING, NOW)) == expected
    assert news(judge(seen, []), None, absorb(judge(seen, []), seen, LISTING, NOW)) == ((EventKind.NEW, ""),)


def test_an_unsure_paper_is_new_and_flagged() -> None:
    """It is sent, and says what it looks like."""
    known = paper()
    verdict = judge(sighting(abstract=MAPS), [known])
    after = absorb(verdict, sighting(abstract=MAPS), LISTING, NOW)
    assert (after.id, after.looks_like) == (0, 1)
    assert news(verdict, None, after) == ((EventKind.NEW, "looks like “Slow Rivers”"),)


def test_a_new_paper_is_what_its_first_sighting_says() -> None:
    """All facts, the listing's day and source, and one event."""
    seen = sighting(keys=arxiv("1"), upvotes=3, categories=("cs.LG",))
    verdict = judge(seen, [])
    after = absorb(verdict, seen, LISTING, NOW)
    assert (after.keys, after.upvotes, after.sources, after.listed_on) == (
        seen.keys,
        3,
        ("arxiv",),
        date(2026, 11, 20),
    )
    assert news(verdict, None, after) == ((EventKind.NEW, ""),)


def test_later_sightings_fill_blanks_unite_lists_and_bring_the_newest_counters() -> None:
    """Nothing that is known is lost, nothing known is overwritten but the counters."""
    page = Link(LinkKind.PAGE, "https://example.org/a")
    known = paper(
        upvotes=3, comments=1, keys=arxiv("1"), categories=("cs.LG",), sources=("hf",), announced=Announced.CROSS
    )
    seen = sighting(
        authors=("Ann Lee",),
        keys=(*arxiv("1"), *doi("7")),
        categories=("cs.CL", "cs.LG"),
        upvotes=9,
        links=(page,),
        announced=Announced.NEW,
        published=date(2026, 11, 1),
    )
    after = absorb(judge(seen, [known]), seen, LISTING, NOW)
    assert after == replace(
        known,
        authors=("Ann Lee",),
        keys=(*arxiv("1"), *doi("7")),
        categories=("cs.LG", "cs.CL"),
        sources=("hf", "arxiv"),
        upvotes=9,
        links=(page,),
        announced=Announced.NEW,
        published=date(2026, 11, 1),
    )


@pytest.mark.parametrize(
    ("one", "other", "worth"),
    [
        (sighting("Slow Rivers of Text"), paper(title="Slow Rivers of Texts"), True),
        (sighting("Slow Rivers of Text", ""), paper(title="Slow Rivers of Texts", abstract=""), True),
        (sighting("Slow Rivers"), paper(title="Quick Streams"), True),
        (sighting("Slow Rivers of Text", MAPS), paper(title="Slow Rivers of Texts"), False),
        (sighting("Quick Streams", ""), paper(), False),
        (sighting("JetSpec: Faster Drafts", ""), paper(title="Faster Drafts", abstract=""), True),
    ],
)
def test_a_near_title_or_a_near_abstract_makes_a_pair_worth_a_look(one: Sighting, other: Paper, worth: bool) -> None:
    """A near title counts unless the abstracts are strangers, a near abstract whatever the titles say."""
    a, b = ((title_key(of.title), sketch(of.abstract)) for of in (one, other))
    assert plausible(*a, *b) is plausible(*b, *a) is worth


def test_a_sighting_that_two_papers_could_be_is_unsure_unless_its_abstract_decides() -> None:
    """Two arXiv ids, one title: the abstract chooses, a re-post joins the first, a title alone chooses nothing."""
    one, two = paper(1, keys=arxiv("1")), paper(2, abstract=MAPS, keys=arxiv("2"))
    assert judge(sighting(abstract=MAPS), [one, two]).paper == two
    assert judge(sighting(abstract=CLOCKS), [one, two]).paper == one
    doubt = judge(sighting(abstract=""), [one, two])
    assert (doubt.state, doubt.paper) == (State.UNSURE, one)
    assert doubt.reason == "same title, but 2 papers of different ids have it"
    assert judge(sighting(), [one, paper(2, keys=arxiv("2"))]).paper == one
    flagged = paper(3, abstract="", looks_like=1)
    assert judge(sighting(abstract=""), [one, two, flagged]).paper == flagged


def test_a_sighting_with_ids_of_two_papers_says_that_they_are_one() -> None:
    """The arXiv paper is kept and the other one joined, with both reasons; never two papers of two arXiv ids."""
    preprint, article = paper(1, keys=arxiv("1")), paper(2, "Published Rivers", keys=doi("7"))
    seen = sighting(keys=(*arxiv("1"), *doi("7")))
    verdict = judge(seen, [preprint, article])
    assert (verdict.state, verdict.paper, verdict.joined) == (State.SEEN, preprint, (article,))
    assert verdict.reason == "same arXiv id 1; same DOI 10.1/7 as paper 2, which is the same paper"
    assert judge(seen, [preprint, replace(article, keys=(*doi("7"), *arxiv("2")))]).joined == ()
    assert judge(seen, [replace(preprint, keys=(*arxiv("1"), *doi("7"))), article]).joined == ()
    assert judge(seen, [preprint, replace(article, abstract=MAPS, title="Talk 12")]).joined == ()


def test_only_a_source_that_states_versions_is_asked_what_changed() -> None:
    """A seen sighting of another wording costs no comparison of texts, and revises nothing."""
    known = paper(keys=arxiv("1"), version=2, comment="8 pages")
    assert judge(sighting("Another", MAPS, keys=arxiv("1"), version=1), [known]).state is State.SEEN
    replaced = sighting("Slow rivers!", CLOCKS, keys=arxiv("1"), announced=Announced.REPLACE, comment="8 pages")
    assert judge(replaced, [known]).state is State.SEEN
    assert judge(replace(replaced, comment="accepted"), [known]).changes == ("comment",)


def test_a_paper_is_known_by_a_wording_that_was_revised_long_ago() -> None:
    """The sighting is seen, the reason says so, and the verdict is about the paper as it is now."""
    now = paper(1, "Quick Streams", MAPS, revision=2)
    before = paper(1)
    for candidates in ([now, before], [before, now]):
        verdict = judge(sighting(), candidates)
        assert (verdict.state, verdict.paper) == (State.SEEN, now)
        assert verdict.reason == "same title, in an earlier wording"
