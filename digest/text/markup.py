"""HTML in feeds to text: tags gone, sub- and superscripts kept as characters, block ends as paragraph ends."""

from __future__ import annotations

import html
import re

import nh3

from digest.text.symbols import shift

_TAGS = (
    "a|abbr|annotation(?:-xml)?|article|b|bdi|bdo|big|blockquote|body|br|center|cite|code|dd|del|details|div|dl|dt|em|"
    "figcaption|figure|font|footer|h[1-6]|head|header|hr|html|i|iframe|img|inline-formula|ins|italic|bold|kbd|li|link|mark|"
    "m(?:ath|ain|eta|frac|i|n|o|row|s|space|sqrt|root|style|sub|subsup|sup|table|td|text|tr|over|under|underover|fenced)|"
    "ol|p|pre|q|s|samp|sc|script|section|semantics|small|span|strike|strong|style|sub|summary|sup|svg|table|tbody|td|th|"
    "thead|title|tr|tt|u|ul|var|video|wbr|jats:[a-z-]+|mml:[a-z]+|object|form|input|button|template"
)
_TAG = re.compile(rf"</?(?:{_TAGS})(?:\s[^<>]*=[^<>]*|\s*)/?>|<!--|<!\[CDATA\[", re.IGNORECASE)
_STRAY = re.compile(rf"<(?!/?(?:{_TAGS})(?:\s[^<>]*=[^<>]*|\s*)/?>|!--)", re.IGNORECASE)
_PREFIX = re.compile(r"(</?)(?:mml|jats|m):(?=[a-z])", re.IGNORECASE)
_BLOCK = re.compile(r"</?(?:p|div|br|li|ul|ol|tr|h[1-6]|section|blockquote|jats:p|jats:sec)\b[^>]*>", re.IGNORECASE)
_SHIFTED = re.compile(r"<(?P<tag>sub|sup)>\s*(?P<text>[^<>]{1,12})\s*</(?P=tag)>", re.IGNORECASE)
_LEAF = r"<m(?:i|n|o|text)\b[^<>]*>\s*(?P<{}>[^<>]{{1,20}}?)\s*</m(?:i|n|o|text)>\s*"
_MATH_SHIFT = re.compile(
    rf"<m(?P<kind>sub|sup)\b[^<>]*>\s*{_LEAF.format('base')}{_LEAF.format('text')}</m(?P=kind)>", re.IGNORECASE
)
_FRACTION = re.compile(rf"<mfrac\b[^<>]*>\s*{_LEAF.format('over')}{_LEAF.format('under')}</mfrac>", re.IGNORECASE)
_ANNOTATION = re.compile(r"<annotation(-xml)?\b.*?</annotation(?:-xml)?>", re.IGNORECASE | re.DOTALL)
_MATH_TAG = re.compile(r"</?(?:math|m[a-z]+|semantics)\b[^<>]*>", re.IGNORECASE)
_DROPPED = {"script", "style"}


def html_to_text(raw: str) -> str:
    """Return the text of a piece of HTML, or of HTML that was escaped once too often.

    What looks like a tag but has no name of one (``a<b and c>d``) is text.
    """
    text = raw
    for _ in range(2):
        text = _cleaned(text) if _TAG.search(text) else html.unescape(text)
        if not _TAG.search(text):
            break
    return text


def _cleaned(raw: str) -> str:
    text = _STRAY.sub("&lt;", _PREFIX.sub(r"\1", " ".join(raw.split())))
    if "<m" in text:
        text = _MATH_TAG.sub(
            "", _MATH_SHIFT.sub(_shifted_math, _FRACTION.sub(r"\g<over>/\g<under>", _ANNOTATION.sub("", text)))
        )
    text = _BLOCK.sub("\n\n", _SHIFTED.sub(_shifted, text))
    return html.unescape(nh3.clean(text, tags=set(), clean_content_tags=_DROPPED))


def _shifted_math(found: re.Match[str]) -> str:
    base, text = found["base"], html.unescape(found["text"])
    up = found["kind"] == "sup"
    return base + (shift(text, up=up) or f"{'^' if up else '_'}{text}")


def _shifted(found: re.Match[str]) -> str:
    up = found["tag"].lower() == "sup"
    text = html.unescape(found["text"].strip())
    return shift(text, up=up) or f"{'^' if up else '_'}{text}"
