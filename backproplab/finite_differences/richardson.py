"""Slopes of a curve from real differences, with an error that can be believed.

Central differences at steps 4, 16, 64 ... times smaller are combined so that their
leading errors cancel.  Their disagreement, what rounding the argument does to the loss,
and any gap between one-sided slopes together are the error.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from backproplab.finite_differences.points import EPS

LEVELS = 13
Curve = Callable[[float], float]


def along(
    real: Callable[[np.ndarray], float], at: np.ndarray, direction: np.ndarray
) -> Curve:
    return lambda t: real(at + t * direction)


def central(curve: Curve, h: float) -> float:
    return (curve(h) - curve(-h)) / (2 * h)


def noise_of(
    real: Callable[[np.ndarray], float], at: np.ndarray, unit: float = EPS
) -> float:
    """How far L moves when x moves by one rounding: below this nothing is known.

    unit is the rounding of the loss, which may compute in float32.
    """
    random, value = np.random.default_rng(1), real(at)
    signs = random.choice([-1.0, 1.0], (6, at.size))
    moved = np.array([real(at * (1 + unit * sign)) - value for sign in signs])
    moved = np.abs(moved[np.isfinite(moved)]).max(initial=0.0)
    return max(float(moved), unit * abs(value), _steps_of(real, at))


def _steps_of(real: Callable[[np.ndarray], float], at: np.ndarray) -> float:
    """The height of the steps that L is made of when it computes in float32 inside.

    Values beside each other along a line: what is smooth has no sixth difference.
    Both sides of x, and the better one, because there may be a kink at x.
    """
    signs, bends = np.random.default_rng(2).choice([-1.0, 1.0], at.size), []
    for side in (-(2.0**-25), 2.0**-25):
        line = [real(at * (1 + k * side * signs)) for k in range(1, 9)]
        bends.append(float(np.abs(np.diff(line, 6)).max()) / 16)
    return min(bends) if np.isfinite(bends).all() else 0.0


def richardson(curve: Curve, scale: float, noise: float) -> tuple[float, float]:
    """The slope of a curve at 0 and its error, from central differences.

    A smooth curve has equal one-sided slopes; what remains of their gap after
    extrapolation to h = 0 is a kink, and half of it belongs to the error.
    """
    h = scale * 0.25 ** np.arange(1, LEVELS + 1)
    value = curve(0.0)
    up, down = (np.array([curve(t) for t in side * h]) for side in (1, -1))
    right, left = (up - value) / h, (value - down) / h
    slopes = _extrapolate((right + left) / 2, (16, 256))
    gap = _extrapolate(right - left, (4, 64))[1:]
    floor = 2 * noise / h[3:]
    error = np.abs(np.diff(slopes)) + np.abs(gap) / 2 + floor
    if not np.isfinite(error).any():
        return float("nan"), float("inf")
    best = int(np.nanargmin(error))
    finer, slope = slice(best + 1, None), float(slopes[best + 1])
    drift = np.abs(slopes[1:][finer] - slope) + np.abs(gap[finer]) / 2
    if not (drift > 32 * floor[finer]).any():
        return slope, float(error[best])
    # Smaller steps find something else: more noise than moving by one rounding showed,
    # or a curve that has no slope to settle to.
    noise = _roughness(up - 2 * value + down)
    unsettled = drift[drift > 32 * np.maximum(floor[finer], 2 * noise / h[3:][finer])]
    worst = max(float(error[best]), float(2 * noise / h[3:][best]))
    return slope, max(worst, float(unsettled.max(initial=0.0)))


def _extrapolate(values: np.ndarray, ratios: tuple[int, ...]) -> np.ndarray:
    """Richardson: from values at h, h/4, ... remove the errors shrinking by ratios."""
    for ratio in ratios:
        values = values[1:] + np.diff(values) / (ratio - 1)
    return values


def _roughness(bend: np.ndarray) -> float:
    """The noise of L that its bends L(h) - 2 L(0) + L(-h) at the smallest steps show.

    A smooth curve's bend shrinks by 16 from one step to the next.
    """
    return float(np.abs(16 * bend[1:] - bend[:-1])[-4:].max()) / 17


def one_sided_slope(curve: Curve, scale: float) -> float:
    """(L(t) - L(0)) / t for t to 0 from one side, extrapolated; scale carries the side.

    The level where neighbours agree best wins.
    """
    t = scale * 0.25 ** np.arange(1, LEVELS + 1)
    value = curve(0.0)
    slopes = _extrapolate((np.array([curve(s) for s in t]) - value) / t, (4, 16, 64))
    floor = 8 * EPS * abs(value) / np.abs(t[4:])
    disagreement = np.abs(np.diff(slopes)) + floor
    if not np.isfinite(disagreement).any():
        return float("nan")
    return float(slopes[int(np.nanargmin(disagreement)) + 1])
