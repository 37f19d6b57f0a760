"""Kill a real process at every step it takes in the database or over SMTP, to see what the next one finds."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine, event


def killed_at(step: int, work: Callable[[], object]) -> bool:
    """Run ``work`` in a child process that is killed (SIGKILL) before its ``step``-th step.

    A step is one SQL statement, one commit, or one thing said over SMTP (a command, or a message's body). Return
    whether the child was killed; False: it finished before.
    """
    child = os.fork()
    if child == 0:
        status = 1
        try:
            _arm(step)
            work()
            status = 0
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return True
    assert os.waitstatus_to_exitcode(status) == 0, "the child failed by itself"
    return False


def together(processes: int, work: Callable[[], object]) -> None:
    """Run ``work`` in so many child processes that begin at the same moment, and wait until all have ended well."""
    gate, opened = os.pipe()
    children = []
    for _ in range(processes):
        child = os.fork()
        if child == 0:
            status = 1
            try:
                os.close(opened)
                os.read(gate, 1)  # until the parent closes its end
                work()
                status = 0
            finally:
                os._exit(status)
        children.append(child)
    os.close(gate)
    os.close(opened)
    ended = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    assert ended == [0] * processes, "a process failed by itself"


def _arm(step: int) -> None:
    taken = 0

    def count(*_: Any, **__: Any) -> None:
        nonlocal taken
        taken += 1
        if taken == step:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "before_cursor_execute", count)
    event.listen(Engine, "commit", count)
    sys.addaudithook(lambda name, _: count() if name == "smtplib.send" else None)
