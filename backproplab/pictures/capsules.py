"""The parts of a network drawing: a unit as a capsule, an edge, a weight on it."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from matplotlib.patches import Circle, FancyBboxPatch

from backproplab.pictures.picture import FAINT, FONT, INK, PAPER
from backproplab.shown import BACKWARD, FORWARD, short

RADIUS, ROOM = 0.36, 1.12  # of the circle; of the number beside it

Place = tuple[float, float]


def edge(axes: Axes, start: Place, end: Place, chosen: bool, backward: bool) -> None:
    """A thin line; a chosen one is thick, and dashed when it goes backward."""
    strong = BACKWARD if backward else INK
    axes.plot(
        [start[0], end[0]],
        [start[1], end[1]],
        color=strong if chosen else FAINT,
        linestyle="--" if chosen and backward else "-",
        linewidth=2.8 if chosen else 1.1,
        zorder=2 if chosen else 1,
    )


def along_edge(i: int, j: int, shape: tuple[int, ...]) -> float:
    """Where on its edge a weight is written, so that crossing edges stay readable."""
    if shape[0] == 1 or shape[1] == 1:
        return 0.5
    if shape[0] > 2:
        return 0.2 if j % 2 == 0 else 0.6
    return 0.3 if i == 0 else 0.66


def weight(axes: Axes, start: Place, end: Place, w: Any, along: float) -> None:
    """The number of a weight, at this fraction of its edge."""
    axes.text(
        start[0] + along * (end[0] - start[0]),
        start[1] + along * (end[1] - start[1]),
        short(w),
        fontsize=FONT - 1,
        color=INK,
        ha="center",
        va="center",
        zorder=3,
        bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 1.2},
    )


def unit(
    axes: Axes,
    place: Place,
    name: str,
    value: Any,
    signal: Any,
    half: tuple[float, float],
) -> None:
    """A capsule: value, circle with the name, error signal; half is its reach."""
    x, y = place
    left, right = half
    axes.add_patch(
        FancyBboxPatch(
            (x - left + 0.3, y - 0.16),
            left + right - 0.6,
            0.32,
            boxstyle="round,pad=0.3",
            facecolor="#F3F3F3",
            edgecolor=FAINT,
            linewidth=0.9,
            zorder=4,
        )
    )
    axes.add_patch(
        Circle(place, RADIUS, facecolor=PAPER, edgecolor=INK, linewidth=1.3, zorder=5)
    )
    middle: dict[str, Any] = {"va": "center", "ha": "center", "zorder": 6}
    axes.text(x, y, name, fontsize=FONT + 1, color=INK, **middle)
    offset = RADIUS + ROOM / 2 + 0.03
    if value is not None:
        axes.text(x - offset, y, short(value), fontsize=FONT, color=FORWARD, **middle)
    if signal is not None:
        axes.text(
            x + offset,
            y,
            short(signal, sign=True),
            fontsize=FONT,
            color=BACKWARD,
            style="italic",
            **middle,
        )
