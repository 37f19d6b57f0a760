"""The user's own templates tried before they meet a reader: a broken one is set aside, the shipped one serves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from digest.errors import TemplateError
from digest.links import LinkMaker
from digest.render.environment import Folder, Shelf, compiled, environment

Attempts = Sequence[Callable[[], object]]
"""Everything that can be rendered, each ready to be tried."""
MOST_TRIES = 100
"""Broken templates set aside one by one; after that, all of the folder."""


def tried(
    folders: Sequence[Path],
    own: Path,
    make: Callable[[Sequence[Folder], LinkMaker], Attempts],
) -> tuple[tuple[Folder, ...], tuple[TemplateError, ...]]:
    """Return the folders without the user's templates that do not work, and what is wrong with each of them.

    ``own``, the first of the folders, is read file by file; then everything is rendered on the specimens, with and
    without a web server. What breaks is set aside and the rest is tried again, so that one mistake costs one file.
    """
    if not own.is_dir():
        missing = TemplateError("there is no such folder; the shipped templates serve", place=str(own))
        return tuple(folders[1:]), (missing,)
    problems: list[TemplateError] = []
    aside: set[str] = set()
    for _ in range(MOST_TRIES):
        shelves: tuple[Folder, ...] = (Shelf(own, frozenset(aside)), *folders[1:])
        problem = next(_problems(shelves, own, aside, make), None)
        if problem is None:
            return shelves, tuple(problems)
        problems.append(problem)
        name = _name(problem, own)
        if not name or name in aside:
            break
        aside.add(name)
    return tuple(folders[1:]), tuple(problems)


def _problems(
    shelves: Sequence[Folder],
    own: Path,
    aside: set[str],
    make: Callable[[Sequence[Folder], LinkMaker], Attempts],
) -> Iterator[TemplateError]:
    """Yield what is wrong: first with each file by itself, then with all of them at work."""
    made = environment(shelves)
    names = sorted(str(path.relative_to(own)) for path in own.rglob("*.j2"))
    attempts: list[Callable[[], object]] = [partial(compiled, made, name) for name in names if name not in aside]
    for base_url in ("https://digest.example", ""):
        attempts += make(shelves, LinkMaker(b"k" * 32, base_url=base_url, mail_domain="example"))
    for attempt in attempts:
        try:
            attempt()
        except TemplateError as error:
            yield error


def _name(problem: TemplateError, own: Path) -> str:
    """Return the name of the user's template that is broken, "" where it is none of theirs."""
    file = Path(problem.place.rpartition(", line ")[0] or problem.place)
    return str(file.relative_to(own)) if file.is_relative_to(own) else ""
