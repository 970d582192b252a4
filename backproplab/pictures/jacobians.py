"""A Jacobian with the gradient that flows back through it."""

from __future__ import annotations

from typing import Any

import numpy as np

from backproplab.pictures.matrices import HEIGHT, WIDTH, _cells, _table
from backproplab.pictures.picture import FONT, INK, Picture, blank, plain
from backproplab.shown import BACKWARD, listed

GAP = 0.35


def jacobian_product(
    J: Any,
    g: Any,
    names: tuple[str, str, str] = ("g", "J", "$J^T g$"),
    alt: str = "",
) -> Picture:
    """Draw g (N,) beside the rows of J (N, D), and J^T g (D,) below its columns.

    Entry d below is the sum over the rows of g_n J_nd.  Raises ValueError unless J is
    a matrix with 1 to 12 rows and columns and g has one number per row.

    >>> print(jacobian_product([[5, 2], [1, 3]], [1, 10]).alt)
    g = 1, 10 beside the rows of J: 5, 2; 1, 3. Below the columns, JT g = 15, 32.
    """
    table = _table(J)
    signal = np.asarray(g, dtype=float)
    rows, columns = table.shape
    if np.ndim(J) != 2 or signal.shape != (rows,):
        raise ValueError(
            "J must be a matrix and g must have one number per row of J;"
            f" got shapes {np.shape(J)} and {np.shape(g)}"
        )
    result = signal @ table
    figure, axes = blank(
        0.75 * ((columns + 1) * WIDTH + GAP + 0.4),
        0.75 * ((rows + 1) * HEIGHT + GAP + 1.5),
    )
    left, below = -WIDTH - GAP, -rows * HEIGHT - GAP
    _cells(axes, signal[:, None], (left, 0.0), np.abs(signal).max())
    _cells(axes, table, (0.0, 0.0), np.abs(table).max())
    _cells(axes, result[None, :], (0.0, below), np.abs(result).max())
    middle: dict[str, Any] = {"fontsize": FONT + 1, "ha": "center", "va": "center"}
    axes.text(left + WIDTH / 2, 0.35, names[0], color=BACKWARD, **middle)
    axes.text(columns * WIDTH / 2, 0.35, names[1], color=INK, **middle)
    axes.text(left + WIDTH / 2, below - HEIGHT / 2, names[2], color=BACKWARD, **middle)
    axes.set_xlim(left - 0.2, columns * WIDTH + 0.2)
    axes.set_ylim(below - HEIGHT - 0.2, 0.8)
    return Picture(figure, alt or _describe(table, signal, result, names))


def _describe(
    table: np.ndarray,
    signal: np.ndarray,
    result: np.ndarray,
    names: tuple[str, str, str],
) -> str:
    rows = "; ".join(listed(row) for row in table)
    g, J, product = map(plain, names)
    return (
        f"{g} = {listed(signal)} beside the rows of {J}: {rows}."
        f" Below the columns, {product} = {listed(result)}."
    )
