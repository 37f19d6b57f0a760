"""Where a leaf of words stands in a text: every construct of the language, by its definition.

An *occurrence* is (first, last), the numbers of the words it begins and ends with. No two begin at the same word.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property, lru_cache

from rapidfuzz.distance import OSA

from digest.query import Exact, Fuzzy, Near, Phrase, Prefix, Word
from digest.query.tree import Text
from digest.text.words import Reading, glues, read

Occurrence = tuple[int, int]
Last = Callable[[str], bool]
"""What the last word of a prefix or fuzzy leaf has to be."""


class Field:
    """One field of a paper as its words, folded in both ways."""

    def __init__(self, text: str) -> None:
        self.reading = read(text)

    @cached_property
    def folded(self) -> tuple[str, ...]:
        """The words as quoted words are compared."""
        return self.reading.folded()

    @cached_property
    def singular(self) -> tuple[str, ...]:
        """The words as unquoted words are compared."""
        return self.reading.singular()

    def __len__(self) -> int:
        return len(self.reading)


asked = lru_cache(maxsize=1 << 16)(read)
"""The words of a leaf's text."""


def occurrences(leaf: Text, field: Field) -> list[Occurrence]:
    """Return where a leaf stands in a field, by place."""
    if isinstance(leaf, Near):
        return _near(leaf, field)
    return list(_first_of_each_start(_runs(leaf, field)))


def _runs(leaf: Word | Phrase | Prefix | Fuzzy | Exact, field: Field) -> Iterator[Occurrence]:
    term = asked(leaf.text)
    if isinstance(leaf, Word):
        return _sequences(term, term.singular(), field.reading, field.singular)
    if isinstance(leaf, Phrase):
        return _sequences(term, term.folded(), field.reading, field.folded)
    if isinstance(leaf, Exact):
        return _letter_by_letter(leaf, field)
    if isinstance(leaf, Prefix):
        return _beginnings(term, field)
    return _slips(term, leaf.slips, field)


def _first_of_each_start(found: Iterator[Occurrence]) -> Iterator[Occurrence]:
    seen = -1
    for occurrence in found:
        if occurrence[0] != seen:
            yield occurrence
        seen = occurrence[0]


def _sequences(term: Reading, wanted: tuple[str, ...], text: Reading, words: tuple[str, ...]) -> Iterator[Occurrence]:
    """Yield where the words of a term stand in a row, either side's neighbours read as one where they may be."""
    for start in range(len(words)):
        for end in _ends(term.glued, wanted, 0, text.glued, words, start):
            yield start, end - 1


def _ends(
    glued: tuple[bool, ...],
    wanted: tuple[str, ...],
    i: int,
    text_glued: tuple[bool, ...],
    words: tuple[str, ...],
    j: int,
) -> Iterator[int]:
    """Yield the places behind every way in which ``wanted[i:]`` stands at the word ``j``."""
    if i == len(wanted):
        yield j
    elif j < len(words):
        if wanted[i] == words[j]:
            yield from _ends(glued, wanted, i + 1, text_glued, words, j + 1)
        if text_glued[j] and wanted[i] == words[j] + words[j + 1]:
            yield from _ends(glued, wanted, i + 1, text_glued, words, j + 2)
        if glued[i] and wanted[i] + wanted[i + 1] == words[j]:
            yield from _ends(glued, wanted, i + 2, text_glued, words, j + 1)


def _letter_by_letter(leaf: Exact, field: Field) -> Iterator[Occurrence]:
    """Yield where the very characters stand, from the beginning of a word to the end of one."""
    reading = field.reading
    last_at = {end: number for number, end in enumerate(reading.ends)}
    for first, start in enumerate(reading.starts):
        end = start + len(leaf.text)
        if end in last_at and reading.text.startswith(leaf.text, start):
            yield first, last_at[end]


def _beginnings(term: Reading, field: Field) -> Iterator[Occurrence]:
    """Yield where all words but the last stand and then a word that begins with it, or two read as one that do."""
    text, words = field.reading, field.folded
    for head, last in _heads(term, term.folded()):
        for start, at in _after(head, words):
            if words[at].startswith(last):
                yield start, at
            elif text.glued[at] and last.startswith(words[at]) and (words[at] + words[at + 1]).startswith(last):
                yield start, at + 1


def _slips(term: Reading, slips: int, field: Field) -> Iterator[Occurrence]:
    """Yield where all words but the last stand and then one that is like it, from the same first letter on."""
    words = field.singular
    for head, last in _heads(term, term.singular()):
        for start, at in _after(head, words):
            if like(last, words[at], slips):
                yield start, at


def like(asked_for: str, word: str, slips: int) -> bool:
    """Return whether two words have the first letter in common and differ by so many slips at most.

    A slip is a letter wrong, missing, too many, or two swapped (optimal string alignment distance).
    """
    return word[:1] == asked_for[:1] and OSA.distance(asked_for, word, score_cutoff=slips) <= slips


def _heads(term: Reading, words: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield what comes before the last word, and the last word; also with the last two read as one."""
    yield words[:-1], words[-1]
    if len(words) > 1 and term.glued[-2]:
        yield words[:-2], words[-2] + words[-1]


def _after(head: tuple[str, ...], words: tuple[str, ...]) -> Iterator[Occurrence]:
    """Yield (start, next) for every place where the words of ``head`` stand one by one and another word follows."""
    for start in range(len(words) - len(head)):
        if words[start : start + len(head)] == head:
            yield start, start + len(head)


def _near(leaf: Near, field: Field) -> list[Occurrence]:
    """Return the occurrences of the words of any reading of the leaf that stand together closely enough."""
    term = asked(leaf.text)
    found: set[Occurrence] = set()
    for words in near_readings(term):
        places = {word: list(_word(word, field)) for word in words}
        found.update(_close(words, places, leaf.distance))
    return list(_first_of_each_start(iter(sorted(found))))


def near_readings(term: Reading) -> list[tuple[str, ...]]:
    """Return the folded words of a term, and every way to read neighbours among them as one."""
    words, ways = term.folded(), {0: [()]}  # type: tuple[str, ...], dict[int, list[tuple[str, ...]]]
    for i in range(len(words)):
        for way in ways.get(i, []):
            ways.setdefault(i + 1, []).append((*way, words[i]))
            if term.glued[i]:
                ways.setdefault(i + 2, []).append((*way, words[i] + words[i + 1]))
    return ways[len(words)]


def _word(word: str, field: Field) -> Iterator[Occurrence]:
    text, words = field.reading, field.folded
    for at in range(len(words)):
        if words[at] == word:
            yield at, at
        elif text.glued[at] and words[at] + words[at + 1] == word:
            yield at, at + 1


def _close(words: tuple[str, ...], places: dict[str, list[Occurrence]], distance: int) -> Iterator[Occurrence]:
    """Yield the occurrences that lie in a stretch of ``distance`` + 1 beginnings with every word as often as asked."""
    for start in sorted({first for found in places.values() for first, _ in found}):
        inside = {word: [at for at in found if start <= at[0] <= start + distance] for word, found in places.items()}
        if all(len(inside[word]) >= words.count(word) for word in places):
            for found in inside.values():
                yield from found


def as_one(left: Word, right: Word) -> bool:
    """Return whether two words that a query puts side by side may also stand written as one (``pre training``)."""
    if left.field != right.field or len(asked(left.text)) != 1 or len(asked(right.text)) != 1:
        return False
    return glues(asked(left.text).surfaces[0], asked(right.text).surfaces[0], " ")
