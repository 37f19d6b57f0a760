"""The outermost door: every error becomes one line and an exit code, and no traceback is ever shown."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
import traceback
from collections.abc import Sequence

import click

from digest import __version__
from digest.cli.options import STATE_KEY, State, complain
from digest.cli.root import root
from digest.errors import DigestError, QueryError

INTERRUPTED = 130
COMPLETE = "_DIGEST_COMPLETE"


def main() -> None:
    """Run the command line of this process and leave with its exit code."""
    if instruction := os.environ.get(COMPLETE):
        sys.exit(complete(instruction))
    sys.exit(run(sys.argv[1:]))


def complete(instruction: str) -> int:
    """Answer a shell that asks, with <Tab>, how a command line could go on; ``digest completion`` sets this up."""
    from click.shell_completion import shell_complete

    return shell_complete(root, {"obj": {STATE_KEY: State()}}, "digest", COMPLETE, instruction)


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code; errors are said on standard error."""
    _make_output_safe()
    state = State()
    try:
        with root.make_context("digest", list(arguments), obj={STATE_KEY: state}) as context:
            root.invoke(context)
        sys.stdout.flush()
    except BrokenPipeError:
        return _closed_pipe()
    except (Exception, KeyboardInterrupt) as error:
        return refused(error, arguments)
    return 1 if state.failed else 0


def refused(error: BaseException, arguments: Sequence[str]) -> int:
    """Say an error in one line and return its exit code."""
    match error:
        case click.exceptions.Exit():
            return error.exit_code
        case click.exceptions.NoArgsIsHelpError():
            click.echo(error.ctx.get_help() if error.ctx else "", err=True)
            return 2
        case click.ClickException():
            return _said(_usage(error), 2)
        case click.Abort() | KeyboardInterrupt():
            return _said("interrupted; run it again for the rest", INTERRUPTED)
        case DigestError():
            return _said(_with_caret(error), error.exit_code)
    return _said(_unexpected(error, arguments), 1)


def _said(text: str, code: int) -> int:
    complain(text)
    return code


def _usage(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "digest"
    return f"{' '.join(error.format_message().split()).rstrip('.')} (see {command} --help)"


def _with_caret(error: DigestError) -> str:
    if not isinstance(error, QueryError) or not error.query:
        return str(error)
    line, start = _one_line(error.query, error.column)
    caret = "^" * max(1, min(error.length, len(line) - start))
    return f"{error}\n    {line}\n    {' ' * start}{click.style(caret, fg='red', bold=True)}"


def _one_line(query: str, column: int) -> tuple[str, int]:
    """Return the query in one line of the terminal, cut around the column where it is long."""
    flat = "".join(" " if c.isspace() else c for c in query)
    first = max(0, column - 60)
    cut = flat[first : first + 110]
    return ("…" if first else "") + cut + ("…" if first + 110 < len(flat) else ""), column - first + bool(first)


def _unexpected(error: BaseException, arguments: Sequence[str]) -> str:
    """Keep the details in a file and return the one line that names it."""
    kind = type(error).__name__
    reason = " ".join(str(error).split())[:200]
    try:
        with tempfile.NamedTemporaryFile("w", prefix="digest-error-", suffix=".txt", delete=False) as file:
            file.write(f"preprint-digest {__version__}, Python {platform.python_version()}, {platform.platform()}\n")
            file.write(f"digest {' '.join(map(_without_password, arguments))}\n\n")
            file.write("".join(traceback.format_exception(error)))
        details = f"please report it with {file.name}"
    except OSError:
        details = "please report it"
    return f"unexpected {kind}: {reason or 'no details'}; this is a mistake in the program, {details}"


def _without_password(argument: str) -> str:
    before, scheme, address = argument.partition("://")
    login, at, host = address.rpartition("@")
    return f"{before}{scheme}{login.partition(':')[0]}:***{at}{host}" if ":" in login else argument


def _closed_pipe() -> int:
    """Leave quietly when the reader of our output has gone (``digest parse FILE | head``)."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _make_output_safe() -> None:
    """Let no character of a paper stop a command: what the terminal cannot show becomes a question mark."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")
