"""Building blocks as boxes: inputs below, the local derivative on each edge (S4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from backproplab.pictures.picture import FAINT, FONT, INK, Picture, blank, plain
from backproplab.shown import BACKWARD, FORWARD

INCH = 0.55
WIDE = 2.9  # from one box to the next
APART = 0.75  # from the middle to an input
FOOT, BOX, TOP = 0.0, 1.75, 3.0  # heights of inputs, box and output


def boxes(blocks: Mapping[str, Mapping[str, str]], alt: str = "") -> Picture:
    """Draw boxes side by side, each as {input: local derivative} under its name (S4).

    An input stands below its box in the colour of forward values; the derivative of
    the output by it stands on the edge between them.  Raises ValueError unless there
    are 1 to 8 boxes with one or two inputs each.

    >>> print(boxes({"+": {"a": "1", "b": "1"}}).alt)
    Building blocks. +: the local derivative is 1 for a, 1 for b.
    """
    if not 1 <= len(blocks) <= 8 or any(len(b) not in (1, 2) for b in blocks.values()):
        raise ValueError(
            "boxes needs 1 to 8 boxes with one or two inputs each;"
            f" got {[len(inputs) for inputs in blocks.values()]} inputs"
        )
    figure, axes = blank(INCH * WIDE * len(blocks), INCH * (TOP + 1.0))
    for k, (name, inputs) in enumerate(blocks.items()):
        _block(axes, (k + 0.5) * WIDE, name, list(inputs.items()))
    axes.set_xlim(0, WIDE * len(blocks))
    axes.set_ylim(FOOT - 0.45, TOP + 0.25)
    return Picture(figure, alt or _describe(blocks))


def _block(axes: Axes, x: float, name: str, inputs: Sequence[tuple[str, str]]) -> None:
    places = [x] if len(inputs) == 1 else [x - APART, x + APART]
    _arrow(axes, (x, BOX + 0.4), (x, TOP))
    for place, (letter, derivative) in zip(places, inputs, strict=True):
        _arrow(axes, (place, FOOT + 0.28), (0.55 * x + 0.45 * place, BOX - 0.42))
        _text(axes, place, FOOT, letter, FORWARD)
        side = 0.34 if place >= x else -0.34
        align = "left" if place >= x else "right"
        middle = 0.5 * (place + 0.55 * x + 0.45 * place)
        _text(axes, middle + 0.4 * side, 0.72, derivative, BACKWARD, align, "italic")
    axes.add_patch(
        FancyBboxPatch(
            (x - 0.62, BOX - 0.24),
            1.24,
            0.48,
            boxstyle="round,pad=0.12",
            facecolor="#F3F3F3",
            edgecolor=INK,
            linewidth=1.2,
            zorder=2,
        )
    )
    _text(axes, x, BOX, name, INK)


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    axes.add_patch(
        FancyArrowPatch(
            start,
            end,
            arrowstyle="-|>",
            mutation_scale=11,
            color=FAINT,
            linewidth=1.2,
            zorder=1,
        )
    )


def _text(
    axes: Axes,
    x: float,
    y: float,
    words: str,
    colour: str,
    align: str = "center",
    style: str = "normal",
) -> None:
    axes.text(
        x,
        y,
        words,
        color=colour,
        fontsize=FONT,
        ha=align,
        va="center",
        style=style,
        zorder=3,
    )


def _describe(blocks: Mapping[str, Mapping[str, str]]) -> str:
    parts = ["Building blocks."]
    for name, inputs in blocks.items():
        told = ", ".join(f"{plain(d)} for {letter}" for letter, d in inputs.items())
        parts.append(f"{plain(name)}: the local derivative is {told}.")
    return " ".join(parts)
