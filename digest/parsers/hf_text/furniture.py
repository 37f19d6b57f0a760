"""The lines of a page that are not about any paper: banners, buttons, menus, the page's own date, page numbers."""

from __future__ import annotations

import re
from functools import lru_cache

_PHRASES = (
    r"new|beta",
    r"get trending papers in your email inbox(?: once a day)?[!.]?",
    r"subscribe|unsubscribe|submit|search|filter|sort(?: by)?|share|copy link|upvote|loading(?:\.{3}|…)?",
    r"(?:#+ )?(?:daily|trending|weekly|monthly|hot|latest|new) papers(?: - hugging face)?",
    r"papers|daily|weekly|monthly|trending",
    r"(?:#+ )?by ?ak(?: and the research community)?|ak|and the research community",
    r"hugging face(?:'s logo)?|models|datasets|spaces|buckets(?: ?new)?|community",
    r"docs|enterprise|pricing|website|tasks",
    r"huggingchat|collections|languages|organizations|blog|posts|learn|discord|forum|github|solutions|inference",
    r"team & enterprise|hugging face pro|enterprise support|inference (?:providers|endpoints)|storage buckets|storage",
    r"log ?in|log ?out|sign ?(?:in|up|out)|join|home|menu|more|next|previous|prev|back(?: to top)?|view all|see all",
    r"skip to (?:main )?content|toggle (?:navigation|menu|theme)|system theme|company",
    r"about|contact|careers|jobs|privacy|terms",
    r"tos|terms of (?:use|service)|privacy policy|cookie policy|imprint|press|resources",
    r"(?:accept|reject|allow|decline)(?: all)?(?: cookies)?|cookie settings|manage (?:cookies|preferences)|got it!?|ok",
    r"(?:page )?\d{1,4} ?(?:/|of) ?\d{1,4}|page \d{1,4}",
    r"[«‹<]? ?(?:previous|prev) ?[|·]? ?(?:next ?[»›>]?)?|[-–—_=*·.]+",
    r"(?:©|\(c\)|copyright).{0,100}",
)
_KNOWN = re.compile("|".join(f"(?:{phrase})" for phrase in _PHRASES), re.IGNORECASE)
_PAGE_NUMBER = re.compile(
    r"\s*[-–—]?\s*page \d{1,4}(?: ?(?:/|of) ?\d{1,4})?\s*[-–—]?\s*"
    r"|https?://\S+ +\d{1,4}/\d{1,4}|\d{1,2}/\d{1,2}/\d{2,4},? \d{1,2}:\d\d(?: ?[AP]M)?(?: .{1,80})?",
    re.IGNORECASE,
)
"""The last two are foot and head of what a browser prints."""
_FIRST_OF_NUMBERS = frozenset("Pp-–—h0123456789")
_LONGEST = 120
_BANNER = re.compile(
    r"\b(?:cookies?|consent|privacy policy|log in to|sign in to|this website|javascript|newsletter"
    r"|your (?:browser|e?mail|inbox|device|preferences|privacy|account))\b",
    re.IGNORECASE,
)
_VISITOR = re.compile(r"\b(?:you|your|we (?:use|value)|this (?:web)?(?:site|page))\b", re.IGNORECASE)
_GLUED_BUTTON = re.compile(r"(?:Subscribe|Submit)(?!(?:rs?|d|s|ted|ting|ters?)\b)(?![\s:,;.'’-]|$)")
_BULLET = re.compile(r"^\s*[*•‣◦▪-]\s+")
_MARKED = re.compile(r"#{1,6}\s+(?P<heading>.+?)(?:\s+#+)?|\*\*(?P<bold>[^\s*].*?)\*\*|__(?P<strong>[^\s_].*?)__")
_FIRST_OF_TITLE_MARKS = frozenset("*•‣◦▪-#_")


def is_known(text: str) -> bool:
    """Return whether a line is page furniture beyond doubt."""
    if len(text) > _LONGEST:
        return False
    bare = _BULLET.sub("", text).strip()
    return not bare or bool(_KNOWN.fullmatch(bare))


def is_banner(text: str) -> bool:
    """Return whether a line talks to the visitor of the page (cookies, log-in, newsletter), not about research."""
    return len(text) < 400 and bool(_BANNER.search(text))


def speaks_to_visitor(text: str) -> bool:
    """Return the same of a line that addresses the visitor, as no abstract does."""
    return is_banner(text) and bool(_VISITOR.search(text))


def without_glued_button(text: str) -> str:
    """Return a first title without the label of the button before it (``SubscribePretrained …``)."""
    return _GLUED_BUTTON.sub("", text, count=1) if _GLUED_BUTTON.match(text) else text


def without_marks(text: str) -> str:
    """Return a title without the marks it stands in: a list's bullet, a heading's ``##``, ``**`` on both sides."""
    if text[:1] not in _FIRST_OF_TITLE_MARKS:
        return text
    bare = _BULLET.sub("", text, count=1)
    marked = _MARKED.fullmatch(bare)
    return marked[marked.lastgroup or 0] if marked else bare


def is_page_number(text: str) -> bool:
    """Return whether a line is what is printed above or below a page (``Page 3 of 12``), wherever it stands."""
    if text[0] not in _FIRST_OF_NUMBERS or len(text) > _LONGEST or (text[0] == "h" and " " not in text):
        return False
    return _is_page_number(text)


@lru_cache(512)
def _is_page_number(text: str) -> bool:
    return bool(_PAGE_NUMBER.fullmatch(text))
