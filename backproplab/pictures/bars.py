"""Bars: rows of numbers side by side, and contributions that add up to a total."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from backproplab.pictures.picture import FAINT, FONT, INK, PAPER, Picture, plain
from backproplab.shown import BACKWARD, FORWARD, short

MOST = 12


def bar_rows(
    rows: Mapping[str, Sequence[float]],
    names: Sequence[str],
    backward: Collection[str] = (),
    alt: str = "",
) -> Picture:
    """Draw rows of bars above each other, one column per name, all on one scale.

    rows maps a title to one number per name; rows in backward are brown and hatched.
    Raises ValueError for no row, and for a row that does not fit the names.

    >>> print(bar_rows({"p": [0.25, 0.75], "y": [0, 1]}, ["cat", "dog"]).alt)
    Rows of bars. p: cat 0.25, dog 0.75. y: cat 0, dog 1.
    """
    numbers = {title: np.ravel(np.asarray(row, float)) for title, row in rows.items()}
    if not numbers or not 1 <= len(names) <= MOST:
        raise ValueError(
            f"bar_rows needs at least one row and 1 to {MOST} names,"
            f" got {len(rows)} rows and {len(names)} names"
        )
    for title, row in numbers.items():
        if len(row) != len(names):
            raise ValueError(f"{title} has {len(row)} numbers for {len(names)} names")
    figure = Figure(
        figsize=(max(1.1 * len(names) + 1.2, 4.0), 1.25 * len(rows) + 0.4),
        facecolor=PAPER,
        layout="constrained",
    )
    grid = figure.subplots(len(rows), 1, sharex=True, sharey=True, squeeze=False)
    every = np.concatenate(list(numbers.values()))
    room = 0.35 * (np.ptp([0.0, *every]) or 1.0)
    low, high = min(0.0, every.min()), max(0.0, every.max())
    for axes, (title, row) in zip(grid[:, 0], numbers.items(), strict=True):
        _bars(axes, title, row, title in backward)
    grid[0, 0].set_ylim(low - (room if low < 0 else 0), high + room)
    grid[-1, 0].set_xticks(range(len(names)), names, fontsize=FONT)
    return Picture(figure, alt or _describe(numbers, names))


def _bars(axes: Axes, title: str, row: np.ndarray, backward: bool) -> None:
    colour = BACKWARD if backward else FORWARD
    look: dict[str, Any] = {"edgecolor": colour, "linewidth": 1.4, "width": 0.55}
    look |= {"hatch": "///", "facecolor": PAPER} if backward else {"facecolor": colour}
    axes.bar(range(len(row)), row, **look)
    for place, value in enumerate(row):
        down = value < 0
        axes.annotate(
            short(value, sign=backward),
            (place, value),
            (0, -3 if down else 3),
            textcoords="offset points",
            ha="center",
            va="top" if down else "bottom",
            fontsize=FONT - 0.5,
            color=INK,
        )
    axes.axhline(0, color=INK, linewidth=0.8)
    axes.set_ylabel(
        title, rotation=0, ha="right", va="center", fontsize=FONT + 0.5, color=colour
    )
    axes.set_yticks([])
    axes.spines[["top", "right", "bottom", "left"]].set_visible(False)
    axes.tick_params(axis="x", length=0)


def contributions(
    parts: Mapping[str, float], total: str = "sum", alt: str = ""
) -> Picture:
    """Draw numbers as bars that start where the one before ended, and their sum.

    parts maps what contributes to how much; total names the sum.
    Raises ValueError unless there are 1 to 12 parts.

    >>> print(contributions({"unit 1": 2.0, "unit 2": -3.0}, "dh").alt)
    unit 1: +2, unit 2: −3. Together dh: −1.
    """
    if not 1 <= len(parts) <= MOST:
        raise ValueError(f"contributions draws 1 to {MOST} parts, got {len(parts)}")
    values = np.array(list(parts.values()), dtype=float)
    ends = np.cumsum(values)
    starts = ends - values
    figure = Figure(
        figsize=(5.6, 0.48 * len(parts) + 1.1), facecolor=PAPER, layout="constrained"
    )
    axes = figure.subplots()
    rows = len(parts)
    for k, (start, value) in enumerate(zip(starts, values, strict=True)):
        _step(axes, rows - k, start, value, hatch="///")
        axes.plot([ends[k]] * 2, [rows - k, rows - k - 1], ":", color=FAINT, lw=1.2)
    _step(axes, 0, 0.0, ends[-1], hatch="")
    axes.axvline(0, color=INK, linewidth=0.8)
    axes.set_yticks(range(rows, -1, -1), [*parts, total], fontsize=FONT)
    reach = np.concatenate([starts, ends, [0.0]])
    room = 0.2 * (np.ptp(reach) or 1.0)
    axes.set_xlim(reach.min() - room, reach.max() + room)
    axes.set_ylim(-0.6, rows + 0.6)
    axes.tick_params(axis="y", length=0)
    axes.tick_params(axis="x", labelsize=FONT - 1.5)
    axes.spines[["top", "right", "left"]].set_visible(False)
    listing = ", ".join(f"{plain(n)}: {short(v, sign=True)}" for n, v in parts.items())
    told = f"{listing}. Together {plain(total)}: {short(ends[-1], sign=True)}."
    return Picture(figure, alt or told)


def _step(axes: Axes, row: int, start: float, value: float, hatch: str) -> None:
    axes.barh(
        row,
        value,
        left=start,
        height=0.55,
        facecolor=PAPER if hatch else BACKWARD,
        edgecolor=BACKWARD,
        hatch=hatch,
        linewidth=1.4,
    )
    end = start + value
    axes.annotate(
        short(value, sign=True),
        (end, row),
        (5 if value >= 0 else -5, 0),
        textcoords="offset points",
        ha="left" if value >= 0 else "right",
        va="center",
        fontsize=FONT - 0.5,
        color=INK,
    )


def _describe(rows: Mapping[str, np.ndarray], names: Sequence[str]) -> str:
    told = ["Rows of bars."]
    for title, row in rows.items():
        cells = [f"{plain(n)} {short(v)}" for n, v in zip(names, row, strict=True)]
        told.append(f"{plain(title)}: {', '.join(cells)}.")
    return " ".join(told)
