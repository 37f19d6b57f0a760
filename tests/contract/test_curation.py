"""What every store promises of an operator's decisions: they hold, the ledger goes with them, all can be undone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.errors import StoreError
from digest.model import ActKind, EventKind, Key, Paper, State
from digest.store import SqlStore
from tests.contract.making import NOW, TOMORROW, composed, ingest, judge, sighting, subscribe

ARXIV = Key("arxiv:2611.00001")
DOI = Key("doi:10.1000/x")
LATER = NOW + timedelta(hours=1)


def tell(store: SqlStore, papers: list[Paper], address: str = "ada@example.org") -> int:
    """Send papers to a reader who is new or due; return the reader's id."""
    subscribe(store, address)
    (due,) = [d for d in store.digests.due(NOW, limit=99) if d.subscriber.address == address]
    assert store.digests.commit([composed(due, papers, cursor=store.papers.fresh(0)[-1].id)])
    return due.subscriber.id


def preprint_and_article(store: SqlStore) -> tuple[Paper, Paper]:
    """Store a preprint and its published version under another title, as two papers."""
    (preprint,) = ingest(store, sighting("A preprint", keys=(ARXIV,), upvotes=5))
    (article,) = ingest(store, sighting("The published article", keys=(DOI,), categories=("physics",)), source="mail")
    return preprint, article


def test_why_tells_the_whole_story(store: SqlStore) -> None:
    """Every sighting with its listing, place, verdict and reason, in order of time."""
    (paper,) = ingest(store, sighting("Old title", keys=(ARXIV,), version=1, where="line 3"), name="monday.txt")
    ingest(store, sighting("New title", keys=(ARXIV,), version=2), name="tuesday.txt", now=TOMORROW, source="mail")
    history = store.curation.why(paper.id)
    assert history.paper.title == "New title"
    assert [(s.document, s.source, s.state, s.title, s.seen_at) for s in history.sightings] == [
        ("monday.txt", "files", State.NEW, "Old title", NOW),
        ("tuesday.txt", "mail", State.REVISED, "New title", TOMORROW),
    ]
    assert history.sightings[0].where == "line 3"
    assert "same arXiv id" in history.sightings[1].reason
    assert (history.merged, history.acts) == ((), ())


def test_a_paper_is_found_by_number_id_or_title(store: SqlStore) -> None:
    """However an operator names a paper; a merged one by all its old names, as what it is now."""
    preprint, article = preprint_and_article(store)
    for name in (str(preprint.id), "2611.00001", "https://arxiv.org/abs/2611.00001v2", "a  PREPRINT"):
        assert store.curation.find(name) == [preprint]
    store.curation.merge(article.id, preprint.id, LATER)
    for name in (str(preprint.id), "arXiv:2611.00001", "a preprint", "10.1000/x"):
        assert [paper.id for paper in store.curation.find(name)] == [article.id]
    assert store.curation.find("unheard of") == store.curation.find("9999") == []


def test_a_merged_paper_says_what_both_said(store: SqlStore) -> None:
    """Keys, categories, sources and counters of both, as if it had been known from the start."""
    preprint, article = preprint_and_article(store)
    act = store.curation.merge(preprint.id, article.id, LATER)
    assert (act.kind, act.paper, act.other, act.at) == (ActKind.MERGE, preprint.id, article.id, LATER)
    history = store.curation.why(article.id)
    assert (history.paper.id, history.paper.title, history.merged) == (preprint.id, "A preprint", (article.id,))
    assert history.paper.keys == (ARXIV, DOI)
    assert (history.paper.categories, history.paper.sources) == (("physics",), ("files", "mail"))
    assert history.acts == (act,)
    assert store.views.counts()["papers"] == 1
    assert {event.paper for event in store.papers.fresh(0)} == {history.paper}


def test_who_was_told_of_one_was_told_of_both(store: SqlStore) -> None:
    """After a merge the paper does not go out again to those who had either of the two."""
    preprint, article = preprint_and_article(store)
    ada = tell(store, [preprint], "ada@example.org")
    bob = tell(store, [article], "bob@example.org")
    store.curation.merge(preprint.id, article.id, LATER)
    assert store.digests.told([ada, bob], [preprint.id]) == {ada: {preprint.id}, bob: {preprint.id}}


def test_nobody_can_be_told_twice_of_a_merged_paper(store: SqlStore) -> None:
    """Also a digest that was composed before the merge is refused where it would tell a reader twice."""
    preprint, article = preprint_and_article(store)
    bob = tell(store, [article], "bob@example.org")
    subscribe(store, "bob@example.org", "another query")
    (due,) = store.digests.due(NOW, limit=9)
    store.curation.merge(preprint.id, article.id, LATER)
    assert not store.digests.commit([composed(due, [preprint], slot="2026-11-20.9")])
    assert store.digests.told([bob], [preprint.id]) == {bob: {preprint.id}}


def test_later_sightings_of_a_merged_paper_are_seen_before(store: SqlStore) -> None:
    """By the title or the id of either, and what they say goes into the one paper."""
    preprint, article = preprint_and_article(store)
    store.curation.merge(preprint.id, article.id, LATER)
    last = store.papers.fresh(0)[-1].id
    (by_title,) = judge(store, sighting("The published article", comment="erratum"))
    (by_key,) = judge(store, sighting("Anything", keys=(DOI, ARXIV), categories=("math.CO",)))
    assert (by_title.verdict.state, by_key.verdict.state) == (State.SEEN, State.SEEN)
    assert by_title.paper.id == by_key.paper.id == preprint.id
    assert "math.CO" in store.curation.why(preprint.id).paper.categories
    assert not store.papers.fresh(last)


def test_a_revision_of_a_merged_paper_is_an_event_of_the_one_paper(store: SqlStore) -> None:
    """A new version of the merged one revises the paper that is shown."""
    (article,) = ingest(store, sighting("The published article", keys=(DOI,)))
    (preprint,) = ingest(store, sighting("A preprint", keys=(ARXIV,), version=1))
    store.curation.merge(article.id, preprint.id, LATER)
    ingest(store, sighting("A preprint", abstract="Rewritten from scratch.", keys=(ARXIV,), version=2))
    event = store.papers.fresh(0)[-1]
    assert (event.kind, event.paper.id) == (EventKind.REVISED, article.id)
    assert event.paper.abstract == "Rewritten from scratch."


def test_undoing_a_merge_brings_both_papers_back(store: SqlStore) -> None:
    """Both say again what their own sightings say, what they learned meanwhile included; each reader's past stays."""
    preprint, article = preprint_and_article(store)
    ada = tell(store, [article])
    act = store.curation.merge(preprint.id, article.id, LATER)
    ingest(store, sighting("The published article", categories=("math.CO",)))
    undone = store.curation.undo(act.id, TOMORROW)
    assert undone.undone_at == TOMORROW
    assert store.curation.why(preprint.id).paper == preprint
    assert store.curation.why(article.id).paper.categories == ("physics", "math.CO")
    assert store.digests.told([ada], [preprint.id, article.id]) == {ada: {article.id}}
    with pytest.raises(StoreError, match="undone before"):
        store.curation.undo(act.id, TOMORROW)


def test_undoing_a_merge_offers_what_it_hid(store: SqlStore) -> None:
    """Where a reader had not been offered the second paper when it was merged away, it is news again."""
    subscribe(store)
    preprint, article = preprint_and_article(store)
    act = store.curation.merge(preprint.id, article.id, LATER)
    last = store.papers.fresh(0)[-1].id
    store.curation.undo(act.id, TOMORROW)
    (event,) = store.papers.fresh(last)
    assert (event.kind, event.paper) == (EventKind.NEW, article)


def test_undoing_a_merge_of_old_papers_is_no_news(store: SqlStore) -> None:
    """Where everybody had been offered both before, undoing sends nothing."""
    preprint, article = preprint_and_article(store)
    tell(store, [preprint, article])
    act = store.curation.merge(preprint.id, article.id, LATER)
    last = store.papers.fresh(0)[-1].id
    store.curation.undo(act.id, TOMORROW)
    assert not store.papers.fresh(last)


def test_merges_of_merges_can_be_undone_in_any_order(store: SqlStore) -> None:
    """Three papers become one; undoing the first merge leaves the second, and the other way round."""
    one, two, three = ingest(store, *(sighting(f"Title {n}", abstract=f"Abstract {n}") for n in "abc"))
    first = store.curation.merge(two.id, three.id, NOW)
    second = store.curation.merge(one.id, two.id, NOW)
    assert store.curation.why(three.id).merged == (two.id, three.id)
    store.curation.undo(first.id, LATER)
    assert store.curation.why(three.id).merged == ()
    assert store.curation.why(two.id).merged == (two.id,)
    store.curation.undo(second.id, LATER)
    assert [store.curation.why(paper.id).paper for paper in (one, two, three)] == [one, two, three]


def test_a_paper_cannot_be_merged_with_itself(store: SqlStore) -> None:
    """Not directly, not through another, and not with one that is not there."""
    preprint, article = preprint_and_article(store)
    store.curation.merge(preprint.id, article.id, NOW)
    for keep, other in ((preprint.id, preprint.id), (article.id, preprint.id)):
        with pytest.raises(StoreError, match="one paper already"):
            store.curation.merge(keep, other, NOW)
    with pytest.raises(StoreError, match="no such paper"):
        store.curation.merge(preprint.id, 9_999, NOW)


def wrongly_seen(store: SqlStore) -> tuple[Paper, int]:
    """Store two papers of one title that identity took for one; return it and the second's sighting."""
    ingest(store, sighting("On graphs", abstract="", authors=("A. One",)), name="one.txt")
    (paper,) = ingest(store, sighting("On graphs", abstract="Another work.", comment="v2"), name="two.txt", now=LATER)
    return paper, store.curation.why(paper.id).sightings[1].id


def test_a_split_makes_two_papers_of_one(store: SqlStore) -> None:
    """Each says what its own sightings said, and the hidden one is news."""
    paper, second = wrongly_seen(store)
    last = store.papers.fresh(0)[-1].id
    act = store.curation.split(paper.id, [second], TOMORROW)
    kept, split = store.curation.why(act.paper), store.curation.why(act.other)
    assert (kept.paper.id, kept.paper.abstract, kept.paper.authors) == (paper.id, "", ("A. One",))
    assert (split.paper.abstract, split.paper.authors, split.paper.first_seen_at) == ("Another work.", (), LATER)
    assert [s.document for s in kept.sightings] == ["one.txt"]
    assert [s.document for s in split.sightings] == ["two.txt"]
    (event,) = store.papers.fresh(last)
    assert (event.kind, event.paper) == (EventKind.NEW, split.paper)


def test_the_ledger_stays_with_the_words_that_were_shown(store: SqlStore) -> None:
    """Who was shown the first wording has not been told of the paper that was split off."""
    paper, second = wrongly_seen(store)
    ada = tell(store, [paper])
    act = store.curation.split(paper.id, [second], TOMORROW)
    assert store.digests.told([ada], [act.paper, act.other]) == {ada: {paper.id}}


def test_the_ledger_moves_where_the_shown_words_move(store: SqlStore) -> None:
    """Where the wording a reader was shown is split off, it is the paper that stays that is news to them."""
    paper, _ = wrongly_seen(store)
    ada = tell(store, [paper])
    first = store.curation.why(paper.id).sightings[0].id
    last = store.papers.fresh(0)[-1].id
    act = store.curation.split(paper.id, [first], TOMORROW)
    assert store.digests.told([ada], [act.paper, act.other]) == {ada: {act.other}}
    assert [event.paper.id for event in store.papers.fresh(last)] == [paper.id]


def test_old_digests_read_as_they_were_after_any_act(store: SqlStore) -> None:
    """Neither merging nor splitting changes what was sent."""
    paper, second = wrongly_seen(store)
    ada = tell(store, [paper])
    before = store.views.digest_of(ada, "2026-11-20")
    act = store.curation.split(paper.id, [second], TOMORROW)
    store.curation.merge(act.other, act.paper, TOMORROW)
    assert store.views.digest_of(ada, "2026-11-20") == before


def test_undoing_a_split_makes_one_paper_again(store: SqlStore) -> None:
    """The paper says what it said before, and is told to nobody a second time."""
    paper, second = wrongly_seen(store)
    ada = tell(store, [paper])
    act = store.curation.split(paper.id, [second], LATER)
    store.curation.undo(act.id, TOMORROW)
    assert store.curation.why(act.other).paper == paper
    assert store.digests.told([ada], [paper.id]) == {ada: {paper.id}}
    assert {event.paper.id for event in store.papers.fresh(0)} == {paper.id}


@pytest.mark.parametrize("choose", [lambda ids: [], lambda ids: ids, lambda ids: [*ids[:1], 999]])
def test_a_split_that_makes_no_sense_is_refused(store: SqlStore, choose: Callable[[list[int]], list[int]]) -> None:
    """Nothing, everything, and somebody else's sighting cannot be split off."""
    paper, _ = wrongly_seen(store)
    with pytest.raises(StoreError, match="some of a paper's own sightings"):
        store.curation.split(paper.id, choose([s.id for s in store.curation.why(paper.id).sightings]), NOW)


def unsure_pair(store: SqlStore) -> tuple[Paper, Paper]:
    """Store two papers of one title and plainly different abstracts."""
    known, unsure = ingest(
        store,
        sighting("On graphs", abstract="Graphs with many nodes are hard to draw on paper."),
        sighting("On graphs", abstract="We prove a theorem about stars, planets and the light of both."),
    )
    return known, unsure


def test_what_is_kept_apart_is_unsure_no_more(store: SqlStore) -> None:
    """Saying that two papers are two settles the doubt and changes neither; undoing raises it again."""
    known, unsure = unsure_pair(store)
    act = store.curation.keep_apart(unsure.id, known.id, LATER)
    assert not store.curation.unsure(limit=9)
    assert store.curation.why(unsure.id).acts == (act,)
    assert [event.paper for event in store.papers.fresh(0)] == [known, unsure]
    store.curation.undo(act.id, LATER)
    assert len(store.curation.unsure(limit=9)) == 1
    store.curation.merge(known.id, unsure.id, LATER)
    with pytest.raises(StoreError, match="one paper"):
        store.curation.keep_apart(known.id, unsure.id, LATER)


def test_unsure_pairs_are_listed_until_decided(store: SqlStore) -> None:
    """Unsure pairs, newest first, until an operator merges them (and for good after that)."""
    known, unsure = unsure_pair(store)
    (pair,) = store.curation.unsure(limit=9)
    assert (pair.paper.id, pair.looks_like.id) == (unsure.id, known.id)
    assert "abstract" in pair.reason
    act = store.curation.merge(known.id, unsure.id, LATER)
    assert not store.curation.unsure(limit=9)
    assert store.curation.why(known.id).paper.looks_like is None
    store.curation.undo(act.id, LATER)
    assert not store.curation.unsure(limit=9)
    assert store.curation.why(unsure.id).paper.looks_like == known.id


@settings(deadline=None, max_examples=25)
@given(st.data())
def test_undoing_everything_restores_everything(data: st.DataObject) -> None:
    """Law: any merges, undone in any order, leave every paper as it was."""
    with SqlStore.open("sqlite://") as store:
        papers = ingest(
            store, *(sighting(f"Title {n}", abstract=f"Text {n}", keys=(Key(f"doi:10.1/{n}"),)) for n in "abcde")
        )
        acts = []
        for _ in range(data.draw(st.integers(1, 4))):
            roots = sorted({store.curation.why(paper.id).paper.id for paper in papers})
            keep, other = data.draw(st.permutations(roots))[:2]
            acts.append(store.curation.merge(keep, other, NOW))
        for act in data.draw(st.permutations(acts)):
            store.curation.undo(act.id, LATER)
        assert [store.curation.why(paper.id).paper for paper in papers] == papers
