"""The graph stepper's model: forward values, then gradients, one node at a time."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Any

import numpy as np

from backproplab.explorers.models.backward_steps import (
    BackwardSteps,
    Step,
    equals,
    fields,
    naive_counts,
)
from backproplab.explorers.models.graph_figure import boxes_and_edges, still
from backproplab.graph import (
    Node,
    backward,
    dot,
    draw,
    forward,
    square,
    topological_order,
)
from backproplab.graph.table import is_constant, names_of
from backproplab.shown import SYMBOLS, bracketed, parenthesised

MOST_NODES, MOST_STEPS = 120, 80


def example() -> Node:
    """(w.phi - y)^2 with w = [3, 1], phi = [1, 2], y = 2: dloss/dw is [6, 12] (S8)."""
    w, phi, y = Node([3, 1], "w"), Node([1, 2], "φ"), Node(2, "y")
    residual = (dot(w, phi).named("score") - y).named("residual")
    return square(residual).named("loss")


class GraphSteps:
    """Every step through a graph: each value f, then each gradient g (S2, S4, S8, M11).

    ``root`` is a number made of ``backproplab.graph`` nodes; the model steps through a
    copy.  Raises ValueError for anything else, and for more nodes than can be drawn.
    """

    def __init__(self, root: Any) -> None:
        self.order = copied(checked(root, "GraphStepper"))
        self.root = self.order[-1]
        self.ids = {node: i for i, node in enumerate(self.order)}
        self.names = names_of(self.order, bracketed)
        backward(self.root)
        self.figure = boxes_and_edges(self.order, self.names)

    def answer(self, request: dict[str, Any]) -> None:
        """{"leaf": id, "entry": position, "value": number} changes one leaf."""
        leaf, value = self.order[int(request["leaf"])], float(request["value"])
        if leaf.op or not np.isfinite(value):
            raise ValueError(f"{self.names[leaf]} cannot become {value}")
        changed = leaf.f.copy()
        changed.flat[int(request["entry"])] = value
        leaf.f = changed
        forward(self.root)
        backward(self.root)

    def state(self) -> dict[str, Any]:
        """Boxes, edges, leaf values, and all steps in the right and the naive order."""
        right = BackwardSteps(self.order, self.names).in_order()
        naive = BackwardSteps(self.order, self.names).at_once()
        return {
            **self.figure,
            "leaves": {i: n.f for n, i in self.ids.items() if not n.op},
            "forward": [self._value(n) for n in self.order if n.op],
            "right": list(right),
            "naive": list(islice(naive, MOST_STEPS)),
            "ending": self._ending(),
        }

    def as_text(self) -> str:
        """The table of ``backproplab.graph.draw``."""
        return draw(self.root)

    def svg(self) -> str:
        """The graph with all values."""
        return still(self.order, self.names)

    def _value(self, node: Node) -> Step:
        name = self.names[node]
        made = expression(node.op, [self.names[source] for source in node.inputs])
        values = [bracketed(source.f) for source in node.inputs]
        numbers = f" = {expression(node.op, values)}"
        if max(source.f.size for source in node.inputs) > 4:
            numbers = ""
        return {
            "node": self.ids[node],
            "fields": fields({f"{name} =": node.f}),
            "says": f"{name} = {made}{numbers}{equals(node.f)}",
            "f": node.f,
        }

    def _ending(self) -> str:
        """How the naive order ends, beside the right one."""
        once = sum(not is_constant(node) for node in self.order)
        fired = sum(naive_counts(self.order).values())
        times = f"nodes fire {fired:,} times instead of {once:,}"
        if fired > MOST_STEPS:
            return f"Stopped here: {times}."
        naive, right = self._walk(naive=True), self._walk(naive=False)
        wrong = [
            f"{self.names[node]} has {bracketed(naive[node])}"
            f" instead of {bracketed(right[node])}"
            for node in self.order
            if not np.allclose(naive[node], right[node])
        ]
        if not wrong:
            return "All is right this time: only inputs are used more than once."
        return f"The end: {times}; {', '.join(wrong)}."

    def _walk(self, naive: bool) -> dict[Node, np.ndarray]:
        """All gradients after the last step."""
        walk = BackwardSteps(self.order, self.names)
        for _ in walk.at_once() if naive else walk.in_order():
            pass
        return walk.g


def expression(op: str, parts: Sequence[str]) -> str:
    """An operation on names or numbers, as one writes it.

    >>> expression("mul", ["2", "−3"]), expression("square", ["−3"])
    ('2 × (−3)', '(−3)²')
    """
    factors = [parenthesised(part) for part in parts]
    if op == "square":
        return f"{factors[0]}²"
    if op in ("add", "sub", "mul", "div"):
        return f" {SYMBOLS[op]} ".join(factors)
    if op == "dot":
        return " · ".join(factors)
    return f"{SYMBOLS.get(op, op)}({', '.join(parts)})"


def checked(root: Any, who: str) -> list[Node]:
    """The graph in topological order; raises ValueError where it cannot be drawn."""
    if not isinstance(root, Node):
        raise ValueError(
            f"{who} needs the last node of a graph made with backproplab.graph,"
            f" for example square(Node(3)); got {type(root).__name__}"
        )
    if root.f.size != 1:
        raise ValueError(
            f"the last node must be a number, its shape is {root.f.shape}:"
            " pass total(node)"
        )
    order = topological_order(root)
    if len(order) > MOST_NODES:
        raise ValueError(
            f"this graph has {len(order):,} nodes; up to {MOST_NODES} can be drawn so"
            " that one can read them: use vectors and matrices as nodes, or pass a part"
            " of the graph. backward() and draw() take all of it"
        )
    return order


def copied(order: Sequence[Node]) -> list[Node]:
    """Nodes of our own, so that playing changes nothing in the notebook."""
    copy: dict[Node, Node] = {}
    for node in order:
        inputs = tuple(copy[source] for source in node.inputs)
        copy[node] = Node(node.f, node.name, node.op, inputs)
    return list(copy.values())
