"""HTML and MathML in feeds: text that means what the markup meant."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.text.markup import html_to_text
from digest.text.readable import readable_abstract

MATH = [
    ("<mi>ν</mi><mo>=</mo><mn>5</mn><mo>/</mo><mn>2</mn>", "ν=5/2"),
    ("<msup><mrow><mn>10</mn></mrow><mrow><mo>-</mo><mn>3</mn></mrow></msup>", "10⁻³"),
    ("<msub><mi>T</mi><mi>c</mi></msub>", "T_c"),
    ("<msubsup><mi>B</mi><mi>s</mi><mn>0</mn></msubsup>", "Bₛ⁰"),
    ("<msqrt><mi>s</mi></msqrt><mo>=</mo><mn>13</mn><mspace width='0.2em'/><mtext>TeV</mtext>", "√s=13 TeV"),
    ("<mfrac><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow><mi>c</mi></mfrac>", "(a+b)/c"),
    ("<mover><mi>B</mi><mo>¯</mo></mover><mover><mi>x</mi><mo>^</mo></mover>", "B̄x̂"),
    (
        "<munderover><mo>∑</mo><mrow><mi>i</mi><mo>=</mo><mn>1</mn></mrow><mi>n</mi></munderover><mi>x</mi>",
        "∑ᵢ₌₁ⁿx",
    ),
    ("<mroot><mi>x</mi><mn>3</mn></mroot>", "³√x"),
    ("<mi>sin</mi><mo>&#x2061;</mo><mi>x</mi><mo>&InvisibleTimes;</mo><mi>y</mi><mo>&lt;</mo><mn>3</mn>", "sin xy<3"),
    ("<mmultiscripts><mi>C</mi><mprescripts/><none/><mn>14</mn></mmultiscripts>", "¹⁴C"),
    ("<semantics><mi>x</mi><annotation encoding='application/x-tex'>x^2</annotation></semantics>", "x"),
    ("<mfenced open='['><mi>a</mi><mi>b</mi></mfenced>", "[a, b)"),
    ("<mtable><mtr><mtd>1</mtd><mtd>2</mtd></mtr><mtr><mtd>3</mtd><mtd>4</mtd></mtr></mtable>", "1, 2; 3, 4"),
    ("<msup><mi>x</mi></msup>", "x"),
]


@pytest.mark.parametrize(("inside", "shown"), MATH)
@pytest.mark.parametrize("prefix", ["", "mml:"])
def test_mathml_is_said_in_a_line(inside: str, shown: str, prefix: str) -> None:
    """A power is a power and a fraction a fraction, whatever the prefix; what is broken is the text that is in it."""
    raw = f"<p>Of <math xmlns='http://www.w3.org/1998/Math/MathML'>{inside}</math> here.</p>"
    named = re.sub(r"<(/?)(?=m|none|semantics|annotation)", rf"<\1{prefix}", raw)
    assert readable_abstract(html_to_text(named)) == f"Of {shown} here."


PAIRS = [
    ("CO<sub>2</sub> at 10<sup>-3</sup> and <i>E. coli</i> with <b>p&lt;0.05</b>&nbsp;&plusmn;&#8201;2 &micro;m",
     "CO₂ at 10⁻³ and E. coli with p<0.05 ± 2 µm"),
    ("<sup>13</sup>C, Ca<sup>2+</sup>, TiO<sub>2-x</sub>, C<sub><i>x</i></sub>, ref<sup>12,13</sup>, a<sup>&lt;b</sup>",
     "¹³C, Ca²⁺, TiO₂₋ₓ, Cₓ, ref^(12,13), a^(<b)"),
    ("<alternatives><tex-math>$\\alpha$</tex-math><math><mi>α</mi></math></alternatives> <tex-math>$\\beta$</tex-math>",
     "α β"),
    ("<tex-math>\\documentclass{x} \\begin{document}$$x^2$$\\end{document}</tex-math> holds", "x² holds"),
    ("<h3>Motivation</h3>Text one.<h3>Results</h3>Text two.", "Motivation\nText one.\nResults\nText two."),
    ("&lt;p&gt;Twice &amp;lt;escaped&amp;gt; &amp;amp; more&lt;/p&gt;", "Twice <escaped> & more"),
    ("x < y and z > w, the <think> token<br/>next", "x < y and z > w, the <think> token\nnext"),
    ("<msub><mi>H</mi><mn>2</mn></msub>O without its math", "H₂O without its math"),
    ("cut short <math><mi>broken <msup><mi>x</mi>", "cut short broken x"),
    ("so <math><msup><mi>n</mi><mn>2</mn></msup></math><span class='k' aria-hidden='true'><span>n</span>2</span> steps",
     "so n² steps"),
    ("one <span aria-hidden='true'>that <span>never</span> ends", "one that never ends"),
    ("<script>alert(1)</script><style>p{}</style>safe", "safe"),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "shown"), PAIRS)
def test_markup_becomes_text(raw: str, shown: str) -> None:
    """Sub- and superscripts, JATS, markup escaped twice, and what only looks like a tag."""
    assert readable_abstract(html_to_text(raw)) == shown


TAGS = ["<math>", "</math>", "<msup>", "</msup>", "<mi>", "</mi>", "<mfrac>", "<mover>", "<mmultiscripts>", "<none/>",
        "<sup>", "</sup>", "<p>", "x", "2", "&lt;", "¯", " ", "<mtr>", "<mroot>", "</mroot>"]  # fmt: skip


@settings(deadline=None, max_examples=300)
@given(st.lists(st.sampled_from(TAGS), max_size=25).map("".join))
def test_no_markup_breaks_the_reader(raw: str) -> None:
    """Any jumble of tags becomes text, and no tag of MathML is left in it."""
    assert "<m" not in html_to_text(raw)
