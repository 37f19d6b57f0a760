"""The watched folder: each file once, never half."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from digest.errors import SourceError
from digest.model import Document, Skipped
from digest.sources import InboxSource
from digest.sources.writers import has_writer

T0 = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
QUIET = timedelta(seconds=2)
LONG_AGO = (T0 - timedelta(hours=1)).timestamp()
AHEAD = (T0 + timedelta(hours=5)).timestamp()

Drop = Callable[..., Path]


@pytest.fixture
def inbox(tmp_path: Path) -> InboxSource:
    """Return an inbox over a folder that is not there yet."""
    return InboxSource(tmp_path / "inbox", quiet=QUIET, max_bytes=100)


@pytest.fixture
def drop(inbox: InboxSource) -> Drop:
    """Return a function that puts a file into the inbox, last changed at a given time."""

    def put(name: str, body: str = "dump", *, at: float = LONG_AGO) -> Path:
        inbox.folder.mkdir(parents=True, exist_ok=True)
        path = inbox.folder / name
        path.write_text(body)
        os.utime(path, (at, at))
        return path

    return put


def _look(inbox: InboxSource, now: datetime = T0) -> list[Document]:
    found = list(inbox.documents(now))
    assert all(isinstance(item, Document) for item in found)
    return [item for item in found if isinstance(item, Document)]


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.is_file())


def test_the_folder_is_made_where_it_is_missing(inbox: InboxSource) -> None:
    """A fresh installation has an inbox after the first look, and nothing in it."""
    assert _look(inbox) == []
    assert inbox.folder.is_dir()


def test_a_file_left_alone_is_read_and_moved_to_done(inbox: InboxSource, drop: Drop) -> None:
    """An old file is read at the first look; once stored it stands in done/ and is not read again."""
    path = drop("dump.txt")
    (document,) = _look(inbox)
    assert (document.name, document.body, document.source) == (str(path), b"dump", "inbox")
    assert document.modified_at == T0 - timedelta(hours=1)
    inbox.done(document)
    assert _names(inbox.folder / "done") == ["dump.txt"]
    assert _look(inbox) == []


def test_a_fresh_file_waits_until_two_looks_agree(inbox: InboxSource, drop: Drop) -> None:
    """A file whose time says nothing (a clock ahead of ours) is read when it looks the same after the quiet time."""
    path = drop("dump.txt", at=AHEAD)
    assert _look(inbox) == []
    assert list(inbox.waiting) == [path]
    assert _look(inbox, T0 + timedelta(seconds=1)) == []
    assert len(_look(inbox, T0 + timedelta(seconds=2))) == 1
    assert not inbox.waiting


def test_a_growing_file_is_not_read_before_it_has_stopped_growing(inbox: InboxSource, drop: Drop) -> None:
    """Each change starts the quiet time anew."""
    drop("dump.txt", "half", at=AHEAD)
    assert _look(inbox) == []
    drop("dump.txt", "half and whole", at=AHEAD)
    assert _look(inbox, T0 + timedelta(seconds=3)) == []
    assert [d.body for d in _look(inbox, T0 + timedelta(seconds=5))] == [b"half and whole"]


def test_a_file_somebody_has_open_for_writing_is_not_read(inbox: InboxSource, drop: Drop) -> None:
    """A writer that pauses longer than the quiet time does not get its half file read."""
    path = drop("dump.txt", "half")
    with path.open("a") as writer:
        if not has_writer(path):
            pytest.skip("this file system cannot tell who writes")
        assert _look(inbox) == []
        writer.write(" and whole")
    os.utime(path, (LONG_AGO, LONG_AGO))
    assert [d.body for d in _look(inbox)] == [b"half and whole"]


def test_a_file_that_changed_after_it_was_read_stays_and_is_read_again(inbox: InboxSource, drop: Drop) -> None:
    """A writer that comes back after the read loses nothing: the file is not moved away under it."""
    drop("dump.txt", "half")
    (half,) = _look(inbox)
    drop("dump.txt", "half and whole")
    inbox.done(half)
    assert [d.body for d in _look(inbox)] == [b"half and whole"]


@pytest.mark.parametrize("name", [".hidden", "dump.txt.part", "dump.crdownload", "dump.txt~", ".dump.txt.swp", "x.tmp"])
def test_hidden_and_temporary_names_are_ignored(inbox: InboxSource, drop: Drop, name: str) -> None:
    """Editors and browsers write under such names first and rename when they are ready."""
    drop(name)
    assert _look(inbox) == []


def test_folders_and_pipes_are_ignored(inbox: InboxSource, drop: Drop) -> None:
    """Only files are dumps; done/ and failed/ are never read again."""
    drop("dump.txt")
    os.mkfifo(inbox.folder / "pipe")
    (inbox.folder / "done").mkdir()
    (inbox.folder / "done" / "old.txt").write_text("old")
    assert [Path(d.name).name for d in _look(inbox)] == ["dump.txt"]


def test_equal_names_do_not_replace_one_another_in_done(inbox: InboxSource, drop: Drop) -> None:
    """A dump that has the same name every day is kept every day."""
    for day in range(3):
        drop("today.html.txt", f"day {day}")
        (document,) = _look(inbox)
        inbox.done(document)
    done = inbox.folder / "done"
    assert _names(done) == ["today-2.html.txt", "today-3.html.txt", "today.html.txt"]
    assert {path.read_text() for path in done.iterdir()} == {"day 0", "day 1", "day 2"}


def test_a_refused_file_goes_to_failed_with_the_reason(inbox: InboxSource, drop: Drop) -> None:
    """Whoever put the file there finds it again, and beside it why it is no listing."""
    drop("notes.txt")
    (document,) = _look(inbox)
    inbox.refused(document, "notes.txt: is no listing we know")
    failed = inbox.folder / "failed"
    assert _names(failed) == ["notes.txt", "notes.txt.reason.txt"]
    assert (failed / "notes.txt.reason.txt").read_text() == "notes.txt: is no listing we know\n"
    assert _look(inbox) == []


def test_a_file_that_cannot_be_read_is_skipped_and_set_aside_when_refused(inbox: InboxSource, drop: Drop) -> None:
    """Looking changes nothing (a dry run looks too); refusing moves the file out of the way."""
    drop("huge.txt", "x" * 101)
    (skipped,) = inbox.documents(T0)
    assert isinstance(skipped, Skipped)
    assert _names(inbox.folder) == ["huge.txt"]
    inbox.refused(skipped, skipped.reason)
    assert "max_megabytes" in (inbox.folder / "failed" / "huge.txt.reason.txt").read_text()


def test_done_twice_and_done_after_a_crash_are_harmless(inbox: InboxSource, drop: Drop) -> None:
    """A new process may be told again of a file its predecessor has moved, or has stored and not moved."""
    path = drop("dump.txt")
    (document,) = _look(inbox)
    successor = InboxSource(inbox.folder, quiet=QUIET)
    successor.done(document)
    inbox.done(document)
    assert not path.exists()
    assert _names(inbox.folder / "done") == ["dump.txt"]


def test_a_move_that_was_cut_in_half_is_finished_without_a_second_copy(inbox: InboxSource, drop: Drop) -> None:
    """Killed between link and unlink the file stands in both places; the next move takes the first away."""
    path = drop("dump.txt")
    (inbox.folder / "done").mkdir()
    os.link(path, inbox.folder / "done" / "dump.txt")
    (document,) = _look(inbox)
    inbox.done(document)
    assert _names(inbox.folder) == []
    assert _names(inbox.folder / "done") == ["dump.txt"]


def test_a_folder_that_cannot_be_is_a_source_error_with_the_way_out(tmp_path: Path) -> None:
    """A file where the inbox should be: the error names the source and the place."""
    (tmp_path / "inbox").write_text("no folder")
    with pytest.raises(
        SourceError, match=r"source inbox: .*inbox: the folder cannot be watched: .* \(make it a folder"
    ):
        list(InboxSource(tmp_path / "inbox").documents(T0))
