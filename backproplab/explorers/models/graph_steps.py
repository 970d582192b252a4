"""The graph stepper's model: forward values, then gradients, one node at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import numpy as np

from backproplab.explorers.models.graph_figure import (
    boxes_and_edges,
    is_constant,
    still,
)
from backproplab.graph import (
    BLOCKS,
    Node,
    backward,
    dot,
    draw,
    forward,
    square,
    topological_order,
    unbroadcast,
)
from backproplab.shown import SYMBOLS, bracketed

MOST_NODES, MOST_STEPS = 120, 200
Step = dict[str, Any]


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
        self.order = _copied(_checked(root))
        self.root = self.order[-1]
        self.ids = {node: i for i, node in enumerate(self.order)}
        self.names = _names(self.order)
        self.figure = boxes_and_edges(self.order, self.names)
        backward(self.root)

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
        right = list(self._firings())
        naive = list(islice(self._naive_messages(), MOST_STEPS))
        return {
            **self.figure,
            "leaves": {i: n.f for n, i in self.ids.items() if not n.op},
            "forward": [self._value(n) for n in self.order if n.op],
            "right": right,
            "naive": naive,
            "fires": [sum(not is_constant(n) for n in self.order), self._naive_count()],
        }

    def as_text(self) -> str:
        """The table of ``backproplab.graph.draw``."""
        return draw(self.root)

    def svg(self) -> str:
        """The graph with all values."""
        return still(self.order, self.names)

    def _value(self, node: Node) -> Step:
        name, made = self.names[node], self._made_of(node)
        numbers = expression(node.op, [bracketed(source.f) for source in node.inputs])
        return {
            "node": self.ids[node],
            "fields": _fields({f"{name} =": node.f}),
            "says": f"{name} = {made} = {numbers} = {bracketed(node.f)}",
            "f": node.f,
        }

    def _made_of(self, node: Node) -> str:
        return expression(node.op, [self.names[source] for source in node.inputs])

    def _firings(self) -> Iterator[Step]:
        """One step for each node, after all that use it: its g is complete."""
        g = {node: np.zeros_like(node.f) for node in self.order}
        yield self._start(g)
        for node in reversed(self.order):
            ports = self._ports(node)
            if ports:
                yield self._send(node, ports, g)

    def _naive_messages(self) -> Iterator[Step]:
        """Whoever is told something adds it to its g and tells its inputs at once."""
        g = {node: np.zeros_like(node.f) for node in self.order}
        waits = dict.fromkeys(self.order, 0)
        for node in self.order:
            for source in node.inputs:
                waits[source] += 1
        yield self._start(g)
        stack = [(self.root, port) for port in reversed(self._ports(self.root))]
        while stack:
            node, port = stack.pop()
            source = node.inputs[port]
            yield self._send(node, [port], g, waits[node])
            waits[source] -= 1
            stack += [(source, port) for port in reversed(self._ports(source))]

    def _ports(self, node: Node) -> list[int]:
        """The inputs that want a gradient: all but numbers of the expression."""
        return [p for p, source in enumerate(node.inputs) if not is_constant(source)]

    def _naive_count(self) -> int:
        """How often nodes fire in the naive order: once for every path back."""
        fires = dict.fromkeys(self.order, 0)
        fires[self.root] = 1
        for node in reversed(self.order):
            for port in self._ports(node):
                fires[node.inputs[port]] += fires[node]
        return sum(fires.values())

    def _start(self, g: dict[Node, np.ndarray]) -> Step:
        name = self.names[self.root]
        g[self.root] = np.ones_like(self.root.f)
        return {
            "node": self.ids[self.root],
            "fields": _fields({f"g of {name} =": g[self.root]}),
            "says": f"The way back begins: {name} changes as fast as itself, g = 1.",
            "g": {self.ids[self.root]: g[self.root]},
            "edges": [],
        }

    def _send(
        self,
        node: Node,
        ports: Sequence[int],
        g: dict[Node, np.ndarray],
        waits: int = 0,
    ) -> Step:
        """node passes its g back; ``waits`` of its users have not reported to it."""
        upstream, says, edges = g[node], [], []
        shares = BLOCKS[node.op].backward(upstream, node.f, *self._values(node))
        for port in ports:
            source = node.inputs[port]
            share, before = unbroadcast(shares[port], source.f.shape), g[source]
            g[source] = before + share
            label = f"{bracketed(upstream, sign=True)} {self._local(node, port)}"
            edges.append({"edge": self._edge(node, port), "label": label})
            added = f", added to {bracketed(before)}" if before.any() else ""
            total = f": {bracketed(g[source])}" if before.any() else ""
            name = self.names[source]
            says.append(f"{name} gets {label} = {bracketed(share)}{added}{total}")
        fed = dict.fromkeys(node.inputs[port] for port in ports)
        words = f"{self.names[node]} passes back its g = {bracketed(upstream)}: "
        return {
            "node": self.ids[node],
            "fields": _fields({f"g of {self.names[n]} =": g[n] for n in fed}),
            "says": words + "; ".join(says) + "." + _warning(self.names[node], waits),
            "g": {self.ids[n]: g[n] for n in fed},
            "edges": edges,
            "early": waits > 0,
        }

    def _values(self, node: Node) -> list[np.ndarray]:
        return [source.f for source in node.inputs]

    def _edge(self, node: Node, port: int) -> int:
        return sum(len(n.inputs) for n in self.order[: self.ids[node]]) + port

    def _local(self, node: Node, port: int) -> str:
        """The local derivative as it multiplies g: "× 3", "⊙ [1, 2]", "· Bᵀ"."""
        values = self._values(node)
        if node.op == "dot" and max(value.ndim for value in values) > 1:
            return f"with {self.names[node.inputs[1 - port]]} transposed"
        one = np.ones_like(node.f)
        local = BLOCKS[node.op].backward(one, node.f, *values)[port]
        local = np.broadcast_to(local, np.broadcast_shapes(np.shape(local), one.shape))
        return f"{'⊙' if one.ndim else '×'} {_factor(bracketed(local))}"


def _warning(name: str, waits: int) -> str:
    if not waits:
        return ""
    others = "another user" if waits == 1 else f"{waits} other users"
    return f" Too early: {name} still waits for {others}!"


def expression(op: str, parts: Sequence[str]) -> str:
    """An operation on names or numbers, as one writes it.

    >>> expression("mul", ["2", "−3"]), expression("square", ["−3"])
    ('2 × (−3)', '(−3)²')
    """
    factors = [_factor(part) for part in parts]
    if op == "square":
        return f"{factors[0]}²"
    if op in ("add", "sub", "mul", "div"):
        return f" {SYMBOLS[op]} ".join(factors)
    if op == "dot":
        return " · ".join(factors)
    return f"{SYMBOLS.get(op, op)}({', '.join(parts)})"


def _factor(number: str) -> str:
    return f"({number})" if number.startswith("−") else number


def _fields(values: dict[str, np.ndarray]) -> list[Step]:
    """What the learner may type: numbers, and lists of at most four."""
    if any(value.size > 4 for value in values.values()):
        return []
    return [{"label": k, "value": np.ravel(value)} for k, value in values.items()]


def _checked(root: Any) -> list[Node]:
    if not isinstance(root, Node):
        raise ValueError(
            "GraphStepper needs the last node of a graph made with backproplab.graph,"
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


def _copied(order: Sequence[Node]) -> list[Node]:
    """Nodes of our own, so that playing changes nothing in the notebook."""
    copy: dict[Node, Node] = {}
    for node in order:
        inputs = tuple(copy[source] for source in node.inputs)
        copy[node] = Node(node.f, node.name, node.op, inputs)
    return list(copy.values())


def _names(order: Sequence[Node]) -> dict[Node, str]:
    """Given names; unnamed operations are n1, n2 ..., and constants their value."""
    names, count = {}, 0
    for node in order:
        count += not node.name and bool(node.op)
        unnamed = f"n{count}" if node.op else bracketed(node.f)
        names[node] = node.name or unnamed
    return names
