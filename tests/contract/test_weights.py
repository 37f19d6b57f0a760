"""Words weigh by the papers of the store, the same everywhere, and no digest changes because the weights did."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from digest.app import App
from digest.app.weights import MOST, STEP, Weights
from digest.config import Config, LinkSettings, StoreSettings
from digest.config.settings import MatchingSettings
from digest.match import NO_STATISTICS
from digest.store import SqlStore
from tests.contract.making import NOW, ingest, sighting, subscribe


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    config = Config(
        store=StoreSettings(url=f"sqlite:///{tmp_path}/digest.db"),
        links=LinkSettings(secret_file=tmp_path / "secret"),
        matching=MatchingSettings(engine_file=None),
    )
    with App.open(config, now=NOW) as app:
        yield app


def _papers(store: SqlStore, first: int, last: int) -> None:
    ingest(
        store, *(sighting(f"Study {n} of graphs", abstract=f"rare{n}") for n in range(first, last)), body=b"%d" % first
    )


def test_weights_are_those_of_the_papers_up_to_the_last_step(app: App) -> None:
    """Before the first step all words weigh the same; between two steps nothing changes; a step counts again."""
    weights = Weights(app.store.views)
    _papers(app.store, 1, STEP)
    assert weights.now() is NO_STATISTICS
    _papers(app.store, STEP, STEP + 10)
    first = weights.now()
    assert (first.papers, first.frequency["graph"], first.frequency["rare7"]) == (STEP, STEP, 1)
    assert first.idf(("graph",)) < 0.001 < 0.8 < first.idf(("rare7",)) < first.idf(("unseen",)) == 1.0
    assert weights.now() is first
    assert Weights(app.store.views).now() == first
    assert MOST % STEP == 0


def test_the_engine_and_its_explanations_use_them(app: App) -> None:
    """Each composing has the weights of its time."""
    subscribe(app.store, "ada@example.org", "graphs", "rare501")
    before = app.weighed().explain("graphs", ingest(app.store, sighting("On graphs"))[0])
    _papers(app.store, 1, STEP + 2)
    page = app.store.views.papers_since(None)[0]
    matcher = app.weighed()
    matcher.put(1, "graphs")
    after = matcher.explain("graphs", page)
    assert before is not None
    assert after is not None
    assert after.score < before.score
    assert [hit.score for hit in matcher.match([page])[1]] == [after.score]


def test_a_digest_keeps_its_scores(app: App) -> None:
    """What was composed is rendered with the scores it was composed with, to the byte, whatever came later."""
    subscribe(app.store, "ada@example.org", "graphs")
    _papers(app.store, 1, 12)
    (done,) = app.compose()
    assert done.digest is not None
    message = app.renderer.message(done.digest)
    _papers(app.store, 12, STEP + 12)
    (row,) = app.store.views.outbox()
    assert app.weighed().terms.statistics is not NO_STATISTICS
    assert app.store.outbox.digest(row.digest_id) == done.digest
    assert app.renderer.message(app.store.outbox.digest(row.digest_id)) == message
