"""Derivatives of a loss by the two kinds of step.

Complex step: L(x + ih) = L(x) + ih L'(x) - ..., so Im L(x + ih) / h is L'(x), and
because nothing is subtracted h can be 1e-20 and the result exact to rounding.  The
loss has to be written with analytic operations, which random directions probe.

Where that fails, Richardson extrapolation of real differences takes over.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import numpy as np

from backproplab.finite_differences.points import EPS, Loss, Point
from backproplab.finite_differences.richardson import (
    along,
    central,
    noise_of,
    one_sided_slope,
    richardson,
)

PROBE = 1e-4  # the real step that a complex step is compared with
REACHES = (1e-2, 1e-2, 1e-2, 1e-4, 1e-6)  # how far from x: a steep slope shows near it
SMALLEST = float(np.finfo(float).smallest_subnormal)
H = 1e-20  # H * H vanishes beside 1, so the real part never sees the step
Method = Literal["auto", "complex", "real"]


class Estimate(NamedTuple):
    """A measured derivative; value and error have the structure of x.

    ``error`` is a per-entry estimate of how far ``value`` can be off.  At a kink
    Richardson's error reaches from one one-sided slope to the other; a complex step
    takes the side that the loss's own code takes there.
    """

    value: Any
    error: Any
    method: str


def gradient(loss: Loss, x: Any, *, method: Method = "auto") -> Estimate:
    """dL/dx_i for every entry of x, measured: Im L(x + ih e_i) / h, or Richardson.

    loss takes one argument like x (number, array or dict of arrays) and returns one
    real number; x is not changed.  A NaN loss gives NaN with error inf.  Raises
    TypeError when x or the loss is not real numbers, ValueError for another method.

    >>> gradient(lambda w: (w * w).sum(), [1.0, 3.0]).value
    array([2., 6.])
    """
    if method not in ("auto", "complex", "real"):
        raise ValueError(f"method is 'auto', 'complex' or 'real', not {method!r}")
    point = Point(x)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        value = np.full(point.vector.size, np.nan)
        error = np.full(point.vector.size, np.inf)
        name = "richardson"
        before = point.real_function(loss)(point.vector)
        if np.isfinite(before):
            if method == "complex" or (method == "auto" and _analytic(loss, point)):
                value, name = _complex_steps(loss, point), "complex step"
                error = rounding(point, value) + _unsettled(loss, point, value)
                zeros = value == 0
                if method == "auto" and zeros.any():
                    if not _analytic(loss, point, zeros):
                        name = "richardson"
                    error[zeros] += _resolution(loss, point)[zeros]
            if name == "richardson":
                value, error = _richardson_steps(loss, point)
            # A loss that is random, or remembers, has moved by now: so may its slopes.
            drift = abs(point.around(loss)(point.vector) - before)
            error += 4 * drift / point.scale()
    return Estimate(point.rebuild(value), point.rebuild(error), name)


def directional(loss: Loss, x: Any, direction: Any) -> float:
    """The slope of L(x + t d) at t = 0, sum_i dL/dx_i d_i, in one pass or a few.

    direction d has the structure of x.  Raises ValueError when it has not.

    >>> directional(lambda w: (w * w).sum(), [1.0, 3.0], [1.0, 1.0])
    8.0
    """
    point, d = Point(x), Point(direction)
    if (point.names, point.shapes) != (d.names, d.shapes):
        raise ValueError(
            f"the direction must be shaped like x: {d.shapes} is not {point.shapes}"
        )
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        if _analytic(loss, point):
            return complex_slope(point.function(loss), point.vector, d.vector)
        real = point.around(loss)
        longest = float(np.max(np.abs(d.vector) / point.scale(), initial=0.0))
        curve = along(real, point.vector, d.vector)
        noise = noise_of(real, point.vector, point.unit(loss))
        return richardson(curve, 1 / (longest or 1.0), noise)[0]


def one_sided(loss: Loss, x: Any) -> tuple[Any, Any]:
    """The slopes of L to the left and to the right of every entry.

    They differ at a kink: relu at 0, hinge at margin 1.  Both have the structure of x.
    A kink closer than 1e-8 of the entry's scale counts as being at x.

    >>> left, right = one_sided(lambda w: np.maximum(w, 0).sum(), [0.0, 2.0])
    >>> left.tolist(), right.tolist()
    ([0.0, 1.0], [1.0, 1.0])
    """
    point = Point(x)
    left, right = np.zeros(point.vector.size), np.zeros(point.vector.size)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        exact = _analytic(loss, point)
        real, scale = point.around(loss), point.scale()
        for i in range(point.vector.size):
            unit = np.zeros(point.vector.size)
            unit[i] = 1.0
            for side, slopes in ((-1, left), (1, right)):
                if exact:
                    slopes[i] = _beside(
                        point.function(loss), point.vector, unit, side * 1e-8 * scale[i]
                    )
                else:
                    curve = along(real, point.vector, unit)
                    slopes[i] = one_sided_slope(curve, side * scale[i])
    return point.rebuild(left), point.rebuild(right)


def is_analytic(loss: Loss, x: Any) -> bool:
    """Does the complex step work here?  Compared with real differences near x.

    Not at x itself, so that an exact kink there does not decide.

    >>> is_analytic(lambda w: np.maximum(w, 0).sum(), [1.0, -2.0])
    True
    >>> is_analytic(lambda w: np.abs(w).sum(), [1.0, -2.0])
    False
    """
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return _analytic(loss, Point(x))


def complex_slope(
    function: Callable[[np.ndarray], complex], at: np.ndarray, direction: np.ndarray
) -> float:
    """Im L(x + ih d) / h, the directional derivative in one complex pass."""
    return function(at + (1j * H) * direction).imag / H


def rounding(point: Point, value: np.ndarray) -> np.ndarray:
    """How far rounding may move a gradient: 1000 roundings of its row's largest.

    Slopes times H that leave the normal numbers are rounded off absolutely.
    """
    rows = point.by_rows(np.abs(value), lambda rows: rows.max(1))
    return 1e3 * EPS * rows + np.where(rows > 0, 4 * SMALLEST / H, 0.0)


def _complex_steps(loss: Loss, point: Point, h: float = H) -> np.ndarray:
    function = point.function(loss)
    moved = point.vector.astype(complex)
    value = np.zeros(point.vector.size)
    for i, x in enumerate(point.vector):
        moved[i] = complex(x, h)
        value[i] = function(moved).imag / h
        moved[i] = x
    return value


def _unsettled(loss: Loss, point: Point, value: np.ndarray) -> np.ndarray:
    """How far another h moves the slopes: only at a vertical tangent, as of sqrt at 0.

    Measured only when a slope is so steep that there may be one.
    """
    size = abs(point.function(loss)(point.vector))
    if not (np.abs(value) * point.scale() > 1e6 * size).any():
        return np.zeros(value.shape)
    other = np.abs(_complex_steps(loss, point, H / 16) - value)
    return np.where(other > 1e-6 * np.abs(value), other, 0.0)


def _resolution(loss: Loss, point: Point) -> np.ndarray:
    """The slope that the probe of a zero cannot tell from 0, beside so large a loss."""
    size = abs(point.function(loss)(point.vector))
    return 16 * EPS * size / PROBE / point.scale()


def _analytic(loss: Loss, point: Point, only: np.ndarray | None = None) -> bool:
    """The probe; ``only`` restricts its directions to those entries."""
    if point.vector.size == 0:
        return True
    random = np.random.default_rng(0)
    real, function = point.around(loss), point.function(loss)
    scale, decided = point.scale(), False
    for reach in REACHES:
        at = point.vector + reach * scale * random.standard_normal(scale.size)
        direction = reach / REACHES[0] * scale * random.standard_normal(scale.size)
        if only is not None:
            direction *= only
        try:
            step = complex_slope(function, at, direction)
        except Exception:  # whatever a loss does with complex numbers: it does not work
            return False
        curve = along(real, at, direction)
        near, far = central(curve, PROBE / 2), central(curve, PROBE)
        slope, spread = (4 * near - far) / 3, abs(near - far)
        noise = 16 * EPS * abs(real(at)) / PROBE
        tight = spread <= 1e-3 * abs(slope) + noise
        if tight and not abs(step - slope) <= spread + noise + 1e-9 * abs(slope):
            measured = 4 * noise_of(real, at) / PROBE  # only now: it costs seven passes
            if not abs(step - slope) <= spread + measured + 1e-9 * abs(slope):
                return False
        decided = decided or (tight and reach == REACHES[0])
    return decided


def _richardson_steps(loss: Loss, point: Point) -> tuple[np.ndarray, np.ndarray]:
    real, scale = point.around(loss), point.scale()
    noise = noise_of(real, point.vector, point.unit(loss))
    value, error = np.zeros(point.vector.size), np.zeros(point.vector.size)
    for i in range(point.vector.size):
        unit = np.zeros(point.vector.size)
        unit[i] = 1.0
        curve = along(real, point.vector, unit)
        value[i], error[i] = richardson(curve, scale[i], noise)
    return value, error


def _beside(
    function: Callable[[np.ndarray], complex],
    at: np.ndarray,
    unit: np.ndarray,
    hair: float,
) -> float:
    """The complex-step slope a hair beside x and two hairs beside, extrapolated."""
    one, two = (complex_slope(function, at + k * hair * unit, unit) for k in (1, 2))
    return 2 * one - two
