r"""The TeX that titles and abstracts hold, as Unicode: accents, font commands, quotes, dashes, simple formulas.

An own reader, because the libraries for it are made for documents: pylatexenc 2.10 takes the ``%`` of ``90.9% of all``
for a comment, drops the rest of the line, and needs 3.7 ms for an abstract (measured on real ones).

Addresses and formulas are lifted out first, each one character of its own (of plane 16, which no text uses), so that
what is done to the prose around them cannot touch them; a formula that cannot be said is put back as it was.
"""

from __future__ import annotations

import re

from digest.text.formula import say
from digest.text.prose import prose

_FORMULA = re.compile(
    r"(?<![\\$])\$\$(?P<display>[^$]{1,2000}?)(?<!\\)\$\$"
    r"|(?<!\\)\$(?P<inline>(?:[^$\\]|\\.){1,1000}?)\$(?P<after>(?=\d))?"
    r"|\\\((?P<round>.{1,1000}?)\\\)|\\\[(?P<square>.{1,2000}?)\\\]",
    re.DOTALL,
)
_NESTED = re.compile(r"\$\s*(\\(?:text\w{2,6}|emph|mbox)\{(?:[^{}$]*\$[^$]*\$)+[^{}$]*\})\s*\$")
r"""``$\textbf{$\rho$-EOS}$``: dollars around a font command that has its own."""
_TELLING = re.compile(r"[\\^_{]|^\s*[<>=~+/*±≥≤≈∼×→−-]+\s*$")
_WORDS = re.compile(r"[A-Za-z]{2,} +[A-Za-z]{2,}")
_MONEY = re.compile(r"\d[\d,.]*[kMB]?(?:\s+[A-Za-z]{2,}\W|/[A-Za-z]{2,}|\s*[;:)]\s)")
_ADDRESS = re.compile(r"https?://(?:[^\s{}<>\"\\$|]|\\[_%#&~])+")
_TWICE = re.compile(r"(https?://[^\s{}]+)\{\1\}")
_ESCAPED = re.compile(r"\\([_%#&~])")
_AGAIN = re.compile(r"(?:https?://)?(?:www\.)?([^\s()]+?)/? \((https?://(?:www\.)?\1/?)\)")
"""A link whose text is its address."""
_FIRST = 0x100000
_LIFTED = re.compile("[\U00100000-\U0010fffd]")


def tex_to_unicode(text: str) -> str:
    """Return ``text`` with the TeX it is known how to say in Unicode; a formula is said whole or left whole."""
    kept: list[str] = []
    if "://" in text:
        text = _ADDRESS.sub(lambda found: _lift(_ESCAPED.sub(r"\1", found[0]), kept), _TWICE.sub(r"\1", text))
    if "$" in text or "\\(" in text or "\\[" in text:
        text = _without_formulas(text, kept)
    text = prose(text)
    for _ in range(2 if kept else 0):  # an address may stand in a formula
        text = _LIFTED.sub(lambda found: kept[ord(found[0]) - _FIRST], text)
    return _AGAIN.sub(r"\2", text) if kept else text


def _lift(what: str, kept: list[str]) -> str:
    """Return the character that stands for something that is kept as it is."""
    kept.append(what)
    return chr(_FIRST + len(kept) - 1)


def _without_formulas(text: str, kept: list[str]) -> str:
    text = _NESTED.sub(r"\1", text)
    pieces: list[str] = []
    position = start = 0
    while found := _FORMULA.search(text, start):
        start = found.end()
        if found["inline"] is not None and not _is_formula(found["inline"], before_digit=found["after"] is not None):
            start = found.start() + 1
            continue
        said = say(next(filter(None, (found[name] for name in ("display", "inline", "round", "square")))))
        pieces += [text[position : found.start()], _lift(found[0] if said is None else said, kept)]
        position = start
    return "".join(pieces) + text[position:]


def _is_formula(inside: str, *, before_digit: bool) -> bool:
    """Return whether what stands between two dollars is a formula; else they are money (``$5 and $6``)."""
    if not inside.strip() or inside.count("{") - inside.count("\\{") != inside.count("}") - inside.count("\\}"):
        return False
    if _MONEY.match(inside) or "\\(" in inside or "\\[" in inside:
        return False
    if _TELLING.search(inside):
        return len(inside) < 20 or not (inside[0].isdigit() and inside[-1].isspace())  # $4.7 \times $
    return not (before_digit or inside[0].isspace() or inside[-1].isspace() or _WORDS.search(inside))
