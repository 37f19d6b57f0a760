"""The command line as a user has it: words in, words and an exit code out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from digest import cli


@dataclass(frozen=True)
class Said:
    """What one command answered."""

    code: int
    out: str
    err: str

    @property
    def records(self) -> list[dict[str, Any]]:
        """Return standard output as JSON objects, one a line."""
        return [json.loads(line) for line in self.out.splitlines()]

    def of_kind(self, kind: str) -> list[dict[str, Any]]:
        """Return the JSON objects of one kind."""
        return [record for record in self.records if record["kind"] == kind]


class Digest:
    """Runs ``digest`` commands in a folder of their own, with a store and settings of their own."""

    def __init__(self, folder: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._capture = capture
        self.config = folder / "digest.toml"
        self.configure()

    def configure(self, extra: str = "") -> None:
        """Write the settings file: everything lives in the folder."""
        at = self.folder.as_posix()
        self.config.write_text(
            f'[store]\nurl = "sqlite:///{at}/digest.db"\n[mail]\nfolder = "{at}/mail"\n[feeds]\nfolder = "{at}/feeds"\n'
            f'[reports]\nfolder = "{at}/reports"\n[links]\nsecret_file = "{at}/secret"\n'
            f'[sources]\ninbox = {{ kind = "folder", path = "{at}/inbox" }}\n{extra}',
            encoding="utf-8",
        )

    def __call__(self, *arguments: str | Path) -> Said:
        """Run one command in this process and return what it said."""
        self._capture.readouterr()
        code = cli.run(["--config", str(self.config), *map(str, arguments)])
        captured = self._capture.readouterr()
        return Said(code, captured.out, captured.err)

    def write(self, name: str, content: str | bytes) -> Path:
        """Write a file into the folder."""
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path


@pytest.fixture
def digest(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Digest:
    """Return the command line over an empty folder."""
    return Digest(tmp_path, capsys)
