"""Lists of authors as listings write them, one string for all."""

from __future__ import annotations

import re

from digest.text.markup import html_to_text
from digest.text.readable import readable

_PARENTHESES = re.compile(r"\s*\([^()]*\)")
_INITIALS = re.compile(r"(?:[^\W\d_]\.?[ -]?){1,4}|Jr\.?|Sr\.?|II|III|IV")
_SEPARATOR = re.compile(r"\s*(?:[,;]\s*(?:and|&)\s+|[,;]|\s+(?:and|&)\s+)\s*")
_AND = re.compile(r"\s*(?:;|,?\s+(?:and|&)\s+)\s*")


def split_names(raw: str) -> tuple[str, ...]:
    """Return the single names of ``A, B and C`` or of ``Kukla, D., Crampton, A.``, affiliations in parentheses gone."""
    text = readable(raw)
    while "(" in text and (shorter := _PARENTHESES.sub("", text)) != text:
        text = shorter
    parts = [part for part in _SEPARATOR.split(text) if part]
    if len(parts) > 1 and len(parts) % 2 == 0 and all(_INITIALS.fullmatch(part) for part in parts[1::2]):
        return tuple(f"{initials} {family}" for family, initials in zip(parts[::2], parts[1::2], strict=True))
    return tuple(part for part in parts if not _INITIALS.fullmatch(part) or len(parts) == 1)


def names(raws: list[str]) -> tuple[str, ...]:
    """Return the names of a field that may be repeated, once per person, or hold all of them at once."""
    if len(raws) == 1:
        return split_names(_without_address(raws[0]))
    return tuple(dict.fromkeys(name for raw in raws if (name := _one(raw))))


def _one(raw: str) -> str:
    """Return one name in natural order (``Kukla, D.`` is ``D. Kukla``)."""
    family, comma, given = readable(_without_address(raw)).partition(", ")
    return f"{given} {family}" if comma and "," not in given else family + comma + given


def _without_address(raw: str) -> str:
    """Return the name of RSS's ``mail@example.org (Name)``."""
    found = re.fullmatch(r"\s*\S+@\S+\s+\((.+)\)\s*", raw)
    return html_to_text(found[1] if found else raw)
