"""Whether templates of the user's compute with what is a reader's own, or only print it.

A piece of the mail is rendered once for all readers, with holes for a reader's values. A template that prints such a
value is right for everybody; one that decides by it (``{% if "GPT" in paper.why %}``), cuts it or names it anew is not,
whatever a few specimens look like. So templates are read, not tried: for a template that is not the shipped one,
anything but printing counts as computing, and so does asking whether a value is there that no shipped template asks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from jinja2 import Environment, TemplateSyntaxError, nodes

_OF_A_PAPER = frozenset({"title_html", "lead", "why", "marker"})
"""What is the reader's own of a paper; of ``section``, ``digest`` and ``links`` everything may be."""
_ROOTS = frozenset({"paper", "section", "digest", "links"})
_PLAIN_FILTERS = frozenset({"safe", "e", "escape", "wrapped", "underlined"})

_Path = tuple[str, ...]


def compute(made: Environment, own: Iterable[str], shipped: Iterable[str]) -> bool:
    """Return whether any of the user's own templates does more with a reader's values than print them.

    Of one that cannot be read that is not known, so it is assumed; whoever renders it names the mistake.
    """
    try:
        trees = [made.parse(source) for source in own]
    except TemplateSyntaxError:
        return True
    asked = frozenset(path for source in shipped for path in _asked(made.parse(source))) if trees else frozenset()
    return any(_computes(tree, asked, printed=False) for tree in trees)


def _asked(tree: nodes.Node) -> Iterator[_Path]:
    """Yield the values of which a template asks whether they are there."""
    for node in tree.find_all((nodes.If, nodes.CondExpr, nodes.Not, nodes.And, nodes.Or)):
        of = (node.left, node.right) if isinstance(node, nodes.And | nodes.Or) else (_test(node),)
        yield from (path for one in of if (path := _path(one)))


def _test(node: nodes.Node) -> nodes.Node:
    return node.node if isinstance(node, nodes.Not) else node.test  # type: ignore[attr-defined]


def _computes(node: nodes.Node, asked: frozenset[_Path], *, printed: bool) -> bool:
    path = _path(node)
    if path:
        return _is_readers(path) and not printed
    if isinstance(node, nodes.If | nodes.CondExpr):
        rest = [child for child in node.iter_child_nodes() if child is not node.test]
        return _decides(node.test, asked) or any(_computes(child, asked, printed=printed) for child in rest)
    if isinstance(node, nodes.Filter) and node.name in _PLAIN_FILTERS and node.node is not None:
        arguments = [*node.args, *node.kwargs]
        return _computes(node.node, asked, printed=printed) or _any(arguments, asked, printed=False)
    keeps = isinstance(node, nodes.Output | nodes.Concat)
    return _any(node.iter_child_nodes(), asked, printed=isinstance(node, nodes.Output) or (keeps and printed))


def _any(some: Iterable[nodes.Node], asked: frozenset[_Path], *, printed: bool) -> bool:
    return any(_computes(node, asked, printed=printed) for node in some)


def _decides(test: nodes.Node, asked: frozenset[_Path]) -> bool:
    """Return whether a condition is about more of a reader's values than that they are there."""
    if isinstance(test, nodes.Not | nodes.And | nodes.Or):
        return any(_decides(part, asked) for part in test.iter_child_nodes())
    path = _path(test)
    return _is_readers(path) and path not in asked if path else _computes(test, asked, printed=False)


def _path(node: nodes.Node) -> _Path:
    """Return the names of a plain value, ``("paper", "lead", "html")``; nothing for any other expression."""
    names: list[str] = []
    while isinstance(node, nodes.Getattr):
        names.append(node.attr)
        node = node.node
    return (node.name, *reversed(names)) if isinstance(node, nodes.Name) else ()


def _is_readers(path: _Path) -> bool:
    root, *names = path
    if root not in _ROOTS or not names:
        return root in _ROOTS
    return root != "paper" or names[0] in _OF_A_PAPER
