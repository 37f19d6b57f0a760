"""The key that signs links: a file, made on first use, readable by its owner alone."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from digest.errors import ConfigError

KEY_BYTES = 32
_PLACE = "[links] secret_file"


def signing_key(path: Path) -> bytes:
    """Return the key in ``path``; where there is none, make one with mode 0600. Raises ``ConfigError``.

    Two processes that start at once agree: the file appears whole, and whoever comes second reads the first's.
    """
    try:
        return _read(path) if path.exists() else _make(path)
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be used: {error.strerror}", place=_PLACE, hint="choose a file that you can write"
        ) from error


def _read(path: Path) -> bytes:
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii"))
    except ValueError:
        key = b""
    if len(key) < KEY_BYTES:
        raise ConfigError(
            f"{path} holds no key of {KEY_BYTES} bytes in hexadecimal",
            place=_PLACE,
            hint="restore it from a backup; without it the links in mails already sent stop working",
        )
    return key


def _make(path: Path) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(KEY_BYTES))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return _read(path)
