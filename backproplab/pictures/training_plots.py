"""Pictures of training: lines over steps, loss landscapes, boundaries, small images."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, NullFormatter

from backproplab.pictures.picture import FAINT, FONT, INK, PAPER, Picture, blank, plain
from backproplab.shown import BACKWARD, FORWARD, listed, short

# Each line differs by colour, by dashes and by marker: never by colour alone.
LOOKS = (
    (FORWARD, "-", "o"),
    (BACKWARD, "--", "s"),
    ("#00785A", "-.", "^"),
    (INK, ":", "D"),
    ("#8A4B83", (0, (5, 1, 1, 1, 1, 1)), "v"),
    ("#6B6B00", (0, (1, 1)), "P"),
)
SIDES = ((FORWARD, "o", "#D6E9F5"), (BACKWARD, "s", "#F6E3D6"))


def lines(
    series: Mapping[str, Sequence[float]],
    x: Sequence[float] | None = None,
    xlabel: str = "step",
    ylabel: str = "loss",
    logx: bool = False,
    logy: bool = False,
    alt: str = "",
) -> Picture:
    """Draw several lines over the same x; x counts from 0 when it is not given.

    A line may be shorter than x; values that are not finite are left out.
    Raises ValueError for no line, for more than six, and for one longer than x.

    >>> print(lines({"small step": [3, 2, 1]}).alt)
    loss over step. small step: from 3 at 0 to 1 at 2.
    """
    if not 1 <= len(series) <= len(LOOKS):
        raise ValueError(f"lines draws 1 to {len(LOOKS)} lines, got {len(series)}")
    longest = max(len(values) for values in series.values())
    places = np.arange(longest) if x is None else np.asarray(x, dtype=float)
    if longest > len(places):
        raise ValueError(f"a line has {longest} values, but x only {len(places)}")
    figure, axes = _axes(1, 5.6, 3.3)
    for (name, values), look in zip(series.items(), LOOKS, strict=False):
        _line(axes[0], places[: len(values)], values, name, look)
    _scale(axes[0], places, logx, logy)
    axes[0].set_xlabel(xlabel, fontsize=FONT)
    axes[0].set_ylabel(ylabel, fontsize=FONT)
    if len(series) > 1:
        _legend(figure, axes[0])
    told = [
        f"{plain(name)}: from {short(values[0])} at {short(places[0])}"
        f" to {short(values[-1])} at {short(places[len(values) - 1])}."
        for name, values in series.items()
        if len(values)
    ]
    start = f"{plain(ylabel)} over {plain(xlabel)}."
    return Picture(figure, alt or " ".join([start, *told]))


def _legend(figure: Figure, axes: Axes) -> None:
    """Where it hides no line; above the axes if there is no such place inside."""
    look: dict[str, Any] = {"fontsize": FONT - 1, "handlelength": 3.2}
    box = axes.legend(**look, framealpha=0.9)
    figure.draw_without_rendering()
    covered = box.get_window_extent()
    if any(
        line.get_transform()
        .transform_path(line.get_path())
        .intersects_bbox(covered, filled=False)
        for line in axes.lines
    ):
        box = axes.legend(**look, loc="lower left", bbox_to_anchor=(0, 1))
    box.get_frame().set_linewidth(0)


def _scale(axes: Axes, places: Any, logx: bool, logy: bool) -> None:
    """Logarithms where asked for; steps, epochs and layers are never halved."""
    if logx:
        axes.set_xscale("log")
    elif np.all(places == np.round(places)):
        axes.xaxis.set_major_locator(
            MaxNLocator("auto", steps=[1, 2, 5, 10], integer=True)
        )
    if logy:
        axes.set_yscale("log")
        axes.yaxis.set_minor_formatter(NullFormatter())


def _line(axes: Axes, x: Any, values: Any, name: str, look: tuple[Any, ...]) -> None:
    colour, dashes, marker = look
    heights = np.asarray(values, dtype=float)
    heights = np.where(np.isfinite(heights), heights, np.nan)
    few = len(heights) <= 25
    axes.plot(
        x,
        heights,
        color=colour,
        linestyle=dashes,
        marker=marker if few else None,
        markersize=5,
        linewidth=2,
        label=name,
    )


def landscape(
    losses: Mapping[str, Callable[[float, float], float]],
    across: tuple[float, float] = (-1.0, 1.0),
    up: tuple[float, float] = (-1.0, 1.0),
    paths: Mapping[str, Any] | None = None,
    labels: tuple[str, str] = ("s", "t"),
    points: int = 41,
    alt: str = "",
) -> Picture:
    """Draw each loss over two numbers as lines of equal loss, one panel each.

    losses maps a title to a function of two numbers; across and up are its ranges;
    paths maps a title to (steps, 2) places, drawn from a ring to a dot.
    Raises ValueError for no loss.

    >>> bowl = landscape({"bowl": lambda s, t: s * s + t * t}, points=11)
    >>> print(bowl.alt)
    Lines of equal loss. bowl: lowest 0 at s = 0, t = 0; highest 2.
    """
    if not losses:
        raise ValueError("landscape needs at least one loss")
    figure, axes = _axes(len(losses), 3.5 * len(losses) + 0.6, 3.4)
    s, t = np.linspace(*across, points), np.linspace(*up, points)
    told = ["Lines of equal loss."]
    for panel, (title, loss) in zip(axes, losses.items(), strict=True):
        heights = np.array([[loss(a, b) for a in s] for b in t], dtype=float)
        _contours(panel, s, t, heights, title, labels)
        if paths and title in paths:
            places = np.asarray(paths[title], dtype=float)
            _path(panel, places)
        row, column = np.unravel_index(int(np.argmin(heights)), heights.shape)
        told.append(
            f"{plain(title)}: lowest {short(heights.min())} at {plain(labels[0])} ="
            f" {short(s[column])}, {plain(labels[1])} = {short(t[row])};"
            f" highest {short(heights.max())}."
        )
        if paths and title in paths:
            told.append(_told(places))
    return Picture(figure, alt or " ".join(told))


def _contours(
    axes: Axes, s: Any, t: Any, heights: Any, title: str, labels: tuple[str, str]
) -> None:
    levels = np.unique(np.quantile(heights, np.linspace(0.02, 0.98, 12)))
    extent = (s[0], s[-1], t[0], t[-1])
    axes.imshow(
        heights,
        origin="lower",
        extent=extent,
        aspect="auto",
        cmap="Blues_r",
        alpha=0.45,
        norm=PowerNorm(0.4),  # the valleys differ by less than the slopes around them
        interpolation="bilinear",
    )
    drawn = axes.contour(s, t, heights, levels=levels, colors=INK, linewidths=0.8)
    axes.clabel(drawn, levels[::3], fontsize=9, fmt="%.2g")
    axes.set_title(title, fontsize=FONT)
    axes.set_xlabel(labels[0], fontsize=FONT)
    axes.set_ylabel(labels[1], fontsize=FONT)


def _path(axes: Axes, places: np.ndarray) -> None:
    axes.plot(*places.T, color=BACKWARD, linewidth=1.6, marker=".", markersize=4)
    axes.plot(*places[0], "o", mfc=PAPER, mec=BACKWARD, markersize=9, clip_on=False)
    axes.plot(*places[-1], "o", color=BACKWARD, markersize=8)


def _told(places: np.ndarray) -> str:
    begins = ", ".join(f"({listed(place)})" for place in places[:3])
    return f"Its path begins {begins} and ends at ({listed(places[-1])})."


def boundary(
    classifiers: Mapping[str, Callable[[np.ndarray], np.ndarray]],
    X: Any,
    labels: Any,
    points: int = 121,
    alt: str = "",
) -> Picture:
    """Draw points of two classes, and where each classifier says 0 or 1.

    classifiers maps a title to a function from (M, 2) to labels (M,) in 0, 1.
    Raises ValueError when X is not (N, 2) or no classifier is given.

    >>> X = [[0.0, 0.0], [1.0, 1.0]]
    >>> print(boundary({"x above 1/2": lambda P: P[:, 0] > 0.5}, X, [0, 1]).alt)
    2 points of two classes and two regions. x above 1/2: 2 of 2 points right.
    """
    X, labels = np.asarray(X, dtype=float), np.asarray(labels)
    if X.ndim != 2 or X.shape[1] != 2 or not classifiers:
        raise ValueError(
            f"boundary needs X of shape (N, 2), got {X.shape}, and a classifier"
        )
    figure, axes = _axes(len(classifiers), 3.3 * len(classifiers) + 0.4, 3.2)
    low, high = X.min(axis=0) - 0.3, X.max(axis=0) + 0.3
    across, up = (np.linspace(a, b, points) for a, b in zip(low, high, strict=True))
    grid = np.stack(np.meshgrid(across, up), axis=-1).reshape(-1, 2)
    told = [f"{len(X)} points of two classes and two regions."]
    for panel, (title, classify) in zip(axes, classifiers.items(), strict=True):
        said = np.asarray(classify(grid), dtype=float).reshape(points, points)
        shades = [SIDES[0][2], SIDES[1][2]]
        panel.contourf(across, up, said, levels=[-0.5, 0.5, 1.5], colors=shades)
        if said.min() < 0.5 < said.max():
            panel.contour(across, up, said, levels=[0.5], colors=INK, linewidths=1.2)
        for label, (colour, marker, _) in enumerate(SIDES):
            chosen = X[labels == label]
            panel.plot(*chosen.T, marker, color=colour, markersize=4, alpha=0.85)
        right = int(np.sum(np.asarray(classify(X)) == labels))
        panel.set_title(f"{title}: {right} of {len(X)}", fontsize=FONT)
        told.append(f"{plain(title)}: {right} of {len(X)} points right.")
    return Picture(figure, alt or " ".join(told))


def images(X: Any, titles: Sequence[str], columns: int = 10, alt: str = "") -> Picture:
    """Draw square images, given as rows of X (N, side * side), each under its title.

    Raises ValueError when X holds no square images or not one for each title.

    >>> print(images(np.eye(4)[:2], ["a", "b"]).alt)
    2 images of 2 x 2 pixels: a, b.
    """
    X = np.asarray(X, dtype=float)
    side = int(round(X.shape[-1] ** 0.5)) if X.ndim == 2 else 0
    if not len(X) or side * side != X.shape[-1] or len(X) != len(titles):
        raise ValueError(
            f"images needs X (N, side * side) and N titles, got X {X.shape} and"
            f" {len(titles)} titles"
        )
    columns = min(columns, len(X))
    rows = -(-len(X) // columns)
    wide, high = side + 1, side * 1.4
    figure, axes = blank(0.78 * columns, 0.78 * rows * high / wide)
    for n, (image, title) in enumerate(zip(X, titles, strict=True)):
        left, top = n % columns * wide, n // columns * high + 0.4 * side
        axes.imshow(
            image.reshape(side, side),
            cmap="gray_r",
            vmin=-0.2,
            vmax=1.1,
            extent=(left, left + side, top + side, top),
        )
        where = (left + side / 2, top - 0.05 * side)
        axes.text(*where, title, fontsize=FONT - 1, ha="center", va="bottom")
    axes.set_xlim(-0.5, columns * wide)
    axes.set_ylim(rows * high, 0)
    told = f"{len(X)} images of {side} x {side} pixels: {', '.join(titles)}."
    return Picture(figure, alt or told)


def _axes(count: int, width: float, height: float) -> tuple[Figure, list[Axes]]:
    """A white figure with this many framed axes side by side."""
    figure = Figure(figsize=(width, height), facecolor=PAPER, layout="constrained")
    found = list(figure.subplots(1, count, squeeze=False)[0])
    for axes in found:
        axes.tick_params(labelsize=FONT - 1.5)
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(color=FAINT, alpha=0.25, linewidth=0.6)
        axes.set_axisbelow(True)
    return figure, found
