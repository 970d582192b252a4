"""Products of factors, multiplied up from the loss or from the weight."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from backproplab.pictures.picture import FAINT, FONT, INK, PAPER, Picture, blank, plain
from backproplab.shown import BACKWARD, FORWARD, listed, short

WIDTH, HEIGHT = 1.75, 1.0
REUSED = "#F3F3F3"


def running_products(
    rows: Mapping[str, Sequence[float]],
    names: Sequence[str],
    from_loss: bool = True,
    alt: str = "",
) -> Picture:
    """Draw a row per weight: its factors, from the loss to the weight, and what
    multiplying them up gives; grey and hatched where the row above has it already.

    rows maps a weight to one number per name; from_loss multiplies from the left.
    Raises ValueError for no row, and for a row that does not fit the names.

    >>> print(running_products({"W1": [2, 3], "W2": [2, 5]}, ["a", "b"]).alt)
    Products from the left. W1: 2, 6; 0 reused. W2: 2, 10; 1 reused.
    """
    table = _table(rows, names)
    count, columns = table.shape
    running = _running(table, from_loss)
    reused = _reused(table, from_loss)
    figure, axes = blank(
        0.6 * (columns * WIDTH + 2.0), 0.6 * (count * HEIGHT * 1.12 + 1.5)
    )
    for j, name in enumerate(names):
        _text(axes, (j + 0.5) * WIDTH, 0.35, name, FORWARD)
    for i, row in enumerate(rows):
        top = -i * HEIGHT * 1.12
        _text(axes, -0.55, top - HEIGHT / 2, row, INK)
        for j in range(columns):
            _cell(axes, (j * WIDTH, top), table[i, j], running[i, j], reused[i, j])
    bottom = -count * HEIGHT * 1.12
    _direction(axes, bottom - 0.25, columns * WIDTH, from_loss)
    axes.set_xlim(-1.2, columns * WIDTH + 0.3)
    axes.set_ylim(bottom - 0.75, 0.75)
    side = "left" if from_loss else "right"
    told = [
        f"{plain(row)}: {listed(values)}; {int(same.sum())} reused."
        for row, values, same in zip(rows, running, reused, strict=True)
    ]
    return Picture(figure, alt or " ".join([f"Products from the {side}.", *told]))


def _table(rows: Mapping[str, Sequence[float]], names: Sequence[str]) -> np.ndarray:
    sizes = {name: len(values) for name, values in rows.items()}
    if not rows or set(sizes.values()) != {len(names)}:
        raise ValueError(
            f"running_products needs rows of {len(names)} numbers, one per name;"
            f" got {sizes or 'none'}"
        )
    return np.array(list(rows.values()), dtype=float)


def _running(table: np.ndarray, from_loss: bool) -> np.ndarray:
    if from_loss:
        return np.cumprod(table, axis=1)
    return np.cumprod(table[:, ::-1], axis=1)[:, ::-1]


def _reused(table: np.ndarray, from_loss: bool) -> np.ndarray:
    """Where all factors so far are those of the row above."""
    reused = np.zeros(table.shape, dtype=bool)
    same = table[1:] == table[:-1]
    if not from_loss:
        same = same[:, ::-1]
    same = np.logical_and.accumulate(same, axis=1)
    reused[1:] = same if from_loss else same[:, ::-1]
    return reused


def _cell(
    axes: Axes, corner: tuple[float, float], factor: float, product: float, old: bool
) -> None:
    x, top = corner
    box = Rectangle(
        (x + 0.05, top - HEIGHT),
        WIDTH - 0.1,
        HEIGHT,
        facecolor=REUSED if old else PAPER,
        edgecolor=FAINT,
        hatch="..." if old else None,
        linewidth=1.2,
    )
    axes.add_patch(box)
    paper = {"facecolor": REUSED if old else PAPER, "edgecolor": "none", "pad": 1.0}
    middle = x + WIDTH / 2
    _text(axes, middle, top - 0.28 * HEIGHT, f"× {short(factor)}", FORWARD, paper)
    _text(axes, middle, top - 0.7 * HEIGHT, short(product, True), BACKWARD, paper)


def _text(
    axes: Axes, x: float, y: float, text: str, colour: str, box: dict | None = None
) -> None:
    axes.text(
        x, y, text, color=colour, fontsize=FONT, ha="center", va="center", bbox=box
    )


def _direction(axes: Axes, y: float, width: float, from_loss: bool) -> None:
    start, end = (0.05, width - 0.05) if from_loss else (width - 0.05, 0.05)
    arrow = {"arrowstyle": "->", "color": BACKWARD, "linestyle": "--", "linewidth": 1.5}
    axes.annotate("", (end, y), (start, y), arrowprops=arrow)
    words = "multiplied up from the " + ("loss" if from_loss else "weight")
    _text(axes, width / 2, y - 0.28, words, BACKWARD)
