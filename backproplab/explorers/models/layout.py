"""Where the nodes of a graph stand: columns by longest path, few crossings.

An edge that skips columns gets a bend in each of them, which takes part as a node
would: so no edge runs through a box.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

SWEEPS = 8
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
    height = _heights(layers, links)
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


def _heights(layers: list[list[Any]], links: list[tuple[Any, Any]]) -> dict[Any, float]:
    """Sweep over the columns, each item to the mean height of its neighbours."""
    before: dict[Any, list[Any]] = {item: [] for layer in layers for item in layer}
    after: dict[Any, list[Any]] = {item: [] for layer in layers for item in layer}
    for source, target in links:
        before[target].append(source)
        after[source].append(target)
    height = {item: float(i) for layer in layers for i, item in enumerate(layer)}
    for sweep in range(SWEEPS):
        forward = sweep % 2 == 0
        beside = before if forward else after
        for layer in layers if forward else reversed(layers):
            _settle(layer, height, beside)
    both = {item: before[item] + after[item] for item in height}
    for layer in layers:
        _settle(layer, height, both, sort=False)
    return height


def _settle(
    layer: list[Any],
    height: dict[Any, float],
    near: Mapping[Any, list[Any]],
    sort: bool = True,
) -> None:
    wish = {
        item: _mean([height[n] for n in near[item]], height[item]) for item in layer
    }
    if sort:
        layer.sort(key=lambda item: wish[item])
    for item, y in zip(layer, apart([wish[item] for item in layer]), strict=True):
        height[item] = y


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def apart(wishes: Sequence[float], gap: float = 1.0) -> list[float]:
    """Heights in this order, at least ``gap`` apart, nearest to the wished ones.

    Items that would touch form a block, which moves to the mean of its wishes.

    >>> apart([0, 0, 5])
    [-0.5, 0.5, 5.0]
    """
    blocks: list[list[float]] = []  # each: sum of (wish - place in the block), length
    for wish in wishes:
        blocks.append([float(wish), 1])
        while len(blocks) > 1 and _end(blocks[-2], gap) > blocks[-1][0] / blocks[-1][1]:
            total, count = blocks.pop()
            blocks[-1][0] += total - gap * blocks[-1][1] * count
            blocks[-1][1] += count
    return [
        total / count + gap * k for total, count in blocks for k in range(int(count))
    ]


def _end(block: list[float], gap: float) -> float:
    """The first height that the block leaves free."""
    total, count = block
    return total / count + gap * count
