"""The backward pass as a mirror of the forward pass, for any depth."""

from __future__ import annotations

from matplotlib.axes import Axes

from backproplab.pictures.picture import FAINT, FONT, PAPER, Picture, blank
from backproplab.shown import BACKWARD, FORWARD

STEP, ROW = 1.95, 1.75  # between neighbours, and between the three rows
Place = tuple[float, float]


def mirror(layers: int, alt: str = "") -> Picture:
    """Draw A0, Z1, A1, ..., L on top, dL/dA, dL/dZ under each, dW and db at the foot.

    delta[l] = (delta[l+1] W[l+1]^T) * h'(Z[l]) are two arrows of the middle row (L6).
    Raises ValueError unless there are 1 to 5 layers.

    >>> mirror(1).alt.split(". ")[1]
    'Below, from right to left: dA1, dZ1'
    """
    if not 1 <= layers <= 5:
        raise ValueError(f"mirror draws 1 to 5 layers; got {layers}")
    names = ["A0"]
    for layer in range(1, layers + 1):
        names += [f"Z{layer}", f"A{layer}"]
    figure, axes = blank(0.62 * STEP * (len(names) + 0.6), 0.62 * (2 * ROW + 1.1))
    _loss(axes, len(names))
    for k, name in enumerate(names):
        layer = int(name[1:])
        last = layer == layers
        _box(axes, (k * STEP, 0), name, FORWARD)
        if k:
            step = _forward_step(name, last)
            _arrow(axes, ((k - 1) * STEP, 0), (k * STEP, 0), step, FORWARD)
            _box(axes, (k * STEP, -ROW), "d" + name, BACKWARD)
            axes.plot([k * STEP] * 2, [-0.42, -ROW + 0.42], ":", color=FAINT, lw=1)
        if k > 1:
            step = _backward_step(name, last)
            _arrow(axes, (k * STEP, -ROW), ((k - 1) * STEP, -ROW), step, BACKWARD)
        if name[0] == "Z":
            _gradients(axes, k * STEP, layer)
    axes.set_xlim(-0.75, STEP * len(names) + 0.75)
    axes.set_ylim(-2 * ROW - 0.55, 0.75)
    return Picture(figure, alt or _describe(names, layers))


def _forward_step(name: str, last: bool) -> str:
    if name[0] == "Z":
        return f"W{name[1:]}, b{name[1:]}"
    return "same" if last else "h"


def _backward_step(name: str, last: bool) -> str:
    """The step that starts at dL/d(name)."""
    if name[0] == "Z":
        return rf"$\mathrm{{W{name[1:]}}}^T$"
    return "same" if last else f"h'(Z{name[1:]})"


def _loss(axes: Axes, place: int) -> None:
    x = place * STEP
    _box(axes, (x, 0), "L", FORWARD)
    _arrow(axes, (x - STEP, 0), (x, 0), "loss", FORWARD)
    _box(axes, (x, -ROW), "1", BACKWARD)
    _arrow(axes, (x, -ROW), (x - STEP, -ROW), "slope", BACKWARD)
    axes.plot([x, x], [-0.42, -ROW + 0.42], ":", color=FAINT, lw=1)


def _gradients(axes: Axes, x: float, layer: int) -> None:
    foot = -2 * ROW
    _arrow(axes, (x, -ROW), (x, foot), "", BACKWARD)
    _box(axes, (x, foot), f"dW{layer}, db{layer}", BACKWARD, 0.78)
    text = f"with A{layer - 1}"
    axes.text(
        x + 0.12, (foot - ROW) / 2, text, color=FORWARD, fontsize=FONT, va="center"
    )


def _box(axes: Axes, place: Place, text: str, colour: str, half: float = 0.5) -> None:
    left, right = place[0] - half, place[0] + half
    low, high = place[1] - 0.36, place[1] + 0.36
    axes.fill([left, right, right, left], [low, low, high, high], color=PAPER, zorder=2)
    axes.plot(
        [left, right, right, left, left],
        [low, low, high, high, low],
        color=colour,
        linewidth=1.4,
        linestyle="--" if colour == BACKWARD else "-",
        zorder=3,
    )
    axes.text(
        *place, text, color=colour, fontsize=FONT, ha="center", va="center", zorder=4
    )


def _arrow(axes: Axes, start: Place, end: Place, text: str, colour: str) -> None:
    """From the edge of one box to the edge of the next, the step's name above it."""
    across, down = end[0] - start[0], end[1] - start[1]
    way = (0.52 if across > 0 else -0.52, 0) if across else (0, -0.38)
    axes.annotate(
        "",
        (end[0] - way[0], end[1] - way[1]),
        (start[0] + way[0], start[1] + way[1]),
        arrowprops={
            "arrowstyle": "->",
            "color": colour,
            "linestyle": "--" if colour == BACKWARD else "-",
            "linewidth": 1.5,
            "shrinkA": 0,
            "shrinkB": 0,
        },
    )
    middle = (start[0] + across / 2, start[1] + down / 2 + 0.3)
    axes.text(*middle, text, color=colour, fontsize=FONT - 1, ha="center", va="center")


def _describe(names: list[str], layers: int) -> str:
    back = ", ".join("d" + name for name in reversed(names[1:]))
    grads = ", ".join(
        f"dW{layer} and db{layer} from dZ{layer} with A{layer - 1}"
        for layer in range(layers, 0, -1)
    )
    return (
        f"Above, from left to right: {', '.join(names)}, L. "
        f"Below, from right to left: {back}. Each stands under its value. "
        f"At the foot: {grads}."
    )
