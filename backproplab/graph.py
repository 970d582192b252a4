"""Computation graphs: forward values f, backward values g = dloss/df.

A node holds the value of one subexpression; its inputs are the nodes it was computed
from.  Build one by writing the expression, then call ``backward`` at its root:

>>> w, phi, y = Node([3, 1], "w"), Node([1, 2], "phi"), Node(2, "y")
>>> loss = square(dot(w, phi) - y)
>>> backward(loss)
>>> print(loss.f, w.g)
9.0 [ 6. 12.]

At a tie ``maximum`` passes the gradient to its second argument; hence relu'(0) = 0.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from backproplab import neurons
from backproplab.arrays import lookup, misfit, promote


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
        g = "" if self.g is None else f", g = {_short(self.g)}"
        name = f"{self.name}{' =' if self.op else ':'} " if self.name else ""
        made_of = ", ".join(_label(node) for node in self.inputs)
        made = f"{self.op} of {made_of}; " if self.op else ""
        return f"Node({name}{made}f = {_short(self.f)}{g})"

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


class Block(NamedTuple):
    """A building block: its value, and what each input receives from upstream."""

    forward: Callable[..., Any]
    backward: Callable[..., tuple[Any, ...]]


def _dot_backward(g: Any, f: Any, a: Any, b: Any) -> tuple[np.ndarray, np.ndarray]:
    rows = a.reshape(-1, a.shape[-1])
    columns = b.reshape(b.shape[0], -1)
    G = np.reshape(g, (len(rows), columns.shape[1]))
    return (G @ columns.T).reshape(a.shape), (rows.T @ G).reshape(b.shape)


# S4: name: value from the inputs; gradients from g upstream, the value f, the inputs.
BLOCKS: dict[str, Block] = {
    "add": Block(lambda a, b: a + b, lambda g, f, a, b: (g, g)),
    "sub": Block(lambda a, b: a - b, lambda g, f, a, b: (g, -g)),
    "mul": Block(lambda a, b: a * b, lambda g, f, a, b: (g * b, g * a)),
    "div": Block(lambda a, b: a / b, lambda g, f, a, b: (g / b, -g * f / b)),
    "max": Block(np.maximum, lambda g, f, a, b: (g * (a > b), g * (a <= b))),
    "square": Block(lambda a: a * a, lambda g, f, a: (g * 2 * a,)),
    "sigmoid": Block(
        neurons.sigmoid, lambda g, f, a: (neurons.sigmoid_backward(g, f),)
    ),
    "tanh": Block(neurons.tanh, lambda g, f, a: (neurons.tanh_backward(g, f),)),
    "relu": Block(neurons.relu, lambda g, f, a: (neurons.relu_backward(g, a),)),
    "exp": Block(np.exp, lambda g, f, a: (g * f,)),
    "log": Block(np.log, lambda g, f, a: (g / a,)),
    "dot": Block(lambda a, b: a @ b, _dot_backward),
    "sum": Block(np.sum, lambda g, f, a: (g * np.ones_like(a),)),
}


def apply(op: str, *inputs: Any) -> Node:
    """Make the node op(inputs); inputs are nodes, numbers or arrays (S2, S4).

    Raises ValueError for an unknown op (listing the known ones) and for shapes that
    do not fit.

    >>> apply("mul", 2, Node(5)).f
    array(10.)
    """
    block = lookup(BLOCKS, op, "building block")
    nodes = tuple(x if isinstance(x, Node) else Node(x) for x in inputs)
    return Node(_value(block, op, nodes), "", op, nodes)


def _value(block: Block, op: str, nodes: tuple[Node, ...]) -> Any:
    try:
        return block.forward(*[node.f for node in nodes])
    except ValueError:
        names = "abcdefgh"
        misfit(
            f"{op}({', '.join(names[: len(nodes)])})",
            **{name: node.f for name, node in zip(names, nodes, strict=False)},
        )


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


def topological_order(root: Node) -> list[Node]:
    """Every node after all its inputs, the root last, else as written (S8, M11).

    Walks with a stack of its own: no graph is too deep.

    >>> a = Node(1, "a")
    >>> [node.op or node.name for node in topological_order(a * a + a)]
    ['a', 'mul', 'add']
    """
    order: dict[Node, None] = {}
    stack = [root]
    while stack:
        waiting = [node for node in stack[-1].inputs if node not in order]
        if waiting:
            stack.extend(reversed(waiting))
        else:
            order.setdefault(stack.pop())
    return list(order)


def forward(root: Node) -> np.ndarray:
    """Recompute all forward values f_i from the leaves to the root (S8).

    Needed only after a leaf's ``f`` was changed.  Returns the root's value.

    >>> a = Node(3); c = square(a)
    >>> a.f = promote(4)
    >>> print(forward(c))
    16.0
    """
    for node in topological_order(root):
        if node.op:
            node.f = promote(_value(BLOCKS[node.op], node.op, node.inputs))
    return root.f


def backward(root: Node, upstream: Any = None) -> None:
    """Set g_i = dloss/df_i on every node, from the root to the leaves (S8, M11).

    g_i = sum over all consumers j of g_j df_j/df_i, each g with the shape of its f.
    Old values of g are replaced, so a second call gives the same answer.  The root is
    a number, or ``upstream`` (with the root's shape) says what arrives at it.
    Raises ValueError otherwise.

    >>> a = Node(1); n = 2 * a; y = 3 * n + 4 * n
    >>> backward(y)
    >>> print(a.g)
    14.0
    """
    order = topological_order(root)
    for node in order:
        node.g = np.zeros_like(node.f)
    root.g = _seed(root, upstream)
    for node in reversed(order):
        if node.op:
            values = [source.f for source in node.inputs]
            shares = BLOCKS[node.op].backward(node.g, node.f, *values)
            for source, share in zip(node.inputs, shares, strict=True):
                source.g = source.g + unbroadcast(share, source.f.shape)


def _seed(root: Node, upstream: Any) -> np.ndarray:
    if upstream is None:
        if root.f.size != 1:
            raise ValueError(
                f"the root must be a number, its shape is {root.f.shape}: "
                "sum it, or pass upstream = dloss/droot"
            )
        return np.ones_like(root.f)
    upstream = promote(upstream)
    if upstream.shape != root.f.shape:
        misfit("upstream = dloss/droot", upstream=upstream, root=root.f)
    return upstream


def unbroadcast(g: Any, shape: tuple[int, ...]) -> np.ndarray:
    """Sum g over the axes that broadcasting had added or stretched.

    An entry that was used many times receives the sum over all its uses.

    >>> unbroadcast(np.ones((4, 3)), (3,))
    array([4., 4., 4.])
    """
    g = np.asarray(g)
    if g.shape == shape:
        return g
    g = g.sum(axis=tuple(range(g.ndim - len(shape))))
    stretched = [i for i, n in enumerate(shape) if n == 1 and g.shape[i] != 1]
    return g.sum(axis=tuple(stretched), keepdims=True)


class Step(NamedTuple):
    """One line of a trace: a node, its inputs by name, and both its values."""

    name: str
    op: str
    inputs: tuple[str, ...]
    f: np.ndarray
    g: np.ndarray | None


def trace(root: Node) -> list[Step]:
    """List the graph leaves to root; nodes without a name get n1, n2 ... (S2, S8).

    >>> a = Node(3, "a")
    >>> [(step.name, step.op, step.inputs) for step in trace(square(a) + a)]
    [('a', '', ()), ('n1', 'square', ('a',)), ('n2', 'add', ('n1', 'a'))]
    """
    order = topological_order(root)
    unnamed = [node for node in order if not node.name]
    names = {node: f"n{i}" for i, node in enumerate(unnamed, start=1)}
    names.update({node: node.name for node in order if node.name})
    return [
        Step(names[n], n.op, tuple(names[i] for i in n.inputs), n.f, n.g) for n in order
    ]


def draw(root: Node) -> str:
    """Draw the graph as a table: one node a line, leaves first, with f and g (S8).

    >>> a = Node(3, "a"); c = (square(a) + a).named("c")
    >>> backward(c)
    >>> print(draw(c))
    node  made of      f  g
    a     input        3  7
    n1    square(a)    9  1
    c     add(n1, a)  12  1
    """
    rows = [("node", "made of", "f", "g")]
    for step in trace(root):
        made = f"{step.op}({', '.join(step.inputs)})" if step.op else "input"
        g = "" if step.g is None else _short(step.g)
        rows.append((step.name, made, _short(step.f), g))
    wide = [max(len(row[i]) for row in rows) for i in range(4)]
    return "\n".join(
        f"{name:<{wide[0]}}  {made:<{wide[1]}}  {f:>{wide[2]}}  {g:>{wide[3]}}".rstrip()
        for name, made, f, g in rows
    )


def _short(value: np.ndarray) -> str:
    if value.ndim == 0:
        return f"{value:.6g}"
    if value.size > 6:
        return f"array of shape {value.shape}"
    return " ".join(np.array2string(value, precision=4).split())


def _label(node: Node) -> str:
    """A node as an input of another: its name, its op, or its constant value."""
    if node.name:
        return node.name
    return f"({node.op} of ...)" if node.op else _short(node.f)
