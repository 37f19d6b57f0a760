"""Write what is generated: parts of the README, and ``tests/golden``: ``python -m tests.make``.

A test fails when it was forgotten.

A generated part stands between ``<!-- NAME -->`` and ``<!-- end of NAME -->``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import click

from digest.cli.options import DigestCommand
from digest.cli.root import EXIT_CODES, FAMILIES, root
from digest.parsers import FORMATS
from tests.unit.render.golden import write as write_golden

README = Path(__file__).resolve().parent.parent / "README.md"


def commands() -> str:
    """Return the table of all commands, by family, subcommands included."""
    rows = ["| command | what it does |", "|---|---|"]
    for family, names in FAMILIES.items():
        rows.append(f"| **{family}** | |")
        rows += [f"| `digest {usage}` | {told} |" for name in names for usage, told in _usages(name)]
    return "\n".join(rows)


def _usages(name: str) -> Iterator[tuple[str, str]]:
    context = click.Context(root, info_name="digest")
    command = root.get_command(context, name)
    assert command is not None
    if not isinstance(command, click.Group):
        yield f"{name}{_arguments(command)}", command.get_short_help_str(200)
        return
    for sub in command.list_commands(context):
        made = command.get_command(context, sub)
        assert made is not None
        yield f"{name} {sub}{_arguments(made)}", made.get_short_help_str(200)


def _arguments(command: click.Command) -> str:
    context = click.Context(command)
    names = (p.make_metavar(context) for p in command.params if isinstance(p, click.Argument))
    return "".join(f" {name}" for name in names).replace("|", "\\|")


def common_options() -> str:
    """Return the table of the options that every command has."""
    command = DigestCommand("any", dry_run=True)
    records = [p.get_help_record(click.Context(command)) for p in command.params]
    rows = [f"| `{record[0]}` | {record[1]} |" for record in records if record]
    return "\n".join(["| option | what it does |", "|---|---|", *rows])


def exit_codes() -> str:
    """Return the table of exit codes, from the place that gives them."""
    rows = [f"| {code} | {text} |" for code, text in EXIT_CODES.items()]
    return "\n".join(["| exit code | meaning |", "|---|---|", *rows])


def formats() -> str:
    """Return the table of the formats that are read, by the name that --format takes."""
    rows = [f"| `{name}` | {made.title} |" for name, made in FORMATS.items()]
    return "\n".join(["| `--format` | what it is |", "|---|---|", *rows])


PARTS: Mapping[str, Callable[[], str]] = {
    "commands": commands,
    "formats": formats,
    "common options": common_options,
    "exit codes": exit_codes,
}
"""What is generated, by the name between the markers."""


def filled(text: str) -> str:
    """Return a README with its generated parts as they should be; raises ``ValueError`` where a marker is missing."""
    for name, make in PARTS.items():
        pattern = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end of {name} -->)", re.DOTALL)
        if not pattern.search(text):
            raise ValueError(f"README.md has no <!-- {name} --> … <!-- end of {name} -->")
        made = make()
        text = pattern.sub(lambda found, made=made: f"{found[1]}{made}\n{found[2]}", text)  # type: ignore[misc]
    return text


if __name__ == "__main__":
    write_golden()
    README.write_text(filled(README.read_text(encoding="utf-8")), encoding="utf-8")
