"""The weight gradient of a batch: one outer product per example, added up."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from backproplab.pictures.matrices import HEIGHT, WIDTH, _cells, _table
from backproplab.pictures.picture import FONT, INK, Picture, blank
from backproplab.shown import BACKWARD, FORWARD, listed

INCH = 0.47  # inches per unit: smaller than a single table, five stand in a row
GAP = 0.3
BETWEEN = 0.75
MOST = 6


def batch_gradient(X: Any, dZ: Any, alt: str = "") -> Picture:
    """Draw dW = X^T dZ as the sum over examples n of x_n dz_n^T (M9).

    X (N, D), dZ (N, H), one block per example: x_n on its left, dz_n on its top.
    Raises ValueError unless both have the same 1 to 6 rows.

    >>> print(batch_gradient([[3]], [[1, -1]]).alt)
    Example 1: x = 3 times dz = 1, −1. The blocks add up to dW, row by row: 3, −3.
    """
    X, dZ = _table(X), _table(dZ)
    if len(X) != len(dZ) or len(X) > MOST:
        raise ValueError(
            f"X and dZ need the same 1 to {MOST} rows, one per example;"
            f" got shapes {X.shape} and {dZ.shape}"
        )
    N, D, H = len(X), X.shape[1], dZ.shape[1]
    block = WIDTH + GAP + H * WIDTH
    right = N * (block + BETWEEN) + H * WIDTH
    top, bottom = GAP + HEIGHT, -D * HEIGHT
    figure, axes = blank(INCH * (right + 0.4), INCH * (top - bottom + 1.3))
    blocks = X[:, :, None] * dZ[:, None, :] + 0.0  # no -0
    for n in range(N):
        left = n * (block + BETWEEN)
        inner = left + WIDTH + GAP
        _cells(axes, X[n : n + 1].T, (left, 0.0), np.abs(X).max())
        _cells(axes, dZ[n : n + 1], (inner, top), np.abs(dZ).max())
        _cells(axes, blocks[n], (inner, 0.0), np.abs(blocks).max())
        _text(axes, left + WIDTH / 2, bottom - 0.35, f"$x_{n + 1}$", FORWARD)
        _text(axes, inner + H * WIDTH / 2, top + 0.35, f"$dz_{n + 1}$", BACKWARD)
        sign = "+" if n < N - 1 else "="
        _text(axes, left + block + BETWEEN / 2, bottom / 2, sign, INK)
    total = X.T @ dZ
    _cells(axes, total, (right - H * WIDTH, 0.0), np.abs(total).max())
    _text(axes, right - H * WIDTH / 2, bottom - 0.35, "$dW = X^T dZ$", INK)
    axes.set_xlim(-0.2, right + 0.2)
    axes.set_ylim(bottom - 0.65, top + 0.65)
    return Picture(figure, alt or _describe(X, dZ, total))


def _text(axes: Axes, x: float, y: float, words: str, colour: str) -> None:
    axes.text(x, y, words, color=colour, fontsize=FONT + 1, ha="center", va="center")


def _describe(X: np.ndarray, dZ: np.ndarray, total: np.ndarray) -> str:
    parts = [
        f"Example {n}: x = {listed(x)} times dz = {listed(z)}."
        for n, (x, z) in enumerate(zip(X, dZ, strict=True), start=1)
    ]
    rows = "; ".join(listed(row) for row in total)
    return f"{' '.join(parts)} The blocks add up to dW, row by row: {rows}."
