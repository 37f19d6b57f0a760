"""Sketches: 128 bytes that tell how alike two abstracts are."""

from __future__ import annotations

import random
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.text.sketch import likeness, shingles, sketch

WORDS = [f"word{n}" for n in range(4_000)]


def text(seed: int, count: int) -> list[str]:
    return random.Random(seed).choices(WORDS, k=count)


def test_a_sketch_is_the_same_on_every_machine() -> None:
    """The values are part of what a store holds: they must never change."""
    assert sketch("One two three four five six seven").hex() == "dbf5bc0796b83a3ed7d32578f37ffb9ce6e3cfe2"
    assert len(sketch(" ".join(text(1, 200)))) == 128


@pytest.mark.parametrize("short", ["", "We study graphs.", "One two three four five six", "∞ → ☃"])
def test_a_text_of_fewer_than_seven_words_says_nothing(short: str) -> None:
    """It has no sketch, and no likeness to anything."""
    long = sketch(" ".join(text(1, 100)))
    assert sketch(short) == b""
    assert likeness(sketch(short), long) is likeness(long, sketch(short)) is likeness(b"", b"") is None


@pytest.mark.parametrize("edited", [0, 1, 5, 20, 60, 150])
def test_the_estimate_is_near_the_true_likeness(edited: int) -> None:
    """Over many pairs of texts with some words changed it is off by .09 on average at most, and not biased."""
    errors = []
    for seed in range(40):
        one, other = text(seed, 150), text(seed, 150)
        other[:edited] = text(seed + 1_000, edited)
        a, b = shingles(" ".join(one)), shingles(" ".join(other))
        estimate = likeness(sketch(" ".join(one)), sketch(" ".join(other)))
        assert estimate is not None
        errors.append(estimate - len(a & b) / len(a | b))
    assert abs(sum(errors) / 40) < 0.03
    assert sum(map(abs, errors)) / 40 < 0.09


def test_short_texts_are_compared_exactly() -> None:
    """With fewer than 33 shingles nothing is estimated."""
    one, other = text(1, 30), [*text(1, 20), *text(2, 10)]
    a, b = shingles(" ".join(one)), shingles(" ".join(other))
    assert likeness(sketch(" ".join(one)), sketch(" ".join(other))) == len(a & b) / len(a | b)


def test_spelling_does_not_matter_and_order_does() -> None:
    """Case, punctuation, hyphens, line ends and Unicode forms are no difference; CJK is read by characters."""
    plain = "the naïve estimator of a state space model is biased when samples are few"
    same = "The naïve estimator\nof a “state-space” model\u00a0is biased — when samples are few."
    assert sketch(plain) == sketch(same) == sketch(unicodedata.normalize("NFD", same))
    assert likeness(sketch(plain), sketch(" ".join(reversed(plain.split())))) == 0
    assert sketch("我们研究稀疏图上的消息传递。") == sketch("我们研究稀疏图上的消息传递")
    assert likeness(sketch("我们研究稀疏图上的消息传递"), sketch("我们研究稠密图上的消息传递")) == 7 / 15


@settings(deadline=None, max_examples=50)
@given(st.text(max_size=200), st.text(max_size=200))
def test_likeness_is_a_symmetric_share(one: str, other: str) -> None:
    """For any two texts: between 0 and 1, the same both ways, 1 with itself."""
    a, b = sketch(one), sketch(other)
    assert likeness(a, b) == likeness(b, a)
    assert likeness(a, a) == (1 if a else None)
    assert 0 <= (likeness(a, b) or 0) <= 1
