"""Matched words highlighted in text that is on its way into HTML."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from markupsafe import Markup, escape

from digest.model import Span

MARK = "<mark>"
"""The tag that highlights, as a template has it."""
Places = Sequence[tuple[int, int]]
"""Stretches of a text to highlight: code points [start, end), in order, not overlapping."""


def places(spans: Sequence[Span], field: str, length: int) -> tuple[tuple[int, int], ...]:
    """Return where a field of ``length`` code points is to be highlighted; what overlaps or stands outside is cut."""
    found: list[tuple[int, int]] = []
    at = 0
    for name, start, end in spans:
        if name == field:
            if start < at or end > length or start >= end:
                return mended(spans, field, length)
            found.append((start, end))
            at = end
    return tuple(found)


def mended(spans: Sequence[Span], field: str, length: int) -> tuple[tuple[int, int], ...]:
    """Return where a field is to be highlighted, what overlaps or stands outside cut off."""
    found: list[tuple[int, int]] = []
    at = 0
    for span in sorted(span for span in spans if span.field == field):
        first, last = max(span.start, at), min(span.end, length)
        if first < last:
            found.append((first, last))
            at = last
    return tuple(found)


def highlighted(text: str, spans: Sequence[Span]) -> Markup:
    """Return text as HTML with the spans, whatever field they are of, marked."""
    where = places([Span("", span.start, span.end) for span in spans], "", len(text))
    return Markup(marked(text, 0, len(text), where))  # noqa: S704 - every piece is escaped


def marked(
    text: str, start: int, end: int, where: Places, opening: str = MARK, escaped: Callable[[str], str] = escape
) -> str:
    """Return ``text[start:end]`` as HTML, highlighted; ``where`` counts in the whole text."""
    parts: list[str] = []
    at = start
    for first, last in where:
        first, last = max(first, at), min(last, end)  # noqa: PLW2901 - cut to this stretch
        if first < last:
            parts += (escaped(text[at:first]), opening, escaped(text[first:last]), "</mark>")
            at = last
    parts.append(escaped(text[at:end]))
    return "".join(parts)


def html_text(text: str) -> str:
    """Return text as an HTML serialiser writes it (HTML standard, 13.3)."""
    return text.replace("&", "&amp;").replace("\xa0", "&nbsp;").replace("<", "&lt;").replace(">", "&gt;")
