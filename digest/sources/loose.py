"""Feeds that are not well-formed, read by feedparser in a child with limits of time and memory.

feedparser forgives much and costs much: 16,000 attributes take it 4 s, 2 MB of ``<`` 8 s, and a string it takes for a
file's name it opens. So it gets bytes only, at most 8 MiB, in a process that may use 8 s of CPU and 1 GiB and can write
no file; a feed that needs more is refused, and nothing else notices.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import digest
from digest.errors import ListingError
from digest.model import Document
from digest.parsers import Entry, Feed, Text
from digest.sources.feedchild import LARGEST

_TELL = "fetch it again, or tell its publisher: it is not well-formed"


@dataclass(frozen=True, slots=True)
class LooseReader:
    """Reads feeds in a child that may use ``seconds`` of CPU and ``memory`` bytes."""

    seconds: int = 8
    memory: int = 1 << 30

    def __call__(self, document: Document) -> tuple[Feed, list[Entry]]:
        """Return a feed and its entries as feedparser sees them; raises ``ListingError`` where it sees none."""
        if len(document.body) > LARGEST:
            raise ListingError(
                "the feed is broken and too large to be read leniently (8 MiB)", place=document.name, hint=_TELL
            )
        answer = self._ask(document)
        entries = [_entry(raw, number) for number, raw in enumerate(answer["entries"], 1)]
        if not entries and not answer["version"]:
            raise ListingError("this is no feed that could be read", place=document.name, hint=_TELL)
        return Feed(title=answer["title"], link=answer["link"], updated=answer["updated"]), entries

    def _ask(self, document: Document) -> Any:
        """Run the child and return what it printed."""
        try:
            done = subprocess.run(  # noqa: S603 - our own module, no shell, two numbers
                [sys.executable, "-m", "digest.sources.feedchild", str(self.seconds), str(self.memory)],
                input=document.body,
                capture_output=True,
                timeout=3 * self.seconds,  # of the clock: a busy machine gives the child a third of its time
                env={"PYTHONPATH": str(Path(digest.__file__).parent.parent), "PATH": os.defpath, "LC_ALL": "C.UTF-8"},
                check=True,
            )
            return json.loads(done.stdout)
        except subprocess.TimeoutExpired as error:
            raise ListingError("the feed takes too long to read", place=document.name, hint=_TELL) from error
        except subprocess.CalledProcessError as error:
            raise ListingError(
                "the feed needs more time or memory than any feed may", place=document.name, hint=_TELL
            ) from error
        except ValueError as error:
            raise ListingError("the feed could not be read", place=document.name, hint=_TELL) from error


read_loosely = LooseReader()
"""The reader with the limits it has everywhere but in tests."""


def _entry(raw: Any, number: int) -> Entry:
    identifier = raw["id"]
    return Entry(
        where=f"entry {number}" + (f", {identifier[:100]}" if identifier else ""),
        id=identifier,
        title=Text(*raw["title"]),
        summary=Text(*raw["summary"]),
        links=[(relation, address) for relation, address in raw["links"]],
        authors=raw["authors"],
        categories=raw["categories"],
        identifiers=raw["identifiers"],
        published=raw["published"],
        updated=raw["updated"],
        extra=raw["extra"],
    )
