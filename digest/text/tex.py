r"""The TeX that titles and abstracts hold, as Unicode: accents (``M{\aa}ns``, ``P\'aez``), quotes and dashes."""

from __future__ import annotations

import re
import unicodedata

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
_BRACED = re.compile(r"\{([^\W\d_]\u0300?)\}")
_TYPOGRAPHY = (
    (re.compile(r"``"), "“"),
    (re.compile(r"''"), "”"),
    (re.compile(r"(?<![-!<])---(?![->])"), "—"),
    (re.compile(r"(?<=\w)--(?=\w)|(?<=\s)--(?=\s)"), "–"),
    (re.compile(r"(?<!\\)~"), " "),
    (re.compile(r"\\([%&#_])"), r"\1"),
)


def tex_to_unicode(text: str) -> str:
    """Return ``text`` with the TeX it is known how to say in Unicode; formulas between ``$`` stay as they are."""
    pieces = re.split(r"((?<!\\)\$[^$]*(?<!\\)\$)", text)
    return "".join(piece if index % 2 else _prose(piece) for index, piece in enumerate(pieces))


def _prose(text: str) -> str:
    if "\\" in text:
        text = _LETTER.sub(_letter, _ACCENT.sub(_accented, text))
    if "{" in text:
        text = _BRACED.sub(r"\1", text)
    for pattern, replacement in _TYPOGRAPHY:
        text = pattern.sub(replacement, text)
    return text


def _accented(found: re.Match[str]) -> str:
    letter = found["dotless1"] or found["letter1"] or found["dotless2"] or found["letter2"]
    return unicodedata.normalize("NFC", letter + _COMBINING[found["sign"] or found["name"]])


def _letter(found: re.Match[str]) -> str:
    return _LETTERS[found["name"]]
