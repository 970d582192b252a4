"""Is a student's gradient right?  The reference is measured, the tolerance derived."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

import numpy as np

from backproplab.finite_differences.forward import Network
from backproplab.finite_differences.of_network import network_gradient
from backproplab.finite_differences.points import EPS, Loss, Point, flat
from backproplab.finite_differences.steps import (
    Estimate,
    Method,
    complex_slope,
    gradient,
)

ALLOWED = 2.0  # times the running error bound, which a right gradient may use up
RIGHT, WRONG = 1e3, 1e7  # black box, in roundings of the row's largest entry


class Worst(NamedTuple):
    """The entry farthest outside its tolerance."""

    name: str | None
    place: tuple[int, ...]
    yours: float
    reference: float


class Result(NamedTuple):
    """What the check found; reference and tolerance have the structure of x."""

    verdict: Literal["right", "wrong", "undecided"]
    reason: str
    reference: Any
    tolerance: Any
    worst: Worst | None
    method: str


def check_gradient(
    loss_or_network: Loss | Network,
    x: Any,
    student_gradient: Any,
    *,
    method: Method = "auto",
) -> Result:
    """Compare a gradient with the measured one: right, wrong, or undecided here.

    "undecided" means that x is so close to a kink, or so ill conditioned, that another
    x should be drawn.  A "wrong" of a bare loss deserves a second x too; that of a
    Network is final.  student_gradient has the structure of x.  Raises TypeError when
    x or the loss is not real numbers.

    >>> check_gradient(lambda w: (w * w).sum(), [1.0, 3.0], [2.0, 6.0]).verdict
    'right'
    >>> check_gradient(lambda w: (w * w).sum(), [1.0, 3.0], [1.0, 3.0]).worst
    Worst(name=None, place=(1,), yours=3.0, reference=6.0)
    """
    point = Point(x)
    student = _like(point, student_gradient)
    if isinstance(student, str):
        return Result("wrong", student, None, None, None, "shapes")
    unit = _rounding_unit(student_gradient)
    finite = np.isfinite(student.vector)
    if not finite.all():
        name, index = _place(point, int(np.argmin(finite)))
        where = f"{name or 'the gradient'}{list(index)}"
        return Result("wrong", f"{where} is not finite", None, None, None, "finiteness")
    if isinstance(loss_or_network, Network):
        return _check_network(loss_or_network, point, x, student.vector, unit)
    measured = gradient(loss_or_network, x, method=method)
    return _check_measured(loss_or_network, point, measured, student.vector, unit)


def _check_network(
    network: Network, point: Point, x: Any, student: np.ndarray, unit: float
) -> Result:
    found = network_gradient(network, x, unit)
    if found.method not in ("reverse + certificate", "structured"):
        measured = Estimate(found.value, found.error, found.method)
        return _check_measured(network.loss, point, measured, student, unit)
    tolerance = ALLOWED * flat(found.error)
    references = [flat(g) for g in (found.value, *found.conventions)]
    gaps = [np.abs(student - reference) for reference in references]
    nearest = 0
    if found.conventions:
        excesses = [_excess(gap, tolerance) for gap in gaps]
        nearest = excesses.index(min(excesses))
    gap, reference = gaps[nearest], references[nearest]
    limit = tolerance
    if found.unsure is not None:
        limit = limit + 2 * flat(found.unsure)
    return _verdict(point, student, reference, gap, tolerance, limit, found.method)


def _check_measured(
    loss: Loss, point: Point, estimate: Estimate, student: np.ndarray, unit: float
) -> Result:
    reference, error = Point(estimate.value).vector, Point(estimate.error).vector
    rows = point.by_rows(np.abs(reference), lambda r: r.max(1))
    if estimate.method == "complex step":
        if _kink_beside(loss, point):
            error = np.full(error.shape, np.inf)
        tolerance, limit = error, error
    else:
        tolerance, limit = 4 * error, 100 * error
    tolerance = np.maximum(tolerance, RIGHT * unit * rows)
    limit = np.maximum(limit, WRONG * unit * rows)
    # A slope that moves the loss by less than its rounding over the entry's whole scale
    # may come out as 0: a saturated unit's 1 - a does.
    size = abs(point.function(loss)(point.vector)) / point.scale()
    limit = np.maximum(limit, 4 * unit * size)
    gap = np.abs(student - reference)
    loose = (error > 1e-4 * rows) & (error > 1e-7 * size)
    tolerance = np.where(loose, -1.0, tolerance)
    return _verdict(point, student, reference, gap, tolerance, limit, estimate.method)


def _verdict(
    point: Point,
    student: np.ndarray,
    reference: np.ndarray,
    gap: np.ndarray,
    tolerance: np.ndarray,
    limit: np.ndarray,
    method: str,
) -> Result:
    """right within tolerance, wrong outside limit, undecided between."""
    shaped = point.rebuild(reference), point.rebuild(tolerance)
    if (gap <= tolerance).all():
        return Result("right", "agrees within rounding", *shaped, None, method)
    if not np.isfinite(reference).all():
        return Result("undecided", "the loss is not finite", *shaped, None, method)
    with np.errstate(all="ignore"):
        i = int(
            np.argmax(np.where(gap > tolerance, gap / np.maximum(limit, 1e-300), 0))
        )
    name, index = _place(point, i)
    worst = Worst(name, index, float(student[i]), float(reference[i]))
    if (gap <= limit).all():
        return Result(
            "undecided",
            "too close to a kink or to rounding here",
            *shaped,
            worst,
            method,
        )
    reason = f"{name or 'entry'}{list(index)} should be {reference[i]:.6g}"
    return Result("wrong", reason, *shaped, worst, method)


def _excess(gap: np.ndarray, tolerance: np.ndarray) -> float:
    """How many tolerances the worst entry is away."""
    with np.errstate(over="ignore"):
        return float(np.max(gap / np.maximum(tolerance, 1e-300), initial=0.0))


def _like(point: Point, gradient: Any) -> Point | str:
    """The student's gradient with its parts in x's order, or what is wrong with it."""
    names = tuple(gradient) if isinstance(gradient, Mapping) else None
    if (point.names is None) != (names is None) or set(point.names or ()) != set(
        names or ()
    ):
        return f"the gradient has parts {names}, expected {point.names}"
    if point.names is not None:
        gradient = {name: gradient[name] for name in point.names}
    try:
        student = Point(gradient)
    except (TypeError, ValueError) as problem:
        return f"the gradient does not hold numbers: {problem}"
    parts = zip(point.names or [None], student.shapes, point.shapes, strict=True)
    for name, shape, expected in parts:
        if shape != expected:
            where = name or "the gradient"
            return f"{where} has shape {shape}, expected {expected}"
    return student


def _rounding_unit(student: Any) -> float:
    """The coarsest precision among the parts; integers count as float64."""
    parts = student.values() if isinstance(student, dict) else [student]
    types = [np.asarray(part).dtype for part in parts]
    return max([EPS] + [float(np.finfo(t).eps) for t in types if t.kind == "f"])


def _place(point: Point, i: int) -> tuple[str | None, tuple[int, ...]]:
    """The part and the index inside it of entry i of the vector."""
    part = int(np.searchsorted(point.ends, i, side="right"))
    start = point.ends[part - 1] if part else 0
    name = None if point.names is None else point.names[part]
    index = np.unravel_index(i - start, point.shapes[part])
    return name, tuple(int(k) for k in index)


def _kink_beside(loss: Loss, point: Point) -> bool:
    """Do the slopes on both sides of x, 1e-8 away, differ along random directions?

    A smooth loss halves that difference with the distance; a kink keeps it.
    """
    random, function = np.random.default_rng(3), point.function(loss)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        for _ in range(3):
            u = point.scale() * random.standard_normal(point.vector.size)
            gaps = []
            for reach in (1e-8, 5e-9):
                right, left = (
                    complex_slope(function, point.vector + side * reach * u, u)
                    for side in (1, -1)
                )
                gaps.append(right - left)
            if abs(2 * gaps[1] - gaps[0]) > 1e-6 * max(abs(right), abs(left)):
                return True
    return False
