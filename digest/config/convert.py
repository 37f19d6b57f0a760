"""One value of a TOML file to the type its setting asks for; what is wrong is said in words."""

from __future__ import annotations

from datetime import time
from enum import StrEnum
from pathlib import Path
from types import NoneType
from typing import Any, get_args

from digest.config.near import nearest


class WrongValueError(Exception):
    """A value that a setting cannot have; the text completes "[section] key: …"."""


def convert(value: object, kind: Any) -> Any:
    """Return ``value`` as the type ``kind`` of a setting; raises ``WrongValueError``."""
    if NoneType in get_args(kind):
        return None if value == "" else convert(value, next(k for k in get_args(kind) if k is not NoneType))
    if kind == tuple[int, ...]:
        return _integers(value)
    if kind == tuple[str, ...]:
        return _texts(value)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return _choice(value, kind)
    return _plain(value, kind)


def _plain(value: object, kind: Any) -> Any:
    if kind is time:
        return _time(value)
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    wanted = str if kind is Path else kind
    if not isinstance(value, wanted) or (isinstance(value, bool) and kind is not bool):
        raise WrongValueError(f"must be {_NAMES[kind]}, not {_shown(value)}")
    if kind is Path and not value:
        raise WrongValueError("must name a file or folder")
    return kind(value)


_NAMES = {str: "text", Path: "text (a path)", int: "a whole number", float: "a number", bool: "true or false"}


def _integers(value: object) -> tuple[int, ...]:
    if not isinstance(value, list) or not all(type(item) is int for item in value):
        raise WrongValueError(f"must be a list of whole numbers, not {_shown(value)}")
    return tuple(value)


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(type(item) is str for item in value):
        raise WrongValueError(f"must be a list of texts, not {_shown(value)}")
    return tuple(value)


def _choice(value: object, kind: type[StrEnum]) -> StrEnum:
    choices = [str(choice) for choice in kind]
    if value in choices:
        return kind(str(value))
    near = nearest(str(value), choices)
    raise WrongValueError(
        f"must be {', '.join(choices[:-1])} or {choices[-1]}, not {_shown(value)}"
        + (f" (did you mean {near!r}?)" if near else "")
    )


def _time(value: object) -> time:
    if isinstance(value, time):
        return value
    try:
        return time.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise WrongValueError(f'must be a time of day such as "07:00", not {_shown(value)}') from None


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"
