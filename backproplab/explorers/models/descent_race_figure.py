"""The descent race as a still picture."""

from __future__ import annotations

from typing import Any

from backproplab.explorers import svg
from backproplab.explorers.chart import Axis, Chart

LOOKS = {
    "gd": (svg.INK, None),
    "sgd": ("#D55E00", "2 3"),
    "momentum": ("#00674F", "8 3"),
    "adagrad": ("#B4528C", "5 2 1 2"),
    "adam": ("#A06A00", "12 4"),
}


def still(state: dict[str, Any]) -> str:
    """All paths on the landscape, and who is who at the side."""
    (left, right), (low, high) = state["window"]
    a, b = state["names"]
    chart = Chart(Axis(left, right, label=a), Axis(low, high, label=b), 460, 420)
    (x0, y1), (x1, y0) = chart.place(left, high), chart.place(right, low)
    box = {"x": x0, "y": y1, "width": x1 - x0, "height": y0 - y1}
    terrain = svg.element(
        "image", href=state["terrain"], preserveAspectRatio="none", **box
    )
    chart.parts.insert(0, terrain)
    for k, racer in enumerate(state["racers"]):
        colour, dash = LOOKS[racer["name"]]
        xs, ys = zip(*racer["path"], strict=True)
        look = {"stroke_dasharray": dash} if dash else {}
        chart.line(xs, ys, colour, **look)
        chart.marks(xs[-1:], ys[-1:], "circle", colour)
        _entry(chart, k, racer, colour, look)
    x, y = chart.place(*state["start"])
    chart.add(
        svg.element(
            "circle", cx=x, cy=y, r=6, fill="none", stroke=svg.INK, stroke_width=2
        )
    )
    return svg.picture(700, 420, *chart.parts)


def _entry(
    chart: Chart, k: int, racer: dict[str, Any], colour: str, look: dict[str, Any]
) -> None:
    y = 60 + 50 * k
    line = {"stroke": colour, "stroke_width": 2.5, **look}
    chart.add(
        svg.element("line", x1=475, x2=505, y1=y, y2=y, **line),
        svg.text(
            513, y + 5, f"{racer['label']}, {racer['rate']:g}", text_anchor="start"
        ),
        svg.text(513, y + 23, racer["outcome"], text_anchor="start", fill=svg.FAINT),
    )
