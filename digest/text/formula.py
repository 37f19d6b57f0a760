r"""A TeX formula as one line of Unicode, whole or not at all.

``\alpha`` is α, ``n \log n`` is n log n, ``_2`` is ₂, ``\frac{a}{b}`` is a/b, ``\mathbb{R}`` is ℝ. A formula that holds
one thing without a place in a line (a matrix, an unknown command, a superscript Unicode lacks) is left as it was.
"""

from __future__ import annotations

import re
import unicodedata

from digest.text.symbols import ACCENTS, BLACKBOARD, FUNCTIONS, SYMBOLS, shift

LONGEST = 400
"""Characters of a formula that is tried; longer ones are displays that a line cannot show."""

_TOKEN = re.compile(r"\\([A-Za-z]+\*?\s*)|\\(.)|([{}^_&~])|([^\\{}^_&~]+)", re.DOTALL)
_PLAIN = frozenset(
    """mathrm mathbf mathit mathsf mathtt mathnormal mathcal mathscr mathfrak text textrm textbf textit textsf texttt
    textup textnormal emph operatorname boldsymbol bm mbox hbox rm bf it cal sf tt em displaystyle textstyle pmb
    ensuremath mathop mathrel mathbin""".split()  # noqa: SIM905
)
_DROPPED = frozenset(
    "left right big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr limits nolimits mathstrut strut middle".split()  # noqa: SIM905
)
_SPACES = {"quad": "  ", "qquad": "  ", "thinspace": " ", "enspace": " ", "nobreakspace": " "}
_BLACKBOARDS = frozenset({"mathbb", "Bbb", "mathds", "bbR"})
_RAISED = {"∘": "°", "*": "*", "′": "′", "†": "†", "‡": "‡", "∞": "^∞", "⊥": "^⊥", "±": "^±", "⋆": "⋆"}
_SIGNS = {",": " ", ";": " ", ":": " ", " ": " ", "!": "", "/": "", "-": "", "|": "‖"}
_WORD = re.compile(r"[^\W_]+")


class _Unsayable(Exception):  # noqa: N818 - what the formula is
    """The formula has no one-line form."""


def say(formula: str) -> str | None:
    """Return a formula (without its dollars) as one line of Unicode, or ``None`` where it has none."""
    if len(formula) > LONGEST:
        return None
    try:
        reader = _Reader(formula)
        said = reader.sequence()
    except (_Unsayable, RecursionError):
        return None
    return " ".join(said.split()) if reader.at_end() and said.strip() else None


class _Reader:
    """Reads a formula from left to right, one token ahead."""

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
                said = said.rstrip() + _shifted(self.argument(), up=mark == "^")
            else:
                said += self.atom()
        return said

    def argument(self) -> str:
        """Read what a command or a script applies to: a group, a command, or one character."""
        if self.at_end():
            raise _Unsayable
        _, _, mark, text = self.tokens[self.position]
        if text:
            stripped = text.lstrip()
            if not stripped:
                self.position += 1
                return self.argument()
            if len(stripped) == 1:
                self.position += 1
            else:
                self.tokens[self.position] = (None, None, None, stripped[1:])
            return stripped[0]
        if mark in {"^", "_", "}", "&"}:
            raise _Unsayable
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
            raise _Unsayable
        inner = self.sequence()
        if self.at_end():
            raise _Unsayable
        self.position += 1
        return inner

    def command(self, name: str) -> str:
        """Read a command with its arguments; ``name`` still has the white space behind it."""
        spaced = name[-1].isspace()
        name = name.strip().rstrip("*")
        if name in SYMBOLS:
            return SYMBOLS[name] + " " * spaced
        if name in FUNCTIONS:
            return name if self.at_end() or self._tight() else f"{name} "
        if name in _PLAIN:
            return ""
        if name in _SPACES:
            return _SPACES[name]
        if name in _DROPPED:
            return self._without_empty_delimiter()
        return self._with_argument(name)

    def _with_argument(self, name: str) -> str:
        if name in {"frac", "tfrac", "dfrac", "nicefrac", "sfrac"}:
            return f"{_grouped(self.argument())}/{_grouped(self.argument())}"
        if name == "sqrt" and not self._is_optional():
            return f"√{_grouped(self.argument())}"
        if name in _BLACKBOARDS:
            return _blackboard(self.argument())
        if name in ACCENTS:
            return _accented(self.argument(), ACCENTS[name])
        if name in {"textsuperscript", "textsubscript"}:
            return _shifted(self.argument(), up=name == "textsuperscript")
        raise _Unsayable

    def _is_optional(self) -> bool:
        r"""Return whether an optional argument follows (``\sqrt[3]{x}``)."""
        return not self.at_end() and (self.tokens[self.position][3] or "").startswith("[")

    def _tight(self) -> bool:
        """Return whether what follows a function's name stands right at it: a bracket, a script, an end."""
        _, sign, mark, text = self.tokens[self.position]
        return mark in {"^", "_", "}"} or bool(sign) or bool(text and text[0] in "([|,.;:)= ")

    def _without_empty_delimiter(self) -> str:
        if not self.at_end() and (text := self.tokens[self.position][3]) and text.startswith("."):
            self.tokens[self.position] = (None, None, None, text[1:] or " ")
        return ""


def _sign(sign: str) -> str:
    if sign in "%$#&_{}":
        return sign
    if sign not in _SIGNS:
        raise _Unsayable
    return _SIGNS[sign]


def _shifted(argument: str, *, up: bool) -> str:
    """Return a script: shifted where Unicode can, else ``_c`` or ``^N`` for one word."""
    bare = argument.strip()
    if up and bare in _RAISED:
        return _RAISED[bare]
    shifted = shift(bare.replace(" ", ""), up=up) if bare else None
    if shifted:
        return shifted
    if not _WORD.fullmatch(bare):
        raise _Unsayable
    return f"{'^' if up else '_'}{bare}"


def _grouped(text: str) -> str:
    bare = text.strip()
    if not bare:
        raise _Unsayable
    return bare if len(bare) == 1 or _WORD.fullmatch(bare) else f"({bare})"


def _blackboard(text: str) -> str:
    bare = text.strip()
    if bare not in BLACKBOARD:
        raise _Unsayable
    return BLACKBOARD[bare]


def _accented(text: str, accent: str) -> str:
    bare = text.strip()
    if len(bare) != 1:
        raise _Unsayable
    return unicodedata.normalize("NFC", bare + accent)
