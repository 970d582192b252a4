"""The activation lens as a still picture: curve, slope, and the place looked at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from backproplab.explorers import svg
from backproplab.shown import short

WIDE, HIGH, EDGE, GAP = 440, 150, 46, 44


def picture(state: Mapping[str, Any]) -> str:
    """The neuron's curve in blue above its slope in brown, with a dot on each."""
    name, now, reach = state["name"], state["now"], state["reach"]
    curve = state["curves"][name]
    upper = _plot(curve["a"], now["a"], now["z"], reach, 30, svg.FORWARD, None)
    lower = _plot(
        curve["slope"], now["slope"], now["z"], reach, 30 + HIGH + GAP, svg.BACKWARD,
        "7 4",
    )  # fmt: skip
    left = {"text_anchor": "start", "font_size": 13}
    words = (
        f"w = {short(now['w'])}, b = {short(now['b'])}, x = {short(now['x'])}: "
        f"dw = {short(now['dw'])}, db = {short(now['db'])}, dx = {short(now['dx'])}"
    )
    height = 2 * (HIGH + GAP) + 40
    return svg.picture(
        WIDE + EDGE + 20,
        height,
        svg.text(EDGE, 18, f"{name}: a over z", fill=svg.FORWARD, **left),
        svg.text(EDGE, HIGH + GAP + 22, "its slope over z", fill=svg.BACKWARD, **left),
        upper,
        lower,
        svg.text(EDGE, height - 14, words, **left),
    )


def _plot(
    curves: Any, dots: Any, z: float, reach: float, top: float, colour: str, dash: Any
) -> str:
    low, high = min(0.0, float(np.min(curves))), float(np.max(curves))
    high = max(high, low + 1e-9)

    def place(at: Any, value: Any) -> tuple[Any, Any]:
        across = EDGE + (np.asarray(at) + reach) / (2 * reach) * WIDE
        return across, top + (high - np.asarray(value)) / (high - low) * HIGH

    parts = [
        svg.text(EDGE - 6, place(0, level)[1] + 4, short(level), text_anchor="end",
                 font_size=12, fill=svg.FAINT)
        for level in sorted({low, 0.0, high})
    ]  # fmt: skip
    zero = place(0, 0.0)[1]
    parts.append(
        svg.element("line", x1=EDGE, x2=EDGE + WIDE, y1=zero, y2=zero, stroke=svg.FAINT)
    )
    for values in curves:
        xs, ys = place(np.linspace(-reach, reach, len(values)), values)
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(xs, ys, strict=True))
        style = {"stroke": colour, "stroke_width": 2.5, "fill": "none"}
        if dash:
            style["stroke_dasharray"] = dash
        parts.append(svg.element("polyline", points=points, **style))
    for value in dots:
        x, y = place(z, value)
        parts.append(svg.element("circle", cx=float(x), cy=float(y), r=5, fill=colour))
    return "".join(parts)
