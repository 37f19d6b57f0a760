"""Title keys: two spellings of one title have one key, two titles two."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.text.titlekey import title_key, title_words

SAME = [
    ("When Does a Chain\n  of Thought Know?", "When Does a Chain of Thought Know?"),
    ("T$^2$PO: Training", "T^2PO: Training"),
    (r"R\textsuperscript{2}D", "R2D"),
    (r"$\text{Sim}$CLR", "SimCLR"),
    ("texttt{D}eep", "Deep"),
    (r"\textbf{Deep} \emph{nets}", "Deep nets"),
    ("γ-MoD", r"$\gamma-$MoD"),
    (r"$\alpha$-divergence", "alpha-divergence"),
    (r"Poincar\'e maps", "Poincaré maps"),
    (r"Erd\H{o}s--Szekeres", "Erdős-Szekeres"),
    (r"na\"{\i}ve", "naïve"),
    (r"Sm\o rrebr\o d", "Smørrebrød"),
    (r"M{\aa}ns", "Måns"),
    ("ﬁne-tuning", "fine-tuning"),
    ("Ｆｕｌｌ width", "Full width"),
    ("hy\u00adphen", "hyphen"),
    ("zero\u200bwidth", "zerowidth"),
    ("it’s", "it's"),
    ("R&amp;D", "R&D"),
    ("R&D", "R and D"),
    ("10,000 hours", "10000 hours"),
    ("H$_2$O", "H₂O"),
    ("pre-training", "pretraining"),
    ("state‐space", "state-space"),
    ("İstanbul", "i̇stanbul"),
    ("Straße", "STRASSE"),
    (r"Towards $\infty$-LLMs", "Towards infty-LLMs"),
    ("Towards ∞-LLMs", "Towards infty-LLMs"),
    (r"A 360$^\circ$ Panorama", "A 360^circ Panorama"),
    (r"A 360$^{\circ}$ Panorama", "A 360° Panorama"),
]
DIFFERENT = [
    ("C", "C++"),
    ("C", "C#"),
    ("CodeT5", "CodeT5+"),
    ("GPT-3", "GPT-4"),
    ("Qwen 2", "Qwen 2.5"),
    ("Part I", "Part II"),
    ("Learning with labels", "Learning without labels"),
    ("Is it so?", "It is not so"),
    ("γ-MoD", "δ-MoD"),
    ("10,000", "10,001"),
    ("知识", "知道"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_spellings_of_one_title_have_one_key(one: str, other: str) -> None:
    """TeX, HTML, Unicode forms, hyphens and blanks do not matter."""
    assert title_key(one) == title_key(other) != ""


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_what_tells_titles_apart_stays_in_the_key(one: str, other: str) -> None:
    """Signs that belong to names, digits, numerals and negations do."""
    assert title_key(one) != title_key(other)


@given(st.text(max_size=120))
def test_a_key_is_its_own_key(text: str) -> None:
    """Normalising twice is normalising once, for any text."""
    assert title_key(title_key(text)) == title_key(text)


@given(
    st.text(
        alphabet=st.characters(exclude_characters="\\{}$&", exclude_categories=["Cs", "Mn", "Me", "Mc"]), max_size=80
    )
)
def test_the_unicode_form_never_matters(text: str) -> None:
    """Composed or decomposed, the key is the same."""
    assert title_key(unicodedata.normalize("NFC", text)) == title_key(unicodedata.normalize("NFD", text))


@pytest.mark.parametrize(
    ("title", "words"),
    [
        (r"Qwen2.5-VL: it's C++, $\gamma$-MoD and H$_2$O", "qwen2.5 vl its c plus plus gamma mod and h2o"),
        ("10,000 hours in 3.5 days", "10000 hours in 3.5 days"),
        ("知识图谱 2", "知 识 图 谱 2"),
        ("…", ""),
    ],
)
def test_the_words_of_a_title_are_spelled_as_in_its_key(title: str, words: str) -> None:
    """Numbers with a point are one word, CJK characters one each."""
    assert " ".join(title_words(title)) == words
