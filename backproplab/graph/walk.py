"""Through a graph and back: forward values f, backward values g = dloss/df."""

from __future__ import annotations

from typing import Any

import numpy as np

from backproplab.arrays import misfit, promote
from backproplab.graph.blocks import BLOCKS
from backproplab.graph.nodes import Node, value_of


def topological_order(root: Node) -> list[Node]:
    """Every node after all its inputs, the root last, else as written (S8, M11).

    Walks with a stack of its own: no graph is too deep.  Raises TypeError when root
    is not a node.

    >>> a = Node(1, "a")
    >>> [node.op or node.name for node in topological_order(a * a + a)]
    ['a', 'mul', 'add']
    """
    if not isinstance(root, Node):
        raise TypeError(f"a graph's root is a Node, got {root!r}; .f left the graph?")
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

    >>> from backproplab.graph import square
    >>> a = Node(3); c = square(a)
    >>> a.f = promote(4)
    >>> print(forward(c))
    16.0
    """
    for node in topological_order(root):
        if node.op:
            node.f = promote(value_of(node.op, node.inputs))
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
