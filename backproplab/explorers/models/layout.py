"""Where the nodes of a graph stand: columns by longest path, few crossings.

An edge that skips columns gets a bend in each of them, which takes part as a node
would: so no edge runs through a box.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

SWEEPS = 8
LIGHT = 0.02  # leaves give way to operations
Inputs = Mapping[Any, Sequence[Any]]  # every node after its inputs


class Layout(NamedTuple):
    """Column and height of every node, and the bends of every edge (source, target)."""

    column: dict[Any, int]
    height: dict[Any, float]
    bends: dict[tuple[Any, Any], list[tuple[int, float]]]


def lay_out(inputs: Inputs) -> Layout:
    """Place a graph, given as node -> inputs in topological order; heights in rows.

    >>> lay_out({"a": [], "b": [], "c": ["a", "b"]}).height
    {'a': 0.0, 'b': 1.0, 'c': 0.5}
    """
    column = columns(inputs)
    chains = {
        (source, node): _chain(source, node, column)
        for node in inputs
        for source in inputs[node]
    }
    links = [pair for chain in chains.values() for pair in _pairs(chain)]
    layers: list[list[Any]] = [[] for _ in range(max(column.values(), default=0) + 1)]
    for node in inputs:
        layers[column[node]].append(node)
    for chain in chains.values():
        for bend in chain[1:-1]:
            layers[bend[-1]].append(bend)
    height = _heights(layers, links, {node for node in inputs if not inputs[node]})
    lowest = min(height.values(), default=0.0)
    height = {item: y - lowest for item, y in height.items()}
    bends = {
        edge: [(bend[-1], height[bend]) for bend in chain[1:-1]]
        for edge, chain in chains.items()
    }
    return Layout(column, {node: height[node] for node in inputs}, bends)


def columns(inputs: Inputs) -> dict[Any, int]:
    """The longest path from the leaves; a leaf stands just before its first use."""
    column: dict[Any, int] = {}
    for node, sources in inputs.items():
        column[node] = 1 + max((column[source] for source in sources), default=-1)
    first_use: dict[Any, int] = {}
    for node, sources in inputs.items():
        for source in sources:
            first_use[source] = min(first_use.get(source, column[node]), column[node])
    for node, sources in inputs.items():
        if not sources and node in first_use:
            column[node] = first_use[node] - 1
    return column


def _chain(source: Any, node: Any, column: Mapping[Any, int]) -> list[Any]:
    between = range(column[source] + 1, column[node])
    return [source, *[(source, node, c) for c in between], node]


def _pairs(chain: Sequence[Any]) -> list[tuple[Any, Any]]:
    return list(zip(chain, chain[1:], strict=False))


def _heights(
    layers: list[list[Any]], links: list[tuple[Any, Any]], leaves: set[Any]
) -> dict[Any, float]:
    """Sweep over the columns, each item to the mean height of its neighbours.

    Leaves follow their users; where a node has other inputs, it heeds only those, so
    that a chain of operations runs straight.
    """
    before: dict[Any, list[Any]] = {item: [] for layer in layers for item in layer}
    after: dict[Any, list[Any]] = {item: [] for layer in layers for item in layer}
    for source, target in links:
        before[target].append(source)
        after[source].append(target)
    for sources in before.values():
        heeded = [source for source in sources if source not in leaves]
        sources[:] = heeded or sources
    height = {item: float(i) for layer in layers for i, item in enumerate(layer)}
    for sweep in range(SWEEPS):
        forward = sweep % 2 == 0
        beside = before if forward else after
        for layer in layers if forward else reversed(layers):
            _settle(layer, height, beside, leaves)
    for layer in layers:
        _settle(layer, height, before, leaves, sort=False)
    return height


def _settle(
    layer: list[Any],
    height: dict[Any, float],
    near: Mapping[Any, list[Any]],
    leaves: set[Any],
    sort: bool = True,
) -> None:
    wish = {
        item: _mean([height[n] for n in near[item]], height[item]) for item in layer
    }
    if sort:
        layer.sort(key=lambda item: wish[item])
    weights = [LIGHT if item in leaves else 1.0 for item in layer]
    places = apart([wish[item] for item in layer], weights)
    for item, y in zip(layer, places, strict=True):
        height[item] = y


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def apart(wishes: Sequence[float], weights: Sequence[float]) -> list[float]:
    """Heights in this order, at least 1 apart, nearest to the wished ones by weight.

    Items that would touch form a block, which moves to the weighted mean of its wishes.

    >>> apart([0, 0, 5], [1, 1, 1])
    [-0.5, 0.5, 5.0]
    """
    blocks: list[_Block] = []
    for wish, weight in zip(wishes, weights, strict=True):
        blocks.append(_Block(weight * wish, weight, 1))
        while len(blocks) > 1 and blocks[-2].top + blocks[-2].items > blocks[-1].top:
            last = blocks.pop()
            above = blocks.pop()
            pull = above.pull + last.pull - above.items * last.weight
            items = above.items + last.items
            blocks.append(_Block(pull, above.weight + last.weight, items))
    return [block.top + k for block in blocks for k in range(block.items)]


class _Block(NamedTuple):
    """Items without room between: sum of weight (wish - place in the block)."""

    pull: float
    weight: float
    items: int

    @property
    def top(self) -> float:
        return self.pull / self.weight
