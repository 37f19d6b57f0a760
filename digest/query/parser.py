"""Text to tree, by recursive descent; every mistake is a ``QueryError`` with its column and a cure.

either = all (("OR" | "|") all)*
all    = one ("AND"? one)*
one    = ("NOT" | "-") one | "(" either ")" | field ":" "(" either ")" | leaf
"""

from __future__ import annotations

import re
from typing import NoReturn

from digest.errors import QueryError
from digest.query import values
from digest.query.names import FIELDS, QUANTITIES, nearest
from digest.query.tree import And, Everything, Exact, Fuzzy, Near, Not, Or, Phrase, Prefix, Query, Word
from digest.text.words import trimmed

MAX_LENGTH = 20_000
MAX_DEPTH = 50
MAX_SLIPS = 2
MAX_NEAR_WORDS = 8
MAX_WORDS = 100

_OPEN, _CLOSE = '"“”„«»', {'"': '"”“', "“": '”"“', "”": '”"', "„": '“”"', "«": "»", "»": "«»"}
_SPACE = re.compile(r"\s*")
_BARE = re.compile(rf"[^\s()|{_OPEN}]+")
_FIELD = re.compile(r"([^\W\d_][\w-]*):(?!//)")
_COMPARE = re.compile(rf"([^\W\d_]\w*)(\s*)(>=|<=|==|!=|[=<>≥≤])\s*([^\s()|{_OPEN}]*)")
_FUZZY = re.compile(r"~(\d*)$")
_LEAST = re.compile(rf"~[^\s()|{_OPEN}]*")
_NEAR = re.compile(r"~(\w*)")
_AND = re.compile(rf"(?:AND|&&?)(?![^\s(){_OPEN}])")
_OR = re.compile(rf"(?:OR(?![^\s(){_OPEN}])|\|\|?)")
_NOT = re.compile(rf"(?:NOT(?![^\s(){_OPEN}])|ANDNOT(?![^\s(){_OPEN}])|-(?=[^\s)]))")


def parse(text: str) -> Query:
    """Return the tree of a query's text; raises ``QueryError`` with the place of the first mistake."""
    return _Parser(text).query()


def is_read_as_word(text: str) -> bool:
    """Return whether what stands bare in a query is a word there: no operator, field or comparison."""
    return not any(sign.match(text) for sign in (_AND, _OR, _NOT, _FIELD, _COMPARE))


class _Parser:
    """One text on its way to a tree: ``at`` is the code point that comes next."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.depth = 0

    def query(self) -> Query:
        if len(self.text) > MAX_LENGTH:
            self.fail(f"a query is at most {MAX_LENGTH:,} characters long", MAX_LENGTH)
        self.skip()
        if self.at == len(self.text):
            self.fail("the query is empty; * matches everything", 0)
        tree = self.either("")
        if self.at < len(self.text):
            self.fail("this ) closes nothing", self.at, 1, self.text[: self.at] + self.text[self.at + 1 :])
        return tree

    def fail(self, message: str, column: int, length: int = 1, suggestion: str = "") -> NoReturn:
        raise QueryError(message, query=self.text, column=column, length=length, suggestion=suggestion.strip())

    def skip(self) -> None:
        self.at = _SPACE.match(self.text, self.at).end()  # type: ignore[union-attr]  # it also matches nothing

    def either(self, field: str) -> Query:
        children = [self.every(field)]
        while found := _OR.match(self.text, self.at):
            self.step(found)
            children.append(self.every(field))
        return children[0] if len(children) == 1 else Or(tuple(children))

    def every(self, field: str) -> Query:
        children = [self.one(field)]
        while self.at < len(self.text) and self.text[self.at] != ")" and not _OR.match(self.text, self.at):
            if found := _AND.match(self.text, self.at):
                self.step(found)
            children.append(self.one(field))
        return children[0] if len(children) == 1 else And(tuple(children))

    def step(self, operator: re.Match[str]) -> None:
        """Go past an operator that wants something on its right."""
        self.at = operator.end()
        self.skip()
        if self.at == len(self.text) or self.text[self.at] == ")":
            self.fail(f"{operator[0]} has nothing after it", operator.start(), len(operator[0]))

    def one(self, field: str) -> Query:
        if found := _NOT.match(self.text, self.at):
            self.step(found)
            self.deeper(found.start())
            child: Query = Not(self.one(field))
            self.depth -= 1
            return child
        for operator in (_AND, _OR):
            if found := operator.match(self.text, self.at):
                self.fail(f"{found[0]} has nothing before it", self.at, len(found[0]))
        tree = self.group(field) if self.text[self.at] == "(" else self.leaf(field)
        self.skip()
        return tree

    def deeper(self, column: int) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.fail(f"nested more than {MAX_DEPTH} deep", column)

    def group(self, field: str) -> Query:
        opened = self.at
        self.deeper(opened)
        self.at += 1
        self.skip()
        if self.text[self.at : self.at + 1] == ")":
            self.fail("nothing between the parentheses", opened, self.at + 1 - opened)
        if self.at == len(self.text):
            self.fail("this ( is never closed", opened)
        tree = self.either(field)
        if self.at == len(self.text):
            self.fail("this ( is never closed", opened, 1, self.text + ")")
        self.at += 1
        self.depth -= 1
        return tree

    def leaf(self, field: str) -> Query:
        """Read what stands at ``at``: a field and its value, a comparison, or words."""
        if found := _FIELD.match(self.text, self.at):
            return self.fielded(found, field)
        if (found := _COMPARE.match(self.text, self.at)) and (found[1].lower() in QUANTITIES or not found[2]):
            return self.comparison(found)
        return self.value(field, self.at)

    def fielded(self, found: re.Match[str], outer: str) -> Query:
        name, start = found[1].lower(), self.at
        field = FIELDS.get(name)
        if field is None:
            self.unknown_field(found)
        if outer:
            self.fail(f"a field inside {outer}:(…)", start, len(found[0]))
        self.at = found.end()
        if not self.text[self.at : self.at + 1].strip() or self.text[self.at] in ")|":
            self.fail(f"nothing after {found[0]}", start, len(found[0]))
        if self.text[self.at] == "-" and field != "id":
            self.fail("the - stands before the field", self.at, 1, f"-{found[0]}{self.text[self.at + 1 :]}")
        if field == "like":
            return self.like()
        if self.text[self.at] == "(":
            return self.group(field)
        return self.value(field, start)

    def like(self) -> Query:
        if self.text[self.at] in _OPEN:
            start, inside = self.at + 1, self.inside()
            least = _LEAST.match(self.text, self.at)
            self.at = least.end() if least else self.at
            return values.like(self.text, inside, start, quoted=True, least=least[0] if least else "")
        found = _BARE.match(self.text, self.at)
        if found is None:
            self.fail("after like: comes an arXiv number, a DOI, or a text in quotes", self.at)
        self.at = found.end()
        raw, tilde, least_text = found[0].partition("~")
        return values.like(self.text, raw, found.start(), quoted=False, least=tilde + least_text)

    def unknown_field(self, found: re.Match[str]) -> NoReturn:
        near = nearest(found[1], FIELDS) or (nearest(found[1], QUANTITIES) and nearest(found[1], QUANTITIES) + ">=")
        name = found[0] if found[1].lower() not in QUANTITIES else f"{found[1]}>= is compared, "
        cure = f"{near}:" if near in FIELDS else near
        self.fail(f"{name} is not a field; put words with a colon in quotes", self.at, len(found[0]), cure)

    def comparison(self, found: re.Match[str]) -> Query:
        quantity = QUANTITIES.get(found[1].lower())
        if quantity is None:
            self.no_quantity(found)
        operator = {"≥": ">=", "≤": "<=", "==": "="}.get(found[3], found[3])
        if operator == "!=":
            cure = f"-{quantity}={found[4]}"
            self.fail("there is no !=", found.start(3), 2, cure)
        self.at = found.end()
        return values.compared(self.text, quantity, operator, found[4], found.start(4))

    def no_quantity(self, found: re.Match[str]) -> NoReturn:
        name = found[1].lower()
        cure = f"{name}:{found[4]}" if name in FIELDS and found[4] else nearest(name, QUANTITIES)
        hint = "only upvotes, comments, authors and published are; put other words in quotes"
        self.fail(f"{found[1]} is not compared: {hint}", self.at, len(found[1]), cure)

    def value(self, field: str, start: int) -> Query:
        """Read one value at ``at``, of a field or of none; ``start`` is where a mistake in it begins."""
        exact = self.text[self.at] == "="
        if exact:
            self.at += 1
        if self.at < len(self.text) and self.text[self.at] in _OPEN:
            return self.quoted(field, exact=exact)
        found = _BARE.match(self.text, self.at)
        if found is None:
            self.fail("nothing after =", start, self.at - start)
        self.at = found.end()
        if field in values.FACTS:
            return values.fact(self.text, field, found[0], found.start(), quoted=False)
        return self.bare(found[0], field, start, exact=exact)

    def bare(self, raw: str, field: str, start: int, *, exact: bool) -> Query:
        if exact:
            return Exact(self.words(raw, start), field)
        if raw == "*":
            if field:
                self.fail("* alone matches everything and has no field", start, self.at - start, "*")
            return Everything()
        if "*" in raw:
            return self.prefix(raw, field, start)
        if slips := _FUZZY.search(raw):
            return self.fuzzy(raw[: slips.start()], slips[1], field, start)
        return Word(self.words(raw, start), field)

    def prefix(self, raw: str, field: str, start: int) -> Query:
        star = raw.index("*")
        if star != len(raw) - 1:
            cure = raw[:star] + "*" if star else raw.strip("*") + "*"
            self.fail("* stands at the end of a word only", self.at - len(raw) + star, 1, cure)
        text = self.words(raw[:-1], start)
        if not raw[:-1].endswith(text):
            self.fail("the * does not touch a word", self.at - 1, 1, text + "*")
        return Prefix(text, field)

    def fuzzy(self, raw: str, slips: str, field: str, start: int) -> Query:
        count = int(slips[:3]) if slips else 1
        if not 1 <= count <= MAX_SLIPS:
            self.fail(f"~ allows 1 or {MAX_SLIPS} slips", start, self.at - start, f"{raw}~{MAX_SLIPS}")
        return Fuzzy(self.words(raw, start), count, field)

    def quoted(self, field: str, *, exact: bool) -> Query:
        opened = self.at
        inside = self.inside()
        if field in values.FACTS:
            star = self.text[self.at : self.at + 1] == "*"
            self.at += star
            return values.fact(self.text, field, inside + "*" * star, opened + 1, quoted=True)
        text = self.words(inside, opened)
        if exact:
            return Exact(text, field)
        if near := _NEAR.match(self.text, self.at):
            return self.near(text, near, field, opened)
        if self.text[self.at : self.at + 1] == "*":
            self.fail("* stands after a word without quotes", self.at, 1)
        return Phrase(text, field)

    def inside(self) -> str:
        """Read what stands in the quotes at ``at``, and go past them."""
        opened = self.at
        closing = _CLOSE[self.text[opened]]
        end = next((i for i in range(opened + 1, len(self.text)) if self.text[i] in closing), -1)
        if end < 0:
            self.fail("this quote is never closed", opened, 1, f'{self.text}"')
        self.at = end + 1
        return self.text[opened + 1 : end]

    def near(self, text: str, near: re.Match[str], field: str, opened: int) -> Query:
        self.at = near.end()
        if not near[1].isdecimal() or not 1 <= int(near[1][:4]) <= 1000:
            self.fail("~ after a quote wants a number of words", near.start(), len(near[0]), f'"{text}"~3')
        count = values.count_words(text)
        if not 2 <= count <= MAX_NEAR_WORDS:
            self.fail(f"~ after a quote wants 2 to {MAX_NEAR_WORDS} words, not {count}", opened, self.at - opened)
        if count > int(near[1]) + 1:
            cure = f'"{text}"~{count - 1}'
            self.fail(f"{count} words do not fit within {near[1]}", near.start(), len(near[0]), cure)
        return Near(text, int(near[1]), field)

    def words(self, raw: str, start: int) -> str:
        text = trimmed(raw)
        if not text:
            self.fail("there is no word in this", start, self.at - start)
        if len(text) > MAX_WORDS and (count := values.count_words(text)) > MAX_WORDS:
            self.fail(f"at most {MAX_WORDS} words in a row, not {count}", start, self.at - start)
        return text
