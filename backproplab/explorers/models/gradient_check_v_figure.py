"""The gradient-check V as a still picture."""

from __future__ import annotations

from typing import Any

from backproplab.explorers import svg
from backproplab.explorers.chart import Axis, Chart

COLOUR = {"forward": svg.FORWARD, "central": svg.BACKWARD}
LOOK = {"forward": ("circle", {}), "central": ("square", {"stroke_dasharray": "6 3"})}


def still(state: dict[str, Any]) -> str:
    """Error over step size in float64, with the two causes as straight lines."""
    chart = Chart(
        Axis(-15, -1, log=True, label="step size h"),
        Axis(-16, 1, log=True, label="error of the slope"),
        width=620,
        height=400,
    )
    for line in state["lines"]["float64"]:
        xs, ys = zip(*line["ends"], strict=True)
        chart.line(xs, ys, svg.FAINT, stroke_dasharray="1.5 4")
    for curve in state["curves"]:
        if curve["precision"] == "float64":
            _curve(chart, state["steps"], curve)
    word: dict[str, Any] = {
        "fill": svg.FAINT,
        "font_size": 12.5,
        "text_anchor": "start",
    }
    chart.words(1e-14, 0.2, "rounding ~ 1/h", **word)
    return svg.picture(620, 400, *chart.parts)


def _curve(chart: Chart, steps: Any, curve: dict[str, Any]) -> None:
    kind = curve["kind"]
    shape, look = LOOK[kind]
    chart.line(steps, curve["errors"], COLOUR[kind], **look)
    chart.marks(steps, curve["errors"], shape, COLOUR[kind])
    words = {"forward": ("forward ~ h", 1.0), "central": ("central ~ h²", 1e-9)}[kind]
    bold: dict[str, Any] = {
        "fill": COLOUR[kind],
        "font_weight": 600,
        "text_anchor": "end",
    }
    chart.words(0.1, words[1], words[0], **bold)
