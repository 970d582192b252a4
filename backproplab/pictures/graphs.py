"""Computation graphs: forward value f above each node, backward value g below it."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from backproplab.graph import Node, topological_order
from backproplab.graph.table import is_constant, names_of
from backproplab.pictures.picture import FAINT, FONT, INK, Picture, blank
from backproplab.shown import BACKWARD, FORWARD, SYMBOLS, bracketed, listed

ACROSS, DOWN = 2.7, 2.05
Place = tuple[float, float]


def graph(root: Node, alt: str = "") -> Picture:
    """Draw a computation graph made of ``backproplab.graph.Node``, root on the right.

    Above each box stands f; below it g, once ``backward(root)`` was called.
    A node stands one column to the right of the last of its inputs.

    >>> from backproplab.graph import Node, backward, square
    >>> loss = square(Node(3, "a")).named("c")
    >>> backward(loss)
    >>> print(graph(loss).alt)
    A computation graph. a is an input, f = 3, g = 6. c = square of a, f = 9, g = 1.
    """
    order = topological_order(root)
    places = _places(order)
    columns = [x for x, _ in places.values()]
    rows = [y for _, y in places.values()]
    wide, high = max(columns) - min(columns) + 2.6, max(rows) - min(rows) + 1.9
    figure, axes = blank(0.58 * wide, 0.58 * high)
    for node in order:
        for source in node.inputs:
            _arrow(axes, places[source], places[node])
        _box(axes, places[node], node)
    axes.set_xlim(min(columns) - 1.3, max(columns) + 1.3)
    axes.set_ylim(min(rows) - 0.95, max(rows) + 0.95)
    return Picture(figure, alt or _describe(order))


def _places(order: list[Node]) -> dict[Node, Place]:
    column = _columns(order)
    consumers: dict[Node, list[Node]] = {node: [] for node in order}
    for node in order:
        for source in node.inputs:
            consumers[source].append(node)
    places: dict[Node, Place] = {}
    for c in range(max(column.values()), -1, -1):
        wanted = {
            node: _wish(node, consumers[node], places)
            for node in order
            if column[node] == c
        }
        for node, y in _spread(wanted).items():
            places[node] = (c * ACROSS, y)
    return places


def _columns(order: list[Node]) -> dict[Node, int]:
    """The longest path from the leaves; a leaf stands just before its first use."""
    column: dict[Node, int] = {}
    for node in order:
        column[node] = 1 + max((column[n] for n in node.inputs), default=-1)
    first_use: dict[Node, int] = {}
    for node in order:
        for source in node.inputs:
            first_use[source] = min(first_use.get(source, 10**9), column[node])
    for node in order:
        if not node.inputs and node in first_use:
            column[node] = first_use[node] - 1
    return column


def _wish(node: Node, consumers: list[Node], places: dict[Node, Place]) -> float:
    """Near the consumers, its first input a little higher than its second."""
    heights = []
    for consumer in consumers:
        inputs = consumer.inputs
        shift = (len(inputs) - 1) / 2 - inputs.index(node)
        heights.append(places[consumer][1] + DOWN * shift)
    return sum(heights) / len(heights) if heights else 0.0


def _spread(wanted: dict[Node, float]) -> dict[Node, float]:
    """Keep the order from top to bottom and at least one row between neighbours."""
    ranked = sorted(wanted, key=lambda node: -wanted[node])
    heights: list[float] = []
    for node in ranked:
        lowest = heights[-1] - DOWN if heights else wanted[node]
        heights.append(min(wanted[node], lowest))
    drift = float(np.mean([wanted[n] for n in ranked]) - np.mean(heights))
    return {n: y + drift for n, y in zip(ranked, heights, strict=True)}


def _arrow(axes: Axes, start: Place, end: Place) -> None:
    far = end[0] - start[0] > 1.5 * ACROSS
    bend = 0.0 if not far else (0.18 if start[1] <= end[1] else -0.18)
    axes.add_patch(
        FancyArrowPatch(
            (start[0] + 0.78, start[1]),
            (end[0] - 0.8, end[1]),
            arrowstyle="-|>",
            mutation_scale=12,
            connectionstyle=f"arc3,rad={bend}",
            color=FAINT,
            linewidth=1.3,
            zorder=1,
        )
    )


def _box(axes: Axes, place: Place, node: Node) -> None:
    x, y = place
    axes.add_patch(
        FancyBboxPatch(
            (x - 0.6, y - 0.24),
            1.2,
            0.48,
            boxstyle="round,pad=0.12",
            facecolor="#F3F3F3" if node.op else "#FFFFFF",
            edgecolor=INK,
            linewidth=1.2,
            zorder=2,
        )
    )
    middle: dict[str, Any] = {"ha": "center", "va": "center", "zorder": 3}
    axes.text(x, y, _label(node), fontsize=FONT, color=INK, linespacing=1.0, **middle)
    axes.text(x, y + 0.6, bracketed(node.f), fontsize=FONT, color=FORWARD, **middle)
    if node.g is not None and not is_constant(node):
        axes.text(
            x,
            y - 0.62,
            bracketed(node.g, sign=True),
            fontsize=FONT,
            color=BACKWARD,
            style="italic",
            **middle,
        )


def _label(node: Node) -> str:
    operation = SYMBOLS.get(node.op, node.op)
    if node.name and operation:
        return f"{node.name}\n{operation}"
    return node.name or operation or "constant"


def _describe(order: list[Node]) -> str:
    names = names_of(order, bracketed)
    parts = ["A computation graph."]
    for node in order:
        if is_constant(node):
            continue  # Its value stands where it is used.
        inputs = " and ".join(names[source] for source in node.inputs)
        made = f"= {node.op} of {inputs}" if node.op else "is an input"
        g = "" if node.g is None else f", g = {listed(node.g)}"
        parts.append(f"{names[node]} {made}, f = {listed(node.f)}{g}.")
    return " ".join(parts)
