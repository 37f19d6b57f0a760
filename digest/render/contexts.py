"""What the templates of the mail's pieces see: what readers have in common, and holes for the rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from operator import attrgetter
from typing import Any

from markupsafe import Markup

from digest.model import Item, Links
from digest.render import view
from digest.render.papers import PaperView, paper_view
from digest.render.passages import Lead
from digest.render.pieces import LINKS, MARK, hole

_NO_SCORE = float("nan")
"""A template that shows scores shows this one, and is found out."""


link_urls: Callable[[Links], tuple[str, ...]] = attrgetter(*LINKS)
"""Returns the addresses that templates can show, in the order of ``LINKS``."""


def common(item: Item) -> PaperView:
    """Return what all readers of a paper have in common, with holes for the rest; some fit nowhere."""
    shown = paper_view(item)
    lead = Lead(hole("no lead") if shown.lead.text else "", Markup(hole("no lead")), is_whole=True)  # noqa: S704
    return replace(
        shown,
        title_html=Markup(hole("no title")),  # noqa: S704 - our own signs
        lead=lead,
        why=hole("why"),
        score=_NO_SCORE,
        marker=hole("marker"),
    )


def for_card(item: Item, *, is_whole: bool) -> PaperView:
    """Return what a card shows of a paper, with holes for title and lead that say how highlights look."""
    shown = common(item)
    return replace(shown, title_html=_marked_hole("title"), lead=Lead(shown.lead.text, _marked_hole("lead"), is_whole))


def for_letter(item: Item, *, is_whole: bool) -> PaperView:
    """Return what the text part shows of a paper, with a hole for the lead."""
    shown = common(item)
    return replace(shown, lead=Lead(hole("lead") if shown.lead.text else "", shown.lead.html, is_whole))


def _marked_hole(name: str) -> Markup:
    return Markup(hole(name) + MARK)  # noqa: S704 - our own signs


def _links(has: tuple[bool, ...]) -> Links:
    return Links(**{name: hole(name) if there else "" for name, there in zip(LINKS, has, strict=True)})


def _frame(counts: view.Counts, has: tuple[bool, ...]) -> Mapping[str, Any]:
    """Return the context of top and foot; ``has`` says which links there are."""
    shown = view.DigestView(
        subject=hole("subject"), preheader=hole("preheader"), address=hole("address"), **counts._asdict()
    )
    return {"digest": shown, "links": _links(has)}


NOTHING, NO_LINKS = view.Counts("", 0, 0, 0, 0, 0, "", ()), (False,) * len(LINKS)
"""A digest without anything in it, and without a link."""


def _section(has: tuple[bool, ...], matched: int, more: int, has_query: bool, has_spark: bool) -> Mapping[str, Any]:
    query = hole("query") if has_query else ""
    spark, label = (hole("spark"), hole("spark_label")) if has_spark else ("", "")
    shown = view.SectionView(
        heading=hole("heading"), query=query, count=matched, more=more, spark=spark, spark_label=label
    )
    return {"section": shown, "links": _links(has)}


def _more(has: tuple[bool, ...], more: int) -> Mapping[str, Any]:
    return {"section": view.SectionView(heading="", query="", count=more, more=more), "links": _links(has)}


def _updates(updated: int) -> Mapping[str, Any]:
    return {"digest": _frame(NOTHING._replace(updated=updated), NO_LINKS)["digest"]}


def _more_updates(has: tuple[bool, ...], more: int) -> Mapping[str, Any]:
    return _frame(NOTHING._replace(updates_more=more), has)


CONTEXTS: Mapping[str, Callable[..., Mapping[str, Any]]] = {
    "top": _frame,
    "section": _section,
    "more": _more,
    "updates": _updates,
    "more-updates": _more_updates,
    "links": dict,
    "foot": _frame,
}
"""What makes the context of each piece that is no paper's, of the key it is kept by."""
