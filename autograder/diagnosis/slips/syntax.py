"""Expressions taken apart and put together, and what names stand for."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from autograder.worked import Edit, Line

SIZES = ("N", "D", "H", "G", "K", "J")
RATES = ("lr", "eta", "lam", "eps", "beta1", "beta2")


def is_power_slope(line: Line) -> bool:
    """Whether a line takes the slope of a square: ``S = 2 * x``."""
    expression = line.expression
    return (
        is_slope(line.target)
        and isinstance(expression, ast.BinOp)
        and isinstance(expression.op, ast.Mult)
        and isinstance(expression.left, ast.Constant)
        and isinstance(expression.right, ast.Name)
    )


@dataclass(frozen=True)
class Proposal:
    """A slip proposed for one line."""

    key: str
    mistake: str | None
    phrase: str
    edit: Edit
    weight: float = 0
    free: bool = False


Proposals = Iterator[Proposal]


def replace(tree: Any, target: ast.AST, new: ast.AST) -> Any:
    """The tree with one node exchanged; what does not change is shared."""
    if tree is target:
        return new
    if isinstance(tree, list):
        return [replace(item, target, new) for item in tree]
    if target not in _nodes(tree):
        return tree
    fields = (getattr(tree, name) for name in tree._fields)
    changed = (
        replace(field, target, new) if isinstance(field, (ast.AST, list)) else field
        for field in fields
    )
    return type(tree)(*changed)


@lru_cache(maxsize=8192)
def _nodes(tree: ast.AST) -> frozenset[ast.AST]:
    return frozenset(ast.walk(tree))


def parse(text: str, **parts: ast.expr) -> ast.expr:
    """Parse an expression; names given in ``parts`` stand for whole expressions."""
    return _builder(text, tuple(parts))(parts)


Parts = dict[str, ast.expr]


@lru_cache(maxsize=4096)
def _builder(text: str, names: tuple[str, ...]) -> Callable[[Parts], Any]:
    return _building(ast.parse(text, mode="eval").body, names)


def _building(tree: Any, names: tuple[str, ...]) -> Callable[[Parts], Any]:
    """How to make a tree again with expressions for names; the rest is shared."""
    if isinstance(tree, list):
        items = [_building(item, names) for item in tree]
        return lambda parts: [item(parts) for item in items]
    if isinstance(tree, ast.Name) and tree.id in names:
        return operator.itemgetter(tree.id)
    if not isinstance(tree, ast.AST) or not set(names).intersection(names_in(tree)):
        return lambda parts: tree
    fields = [_building(getattr(tree, name), names) for name in tree._fields]
    return lambda parts: type(tree)(*(field(parts) for field in fields))


def whole(text: str, **parts: ast.expr) -> Edit:
    """An edit of a whole right-hand side, which ``E`` stands for in the text."""

    def edit(expression: ast.expr) -> ast.expr:
        return parse(text, E=expression, **parts)

    return edit


def at(node: ast.AST, new: ast.expr) -> Edit:
    """An edit that exchanges one node."""

    def edit(expression: ast.expr) -> ast.expr:
        return replace(expression, node, new)

    return edit


def places(tree: ast.expr) -> list[ast.expr]:
    """The sub-expressions in which slips happen."""
    skip = ("np", "len", "float")
    axes = {
        id(keyword.value)
        for keyword in ast.walk(tree)
        if isinstance(keyword, ast.keyword)
    }
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.expr)
        and id(node) not in axes
        and not (isinstance(node, ast.Name) and node.id in skip)
        and (not isinstance(node, (ast.Attribute, ast.Tuple)) or is_transpose(node))
    ]


@lru_cache(maxsize=8192)
def text_of(node: ast.AST) -> str:
    """The node as Python text."""
    return ast.unparse(node)


def names_in(node: ast.AST) -> list[str]:
    """All names in an expression, in order."""
    return [n.id for n in ast.walk(node) if isinstance(n, ast.Name) and n.id != "np"]


def is_transpose(node: ast.AST) -> bool:
    """Whether the node is ``something.T``."""
    return isinstance(node, ast.Attribute) and node.attr == "T"


def is_signal(name: str) -> bool:
    """Names of gradients and error signals: dZ1, delta, r, r2, residual, g."""
    if name.rstrip("0123456789") in ("r", "residual", "g", "back", "v"):
        return True
    return name.startswith(("d", "delta", "g_"))


def is_slope(name: str) -> bool:
    """Names of local derivatives: S, S1, S_exp, mask."""
    return (
        name in ("S", "slope", "mask") or name[0] == "S" and name[1:2] in "_123456789"
    )


def is_weight(name: str) -> bool:
    """Names of weights: w, W1, V, theta, u, W_next."""
    return name[:1] in tuple("wWVu") or name == "theta"


def is_parameter(name: str) -> bool:
    """Names of weights and biases: w, W1, theta, b, b2, c."""
    return is_weight(name) or is_bias_name(name)


def is_bias_name(name: str) -> bool:
    """Names of biases: b, b2, c; of how many there are: biases."""
    return name.rstrip("0123456789") in ("b", "c", "biases")


def is_batch(name: str) -> bool:
    """Names of arrays with one row per example: X, X_tilde, A0, A1, H1."""
    return name[0] in "XAH" or name in ("Y", "P")


def is_bias(term: ast.expr, line: Line) -> bool:
    """Whether a term of a sum is the bias of a forward line."""
    names = names_in(term)
    return len(names) == 1 and is_bias_name(names[0]) and not is_signal(line.target)


def stem(name: str) -> str:
    """A name without its layer: ``dW2`` and ``dW1`` share the stem ``dW``."""
    return name.split("_")[0] if "_" in name else name.rstrip("0123456789")


def layer(name: str) -> int:
    """The layer number at the end of a name, 0 where there is none."""
    digits = name[len(name.rstrip("0123456789")) :]
    return int(digits) if digits else 0


def is_moment(name: str) -> bool:
    """Names of memories of squared gradients: vhat_W1, state_v_W1, state_s_b1."""
    return name.startswith(("vhat", "state_v", "state_s"))
