"""HTML in feeds to text: tags gone, sub- and superscripts kept as characters, block ends as paragraph ends."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

import nh3

from digest.text.formula import scripted
from digest.text.mathml import say_mathml, without_mathml

_TAGS = (
    "a|abbr|annotation(?:-xml)?|article|b|bdi|bdo|big|blockquote|body|br|center|cite|code|dd|del|details|div|dl|dt|em|"
    "figcaption|figure|font|footer|h[1-6]|head|header|hr|html|i|iframe|img|inline-formula|ins|italic|bold|kbd|li|link|mark|"
    "m(?:ath|ain|eta|frac|i|n|o|row|s|space|sqrt|root|style|sub|subsup|sup|table|td|text|tr|over|under|underover|fenced|padded|phantom|multiscripts|prescripts)|none|"
    "alternatives|tex-math|ol|p|pre|q|s|samp|sc|script|section|semantics|small|span|strike|strong|style|sub|summary|sup|svg|table|tbody|td|th|"
    "thead|title|tr|tt|u|ul|var|video|wbr|jats:[a-z-]+|mml:[a-z]+|object|form|input|button|template"
)
_TAG = re.compile(rf"</?(?:{_TAGS})(?:\s[^<>]*=[^<>]*|\s*)/?>|<!--|<!\[CDATA\[", re.IGNORECASE)
_STRAY = re.compile(rf"<(?!/?(?:{_TAGS})(?:\s[^<>]*=[^<>]*|\s*)/?>|!--)", re.IGNORECASE)
_PREFIX = re.compile(r"(</?)(?:mml|jats|m):(?=[a-z])", re.IGNORECASE)
_BLOCK = re.compile(r"</?(?:p|div|br|li|ul|ol|tr|h[1-6]|section|blockquote|jats:p|jats:sec)\b[^>]*>", re.IGNORECASE)
_STYLED = r"</?(?:i|em|b|strong|span|italic|bold|sc)\b[^<>]*>"
_SHIFTED = re.compile(
    rf"<(?P<tag>sub|sup)\b[^<>]*>\s*(?P<text>(?:[^<>]|{_STYLED}){{1,60}}?)\s*</(?P=tag)>", re.IGNORECASE
)
_INNER = re.compile(_STYLED, re.IGNORECASE)
_BARE_MATH = re.compile(r"<(m(?:sub|sup|subsup|frac|sqrt|over|under))\b[^<>]*>(?:(?!<\1\b).){1,400}?</\1>", re.DOTALL)
"""MathML without its ``<math>``, innermost first."""
_TWICE = re.compile(r"<alternatives>.*?(<math\b.*?</math>).*?</alternatives>", re.IGNORECASE | re.DOTALL)
_PREAMBLE = re.compile(r"\\documentclass.{0,2000}?\\begin\{document\}(.{0,2000}?)\\end\{document\}", re.DOTALL)
_MATH_TAG = re.compile(r"</?(?:math|m[a-z]+|semantics)\b[^<>]*>", re.IGNORECASE)
_HIDDEN = re.compile(r"<span\b(?=[^<>]*\saria-hidden\s*=\s*[\"']?true\b)[^<>]*>", re.IGNORECASE)
"""What is drawn for the eye beside the same for readers: KaTeX and MathJax say a formula twice (WAI-ARIA 1.2)."""
_SPAN = re.compile(r"<(?P<ends>/?)span\b[^<>]*>", re.IGNORECASE)
_LONGEST_SCRIPT = 12
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
    if "aria-hidden" in text:
        text = "".join(_shown(text))
    if "<m" in text:
        text = without_mathml(_TWICE.sub(r"\1", text))
        text = _MATH_TAG.sub("", _BARE_MATH.sub(lambda found: html.escape(say_mathml(found[0])), text))
    if "\\documentclass" in text:
        text = _PREAMBLE.sub(r"\1", text)
    text = _BLOCK.sub("\n\n", _SHIFTED.sub(_shifted, text))
    return html.unescape(nh3.clean(text, tags=set(), clean_content_tags=_DROPPED))


def _shown(text: str) -> Iterator[str]:
    """Yield a text without its hidden spans and all that is in them; one that never ends is kept."""
    opened: list[tuple[int, bool]] = []
    hidden: list[tuple[int, int]] = []
    for tag in _SPAN.finditer(text):
        if not tag["ends"]:
            opened.append((tag.start(), bool(_HIDDEN.match(tag[0]))))
        elif opened:
            start, is_hidden = opened.pop()
            hidden += [(start, tag.end())] * is_hidden
    upto = 0
    for start, end in sorted(hidden):
        yield text[upto:start]
        upto = max(upto, end)
    yield text[upto:]


def _shifted(found: re.Match[str]) -> str:
    text = html.unescape(_INNER.sub("", found["text"])).strip()
    if not text or len(text) > _LONGEST_SCRIPT:
        return text
    return html.escape(scripted(text, up=found["tag"].lower() == "sup"), quote=False)
