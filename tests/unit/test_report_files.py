"""Reports as files: none is written over, and the oldest go first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from digest.app.report import RunReport, write

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_the_oldest_reports_go_first_those_of_one_second_in_their_order(tmp_path: Path) -> None:
    """Twelve of one second and one of the next, three kept: the last three that were written; other files stay."""
    (tmp_path / "2026-notes-of-Zoe.txt").write_text("mine", encoding="utf-8")
    for seconds in [0] * 12 + [1]:
        write(RunReport(at=NOW + timedelta(seconds=seconds)), tmp_path, keep=3)
    for ending in ("txt", "jsonl"):
        left = {path.stem for path in tmp_path.glob(f"2026-11*.{ending}")}
        assert left == {"2026-11-20T12-00-00Z-11", "2026-11-20T12-00-00Z-12", "2026-11-20T12-00-01Z"}
    assert (tmp_path / "2026-notes-of-Zoe.txt").exists()
