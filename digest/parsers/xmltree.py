"""XML as a stream of small trees, by expat, with a document type refused.

A document type declaration is where entity bombs and external files come from (https://owasp.org, XXE); none of the
formats read here has one, so it is an error. Only one item stands in memory at a time, however long the document is.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.parsers import expat

from digest.errors import ListingError
from digest.model import Document
from digest.parsers.decode import encoding_of, text

_CHUNK = 1 << 16
_ENDS = {"no element found", "unclosed token", "unclosed CDATA section", "partial character"}
_DEEPEST = 64
"""Levels below an item: XHTML in an abstract has under ten."""


class Node:
    """An element: local name, namespace, parent's name, attributes by local name, children, and text between them."""

    __slots__ = ("attributes", "children", "line", "name", "parent", "pieces", "space")

    def __init__(self, name: str, space: str, attributes: dict[str, str], line: int, parent: str = "") -> None:
        self.name = name
        self.space = space
        self.parent = parent
        self.attributes = attributes
        self.line = line
        self.children: list[Node] = []
        self.pieces: list[str | Node] = []

    @property
    def text(self) -> str:
        """Return all the text inside, of all levels."""
        return "".join(piece if isinstance(piece, str) else piece.text for piece in self.pieces)

    @property
    def markup(self) -> str:
        """Return what is inside as HTML: text escaped, elements with their names."""
        return "".join(_escaped(piece) if isinstance(piece, str) else piece.outer for piece in self.pieces)

    @property
    def outer(self) -> str:
        """Return the element itself as HTML, without attributes."""
        return f"<{self.name}>{self.markup}</{self.name}>"

    def all(self, name: str, space: str = "") -> list[Node]:
        """Return the children of a name; ``space`` is a part of their namespace ("" is any)."""
        return [child for child in self.children if child.name == name and space in child.space]

    def first(self, name: str, space: str = "") -> Node | None:
        """Return the first child of a name."""
        return next(iter(self.all(name, space)), None)

    def own(self, name: str) -> Node | None:
        """Return the first child of a name that says something, of the node's own namespace where there is one.

        Extensions reuse the names of feeds: ``media:title`` and ``atom:link`` may stand before title and link.
        """
        said = [child for child in self.children if child.name == name and child.text.strip()]
        return next((child for child in said if child.space == self.space), said[0] if said else None)

    def say(self, name: str, space: str = "") -> str:
        """Return the text of the first child of a name, or ""."""
        child = self.first(name, space)
        return child.text.strip() if child else ""


class Broken(Exception):  # noqa: N818 - what happened to the document
    """The XML breaks off (``ends_early``) or is not well-formed; what came before was yielded."""

    def __init__(self, line: int, reason: str, *, ends_early: bool = False) -> None:
        self.line = line
        self.reason = reason
        self.ends_early = ends_early
        super().__init__(f"line {line}: {reason}")


class _Builder:
    def __init__(self, items: frozenset[str], place: str, encoding: str | None) -> None:
        self.items = items
        self.place = place
        self.stack: list[Node] = []
        self.item_depth = 0
        self.ready: list[Node] = []
        self.parser = expat.ParserCreate(encoding, "\n")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.characters
        self.parser.StartDoctypeDeclHandler = self.refuse

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        space, _, name = tag.rpartition("\n")
        plain = {key.rpartition("\n")[2]: value for key, value in attributes.items()}
        parent = self.stack[-1].name if self.stack else ""
        node = Node(name, space, plain, self.parser.CurrentLineNumber, parent)
        if len(self.stack) > _DEEPEST:
            raise Broken(node.line, "elements are nested too deeply")
        if not self.item_depth and name in self.items:
            self.item_depth = len(self.stack) + 1
        self.stack.append(node)

    def end(self, _tag: str) -> None:
        node = self.stack.pop()
        if self.item_depth and len(self.stack) >= self.item_depth:
            self.stack[-1].children.append(node)
            self.stack[-1].pieces.append(node)
            return
        if len(self.stack) + 1 == self.item_depth:
            self.item_depth = 0
            self.ready.append(node)
        else:
            self.ready.append(node)

    def characters(self, data: str) -> None:
        if self.item_depth or not data.isspace():
            self.stack[-1].pieces.append(data)

    def refuse(self, _name: str, _system: str | None, _public: str | None, has_subset: int) -> None:
        if has_subset:
            raise ListingError(
                "the XML declares entities of its own, which no feed needs",
                place=self.place,
                hint="take the <!DOCTYPE out of it if you trust it",
            )
        raise Broken(self.parser.CurrentLineNumber, "it has a document type, which no feed needs")


def read_items(document: Document, items: frozenset[str]) -> Iterator[Node]:
    """Yield every item, and every element outside of items with its own text, as soon as it ends.

    Raises ``Broken`` where the XML breaks off, ``ListingError`` where it has a document type.
    """
    wide = encoding_of(document).startswith(("utf-16", "utf-32"))  # of which expat knows some, by some names
    body = memoryview(text(document).lstrip("\ufeff \t\r\n").encode() if wide else document.body.lstrip())
    builder = _Builder(items, document.name, "utf-8" if wide else None)
    try:
        for start in range(0, len(body), _CHUNK):
            builder.parser.Parse(bytes(body[start : start + _CHUNK]), False)
            yield from builder.ready
            builder.ready.clear()
        builder.parser.Parse(b"", True)
        yield from builder.ready
    except (ValueError, LookupError) as error:  # an encoding expat has not, or nobody has
        raise Broken(1, f"its encoding cannot be read: {error}") from error
    except expat.ExpatError as error:
        yield from builder.ready
        reason = expat.errors.messages[error.code]
        raise Broken(error.lineno, reason, ends_early=reason in _ENDS) from error


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
