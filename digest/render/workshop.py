"""Where pieces are made: templates rendered with holes, inlined in their place, cut up."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cached_property, partial
from threading import Lock
from typing import Any

from css_inline import CSSInliner

from digest.render.contexts import CONTEXTS, NO_LINKS, NOTHING
from digest.render.environment import SHIPPED, Folder, environment, render, underlined, wrapped
from digest.render.pieces import LATER, Later, NotInPieces, Piece, hole, piece, split

_EDGE = "<tr><td>\x01edge\x02</td></tr>\n"
_EDGES = re.compile("<tr><td[^>]*>\x01edge\x02</td></tr>\n")


class Workshop:
    """Makes pieces of the templates in these folders; raises ``NotInPieces`` where that cannot be."""

    def __init__(self, folders: Sequence[Folder], inliner: CSSInliner) -> None:
        self._inliner = inliner
        self._laters: list[Later] = []
        filters: dict[str, Callable[..., str]] = {"wrapped": self._wrapped, "underlined": self._underlined}
        self._environment = environment(folders, filters, has_holes=True)
        self._making = Lock()
        self._check_order()

    def _check_order(self) -> None:
        """Raise ``NotInPieces`` where the order of the pieces is the user's own: it may depend on anything."""
        for name in ("email/digest.html.j2", "email/digest.txt.j2"):
            own, shipped = (self._source(path) for path in (name, f"{SHIPPED}/{name}"))
            if own != shipped:
                raise NotInPieces(f"{name} is not the shipped one")

    def _source(self, name: str) -> str:
        loader = self._environment.loader
        return loader.get_source(self._environment, name)[0] if loader else ""

    def piece(self, name: str, **context: Any) -> Piece:
        """Render a template and cut it into a piece."""
        with self._making:
            self._laters.clear()
            rendered = render(self._environment, name, **context)
            laters = tuple(self._laters)
            if not name.endswith(".html.j2"):
                return piece(rendered, laters)
            if laters:
                raise NotInPieces("a filter would see HTML where it sees text in the whole")
            return piece(self._inlined(name, rendered), on_page=True)

    def _inlined(self, name: str, rendered: str) -> str:
        """Return a piece of HTML as it comes out of the style sheet's inlining between a top and a foot."""
        place = {"email/top.html.j2": 0, "email/foot.html.j2": 2}.get(name, 1)
        whole = [*self._frame]
        whole[place] = rendered
        parts = _EDGES.split(self._inliner.inline(_EDGE.join(whole)))
        if len(parts) != 3:
            raise NotInPieces("the top does not end, or the foot not begin, between two rows of a table")
        return parts[place]

    @cached_property
    def _frame(self) -> tuple[str, str, str]:
        names = ("email/top.html.j2", "email/foot.html.j2")
        top, foot = (render(self._environment, name, **CONTEXTS["top"](NOTHING, NO_LINKS)) for name in names)
        return top, "", foot

    def _wrapped(self, text: str, indent: int = 0) -> str:
        return self._later(partial(wrapped, indent=indent), text, indent)

    def _underlined(self, text: str, sign: str = "=") -> str:
        return self._later(partial(underlined, sign=sign), text)

    def _later(self, work: partial[str], text: str, indent: int | None = None) -> str:
        if "\x01" not in text:
            return work(text)
        name = f"{LATER}{len(self._laters)}"
        self._laters.append(Later(name, work, split(text), indent))
        return hole(name)
