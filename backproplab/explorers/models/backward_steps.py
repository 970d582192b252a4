"""Gradients going back through a graph, message by message: in order, and too early."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from backproplab.graph import BLOCKS, Node, unbroadcast
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
        self.users = dict.fromkeys(order, 0)
        for node in order:
            for port in ports(node):
                self.users[node.inputs[port]] += 1
        self.waits = dict(self.users)  # how many users have not reported yet

    def in_order(self) -> Iterator[Step]:
        """Each node once, after all that use it: its g is complete."""
        yield self._start()
        for node in reversed(self.order):
            if ports(node):
                yield self._send(node, ports(node))

    def at_once(self) -> Iterator[Step]:
        """The naive order: who is told something adds it to g and tells its inputs."""
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
        name, sent = self.names[node], bracketed(upstream)
        return {
            "node": self.ids[node],
            "fields": fields({f"{self._asked(n)} =": self.g[n] for n in fed}),
            "says": f"{name} passes back its g = {sent}: "
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
        source, upstream = node.inputs[port], self.g[node]
        share, before = unbroadcast(share, source.f.shape), self.g[source]
        self.g[source] = before + share
        self.waits[source] -= 1
        product = f"{bracketed(upstream)} {local_factor(node, port, self.names)}"
        says = f"{self.names[source]} gets {product} = {bracketed(share)}"
        if before.any():
            plus = parenthesised(bracketed(share))
            after = bracketed(self.g[source])
            says += f", and {bracketed(before)} + {plus} = {after}"
        fork = "+= " if self.users[source] > 1 else ""
        return {"edge": self._edge(node, port), "label": fork + product, "says": says}

    def _asked(self, node: Node) -> str:
        so_far = " so far" if self.waits[node] > 0 else ""
        return f"g of {self.names[node]}{so_far}"

    def _edge(self, node: Node, port: int) -> int:
        return sum(len(n.inputs) for n in self.order[: self.ids[node]]) + port


def naive_count(order: Sequence[Node]) -> int:
    """How often nodes fire in the naive order: once for every path back.

    >>> v = Node(1.0, "v0"); w = v + v; x = w + w
    >>> naive_count([v, w, x])
    7
    """
    fires = dict.fromkeys(order, 0)
    fires[order[-1]] = 1
    for node in reversed(order):
        for port in ports(node):
            fires[node.inputs[port]] += fires[node]
    return sum(fires.values())


def is_constant(node: Node) -> bool:
    """A number written into the expression: nobody asks for its gradient."""
    return not node.name and not node.op


def ports(node: Node) -> list[int]:
    """The inputs that want a gradient: all but numbers of the expression."""
    return [p for p, source in enumerate(node.inputs) if not is_constant(source)]


def local_factor(node: Node, port: int, names: Mapping[Node, str]) -> str:
    """The local derivative as it multiplies g: "× 3", "⊙ [1, 2]", "with W transposed".

    >>> node = Node(3.0) * 2
    >>> local_factor(node, 0, {})
    '× 2'
    """
    values = _values(node)
    if node.op == "dot" and max(value.ndim for value in values) > 1:
        return f"with {names[node.inputs[1 - port]]} transposed"
    one = np.ones_like(node.f)
    local = np.asarray(BLOCKS[node.op].backward(one, node.f, *values)[port])
    return f"{'⊙' if one.ndim else '×'} {parenthesised(bracketed(local))}"


def fields(values: Mapping[str, np.ndarray]) -> list[dict[str, Any]]:
    """What the learner may type: numbers, and lists of at most four."""
    if any(value.size > 4 for value in values.values()):
        return []
    return [{"label": k, "value": np.ravel(value)} for k, value in values.items()]


def _values(node: Node) -> list[np.ndarray]:
    return [source.f for source in node.inputs]


def _too_early(name: str, waits: int) -> str:
    if not waits:
        return "."
    others = "another user" if waits == 1 else f"{waits} other users"
    return f". Too early: {name} still waits for {others}!"
