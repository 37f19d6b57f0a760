r"""The TeX between formulas, as Unicode: accents, letters, font and reference commands, quotes, dashes, ties.

What no rule knows (``\method``) stays as it was written.
"""

from __future__ import annotations

import re
import unicodedata

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
_BROKEN = re.compile(r"\\([uvHckrdbt])\{([a-z]{2,12})\}")
r"""``\k{appa}``: arXiv took the command ``\kappa`` for an accent."""
_RTF = re.compile(r"\\'(8[5]|9[1-7])")
_UNICODE = re.compile(r"\$?\\unicode\{x?([0-9A-Fa-f]{2,6})\}\$?")
_SIZES = "tiny|scriptsize|footnotesize|small|normalsize|large|Large|LARGE|huge|Huge"
_FONTS = rf"text(?:it|bf|tt|sc|rm|sf|md|up|normal|sl)?|emph|underline|uline|url|path|mbox|hbox|{_SIZES}"
_ARGUMENT = "num|ac|acp|acs|acl|acf|gls|glspl|Gls|Glspl|mathrm|mathbf|mathit|mathcal|boldsymbol|protect|hl|ul|st|sout"
_FONT = re.compile(rf"\\(?:{_FONTS}|{_ARGUMENT})\s*\{{([^{{}}]*)\}}")
_COLOR = re.compile(r"\\(?:textcolor|colorbox)\s*(?:\[[^\]]*\])?\s*\{[^{}]*\}\s*\{([^{}]*)\}|\\color\s*\{[^{}]*\}\s*")
_LOST = re.compile(r"(?<![A-Za-z\\])(?:text(?:it|bf|tt|sc|rm|sf)|emph|math(?:rm|bf|cal|bb))\{([^{}]*)\}")
"""Hugging Face loses backslashes: ``textit{O}``."""
_LINK = re.compile(r"\\(?:href|hyperlink)\s*\{([^{}]*)\}(?:\s*\{([^{}]*)\})?")
_CITED = re.compile(r"~?\\[Cc]ite[a-zA-Z]*\*?\s*(?:\[[^\]]*\]\s*){0,2}\{([^{}]*)\}")
_NOTE = re.compile(r"\s*\\(?:footnote|thanks)\s*\{([^{}]*)\}")
_VERBATIM = re.compile(r"\\(?:verb|lstinline)([|+!])([^|+!]{1,80})\1")
_SWITCHES = rf"em|it|bf|sc|tt|rm|sl|sf|bfseries|itshape|scshape|ttfamily|boldmath|{_SIZES}"
_SWITCH = re.compile(rf"\{{\s*\\(?:{_SWITCHES})(?![A-Za-z])\s*([^{{}}]*)\}}")
_GONE = re.compile(
    rf"\\(?:xspace|noindent|par|newline|linebreak|smallskip|centering|protect|maketitle|{_SWITCHES})(?![A-Za-z{{])"
)
_SCRIPT = re.compile(r"(?:(?<=\w)|(?<=[)\]]))([_^])\{([^{}\\]{1,12})\}")
_RAISED = re.compile(r"\\text(super|sub)script\s*\{([^{}]{1,20})\}")
_THOUSANDS = re.compile(r"(?<=\d)\{,\}(?=\d)")
_EMPTY = re.compile(r"(\\[A-Za-z]+)\{\}(?![A-Za-z])")
_SYMBOL = re.compile(r"\\([A-Za-z]+)(?:\{\}|(?![A-Za-z{]))")
_DEGREES = re.compile(r"\{\s*\\deg\s*\}|\\deg(?:\{\}|(?![A-Za-z{]))")
_NAMED = {
    "LaTeX": "LaTeX", "TeX": "TeX", "BibTeX": "BibTeX", "textquotesingle": "'", "textquotedbl": '"',
    "eg": "e.g.", "ie": "i.e.", "etc": "etc.", "etal": "et al.", "wrt": "w.r.t.", "vs": "vs.", "aka": "a.k.a.",
    "cf": "cf.", "iid": "i.i.d.",
}  # fmt: skip
_ABBREVIATED = re.compile(r"\\(?:eg|ie|etc|etal|wrt|vs|aka|cf|iid)\.?(?:\\@|\{\})?(?![A-Za-z{])")
_BRACED = re.compile(r"(?<![\\A-Za-z_^}\])])\{([^\W_]+(?:[-+][^\W_]+)*|[^\W\d_]\u0300?)\}")
_ONE_SIGN = re.compile(r"(?<!\\)\{([^\x00-\x7f])\}")
_WORD = "[\\w\U00100000-\U0010fffd]"
"""A character of a word, or one that stands for an address or a formula."""
_TYPOGRAPHY = (
    (re.compile(r"``"), "“"),
    (re.compile(r"(?<![\w'”.,!?)])''(?=\w)(?=[^']{1,400}'')"), "“"),
    (re.compile(r"(?<!')''(?!')"), "”"),
    (re.compile(r"(?<![\w`])`(?=[\w,.])([^`']{1,80}(?:'[a-z]{1,2} [^`']{1,80})?)'(?!\w)"), r"‘\1’"),
    (re.compile(r"(?<=[^\W\d_])`(?=s\b|t\b)"), "’"),
    (re.compile(r"(?<![-!<])---(?![->])"), "—"),
    (
        re.compile(
            rf"(?<={_WORD})--(?={_WORD})|(?<=\s)--(?=\s)"
            rf"|(?<=[\w)%°×”’\"'\U00100000-\U0010fffd])--(?=[\w(“‘\"<~≈\U00100000-\U0010fffd])"
        ),
        "–",
    ),
    (re.compile(r"(?<=[^\s\\~(\[<>=≈“@/:;,\d])~(?=[^\s~])|(?<=[\d,;:])~(?=[^\W\d])|(?<=[^\W\d])~(?=\s)"), " "),
    (re.compile(r"\\([%&#_$+<>*{}|])"), r"\1"),
    (re.compile(r"\\@(?=\w)"), "@"),
    (re.compile(r"\\~(?=\d)"), "~"),
    (re.compile(r"\\[ ,;:](?=\S)|\\ $|\\\\(?:\[[\d.]+\w\w\])?(?=\s)"), " "),
    (re.compile(r"\\[-/](?=[\w-])|\\[,;:!@/](?=\W|$)"), ""),
)


def prose(text: str) -> str:
    """Return ``text``, which holds no formulas any more, without the TeX there is a way to say."""
    if "\\" in text:
        text = _without_commands(text)
    if "{" in text:
        text = _BRACED.sub(r"\1", _SCRIPT.sub(_script, _LOST.sub(r"\1", _THOUSANDS.sub(",", text))))
    for pattern, replacement in _TYPOGRAPHY:
        text = pattern.sub(replacement, text)
    return text


def _without_commands(text: str) -> str:
    text = _RTF.sub(lambda found: bytes((int(found[1], 16),)).decode("cp1252"), text)
    text = _UNICODE.sub(_character, _BROKEN.sub(_mended, text))
    text = _LETTER.sub(_letter, _ACCENT.sub(_accented, text))
    text = _EMPTY.sub(r"\1", _THOUSANDS.sub(",", text))
    text = _VERBATIM.sub(r"\2", _ABBREVIATED.sub(_abbreviation, text))
    for _ in range(4):  # fonts within fonts
        before = text
        text = _COLOR.sub(r"\1", _SWITCH.sub(r"\1", _FONT.sub(r"\1", _DEGREES.sub("°", text))))
        text = _RAISED.sub(_script, text) if "script" in text else text
        text = _NOTE.sub(r" (\1)", _CITED.sub(r" [\1]", _LINK.sub(_link, text)))
        if text == before:
            break
    text = _SYMBOL.sub(_symbol, _GONE.sub("", text))
    return _ONE_SIGN.sub(r"\1", text)


def _link(found: re.Match[str]) -> str:
    """Return a link's text with its address behind it, once where the text is the address."""
    address, said = found[1].strip(), (found[2] or "").strip()
    return said if not address or address in said else f"{said} ({address})" if said else address


def _mended(found: re.Match[str]) -> str:
    return SYMBOLS.get(found[1] + found[2], found[0])


def _character(found: re.Match[str]) -> str:
    code = int(found[1], 16)
    return chr(code) if 32 < code < 0x110000 and chr(code).isprintable() else found[0]


def _abbreviation(found: re.Match[str]) -> str:
    return _NAMED[re.sub(r"[^a-z]", "", found[0])]


def _symbol(found: re.Match[str]) -> str:
    return _NAMED.get(found[1]) or SYMBOLS.get(found[1]) or found[0].removesuffix("{}")


def _script(found: re.Match[str]) -> str:
    return shift(found[2], up=found[1] in {"^", "super"}) or found[0]


def _accented(found: re.Match[str]) -> str:
    letter = found["dotless1"] or found["letter1"] or found["dotless2"] or found["letter2"]
    return unicodedata.normalize("NFC", letter + _COMBINING[found["sign"] or found["name"]])


def _letter(found: re.Match[str]) -> str:
    return _LETTERS[found["name"]]
