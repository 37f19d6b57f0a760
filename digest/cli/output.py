"""Where a command's words go: JSON lines, plain text, or rich on a terminal."""

from __future__ import annotations

import json
import sys
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

PLAIN_WIDTH = 100
"""Columns of tables and text when the output is no terminal."""


class Output:
    """Says results on standard output and notes on standard error.

    With ``as_json``, standard output carries JSON objects only, one a line, in UTF-8. ``verbosity`` is -1 (quiet), 0,
    or how many -v were given.
    """

    def __init__(self, *, as_json: bool = False, verbosity: int = 0) -> None:
        self.as_json = as_json
        self.verbosity = verbosity
        if as_json and hasattr(sys.stdout, "reconfigure"):
            sys.stdout.reconfigure(encoding="utf-8", errors="replace")

    @cached_property
    def console(self) -> Console:
        """Return the rich console; colours only on a terminal."""
        from rich.console import Console

        if sys.stdout.isatty():
            return Console(highlight=False, soft_wrap=False)
        return Console(highlight=False, width=PLAIN_WIDTH, color_system=None, force_terminal=False)

    def record(self, record: dict[str, Any]) -> None:
        """Write one JSON object as a line."""
        sys.stdout.write(json.dumps(record, ensure_ascii=False) + "\n")

    def show(self, *things: RenderableType, at: int = 0) -> None:
        """Show something to a human who asked for at least this verbosity; never mixed into JSON."""
        if self.as_json or self.verbosity < at:
            return
        from rich.text import Text

        for thing in (Text(thing) if isinstance(thing, str) else thing for thing in things):
            if self.console.is_terminal:
                self.console.print(thing)
            else:
                sys.stdout.write(self._plain(thing))

    def text(self, text: str, *, at: int = 0) -> None:
        """Write text as it is, never wrapped: paths and titles stay whole for whoever reads on."""
        if not self.as_json and self.verbosity >= at:
            sys.stdout.write(f"{text}\n")

    def _plain(self, thing: RenderableType) -> str:
        """Return what a pipe gets: no colours, no blanks at the ends of lines, text never wrapped."""
        from rich.text import Text

        with self.console.capture() as captured:
            self.console.print(thing, soft_wrap=isinstance(thing, Text))
        return "".join(f"{line.rstrip()}\n" for line in captured.get().splitlines())

    def note(self, text: str, *, at: int = 0) -> None:
        """Say something beside the result, on standard error."""
        if self.verbosity >= at:
            sys.stderr.write(f"{text}\n")
