r"""The TeX that titles and abstracts hold, as Unicode: accents, font commands, quotes, dashes, simple formulas.

An own reader, because the libraries for it are made for documents: pylatexenc 2.10 takes the ``%`` of ``90.9% of all``
for a comment, drops the rest of the line, and needs 3.7 ms for an abstract (measured on real ones).
"""

from __future__ import annotations

import re
import unicodedata

from digest.text.formula import say
from digest.text.symbols import SYMBOLS, shift

_COMBINING = {
    "`": "\u0300",
    "'": "\u0301",
    "^": "\u0302",
    "~": "\u0303",
    '"': "\u0308",
    "=": "\u0304",
    ".": "\u0307",
    "u": "\u0306",
    "v": "\u030c",
    "H": "\u030b",
    "c": "\u0327",
    "k": "\u0328",
    "r": "\u030a",
    "d": "\u0323",
    "b": "\u0331",
}
_LETTERS = {
    "aa": "å",
    "AA": "Å",
    "ae": "æ",
    "AE": "Æ",
    "oe": "œ",
    "OE": "Œ",
    "o": "ø",
    "O": "Ø",
    "l": "ł",
    "L": "Ł",
    "ss": "ß",
    "i": "ı",
    "j": "ȷ",
    "dh": "ð",
    "DH": "Ð",
    "dj": "đ",
    "DJ": "Đ",
    "th": "þ",
    "TH": "Þ",
    "ng": "ŋ",
    "NG": "Ŋ",
}
_BASE = r"(?:\\(?P<dotless{0}>[ij])(?![A-Za-z])|(?P<letter{0}>[A-Za-z]))"
_ACCENT = re.compile(
    rf"\\(?:(?P<sign>[`'^~\"=.])|(?P<name>[uvHckrdb])(?=[\s{{\\]))\s*(?:\{{\s*{_BASE.format(1)}\s*\}}|{_BASE.format(2)})"
)
_LETTER = re.compile(
    rf"\\(?P<name>{'|'.join(sorted(_LETTERS, key=len, reverse=True))})(?![A-Za-z])(?:\{{\}}|[ ]+(?=[a-z]))?"
)
_FORMULA = re.compile(
    r"(?<![\\$])\$\$(?P<display>[^$]{1,400}?)(?<!\\)\$\$"
    r"|(?<![\\$])\$(?![\s$])(?P<inline>[^$]{1,400}?)(?<![\s\\])\$(?![\d$])"
    r"|\\\((?P<round>.{1,400}?)\\\)|\\\[(?P<square>.{1,400}?)\\\]",
    re.DOTALL,
)
_FONTS = r"text(?:it|bf|tt|sc|rm|sf|up|normal|sl)?|emph|underline|uline|url|path|mbox"
_FONT = re.compile(rf"\\(?:{_FONTS})\s*\{{([^{{}}]*)\}}")
_LOST = re.compile(r"(?<![A-Za-z\\])(?:text(?:it|bf|tt|sc|rm|sf)|emph|math(?:rm|bf|cal|bb))\{([^{}]*)\}")
"""Hugging Face loses backslashes: ``textit{O}``."""
_TWICE = re.compile(r"(https?://[^\s{}]+)\{\1\}")
_HREF = re.compile(r"\\href\s*\{[^{}]*\}\s*\{([^{}]*)\}")
_SWITCH = re.compile(r"\{\s*\\(?:em|it|bf|sc|tt|rm|sl|sf|bfseries|itshape|scshape|ttfamily)(?![A-Za-z])\s*([^{}]*)\}")
_SCRIPT = re.compile(r"(?:(?<=\w)|(?<=[)\]]))([_^])\{([^{}\\]{1,12})\}|\\text(super|sub)script\s*\{([^{}]{1,20})\}")
_SYMBOL = re.compile(r"\\([A-Za-z]+)(?:\{\}|(?![A-Za-z{]))")
_NAMED = {"LaTeX": "LaTeX", "TeX": "TeX", "BibTeX": "BibTeX", "textquotesingle": "'", "textquotedbl": '"'}
_BRACED = re.compile(r"(?<![\\A-Za-z_^}\])])\{([^\W_]+(?:[-+][^\W_]+)*|[^\W\d_]\u0300?)\}")
_ONE_LETTER = re.compile(r"\{([^\W\d_a-zA-Z])\}")
_TYPOGRAPHY = (
    (re.compile(r"``"), "“"),
    (re.compile(r"(?<!')''(?!')"), "”"),
    (re.compile(r"(?<![\w`])`(?=\w)([^`'\n]{1,80})'(?!\w)"), r"‘\1’"),
    (re.compile(r"(?<![-!<])---(?![->])"), "—"),
    (re.compile(r"(?<=\w)--(?=\w)|(?<=\s)--(?=\s)"), "–"),
    (re.compile(r"(?<=[^\s\\~])(?<!\d)~(?=[^\s~])|(?<=\d)~(?=[^\W\d])"), " "),
    (re.compile(r"\\([%&#_$])"), r"\1"),
    (re.compile(r"\\[ ,;](?=\S)|\\ $"), " "),
    (re.compile(r"\\[-/](?=\w)"), ""),
)


def tex_to_unicode(text: str) -> str:
    """Return ``text`` with the TeX it is known how to say in Unicode; a formula is said whole or left whole."""
    pieces: list[str] = []
    position = 0
    for found in _FORMULA.finditer(text):
        said = say(next(filter(None, found.groups())))
        pieces += [_prose(text[position : found.start()]), found[0] if said is None else said]
        position = found.end()
    return "".join(pieces) + _prose(text[position:])


def _prose(text: str) -> str:
    if "\\" in text:
        text = _LETTER.sub(_letter, _ACCENT.sub(_accented, text))
        for _ in range(3):  # fonts within fonts
            text = _SWITCH.sub(r"\1", _FONT.sub(r"\1", _HREF.sub(r"\1", text)))
        text = _SYMBOL.sub(_symbol, text)
        text = _ONE_LETTER.sub(r"\1", text)
    if "{" in text:
        text = _TWICE.sub(r"\1", _LOST.sub(r"\1", text))
        text = _BRACED.sub(r"\1", _SCRIPT.sub(_script, text))
    for pattern, replacement in _TYPOGRAPHY:
        text = pattern.sub(replacement, text)
    return text


def _symbol(found: re.Match[str]) -> str:
    return _NAMED.get(found[1]) or SYMBOLS.get(found[1]) or found[0]


def _script(found: re.Match[str]) -> str:
    up = found[1] == "^" or found[3] == "super"
    return shift(found[2] or found[4], up=up) or found[0]


def _accented(found: re.Match[str]) -> str:
    letter = found["dotless1"] or found["letter1"] or found["dotless2"] or found["letter2"]
    return unicodedata.normalize("NFC", letter + _COMBINING[found["sign"] or found["name"]])


def _letter(found: re.Match[str]) -> str:
    return _LETTERS[found["name"]]
