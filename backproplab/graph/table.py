"""A graph on paper: one line for each node, with its inputs and both its values."""

from __future__ import annotations

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


def trace(root: Node) -> list[Step]:
    """List the graph leaves to root; nodes without a name get n1, n2 ... (S2, S8).

    >>> from backproplab.graph import square
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
