"""A computation graph in pixels: boxes, edges, and the same as a still picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from backproplab.explorers import svg
from backproplab.explorers.models.layout import Layout, lay_out
from backproplab.graph import Node
from backproplab.graph.table import is_constant
from backproplab.shown import SYMBOLS, bracketed

BOX, ROW, MARGIN = 42, 104, 12  # height of a box, from row to row, around all
NUMBER, LETTER = 80, 9.3  # room for a number, and for each letter of a longer one
LABEL, GAP = 80, 22  # room for an edge's label, and beside it


def boxes_and_edges(order: Sequence[Node], names: Mapping[Node, str]) -> dict[str, Any]:
    """What a view draws: nodes with places, edges with paths, width and height.

    Called after ``backward``; numbers that change later move no box.
    """
    layout = lay_out({node: list(dict.fromkeys(node.inputs)) for node in order})
    middles, sides = _columns(order, names, layout)
    boxes = {
        node: {
            "name": names[node],
            "symbol": SYMBOLS.get(node.op, node.op),
            "leaf": not node.op,
            "constant": is_constant(node),
            "x": middles[layout.column[node]],
            "y": _y(layout.height[node]),
            "width": box_width(node, names[node]),
        }
        for node in order
    }
    edges = [
        _edge(layout, middles, sides, boxes, node, port)
        for node in order
        for port in range(len(node.inputs))
    ]
    wide = middles[-1] + sides[-1] + MARGIN
    high = 2 * MARGIN + ROW * (1 + max(layout.height.values()))
    return {
        "nodes": list(boxes.values()),
        "edges": edges,
        "width": wide,
        "height": high,
    }


def box_width(node: Node, name: str) -> float:
    """Wide enough for the name and the operation."""
    return max(56, 20 + 9.5 * max(len(name), len(SYMBOLS.get(node.op, node.op))))


def number_width(node: Node) -> float:
    """Room for f and g as ``bracketed`` writes them."""
    words = [bracketed(node.f, sign=True)]
    if node.g is not None and not is_constant(node):
        words.append(bracketed(node.g, sign=True))
    return max(NUMBER, LETTER * max(map(len, words)))


def label_width(source: Node) -> float:
    """Room for one line of the label on the edge to ``source``."""
    return min(150.0, 0.6 * number_width(source)) if source.f.ndim else LABEL


def _columns(
    order: Sequence[Node], names: Mapping[Node, str], layout: Layout
) -> tuple[list[float], list[float]]:
    """The middle of each column and half its width."""
    count = 1 + max(layout.column.values())
    half, gap = [0.0] * count, [0.0] * count
    for node in order:
        c = layout.column[node]
        wide = max(box_width(node, names[node]), number_width(node))
        half[c] = max(half[c], wide / 2)
        if node.op and any(not is_constant(source) for source in node.inputs):
            gap[c] = max(gap[c], GAP + max(LABEL, *map(label_width, node.inputs)))
    middles: list[float] = []
    edge = float(MARGIN)
    for c in range(count):
        edge += gap[c] + half[c]
        middles.append(edge)
        edge += half[c]
    return middles, half


def _y(height: float) -> float:
    return MARGIN + ROW * (height + 0.5)


def _edge(
    layout: Layout,
    middles: list[float],
    sides: list[float],
    boxes: Mapping[Node, dict[str, Any]],
    node: Node,
    port: int,
) -> dict[str, Any]:
    source = node.inputs[port]
    start, end = boxes[source], boxes[node]
    across = 16 * (_slot(layout, node, port) - (len(node.inputs) - 1) / 2)
    x, y = start["x"] + start["width"] / 2, start["y"]
    begin, path = [x, y], f"M{x:g} {y:g}"
    for c, height in layout.bends[source, node]:
        left, right, level = middles[c] - sides[c], middles[c] + sides[c], _y(height)
        path += _curve(x, y, left, level) + f"L{right:g} {level:g}"
        x, y = right, level
    last, level = end["x"] - end["width"] / 2 - 3, end["y"] + across
    path += _curve(x, y, last, level)
    # Two edges between the same nodes: one label above, one below.
    shift = across if node.inputs.count(source) > 1 else 0
    label = [(x + last) / 2, (y + level) / 2 + shift]
    return {"path": path, "start": begin, "end": [last, level], "label": label}


def _slot(layout: Layout, node: Node, port: int) -> int:
    """Where an edge arrives: edges from above arrive above those from below."""
    heights = []
    for source in node.inputs:
        bends = layout.bends[source, node]
        heights.append(bends[-1][1] if bends else layout.height[source])
    return sorted(range(len(heights)), key=lambda p: heights[p]).index(port)


def _curve(x: float, y: float, to_x: float, to_y: float) -> str:
    middle = (x + to_x) / 2
    return f"C{middle:g} {y:g} {middle:g} {to_y:g} {to_x:g} {to_y:g}"


def still(order: Sequence[Node], names: Mapping[Node, str]) -> str:
    """The graph with every f above its box and every g below it."""
    figure = boxes_and_edges(order, names)
    line = {"fill": "none", "stroke": svg.FAINT, "stroke_width": 1.5}
    parts = [svg.element("path", d=edge["path"], **line) for edge in figure["edges"]]
    for node, box in zip(order, figure["nodes"], strict=True):
        parts.append(_box(box))
        value = {"fill": svg.FORWARD, "font_weight": 600}
        parts.append(svg.text(box["x"], box["y"] - 28, bracketed(node.f), **value))
        if node.g is not None and not box["constant"]:
            g = bracketed(node.g, sign=True)
            style = {"fill": svg.BACKWARD, "font_style": "italic", "font_weight": 600}
            parts.append(svg.text(box["x"], box["y"] + 40, g, **style))
    return svg.picture(figure["width"], figure["height"], *parts)


def _box(box: Mapping[str, Any]) -> str:
    x, y, wide = box["x"], box["y"], box["width"]
    fill = svg.PAPER if box["leaf"] else svg.BOX
    rect = svg.element(
        "rect",
        x=x - wide / 2,
        y=y - BOX / 2,
        width=wide,
        height=BOX,
        rx=8,
        fill=fill,
        stroke=svg.INK,
    )
    if not box["symbol"] or not box["name"]:
        return rect + svg.text(x, y + 5, box["name"] or box["symbol"])
    return (
        rect
        + svg.text(x, y - 3, box["name"], font_weight=600)
        + svg.text(x, y + 14, box["symbol"], fill=svg.FAINT, font_size=13)
    )
