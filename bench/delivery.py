"""Messages delivered per second: ``python -m bench delivery [MESSAGES] [--smtp-sink PATH]``.

Personal digests of 20 papers wait in the outbox of a store on disk (SQLite, ``synchronous=FULL``) and leave by the
product's own way: claimed, rendered, signed, ``handing`` and ``sent`` committed, into ``smtp-sink`` of Postfix on
loopback. In the same run, into the same sink:

* *naive loop*: Jinja2, premailer, ``EmailMessage`` and a new ``smtplib.SMTP`` for each message, nothing signed or
  remembered (``bench.naive``); and *the same with css-inline*;
* *the same job, naively*: the first of them, signed by dkimpy with the same key and headers, and a row committed to
  SQLite (``synchronous=FULL``) before each message leaves and after it has left;
* *rss2email* (where installed: ``pip install rss2email``): one mail for each entry of a feed of one-paper entries;
* *smtplib alone*: ready-made bytes over one kept connection, nothing rendered, signed or remembered.

Hits are drawn as for ``bench rendering``: every reader's own words, or with ``--draw queries`` those of saved queries.
``--ed25519`` signs with that instead of RSA-2048. ``--memory`` delivers 100,000 messages (or as many as are said) and
prints what each process holds in memory on its way.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import smtplib
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import active_children, get_context
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import text

from bench.invented import World
from bench.naive import Naive, by_css_inline, by_premailer
from bench.rendering import AT, PAPERS, TEMPLATES, by_queries, by_words, sentences
from bench.store import fill_readers, peak
from digest.app import App
from digest.config import (
    Config,
    DeliverySettings,
    DkimSettings,
    LinkSettings,
    MailSettings,
    SmtpSettings,
    StoreSettings,
)
from digest.config.settings import MailBy
from digest.model import Composed, Digest, Document, Due, Key, Listing, Message, NextDue, Sighting
from digest.pipeline.ingest import ingest_listing
from tests.postgres import free_port

MESSAGES, NAIVE, ALONE, ENTRIES = 5_000, 150, 3_000, 100
MANY = 100_000
MILESTONES = (1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000)
KEY, SELECTOR = "dkim.pem", "bench"


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench delivery")
    parser.add_argument("messages", type=int, nargs="?")
    parser.add_argument("--smtp-sink", default=shutil.which("smtp-sink", path="/usr/sbin:/usr/bin"))
    parser.add_argument("--connections", type=int, default=4)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--draw", choices=("words", "queries"), default="words")
    parser.add_argument("--ed25519", action="store_true")
    parser.add_argument("--memory", action="store_true")
    chosen = parser.parse_args(arguments)
    if chosen.smtp_sink is None:
        sys.exit("smtp-sink of Postfix is needed (Debian: postfix)")
    (memory if chosen.memory else side_by_side)(chosen)


def side_by_side(chosen: argparse.Namespace) -> None:
    """Print the messages per second of all."""
    with tempfile.TemporaryDirectory() as name, sink(chosen.smtp_sink) as port:
        folder, messages = Path(name), chosen.messages or MESSAGES
        with App.open(config(folder, port, chosen), now=AT) as app:
            waiting(app, messages, chosen.draw, app.renderer.message)
            before, started, busy = peak(), time.perf_counter(), busy_seconds()
            sent = app.deliver().counts()
            spent, busy = time.perf_counter() - started, busy_seconds() - busy
            more = peak() - before
            assert sent == {"sent": messages}, sent
            ours = messages / spent
            some = [app.store.outbox.digest(row.digest_id) for row in app.store.views.outbox(limit=NAIVE)]
            raws = [app.renderer.message(digest).raw for digest in some]
            naive = {inline: Naive(TEMPLATES, app.links, port, inline) for inline in (by_premailer, by_css_inline)}
            looped = {inline: rate(peer.plain, some) for inline, peer in naive.items()}
            same_job = partial(naive[by_premailer].careful, key=rsa_key(), selector=SELECTOR, books=folder / "n.db")
            careful = rate(same_job, some)
        alone = rate(partial(alone_with, port), raws * (ALONE // len(raws)))
        by_rss2email = rss2email(folder / "r2e", port)
    size = sum(map(len, raws)) / len(raws) / 1024
    print(
        f"{messages:,} messages of {size:.0f} KiB, {busy / spent:.1f} cores busy without the sink, "
        f"{busy / messages * 1000:.2f} ms of a core a message; {more:.0f} MiB more in the process that composed"
    )
    figures = {
        "preprint-digest": ours,
        "smtplib alone": alone,
        "naive loop": looped[by_premailer],
        "the same with css-inline": looped[by_css_inline],
        "the same job, naively": careful,
    }
    for what, per_second in (figures | ({"rss2email 3.14": by_rss2email} if by_rss2email else {})).items():
        print(f"{what:<24} {per_second:>7,.1f} messages/s   {ours / per_second:.2f} times as fast is preprint-digest")


def memory(chosen: argparse.Namespace) -> None:
    """Print what each process holds when so many messages have been sent; another process composed them."""
    with tempfile.TemporaryDirectory() as name, sink(chosen.smtp_sink) as port:
        settings, messages = config(Path(name), port, chosen), chosen.messages or MANY
        composer = get_context("spawn").Process(target=compose_cheaply, args=(settings, messages, chosen.draw))
        composer.start()
        composer.join()
        with App.open(settings, now=AT) as app:
            milestones = [upto for upto in MILESTONES if upto <= messages]
            watching = threading.Thread(target=watch, args=(app, milestones), daemon=True)
            watching.start()
            counts = app.deliver().counts()
            assert counts == {"sent": messages}, counts
            watching.join()


def watch(app: App, milestones: Sequence[int]) -> None:
    """Print what this process and its helpers hold in memory whenever so many messages have been sent."""
    started = time.perf_counter()
    for upto in milestones:
        while (sent := sent_so_far(app)) < upto:
            time.sleep(0.05)
        held = " + ".join(f"{resident(pid):.0f}" for pid in (os.getpid(), *sorted(helpers())))
        print(f"{sent:>7,} sent: {held} MiB, after {time.perf_counter() - started:,.0f} s", flush=True)


def compose_cheaply(settings: Config, messages: int, draw: str) -> None:
    """Have so many digests wait, the mails of which were never rendered."""
    with App.open(settings, now=AT) as app:
        waiting(app, messages, draw, unrendered)


def unrendered(digest: Digest) -> Message:
    to = digest.subscriber.address
    return Message(message_id=f"<{to}>", sender="papers@digest.example", recipient=to, subject="", raw=b"")


def sent_so_far(app: App) -> int:
    with app.store.engine.connect() as connection:
        return connection.scalar(text("SELECT max(id) FROM attempts")) or 0


def helpers() -> list[int]:
    return [child.pid for child in active_children() if child.pid is not None]


def resident(pid: int) -> float:
    """Return the MiB of memory that a process holds, 0 when it has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text("ascii")
    except OSError:
        return 0
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def busy_seconds() -> float:
    """Return the CPU time of this process and of the helpers that have ended."""
    helpers = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + helpers.ru_utime + helpers.ru_stime


def config(folder: Path, port: int, chosen: argparse.Namespace) -> Config:
    return replace(
        Config(),
        store=StoreSettings(url=f"sqlite:///{folder}/digest.db"),
        mail=MailSettings(by=MailBy.SMTP, from_address="papers@digest.example"),
        smtp=SmtpSettings(host="127.0.0.1", port=port),
        links=LinkSettings(secret_file=folder / "secret"),
        delivery=DeliverySettings(connections=chosen.connections, processes=chosen.processes),
        **signed(folder, by_rsa=not chosen.ed25519),
    )


def signed(folder: Path, *, by_rsa: bool) -> dict[str, Any]:
    """Return the settings of a signature with RSA-2048 or Ed25519, the key of which is made here."""
    key = rsa_key() if by_rsa else pem(Ed25519PrivateKey.generate())
    (folder / KEY).write_bytes(key)
    return {"dkim": DkimSettings(keys=(f"{SELECTOR}={folder / KEY}",))}


def rsa_key() -> bytes:
    return pem(rsa.generate_private_key(public_exponent=65_537, key_size=2_048))


def pem(key: rsa.RSAPrivateKey | Ed25519PrivateKey) -> bytes:
    kind = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, kind, serialization.NoEncryption())


def waiting(app: App, messages: int, draw: str, message_of: Callable[[Digest], Message]) -> None:
    """Fill a store with readers and a digest for each, waiting in the outbox."""
    fill_readers(app.store, messages)
    papers = [judged.paper for judged in ingest_listing(listing(), app.store.papers, AT)]
    drawn = by_queries(papers, World(7)) if draw == "queries" else by_words(papers)
    after = 0
    while batch := app.store.digests.due(AT, limit=250, after=after):
        after = batch[-1].subscriber.id
        app.store.digests.commit([composed(due, next(drawn), message_of) for due in batch])


def listing() -> Listing:
    world = World(7)
    made = [world.paper() for _ in range(PAPERS)]
    sightings = tuple(
        Sighting(
            title=paper.title,
            abstract=sentences(paper.abstract),
            authors=paper.authors,
            categories=paper.categories,
            upvotes=paper.upvotes,
            keys=(Key(f"arxiv:2611.{number:05}"),),
            where=f"row {number}",
        )
        for number, paper in enumerate(made)
    )
    document = Document(source="bench", name="day", body=b"")
    return Listing(document=document, format="bench", listed_on=AT.date(), sightings=sightings)


def composed(due: Due, drawn: Digest, message_of: Callable[[Digest], Message]) -> Composed:
    """Return a digest that was drawn as one of this reader, whose only subscription takes the queries in turn."""
    (subscription,) = due.subscriptions
    sections = tuple(
        replace(
            section,
            subscription=replace(subscription, query=section.subscription.query, name=section.subscription.name),
        )
        for section in drawn.sections
    )
    digest = replace(drawn, subscriber=due.subscriber, sections=sections)
    tomorrow = AT + timedelta(days=1)
    moved = {subscription.id: NextDue(at=tomorrow, on=tomorrow.date())}
    return Composed(due=due, cursor=PAPERS, next_due=moved, digest=digest, message=message_of(digest))


def alone_with(port: int, raws: Sequence[bytes]) -> None:
    with smtplib.SMTP("127.0.0.1", port) as server:
        for raw in raws:
            server.sendmail("papers@digest.example", ["reader@example.org"], raw)


def rate(send: Callable[[Sequence[Any]], None], things: Sequence[Any]) -> float:
    started = time.perf_counter()
    send(things)
    return len(things) / (time.perf_counter() - started)


def rss2email(folder: Path, port: int) -> float:
    """Return the mails a second of ``r2e run`` over a feed of one-paper entries; 0 where it is not installed."""
    program = shutil.which("r2e", path=f"{Path(sys.executable).parent}:/usr/bin")
    if program is None:
        return 0.0
    folder.mkdir()
    items = (
        f"<item><title>Paper {n}</title><guid>urn:x:{n}</guid><description>{'An abstract of some words. ' * 40}"
        f"</description></item>"
        for n in range(ENTRIES)
    )
    feed = f'<?xml version="1.0"?><rss version="2.0"><channel><title>x</title>{"".join(items)}</channel></rss>'
    (folder / "feed.xml").write_text(feed)
    with served(folder) as address:
        base = [program, "-c", str(folder / "r2e.cfg"), "-d", str(folder / "r2e.json")]
        subprocess.run([*base, "new", "reader@example.org"], check=True, capture_output=True)
        smtp = f"email-protocol = smtp\nsmtp-server = 127.0.0.1:{port}\nfrom = papers@digest.example\n"
        cfg = (folder / "r2e.cfg").read_text()
        kept = [line for line in cfg.splitlines() if not line.startswith(("email-protocol", "smtp-server", "from ="))]
        (folder / "r2e.cfg").write_text("\n".join(kept).replace("[DEFAULT]", f"[DEFAULT]\n{smtp}", 1) + "\n")
        subprocess.run([*base, "add", "papers", f"{address}/feed.xml"], check=True, capture_output=True)
        started = time.perf_counter()
        subprocess.run([*base, "run"], check=True, capture_output=True)
        return ENTRIES / (time.perf_counter() - started)


class Quiet(SimpleHTTPRequestHandler):
    """Serves files, and says nothing of it."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name it has there
        pass


@contextmanager
def served(folder: Path) -> Iterator[str]:
    handler = partial(Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@contextmanager
def sink(program: str) -> Iterator[int]:
    """Run ``smtp-sink`` on a free port."""
    port = free_port()
    process = subprocess.Popen([program, "-u", "nobody", f"127.0.0.1:{port}", "1000"])
    try:
        for _ in range(500):
            try:
                smtplib.SMTP("127.0.0.1", port).quit()
                break
            except OSError:
                time.sleep(0.01)
        yield port
    finally:
        process.terminate()
        process.wait()
