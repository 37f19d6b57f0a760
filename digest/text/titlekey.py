r"""Title to the key by which two spellings of it are the same, or to its words in that spelling.

The steps, in the order that survives real titles: HTML entities; TeX accents; font commands dropped, also where a
site lost their backslash (``texttt{D}``); ``\alpha`` by name; the dressing ``\ { } $ ^ _`` stripped; NFKD and
casefold; Greek letters by name; accents and apostrophes gone; ``10,000`` = 10000, ``+`` = plus, ``#`` = sharp,
``&`` = and; everything glued together, so that hyphens and blanks never matter. Where a site lost the backslash,
``infty`` is infinity and ``360^circ`` is 360°.
"""

from __future__ import annotations

import html
import re
import unicodedata

_FONT = re.compile(
    r"\\?\b(?:text(?:bf|it|tt|sc|sf|rm|up|md|normal|superscript|subscript)?|math(?:bf|it|tt|sf|rm|cal|bb|frak|scr)"
    r"|emph|underline|mbox|hbox|boldsymbol|bm|operatorname|textcolor)\s*(?=\{)"
)
_OLD_FONT = re.compile(r"\\(?:bf|it|tt|sc|sf|rm|em|sl|cal|displaystyle|left|right|big|Big|limits)(?![A-Za-z])")
_ACCENT = re.compile(r"\\(?:[`'^\"~=.]|[Hckbdtruv](?![A-Za-z]))\s*\{?\s*\\?([A-Za-z])(?:\s*\})?")
_LETTER = re.compile(r"\\(aa|AA|ae|AE|oe|OE|ss|o|O|l|L|i|j|dh|DH|th|TH)(?![A-Za-z])\s*(?:\{\})?")
_COMMAND = re.compile(r"\\([A-Za-z]+)\s*")
_NUMBER_COMMA = re.compile(r"(?<=\d)[,\u2009\u202f\u00a0](?=\d{3}(?!\d))")
_DEGREE = re.compile(r"\^\s*\{?\s*\\?circ(?![A-Za-z])\s*\}?")
_NOT_WORD = re.compile(r"[\W_]+")
_CJK = "\u3041-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff"
_TITLE_WORD = re.compile(rf"[^\W_{_CJK}]+(?:(?<=\d)\.\d+[^\W_{_CJK}]*)*|[{_CJK}]")
_APOSTROPHE = re.compile("['’‘`ʼ]")
_LETTERS = {
    "aa": "a",
    "ae": "ae",
    "oe": "oe",
    "ss": "ss",
    "o": "o",
    "l": "l",
    "i": "i",
    "j": "j",
    "dh": "d",
    "th": "th",
}
_UNDECOMPOSED = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ȷ": "j", "æ": "ae", "œ": "oe", "ħ": "h", "ŋ": "n"}
)
_SIGNS = str.maketrans({"+": " plus ", "#": " sharp ", "&": " and ", "∞": " infinity ", "→": " to ", "×": " x "})
_COMMAND_NAMES = {
    "infty": "infinity", "to": "to", "rightarrow": "to", "times": "x", "varepsilon": "epsilon", "varphi": "phi",
    "vartheta": "theta", "varsigma": "sigma", "varrho": "rho", "varpi": "pi", "ell": "l",
}  # fmt: skip


def title_key(title: str) -> str:
    """Return the key of a title: lower-case letters and digits of any script, "" where the title has neither.

    Two titles with one key are the same title however they were typed; ``C`` and ``C++``, ``2`` and ``3`` differ.
    """
    return _NOT_WORD.sub("", _spelled(title)).replace("infty", "infinity")


def title_words(title: str) -> tuple[str, ...]:
    """Return the words that are glued together in a title's key; ``Qwen2.5`` is one, so is a CJK character."""
    return tuple(_TITLE_WORD.findall(_APOSTROPHE.sub("", _spelled(title)).replace("infty", "infinity")))


def _spelled(title: str) -> str:
    """Return a title in the one spelling of letters, numbers and signs, gaps and punctuation as they are."""
    text = html.unescape(html.unescape(title))
    if "^" in text:
        text = _DEGREE.sub(" ", text)
    if "\\" in text or "{" in text:
        text = _without_tex(text)
    if text.isascii():
        return _NUMBER_COMMA.sub("", text.lower()).translate(_SIGNS)
    text = unicodedata.normalize("NFKD", text).casefold().translate(_UNDECOMPOSED)
    text = unicodedata.normalize("NFKD", _NUMBER_COMMA.sub("", text.replace("\u2044", "/")))
    return "".join(_plain(char) for char in text).translate(_SIGNS)


def _without_tex(text: str) -> str:
    text = _FONT.sub("", text)
    text = _OLD_FONT.sub("", text)
    text = _LETTER.sub(lambda found: _LETTERS[found[1].lower()], text)
    text = _ACCENT.sub(r"\1", text)
    text = _COMMAND.sub(lambda found: f" {_COMMAND_NAMES.get(found[1], found[1])} ", text)
    return re.sub(r"[\\{}$^]|_", "", text)


def _plain(char: str) -> str:
    """Return a letter without its accent, a Greek letter by its name, and nothing for joiners and soft hyphens."""
    if char.isascii():
        return char
    if "α" <= char <= "ω":
        return f" {unicodedata.name(char).removeprefix('GREEK SMALL LETTER ').removeprefix('FINAL ').casefold()} "
    return "" if unicodedata.category(char) in {"Mn", "Cf", "Cc"} else char
