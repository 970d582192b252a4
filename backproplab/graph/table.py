"""A graph on paper: one line for each node, with its inputs and both its values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from backproplab.graph.nodes import Node, short
from backproplab.graph.walk import topological_order


class Step(NamedTuple):
    """One line of a trace: a node, its inputs by name, and both its values."""

    name: str
    op: str
    inputs: tuple[str, ...]
    f: np.ndarray
    g: np.ndarray | None


def is_constant(node: Node) -> bool:
    """A number written into the expression: nobody asks for its gradient."""
    return not node.name and not node.op


def names_of(
    order: Sequence[Node], written: Callable[[np.ndarray], str] = short
) -> dict[Node, str]:
    """Given names; unnamed operations are n1, n2 ..., and constants their value.

    >>> a = Node(3, "a")
    >>> list(names_of(topological_order(2 * a + 1)).values())
    ['2', 'a', 'n1', '1', 'n2']
    """
    names, count = {}, 0
    for node in order:
        count += not node.name and bool(node.op)
        unnamed = f"n{count}" if node.op else written(node.f)
        names[node] = node.name or unnamed
    return names


def trace(root: Node) -> list[Step]:
    """List the graph leaves to root; unnamed operations are n1, n2 ... (S2, S8).

    >>> from backproplab.graph import square
    >>> a = Node(3, "a")
    >>> [(step.name, step.op, step.inputs) for step in trace(square(a) + a)]
    [('a', '', ()), ('n1', 'square', ('a',)), ('n2', 'add', ('n1', 'a'))]
    """
    order = topological_order(root)
    names = names_of(order)
    return [
        Step(names[n], n.op, tuple(names[i] for i in n.inputs), n.f, n.g) for n in order
    ]


def draw(root: Node) -> str:
    """Draw the graph as a table: one node a line, leaves first, with f and g (S8).

    >>> from backproplab.graph import backward, square
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
        g = "" if step.g is None else short(step.g)
        rows.append((step.name, made, short(step.f), g))
    wide = [max(len(row[i]) for row in rows) for i in range(4)]
    return "\n".join(
        f"{name:<{wide[0]}}  {made:<{wide[1]}}  {f:>{wide[2]}}  {g:>{wide[3]}}".rstrip()
        for name, made, f, g in rows
    )
