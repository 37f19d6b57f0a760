"""Find the settings file, read it, check it; every mistake names the file, the section, the key and the way out."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from pathlib import Path
from typing import Any, get_type_hints

from digest.config.convert import WrongValueError, convert
from digest.config.kinds import KINDS
from digest.config.near import nearest
from digest.config.settings import Config, Secret, SourceSettings
from digest.errors import ConfigError

SEARCHED = (Path("config/digest.toml"), Path("digest.toml"))
"""Where settings are looked for, in the folder one stands in, when neither --config nor $DIGEST_CONFIG says."""

SECTIONS = tuple(field.name for field in fields(Config) if field.name not in {"smtp_password", "file"})
"""The names of the sections of a settings file."""


def find(path: Path | None, environ: Mapping[str, str]) -> Path | None:
    """Return the settings file to read: ``path``, ``$DIGEST_CONFIG``, a file where they are searched, or ``None``."""
    named = path or (Path(environ["DIGEST_CONFIG"]) if environ.get("DIGEST_CONFIG") else None)
    return named or next((candidate for candidate in SEARCHED if candidate.is_file()), None)


def load(path: Path | None, environ: Mapping[str, str]) -> Config:
    """Return the settings of a file (see ``find``), or the built-in ones; raises ``ConfigError``.

    The environment may give ``DIGEST_STORE_URL`` and ``DIGEST_SMTP_PASSWORD``; both win over the file.
    """
    found = find(path, environ)
    table = dict(_table(found)) if found else {}
    place = str(found) if found else "built-in settings"
    if url := environ.get("DIGEST_STORE_URL"):
        table["store"] = {**_as_table(table.get("store", {}), f"{place}: [store]"), "url": url}
    config = _config(table, place)
    return _with(config, file=str(found or ""), smtp_password=_password(config, place, environ))


def _with(config: Config, **changes: Any) -> Config:
    return Config(**{field.name: getattr(config, field.name) for field in fields(Config)} | changes)


def _table(path: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", place=str(path), hint="give --config FILE") from error
    except UnicodeDecodeError as error:
        raise ConfigError("is no UTF-8 text", place=str(path), hint="save it as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"is no valid TOML: {error}", place=str(path), hint="see https://toml.io") from error


def _config(table: Mapping[str, Any], place: str) -> Config:
    _only_known(table, SECTIONS, place, "section [{}]")
    kinds = get_type_hints(Config)
    sections: dict[str, Any] = {
        name: _sources(value, place) if name == "sources" else _section(kinds[name], name, value, place)
        for name, value in table.items()
    }
    return Config(**sections)


def _section(kind: type[Any], name: str, value: object, place: str) -> Any:
    place = f"{place}: [{name}]"
    table = _as_table(value, place)
    known = {field.name: field for field in fields(kind)}
    _only_known(table, known, place, "setting {}")
    kinds = get_type_hints(kind)
    return kind(**{key: _value(table[key], known[key], kinds[key], f"{place} {key}") for key in table})


def _value(value: object, field: Field[Any], kind: Any, place: str) -> Any:
    try:
        converted = convert(value, kind)
    except WrongValueError as error:
        raise ConfigError(str(error), place=place, hint=_default_hint(field)) from error
    for check in field.metadata.get("checks", ()):
        if complaint := check(converted):
            raise ConfigError(complaint, place=place, hint=_default_hint(field))
    return converted


def _default_hint(field: Field[Any]) -> str:
    if field.default is MISSING:
        return ""
    default = list(field.default) if isinstance(field.default, tuple) else field.default
    shown = str(default).lower() if isinstance(default, bool) else str("" if default is None else default)
    return f"the default is {shown}" if shown else ""


def _sources(value: object, place: str) -> tuple[SourceSettings, ...]:
    table = _as_table(value, f"{place}: [sources]")
    return tuple(_source(name, line, f"{place}: [sources] {name}") for name, line in table.items())


def _source(name: str, value: object, place: str) -> SourceSettings:
    options = dict(_as_table(value, place))
    kind = options.pop("kind", None)
    if not isinstance(kind, str) or kind not in KINDS:
        near = nearest(str(kind), KINDS)
        raise ConfigError(
            f"kind must be one of {', '.join(KINDS)}", place=place, hint=near and f"did you mean {near!r}?"
        )
    wanted = {option.rstrip("!"): wants for option, wants in KINDS[kind].items()}
    _only_known(options, wanted, place, "option {}")
    missing = [option[:-1] for option in KINDS[kind] if option.endswith("!") and option[:-1] not in options]
    if missing:
        raise ConfigError(f"{missing[0]} is missing", place=place, hint=f"a source of kind {kind} needs it")
    for option, given in options.items():
        if type(given) is not wanted[option]:
            raise ConfigError(f"must be {_type_name(wanted[option])}, not {given!r}", place=f"{place} {option}")
    return SourceSettings(name=name, kind=kind, options=options)


def _type_name(kind: type) -> str:
    return {str: "text", int: "a whole number", bool: "true or false", list: "a list"}.get(kind, kind.__name__)


def _as_table(value: object, place: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ConfigError(f"must be a table, not {value!r}", place=place)
    return value


def _only_known(given: Mapping[str, Any], known: Mapping[str, Any] | tuple[str, ...], place: str, what: str) -> None:
    for name in given:
        if name not in known:
            near = nearest(name, known)
            way_out = f"did you mean {near}?" if near else f"known are {', '.join(known)}"
            raise ConfigError(f"there is no {what.format(name)}", place=place, hint=way_out)


def _password(config: Config, place: str, environ: Mapping[str, str]) -> Secret:
    if "DIGEST_SMTP_PASSWORD" in environ:
        return Secret(environ["DIGEST_SMTP_PASSWORD"])
    path = config.smtp.password_file
    if path is None:
        return Secret("")
    try:
        return Secret(path.read_text(encoding="utf-8").strip("\r\n"))
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "is no UTF-8 text"
        raise ConfigError(
            f"{path} cannot be read: {reason}",
            place=f"{place}: [smtp] password_file",
            hint="or set DIGEST_SMTP_PASSWORD in the environment",
        ) from error
