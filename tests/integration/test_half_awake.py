"""Processes that help, met by signals while they start, or left behind by a killed one: the user sees nothing."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

import pytest

from digest.app.processes import signals_wait
from tests.integration.crews import crew, settings, until, waiting
from tests.integration.smtp_server import scripted
from tests.integration.verbs import NOW, PAGE


@pytest.mark.parametrize("other", [False, True])
def test_a_signal_waits_until_everybody_has_begun(*, other: bool) -> None:
    """Also where it reaches another thread, as one of those of a numeric library."""
    may_raise = threading.Event()
    done: list[str] = []

    def interrupt() -> None:
        may_raise.wait(60)
        signal.raise_signal(signal.SIGINT)

    def begin() -> None:
        with signals_wait():
            if other:
                may_raise.set()
                raising.join()
            else:
                signal.raise_signal(signal.SIGINT)
            done.append("all")

    raising = threading.Thread(target=interrupt, daemon=True)
    if other:
        raising.start()  # while signals still reach it
    with pytest.raises(KeyboardInterrupt):
        begin()
    assert done == ["all"]


def test_an_interrupted_helper_that_has_hardly_begun_says_nothing(tmp_path: Path) -> None:
    """Ctrl-C reaches it before it can do anything about it."""
    waiting(tmp_path, 250)
    with scripted() as server:
        config = settings(tmp_path, server.port, processes=2)
        with crew("-m", "digest", "--now", NOW.isoformat(), "--config", str(config), "deliver") as command:
            until(lambda: command.helpers, "a helper is started")
            os.killpg(command.process.pid, signal.SIGINT)
            assert command.ended() == 130
    first, last = command.said.splitlines()
    assert first.startswith("digest: stopping")
    assert last.startswith("digest: interrupted: ")


def dumps(folder: Path) -> str:
    """Write listings that keep a fill busy for a while; return their folder."""
    (folder / "dumps").mkdir()
    for number in range(300):
        page = PAGE.replace("Slow Rivers", f"Slow Rivers {number}")
        (folder / "dumps" / f"{number}.txt").write_text(page, "utf-8")
    return str(folder / "dumps")


def is_awake(helper: int) -> bool:
    """Return whether a process watches its parent by a thread."""
    return len(list(Path(f"/proc/{helper}/task").iterdir())) > 1


def test_a_fill_that_is_killed_leaves_no_word_of_its_helpers(tmp_path: Path) -> None:
    """No process of it is left either."""
    store, folder = str(tmp_path / "digest.db"), dumps(tmp_path)
    with crew("-m", "digest", "--store", store, "ingest", "--first-fill", folder) as command:
        until(lambda: sum(map(is_awake, command.helpers)) == os.cpu_count(), "the helpers are at work")
        command.kill("parent")
        assert command.ended() == -signal.SIGKILL
    assert command.said == ""


def test_a_fill_that_is_interrupted_says_so_and_no_more(tmp_path: Path) -> None:
    """Ctrl-C reaches its helpers before they can do anything about it."""
    store, folder = str(tmp_path / "digest.db"), dumps(tmp_path)
    with crew("-m", "digest", "--store", store, "ingest", "--first-fill", folder) as command:
        until(lambda: command.helpers, "a helper is started")
        os.killpg(command.process.pid, signal.SIGINT)
        assert command.ended() == 130
    assert command.said == "digest: interrupted; run it again for the rest\n"
