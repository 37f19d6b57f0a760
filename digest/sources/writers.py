"""Whether somebody is still writing to a file, where the system can tell."""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path

try:
    import fcntl
except ImportError:  # not a Unix
    fcntl = None  # type: ignore[assignment]


def has_writer(path: Path) -> bool:
    """Return whether some process is known to have the file open for writing; False where nobody can say.

    Linux grants a read lease only on a file that nobody writes to (fcntl(2), "Leases"); the lease is given back at
    once. Other systems, network disks and other people's files cannot be asked: there the file's quiet time decides.
    """
    if not hasattr(fcntl, "F_SETLEASE"):
        return False
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        return _refuses_lease(descriptor)
    finally:
        os.close(descriptor)


def _refuses_lease(descriptor: int) -> bool:
    # Should a writer come in the instant of the lease, the system sends a signal: one that is ignored by default.
    with contextlib.suppress(OSError):
        fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGURG)
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except BlockingIOError:
        return True
    except OSError:
        return False
    with contextlib.suppress(OSError):
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    return False
