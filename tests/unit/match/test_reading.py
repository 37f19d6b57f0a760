"""Many texts read at once, by arrays, have the words that each has by itself."""

from __future__ import annotations

import sys

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.match import collected
from digest.matcher import Texts, counted, keys
from digest.matcher.day import Day
from digest.text import words
from tests.unit.query.papers import paper, texts

_TROUBLE = "aZs09.,+#_-–—\u00ad \t\n\u00a0\u3000\x1c'“”/²½éßﬁİγ→∞深学か゛ﾞ\u0301\u200d\u2060٣०😀\U00020000\ud800\x00%"
troubled = st.text(st.sampled_from(_TROUBLE), max_size=40)
numbers = st.from_regex(r"[A-Za-z]{0,2}\d{0,4}[.,]?\d{0,4}[.,+#]{0,3}[a-z\d]{0,2}", fullmatch=True)
any_text = st.one_of(troubled, st.text(max_size=30), texts(), st.lists(numbers, max_size=6).map(" ".join))


@settings(deadline=None, max_examples=500)
@given(st.lists(st.tuples(any_text, any_text), max_size=4))
def test_a_block_has_the_words_of_each_of_its_texts(pages: list[tuple[str, str]]) -> None:
    """Places, both spellings and what may be read as one: as the tokenizer has them, text by text."""
    day = Day([paper(title, abstract) for title, abstract in pages])
    alone = [words.read(text) for page in pages for text in page]
    assert day.lengths.tolist() == [len(read) for read in alone]
    assert [day.read.surface(token) for token in range(len(day))] == [word for read in alone for word in read.surfaces]
    assert [day.folded.words[number] for number in day.folded.of] == [word for read in alone for word in read.folded()]
    assert [day.singular.words[number] for number in day.singular.of] == [
        word for read in alone for word in read.singular()
    ]
    assert day.glued.tolist() == [glued for read in alone for glued in read.glued]


def test_every_character_ends_or_makes_a_word_as_the_tokenizer_says() -> None:
    """Between two letters, behind a digit and a dot, and by itself: all of the common ones and some of the others."""
    everything = map(chr, (*range(0x3100), *range(0x3100, sys.maxunicode + 1, 211)))
    page = "\n".join(f"{character} a{character}b 1{character}2.{character} .{character}" for character in everything)
    day, alone = Day([paper(page)]), words.read(page)
    assert day.read.starts.tolist() == [1 + start for start in alone.starts]
    assert day.read.ends.tolist() == [1 + end for end in alone.ends]
    assert day.glued.tolist() == list(alone.glued)


@given(st.lists(st.text(st.sampled_from("ab"), min_size=1, max_size=keys.LONGEST), min_size=1, max_size=60))
def test_equal_words_have_equal_keys_and_keys_are_ordered_as_words(some: list[str]) -> None:
    """Keys stand for words: same numbers, same order, and back again."""
    of_words = keys.of_words(some)
    number, values = keys.numbered(of_words)
    assert [some[values[at]] for at in number] == some
    assert len(values) == len(set(some))
    assert of_words.words() == some
    assert [some[at] for at in np.lexsort((of_words.second, of_words.first))] == sorted(some)


@given(st.lists(st.text(st.sampled_from("abé"), min_size=1, max_size=20), max_size=30, unique=True))
def test_every_way_to_cut_a_word_into_two_others_is_found(some: list[str]) -> None:
    """Words of any length and letters, cut by keys or one by one."""
    lexicon, parts = keys.Lexicon.made_of(some), set(some)
    cuts = {(left, right) for left, right in keys.cuts(lexicon, keys.Filter(lexicon.keys)) if {left, right} <= parts}
    assert cuts == {
        (word[:cut], word[cut:])
        for word in some
        for cut in range(1, len(word))
        if word[:cut] in parts and word[cut:] in parts
    }


@given(
    st.lists(st.text(st.sampled_from("abé"), min_size=1, max_size=20), max_size=60, unique=True),
    st.lists(st.text(st.sampled_from("abé"), min_size=1, max_size=20), max_size=30),
)
def test_words_are_found_by_their_keys(some: list[str], others: list[str]) -> None:
    """A lexicon is a dictionary and a list, also when it grew."""
    lexicon = keys.Lexicon.made_of(some[:20]).and_more(some[20:])
    number = {word: at for at, word in enumerate(some)}
    assert lexicon.numbers(some + others).tolist() == [number.get(word, -1) for word in some + others]
    assert lexicon.texts(np.arange(len(some))[::-1]) == some[::-1]
    assert (lexicon.words, lexicon.number) == (some, number)
    which, numbers = lexicon.beginning([word[:3] for word in others] + others)
    assert sorted(zip(which.tolist(), numbers.tolist(), strict=True)) == [
        (place, at)
        for place, start in enumerate([word[:3] for word in others] + others)
        for at, word in enumerate(some)
        if word.startswith(start)
    ]
    last = [ord(word[-1]) if size else 0 for word, size in zip(some, lexicon.keys.size, strict=True)]
    assert lexicon.keys.last_bytes().tolist() == last


@settings(deadline=None, max_examples=100)
@given(st.lists(st.tuples(any_text, any_text), max_size=4))
def test_a_collection_is_counted_as_the_definition_counts_it(pages: list[tuple[str, str]]) -> None:
    """In how many papers each word stands, and how long they are: paper by paper or by arrays."""
    of_papers = collected([paper(title, abstract) for title, abstract in pages])
    assert counted([Texts(title, abstract) for title, abstract in pages]) == of_papers


def test_a_collection_of_several_blocks_is_counted_as_one() -> None:
    """More papers than are read at a time."""
    pages = [(f"Graph {n % 7}", "networks of graphs" if n % 3 else "") for n in range(2_500)]
    assert counted([Texts(*page) for page in pages]) == collected([paper(*page) for page in pages])
