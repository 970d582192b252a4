"""The depth lab as a still picture."""

from __future__ import annotations

import math
from typing import Any

from backproplab.explorers import svg
from backproplab.explorers.chart import Axis, Chart

WIDTH, HIGH = 640, 250


def still(state: dict[str, Any]) -> str:
    """Values above, error signals and weight gradients below, layer by layer."""
    charts = [
        _chart(
            state, "A", "values A", 0, {"A": (state["values"][:-1], svg.FORWARD, None)}
        ),
        _chart(
            state,
            "dZ",
            "error signals and gradients",
            HIGH,
            {
                "dZ": (state["signals"], svg.BACKWARD, "7 3"),
                "dW": (state["gradients"], svg.FAINT, "2 3"),
            },
        ),
    ]
    parts = [part for chart in charts for part in chart.parts]
    return svg.picture(WIDTH, 2 * HIGH, *parts)


def _chart(
    state: dict[str, Any],
    name: str,
    label: str,
    down: float,
    lines: dict[str, tuple[list[float], str, str | None]],
) -> Chart:
    axis = state["axes"][name]
    layers = range(1, len(state["signals"]) + 1)
    chart = Chart(
        Axis(0.5, len(layers) + 0.5, label="layer"),
        Axis(axis["low"], axis["high"], axis["log"], label),
        WIDTH,
        HIGH,
        at=(0, down),
    )
    colour = svg.FORWARD if name == "A" else svg.BACKWARD
    shown = layers[:-1] if name == "A" else layers
    for layer, bins in zip(shown, state["spread"][name], strict=False):
        _violin(chart, axis, layer, bins, colour)
    for words, (norms, ink, dash) in lines.items():
        look: dict[str, Any] = {"stroke_dasharray": dash} if dash else {}
        chart.line(shown, norms, ink, **look)
        shape = "circle" if words == "A" else "diamond" if words == "dZ" else "square"
        chart.marks(list(shown), norms, shape, ink)
        if norms and math.isfinite(norms[0]):
            bold: dict[str, Any] = {
                "fill": ink,
                "font_weight": 600,
                "text_anchor": "start",
            }
            place = (0.7, norms[0], f"rms of {words}", -12 if words == "dW" else 24)
            chart.words(*place, **bold)
    return chart


def _violin(
    chart: Chart, axis: dict[str, Any], layer: int, bins: list[float], colour: str
) -> None:
    """How the entries of one layer are spread, as a shape around its place."""
    step = (axis["high"] - axis["low"]) / len(bins)
    middles = [axis["low"] + step * (k + 0.5) for k in range(len(bins))]
    heights = [10.0**m if axis["log"] else m for m in middles]
    right = [
        chart.place(layer + 0.42 * share, y)
        for share, y in zip(bins, heights, strict=True)
    ]
    left = [
        chart.place(layer - 0.42 * share, y)
        for share, y in zip(bins, heights, strict=True)
    ]
    path = "M" + "L".join(f"{x:g} {y:g}" for x, y in [*right, *reversed(left)]) + "Z"
    chart.add(svg.element("path", d=path, fill=colour, fill_opacity=0.16))
