"""Files of subscriptions: a TOML file people write, and JSON lines the program writes, both to wishes."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any, get_type_hints

from digest.app.readers import Person, Wish
from digest.config.convert import WrongValueError, convert
from digest.config.near import nearest
from digest.errors import UsageError
from digest.model import Settings

Wanted = tuple[Person, Sequence[Wish]]
_PERSON = get_type_hints(Person)
_SETTINGS = {field.name: get_type_hints(Settings)[field.name] for field in fields(Settings)}
_WISH = {"query": str, "name": str, "paused": bool} | _SETTINGS
_EXPORTED_ONLY = {"kind", "id", "next_digest", "next_on"}


def read(text: str, *, place: str, defaults: Settings) -> list[Wanted]:
    """Return everybody's wishes in a file; every mistake is a ``UsageError`` with its place.

    JSON lines are what ``digest subscriptions export`` writes; TOML has a ``[[subscriber]]`` for each person, with
    ``address``, ``timezone``, ``send_at``, ``channel`` and ``queries``, a list of ``{ query, name, … }``.
    """
    if text.lstrip().startswith("{"):
        return list(_from_lines(text, place, defaults))
    return list(_from_toml(text, place, defaults))


def _from_lines(text: str, place: str, defaults: Settings) -> Iterator[Wanted]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        here = f"{place}, line {number}"
        try:
            row = json.loads(line)
        except ValueError as error:
            raise UsageError("this is no JSON object", place=here) from error
        kept = {k: v for k, v in _as_table(row, here).items() if k not in _EXPORTED_ONLY}
        person = {name: kept.pop(name) for name in _PERSON if name in kept}
        yield _person(person, here), [_wish(kept, here, defaults)]


def _from_toml(text: str, place: str, defaults: Settings) -> Iterator[Wanted]:
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"this is neither JSON lines nor TOML: {error}", place=place) from error
    people = table.get("subscriber", [])
    if not isinstance(people, list) or set(table) - {"subscriber"}:
        raise UsageError("only [[subscriber]] may stand here", place=place)
    for number, row in enumerate(people, 1):
        here = f"{place}, subscriber {number}"
        kept = dict(_as_table(row, here))
        queries = kept.pop("queries", [])
        if not isinstance(queries, list):
            raise UsageError("queries must be a list", place=here)
        wishes = [_wish({"query": q} if isinstance(q, str) else q, here, defaults) for q in queries]
        yield _person(kept, here), wishes


def _person(row: Mapping[str, Any], place: str) -> Person:
    return Person(**_converted(row, _PERSON, place, needed="address"))


def _wish(row: object, place: str, defaults: Settings) -> Wish:
    values = _converted(_as_table(row, place), _WISH, place, needed="query")
    chosen = {name: values.pop(name, getattr(defaults, name)) for name in _SETTINGS}
    return Wish(settings=Settings(**chosen), **values)


def _converted(row: Mapping[str, Any], kinds: Mapping[str, Any], place: str, *, needed: str) -> dict[str, Any]:
    if needed not in row:
        raise UsageError(f"{needed} is missing", place=place)
    for name in row:
        if name not in kinds:
            near = nearest(name, kinds)
            raise UsageError(f"there is no {name} here", place=place, hint=near and f"did you mean {near}?")
    try:
        return {name: convert(value, kinds[name]) for name, value in row.items()}
    except WrongValueError as error:
        raise UsageError(str(error), place=place) from error


def _as_table(row: object, place: str) -> Mapping[str, Any]:
    if not isinstance(row, dict):
        raise UsageError(f"must be a table, not {row!r}", place=place)
    return row
