"""Counts as a line of bars."""

from digest.text.sparkline import sparkline


def test_the_tallest_bar_is_the_largest_count() -> None:
    """Zero keeps its place; nothing at all is a flat line; no counts are no line."""
    assert sparkline([0, 1, 2, 4]) == "▁▃▅█"
    assert sparkline([0, 0]) == "▁▁"
    assert sparkline([]) == ""
