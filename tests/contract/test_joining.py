"""What every store promises of two papers that a later sighting proves to be one: nobody hears of them twice."""

from __future__ import annotations

from datetime import timedelta

from digest.model import ActKind, EventKind, Key, Paper, Sighting, State
from digest.store import SqlStore
from tests.contract.making import NOW, TOMORROW, composed, ingest, judge, sighting, subscribe

ARXIV = Key("arxiv:2611.00001")
DOI = Key("doi:10.1000/x")
LATER = NOW + timedelta(hours=1)
ABSTRACT = "Rivers that carry text are slow where the land is flat, and the text that they carry is long and quiet."


def of_both(**facts: object) -> Sighting:
    """Return a sighting that carries both ids, in the preprint's words."""
    return sighting("A preprint on rivers", **{"abstract": ABSTRACT, "keys": (ARXIV, DOI)} | facts)


def two_papers(store: SqlStore) -> tuple[Paper, Paper]:
    """Store a preprint and its published version under another title, as two papers."""
    (preprint,) = ingest(store, sighting("A preprint on rivers", abstract=ABSTRACT, keys=(ARXIV,)))
    text = ABSTRACT.replace("slow", "calm").replace("long", "large").replace("flat", "even")
    (article,) = ingest(store, sighting("Text transport reconsidered", abstract=text, keys=(DOI,)), source="mail")
    return preprint, article


def test_a_sighting_with_ids_of_both_makes_one_paper_of_two(store: SqlStore) -> None:
    """It is seen, not new; the paper answers to both ids, and the act with its reason is on record."""
    preprint, article = two_papers(store)
    assert preprint.id != article.id
    last = store.papers.fresh(0)[-1].id
    (judged,) = judge(store, of_both(), now=LATER)
    assert (judged.verdict.state, judged.paper.id) == (State.SEEN, preprint.id)
    assert judged.paper.keys == (ARXIV, DOI)
    assert not store.papers.fresh(last)
    history = store.curation.why(article.id)
    assert (history.paper.id, history.merged) == (preprint.id, (article.id,))
    assert [(act.kind, act.paper, act.other) for act in history.acts] == [(ActKind.JOIN, preprint.id, article.id)]
    reason = f"same arXiv id 2611.00001; same DOI 10.1000/x as paper {article.id}"
    assert history.sightings[-1].reason.startswith(reason)
    assert [paper.id for paper in store.curation.find("10.1000/x")] == [preprint.id]


def test_later_sightings_of_either_are_of_the_one_paper(store: SqlStore) -> None:
    """By the one id, the other, both, or the published title alone."""
    preprint, _ = two_papers(store)
    ingest(store, of_both())
    again = judge(
        store,
        sighting("A preprint on rivers", keys=(ARXIV,)),
        sighting("Text transport reconsidered", abstract=ABSTRACT, keys=(DOI,)),
        of_both(),
        sighting("Text transport reconsidered", abstract=""),
        now=TOMORROW,
    )
    assert {(judged.verdict.state, judged.paper.id) for judged in again} == {(State.SEEN, preprint.id)}
    assert len(store.curation.why(preprint.id).acts) == 1


def test_a_reader_told_of_one_has_been_told_of_both(store: SqlStore) -> None:
    """Whichever of the two a reader was sent before they were one, the paper is not sent again."""
    preprint, article = two_papers(store)
    readers = {}
    for address, paper in (("ada@example.org", preprint), ("bob@example.org", article)):
        subscribe(store, address)
        (due,) = [d for d in store.digests.due(NOW, limit=9) if d.subscriber.address == address]
        store.digests.commit([composed(due, [paper], cursor=0)])
        readers[address] = due.subscriber.id
    ingest(store, of_both(), now=LATER)
    assert {event.paper.id for event in store.papers.fresh(0)} == {preprint.id}
    told = store.digests.told(list(readers.values()), [preprint.id])
    assert told == dict.fromkeys(readers.values(), frozenset({preprint.id}))


def test_a_reader_told_of_neither_is_told_once(store: SqlStore) -> None:
    """Two events wait, and both are of the one paper."""
    two_papers(store)
    ingest(store, of_both())
    events = store.papers.fresh(0)
    assert [event.kind for event in events] == [EventKind.NEW, EventKind.NEW]
    assert len({event.paper.id for event in events}) == 1


def test_undoing_brings_both_back_for_good(store: SqlStore) -> None:
    """The operator's word holds: the next sighting with both ids joins nothing."""
    preprint, article = two_papers(store)
    ingest(store, of_both(), now=LATER)
    (act,) = store.curation.why(preprint.id).acts
    store.curation.undo(act.id, TOMORROW)
    assert store.curation.why(article.id).paper == article
    ingest(store, of_both(), now=TOMORROW)
    assert store.curation.why(article.id).merged == ()
    assert store.curation.why(preprint.id).merged == ()


def test_papers_kept_apart_are_not_joined(store: SqlStore) -> None:
    """Nor are those that an operator split."""
    preprint, article = two_papers(store)
    store.curation.keep_apart(preprint.id, article.id, LATER)
    ingest(store, of_both(), now=TOMORROW)
    assert store.curation.why(preprint.id).merged == ()


def test_a_supplement_is_not_joined_by_its_number(store: SqlStore) -> None:
    """A DOI that names a whole supplement joins only what agrees with the sighting in title or abstract."""
    (talk,) = ingest(store, sighting("Talk 12: On the light of stars", abstract="Stars are hot. " * 9, keys=(DOI,)))
    (preprint,) = ingest(store, sighting("A preprint on rivers", abstract=ABSTRACT, keys=(ARXIV,)))
    ingest(store, of_both())
    assert store.curation.why(talk.id).paper.id == talk.id
    assert store.curation.why(preprint.id).merged == ()


def test_a_flagged_copy_is_joined_once_its_id_is_known(store: SqlStore) -> None:
    """A rewritten abstract seen without ids was flagged; the same text with the known id settles the doubt."""
    (known,) = ingest(store, sighting("Slow rivers", abstract="Ink is light, paper is patient. " * 9, keys=(ARXIV,)))
    (flagged,) = judge(store, sighting("Slow rivers", abstract=ABSTRACT), now=LATER)
    assert (flagged.verdict.state, flagged.paper.looks_like) == (State.UNSURE, known.id)
    ingest(store, sighting("Slow rivers", abstract=ABSTRACT, keys=(ARXIV,)), now=TOMORROW)
    assert store.curation.why(flagged.paper.id).paper.id == known.id
    assert not store.curation.unsure(limit=9)
