"""``digest export`` and ``digest forget``: what is known of one person, handed out or gone."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from digest.cli.options import State, command
from digest.errors import StoreError, UsageError

if TYPE_CHECKING:
    from digest.app import App
    from digest.model import Subscriber

FORGOTTEN = "(forgotten)"


@command("export")
@click.argument("address")
def export(state: State, address: str) -> None:
    """Write everything that is known of ADDRESS, as JSON lines."""
    with state.app() as app:
        found = app.store.care.export(_known(app, address).address)
    for table, rows in found.items():
        for row in rows:
            state.out.record({"kind": table, **{name: _plain(value) for name, value in row.items()}})


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


@command("forget", dry_run=True, epilog="A keyed hash of the address stays, so that it is never written to again.")
@click.argument("address")
@click.option("--undo", is_flag=True, help="Let the address subscribe again: its owner asked for it.")
def forget(state: State, address: str, undo: bool) -> None:
    """Delete everything that is known of ADDRESS, and never write to it again."""
    from digest.addresses import address as checked

    with state.app() as app:
        if undo:
            _allow(state, app, checked(address))
            return
        subscriber = _found(app, address)
        named = subscriber.address if subscriber else checked(address)
        if state.dry_run:
            _say(state, f"would forget {named}", forgotten=app.store.care.is_forgotten(named, key=app.key))
            return
        # whoever is stopped in between can do it again as long as the store knows the address
        files = _clean(app, named, subscriber)
        app.store.care.forget(named, key=app.key, now=state.clock())
    if state.as_json:
        known = subscriber is not None
        state.out.record({"kind": "summary", "forgotten": True, "known": known, "files": [str(path) for path in files]})
        return
    state.out.text(f"{named} is forgotten" if subscriber else f"nobody has {named}; it is never written to from now on")
    for path in files:
        state.out.text(f"cleaned  {path}")


def _clean(app: App, address: str, subscriber: Subscriber | None) -> list[Path]:
    """Take an address out of all files; raises ``StoreError`` for one that cannot be cleaned."""
    try:
        return [*_remove_files(app, address, subscriber), *_clean_reports(app, address)]
    except OSError as error:
        hint = "mend that, then forget the address again"
        raise StoreError(f"cannot be cleaned: {error.strerror}", place=str(error.filename or ""), hint=hint) from error


def _found(app: App, address: str) -> Subscriber | None:
    from digest.addresses import address as checked

    return app.store.subscribers.find(address) or app.store.subscribers.find(checked(address))


def _known(app: App, address: str) -> Subscriber:
    subscriber = _found(app, address)
    if subscriber is None:
        raise UsageError("nobody has this address", place=address, hint="nothing is known of it")
    return subscriber


def _allow(state: State, app: App, address: str) -> None:
    if state.dry_run:
        _say(state, f"would let {address} subscribe again", forgotten=True)
    elif not app.store.care.readmit(address, key=app.key):
        raise UsageError("this address was not forgotten", place=address, hint="it may subscribe")
    else:
        _say(state, f"{address} may subscribe again", forgotten=False)


def _say(state: State, words: str, *, forgotten: bool) -> None:
    """Say in words, or as JSON whether the address is forgotten now."""
    if state.as_json:
        state.out.record({"kind": "summary", "forgotten": forgotten})
    else:
        state.out.text(words)


def _remove_files(app: App, address: str, subscriber: Subscriber | None) -> list[Path]:
    """Remove the feed files, the mails that were written into a folder or came back, and the engine of all queries.

    The engine is made again from the store without theirs. Where nobody has the address, a mail may still name it.
    """
    from digest.channels import FolderChannel

    mails = FolderChannel(app.config.mail.folder).of(address)
    found = [path for path in mails.glob("*") if path.is_file()]
    found += [*_returned(app, address, subscriber), *(_of_subscriber(app, subscriber) if subscriber else ())]
    for path in found:
        path.unlink(missing_ok=True)
    if mails.is_dir() and not any(mails.iterdir()):
        mails.rmdir()
    return sorted(found)


def _of_subscriber(app: App, subscriber: Subscriber) -> list[Path]:
    from digest.app.published import file_name
    from digest.model import FeedFormat

    folders = [app.config.feeds.folder] if app.config.feeds.folder else []
    feeds = [folder / f"{file_name(subscriber.address)}.{kind}" for folder in folders for kind in FeedFormat]
    engine = app.config.matching.engine_file
    return [*(path for path in feeds if path.is_file()), *([engine] if engine and engine.exists() else [])]


def _returned(app: App, address: str, subscriber: Subscriber | None) -> list[Path]:
    """Return the mails that came back and name a subscriber: by address, or by an address of ours for them."""
    folder = app.config.returned.maildir
    ours = [app.links.address(purpose, subscriber) for purpose in ("bounce", "unsubscribe")] if subscriber else []
    wanted = _naming([address, *ours])
    boxes = [folder / box for box in ("tmp", "new", "cur")] if folder else []
    mails = [path for box in boxes for path in box.glob("*") if path.is_file()]
    return [path for path in mails if wanted.search(path.read_bytes().decode("latin-1"))]


def _naming(names: Iterable[str]) -> re.Pattern[str]:
    """Return what finds names in a text, in any case, where they are not part of another address."""
    any_of = "|".join(map(re.escape, names))
    return re.compile(rf"(?i)(?<![\w.+-])(?:{any_of})(?![\w-]|\.\w)")


def _clean_reports(app: App, address: str) -> list[Path]:
    """Take the address out of the reports of earlier runs, also where it is part of a file's name."""
    from digest.app.published import file_name
    from digest.model import FeedFormat

    folder = app.config.reports.folder
    names = _naming((address, *(f"{file_name(address)}.{kind}" for kind in FeedFormat)))
    cleaned = []
    for path in filter(Path.is_file, sorted(folder.glob("*.*")) if folder else ()):
        try:
            if _cleaned(path, names):
                cleaned.append(path)
        except OSError as error:
            error.filename = str(path)
            raise
    return cleaned


def _cleaned(path: Path, names: re.Pattern[str]) -> bool:
    text = path.read_text(encoding="utf-8", errors="surrogateescape")
    without = names.sub(FORGOTTEN, text)
    if without == text:
        return False
    path.write_text(without, encoding="utf-8", errors="surrogateescape")
    return True
