"""Real daily listings for the replays of ``bench.identity``, read from git directories that the caller has cloned.

* ``2404589803/hf-daily-paper-newsletter-chinese``: answers of the Hugging Face daily papers API, one a day;
* ``dw-dengwei/daily-arXiv-ai-enhanced``: arXiv's daily listings, branch ``data``; the branches of its pull requests
  hold other people's dumps of more categories on the same days (``git fetch origin 'refs/pull/*:refs/pull/*'``).

Nothing of it is kept in the project. Objects that a clone lacks are left out and counted.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from digest import ids, parsers
from digest.model import Document, Listing, Sighting
from digest.text.readable import readable, readable_abstract

_HF_FILE = re.compile(r"Paper_metadata_download/(\d{4}-\d\d-\d\d)\.json")
_ARXIV_FILE = re.compile(r"data/(\d{4}-\d\d-\d\d)\.jsonl")
_SEEN_BY = ("HEAD", "refs/heads/data")


@dataclass(frozen=True, slots=True)
class Day:
    """One listing of one day, with the true arXiv number of every sighting; ``main``: no pull request's."""

    day: str
    source: str
    main: bool
    listing: Listing
    truth: tuple[str, ...]


def read(folders: Sequence[str]) -> list[Day]:
    """Return every day of the git directories, in order of time."""
    days = [day for folder in folders for day in _read(folder)]
    return sorted(days, key=lambda day: (day.day, day.source, not day.main))


def hidden(listing: Listing, *, abstracts: bool) -> Listing:
    """Return a listing as a dump that carries only titles, and abstracts or not."""
    shown = (
        Sighting(title=sighting.title, abstract=sighting.abstract if abstracts else "", where=sighting.where)
        for sighting in listing.sightings
    )
    return replace(listing, sightings=tuple(shown))


def _read(folder: str) -> Iterator[Day]:
    blobs: dict[str, tuple[str, str, bool]] = {}
    for ref in ("HEAD", *_git(folder, "for-each-ref", "--format=%(refname)").split()):
        for line in _git(folder, "ls-tree", "-r", ref).splitlines():
            meta, _, path = line.partition("\t")
            if found := _HF_FILE.fullmatch(path) or _ARXIV_FILE.fullmatch(path):
                blobs.setdefault(meta.split()[2], (path, found[1], ref in _SEEN_BY))
    contents = dict(_contents(folder, list(blobs)))
    print(f"{Path(folder).parent.name}: {len(contents)} days, {len(blobs) - len(contents)} missing in this clone")
    for blob, body in contents.items():
        path, day, main = blobs[blob]
        yield _hf_day(path, day, body) if path.endswith(".json") else _arxiv_day(path, day, body, main=main)


def _hf_day(path: str, day: str, body: bytes) -> Day:
    listing = parsers.parse(Document(source="hf", name=path, body=body))
    truth = tuple(ids.arxiv_number(sighting.keys[0]) or "" for sighting in listing.sightings)
    return Day(day, "hf", True, replace(listing, document=replace(listing.document, body=b"")), truth)


def _arxiv_day(path: str, day: str, body: bytes, *, main: bool) -> Day:
    rows = [row for line in body.decode().splitlines() if (row := _row(line))]
    sightings = tuple(_arxiv_sighting(row, number) for number, row in enumerate(rows, 1))
    listing = Listing(
        document=Document(source="arxiv", name=path, body=b""), format="jsonl", listed_on=None, sightings=sightings
    )
    return Day(day, "arxiv", main, listing, tuple(ids.arxiv_number(sighting.keys[0]) or "" for sighting in sightings))


def _row(line: str) -> dict[str, object] | None:
    try:
        row = json.loads(line)
    except json.JSONDecodeError:
        return None
    return row if isinstance(row, dict) and row.get("title") and ids.arxiv(str(row.get("id"))) else None


def _arxiv_sighting(row: dict[str, object], number: int) -> Sighting:
    identifier = ids.arxiv(str(row["id"]))
    assert identifier
    authors = row.get("authors")
    raw_title, raw_abstract = str(row["title"]), str(row.get("summary") or "")
    return Sighting(
        title=readable(raw_title),
        abstract=readable_abstract(raw_abstract),
        authors=tuple(map(str, authors)) if isinstance(authors, list) else (),
        keys=(identifier.key,),
        where=f"line {number}",
        raw_title=raw_title,
        raw_abstract=raw_abstract,
    )


def _contents(folder: str, blobs: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    command = ["git", f"--git-dir={folder}", "cat-file", "--batch"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as git:
        assert git.stdin
        assert git.stdout
        for blob in blobs:
            git.stdin.write(f"{blob}\n".encode())
            git.stdin.flush()
            answer = git.stdout.readline().split()
            if answer[1] != b"missing":
                yield blob, git.stdout.read(int(answer[2]))
                git.stdout.read(1)
        git.stdin.close()


def _git(folder: str, *command: str) -> str:
    done = subprocess.run(["git", f"--git-dir={folder}", *command], capture_output=True, text=True, check=True)
    return done.stdout
