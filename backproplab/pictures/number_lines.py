"""A chain of functions as stacked number lines: a nudge grows from line to line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Polygon

from backproplab.pictures.picture import FAINT, FONT, INK, PAPER, Picture
from backproplab.shown import BACKWARD, FORWARD, short

SHADE = "#DCE9F3"
WIDTH, ROW = 7.0, 0.86  # inches: of the picture, of one line with its gap
THICK = 5.0


def number_lines(
    functions: Mapping[str, Callable[[float], float]],
    x: float,
    nudge: float = 0.01,
    start: str = "x",
    alt: str = "",
) -> Picture:
    """Draw x and each value of a chain on a line of its own, with the nudge there.

    functions maps a label to a function, innermost first.  All lines have the same
    scale, so the thick bars show how the nudge grows; each factor stands between its
    two lines.  Raises ValueError for no function, or a nudge of 0.

    >>> print(number_lines({"t = 2x": lambda x: 2 * x}, 3.0, 0.5).alt)
    Stacked number lines. x = 3, nudged by +0.5. t = 2x = 6, nudged by +1: times 2.
    """
    if not functions or not nudge:
        raise ValueError("number_lines needs at least one function and a nudge, not 0")
    values, moves = [float(x)], [float(nudge)]
    for function in functions.values():
        before, after = values[-1], values[-1] + moves[-1]
        values.append(float(function(before)))
        moves.append(float(function(after)) - values[-1])
    labels = [start, *functions]
    figure = Figure(figsize=(WIDTH, ROW * len(labels)), facecolor=PAPER)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_axis_off()
    left, right = min(0.0, *moves), max(0.0, *moves)
    span = right - left
    axes.set_xlim(left - 0.75 * span, right + 0.45 * span)
    axes.set_ylim(-len(labels) + 0.35, 0.6)
    for k, label in enumerate(labels):
        if k:
            _link(axes, moves[k - 1 : k + 1], k, right + 0.27 * span)
        _line(axes, (label, values[k], moves[k]), -k, (left, span))
    return Picture(figure, alt or _describe(labels, values, moves))


def _line(
    axes: Axes, line: tuple[str, float, float], y: float, place: tuple[float, float]
) -> None:
    label, value, move = line
    left, span = place
    start, end = left - 0.12 * span, left + 1.12 * span
    axes.plot([start, end], [y, y], color=FAINT, linewidth=1.2, zorder=2)
    axes.plot([0, move], [y, y], color=FORWARD, linewidth=THICK, zorder=3)
    axes.plot([0], [y], "o", color=INK, markersize=5, zorder=4)
    middle: dict[str, Any] = {"va": "center", "fontsize": FONT, "zorder": 5}
    axes.text(start - 0.02 * span, y, label, ha="right", color=INK, **middle)
    axes.text(0, y + 0.24, short(value), ha="center", color=FORWARD, **middle)
    side = "left" if move > 0 else "right"
    gap = 0.015 * span if move > 0 else -0.015 * span
    number = short(move, sign=True)
    axes.text(
        max(move, 0.09 * span) + gap if move > 0 else min(move, -0.09 * span) + gap,
        y + 0.24,
        number,
        ha=side,
        color=FORWARD,
        **middle,
    )


def _link(axes: Axes, moves: list[float], k: int, x: float) -> None:
    """The shape between two bars, and the factor at the side."""
    above, below = moves
    corners = [(0, 1 - k), (above, 1 - k), (below, -k), (0, -k)]
    axes.add_patch(Polygon(corners, closed=True, facecolor=SHADE, zorder=1))
    axes.text(
        x,
        0.5 - k,
        f"× {short(below / above) if above else '?'}",
        ha="center",
        va="center",
        fontsize=FONT + 0.5,
        style="italic",
        color=BACKWARD,
    )


def _describe(labels: list[str], values: list[float], moves: list[float]) -> str:
    said = [
        f"Stacked number lines. {labels[0]} = {short(values[0])},"
        f" nudged by {short(moves[0], sign=True)}."
    ]
    for k in range(1, len(labels)):
        factor = short(moves[k] / moves[k - 1]) if moves[k - 1] else "?"
        label = labels[k].replace("$", "")
        said.append(
            f"{label} = {short(values[k])},"
            f" nudged by {short(moves[k], sign=True)}: times {factor}."
        )
    return " ".join(said)
