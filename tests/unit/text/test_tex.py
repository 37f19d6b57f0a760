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
    (r"\href{https://a.b}{here}, \url{https://c.d/e_f}", "here (https://a.b), https://c.d/e_f"),
    (
        r"\href{https://a.b/c\_d}{\textcolor{blue}{https://a.b/c_d}} $\href{https://e.f}{\text{this https URL}}$",
        "https://a.b/c_d this https URL (https://e.f)",
    ),
    (
        r"see https://a.b/~ada/x--y_z, a\footnote{Code: \url{https://c.d}}",
        "see https://a.b/~ada/x--y_z, a (Code: https://c.d)",
    ),
    (r"of $\sim$5\%, 8$\times$8, R$^2$$>$0.99, 15.8%$\rightarrow$26.3%", "of ∼5%, 8×8, R²>0.99, 15.8%→26.3%"),
    (r"\textbf{2$\times$--4$\times$} and $\textbf{$\rho$-EOS}$, SD$^\mathrm{2}$Net", "2×–4× and ρ-EOS, SD²Net"),
    (r"un$\underline{\textbf{c}}$heatable, $ x^m - \lambda $, \( n \)", "uncheatable, xᵐ - λ, n"),
    (r"$x^{a+\beta_i q}$, $O(n^{1-1/r})$, $\ell_{2,p}$, $L_\infty$", "x^(a+βᵢ q), O(n^(1-1/r)), ℓ_(2,p), L_∞"),
    (r"$\sum_{i=1}^{n} x_{\mathrm{a b}, c}$, $\sqrt[3]{x}$, $\binom{n}{2}$", "∑ᵢ₌₁ⁿ x_(a b, c), ³√x, (n choose 2)"),
    (r"PM$_{2.5}$, $\pi_{0.5}$, $q \equiv 1 \pmod{4}$, $a \not\equiv b$", "PM₂.₅, π₀.₅, q ≡ 1 (mod 4), a ≢ b"),
    (r"ours$\unicode{x2014}$and \unicode{x00b0}, $\mathcal{E\mkern-2mu L}$", "ours—and °, EL"),
    (
        r"360{\deg}, 25{,}605, $1{,}697$, i.i.d.\@ data, \method{} and \Ours{}",
        "360°, 25,605, 1,697, i.i.d. data, \\method and \\Ours",
    ),
    (r"\k{appa} and \r{ho}, \c{opyright} 2025, GPU\'92s", "κ and ρ, © 2025, GPU’s"),
    (r"(\eg, this), \ie that, Smith \etal", "(e.g., this), i.e. that, Smith et al."),
    (r"as \cite{cloud2020} and~\citep[p.~3]{a, b} say", "as [cloud2020] and [a, b] say"),
    (r"\verb|x_1|, \num{1617}, {\color{red}new}, \textsc{\small{gpt}}", "x_1, 1617, new, gpt"),
    (r"8.9\%--26.6\%, (LLMs)--based, $<$b--c$>$", "8.9%–26.6%, (LLMs)–based, <b–c>"),
    (
        r"''quoted'' and a Student`s-t, channel~$C$, (~300 nm), (4,~5)",
        "“quoted” and a Student’s-t, channel C, (~300 nm), (4,~5)",
    ),
    ("1.28times--1.63times faster, 3 times", "1.28×–1.63× faster, 3 times"),
    ("sometimes 2times faster", "sometimes 2× faster"),
    (r"\{3, 8\}B, mAP\@0.50, pre\--trained, a\,b, \>20", "{3, 8}B, mAP@0.50, pre-trained, a b, >20"),
    (r"90.9\% vs. 90.2% % not a comment", "90.9% vs. 90.2% % not a comment"),
    ("textit{O}bstacles at https://a.b/c{https://a.b/c}.", "Obstacles at https://a.b/c."),
    (r"R\&D costs \$5 and AT\&T", "R&D costs $5 and AT&T"),
]

LEFT = [
    "costs $5 and then $6, or US$5-$10",
    r"$\begin{matrix} a \\ b \end{matrix}$",
    r"$\unknown{x}$",
    r"\unknown{this} and \method",
    "a $200 budget and ($30 each), $4,500/task to $12",
    r"$x^{\unknown{a}} \leq \alpha$ and \[ \begin{cases} \alpha & 1 \end{cases} \]",
    r"{0, 1} and f{x}_{i,j}",
    "snake_case_name and 2^10 and a_b",
    r"$\frac{a}$",
]


@pytest.mark.parametrize(("raw", "shown"), SAID)
def test_what_can_be_said_is(raw: str, shown: str) -> None:
    """Symbols, scripts, fractions, fonts, quotes and ties become characters."""
    assert readable(raw) == shown


@pytest.mark.parametrize("raw", LEFT)
def test_what_cannot_be_said_stays_whole(raw: str) -> None:
    """Money, unknown commands, matrices and broken formulas stay as they were written."""
    assert readable(raw) == raw


@settings(deadline=None, max_examples=300)
@given(
    st.lists(st.sampled_from([(raw, shown) for raw, shown in SAID if "''" not in raw] + [(raw, raw) for raw in LEFT]))
)
def test_nothing_is_half_converted(pieces: list[tuple[str, str]]) -> None:
    """Whatever stands beside it, a formula or command is said as it is alone, or left to the letter."""
    assert readable(" ; ".join(raw for raw, _ in pieces)) == " ; ".join(shown for _, shown in pieces)


@settings(deadline=None, max_examples=300)
@given(st.text(alphabet=r"\{}$^_~`'-% abx1αlphafrct()", max_size=60))
def test_no_text_breaks_the_reader(raw: str) -> None:
    """Any jumble of TeX gives a line of text, and a formula gives a line or nothing."""
    assert readable(raw) == " ".join(readable(raw).split())
    said = say(raw)
    assert said is None or said.strip()
