"""``digest serve`` as a real process, in a folder of its own."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from digest import cli

DEADLINE = 60.0
"""Seconds after which something that should happen did not."""


def until(happened: Callable[[], object], what: str) -> None:
    """Wait until something has happened; fail where it does not."""
    deadline = time.monotonic() + DEADLINE
    while not happened():
        assert time.monotonic() < deadline, f"did not happen: {what}"
        threading.Event().wait(0.02)


class Installation:
    """A folder with settings, an inbox and a store; mail goes to a port of loopback."""

    def __init__(self, folder: Path, smtp_port: int) -> None:
        self.folder = folder
        self.inbox = folder / "inbox"
        self.inbox.mkdir()
        self.config = folder / "digest.toml"
        at = folder.as_posix()
        self.config.write_text(
            f'[store]\nurl = "sqlite:///{at}/digest.db"\n'
            f'[sources]\ninbox = {{ kind = "folder", path = "{at}/inbox" }}\n'
            f'[mail]\nby = "smtp"\nfrom_address = "digest@example.org"\n'
            f'[smtp]\nhost = "127.0.0.1"\nport = {smtp_port}\n'
            f'[feeds]\nfolder = "{at}/feeds"\n[reports]\nfolder = "{at}/reports"\n'
            f'[links]\nsecret_file = "{at}/secret"\n'
            f'[web]\nbase_url = "https://digest.example.org"\nport = 0\n'
            f"[service]\ntick_seconds = 0.1\n",
            encoding="utf-8",
        )

    def run(self, *arguments: str) -> list[dict[str, Any]]:
        """Run a command to its end and return the JSON objects it says."""
        said = io.StringIO()
        with redirect_stdout(said):
            code = cli.run(["--config", str(self.config), "--json", *arguments])
        assert code == 0, said.getvalue()
        return [json.loads(line) for line in said.getvalue().splitlines()]

    def counts(self) -> dict[str, Any]:
        """Return what ``digest status`` counts."""
        return self.run("status")[-1]

    def drop(self, name: str, body: bytes) -> Path:
        """Put a whole, settled file into the inbox, as ``mv`` does."""
        draft = self.folder / name
        draft.write_bytes(body)
        os.utime(draft, (1_700_000_000, 1_700_000_000))
        return draft.rename(self.inbox / name)

    def is_done(self, name: str) -> bool:
        """Return whether a dropped file was read, stored and moved."""
        return (self.inbox / "done" / name).exists()


class Service:
    """A running ``digest serve``; ``address`` is where it answers."""

    def __init__(self, installation: Installation, *arguments: str) -> None:
        self.log = (installation.folder / "serve.log").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "digest", "--config", str(installation.config), "--json", *arguments, "serve"],
            stdout=subprocess.PIPE,
            stderr=self.log,
        )
        assert self.process.stdout
        said = self.process.stdout.readline()
        assert said, (installation.folder / "serve.log").read_text()
        self.address = str(json.loads(said)["address"])

    def kill(self) -> None:
        """End it as a power cut does."""
        self.process.kill()

    def terminate(self) -> int:
        """Ask it to stop, as systemd does, and return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(DEADLINE)

    def __enter__(self) -> Service:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait(DEADLINE)
        assert self.process.stdout
        self.process.stdout.close()
        self.log.close()
