"""``like:`` in the definition and the engine, and the model that answers it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file
from tokenizers import Tokenizer, models, pre_tokenizers

from digest.errors import ConfigError, QueryError
from digest.match import match
from digest.match.meaning import NO_MEANINGS, SCALE
from digest.matcher import BulkMatcher
from digest.meanings import StaticMeanings, StaticModel, known_meanings
from digest.model import Paper
from digest.query import Like, parse
from tests.unit.match.meanings import FirstLetters
from tests.unit.query.papers import paper

WORDS = {"robot": 0, "arm": 1, "galaxy": 2, "star": 3, "and": 4}
VECTORS = np.array([[1, 0, 0], [0.8, 0.6, 0], [0, 0, 1], [0, 0.6, 0.8], [0, 0, 0]], np.float32)
ROBOTS, STARS = paper("Robot arm", keys=("arxiv:2401.00001",)), paper("Galaxy and star")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a model of five words, as model2vec would write it."""
    tokenizer = Tokenizer(models.WordLevel(WORDS, unk_token="and"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    save_file({"embeddings": VECTORS}, tmp_path / "model.safetensors")
    return tmp_path


def meanings(folder: Path, *known: Paper) -> StaticMeanings:
    """Return the meanings of a model that knows some papers."""
    model = StaticModel(folder / "model.safetensors", folder / "tokenizer.json")
    return StaticMeanings(lambda: model, lambda key: [one for one in known if key in one.keys])


def test_a_text_means_the_average_of_its_words(folder: Path) -> None:
    """Whole numbers, as long as ``SCALE``, the same alone and among others; nothing known means nothing."""
    model = StaticModel(folder / "model.safetensors", folder / "tokenizer.json")
    one, nothing, again = model.vectors(["robot arm", "", "robot arm"])
    assert (one == again).all()
    assert (one == np.rint(one)).all()
    assert float(np.sqrt(one @ one)) == pytest.approx(SCALE, rel=1e-3)
    assert one[0] > one[1] > 0 == one[2]
    assert not nothing.any()


def test_like_finds_by_text_and_by_paper(folder: Path) -> None:
    """What is at least so alike is found, with a score that grows with the likeness, and itself as the reason."""
    known = meanings(folder, ROBOTS)
    engine = BulkMatcher(meanings=known)
    queries = ["like:2401.00001", 'like:"star"~0.5', "-like:2401.00001", 'like:"galaxy"~0.99']
    for number, query in enumerate(queries):
        engine.put(number, query)
    found = {number: [hit.position for hit in hits] for number, hits in engine.match([ROBOTS, STARS]).items()}
    assert found == {0: [0], 1: [1], 2: [1]}
    hit = engine.explain("like:2401.00001", ROBOTS)
    assert hit is not None
    assert (hit.score, hit.terms, hit.spans) == (10.0, ('like:"arxiv:2401.00001"',), ())


def test_a_paper_nobody_has_seen_is_named_when_the_query_is_saved(folder: Path) -> None:
    """Not months later, by an empty digest."""
    with pytest.raises(QueryError, match=r"arxiv:2402\.00002 has not been seen here; its title in quotes works too"):
        BulkMatcher(meanings=meanings(folder)).put(1, "mamba OR like:2402.00002")


def test_without_the_extra_the_way_out_is_named() -> None:
    """``like:`` is refused with the command that makes it work; other queries do not notice."""
    engine = BulkMatcher()
    engine.put(1, "mamba likes")
    with pytest.raises(QueryError, match=r"pip install 'preprint-digest\[semantic\]'") as caught:
        engine.put(2, 'like:"state spaces"')
    assert caught.value.caret().splitlines()[1] == "^" * len("like:")
    with pytest.raises(QueryError, match="semantic"):
        match(parse('like:"state spaces"'), ROBOTS)


def test_a_broken_model_is_named_with_its_folder(tmp_path: Path) -> None:
    """The error names the setting; it comes when the model is first asked."""
    (tmp_path / "model.safetensors").write_bytes(b"not a model")
    known = known_meanings(tmp_path, lambda key: [])
    with pytest.raises(ConfigError, match=r"cannot be read.*\[semantic\] model"):
        known.asked(Like("robots", 50))


def test_the_shipped_model_knows_english() -> None:
    """The vectors that come with the extra tell robots from galaxies, with the usual least likeness."""
    known = known_meanings(None, lambda key: [])
    assert known is not NO_MEANINGS
    grasping = paper(
        "Learning dexterous grasps", "We train a robot hand to pick up objects it has never seen, by watching people."
    )
    halos = paper("Dark halos of dwarf galaxies", "We measure the mass of dark matter around faint satellite galaxies.")
    query = parse('like:"robotic manipulation and grasping"')
    assert match(query, grasping, meanings=known) is not None
    assert match(query, halos, meanings=known) is None


def test_what_cannot_be_known_is_refused_by_the_definition_too() -> None:
    """Engine and definition say the same of an unknown paper."""
    with pytest.raises(QueryError, match="has not been seen here"):
        match(parse("like:hep-th/9901001"), ROBOTS, meanings=FirstLetters())
    with pytest.raises(QueryError, match="has not been seen here"):
        BulkMatcher(meanings=FirstLetters()).put(1, "like:hep-th/9901001")
