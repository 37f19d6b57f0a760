"""What the command line and the settings name, as sources."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from digest.app import sourcing
from digest.config import Config
from digest.model import Document, Skipped
from digest.ports import Source, SourceStates
from digest.sources import FileSource
from digest.sources.inbox import QUIET

STDIN = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class StandardInput:
    """What is piped into the command, as one document. ``ports.Source``."""

    max_bytes: int
    listed_on: date | None = None
    name: str = "files"

    def documents(self, now: datetime) -> Iterator[Document | Skipped]:  # noqa: ARG002 - a pipe does not ask the time
        """Yield all of standard input."""
        body = sys.stdin.buffer.read(self.max_bytes + 1)
        if len(body) > self.max_bytes:
            yield Skipped("standard input", f"is larger than {self.max_bytes // sourcing.MEGABYTE} MB")
        else:
            yield Document(source=self.name, name="standard input", body=body, listed_on=self.listed_on)

    def done(self, document: Document) -> None:
        """Do nothing: a pipe is read once."""

    def refused(self, item: Document | Skipped, reason: str) -> None:
        """Do nothing: a pipe is read once."""


def named(paths: Sequence[str], config: Config, *, listed_on: date | None = None) -> list[Source]:
    """Return what somebody named on the command line as sources, in that order; ``-`` is standard input."""
    return [_named(path, config, listed_on) for path in paths]


def _named(path: str, config: Config, listed_on: date | None) -> Source:
    most = config.ingest.max_megabytes * sourcing.MEGABYTE
    if path == STDIN:
        return StandardInput(max_bytes=most, listed_on=listed_on)
    if path.startswith(("http://", "https://")):
        return sourcing.one_address(path, config, listed_on=listed_on)
    return FileSource([Path(path)], listed_on=listed_on, max_bytes=most)


def configured(config: Config, states: SourceStates, *, clock_stands: bool) -> list[Source]:
    """Return the sources of the settings.

    Where the clock stands (``--now``) nothing can be seen to settle: a watched folder is then read as it is.
    """
    maker = sourcing.Maker(config, states, timedelta(0) if clock_stands else QUIET)
    return [maker.made(settings) for settings in config.sources]
