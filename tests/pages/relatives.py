"""What becomes of a page's text when it is printed, mailed, indented or copied by other software."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from random import Random

Relative = Callable[[Random, list[str], Collection[str]], str]
"""Makes one text of the rows of a page; it is told which rows are titles."""

_MARKS = re.compile(r"\d+ authors|[A-Z][a-z]{2} \d")
_STRUCTURE = ("#", "[", "]", "·", "*", "-")


def _before(mark: str) -> Relative:
    """Put a mark before every row."""
    return lambda random, rows, titles: "\n".join(f"{mark}{row}".rstrip() if row else mark.rstrip() for row in rows)


def _between(separator: str) -> Relative:
    """End rows with something else."""
    return lambda random, rows, titles: separator.join(rows)


def _around(first: str, last: str = "") -> Relative:
    """Put characters nobody sees around some rows."""
    return lambda random, rows, titles: "\n".join(
        f"{first}{row}{last}" if row and random.random() < 0.3 else row for row in rows
    )


def _within(random: Random, rows: list[str], titles: Collection[str]) -> str:
    """Put a space of no width behind some blanks."""
    return "\n".join(row.replace(" ", " \u200b", 1) if random.random() < 0.3 else row for row in rows)


def _paged(foot: Callable[[int], str]) -> Relative:
    """Put the foot of a page between blank rows now and then."""

    def paged(random: Random, rows: list[str], titles: Collection[str]) -> str:
        found: list[str] = []
        for row in rows:
            found += [row] if row or random.random() > 0.04 else [row, foot(len(found)), ""]
        return "\n".join(found)

    return paged


def _feeds(random: Random, rows: list[str], titles: Collection[str]) -> str:
    """Begin some rows on a new page."""
    return "\n".join(f"\x0c{row}" if random.random() < 0.03 else row for row in rows)


def _bulleted(random: Random, rows: list[str], titles: Collection[str]) -> str:
    """Put a bullet before titles that are not themselves counts or days."""
    bullet = random.choice("•‣◦▪")
    return "\n".join(f"{bullet} {row}" if row in titles and not _MARKS.match(row) else row for row in rows)


def _flowed(random: Random, rows: list[str], titles: Collection[str]) -> str:
    """End rows that go on with a blank, as mail programs do (RFC 3676, format=flowed)."""
    pairs = zip(rows, [*rows[1:], ""], strict=True)
    return "\n".join(
        f"{row} " if following and len(row) > 50 and not row.startswith(_STRUCTURE) else row for row, following in pairs
    )


def _printed(number: int) -> str:
    """Return what a browser prints between two pages: the foot of one and the head of the next."""
    return f"https://huggingface.co/papers {number % 90 + 1}/97\n11/21/26, 10:12 AM Daily Papers - Hugging Face"


def _on_top(*choices: tuple[str, ...]) -> Relative:
    """Put what another site, or another year, has above the page; rows apart where the page's are."""

    def topped(random: Random, rows: list[str], titles: Collection[str]) -> str:
        more = random.sample(choices, random.randint(1, len(choices)))
        return "\n".join([*_like(rows, [row for choice in more for row in choice]), *rows])

    return topped


def _below(*choices: tuple[str, ...]) -> Relative:
    """Put what another site, or another year, has below the page."""

    def footed(random: Random, rows: list[str], titles: Collection[str]) -> str:
        more = random.sample(choices, random.randint(1, len(choices)))
        return "\n".join([*rows, *_like(rows, [row for choice in more for row in choice])])

    return footed


def _like(rows: list[str], more: list[str]) -> list[str]:
    """Return rows with blank ones between them, if those of the page have."""
    return [part for row in more for part in (row, "")] if "" in rows else more


def _words_apart(blank: str) -> Relative:
    """Write some blanks in another way."""
    return lambda random, rows, titles: "\n".join(
        blank.join(row.split(" ", 2)) if row[:1] not in ("", " ") and random.random() < 0.3 else row for row in rows
    )


def _spread(random: Random, rows: list[str], titles: Collection[str]) -> str:
    """Put several blank rows where there was one."""
    return "\n".join(row or "\n" * random.randint(0, 4) for row in rows)


RELATIVES: dict[str, Relative] = {
    "quoted in a mail": _before("> "),
    "quoted twice": _before("> > "),
    "behind a bar": _before("| "),
    "indented": _before("    "),
    "indented by tabs": _before("\t"),
    "lines end in U+2028": _between("\u2028"),
    "lines end in U+0085": _between("\x85"),
    "lines end in a vertical tab": _between("\x0b"),
    "spaces of no width before rows": _around("\u200b"),
    "spaces of no width in rows": _within,
    "marks of direction": _around("\u200f", "\u200e"),
    "isolated for direction": _around("\u2068", "\u2069"),
    "page numbers": _paged(lambda number: f"Page {number} of 1200"),
    "page breaks on lines of their own": _paged(lambda number: "\x0c"),
    "page breaks before lines": _feeds,
    "bullets before titles": _bulleted,
    "flowed": _flowed,
    "printed by a browser": _paged(_printed),
    "other menu items": _on_top(
        ("Dashboard",),
        ("Playground",),
        ("Kernels",),
        ("Agents",),
        ("What's new",),
        ("My library", "Saved (3)"),
        ("Notifications", "12"),
        ("Switch to dark mode",),
        ("Paper Pages",),
        ("Search papers, authors, topics",),
    ),
    "other banners": _on_top(
        ("We value your privacy. This website uses cookies and similar technologies. Choose what you allow.",),
        ("Cookie preferences", "Necessary only", "Allow selection"),
        ("You are offline.", "Retry"),
        ("Join our newsletter! No spam, ever.", "Your e-mail", "Sign me up"),
    ),
    "other footers": _below(
        ("Page 3",),
        ("- 3 -",),
        ("3 / 12",),
        ("Load more",),
        ("Status", "Changelog", "Imprint"),
        ("© 2031 Cloud Papers Ltd. All rights reserved.",),
        ("Terms of use · Privacy · Cookies",),
        ("Follow us", "X", "LinkedIn"),
    ),
    "tabs between words": _words_apart("\t"),
    "thin spaces between words": _words_apart("\u2009"),
    "no-break spaces between words": _words_apart("\xa0"),
    "two blanks at the ends of rows": lambda random, rows, titles: "  \n".join(rows),
    "many blank rows": _spread,
}
"""What was done to a page, and how."""
