"""A graph with its local derivatives on the arrows: multiply along, add over paths."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.patches import Circle, FancyArrowPatch

from backproplab import chain
from backproplab.pictures.picture import FAINT, FONT, INK, PAPER, Picture, blank
from backproplab.shown import BACKWARD, short

ACROSS, DOWN, RADIUS, LINE = 2.3, 1.5, 0.34, 0.42
Edges = Mapping[tuple[str, str], float]
Place = tuple[float, float]


def paths(
    edges: Edges, start: str, end: str, chosen: Sequence[str] = (), alt: str = ""
) -> Picture:
    """Draw a graph from left to right, and below it every path with its product.

    edges maps (from, to) to the local derivative dto/dfrom; chosen is a path, as a
    list of names, to be drawn thick.  Raises ValueError when no path leads from start
    to end, or chosen is not one of them.

    >>> edges = {("a", "p"): 3, ("a", "q"): 4, ("p", "y"): 2, ("q", "y"): 5}
    >>> print(paths(edges, "a", "y").alt)
    Paths from a to y. a, p, y: 3 × 2 = 6. a, q, y: 4 × 5 = 20. Together 26.
    """
    found = chain.paths(edges, start, end)
    if not found:
        raise ValueError(f"no path leads from {start} to {end}")
    if chosen and list(chosen) not in found:
        raise ValueError(f"{' to '.join(chosen)} is not a path from {start} to {end}")
    places = _places(edges)
    told = [_product(edges, path) for path in found]
    total = f"Together {short(chain.sum_over_paths(edges, start, end))}"
    low = min(y for _, y in places.values()) - 1.0
    width = max(x for x, _ in places.values()) + 1.4
    bottom = low - LINE * (len(found) + 1)
    top = max(y for _, y in places.values()) + 0.7
    for source, target in edges:
        middle = (places[source][1] + places[target][1]) / 2
        top = max(top, middle + _rise(places[source], places[target]) + 0.4)
    figure, axes = blank(0.62 * (width + 0.7), 0.62 * (top - bottom))
    axes.set_xlim(-0.7, width)
    axes.set_ylim(bottom, top)
    thick = set(zip(chosen, chosen[1:], strict=False))
    for edge, factor in edges.items():
        _arrow(axes, places[edge[0]], places[edge[1]], factor, edge in thick)
    for name, place in places.items():
        _node(axes, place, name)
    for k, text in enumerate([*told, total]):
        strong = list(chosen) == found[k] if k < len(found) else False
        axes.text(
            -0.5,
            low - LINE * k,
            text,
            fontsize=FONT,
            color=BACKWARD if strong else INK,
            fontweight="bold" if strong or text == total else "normal",
            va="center",
        )
    said = " ".join(f"{text}." for text in [*told, total])
    return Picture(figure, alt or f"Paths from {start} to {end}. {said}")


def _product(edges: Edges, path: list[str]) -> str:
    factors = [edges[edge] for edge in zip(path, path[1:], strict=False)]
    times = " × ".join(short(factor) for factor in factors)
    equals = f" = {short(math.prod(factors))}" if len(factors) > 1 else ""
    return f"{', '.join(path)}: {times}{equals}"


def _places(edges: Edges) -> dict[str, Place]:
    """One column per longest distance from the left; columns are centred."""
    names = list(dict.fromkeys(name for edge in edges for name in edge))
    column = dict.fromkeys(names, 0)
    for _ in names:
        for source, target in edges:
            column[target] = max(column[target], column[source] + 1)
    places: dict[str, Place] = {}
    for c in sorted(set(column.values())):
        here = [name for name in names if column[name] == c]
        for k, name in enumerate(here):
            places[name] = (c * ACROSS, DOWN * ((len(here) - 1) / 2 - k))
    return places


def _node(axes: Axes, place: Place, name: str) -> None:
    axes.add_patch(
        Circle(place, RADIUS, facecolor=PAPER, edgecolor=INK, linewidth=1.3, zorder=3)
    )
    axes.text(
        *place, name, fontsize=FONT + 1, color=INK, ha="center", va="center", zorder=4
    )


def _arrow(axes: Axes, start: Place, end: Place, factor: float, thick: bool) -> None:
    rise = _rise(start, end)
    across, up = end[0] - start[0], end[1] - start[1]
    # The straight arrow's ends, or those of an arc that leaves and arrives steeper.
    lean = [(across, up + 2 * rise), (across, up - 2 * rise)]
    (x0, y0), (x1, y1) = (
        (
            place[0] + side * RADIUS * dx / math.hypot(dx, dy),
            place[1] + side * RADIUS * dy / math.hypot(dx, dy),
        )
        for place, side, (dx, dy) in zip((start, end), (1, -1), lean, strict=True)
    )
    axes.add_patch(
        FancyArrowPatch(
            (x0, y0),
            (x1, y1),
            arrowstyle="-|>",
            connectionstyle=f"arc3,rad={-2 * rise / across}",
            mutation_scale=13,
            shrinkA=0,
            shrinkB=0,
            color=BACKWARD if thick else FAINT,
            linewidth=2.6 if thick else 1.2,
            linestyle="--" if thick else "-",
            zorder=1,
        )
    )
    middle = 0.5 if rise else 0.45
    axes.text(
        start[0] + middle * across,
        start[1] + middle * up + 0.97 * rise,
        short(factor),
        fontsize=FONT,
        style="italic",
        color=BACKWARD,
        ha="center",
        va="center",
        zorder=2,
        bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 1.5},
    )


def _rise(start: Place, end: Place) -> float:
    """How far an arrow bends up: only one that passes other columns does."""
    across = end[0] - start[0]
    return 0.24 * across if across > 1.5 * ACROSS else 0.0
