"""Networks: one capsule per unit, its value on the left, its error signal right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from backproplab.pictures.capsules import (
    RADIUS,
    ROOM,
    Place,
    along_edge,
    edge,
    unit,
    weight,
)
from backproplab.pictures.picture import FONT, Picture, blank, plain
from backproplab.shown import BACKWARD, FORWARD, listed, short

ACROSS, CLOSER, DOWN = 4.7, 4.3, 1.25
MANY = 5  # layers that only fit a page closer together

PerLayer = Sequence[Any] | None


def network(
    sizes: Sequence[int],
    values: PerLayer = None,
    signals: PerLayer = None,
    weights: PerLayer = None,
    names: Sequence[Sequence[str]] | None = None,
    path: Sequence[int | None] | None = None,
    alt: str = "",
) -> Picture:
    """Draw the network with these layer sizes, inputs on the left.

    values[l] and signals[l] hold one number per unit of layer l (None: show none);
    weights[l] is (D_l, D_{l+1}), house orientation; names[l] one label per unit;
    path holds one unit per layer, counted from 0: its edges are drawn thick; None
    stands for all units of that layer.
    Raises ValueError when a list does not fit the sizes.

    >>> print(network([1, 1], values=[[2], [6]], weights=[[[3]]]).alt)
    A network with layers of 1, 1 units. Weights from x1: 3. Values: x1: 2; ŷ: 6.
    """
    sizes = [int(size) for size in sizes]
    if len(sizes) < 2 or min(sizes) < 1:
        raise ValueError(f"sizes are D_0, ..., D_L, all positive; got {sizes}")
    texts = _checked("names", names or _names(sizes), sizes)
    shown = _checked("values", values, sizes)
    returned = _checked("signals", signals, sizes)
    if path is not None and (
        len(path) != len(sizes)
        or not all(i is None or 0 <= i < n for i, n in zip(path, sizes, strict=True))
    ):
        raise ValueError(f"path needs one unit per layer of {sizes}; got {list(path)}")
    across = CLOSER if len(sizes) >= MANY and weights is None else ACROSS
    places = [_column(across * layer, size) for layer, size in enumerate(sizes)]
    half = [_halves(shown[k], returned[k]) for k in range(len(sizes))]
    right = across * (len(sizes) - 1) + half[-1][1] + 0.1
    foot = 0.75 if values is not None or signals is not None else 0.1
    high = DOWN * max(sizes)
    figure, axes = blank(0.6 * (right + half[0][0] + 0.1), 0.6 * (high + foot))
    _edges(axes, places, half, weights, path, signals is not None)
    for k, column in enumerate(places):
        for i, place in enumerate(column):
            value = None if shown[k] is None else shown[k][i]
            signal = None if returned[k] is None else returned[k][i]
            unit(axes, place, texts[k][i], value, signal, half[k])
    _legend(axes, places, shown, returned)
    axes.set_xlim(-half[0][0] - 0.1, right)
    axes.set_ylim(-high / 2 - foot, high / 2)
    return Picture(figure, alt or _describe(texts, weights, shown, returned, path))


def _checked(what: str, given: PerLayer, sizes: list[int]) -> list[Any]:
    if given is None:
        return [None] * len(sizes)
    fits = len(given) == len(sizes) and all(
        entry is None or np.size(entry) == size
        for entry, size in zip(given, sizes, strict=True)
    )
    if not fits:
        found = [0 if entry is None else np.size(entry) for entry in given]
        raise ValueError(f"{what} needs {sizes} entries, layer by layer; got {found}")
    return [None if entry is None else np.ravel(entry) for entry in given]


def _names(sizes: list[int]) -> list[list[str]]:
    last = len(sizes) - 1
    found = [[f"$x_{{{i + 1}}}$" for i in range(sizes[0])]]
    for layer in range(1, last):
        above = f"^{{({layer})}}" if last > 2 else ""
        found.append([f"$h{above}_{{{i + 1}}}$" for i in range(sizes[layer])])
    found.append(
        [r"$\hat{y}$"]
        if sizes[last] == 1
        else [rf"$\hat{{y}}_{{{i + 1}}}$" for i in range(sizes[last])]
    )
    return found


def _column(x: float, size: int) -> list[Place]:
    return [(x, DOWN * ((size - 1) / 2 - i)) for i in range(size)]


def _halves(values: Any, signals: Any) -> tuple[float, float]:
    """How far the capsule reaches to the left and to the right of its centre."""
    left = RADIUS + 0.12 + (0 if values is None else ROOM)
    right = RADIUS + 0.12 + (0 if signals is None else ROOM)
    return left, right


def _edges(
    axes: Axes,
    places: list[list[Place]],
    half: list[tuple[float, float]],
    weights: PerLayer,
    path: Sequence[int | None] | None,
    backward: bool,
) -> None:
    """Thin lines; those of the path thick, and dashed when error signals are shown."""
    for k, (here, there) in enumerate(zip(places, places[1:], strict=False)):
        W = None if weights is None else np.asarray(weights[k], dtype=float)
        if W is not None and W.shape != (len(here), len(there)):
            raise ValueError(
                f"weights[{k}] must be {(len(here), len(there))}, "
                f"one row per unit it comes from; got {W.shape}"
            )
        for i, a in enumerate(here):
            for j, b in enumerate(there):
                start = (a[0] + half[k][1], a[1])
                end = (b[0] - half[k + 1][0], b[1])
                chosen = path is not None and all(
                    stop in (None, unit)
                    for stop, unit in zip(path[k : k + 2], (i, j), strict=True)
                )
                edge(axes, start, end, chosen, backward)
                if W is not None:
                    weight(axes, start, end, W[i, j], along_edge(i, j, W.shape))


def _legend(
    axes: Axes, places: list[list[Place]], shown: list[Any], returned: list[Any]
) -> None:
    """What the two numbers are, with an arrow for the direction they travel."""
    bottom = -DOWN * max(len(column) for column in places) / 2 - 0.42
    x = -1.3
    keys = [
        (shown, FORWARD, "-", "->", "values, going forward"),
        (returned, BACKWARD, "--", "<-", "error signals, going backward"),
    ]
    for numbers, colour, line, arrow, text in keys:
        if all(entry is None for entry in numbers):
            continue
        axes.annotate(
            "",
            (x + 0.9, bottom),
            (x, bottom),
            arrowprops={
                "arrowstyle": arrow,
                "color": colour,
                "linestyle": line,
                "linewidth": 1.6,
            },
        )
        axes.text(
            x + 1.05, bottom, text, color=colour, fontsize=FONT - 0.5, va="center"
        )
        x += 4.6


def _describe(
    texts: list[Any],
    weights: PerLayer,
    shown: list[Any],
    returned: list[Any],
    path: Sequence[int | None] | None,
) -> str:
    parts = [f"A network with layers of {listed([len(t) for t in texts])} units."]
    cells = [
        f"from {plain(name)}: {listed(row)}"
        for layer, W in zip(texts, weights or [], strict=False)
        for name, row in zip(layer, W, strict=True)
    ]
    if cells:
        parts.append(f"Weights {'; '.join(cells)}.")
    for what, numbers in (("Values", shown), ("Error signals", returned)):
        cells = [
            f"{plain(name)}: {short(number)}"
            for layer, entry in zip(texts, numbers, strict=True)
            if entry is not None
            for name, number in zip(layer, entry, strict=True)
        ]
        if cells:
            parts.append(f"{what}: {'; '.join(cells)}.")
    if path is not None:
        stops = [
            f"all units of layer {k}" if i is None else plain(texts[k][i])
            for k, i in enumerate(path)
        ]
        parts.append(f"The path {' to '.join(stops)} is drawn thick.")
    return " ".join(parts)
