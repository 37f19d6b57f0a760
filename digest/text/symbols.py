"""TeX's names of characters, and the raised and lowered characters Unicode has."""

from __future__ import annotations


def _table(rows: str) -> dict[str, str]:
    words = rows.split()
    return dict(zip(words[::2], words[1::2], strict=True))


GREEK = _table(
    """alpha α beta β gamma γ delta δ epsilon ε varepsilon ε zeta ζ eta η theta θ vartheta ϑ iota ι kappa κ lambda λ
    mu μ nu ν xi ξ pi π varpi ϖ rho ρ varrho ϱ sigma σ varsigma ς tau τ upsilon υ phi φ varphi φ chi χ psi ψ omega ω
    Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ Upsilon Υ Phi Φ Psi Ψ Omega Ω digamma ϝ"""
)
SYMBOLS = GREEK | _table(
    """times × div ÷ pm ± mp ∓ cdot · ast * star ⋆ circ ∘ bullet • oplus ⊕ otimes ⊗ ominus ⊖ odot ⊙ wedge ∧ vee ∨ land ∧
    lor ∨ cap ∩ cup ∪ setminus ∖ sqcup ⊔ sqcap ⊓ dagger † ddagger ‡ amalg ⨿ leq ≤ le ≤ leqslant ≤ geq ≥ ge ≥ geqslant ≥
    neq ≠ ne ≠ ll ≪ gg ≫ sim ∼ simeq ≃ approx ≈ cong ≅ equiv ≡ propto ∝ lesssim ≲ gtrsim ≳ prec ≺ succ ≻ preceq ⪯
    succeq ⪰ in ∈ notin ∉ ni ∋ subset ⊂ supset ⊃ subseteq ⊆ supseteq ⊇ subsetneq ⊊ perp ⊥ parallel ∥ mid | vdash ⊢
    models ⊨ asymp ≍ doteq ≐ to → rightarrow → leftarrow ← leftrightarrow ↔ Rightarrow ⇒ Leftarrow ⇐ Leftrightarrow ⇔
    implies ⇒ iff ⇔ mapsto ↦ uparrow ↑ downarrow ↓ longrightarrow ⟶ hookrightarrow ↪ rightsquigarrow ⇝ nearrow ↗
    searrow ↘ infty ∞ partial ∂ nabla ∇ forall ∀ exists ∃ nexists ∄ neg ¬ lnot ¬ emptyset ∅ varnothing ∅ aleph ℵ hbar ℏ
    ell ℓ Re ℜ Im ℑ wp ℘ prime ′ angle ∠ triangle △ square □ Box □ top ⊤ bot ⊥ sum ∑ prod ∏ coprod ∐ int ∫ oint ∮
    iint ∬ bigcup ⋃ bigcap ⋂ bigoplus ⨁ bigotimes ⨂ ldots … dots … cdots ⋯ vdots ⋮ ddots ⋱ langle ⟨ rangle ⟩ lfloor ⌊
    rfloor ⌋ lceil ⌈ rceil ⌉ lbrace { rbrace } lvert | rvert | vert | Vert ‖ lVert ‖ rVert ‖ backslash \\ degree °
    textdegree ° S § P ¶ copyright © pounds £ euro € checkmark ✓ sharp ♯ flat ♭ natural ♮ odotplus ⊕ rtimes ⋊ ltimes ⋉
    bowtie ⋈ vartriangle △ blacksquare ■ lhd ⊲ rhd ⊳ trianglelefteq ⊴ colon : textasciitilde ~ textbackslash \\
    textbar | textless < textgreater > textunderscore _ textendash – textemdash — textquoteright ’ textquoteleft ‘
    textregistered ® texttrademark ™ texttimes × textpm ± textmu µ reals ℝ naturals ℕ integers ℤ
    dotsc … dotsb ⋯ dotsm ⋯ dotso … gets ← longleftarrow ⟵ longleftrightarrow ⟷ Longrightarrow ⟹ Longleftarrow ⟸
    Longleftrightarrow ⟺ longmapsto ⟼ leadsto ⇝ twoheadrightarrow ↠ rightleftharpoons ⇌ rightharpoonup ⇀
    upharpoonright ↾ restriction ↾ updownarrow ↕ Uparrow ⇑ Downarrow ⇓ nrightarrow ↛ nleftarrow ↚ nRightarrow ⇏
    swarrow ↙ nwarrow ↖ circlearrowleft ↺ circlearrowright ↻ hookleftarrow ↩ coloneqq ≔ coloneq ≔ triangleq ≜
    vDash ⊨ Vdash ⊩ dashv ⊣ complement ∁ nmid ∤ nparallel ∦ nsubseteq ⊈ nsupseteq ⊉ nleq ≰ ngeq ≱ nless ≮ ngtr ≯
    sqsubseteq ⊑ sqsupseteq ⊒ sqsubset ⊏ supsetneq ⊋ uplus ⊎ boxtimes ⊠ boxplus ⊞ boxminus ⊟ boxdot ⊡ circledast
    ⊛ oslash ⊘ dag † ddag ‡ lozenge ◊ Diamond ◇ diamond ⋄ blacklozenge ⧫ bigstar ★ clubsuit ♣ heartsuit ♥
    spadesuit ♠ diamondsuit ♦ circledR ® upmu μ upalpha α upbeta β updelta δ uppi π hslash ℏ mho ℧ eth ð imath ı
    jmath ȷ beth ℶ gimel ℷ daleth ℸ because ∵ therefore ∴ smile ⌣ frown ⌢ doteqdot ≑ risingdotseq ≓ curlyeqprec
    ⋞ precsim ≾ succsim ≿ gtrless ≷ lessgtr ≶ backsim ∽ backsimeq ⋍ ncong ≇ nsim ≁ trianglelefteq ⊴
    trianglerighteq ⊵ vartriangleleft ⊲ vartriangleright ⊳ blacktriangle ▲ triangledown ▽ triangleright ▷
    triangleleft ◁ bigtriangleup △ bigtriangledown ▽ bigcirc ◯ bigvee ⋁ bigwedge ⋀ bigodot ⨀ bigsqcup ⨆ biguplus
    ⨄ iiint ∭ lbrack [ rbrack ] lgroup ⟮ rgroup ⟯ ulcorner ⌜ urcorner ⌝ llcorner ⌞ lrcorner ⌟ llbracket ⟦
    rrbracket ⟧ varpropto ∝ backprime ‵ textbullet • textperiodcentered · textellipsis … textcelsius ℃
    textdagger † textsection § guillemotleft « guillemotright » textexclamdown ¡ textquestiondown ¿ cent ¢
    textcent ¢ texteuro € textsterling £ textyen ¥ yen ¥ textcopyright © textonehalf ½ textordmasculine º
    textordfeminine ª ohm Ω micro µ And &"""
)
FUNCTIONS = frozenset(
    """log ln lg exp sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh max min sup inf lim limsup liminf arg
    argmax argmin det dim ker deg gcd lcm hom Pr mod bmod rank tr Tr diag sign sgn softmax poly polylog erf""".split()  # noqa: SIM905
)
BLACKBOARD = _table("A 𝔸 B 𝔹 C ℂ D 𝔻 E 𝔼 F 𝔽 G 𝔾 H ℍ I 𝕀 K 𝕂 L 𝕃 N ℕ P ℙ Q ℚ R ℝ S 𝕊 T 𝕋 Z ℤ 1 𝟙")
ACCENTS = {
    "hat": "\u0302",
    "widehat": "\u0302",
    "tilde": "\u0303",
    "widetilde": "\u0303",
    "bar": "\u0304",
    "overline": "\u0305",
    "vec": "\u20d7",
    "dot": "\u0307",
    "ddot": "\u0308",
    "check": "\u030c",
    "breve": "\u0306",
    "acute": "\u0301",
    "grave": "\u0300",
    "mathring": "\u030a",
}
_LOW = "0₀1₁2₂3₃4₄5₅6₆7₇8₈9₉+₊-₋−₋=₌(₍)₎aₐeₑhₕiᵢjⱼkₖlₗmₘnₙoₒpₚrᵣsₛtₜuᵤvᵥxₓβᵦγᵧρᵨφᵩχᵪ"
_HIGH = (
    "0⁰1¹2²3³4⁴5⁵6⁶7⁷8⁸9⁹+⁺-⁻−⁻=⁼(⁽)⁾aᵃbᵇcᶜdᵈeᵉfᶠgᵍhʰiⁱjʲkᵏlˡmᵐnⁿoᵒpᵖrʳsˢtᵗuᵘvᵛwʷxˣyʸzᶻAᴬBᴮDᴰEᴱGᴳHᴴIᴵJᴶKᴷLᴸMᴹNᴺOᴼPᴾRᴿ"
    "TᵀUᵁVⱽWᵂβᵝγᵞδᵟθᶿφᵠχᵡ⊤ᵀ"
)
SUBSCRIPTS = str.maketrans(_LOW[::2], _LOW[1::2])
SUPERSCRIPTS = str.maketrans(_HIGH[::2], _HIGH[1::2])


def shift(text: str, *, up: bool) -> str | None:
    """Return ``text`` in raised or lowered characters, or ``None`` where Unicode lacks one of them."""
    shifted = text.translate(SUPERSCRIPTS if up else SUBSCRIPTS)
    return None if any(old == new for old, new in zip(text, shifted, strict=True)) else shifted
