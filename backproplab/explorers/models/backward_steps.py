"""Gradients going back through a graph, message by message: in order, and too early."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Any

import numpy as np

from backproplab.graph import BLOCKS, Node, unbroadcast
from backproplab.graph.table import is_constant
from backproplab.shown import bracketed, parenthesised

Step = dict[str, Any]


class BackwardSteps:
    """One walk from the root back: what each node sends, and what arrives (S8, M11).

    ``order`` is topological, ``names`` names every node, ``ids`` numbers them.
    """

    def __init__(self, order: Sequence[Node], names: Mapping[Node, str]) -> None:
        self.order, self.names, self.root = order, names, order[-1]
        self.ids = {node: i for i, node in enumerate(order)}
        self.g = {node: np.zeros_like(node.f) for node in order}
        self.edges = dict(zip(order, _counted(order), strict=True))
        self.users = dict.fromkeys(order, 0)
        for node in order:
            for port in ports(node):
                self.users[node.inputs[port]] += 1
        self.waits = dict(self.users)  # how many users have not reported yet
        self.coming = dict(self.users)  # how many messages are still to come

    def in_order(self) -> Iterator[Step]:
        """Each node once, after all that use it: its g is complete."""
        yield self._start()
        for node in reversed(self.order):
            if ports(node):
                yield self._send(node, ports(node))

    def at_once(self) -> Iterator[Step]:
        """The naive order: who is told something adds it to g and tells its inputs."""
        self.coming = naive_counts(self.order)
        yield self._start()
        stack = [(self.root, port) for port in reversed(ports(self.root))]
        while stack:
            node, port = stack.pop()
            yield self._send(node, [port])
            source = node.inputs[port]
            stack += [(source, port) for port in reversed(ports(source))]

    def _start(self) -> Step:
        name, self.g[self.root] = self.names[self.root], np.ones_like(self.root.f)
        return {
            "node": self.ids[self.root],
            "fields": fields({f"g of {name} =": self.g[self.root]}),
            "says": f"The way back begins: {name} changes as fast as itself, g = 1.",
            "g": {self.ids[self.root]: self.g[self.root]},
            "edges": [],
            "early": False,
        }

    def _send(self, node: Node, through: Sequence[int]) -> Step:
        upstream, early, told = self.g[node], self.waits[node], []
        shares = BLOCKS[node.op].backward(upstream, node.f, *_values(node))
        for port in through:
            told.append(self._tell(node, port, shares[port]))
        fed = dict.fromkeys(node.inputs[port] for port in through)
        name = self.names[node]
        return {
            "node": self.ids[node],
            "fields": fields({f"{self._asked(n)} =": self.g[n] for n in fed}),
            "says": f"{name} passes back its g{equals(upstream)}: "
            + "; ".join(arrival["says"] for arrival in told)
            + _too_early(name, early),
            "g": {self.ids[n]: self.g[n] for n in fed},
            "edges": [
                {"edge": arrival["edge"], "label": arrival["label"]} for arrival in told
            ],
            "early": early > 0,
        }

    def _tell(self, node: Node, port: int, share: Any) -> Step:
        """One message: the input adds it to what it has."""
        source = node.inputs[port]
        share, before = unbroadcast(share, source.f.shape), self.g[source]
        self.g[source] = before + share
        self.waits[source] -= 1
        self.coming[source] -= 1
        product = self._product(node, port)
        says = f"{self.names[source]} gets {product}{equals(share)}"
        if before.any() and before.size <= 4:
            plus = parenthesised(bracketed(share))
            after = bracketed(self.g[source])
            says += f", and {bracketed(before)} + {plus} = {after}"
        fork = "+= " if self.users[source] > 1 else ""
        return {"edge": self.edges[node] + port, "label": fork + product, "says": says}

    def _product(self, node: Node, port: int) -> str:
        """Upstream times local, in numbers, or in names where they are too many."""
        names = [self.names[source] for source in node.inputs]
        values = [source.f for source in node.inputs]
        if node.op == "dot" and max(value.ndim for value in values) > 1:
            return f"g · {names[1]}ᵀ" if port == 0 else f"{names[0]}ᵀ · g"
        sign = "⊙" if node.f.ndim else "×"
        if max(node.f.size, node.inputs[port].f.size) > 4:
            return f"g {sign} {slope_in_names(node.op, self.names[node], names)[port]}"
        local = BLOCKS[node.op].backward(np.ones_like(node.f), node.f, *values)[port]
        return f"{bracketed(self.g[node])} {sign} {parenthesised(bracketed(local))}"

    def _asked(self, node: Node) -> str:
        so_far = " so far" if self.coming[node] > 0 else ""
        return f"g of {self.names[node]}{so_far}"


def _counted(order: Sequence[Node]) -> list[int]:
    """How many edges there are before those of each node."""
    return [0, *accumulate(len(node.inputs) for node in order)][:-1]


def naive_counts(order: Sequence[Node]) -> dict[Node, int]:
    """How often each node fires in the naive order: once for every path back to it.

    >>> v = Node(1.0, "v0"); w = v + v; x = w + w
    >>> list(naive_counts([v, w, x]).values())
    [4, 2, 1]
    """
    fires = dict.fromkeys(order, 0)
    fires[order[-1]] = 1
    for node in reversed(order):
        for port in ports(node):
            fires[node.inputs[port]] += fires[node]
    return fires


def ports(node: Node) -> list[int]:
    """The inputs that want a gradient: all but numbers of the expression."""
    return [p for p, source in enumerate(node.inputs) if not is_constant(source)]


def slope_in_names(op: str, name: str, inputs: Sequence[str]) -> Sequence[str]:
    """The local derivative by each input, in names (S4).

    >>> slope_in_names("mul", "c", ["a", "b"]), slope_in_names("tanh", "A", ["Z"])
    (['b', 'a'], ['(1 − A²)'])
    """
    a, b = inputs[0], inputs[-1]
    return {
        "add": ["1", "1"],
        "sub": ["1", "(−1)"],
        "mul": [b, a],
        "div": [f"1/{b}", f"(−{name}/{b})"],
        "max": [f"({a} > {b})", f"({a} ≤ {b})"],
        "square": [f"2 {a}"],
        "sigmoid": [f"{name}(1 − {name})"],
        "tanh": [f"(1 − {name}²)"],
        "relu": [f"({a} > 0)"],
        "exp": [name],
        "log": [f"1/{a}"],
        "sum": ["1"],
    }[op]


def fields(values: Mapping[str, np.ndarray]) -> list[dict[str, Any]]:
    """What the learner may type: at most four numbers, or else the shape.

    >>> asked = fields({"a =": np.ones(2), "W =": np.ones((3, 4))})
    >>> [field["label"] for field in asked]
    ['a =', 'shape of W =']
    """
    return [
        {"label": label, "value": np.ravel(value)}
        if value.size <= 4
        else {"label": f"shape of {label}", "value": value.shape}
        for label, value in values.items()
    ]


def equals(value: np.ndarray) -> str:
    """What follows a name: the numbers, or how many there are.

    >>> equals(np.array(3.0)), equals(np.ones((5, 8)))
    (' = 3', ' (5×8 numbers)')
    """
    many = value.size > 4
    return f" ({bracketed(value)} numbers)" if many else f" = {bracketed(value)}"


def _values(node: Node) -> list[np.ndarray]:
    return [source.f for source in node.inputs]


def _too_early(name: str, waits: int) -> str:
    if not waits:
        return "."
    others = "another user" if waits == 1 else f"{waits} other users"
    return f". Too early: {name} still waits for {others}!"
