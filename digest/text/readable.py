"""What listings hold (TeX accents, HTML entities, control characters) to Unicode text for people.

``readable`` gives one line, ``readable_abstract`` keeps paragraphs, separated by one newline. Both give
NFC and leave what they do not know as it stands: a half converted formula is worse than a raw one.
"""

from __future__ import annotations

import html
import re
import unicodedata

from digest.text.tex import tex_to_unicode

_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_CONTROLS = re.compile(
    "[\U00100000-\U0010ffff\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
_MARKS = "&\\${~`"
"""What TeX and entities begin with."""
_TELLING = bytes((*range(32), 127, *_MARKS.encode()))
_DASHES = re.compile(r"-(?=-)")
"""One character to look for, so that the search leaps from one to the next."""
_PARAGRAPH = re.compile(r"\n(?=[ \t]*\n|[ \t]{2,}\S)\s*")
_DISPLAY = re.compile(
    r"(?P<before>\s*)(?P<formula>\\\[.{1,2000}?\\\]|\$\$[^$]{1,2000}?\$\$|(?<=\s)\$[ \t]*\n[^$]{1,1000}?\n[ \t]*\$"
    r"|\\begin\{(?P<name>\w+\*?)\}.{1,2000}?\\end\{(?P=name)\})(?P<after>\s*)",
    re.DOTALL,
)
"""A formula on lines of its own, which are indented and yet begin no paragraph."""
_TIMES = re.compile(r"(?<=\d)times(?![A-Za-z])")
"""Hugging Face loses backslashes: ``1.5times faster``."""
_SPECIAL = ("\\", "$", "{", "--", "''", "~", "`")
"""One of these is in every text that holds TeX; looking for them one by one is faster than a pattern."""


def readable(raw: str) -> str:
    """Return ``raw`` as one line of readable text; "" where nothing readable is in it."""
    return raw if _is_plain(raw) else " ".join(_characters(raw).split())


def _is_plain(raw: str) -> bool:
    """Return whether a text is readable as it stands: telling it is faster than taking it apart."""
    return (
        (_is_plain_ascii(raw) if raw.isascii() else _is_plain_unicode(raw))
        and "  " not in raw
        and not ("times" in raw and _TIMES.search(raw))
        and raw[:1] != " " != raw[-1:]
        and not _DASHES.search(raw)
        and not ("'" in raw and "''" in raw)
    )


def _is_plain_ascii(raw: str) -> bool:
    return len(raw.encode().translate(None, _TELLING)) == len(raw)


def _is_plain_unicode(raw: str) -> bool:
    """Return the same of text beyond ASCII: what is printable has no controls, and no blank but the space."""
    return raw.isprintable() and not any(map(raw.__contains__, _MARKS)) and unicodedata.is_normalized("NFC", raw)


def readable_abstract(raw: str) -> str:
    """Return ``raw`` as readable text with its paragraphs (blank line or indented first line) one on each line."""
    if "\n" not in raw and "\r" not in raw:
        return readable(raw)
    text = raw.replace("\r\n", "\n").replace("\r", "\n")
    if "\\[" in text or "$\n" in text or "$$" in text or "\\begin" in text:
        text = _DISPLAY.sub(_in_line, text)
    parts = map(readable, _PARAGRAPH.split(text))
    return "\n".join(part for part in parts if part)


def _in_line(found: re.Match[str]) -> str:
    """Return a formula of several lines as one, in the paragraph it stands in."""
    before, after = ("\n\n" if found[gap].count("\n") > 1 else " " for gap in ("before", "after"))
    return before + " ".join(found["formula"].split()) + after


def _characters(raw: str) -> str:
    text = " ".join(raw.split())
    if "&" in text:
        text = _ENTITY.sub(lambda found: html.unescape(found[0]), text)
    if "times" in text:
        text = _TIMES.sub("×", text)
    plain = text.isascii() and text.isprintable()
    if not plain:
        text = _CONTROLS.sub("", text)
    for mark in _SPECIAL:
        if mark in text:
            text, plain = tex_to_unicode(text), False
            break
    return text if plain else unicodedata.normalize("NFC", text)
