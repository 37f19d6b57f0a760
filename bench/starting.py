"""From stored subscriptions to an engine that is ready, each start a process of its own; and one of them changed.

``python -m bench starting [COUNT] [--url=URL] [--papers=N]``: an empty database is filled with subscriptions (invented
queries, with names, categories and numbers), unless a URL names one that was. Then *cold*: there is no engine file, and
every query is read and compiled. *Warm*: there is one, and every query of the store is compared with it. *Changed*: one
subscription in the store and in the engine, live at the next match. Times are CPU seconds of the whole process, from
before the program's own imports, and in brackets seconds on the clock; memory is the process's peak.
"""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

BEGUN, BEGUN_ON_THE_CLOCK = time.process_time(), time.perf_counter()
NOW = datetime(2026, 11, 20, 6, tzinfo=UTC)
CHANGES = 200


def main(arguments: list[str]) -> None:
    count = next((int(argument) for argument in arguments if argument.isdigit()), 1_000_000)
    options = dict(argument[2:].partition("=")[::2] for argument in arguments if argument.startswith("--"))
    papers = int(options.get("papers") or 1_000)
    if "start" in options:
        print(json.dumps(_start(options["url"], Path(options["file"]), papers)))
        return
    with TemporaryDirectory() as folder:
        url, file = options.get("url") or f"sqlite:///{folder}/digest.db", Path(folder) / "engine"
        _fill(url, count)
        print(f"{count:,} subscriptions in {url.partition(':')[0]}")
        here = [sys.executable, "-m", "bench", "starting"]
        for name in ("cold", "warm", "warm"):
            ready = subprocess.run(
                [*here, "--start", f"--url={url}", f"--file={file}", f"--papers={papers}"],
                check=True,
                capture_output=True,
                text=True,
            ).stdout
            print(f"  {name}: {_said(json.loads(ready))}; the file has {file.stat().st_size / 2**20:.0f} MiB")


def _said(found: dict[str, Any]) -> str:
    clock = found["ready_on_the_clock"]
    return (
        f"ready after {found['ready']:.2f} s ({clock:.2f}), {found['compiled']:,} of {found['size']:,} compiled, "
        f"peak {found['peak']:.2f} GiB; then a day of {found['papers']:,} papers in {found['matched']:.2f} s, "
        f"{found['hits']:,} hits; one changed: in the engine {found['put'] * 1e6:.0f} µs, with its commit to the store "
        f"{found['changed'] * 1e3:.2f} ms (median of {CHANGES}), dropped {found['dropped'] * 1e6:.0f} µs; "
        f"put away in {found['kept']:.2f} s"
    )


def _start(url: str, file: Path, papers: int) -> dict[str, Any]:
    """Start as the program does, and say what it took."""
    from digest.app import App
    from digest.config import Config, MatchingSettings, StoreSettings

    app = App.open(Config(store=StoreSettings(url=url), matching=MatchingSettings(engine_file=file)), now=NOW)
    app.make_ready()
    found = {
        "ready": time.process_time() - BEGUN,
        "ready_on_the_clock": time.perf_counter() - BEGUN_ON_THE_CLOCK,
        "size": len(app.matcher),
        "compiled": app.matcher.changes,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
    }
    found |= _matched(app, papers) | _changed(app)
    start = time.process_time()
    app.close()
    return found | {"kept": time.process_time() - start}


def _matched(app: Any, papers: int) -> dict[str, Any]:
    from bench.invented import World

    world = World()
    day = [world.paper() for _ in range(papers)]
    start = time.process_time()
    hits = app.matcher.match(day)
    return {"papers": papers, "hits": hits.total, "matched": time.process_time() - start}


def _changed(app: Any) -> dict[str, float]:
    """Change subscriptions one by one, in the store and in the engine, and back again; drop one and put it back."""
    some = list(islice(_some(app), CHANGES))
    seconds: list[tuple[float, float, float]] = []
    for one in some:
        start = time.process_time()
        app.store.subscribers.update(replace(one, query=f'changed{one.id} OR "{one.id} times" -title:once'))
        stored = time.process_time()
        app.matcher.put(one.id, f'changed{one.id} OR "{one.id} times" -title:once')
        put = time.process_time()
        app.matcher.drop(one.id)
        seconds.append((put - start, put - stored, time.process_time() - put))
        app.store.subscribers.update(one)
        app.matcher.put(one.id, one.query)
    changed, put, dropped = (statistics.median(column) for column in zip(*seconds, strict=True))
    return {"changed": changed, "put": put, "dropped": dropped}


def _some(app: Any) -> Iterator[Any]:
    for number in range(1, 100_000, 501):
        yield from (one for _, one in app.store.subscribers.subscriptions(number))


def _fill(url: str, count: int) -> None:
    from bench.invented import World
    from bench.store import fill_readers
    from digest.store import SqlStore

    with SqlStore.open(url) as store:
        if not store.views.counts()["subscriptions"]:
            fill_readers(store, count, World().query)
