"""Evaluate an expression tree; what is known already is not computed again."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

GLOBALS = {"np": np, "len": len, "float": float, "int": int, "abs": abs, "max": max}
OPERATORS: dict[type, Callable] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.MatMult: operator.matmul,
    ast.Pow: operator.pow,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
Names = Mapping[str, Any]
Known = dict[int, Any]
NOTHING: Known = {}


def value_of(node: Any, names: Names, known: Known = NOTHING) -> Any:
    """The value of an expression; ``known`` holds values of sub-expressions by id."""
    if id(node) in known:
        return known[id(node)]
    return _KINDS.get(type(node), _compiled)(node, names, known)


class Recorder(dict):
    """Values by node: evaluating with it keeps the value of every sub-expression."""

    def evaluate(self, node: ast.expr, names: Names) -> Any:
        """The value of ``node``, after keeping those of all expressions in it."""
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.evaluate(child, names)
            elif isinstance(child, ast.keyword):
                self.evaluate(child.value, names)
        self[id(node)] = value = value_of(node, names, self)
        return value


def _name(node: ast.Name, names: Names, known: Known) -> Any:
    return names[node.id] if node.id in names else GLOBALS[node.id]


def _constant(node: ast.Constant, names: Names, known: Known) -> Any:
    return node.value


def _binary(node: ast.BinOp, names: Names, known: Known) -> Any:
    left = value_of(node.left, names, known)
    return OPERATORS[type(node.op)](left, value_of(node.right, names, known))


def _unary(node: ast.UnaryOp, names: Names, known: Known) -> Any:
    return OPERATORS[type(node.op)](value_of(node.operand, names, known))


def _compare(node: ast.Compare, names: Names, known: Known) -> Any:
    if len(node.ops) > 1:
        return _compiled(node, names, known)
    left = value_of(node.left, names, known)
    right = value_of(node.comparators[0], names, known)
    return OPERATORS[type(node.ops[0])](left, right)


def _call(node: ast.Call, names: Names, known: Known) -> Any:
    function = value_of(node.func, names, known)
    arguments = [value_of(argument, names, known) for argument in node.args]
    named = {str(k.arg): value_of(k.value, names, known) for k in node.keywords}
    return function(*arguments, **named)


def _attribute(node: ast.Attribute, names: Names, known: Known) -> Any:
    return getattr(value_of(node.value, names, known), node.attr)


def _subscript(node: ast.Subscript, names: Names, known: Known) -> Any:
    return value_of(node.value, names, known)[value_of(node.slice, names, known)]


def _slice(node: ast.Slice, names: Names, known: Known) -> slice:
    ends = (node.lower, node.upper, node.step)
    return slice(*(end and value_of(end, names, known) for end in ends))


def _tuple(node: ast.Tuple, names: Names, known: Known) -> tuple:
    return tuple(value_of(item, names, known) for item in node.elts)


def _list(node: ast.List, names: Names, known: Known) -> list:
    return [value_of(item, names, known) for item in node.elts]


def _compiled(node: ast.expr, names: Names, known: Known) -> Any:
    """Any other expression, the slow way."""
    wrapped = ast.fix_missing_locations(ast.Expression(node))
    return eval(compile(wrapped, "<worked solution>", "eval"), GLOBALS, dict(names))


_KINDS: dict[type, Callable] = {
    ast.Name: _name,
    ast.Constant: _constant,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.Compare: _compare,
    ast.Call: _call,
    ast.Attribute: _attribute,
    ast.Subscript: _subscript,
    ast.Slice: _slice,
    ast.Tuple: _tuple,
    ast.List: _list,
}
