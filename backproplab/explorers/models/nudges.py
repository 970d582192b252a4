"""The nudge's model: one entry of one leaf moves by epsilon, and everything follows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from backproplab.explorers.models.graph_figure import boxes_and_edges, still
from backproplab.explorers.models.graph_steps import checked, copied
from backproplab.explorers.models.network_input import as_examples, as_network
from backproplab.graph import Node, backward, dot, forward, square, total
from backproplab.graph import apply as node
from backproplab.graph.table import is_constant, names_of
from backproplab.network import depth, sizes
from backproplab.shown import bracketed, columns, short

FIRST = 0.01  # of the largest nudge: the one asked for
SIZES = (1.0, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.001)  # of the largest nudge
MOST_LAYERS, MOST_EXAMPLES = 12, 10_000
CURVE = 20  # points on each side of 0
ROUNDING = 1e-12  # of the loss: a smaller gap is none


def network_graph(params: Mapping[str, Any], X: Any, Y: Any, hidden: str) -> Node:
    """L = 1/N sum of (yhat - y)^2 for a network with a linear output, as a graph."""
    weights = as_network(params, MOST_LAYERS)
    X, Y = as_examples(X, Y, sizes(weights), MOST_EXAMPLES)
    A, L = Node(X, "X"), depth(weights)
    for layer in range(1, L + 1):
        W, b = (Node(weights[f"{k}{layer}"], f"{k}{layer}") for k in "Wb")
        A = (dot(A, W) + b).named(f"Z{layer}")
        if layer < L and hidden != "linear":
            A = node(hidden, A).named(f"A{layer}")
    squares = total(square((A - Node(Y, "Y")).named("residual")))
    return (squares / len(A.f)).named("L")


class Nudges:
    """A graph, and what a nudge of one entry of one leaf does to all of it (N4, S3).

    ``root`` is a number made of ``backproplab.graph`` nodes; ``largest`` is the largest
    nudge.  Raises ValueError for anything else.
    """

    def __init__(self, root: Any, largest: float) -> None:
        self.order = copied(checked(root, "Nudge"))
        self.root = self.order[-1]
        self.names = names_of(self.order, bracketed)
        if not isinstance(largest, int | float) or not 0 < largest < np.inf:
            raise ValueError(f"the largest nudge is a number above 0; got {largest!r}")
        self.largest = float(largest)
        backward(self.root)
        self.figure = boxes_and_edges(self.order, self.names)
        self.sources: dict[Node, set[Node]] = {}
        for n in self.order:
            self.sources[n] = {n}.union(*(self.sources[m] for m in n.inputs))
        leaves = [n for n in self.order if not n.op and not is_constant(n)]
        if not leaves:
            raise ValueError('this graph has no named leaf to nudge, as Node(3, "w")')
        if not np.isfinite(self.root.f).all():
            raise ValueError(f"the loss is {self.root.f}: there is no slope to compare")
        weights = [n for n in leaves if n.name[0] in "wW"]
        self.leaf, self.entry = (weights or leaves)[0], 0

    def answer(self, request: dict[str, Any]) -> None:
        """{"leaf": id, "entry": position} chooses what is nudged."""
        leaf, entry = self.order[int(request["leaf"])], int(request["entry"])
        if leaf.op or is_constant(leaf) or not 0 <= entry < leaf.f.size:
            raise ValueError(f"{self.names[leaf]} has no entry {entry} to nudge")
        self.leaf, self.entry = leaf, entry

    def state(self) -> dict[str, Any]:
        """Boxes and edges, f and g of every node, and a table of nudges."""
        scaled = [self.largest * size for size in SIZES]
        nudges = [-e for e in scaled] + scaled[::-1]
        along = [self.largest * k / CURVE for k in range(-CURVE, CURVE + 1)]
        return {
            **self.figure,
            "f": [n.f for n in self.order],
            "leaf": self.order.index(self.leaf),
            "entry": self.entry,
            "shape": self.leaf.f.shape,
            "slope": self.slope(),
            "loss": self.root.f,
            "chosen": self.chosen(),
            "nudges": [self.nudged(e) for e in nudges],
            "moved": [self._moved(e) for e in nudges],
            "carries": [
                self._reaches(source) for n in self.order for source in n.inputs
            ],
            "first": nudges.index(self.largest * FIRST),
            "curve": [[e, float(self._values(e)[-1] - self.root.f)] for e in along],
            "note": self._note(),
        }

    def _note(self) -> str:
        """How the gap falls with the nudge."""
        wide, narrow = (abs(self.nudged(self.largest * s)["gap"]) for s in (0.1, 0.01))
        if wide == 0:
            return (
                f"There is no gap: along {self.chosen()} the loss is a straight line."
            )
        if narrow == 0:
            return ""
        times = short(float(f"{wide / narrow:.3g}"))
        sizes = [short(self.largest * s) for s in (0.1, 0.01)]
        return f"From {sizes[0]} to {sizes[1]} the gap shrinks {times} times."

    def slope(self) -> float:
        """dL by the chosen entry, from the backward pass."""
        assert self.leaf.g is not None
        return float(self.leaf.g.flat[self.entry])

    def nudged(self, epsilon: float) -> dict[str, Any]:
        """What moves, by how much, and how far gradient times epsilon is from it."""
        real = float(self._values(epsilon)[-1] - self.root.f)
        linear = self.slope() * epsilon
        gap = real - linear
        if abs(gap) <= ROUNDING * max(1.0, abs(float(self.root.f))):
            gap = 0.0
        return {"epsilon": epsilon, "real": real, "linear": linear, "gap": gap}

    def _moved(self, epsilon: float) -> list[str]:
        """The change of every node that hears of the nudge, as it is written."""
        return [
            _change(after - n.f) if self._reaches(n) else ""
            for after, n in zip(self._values(epsilon), self.order, strict=True)
        ]

    def _reaches(self, node: Node) -> bool:
        """Does the nudged leaf feed into this node?"""
        return self.leaf in self.sources[node]

    def _values(self, epsilon: float) -> list[np.ndarray]:
        """Every value after the nudge; the graph stays as it is."""
        before = self.leaf.f
        self.leaf.f = before.copy()
        self.leaf.f.flat[self.entry] += epsilon
        with np.errstate(all="ignore"):
            forward(self.root)
        values = [n.f for n in self.order]
        self.leaf.f = before
        forward(self.root)
        return values

    def chosen(self) -> str:
        """The nudged entry by name: w[0], W1[0, 2], y."""
        name = self.names[self.leaf]
        place = np.unravel_index(self.entry, self.leaf.f.shape)
        return f"{name}[{', '.join(map(str, place))}]" if place else name

    def as_text(self) -> str:
        """The table of nudges: how much L moves, beside gradient times epsilon."""
        loss, chosen = self.names[self.root], self.chosen()
        rows = [("nudge", f"{loss} moves by", "slope × nudge", "gap")]
        for size in SIZES:
            row = self.nudged(self.largest * size)
            epsilon, real, linear, gap = (
                short(row[k]) for k in ("epsilon", "real", "linear", "gap")
            )
            rows.append((epsilon, real, linear, gap))
        head = f"{chosen} is nudged; d{loss}/d{chosen} = {short(self.slope())}"
        return f"{head}\n{columns(rows)}"

    def svg(self) -> str:
        """The graph with all values and gradients."""
        return still(self.order, self.names)


def _change(change: np.ndarray) -> str:
    """A change as it is written: numbers, or the largest of many."""
    if change.size <= 4:
        return bracketed(change, sign=True)
    return f"|Δ| ≤ {short(np.abs(change).max())}"
