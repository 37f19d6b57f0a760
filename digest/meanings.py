"""Vectors of texts by a static model on this machine: what ``like:`` needs. Nothing is ever downloaded.

A static model has one vector a token; a text means the average of its tokens (J. Wieting et al., "Towards universal
paraphrastic sentence embeddings", ICLR 2016; D. Miller, "WordLlama", 2024, whose package ships the vectors used here).
A model of one's own is a folder as ``model2vec`` writes it: ``model.safetensors`` and ``tokenizer.json``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property, lru_cache, partial
from hashlib import blake2b
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from digest.errors import ConfigError
from digest.match.meaning import NO_MEANINGS, SCALE, Meanings, Vectors, refused
from digest.model import Paper
from digest.query import Like

KEPT = 20_000
"""Papers whose vectors stay in memory (40 MB)."""

_SHIPPED = ("weights/l2_supercat_256.safetensors", "tokenizers/l2_supercat_tokenizer_config.json")
_OWN = ("model.safetensors", "tokenizer.json")


class StaticModel:
    """One vector a token; a text's vector is their average, in whole numbers and ``SCALE`` long."""

    def __init__(self, weights: Path, tokenizer: Path) -> None:
        from safetensors.numpy import load_file
        from tokenizers import Tokenizer

        try:
            self._vectors: NDArray[np.float32] = next(iter(load_file(weights).values())).astype(np.float32)
            self._tokenizer = Tokenizer.from_file(str(tokenizer))
        except Exception as error:  # two libraries in other languages: no common kind of error
            raise ConfigError(
                f"this model cannot be read: {error}",
                place=str(weights.parent),
                hint="[semantic] model names a folder with model.safetensors and tokenizer.json",
            ) from error
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors of texts, one a row; zeros for a text without a known token."""
        found = self._tokenizer.encode_batch(list(texts), add_special_tokens=False)
        return np.array([self._average(one.ids) for one in found]).reshape(len(found), self._vectors.shape[1])

    def _average(self, tokens: Sequence[int]) -> Vectors:
        known = [token for token in tokens if token < len(self._vectors)]
        vector = self._vectors[known].sum(axis=0, dtype=np.float64)
        length = float(np.sqrt((vector * vector).sum()))
        whole: Vectors = np.rint(vector * (SCALE / length)) if length else vector
        return whole


def model_files(folder: Path | None) -> tuple[Path, Path] | None:
    """Return the files of the model in a folder, or of the shipped one; ``None`` where the extra is not installed."""
    if any(find_spec(name) is None for name in ("safetensors", "tokenizers")):
        return None
    if folder is not None:
        return folder / _OWN[0], folder / _OWN[1]
    shipped = find_spec("wordllama")
    if shipped is None or shipped.origin is None:
        return None
    return Path(shipped.origin).parent / _SHIPPED[0], Path(shipped.origin).parent / _SHIPPED[1]


def known_meanings(folder: Path | None, find: Callable[[str], Sequence[Paper]]) -> Meanings:
    """Return the meanings of the model in a folder or of the shipped one; without the extra, those that refuse."""
    files = model_files(folder)
    return NO_MEANINGS if files is None else StaticMeanings(partial(StaticModel, *files), find)


class StaticMeanings:
    """``match.meaning.Meanings`` by a static model, loaded when first needed.

    ``find`` gives the papers known by an identifier.
    """

    def __init__(self, load: Callable[[], StaticModel], find: Callable[[str], Sequence[Paper]]) -> None:
        self._load = load
        self._find = find
        self._kept: dict[bytes, Vectors] = {}
        self._asked = lru_cache(maxsize=KEPT)(self._of_text)

    @cached_property
    def _model(self) -> StaticModel:
        return self._load()

    def asked(self, leaf: Like) -> Vectors:
        """Return the vector of what is asked for; raises ``QueryError`` where the paper has not been seen."""
        if not leaf.key:
            return self._asked(leaf.text)
        papers = self._find(leaf.key)
        if not papers:
            raise refused(leaf, f"{leaf.key} has not been seen here; its title in quotes works too")
        vector: Vectors = self.of(papers[:1])[0]
        return vector

    def of(self, papers: Sequence[Paper]) -> Vectors:
        """Return the vectors of papers, of title and abstract together, one a row."""
        texts = [f"{paper.title}. {paper.abstract}" for paper in papers]
        names = [blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest() for text in texts]
        if len(self._kept) > KEPT:
            self._kept.clear()
        missing = {name: text for name, text in zip(names, texts, strict=True) if name not in self._kept}
        if missing:
            self._kept.update(zip(missing, self._model.vectors(list(missing.values())), strict=True))
        return np.array([self._kept[name] for name in names])

    def _of_text(self, text: str) -> Vectors:
        vector: Vectors = self._model.vectors([text])[0]
        return vector
