"""The training desk as a still picture."""

from __future__ import annotations

import math
from typing import Any

from backproplab.explorers import svg
from backproplab.explorers.chart import MARKS, Axis, Chart

SHAPES = tuple(MARKS)


def still(state: dict[str, Any]) -> str:
    """The boundary with all points, and beside it loss and gradient norms."""
    (left, right), (low, high) = state["window"]
    map_ = Chart(Axis(left, right, label="x1"), Axis(low, high, label="x2"), 400, 390)
    (x0, y1), (x1, y0) = map_.place(left, high), map_.place(right, low)
    box = {"x": x0, "y": y1, "width": x1 - x0, "height": y0 - y1}
    look = {"href": state["boundary"], "preserveAspectRatio": "none", **box}
    map_.parts.insert(0, svg.element("image", **look))
    for (x, y), label in zip(state["X"], state["labels"], strict=True):
        map_.marks([x], [y], SHAPES[label], state["colours"][label])
    curve = state["curve"]
    charts = [
        _curves(curve, "loss", {"": curve["losses"]}, 0),
        _curves(
            curve,
            "norm of dW, by layer",
            {f"dW{k}": norms for k, norms in enumerate(curve["norms"], 1)},
            195,
        ),
    ]
    parts = [part for chart in (map_, *charts) for part in chart.parts]
    return svg.picture(760, 390, *parts)


def _curves(
    curve: dict[str, Any], label: str, lines: dict[str, list[float]], down: float
) -> Chart:
    numbers = [n for line in lines.values() for n in line if n > 0]
    low = math.floor(math.log10(min(numbers, default=0.1)))
    high = max(math.ceil(math.log10(max(numbers, default=1.0))), low + 1)
    last = max(1, int(curve["epochs"][-1]))
    at = (400, down)
    chart = Chart(
        Axis(0, last, label="epoch"), Axis(low, high, True, label), 360, 195, at
    )
    for k, (words, numbers) in enumerate(lines.items()):
        look = {"stroke_dasharray": f"{3 + 4 * k} 3"} if k else {}
        chart.line(curve["epochs"], numbers, svg.BACKWARD if words else svg.INK, **look)
        end: dict[str, Any] = {
            "text_anchor": "end",
            "fill": svg.BACKWARD,
            "font_size": 12.5,
        }
        chart.words(last, numbers[-1], words, **end)
    return chart
