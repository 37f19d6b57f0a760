"""Delivery by the real program in processes of its own, with real settings, to a scripted server that times things."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from digest.app import App
from digest.cli.stopping import STOPPING
from digest.config import Config, load
from digest.pipeline.deliver import Doubt
from tests.integration.smtp_server import ScriptedServer
from tests.integration.verbs import NOW, ROOT, ingest, subscribe

DEADLINE = 60.0
"""Seconds after which something that should happen did not."""


def settings(
    folder: Path,
    port: int,
    *,
    processes: int = 1,
    connections: int = 1,
    batch: int = 50,
    doubt: Doubt = Doubt.HOLD,
    stop_seconds: float = 5,
) -> Path:
    """Write settings of an installation that mails to a port of this machine."""
    file, log, at = folder / "digest.toml", folder / "mail.log", folder.as_posix()
    log.touch()
    file.write_text(
        f'[store]\nurl = "sqlite:///{at}/digest.db"\n'
        f'[mail]\nby = "smtp"\nfrom_address = "digest@digest.example"\n'
        f'[smtp]\nhost = "127.0.0.1"\nport = {port}\n'
        f'[feeds]\nfolder = ""\n[reports]\nfolder = "{at}/reports"\n'
        f'[links]\nsecret_file = "{at}/secret"\n[matching]\nengine_file = ""\n'
        f'[web]\nport = 0\n[service]\ntick_seconds = 0.1\n[evidence]\npostfix_log = "{log.as_posix()}"\n'
        f"[delivery]\nprocesses = {processes}\nconnections = {connections}\nbatch = {batch}\n"
        f'stop_seconds = {stop_seconds}\ndoubt = "{doubt}"\n',
        encoding="utf-8",
    )
    return file


def read(file: Path) -> Config:
    """Return settings that were written."""
    return load(file, {})


def waiting(folder: Path, messages: int) -> None:
    """Have so many messages wait in the outbox of an installation."""
    config = read(settings(folder, 25))
    subscribe(config.store.url, readers=tuple(f"reader{n}@example.org" for n in range(messages)))
    ingest(config.store.url)
    with App.open(config, now=NOW) as app:
        assert sum(one.digest is not None for one in app.compose()) == messages


class Crew:
    """A command of the program, in a process group of its own; ``said`` is what it wrote on standard error."""

    def __init__(self, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.out = self.said = ""

    @property
    def helpers(self) -> list[int]:
        """Return the processes that help it, in the order in which they were started."""
        return sorted(pid for pid, line in _group(self.process.pid).items() if "spawn_main" in line)

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the parent alone, as a service manager does."""
        self.process.send_signal(number)

    def hears(self) -> None:
        """Wait until it says that it stops."""
        assert self.process.stderr
        while line := self.process.stderr.readline():
            if line == f"digest: {STOPPING}\n":
                return
            self.said += line
        raise AssertionError(f"it said only: {self.said}")

    def kill(self, who: str) -> None:
        """Kill the "parent", the first "helper", or "all" of them."""
        if who == "all":
            os.killpg(self.process.pid, signal.SIGKILL)
        else:
            os.kill(self.process.pid if who == "parent" else self.helpers[0], signal.SIGKILL)

    def ended(self) -> int:
        """Wait until all processes have ended; return the exit code of the first."""
        if self.process.returncode is None:
            self.out, said = self.process.communicate(timeout=DEADLINE)
            self.said += said
        until(lambda: not _group(self.process.pid), "all processes have ended")
        return self.process.returncode


@contextmanager
def crew(*arguments: str) -> Iterator[Crew]:
    """Run a command; nothing of it is left in the end."""
    running = Crew(*arguments)
    try:
        yield running
    finally:
        with suppress(ProcessLookupError):
            os.killpg(running.process.pid, signal.SIGKILL)
        running.ended()


def until(happened: Callable[[], object], what: str) -> None:
    """Wait until something has happened; fail where it does not."""
    deadline = time.monotonic() + DEADLINE
    while not happened():
        assert time.monotonic() < deadline, f"did not happen: {what}"
        threading.Event().wait(0.01)


def _group(leader: int) -> dict[int, str]:
    """Return the processes of a group that still run, and their command lines."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            state, _, group = (folder / "stat").read_text().rpartition(")")[2].split()[:3]
            if int(group) == leader and state not in "ZX":
                found[int(folder.name)] = (folder / "cmdline").read_text()
    return found


class Gate:
    """Holds answers to a step back from the n-th on, until it is opened; ``reached`` is set when so many wait."""

    def __init__(self, server: ScriptedServer, step: str, number: int, *, wait: int = 1) -> None:
        self._step, self._left, self._missing = step, number - 1, wait
        self._counting = threading.Lock()
        self.reached, self.opened = threading.Event(), threading.Event()
        server.before = self

    def __call__(self, step: str) -> None:
        """Wait at the gate where a step is held back."""
        if step == self._step and not self._passes():
            assert self.opened.wait(DEADLINE)

    def _passes(self) -> bool:
        with self._counting:
            if self._left > 0:
                self._left -= 1
                return True
            self._missing -= 1
            if self._missing == 0:
                self.reached.set()
            return False
