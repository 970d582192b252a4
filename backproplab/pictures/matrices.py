"""Matrices as coloured tables, and the outer product that makes a weight gradient."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patches import Rectangle

from backproplab.pictures.picture import FONT, INK, PAPER, Picture, blank, plain
from backproplab.shown import BACKWARD, FORWARD, listed, short

# Brown is negative, blue positive; both stay light enough for dark numbers.
SHADES = LinearSegmentedColormap.from_list("signed", ["#E9A97C", PAPER, "#86BEE0"])
WIDTH, HEIGHT = 1.15, 0.72
LIMIT = 12  # rows or columns that still leave room for numbers


def heat_map(matrix: Any, name: str = "", alt: str = "") -> Picture:
    """Draw a matrix (or a vector, as one row) with its numbers.

    Raises ValueError unless it has one or two axes, 1 to 12 rows and columns.

    >>> print(heat_map([[1, -2]], "dW").alt)
    dW, 1 rows by 2 columns. Row 1: 1, −2.
    """
    table = _table(matrix)
    rows, columns = table.shape
    figure, axes = blank(0.75 * (columns * WIDTH + 0.4), 0.75 * (rows * HEIGHT + 1))
    _cells(axes, table, (0.0, 0.0), np.abs(table).max())
    top = name or "matrix"
    axes.text(columns * WIDTH / 2, 0.3, top, fontsize=FONT + 1, ha="center", color=INK)
    axes.set_xlim(-0.2, columns * WIDTH + 0.2)
    axes.set_ylim(-rows * HEIGHT - 0.2, 0.8)
    return Picture(figure, alt or _describe(top, table))


def outer_product(
    v: Any,
    x: Any,
    names: tuple[str, str, str] = ("v", "x", "$v x^T$"),
    alt: str = "",
    signal_on_top: bool = False,
) -> Picture:
    """Draw v (k,) on the left, x (d,) on top and v x^T (k, d) between them.

    Entry (c, j) of the table is v_c x_j: read it off its row and its column.  The name
    of v is brown, as an error signal, and that of x blue, as a value; the other way
    round with signal_on_top.
    Raises ValueError unless v and x are vectors of 1 to 12 numbers.

    >>> print(outer_product([1, 2], [3]).alt)
    v = 1, 2 times x = 3 gives v xT, 2 rows by 1 columns. Row 1: 3. Row 2: 6.
    """
    left, top = _table(v), _table(x)
    if np.ndim(v) != 1 or np.ndim(x) != 1:
        raise ValueError(
            f"v and x must be vectors; got shapes {np.shape(v)} and {np.shape(x)}"
        )
    table = left.T @ top
    k, d = table.shape
    gap = 0.35
    figure, axes = blank(
        0.75 * ((d + 1) * WIDTH + gap + 1.0), 0.75 * ((k + 1) * HEIGHT + gap + 1.1)
    )
    _cells(axes, left.T, (-WIDTH - gap, 0.0), np.abs(left).max())
    _cells(axes, top, (0.0, HEIGHT + gap), np.abs(top).max())
    _cells(axes, table, (0.0, 0.0), np.abs(table).max())
    label: dict[str, Any] = {"fontsize": FONT + 1, "va": "center"}
    of_v, of_x = (FORWARD, BACKWARD) if signal_on_top else (BACKWARD, FORWARD)
    texts = (
        (-gap - WIDTH / 2, gap - 0.05, names[0], of_v, "center"),
        (-0.3, gap + HEIGHT / 2, names[1], of_x, "right"),
        (d * WIDTH / 2, -k * HEIGHT - 0.3, names[2], INK, "center"),
    )
    for x_place, y_place, name, colour, side in texts:
        axes.text(x_place, y_place, name, color=colour, ha=side, **label)
    axes.set_xlim(-WIDTH - gap - 0.2, d * WIDTH + 0.2)
    axes.set_ylim(-k * HEIGHT - 0.6, HEIGHT + gap + 0.2)
    text = (
        f"{plain(names[0])} = {listed(v)} times {plain(names[1])} = {listed(x)} gives "
    )
    return Picture(figure, alt or text + _describe(names[2], table))


def _table(matrix: Any) -> np.ndarray:
    table = np.asarray(matrix, dtype=float)
    if table.ndim not in (1, 2) or table.size == 0 or max(table.shape) > LIMIT:
        raise ValueError(
            f"a matrix or vector with 1 to {LIMIT} rows and columns is needed; "
            f"got shape {table.shape}"
        )
    return np.atleast_2d(table)


def _cells(
    axes: Axes,
    table: np.ndarray,
    corner: tuple[float, float],
    largest: float,
) -> None:
    """Draw the table below and to the right of its upper left corner."""
    for (i, j), value in np.ndenumerate(table):
        x, y = corner[0] + j * WIDTH, corner[1] - (i + 1) * HEIGHT
        shade = SHADES(0.5 + 0.5 * value / (largest or 1.0))
        axes.add_patch(
            Rectangle((x, y), WIDTH, HEIGHT, facecolor=shade, edgecolor=INK, lw=0.8)
        )
        axes.text(
            x + WIDTH / 2,
            y + HEIGHT / 2,
            short(value, sign=True),
            fontsize=FONT,
            color=INK,
            ha="center",
            va="center",
        )


def _describe(name: str, table: np.ndarray) -> str:
    rows, columns = table.shape
    lines = [f"Row {i}: {listed(row)}." for i, row in enumerate(table, start=1)]
    return f"{plain(name)}, {rows} rows by {columns} columns. {' '.join(lines)}"
