"""Lists of authors as listings write them: one string for all, or a field for each."""

from __future__ import annotations

import re

from digest.text.markup import html_to_text
from digest.text.readable import readable

_PARENTHESES = re.compile(r"\s*\([^()]*\)")
_INITIAL = r"(?:[^\W\d_a-z][a-z]?\.|[^\W\d_a-z](?!\w*[a-z]))"
_INITIALS = re.compile(rf"{_INITIAL}(?:[ -]?{_INITIAL}){{0,3}}(?: (?:Jr|Sr)\.?)?")
"""``D.``, ``K. L.-M.``, ``Yu. A.``, ``JA``: capitals only, as short names (Yi Li, Bo Xu) are no initials."""
_SUFFIX = re.compile(r"(?:[Jj]r|[Ss]r)\.?|III?")
_BEFORE_SUFFIX = re.compile(rf"(?:^|,? )({_SUFFIX.pattern})$")
_FAMILY = re.compile(r"(?:[a-z]+ )*\S+")
_SEPARATOR = re.compile(r"\s*(?:[,;、，；]\s*(?:and|&)\s+|[,;、，；]|\s+(?:and|&)\s+|(?<=Collaboration):)\s*")
_LIST = re.compile(r"[,;&:、，；]|\band\b")
_APART = (re.compile(r"\s*;\s*(?:(?:and|&)\s+)?"), re.compile(r"\s+(?:and|&)\s+"))
_OTHERS = re.compile(
    r",?\s*(?:\b(?:and|&)\s+)?(?:(?P<number>\d{1,5})\s+(?:(?:additional|more|other)\s+authors?|others)\b.*"
    r"|\bet\.?\s+al\b\.?(?:\W*(?P<more>\d{1,5})\s+(?:additional|more|other)\b.*)?|\bothers)\s*$",
    re.IGNORECASE | re.DOTALL,
)
_ADDRESS = re.compile(r"\s*\S+@\S+(?:\s+\((?P<name>.+)\))?\s*")


def split_names(raw: str) -> tuple[str, ...]:
    """Return the single names of ``A, B and C``, affiliations in parentheses and "et al." gone.

    ``Kukla, D., Crampton, A.`` are two names, as all that stands in second place are initials.
    """
    text = _without_others(readable(raw))
    while "(" in text and (shorter := _PARENTHESES.sub("", text)) != text:
        text = shorter
    if not _LIST.search(text):
        return (text,) if text else ()
    parts = _parts(text)
    if len(parts) > 1 and len(parts) % 2 == 0 and all(map(_INITIALS.fullmatch, parts[1::2])):
        return tuple(map(_turned, parts[::2], parts[1::2]))
    return tuple(parts)


def count_names(raw: str, names: tuple[str, ...]) -> int | None:
    """Return how many authors a list of names has with those it leaves out; ``None`` where it does not say.

    arXiv ends long lists with ``et al. (97 additional authors not shown)``.
    """
    others = _OTHERS.search(readable(raw)) if _may_leave_out(raw) else None
    if others is None:
        return len(names) or None
    number = others["number"] or others["more"]
    return len(names) + int(number) if number else None


def natural_names(raws: list[str]) -> tuple[str, ...]:
    """Return the names of a field of arXiv's, where no name is turned round and two people may have the same."""
    return tuple(name for raw in raws for name in split_names(_without_address(raw)))


def names(raws: list[str]) -> tuple[str, ...]:
    """Return the names of a field that may be repeated, once per person, or hold all of them at once.

    ``Hopper, Grace`` is one name turned round where it is all of a field, or where others stand beside it with a
    semicolon or "and" between them.
    """
    if len(raws) != 1:
        return tuple(dict.fromkeys(name for raw in raws if (name := _one(raw))))
    text = _without_others(readable(_without_address(raws[0])))
    for apart in _APART:
        parts = apart.split(text)
        if len(parts) > 1 and all(part.count(",") == 1 for part in parts):
            return tuple(map(_one, parts))
    parts = _parts(text)
    is_one = len(parts) == 2 and "," in text and _FAMILY.fullmatch(parts[0])
    return (_one(text),) if is_one else split_names(text)


def _parts(text: str) -> list[str]:
    """Return what separators part; what follows a comma but is no name (``Ada Lovelace, Jr.``) stays at its name."""
    found: list[str] = []
    for part in filter(None, _SEPARATOR.split(text)):
        if found and _SUFFIX.fullmatch(part):
            found[-1] += f" {part}"
        else:
            found.append(part)
    return found


def _one(raw: str) -> str:
    """Return one name in natural order (``Kukla, D.`` is ``D. Kukla``)."""
    family, comma, given = readable(_without_address(raw)).partition(", ")
    if not comma or "," in _BEFORE_SUFFIX.sub("", given):
        return family + comma + given
    return _turned(family, given)


def _turned(family: str, given: str) -> str:
    """Return a name in natural order, a suffix last."""
    suffix = _BEFORE_SUFFIX.search(given)
    return " ".join(filter(None, (given[: suffix.start()] if suffix else given, family, suffix and suffix[1])))


def _without_others(text: str) -> str:
    return _OTHERS.sub("", text) if _may_leave_out(text) else text


def _may_leave_out(text: str) -> bool:
    """Return whether it is worth looking for "et al.": telling it is ten times as fast."""
    small = text.lower()
    return any(map(small.__contains__, ("et al", "et. al", "et\n", "others", "author")))


def _without_address(raw: str) -> str:
    """Return the name of RSS's ``mail@example.org (Name)``, "" for an address alone."""
    found = _ADDRESS.fullmatch(raw) if "@" in raw else None
    name = (found["name"] or "") if found else raw
    return html_to_text(name) if "<" in name or "&" in name else name
