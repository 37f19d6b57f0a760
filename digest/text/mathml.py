"""MathML in feeds (https://www.w3.org/TR/mathml-core/) as one line of Unicode, as ``formula`` says TeX.

Publishers put it into titles and abstracts: ``<msup><mn>10</mn><mn>3</mn></msup>`` is 10³, and never 103.
"""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

from digest.text.formula import Unsayable, accented, grouped, scripted

_MATH = re.compile(r"<math\b[^<>]*>.*?(?:</math\s*>|$)", re.IGNORECASE | re.DOTALL)
_SILENT = frozenset({"annotation", "annotation-xml", "mphantom", "none", "mprescripts", "maction-alt"})
_LEAVES = frozenset({"mi", "mn", "mo", "mtext", "ms"})
_OVER = {
    **dict.fromkeys("¯‾ˉ_̅", "\u0304"),
    **dict.fromkeys("^ˆ̂", "\u0302"),
    **dict.fromkeys("~˜̃∼", "\u0303"),
    **dict.fromkeys("→⃗", "\u20d7"),
    **dict.fromkeys("˙.̇", "\u0307"),
    **dict.fromkeys("¨̈", "\u0308"),
    "ˇ": "\u030c",
}
_DEEPEST = 40


class _Element:
    """An element with what is inside it, elements and text in order."""

    def __init__(self, name: str, attributes: dict[str, str]) -> None:
        self.name = name
        self.attributes = attributes
        self.inside: list[_Element | str] = []

    @property
    def children(self) -> list[_Element]:
        return [piece for piece in self.inside if isinstance(piece, _Element)]

    @property
    def text(self) -> str:
        return "".join(piece if isinstance(piece, str) else piece.text for piece in self.inside)


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.stack = [_Element("math", {})]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = _Element(tag, {name: value or "" for name, value in attrs})
        self.stack[-1].inside.append(element)
        if tag not in {"mspace", "none", "mprescripts"} and len(self.stack) < _DEEPEST:
            self.stack.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.stack[-1].inside.append(_Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        names = [element.name for element in self.stack]
        if tag in names[1:]:
            del self.stack[len(names) - 1 - names[::-1].index(tag) :]

    def handle_data(self, data: str) -> None:
        self.stack[-1].inside.append(data)


def without_mathml(raw: str) -> str:
    """Return a piece of HTML, its namespaces' prefixes gone, with every ``<math>`` in it as (escaped) text."""
    return _MATH.sub(lambda found: html.escape(say_mathml(found[0]), quote=False), raw)


def say_mathml(raw: str) -> str:
    """Return a ``<math>`` element as one line of Unicode; where that is not possible, the text that is in it."""
    builder = _Builder()
    builder.feed(raw)
    builder.close()
    try:
        said = _row(builder.stack[0].inside)
    except (Unsayable, IndexError):
        said = builder.stack[0].text
    return " ".join(said.split())


def _row(pieces: list[_Element | str]) -> str:
    """Say elements one after another; a word (``sin``) stands apart from what it is applied to."""
    said = ""
    for piece in pieces:
        if isinstance(piece, str):
            said += piece if piece.strip() else ""
            continue
        new = _say(piece)
        is_word = piece.name == "mi" and len(new) > 1
        said += " " if new[:1].isalnum() and (is_word or _ends_in_word(said)) and said[-1:].isalnum() else ""
        said += new
    return said


def _ends_in_word(said: str) -> bool:
    return bool(re.search(r"(?<![^\W\d_])(?:sin|cos|tan|log|ln|exp|min|max|lim|sup|inf|det|arg)$", said))


def _say(element: _Element) -> str:
    name = element.name
    if name in _SILENT:
        return ""
    if name in _LEAVES:
        return _leaf(element)
    if name == "mspace":
        return " "
    if name == "semantics":
        return _say(element.children[0])
    if reader := _READERS.get(name):
        return reader(element.children)
    return _fenced(element) if name == "mfenced" else _row(element.inside)


def _leaf(element: _Element) -> str:
    text = re.sub("[\u2061-\u2064]", "", element.text)
    return re.sub(r"\s+", " ", text) if element.name in {"mtext", "ms"} else text.strip()


def _sub(parts: list[_Element]) -> str:
    return _say(parts[0]) + scripted(_say(parts[1]), up=False)


def _sup(parts: list[_Element]) -> str:
    return _say(parts[0]) + scripted(_say(parts[1]), up=True)


def _both(parts: list[_Element]) -> str:
    return _sub(parts) + scripted(_say(parts[2]), up=True)


def _fraction(parts: list[_Element]) -> str:
    return f"{grouped(_say(parts[0]))}/{grouped(_say(parts[1]))}"


def _square_root(parts: list[_Element]) -> str:
    return f"√{grouped(_row(list(parts)))}"


def _root(parts: list[_Element]) -> str:
    which = scripted(_say(parts[1]), up=True)
    if which.startswith("^"):
        raise Unsayable
    return f"{which}√{grouped(_say(parts[0]))}"


def _over(parts: list[_Element]) -> str:
    base, above = _say(parts[0]), _say(parts[1]).strip()
    if above in _OVER:
        return accented(base, _OVER[above]) if len(base) == 1 else "".join(letter + "\u0305" for letter in base)
    return base + scripted(above, up=True)


def _multiscripts(parts: list[_Element]) -> str:
    """Say a base with scripts before (``mprescripts``) and behind it: ¹⁴C, Bₛ⁰."""
    names = [part.name for part in parts]
    middle = names.index("mprescripts") if "mprescripts" in names else len(names)
    return _scripts(parts[middle + 1 :]) + _say(parts[0]) + _scripts(parts[1:middle])


def _scripts(parts: list[_Element]) -> str:
    said = [scripted(text, up=bool(place % 2)) for place, part in enumerate(parts) if (text := _say(part).strip())]
    return "".join(said)


def _fenced(element: _Element) -> str:
    opened, closed = element.attributes.get("open", "("), element.attributes.get("close", ")")
    between = element.attributes.get("separators", ",").strip()[:1]
    return opened + f"{between} ".join(map(_say, element.children)) + closed


def _table(parts: list[_Element]) -> str:
    return "; ".join(", ".join(map(_say, row.children)) for row in parts)


_READERS = {
    "msub": _sub,
    "munder": _sub,
    "msup": _sup,
    "mover": _over,
    "msubsup": _both,
    "munderover": _both,
    "mfrac": _fraction,
    "msqrt": _square_root,
    "mroot": _root,
    "mmultiscripts": _multiscripts,
    "mtable": _table,
}
