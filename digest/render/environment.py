"""The Jinja environment: sandboxed, everything escaped, nothing undefined.

Only the operator's own template files are rendered; a reader never supplies template text.
"""

from __future__ import annotations

import json
import re
import textwrap
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined, TemplateError, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from digest import errors

COLUMNS = 72
"""The width of the text part: what fits a letter and survives one level of quoting."""

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]")


def environment(folders: Sequence[Path]) -> ImmutableSandboxedEnvironment:
    """Return the environment over template folders, the first one that has a file wins."""
    made = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader([str(folder) for folder in folders]),
        autoescape=_is_escaped,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters |= {
        "wrapped": wrapped,
        "underlined": underlined,
        "twice_escaped": twice_escaped,
        "json": as_json,
        "rfc822": format_datetime,
        "rfc3339": rfc3339,
    }
    made.finalize = printable
    return made


def render(made: ImmutableSandboxedEnvironment, name: str, /, **context: Any) -> str:
    """Render a template; a broken one is a ``TemplateError`` with file and line."""
    try:
        return made.get_template(name).render(**context)
    except TemplateSyntaxError as error:
        place = f"{error.filename or name}, line {error.lineno}"
        raise errors.TemplateError(str(error.message), place=place, hint="mend or remove the template") from error
    except TemplateError as error:
        raise errors.TemplateError(str(error), place=name, hint="mend or remove the template") from error


def printable(value: Any) -> Any:
    """Return what is printed into a template without control characters, which no XML and no mail may carry."""
    if isinstance(value, Markup):
        return Markup(_CONTROL.sub("", value))  # noqa: S704 - it was markup before
    return _CONTROL.sub("", value) if isinstance(value, str) else value


def wrapped(text: str, indent: int = 0, hanging: int | None = None) -> str:
    """Return text broken at 72 columns; the lines after the first are indented by ``hanging``, else as the first is.

    Words and addresses stay whole.
    """
    return textwrap.fill(
        text,
        COLUMNS,
        initial_indent=" " * indent,
        subsequent_indent=" " * (indent if hanging is None else hanging),
        break_long_words=False,
        break_on_hyphens=False,
    )


def underlined(text: str, sign: str = "=") -> str:
    """Return a heading with a line under it, as long as the text looks (wide characters count two)."""
    wide = sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
    return f"{text}\n{sign * min(wide, COLUMNS)}"


def twice_escaped(html: str) -> Markup:
    """Return HTML as the text of an XML element, as an RSS description wants it."""
    return escape(str(html))


def as_json(value: Any) -> Markup:
    """Return a value as JSON, readable text left readable."""
    return Markup(json.dumps(value, ensure_ascii=False))  # noqa: S704 - JSON templates are not HTML


def rfc3339(instant: datetime) -> str:
    """Return an instant as Atom and JSON Feed write it."""
    return instant.isoformat(timespec="seconds").replace("+00:00", "Z")


def _is_escaped(name: str | None) -> bool:
    return name is None or not name.endswith((".txt.j2", ".json.j2"))
