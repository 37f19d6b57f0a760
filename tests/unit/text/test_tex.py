"""TeX in titles and abstracts: said in Unicode, whole or not at all."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.text.formula import say
from digest.text.readable import readable

SAID = [
    (r"$\alpha$-divergence in $O(n \log n)$", "α-divergence in O(n log n)"),
    (r"H$_2$O and CO$_{2}$, 10$^{-3}$ s$^{-1}$", "H₂O and CO₂, 10⁻³ s⁻¹"),
    (r"$x_c^2 \leq \frac{a}{b+1}$", "x_c² ≤ a/(b+1)"),
    (r"$\mathbb{R}^n$, ${\cal O}(1)$, $\mathcal{O}(\sqrt{T})$", "ℝⁿ, O(1), O(√T)"),
    (r"$90^\circ$, $K^*$, $K^{\pm}$, $A^\top$, $f'$", "90°, K*, K^±, Aᵀ, f'"),
    (r"$\hat{x}$, $\bar y$, $\tilde{\mathcal{X}}$", "x̂, ȳ, X̃"),
    (r"$\left(\frac12\right)$, $5.02\,\mathrm{TeV}$, $1\%$", "(1/2), 5.02 TeV, 1%"),
    (r"\(p\)-adic and $$E = mc^2$$", "p-adic and E = mc²"),
    (r"\textit{very \textbf{bold}} {\em i)} {\bf x} \emph{y} \texttt{code}", "very bold i) x y code"),
    (r"\alpha-stable, \LaTeX{}, 3\times faster, \ldots", "α-stable, LaTeX, 3× faster, …"),
    (r"Fig.~3 of et al.~is ~100 and 10~20 or a ~ b", "Fig. 3 of et al. is ~100 and 10~20 or a ~ b"),
    (r"{BERT} and {C}louds, SAP^{2}, x_{10}", "BERT and Clouds, SAP², x₁₀"),
    (r"the `right' word, it's ``said'' by ''none", "the ‘right’ word, it's “said” by ”none"),
    (r"\href{https://a.b}{here}, \url{https://c.d/e_f}", "here, https://c.d/e_f"),
    (r"90.9\% vs. 90.2% % not a comment", "90.9% vs. 90.2% % not a comment"),
    ("textit{O}bstacles at https://a.b/c{https://a.b/c}.", "Obstacles at https://a.b/c."),
    (r"R\&D costs \$5 and AT\&T", "R&D costs $5 and AT&T"),
]

LEFT = [
    "costs $5 and then $6, or US$5-$10",
    r"$\begin{matrix} a \\ b \end{matrix}$",
    r"$\unknown{x}$",
    r"$x^{a+\beta_i q}$",
    r"\cite{cloud2020} and \unknown{this}",
    r"{0, 1} and f{x}_{i,j}",
    "snake_case_name and 2^10 and a_b",
    r"$\frac{a}$ and $\sqrt[3]{x}$",
    r"$x_{\mathrm{a b}, c}$",
]


@pytest.mark.parametrize(("raw", "shown"), SAID)
def test_what_can_be_said_is(raw: str, shown: str) -> None:
    """Symbols, scripts, fractions, fonts, quotes and ties become characters."""
    assert readable(raw) == shown


@pytest.mark.parametrize("raw", LEFT)
def test_what_cannot_be_said_stays_whole(raw: str) -> None:
    """Money, unknown commands, matrices and scripts without characters stay as they were written."""
    assert readable(raw) == raw


@settings(deadline=None, max_examples=300)
@given(st.text(alphabet=r"\{}$^_~`'-% abx1αlphafrct()", max_size=60))
def test_no_text_breaks_the_reader(raw: str) -> None:
    """Any jumble of TeX gives a line of text, and a formula gives a line or nothing."""
    assert readable(raw) == " ".join(readable(raw).split())
    said = say(raw)
    assert said is None or said.strip()
