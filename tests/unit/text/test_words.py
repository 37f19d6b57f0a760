"""The tokenizer: words, their places, and what counts as the same word."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.text.words import ASCII_WORD, WORD, folded, read, singular, trimmed


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("C++, C# and CodeT5+!", ["C++", "C#", "and", "CodeT5+"]),
        ("C++11 a+b issue#5 10+ Na+/K+", ["C++", "11", "a", "b", "issue", "5", "10", "Na+", "K+"]),
        ("GPT-3.5 Qwen2.5-VL 7.5B v1.", ["GPT", "3.5", "Qwen2.5", "VL", "7.5B", "v1"]),
        ("10,000 of 1,2", ["10,000", "of", "1", "2"]),
        ("深度 ガ한국", ["深", "度", "ガ", "한", "국"]),
        ("snake_case don’t", ["snake", "case", "don", "t"]),
        ("हिन्दी भाषा", ["हिन्दी", "भाषा"]),
        ("∞-cat 🤗 x→y Llama™", ["∞", "cat", "🤗", "x", "→", "y", "Llama"]),
        ("e\u0301te\u0301", ["e\u0301te\u0301"]),
        ("", []),
    ],
)
def test_words_of_a_text(text: str, words: list[str]) -> None:
    """What is one word and what is two."""
    assert list(read(text).surfaces) == words


@pytest.mark.parametrize(
    ("surface", "word"),
    [("Łukasz", "lukasz"), ("NAÏVE", "naive"), ("ﬁne", "fine"), ("Straße", "strasse"), ("１０", "10"), ("が", "が")],
)
def test_folding(surface: str, word: str) -> None:
    """Case, width, ligatures and accents do not count; the voicing marks of kana do."""
    assert folded(surface) == word


@pytest.mark.parametrize(
    ("many", "one"),
    [
        ("networks", "network"), ("studies", "study"), ("boxes", "box"), ("losses", "loss"), ("searches", "search"),
        ("caches", "cache"), ("images", "image"), ("heroes", "hero"), ("llms", "llm"), ("gpus", "gpu"),
        ("bias", "bias"), ("biases", "bias"), ("series", "series"), ("analysis", "analysis"), ("physics", "physics"),
        ("gas", "gas"), ("class", "class"), ("corpus", "corpus"), ("this", "this"), ("3ds", "3ds"), ("c++", "c++"),
    ],
)  # fmt: skip
def test_regular_plurals(many: str, one: str) -> None:
    """Regular English plurals are taken off, words that only look like plurals stay."""
    assert singular(many) == one


@settings(deadline=None)
@given(st.text(max_size=60))
def test_laws_of_words(text: str) -> None:
    """Words are slices of the text, in order, apart; folding twice is folding once; trimming twice is trimming once."""
    reading = read(text)
    assert all(
        text[start:end] == word for start, end, word in zip(reading.starts, reading.ends, reading.surfaces, strict=True)
    )
    assert all(end <= start for end, start in zip(reading.ends, reading.starts[1:], strict=False))
    assert all(folded(word) == folded(folded(word)) for word in reading.surfaces)
    assert trimmed(trimmed(text)) == trimmed(text)
    assert len(reading.glued) == len(reading)


@settings(deadline=None)
@given(st.text(st.characters(max_codepoint=127)) | st.text("a1C+#.,- ", max_size=30))
def test_the_quick_pattern_for_ascii_text_finds_the_same_words(text: str) -> None:
    """In ASCII text both patterns are one."""
    assert ASCII_WORD.findall(text) == WORD.findall(text)
