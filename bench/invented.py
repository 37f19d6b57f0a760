"""Invented papers and queries for benchmarks: the statistics of real ones, none of their sentences.

Words are made of syllables and used with Zipf's frequencies; a share of the text are set phrases, so that phrases and
neighbours in queries are found. Queries have one to five terms, drawn from the same words with the ranks flattened, as
people search for rare words more than they write them; a fifth are nested, with fields and NOT.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime
from itertools import accumulate

from digest.model import Paper

SEEN = datetime(2026, 11, 20, 6, tzinfo=UTC)
_ONSETS, _VOWELS, _GLUE_WORDS = (
    line.split()
    for line in """
b br c ch cl d dr f fl g gr h j k l m n p ph pl qu r s sh sp st t th tr v w z
a e i o u ai ea ou
the of and to in a for we is that with on by this are as our from can
""".strip().splitlines()
)
_CODAS = ["", "", "n", "r", "l", "s", "t", "ck", "nd", "x", "m"]
VOCABULARY = 30_000
PHRASES = 3_000


class World:
    """A vocabulary with frequencies, made from a seed.

    In a ``plain`` world every word ends in its only q: there are no plurals and no word consists of two others, so that
    engines without our rules for plurals and hyphens must find exactly the same papers.
    """

    def __init__(self, seed: int = 7, *, plain: bool = False) -> None:
        self.random = random.Random(seed)
        self.plain = plain
        made: dict[str, None] = {}
        while len(made) < VOCABULARY:
            made[self._word()] = None
        self.words = list(made)
        self._weights = list(accumulate(1 / (rank + 8) for rank in range(VOCABULARY)))
        self._sought = list(accumulate(1 / (rank + 110) ** 0.9 for rank in range(VOCABULARY)))
        self.phrases = [" ".join(self.draw(self.random.choice([2, 2, 3]))) for _ in range(PHRASES)]
        self.authors = [f"{self._word().title()} {self._word().title()}" for _ in range(4_000)]
        self.categories = ["cs.CL", "cs.LG", "cs.CV", "cs.AI", "stat.ML", "math.OC", "eess.AS", "q-bio.NC"]

    def _word(self) -> str:
        pick = self.random.choice
        count = self.random.choice([1, 2, 2, 2, 3, 3])
        word = "".join(pick(_ONSETS) + pick(_VOWELS) + pick(_CODAS) for _ in range(count))
        return word.replace("q", "k") + "q" if self.plain else word

    def draw(self, count: int) -> list[str]:
        """Return words as texts use them."""
        return self.random.choices(self.words, cum_weights=self._weights, k=count)

    def sought(self) -> str:
        """Return a word as people search for it."""
        return self.random.choices(self.words, cum_weights=self._sought)[0]

    def sentence(self, count: int) -> str:
        """Return running text of about ``count`` words."""
        parts, words = [], self.draw(count)
        for word in words:
            luck = self.random.random()
            parts.append(word)
            if luck < 0.3:
                parts.append(self.random.choice(_GLUE_WORDS))
            elif luck < 0.36:
                parts.append(self.random.choice(self.phrases))
            elif luck < 0.42 and not self.plain:
                parts[-1] = f"{word}-{self.random.choice(words)}"
            elif luck < 0.5:
                parts[-1] = word + self.random.choice([",", "."] if self.plain else [",", ".", "s", "s,", "s."])
        return " ".join(parts)

    def paper(self) -> Paper:
        """Return a paper with a title of about 11 words and an abstract of about 180."""
        return Paper(
            id=0,
            first_seen_at=SEEN,
            title=self.sentence(8).capitalize(),
            abstract=self.sentence(self.random.randint(90, 160)).capitalize(),
            authors=tuple(self.random.choices(self.authors, k=self.random.randint(1, 9))),
            categories=(self.random.choice(self.categories),),
            upvotes=self.random.randint(0, 40),
        )

    def term(self) -> str:
        """Return one term of a query: mostly a word, sometimes a phrase, now and then a prefix."""
        luck = self.random.random()
        if luck < 0.2:
            return f'"{self.random.choice(self.phrases)}"'
        return f"{self.sought()[:4].removesuffix('q')}*" if luck < 0.23 else self.sought()

    def query(self, *, rich: bool = True) -> str:
        """Return a query; with ``rich`` a fifth are nested, with fields, NOT, names, categories and numbers."""
        if rich and self.random.random() < 0.2:
            return self._nested()
        count = self.random.choices([1, 2, 3, 4, 5], weights=[30, 35, 20, 10, 5])[0]
        terms = [self.term() for _ in range(count)]
        return (" OR " if self.random.random() < 0.35 else " ").join(terms)

    def _nested(self) -> str:
        one, two, three = self.term(), self.term(), self.term()
        forms = [
            f"({one} OR {two}) {three}",
            f"({one} OR {two}) -{three}",
            f"title:({one} OR {two})",
            f"title:{one} OR ({two} {three})",
            f"{one} -title:{two}",
            f"({one} {two}) OR ({three} {self.term()})",
            f"({one} OR {two}) ({three} OR {self.term()}) -{self.term()}",
        ]
        if not self.plain:
            forms += [
                f"{one} category:{self.random.choice(self.categories)}",
                f"({one} OR {two}) upvotes>={self.random.randint(1, 20)}",
                f"{one} OR author:{self.random.choice(self.authors).split()[1]}",
            ]
        return self.random.choice(forms)
