"""What a pass costs: counted beside timed, relative to the first entry."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from backproplab.pictures.picture import FAINT, FONT, INK, PAPER, Picture, plain
from backproplab.shown import BACKWARD, FORWARD, short

THICK = 0.36


def price(
    counts: Mapping[str, float], seconds: Mapping[str, float], alt: str = ""
) -> Picture:
    """Draw two bars per name, its count and its time, both divided by the first one's.

    counts and seconds map the same names to positive numbers; the scale is logarithmic.
    Raises ValueError when the names differ or a number is not positive.

    >>> print(price({"up": 100, "down": 170}, {"up": 2, "down": 3}).alt)
    Cost relative to up. up: counted 1, timed 1. down: counted 1.7, timed 1.5.
    """
    if list(counts) != list(seconds) or not counts:
        raise ValueError(
            "counts and seconds need the same names in the same order;"
            f" got {list(counts)} and {list(seconds)}"
        )
    if min(*counts.values(), *seconds.values(), np.inf) <= 0:
        raise ValueError("every count and every time must be positive")
    names = list(counts)
    counted = np.array([counts[name] / counts[names[0]] for name in names])
    timed = np.array([seconds[name] / seconds[names[0]] for name in names])
    figure = Figure(
        figsize=(7.0, 0.95 * len(names) + 1.0), facecolor=PAPER, layout="constrained"
    )
    axes = figure.subplots()
    low = 0.5 * min(1.0, counted.min(), timed.min())
    for places, ratios, colour, hatch, what in (
        (-THICK / 2, counted, FORWARD, "", "multiplications, counted"),
        (THICK / 2, timed, BACKWARD, "///", "time, measured"),
    ):
        heights = np.arange(len(names)) + places
        axes.barh(
            heights,
            ratios - low,
            left=low,
            height=THICK,
            facecolor=PAPER if hatch else colour,
            edgecolor=colour,
            hatch=hatch,
            label=what,
        )
        for y, ratio in zip(heights, ratios, strict=True):
            text = f"× {_round(ratio)}"
            axes.text(1.08 * ratio, y, text, fontsize=FONT - 1, va="center", color=INK)
    _finish(axes, names, low, max(counted.max(), timed.max()))
    told = [
        f"{plain(name)}: counted {short(a)}, timed {short(b)}."
        for name, a, b in zip(names, counted, timed, strict=True)
    ]
    start = f"Cost relative to {plain(names[0])}."
    return Picture(figure, alt or " ".join([start, *told]))


def _round(ratio: float) -> str:
    """Three digits, and whole numbers with a comma where they are large."""
    return f"{ratio:,.0f}" if ratio >= 100 else short(float(f"{ratio:.3g}"))


def _finish(axes: Axes, names: list[str], low: float, high: float) -> None:
    axes.set_xscale("log")
    axes.set_xlim(low, high * max(4.0, (high / low) ** 0.18))
    axes.set_yticks(range(len(names)), names, fontsize=FONT)
    axes.invert_yaxis()
    axes.axvline(1, color=FAINT, linewidth=0.8, zorder=0)
    axes.set_xlabel(f"cost, {names[0]} = 1", fontsize=FONT)
    axes.tick_params(axis="x", labelsize=FONT - 1.5)
    axes.spines[["top", "right"]].set_visible(False)
    box = axes.legend(
        fontsize=FONT - 1, loc="lower center", bbox_to_anchor=(0.45, 1.0), ncols=2
    )
    box.get_frame().set_linewidth(0)
