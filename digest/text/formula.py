r"""A TeX formula as one line of Unicode, whole or not at all.

``\alpha`` is α, ``n \log n`` is n log n, ``_2`` is ₂, ``\frac{a}{b}`` is a/b, ``\mathbb{R}`` is ℝ. A script that
Unicode lacks is written as in its plain-text encoding of mathematics (Unicode Technical Note 28): ``n^(1-1/r)``,
``x_max``. A formula that holds one thing without a place in a line (a matrix, an unknown command) is left as it was.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from digest.text.symbols import ACCENTS, BLACKBOARD, FUNCTIONS, SYMBOLS, shift

LONGEST = 400
"""Characters of a formula that is tried; longer ones are displays that a line cannot show."""

_TOKEN = re.compile(r"\\([A-Za-z]+\*?\s*)|\\(.)|([{}^_&~])|([^\\{}^_&~]+)", re.DOTALL)
_PLAIN = frozenset(
    """mathrm mathbf mathit mathsf mathtt mathnormal mathcal mathscr mathfrak text textrm textbf textit textsf texttt
    textup textsl textnormal emph boldsymbol bm mbox hbox rm bf it cal sf tt em displaystyle textstyle scriptstyle pmb
    ensuremath mathop mathrel mathbin mathord mathopen mathclose mathinner smash underline tiny scriptsize footnotesize
    small normalsize large boldmath""".split()  # noqa: SIM905
)
_DROPPED = frozenset(
    """left right big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr bigm Bigm limits nolimits mathstrut strut middle
    nonumber notag allowbreak relax""".split()  # noqa: SIM905
)
_SPACES = {"quad": "  ", "qquad": "  ", "space": " ", "thinspace": " ", "enspace": " ", "nobreakspace": " "}
_SILENT = frozenset({"hspace", "vspace", "color", "label", "phantom", "hphantom", "vphantom"})
_ONE_ARGUMENT = {
    "pmod": " (mod {})",
    "tag": " ({})",
    "xrightarrow": " → ",
    "xleftarrow": " ← ",
    "num": "{}",
    "url": "{}",
}
_TWO_ARGUMENTS = {
    **dict.fromkeys(("binom", "tbinom", "dbinom"), "({} choose {})"),
    **dict.fromkeys(("textcolor", "colorbox"), "{1}"),
    "href": "{1} ({0})",
}
_RAISED = {"∘": "°", "*": "*", "′": "′", "†": "†", "‡": "‡", "∞": "^∞", "⊥": "^⊥", "±": "^±", "⋆": "⋆", "′′": "″"}
_SIGNS = {",": " ", ";": " ", ":": " ", ">": " ", " ": " ", "!": "", "/": "", "-": "", "@": "", "|": "‖"}
_WORD = re.compile(r"[^\W_]+")
_DECIMAL = re.compile(r"\d+\.\d+")
_LENGTH = re.compile(r"\s*-?[\d.]+\s*(?:mu|em|ex|pt)\s?")


class Unsayable(Exception):  # noqa: N818 - what the formula is
    """The formula has no one-line form."""


def say(formula: str) -> str | None:
    """Return a formula (without its dollars) as one line of Unicode, or ``None`` where it has none."""
    if len(formula) > LONGEST:
        return None
    try:
        reader = _Reader(formula)
        said = reader.sequence()
    except (Unsayable, RecursionError):
        return None
    return " ".join(said.split()) if reader.at_end() and said.strip() else None


class _Reader:
    """Reads a formula from left to right, one token ahead; what reads a command is given the command's name."""

    def __init__(self, formula: str) -> None:
        self.tokens = [found.groups() for found in _TOKEN.finditer(formula)]
        self.position = 0

    def at_end(self) -> bool:
        return self.position >= len(self.tokens)

    def sequence(self) -> str:
        """Read up to the end or the closing brace."""
        said = ""
        while not self.at_end() and self.tokens[self.position][2] != "}":
            mark = self.tokens[self.position][2]
            if mark in {"^", "_"}:
                self.position += 1
                said = said.rstrip() + scripted(self.argument(), up=mark == "^")
            else:
                said += self.atom()
        return said

    def argument(self) -> str:
        """Read what a command or a script applies to: a group, a command, or one character."""
        if self.at_end():
            raise Unsayable
        name, _, mark, text = self.tokens[self.position]
        if text:
            stripped = text.lstrip()
            if not stripped:
                self.position += 1
                return self.argument()
            self._replace(stripped[1:])
            return stripped[0]
        if mark in {"^", "_", "}", "&"}:
            raise Unsayable
        if name and name.strip() in _PLAIN:  # x^\mathrm T, x_\text{max}
            self.position += 1
            return self.argument()
        return self.atom()

    def atom(self) -> str:
        """Read one group, command, sign or run of plain characters."""
        name, sign, mark, text = self.tokens[self.position]
        self.position += 1
        if text:
            return text
        if name:
            return self.command(name)
        if sign:
            return _sign(sign)
        if mark == "~":
            return " "
        if mark != "{":
            raise Unsayable
        inner = self.sequence()
        if self.at_end():
            raise Unsayable
        self.position += 1
        return inner

    def command(self, name: str) -> str:
        """Read a command with its arguments; ``name`` still has the white space behind it."""
        spaced = name[-1].isspace()
        name = name.strip().rstrip("*")
        if name in SYMBOLS:
            return SYMBOLS[name] + " " * spaced
        if name not in _READERS:
            raise Unsayable
        return _READERS[name](self, name)

    def function(self, name: str) -> str:
        return self._apart(name)

    def operator(self, _name: str) -> str:
        return self._apart(self.argument().strip())

    def plain(self, _name: str) -> str:
        return ""

    def space(self, name: str) -> str:
        return _SPACES[name]

    def silent(self, _name: str) -> str:
        self.argument()
        return ""

    def one(self, name: str) -> str:
        return _ONE_ARGUMENT[name].format(self.argument().strip())

    def two(self, name: str) -> str:
        return _TWO_ARGUMENTS[name].format(self.argument().strip(), self.argument().strip())

    def fraction(self, _name: str) -> str:
        return f"{grouped(self.argument())}/{grouped(self.argument())}"

    def blackboard(self, _name: str) -> str:
        return _blackboard(self.argument())

    def accent(self, name: str) -> str:
        return accented(self.argument(), ACCENTS[name])

    def script(self, name: str) -> str:
        return scripted(self.argument(), up=name == "textsuperscript")

    def negation(self, _name: str) -> str:
        relation = self.argument()
        return unicodedata.normalize("NFC", relation.strip() + "\u0338") + " " * relation.endswith(" ")

    def character(self, _name: str) -> str:
        return _character(self.argument())

    def root(self, _name: str) -> str:
        r"""Read a root and which it is (``\sqrt[3]{x}`` is ³√x)."""
        text, which = self._text(), ""
        if text.startswith("["):
            inside, ended, rest = text[1:].partition("]")
            which = shift(inside.strip(), up=True) or ""
            if not ended or not which:
                raise Unsayable
            self._replace(rest)
        return f"{which}√{grouped(self.argument())}"

    def length(self, _name: str) -> str:
        r"""Read over a length (``\mkern-2mu``)."""
        found = _LENGTH.match(self._text())
        if not found:
            raise Unsayable
        self._replace(found.string[found.end() :])
        return ""

    def delimiter(self, _name: str) -> str:
        r"""Read over a size, and the point that stands for no delimiter (``\left.``)."""
        if (text := self._text()).startswith("."):
            self._replace(text[1:])
        return ""

    def _text(self) -> str:
        """Return the plain characters that come next."""
        return "" if self.at_end() else self.tokens[self.position][3] or ""

    def _replace(self, rest: str) -> None:
        """Leave of the plain characters that come next only the rest."""
        if rest:
            self.tokens[self.position] = (None, None, None, rest)
        else:
            self.position += 1

    def _apart(self, word: str) -> str:
        """Return a function's name, with a blank behind it where no bracket, script or end follows."""
        if self.at_end():
            return word
        _, sign, mark, text = self.tokens[self.position]
        is_tight = mark in {"^", "_", "}"} or bool(sign) or bool(text and text[0] in "([|,.;:)= ")
        return word if is_tight else f"{word} "


_READERS: dict[str, Callable[[_Reader, str], str]] = {
    **dict.fromkeys(FUNCTIONS, _Reader.function),
    **dict.fromkeys(_PLAIN, _Reader.plain),
    **dict.fromkeys(_SPACES, _Reader.space),
    **dict.fromkeys(_SILENT, _Reader.silent),
    **dict.fromkeys(_DROPPED, _Reader.delimiter),
    **dict.fromkeys(_ONE_ARGUMENT, _Reader.one),
    **dict.fromkeys(_TWO_ARGUMENTS, _Reader.two),
    **dict.fromkeys(ACCENTS, _Reader.accent),
    **dict.fromkeys(("frac", "tfrac", "dfrac", "cfrac", "nicefrac", "sfrac"), _Reader.fraction),
    **dict.fromkeys(("mathbb", "Bbb", "mathds", "bbR"), _Reader.blackboard),
    **dict.fromkeys(("textsuperscript", "textsubscript"), _Reader.script),
    **dict.fromkeys(("mkern", "kern", "mskip", "hskip"), _Reader.length),
    "operatorname": _Reader.operator,
    "not": _Reader.negation,
    "unicode": _Reader.character,
    "sqrt": _Reader.root,
}


def _sign(sign: str) -> str:
    if sign in "%$#&_{}":
        return sign
    if sign not in _SIGNS:
        raise Unsayable
    return _SIGNS[sign]


def scripted(argument: str, *, up: bool) -> str:
    """Return a script: shifted where Unicode can, else ``_c``, ``^N`` for one word, ``^(a+b)`` for more."""
    bare = argument.strip()
    if up and bare in _RAISED:
        return _RAISED[bare]
    if not bare:
        raise Unsayable
    if _DECIMAL.fullmatch(bare):  # π₀.₅: there is no lowered point
        return ".".join(shift(digits, up=up) or "" for digits in bare.split("."))
    if shifted := shift(bare.replace(" ", ""), up=up):
        return shifted
    is_word = len(bare) == 1 or (_WORD.fullmatch(bare) and unicodedata.is_normalized("NFKC", bare))
    return f"{'^' if up else '_'}{bare if is_word else f'({bare})'}"


def _character(code: str) -> str:
    try:
        character = chr(int(code.strip().removeprefix("x"), 16))
    except (ValueError, OverflowError):
        raise Unsayable from None
    if not character.isprintable():
        raise Unsayable
    return character


def grouped(text: str) -> str:
    """Return a part of a fraction or root, in parentheses where it is more than a word; raises ``Unsayable``."""
    bare = text.strip()
    if not bare:
        raise Unsayable
    return bare if len(bare) == 1 or _WORD.fullmatch(bare) else f"({bare})"


def _blackboard(text: str) -> str:
    bare = text.strip()
    if bare not in BLACKBOARD:
        raise Unsayable
    return BLACKBOARD[bare]


def accented(text: str, accent: str) -> str:
    """Return a letter with a combining accent; raises ``Unsayable`` for more than one letter."""
    bare = text.strip()
    if len(bare) != 1:
        raise Unsayable
    return unicodedata.normalize("NFC", bare + accent)
