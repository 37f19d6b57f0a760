"""What the command line and the settings name, as sources."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from digest.config import Config, SourceSettings
from digest.model import Document, Skipped
from digest.ports import Source
from digest.sources import FileSource, InboxSource
from digest.sources.inbox import QUIET

STDIN = "-"
MEGABYTE = 1024 * 1024


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
            yield Skipped("standard input", f"is larger than {self.max_bytes // MEGABYTE} MB")
        else:
            yield Document(source=self.name, name="standard input", body=body, listed_on=self.listed_on)

    def done(self, document: Document) -> None:
        """Do nothing: a pipe is read once."""

    def refused(self, item: Document | Skipped, reason: str) -> None:
        """Do nothing: a pipe is read once."""


def named(paths: Sequence[str], config: Config, *, listed_on: date | None = None) -> list[Source]:
    """Return what somebody named on the command line as sources, in that order; ``-`` is standard input."""
    most = config.ingest.max_megabytes * MEGABYTE
    return [
        StandardInput(max_bytes=most, listed_on=listed_on)
        if path == STDIN
        else FileSource([Path(path)], listed_on=listed_on, max_bytes=most)
        for path in paths
    ]


def configured(config: Config, *, clock_stands: bool) -> list[Source]:
    """Return the sources of the settings.

    Where the clock stands (``--now``) nothing can be seen to settle: a watched folder is then read as it is.
    """
    return [_configured(settings, config, timedelta(0) if clock_stands else QUIET) for settings in config.sources]


def _configured(settings: SourceSettings, config: Config, quiet: timedelta) -> Source:
    options = settings.options
    return InboxSource(
        Path(options["path"]),
        name=settings.name,
        pattern=options.get("pattern", "*"),
        quiet=quiet,
        max_bytes=config.ingest.max_megabytes * MEGABYTE,
    )
