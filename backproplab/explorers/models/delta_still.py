"""Delta flow as a still picture and as a table: one example, everything revealed."""

from __future__ import annotations

from backproplab.explorers import svg
from backproplab.explorers.models.delta_trace import Shown, frame
from backproplab.explorers.models.network_pass import NetworkPass
from backproplab.shown import listed, short

ACROSS, DOWN, WIDE, HIGH, TOP = 210, 62, 112, 46, 46


def as_text(flow: NetworkPass, n: int, shown: Shown) -> str:
    """Layer by layer: values, error signals, gradients."""
    now = frame(flow, n, shown)
    lines = [
        f"Layers of {', '.join(map(str, flow.sizes))} units; hidden "
        f"{flow.names['hidden']}, output {flow.names['output']}, loss "
        f"{flow.names['loss']}.",
        f"Example {n + 1} of {len(flow.X)}; its loss is {short(now['loss'])}, the loss "
        f"of the batch {short(flow.loss)}.",
        f"inputs: {listed(now['A'][0])}",
    ]
    for layer in range(1, flow.L + 1):
        A, delta = now["A"][layer], now["modern"]["delta"][layer]
        lines.append(
            f"layer {layer}: values {listed(A)}; delta = dL/dZ {listed(delta)}"
        )
        left_out = flow.sizes[layer] - len(shown[layer])
        if left_out:
            units = ", ".join(str(unit + 1) for unit in shown[layer])
            lines[-1] += f" (units {units}; {left_out} more not shown)"
    lines.append(f"targets: {listed(now['y'])}")
    for layer in range(1, flow.L + 1):
        dW, db = (flow.grads[f"{kind}{layer}"] for kind in ("dW", "db"))
        if dW.size <= 12:
            lines.append(
                f"dW{layer}, row by row: {listed(dW)}; db{layer}: {listed(db)}"
            )
    return "\n".join(lines)


def picture(flow: NetworkPass, n: int, shown: Shown) -> str:
    """Boxes of units in columns; values blue, error signals brown with their sign."""
    now = frame(flow, n, shown)
    rows = max(len(units) for units in shown)
    places = [
        [
            (20 + layer * ACROSS, TOP + DOWN * ((rows - len(units)) / 2 + i))
            for i in range(len(units))
        ]
        for layer, units in enumerate(shown)
    ]
    parts = [_edges(flow, shown, places)]
    for layer, units in enumerate(shown):
        delta = now["modern"]["delta"][layer]
        for i, unit in enumerate(units):
            signal = delta[i] if layer else None
            parts.append(_unit(places[layer][i], unit, now["A"][layer][i], signal))
        parts.append(_heading(flow, layer, len(units)))
    width, height = 40 + flow.L * ACROSS + WIDE, TOP + DOWN * rows + 34
    return svg.picture(width, height, *parts, _key(height, now["loss"]))


def _heading(flow: NetworkPass, layer: int, drawn: int) -> str:
    words = "inputs" if layer == 0 else f"layer {layer}"
    if drawn < flow.sizes[layer]:
        words += f": {drawn} of {flow.sizes[layer]}"
    return svg.text(20 + layer * ACROSS + WIDE / 2, 24, words, fill=svg.FAINT)


def _edges(flow: NetworkPass, shown: list, places: list) -> str:
    parts = []
    for layer in range(1, flow.L + 1):
        W = flow.params[f"W{layer}"]
        few = len(shown[layer - 1]) * len(shown[layer]) <= 6
        for i, j in enumerate(shown[layer - 1]):
            for m, k in enumerate(shown[layer]):
                start, end = places[layer - 1][i], places[layer][m]
                parts.append(
                    _edge(start, end, W[j, k], few, 0.3 if m % 2 == 0 else 0.7)
                )
    return "".join(parts)


def _edge(start: tuple, end: tuple, weight: float, labelled: bool, at: float) -> str:
    x1, y1, x2, y2 = start[0] + WIDE, start[1] + HIGH / 2, end[0], end[1] + HIGH / 2
    line = svg.element("line", x1=x1, y1=y1, x2=x2, y2=y2, stroke="#9CA3AF")
    if not labelled:
        return line
    x, y = x1 + at * (x2 - x1), y1 + at * (y2 - y1) + 4
    style = {"paint_order": "stroke", "stroke": svg.PAPER, "stroke_width": 5}
    return line + svg.text(x, y, short(weight), font_size=12, **style)


def _unit(place: tuple, unit: int, value: float, signal: float | None) -> str:
    x, y = place
    box = svg.element(
        "rect", x=x, y=y, width=WIDE, height=HIGH, rx=8, fill=svg.BOX, stroke=svg.FAINT
    )
    name = svg.text(x + 8, y + 19, str(unit + 1), fill=svg.FAINT, text_anchor="start")
    right = {"text_anchor": "end", "font_size": 14}
    shown = svg.text(x + WIDE - 8, y + 19, short(value), fill=svg.FORWARD, **right)
    if signal is None:
        return box + name + shown
    words = "δ " + short(signal, sign=True)
    return (
        box
        + name
        + shown
        + svg.text(x + WIDE - 8, y + 38, words, fill=svg.BACKWARD, **right)
    )


def _key(height: float, loss: float) -> str:
    y, left = height - 12, {"text_anchor": "start", "font_size": 13}
    return (
        svg.text(20, y, "values, going forward", fill=svg.FORWARD, **left)
        + svg.text(180, y, "δ = dL/dZ, going backward", fill=svg.BACKWARD, **left)
        + svg.text(380, y, f"L = {short(loss)}", **left)
    )
