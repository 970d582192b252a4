"""Nodes: expressions, written as usual, that remember how they were made."""

from __future__ import annotations

from typing import Any

import numpy as np

from backproplab.arrays import lookup, misfit, promote
from backproplab.graph.blocks import BLOCKS, TWO_INPUTS


class Node:
    """One subexpression: its forward value f, and after ``backward`` its g = dloss/df.

    Leaves are made as Node(value, name); other nodes by functions and operators.
    Numbers and arrays in an expression become unnamed leaves.

    >>> a = Node(2, "a")
    >>> a * 3 + a
    Node(add of (mul of ...), a; f = 8)
    """

    __slots__ = ("f", "g", "inputs", "name", "op")
    __array_ufunc__ = None  # lets array * node reach Node.__rmul__

    def __init__(
        self, value: Any, name: str = "", op: str = "", inputs: tuple[Node, ...] = ()
    ):
        self.f = promote(value)
        self.g: np.ndarray | None = None
        self.name, self.op, self.inputs = name, op, inputs

    def named(self, name: str) -> Node:
        """Give this node a name for traces and drawings, and return it."""
        self.name = name
        return self

    def __repr__(self) -> str:
        g = "" if self.g is None else f", g = {short(self.g)}"
        name = f"{self.name}{' =' if self.op else ':'} " if self.name else ""
        made_of = ", ".join(_label(node) for node in self.inputs)
        made = f"{self.op} of {made_of}; " if self.op else ""
        return f"Node({name}{made}f = {short(self.f)}{g})"

    def __add__(self, other: Any) -> Node:
        return apply("add", self, other)

    def __radd__(self, other: Any) -> Node:
        return apply("add", other, self)

    def __sub__(self, other: Any) -> Node:
        return apply("sub", self, other)

    def __rsub__(self, other: Any) -> Node:
        return apply("sub", other, self)

    def __mul__(self, other: Any) -> Node:
        return apply("mul", self, other)

    def __rmul__(self, other: Any) -> Node:
        return apply("mul", other, self)

    def __truediv__(self, other: Any) -> Node:
        return apply("div", self, other)

    def __rtruediv__(self, other: Any) -> Node:
        return apply("div", other, self)

    def __matmul__(self, other: Any) -> Node:
        return apply("dot", self, other)

    def __rmatmul__(self, other: Any) -> Node:
        return apply("dot", other, self)

    def __neg__(self) -> Node:
        return apply("mul", -1, self)

    def __array_function__(self, function: Any, *_: Any) -> Any:
        """np.dot(w, phi) would silently be w * phi: NumPy sees two objects."""
        raise TypeError(
            f"np.{function.__name__} does not work on nodes; backproplab.graph has "
            f"functions that do: {', '.join(BLOCKS)} ..."
        )


def apply(op: str, *inputs: Any) -> Node:
    """Make the node op(inputs); inputs are nodes, numbers or arrays (S2, S4).

    Raises ValueError for an unknown op (listing the known ones), for another number
    of inputs and for shapes that do not fit.

    >>> apply("mul", 2, Node(5)).f
    array(10.)
    """
    lookup(BLOCKS, op, "building block")
    wanted = 2 if op in TWO_INPUTS else 1
    if len(inputs) != wanted:
        raise ValueError(
            f"{op} has {wanted} input{'s' * (wanted > 1)}, got {len(inputs)}"
        )
    nodes = tuple(x if isinstance(x, Node) else Node(x) for x in inputs)
    return Node(value_of(op, nodes), "", op, nodes)


def value_of(op: str, nodes: tuple[Node, ...]) -> Any:
    """op of its inputs' forward values; ValueError when their shapes do not fit."""
    values = [node.f for node in nodes]
    try:
        return BLOCKS[op].forward(*values)
    except ValueError:
        names = "ab"[: len(values)]
        misfit(f"{op}({', '.join(names)})", **dict(zip(names, values, strict=True)))


def maximum(a: Any, b: Any) -> Node:
    """max(a, b), entry by entry; a tie counts as b (S4)."""
    return apply("max", a, b)


def square(a: Any) -> Node:
    """a^2, entry by entry (S4)."""
    return apply("square", a)


def sigmoid(a: Any) -> Node:
    """sigma(a), entry by entry (S4)."""
    return apply("sigmoid", a)


def tanh(a: Any) -> Node:
    """tanh(a), entry by entry."""
    return apply("tanh", a)


def relu(a: Any) -> Node:
    """max(a, 0), entry by entry."""
    return apply("relu", a)


def exp(a: Any) -> Node:
    """exp(a), entry by entry."""
    return apply("exp", a)


def log(a: Any) -> Node:
    """log(a), entry by entry."""
    return apply("log", a)


def dot(a: Any, b: Any) -> Node:
    """The dot product of two vectors, or a matrix product (S4)."""
    return apply("dot", a, b)


def total(a: Any) -> Node:
    """The sum of all entries of a."""
    return apply("sum", a)


def short(value: np.ndarray) -> str:
    """A value in a few characters: the numbers, or the shape of many."""
    if value.ndim == 0:
        return f"{value:.6g}"
    if value.size > 6:
        return f"array of shape {value.shape}"
    return " ".join(np.array2string(value, precision=4).split())


def _label(node: Node) -> str:
    """A node as an input of another: its name, its op, or its constant value."""
    if node.name:
        return node.name
    return f"({node.op} of ...)" if node.op else short(node.f)
