"""The Jinja environment: sandboxed, everything escaped, nothing undefined.

Only the operator's own template files are rendered; a reader never supplies template text.
"""

from __future__ import annotations

import json
import re
import traceback
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from email.utils import format_datetime
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import (
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PrefixLoader,
    StrictUndefined,
    Template,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
)
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from digest import errors

COLUMNS = 72
"""The width of the text part: what fits a letter and survives one level of quoting."""

SHIPPED = "shipped"
_WAY_OUT = "mend or remove the template"
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>()#+!|~&-])")

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]")
_CONTROL_BUT_HOLES = re.compile(_CONTROL.pattern.replace(r"\x00-\x08", r"\x00\x04-\x08"))


class Shelf(NamedTuple):
    """A folder of templates of which some are set aside, as if they were not there."""

    folder: Path
    aside: frozenset[str]


Folder = Path | Shelf


class _ShelfLoader(FileSystemLoader):
    def __init__(self, shelf: Shelf) -> None:
        super().__init__(str(shelf.folder))
        self._aside = shelf.aside

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        if template in self._aside:
            raise TemplateNotFound(template)
        return super().get_source(environment, template)


def environment(
    folders: Sequence[Folder], filters: Mapping[str, Callable[..., Any]] | None = None, *, has_holes: bool = False
) -> ImmutableSandboxedEnvironment:
    """Return the environment over template folders, the first one that has a file wins.

    ``filters`` replace those of the same name; with ``has_holes`` the signs of ``render.pieces`` may pass.
    """
    made = ImmutableSandboxedEnvironment(
        loader=_loader(folders),
        autoescape=_is_escaped,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters |= {
        "wrapped": wrapped,
        "underlined": underlined,
        "md": markdown,
        "twice_escaped": twice_escaped,
        "json": as_json,
        "rfc822": format_datetime,
        "rfc3339": rfc3339,
        **(filters or {}),
    }
    made.finalize = partial(printable, unwanted=_CONTROL_BUT_HOLES) if has_holes else printable
    return made


def _loader(folders: Sequence[Folder]) -> ChoiceLoader:
    """Return what finds a file in the first folder that has it, and under ``shipped/`` in the last folders alone.

    So a user's ``email/card.html.j2`` can extend ``shipped/email/card.html.j2`` and change one block.
    """
    files = [_ShelfLoader(f if isinstance(f, Shelf) else Shelf(f, frozenset())) for f in folders]
    return ChoiceLoader([*files, PrefixLoader({SHIPPED: files[-1]})])


_NOT_MAIL = ("web/", "feeds/", "message/")


def changed_mail(folders: Sequence[Folder]) -> tuple[list[str], list[str]]:
    """Return the templates of the mail that are no copies of shipped ones, and the shipped ones; as source.

    The shipped ones are those of the last folder and of the themes in it.
    """
    shelves = [folder if isinstance(folder, Shelf) else Shelf(folder, frozenset()) for folder in folders]
    base = shelves[-1].folder
    own: list[str] = []
    for shelf in shelves:
        if shelf.folder != base and base not in shelf.folder.parents:
            names = (path.relative_to(shelf.folder).as_posix() for path in sorted(shelf.folder.glob("**/*.j2")))
            mail = (name for name in names if not name.startswith(_NOT_MAIL) and name not in shelf.aside)
            own += [(shelf.folder / name).read_text("utf-8") for name in mail]
    shipped = {path.read_text("utf-8") for path in base.glob("**/email/*.j2")} if own else set()
    return [source for source in own if source not in shipped], sorted(shipped)


def render(made: ImmutableSandboxedEnvironment, name: str, /, **context: Any) -> str:
    """Render a template; a broken one is a ``TemplateError`` with file and line."""
    template = compiled(made, name)
    try:
        return template.render(**context)
    except TemplateSyntaxError as error:  # in a file it includes
        raise _syntax(error, name) from error
    except Exception as error:  # a template may fail in any way that an expression can
        said = str(error) if isinstance(error, TemplateError) else f"{type(error).__name__}: {error}"
        raise errors.TemplateError(said, place=_place(error, name), hint=_WAY_OUT) from error


def compiled(made: ImmutableSandboxedEnvironment, name: str) -> Template:
    """Return a template ready to be rendered; one with a mistake in it is a ``TemplateError`` with file and line."""
    try:
        return made.get_template(name)
    except TemplateSyntaxError as error:
        raise _syntax(error, name) from error
    except (TemplateError, UnicodeDecodeError, OSError) as error:
        said = "is no UTF-8 text" if isinstance(error, UnicodeDecodeError) else str(error)
        raise errors.TemplateError(said, place=name, hint=_WAY_OUT) from error


def _syntax(error: TemplateSyntaxError, name: str) -> errors.TemplateError:
    place = f"{error.filename or name}, line {error.lineno}"
    return errors.TemplateError(str(error.message), place=place, hint=_WAY_OUT)


def _place(error: BaseException, name: str) -> str:
    """Return the innermost place in a template: Jinja writes the templates' own lines into its tracebacks."""
    steps = [(step.filename, step.lineno) for step in traceback.extract_tb(error.__traceback__)]
    found = [f"{file}, line {line}" for file, line in steps if file.endswith((".j2", ".css"))]
    return found[-1] if found else name


def printable(value: Any, unwanted: re.Pattern[str] = _CONTROL) -> Any:
    """Return what is printed into a template without control characters, which no XML and no mail may carry."""
    if isinstance(value, Markup):
        return Markup(unwanted.sub("", value))  # noqa: S704 - it was markup before
    return unwanted.sub("", value) if isinstance(value, str) else value


def wrapped(text: str, indent: int = 0) -> str:
    """Return text broken at 72 columns, every line indented; words and addresses stay whole."""
    room = max(COLUMNS - indent, 1)
    margin = " " * indent
    rest = " ".join(text.split())
    lines: list[str] = []
    while len(rest) > room:
        blank = rest.rfind(" ", 0, room + 1)
        if blank < 0:
            blank = rest.find(" ", room)
        if blank < 0:
            break
        lines.append(margin + rest[:blank])
        rest = rest[blank + 1 :]
    return "\n".join([*lines, margin + rest])


def underlined(text: str, sign: str = "=") -> str:
    """Return a heading with a line under it, as long as the text looks (wide characters count two)."""
    wide = len(text) if text.isascii() else sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
    return f"{text}\n{sign * min(wide, COLUMNS)}"


def twice_escaped(html: str) -> Markup:
    """Return HTML as the text of an XML element, as an RSS description wants it."""
    return escape(str(html))


def markdown(text: str) -> str:
    """Return text on one line that Markdown (CommonMark 0.31, 2.4) shows as it is, and that mentions nobody."""
    return _MARKDOWN.sub(r"\\\1", " ".join(text.split())).replace("@", "@\u200b")


def as_json(value: Any) -> Markup:
    """Return a value as JSON, readable text left readable."""
    return Markup(json.dumps(value, ensure_ascii=False))  # noqa: S704 - JSON templates are not HTML


def rfc3339(instant: datetime) -> str:
    """Return an instant as Atom and JSON Feed write it."""
    return instant.isoformat(timespec="seconds").replace("+00:00", "Z")


def _is_escaped(name: str | None) -> bool:
    return name is None or not name.endswith((".txt.j2", ".json.j2", ".md.j2"))
