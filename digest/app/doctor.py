"""Everything that can be looked at to say whether the program is well: one finding for each, with the way out."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from digest.config.settings import MailBy
from digest.errors import DigestError
from digest.model import ChannelName
from digest.pipeline.deliver import Doubt

if TYPE_CHECKING:
    from digest.app.wiring import App
    from digest.config import Config

STALE = timedelta(days=4)
"""A source that gave nothing for longer than a long weekend is worth a look."""


class Health(StrEnum):
    """How bad a finding is."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one look found: about what, how bad, in words, and what to do."""

    about: str
    health: Health
    detail: str
    hint: str = ""


def _ok(about: str, detail: str) -> Finding:
    return Finding(about, Health.OK, detail)


def examine(config: Config, open_app: Callable[[], App]) -> Iterator[Finding]:
    """Yield a finding for each thing looked at; the store comes first, without it there is no more to see."""
    yield _ok("settings", config.file or "the built-in ones")
    yield from map(_folder, _folders(config))
    try:
        app = open_app()
    except DigestError as error:
        yield Finding("store", Health.PROBLEM, str(error))
        return
    with app:
        for look in (_store, _queries, _outbox, _sources, _templates, _mail, _evidence, _dkim, _links):
            try:
                yield from look(app)
            except DigestError as error:
                yield Finding(look.__name__.strip("_"), Health.PROBLEM, str(error))


def _folders(config: Config) -> list[tuple[str, Path]]:
    named = [("mail folder", config.mail.folder)] if config.mail.by is MailBy.FOLDER else []
    named += [("feeds", config.feeds.folder)] if config.feeds.folder else []
    named += [("reports", config.reports.folder)] if config.reports.folder else []
    return named


def _folder(named: tuple[str, Path]) -> Finding:
    about, path = named
    nearest = next((p for p in (path, *path.absolute().parents) if p.exists()), Path("/"))
    if nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK):
        return _ok(about, f"{path} can be written" if path.exists() else f"{path} will be made")
    return Finding(about, Health.PROBLEM, f"{nearest} cannot be written", "change its rights, or the setting")


def _store(app: App) -> Iterator[Finding]:
    damage = _damage(app)
    counts = app.store.views.counts()
    if damage:
        yield Finding("store", Health.PROBLEM, f"the database is damaged: {damage}", "restore the last backup")
    else:
        yield _ok("store", f"{counts['papers']:,} papers, readers: {counts['subscribers']:,}")


def _damage(app: App) -> str:
    """Return "" where the database finds no damage in itself, else what it says; only SQLite can be asked."""
    if app.store.engine.dialect.name != "sqlite":
        return ""
    with app.store.engine.connect() as connection:
        said = str(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar())
    return "" if said == "ok" else said


def _queries(app: App) -> Iterator[Finding]:
    from digest.query import parse

    count = 0
    for owner, subscription in app.store.subscribers.subscriptions():
        count += 1
        try:
            parse(subscription.query)
        except DigestError as error:
            hint = f"digest subscriptions edit {subscription.id} --query …"
            yield Finding(f"query {subscription.id} of {owner.address}", Health.PROBLEM, str(error), hint)
    if not count:
        yield Finding("queries", Health.WARNING, "nobody is subscribed", "digest subscribe ADDRESS QUERY")
    else:
        yield _ok("queries", f"{count:,} saved")


def _outbox(app: App) -> Iterator[Finding]:
    counts = app.store.views.counts()
    bad = {state: counts.get(f"outbox.{state}", 0) for state in ("failed", "ambiguous", "expired")}
    said = ", ".join(f"{count} {state}" for state, count in bad.items() if count)
    if said:
        yield Finding("outbox", Health.WARNING, said, "digest outbox list")
    waiting = app.waiting()
    yield _ok("outbox", f"{waiting:,} waiting" if waiting else "nothing waits")


def _sources(app: App) -> Iterator[Finding]:
    if not app.config.sources:
        yield Finding("sources", Health.WARNING, "none is configured", "add one to [sources]")
    for settings in app.config.sources:
        state = app.store.sources.get(settings.name)
        about = f"source {settings.name}"
        if state.error:
            yield Finding(about, Health.WARNING, state.error, f"digest sources check {settings.name}")
        elif state.succeeded_at and app.clock() - state.succeeded_at > STALE:
            silent = f"last heard of on {state.succeeded_at:%Y-%m-%d}"
            yield Finding(about, Health.WARNING, silent, f"digest sources check {settings.name}")
        else:
            yield _ok(about, state.gave or settings.kind)


def _templates(app: App) -> Iterator[Finding]:
    from digest.app.sample import sample

    with sample(app.config) as (aside, digest):
        aside.renderer.message(digest)
        aside.renderer.page(digest)
        troubles = aside.template_troubles()
    for trouble in troubles:
        yield Finding("templates", Health.PROBLEM, f"{trouble}; the shipped one serves", "digest templates check")
    if not troubles:
        yield _ok("templates", str(app.config.templates.folder or "the shipped ones"))


def _mail(app: App) -> Iterator[Finding]:
    from digest.channels import SmtpChannel

    if app.config.mail.by is MailBy.FOLDER:
        yield _ok("mail", f"written to {app.config.mail.folder}, sent to nobody")
        return
    channel = app.channel(ChannelName.EMAIL)
    if isinstance(channel, SmtpChannel):
        channel.reach()
    smtp = app.config.smtp
    yield _ok("mail", f"by {smtp.host}:{smtp.port} ({smtp.security})")
    if smtp.security == "none" and "/" not in smtp.host and smtp.host not in {"localhost", "127.0.0.1", "::1"}:
        yield Finding("mail", Health.WARNING, "mail leaves this machine unencrypted", '[smtp] security = "starttls"')


def _evidence(app: App) -> Iterator[Finding]:
    """Look whether doubt can be settled, before there is one; raises ``ConfigError`` where nobody could."""
    if app.config.delivery.doubt is not Doubt.EVIDENCE:
        return
    log = app.config.evidence.postfix_log
    try:
        _ = app.outgoing.evidence  # which says what is missing
        if log is not None:
            log.open("rb").close()
    except OSError as error:
        lost = f"the log {log} cannot be read, so messages in doubt are held: {error.strerror}"
        yield Finding("evidence", Health.PROBLEM, lost, "let the program read it, or see [evidence] postfix_log")
    else:
        yield _ok("evidence", f"by the log {log}")


def _dkim(app: App) -> Iterator[Finding]:
    from digest.channels.dkim import load
    from digest.channels.dkim.keys import quoted

    settings, domain = app.config.dkim, app.config.dkim.domain or app.config.mail.mail_domain
    for key in load(settings.files):
        yield _ok("dkim", f"publish {key.selector}._domainkey.{domain}. TXT {quoted(key.record())}")
    if app.config.mail.by is MailBy.SMTP and not settings.keys:
        lost = "mails are not signed here; large mail hosts refuse what nobody signs"
        yield Finding("dkim", Health.WARNING, lost, "[dkim] keys, unless your mail server signs")


def _links(app: App) -> Iterator[Finding]:
    app.links  # noqa: B018 - makes or reads the key, and says what is wrong with it
    file = app.config.links.secret_file
    if file.stat().st_mode & 0o077:
        yield Finding("links", Health.WARNING, f"{file} can be read by others", f"chmod 600 {file}")
    if app.config.mail.by is MailBy.SMTP and not app.config.web.base_url:
        lost = "mails carry no one-click unsubscribe link, which large mail hosts ask for"
        yield Finding("links", Health.WARNING, lost, "set [web] base_url and run digest serve")
    else:
        yield _ok("links", app.config.web.base_url or "no web address: mails carry no web links")
