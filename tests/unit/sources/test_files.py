"""Files and folders somebody named."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from pathlib import Path

from digest.model import Document, Skipped
from digest.sources import FileSource

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def _all(*paths: Path, max_bytes: int = 1000, listed_on: date | None = None) -> list[Document | Skipped]:
    return list(FileSource(paths, max_bytes=max_bytes, listed_on=listed_on).documents(NOW))


def _skipped(path: Path, *, max_bytes: int = 1000) -> Skipped:
    (only,) = _all(path, max_bytes=max_bytes)
    assert isinstance(only, Skipped)
    assert only.where == str(path)
    return only


def test_a_file_is_read_whole_with_its_time_and_the_day_the_caller_gave(tmp_path: Path) -> None:
    """A document carries the bytes as they are, the file's own time in UTC, and the caller's day."""
    file = tmp_path / "mar-2.txt"
    file.write_bytes(b"\xff\x00dump\r\n")
    os.utime(file, (1_700_000_000, 1_700_000_000))
    (document,) = _all(file, listed_on=date(2026, 3, 2))
    assert document == Document(
        source="files",
        name=str(file),
        body=b"\xff\x00dump\r\n",
        listed_on=date(2026, 3, 2),
        modified_at=datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC),
    )


def test_a_folder_is_all_its_files_by_name_without_hidden_ones(tmp_path: Path) -> None:
    """Files below a folder come by name, those of sub-folders after; hidden files and folders are left out."""
    for name in ("b.txt", "a.txt", ".hidden", "sub/c.txt", ".git/config"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(name)
    found = [Path(item.name).name for item in _all(tmp_path) if isinstance(item, Document)]
    assert found == ["a.txt", "b.txt", "c.txt"]


def test_a_missing_file_does_not_cost_the_next_one(tmp_path: Path) -> None:
    """What cannot be read is skipped with place, reason and way out; the other files are read."""
    good = tmp_path / "good.txt"
    good.write_text("x")
    missing, found = _all(tmp_path / "gone.txt", good)
    assert missing == Skipped(str(tmp_path / "gone.txt"), "no such file (check the name)")
    assert isinstance(found, Document)


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    """A FIFO that nobody writes to would hang a plain open for ever."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    assert "no regular file" in _skipped(pipe).reason


def test_a_file_above_the_cap_is_refused_and_says_the_setting(tmp_path: Path) -> None:
    """A file of exactly the cap is read, one byte more is not, and the setting to change is named."""
    file = tmp_path / "large"
    file.write_bytes(b"x" * 1001)
    assert "[ingest] max_megabytes" in _skipped(file).reason
    assert isinstance(_all(file, max_bytes=1001)[0], Document)


def test_a_name_that_no_file_can_have_says_so(tmp_path: Path) -> None:
    """Whatever the system answers is said in words, with the way out."""
    too_long = _skipped(tmp_path / ("x" * 300)).reason
    assert too_long == "cannot be read: File name too long (check the disk and try again)"
    assert _skipped(tmp_path / "a\0b").reason == "no file can have such a name (check the name)"
