"""Functions, and under each of them its derivative."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from backproplab.pictures.picture import FAINT, FONT, PAPER, Picture, plain
from backproplab.shown import BACKWARD, FORWARD, short

Curve = Callable[[Any], Any]
POINTS = 401


def curves(
    functions: Mapping[str, tuple[Curve, Curve]],
    start: float = -4.0,
    stop: float = 4.0,
    at: Sequence[float] = (),
    variable: str = "z",
    same_scale: bool = True,
    alt: str = "",
) -> Picture:
    """Draw each function (solid) above its derivative (dashed), one column each.

    functions maps a title to (function, derivative), both taking an array; at marks
    these places on both curves; same_scale gives all columns one vertical scale.
    Raises ValueError for no function or an empty range.

    >>> print(curves({"square": (lambda z: z**2, lambda z: 2 * z)}, 0, 1, at=[1]).alt)
    square above its derivative, for z from 0 to 1. At z = 1: square 1, derivative 2.
    """
    if not functions or not start < stop:
        raise ValueError(
            "curves needs at least one (function, derivative) pair and start < stop"
        )
    count = len(functions)
    figure = Figure(
        figsize=(max(1.85 * count, 5.0), 3.9), facecolor=PAPER, layout="constrained"
    )
    sharing: Literal["row", "none"] = "row" if same_scale else "none"
    grid = figure.subplots(2, count, sharex=True, sharey=sharing, squeeze=False)
    z = np.linspace(start, stop, POINTS)
    for k, (title, (function, derivative)) in enumerate(functions.items()):
        grid[0, k].set_title(title, fontsize=FONT)
        _curve(grid[0, k], z, function, at, FORWARD, "-")
        _curve(grid[1, k], z, derivative, at, BACKWARD, "--")
        grid[1, k].set_xlabel(f"${variable}$", fontsize=FONT)
    grid[0, 0].set_ylabel("function", fontsize=FONT, color=FORWARD)
    grid[1, 0].set_ylabel("derivative", fontsize=FONT, color=BACKWARD)
    return Picture(figure, alt or _describe(functions, start, stop, at, variable))


def _curve(
    axes: Axes,
    z: np.ndarray,
    function: Curve,
    at: Sequence[float],
    colour: str,
    line: str,
) -> None:
    heights = np.array(function(z), dtype=float)
    jumps = np.abs(np.diff(heights)) > 0.4 * (np.ptp(heights) or 1.0)
    heights[:-1][jumps] = np.nan  # a jump is a gap, not a steep line
    axes.axhline(0, color=FAINT, linewidth=0.7)
    axes.plot(z, heights, color=colour, linestyle=line, linewidth=2)
    places = np.asarray(at, dtype=float)
    if places.size:
        axes.plot(places, function(places), "o", color=colour, markersize=5.5)
    axes.tick_params(labelsize=FONT - 1.5)
    axes.spines[["top", "right"]].set_visible(False)


def _describe(
    functions: Mapping[str, tuple[Curve, Curve]],
    start: float,
    stop: float,
    at: Sequence[float],
    variable: str,
) -> str:
    variable = plain(variable)
    parts = [
        f"{', '.join(functions)} above {'its' if len(functions) == 1 else 'their'}"
        f" derivative{'' if len(functions) == 1 else 's'},"
        f" for {variable} from {short(start)} to {short(stop)}."
    ]
    for place in at:
        point = np.array([place], dtype=float)
        cells = [
            f"{title} {short(np.ravel(f(point))[0])},"
            f" derivative {short(np.ravel(df(point))[0])}"
            for title, (f, df) in functions.items()
        ]
        parts.append(f"At {variable} = {short(place)}: {'; '.join(cells)}.")
    return " ".join(parts)
