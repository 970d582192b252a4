"""How wrong a difference quotient is, for every step size h: two U curves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from backproplab.pictures.picture import FAINT, FONT, INK, PAPER, Picture
from backproplab.shown import BACKWARD

Function = Callable[[np.ndarray], np.ndarray]
FLOOR = 1e-17  # an error of exactly 0 has no place on a logarithmic axis


def difference_errors(
    function: Function, derivative: Function, at: Sequence[float], h: Any
) -> tuple[np.ndarray, np.ndarray]:
    """The median error of forward and of central differences, for each h.

    function and derivative take an array; at holds the places, h (K,) the steps.
    Returns two arrays (K,).

    >>> square = lambda x: x**2
    >>> forward, central = difference_errors(square, lambda x: 2 * x, [3.0], [0.5])
    >>> print(forward[0], central[0])
    0.5 0.0
    """
    places = np.asarray(at, dtype=float)
    truth, here = derivative(places), function(places)
    forward, central = [], []
    for step in np.asarray(h, dtype=float):
        up, down = function(places + step), function(places - step)
        forward.append(np.median(np.abs((up - here) / step - truth)))
        central.append(np.median(np.abs((up - down) / (2 * step) - truth)))
    return np.array(forward), np.array(central)


def step_sizes(
    function: Function,
    derivative: Function,
    at: Sequence[float],
    guess: float | None = None,
    alt: str = "",
) -> Picture:
    """Draw the error of both difference quotients over h, both axes logarithmic.

    at holds the places over which the median is taken; guess marks a predicted best
    h.  Raises ValueError for no place or a guess that is not positive.

    >>> step_sizes(np.exp, np.exp, [0.5, 1.0]).alt[:44]
    'Error of a difference quotient over the step'
    """
    if not len(at) or (guess is not None and not guess > 0):
        raise ValueError("step_sizes needs at least one place, and a guess above 0")
    h = 10.0 ** np.arange(-15, -0.24, 0.25)
    forward, central = difference_errors(function, derivative, at, h)
    figure = Figure(figsize=(7.0, 4.2), facecolor=PAPER, layout="constrained")
    axes = figure.subplots()
    axes.set_xscale("log")
    axes.set_yscale("log")
    _curve(axes, h, forward, ("forward difference ~ h", INK, "o", "-"))
    _curve(axes, h, central, ("central difference ~ h²", BACKWARD, "s", "--"))
    _guides(axes, h, forward, central)
    if guess is not None:
        axes.axvline(guess, color=FAINT, linewidth=1.4)
        axes.text(guess, 3.0, " your h", fontsize=FONT, color=INK, va="bottom")
    axes.set_ylim(1e-13, 30.0)
    axes.set_xlabel("step size h", fontsize=FONT)
    axes.set_ylabel("error of the slope", fontsize=FONT)
    axes.tick_params(labelsize=FONT - 1.5)
    axes.spines[["top", "right"]].set_visible(False)
    return Picture(figure, alt or _describe(h, forward, central))


def _curve(
    axes: Axes, h: np.ndarray, error: np.ndarray, look: tuple[str, str, str, str]
) -> None:
    name, colour, marker, line = look
    shown = np.maximum(error, FLOOR)
    axes.plot(
        h, shown, color=colour, marker=marker, markersize=4, linestyle=line, lw=1.2
    )
    # Named beside its falling branch, where only this curve passes.
    left = marker == "o"
    place = int(np.argmin(np.abs(h - 10 ** (-4.5 if left else -2.75))))
    at = (h[place] * (0.5 if left else 2.0), shown[place] * (4.0 if left else 0.25))
    axes.text(*at, name, color=colour, fontsize=FONT, ha="right" if left else "left")


def _guides(
    axes: Axes, h: np.ndarray, forward: np.ndarray, central: np.ndarray
) -> None:
    """The two causes as straight lines: the formula's own error, and rounding."""
    small = h <= 1e-9
    rounding = np.median(forward[small] * h[small])
    for line in (forward[-1] * h / h[-1], central[-1] * (h / h[-1]) ** 2, rounding / h):
        axes.plot(h, line, color=FAINT, linestyle=":", linewidth=1.2, zorder=0)
    axes.text(10**-12.2, 0.02, "rounding ~ 1/h", color=INK, fontsize=FONT)


def _describe(h: np.ndarray, forward: np.ndarray, central: np.ndarray) -> str:
    parts = [
        "Error of a difference quotient over the step size h, two U-shaped curves."
    ]
    for name, error in (("forward", forward), ("central", central)):
        best = int(np.argmin(error))
        parts.append(
            f"The {name} difference is best near h = {_one_digit(h[best])},"
            f" with an error of about 1e{np.log10(max(error[best], FLOOR)):.0f}."
        )
    parts.append("To the right the formula's own error grows, to the left rounding.")
    return " ".join(parts)


def _one_digit(number: float) -> str:
    """As it is read aloud: 3e-6, not 3e-06."""
    digit, power = f"{number:.0e}".split("e")
    return f"{digit}e{int(power)}"
