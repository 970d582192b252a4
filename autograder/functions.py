"""Named functions that some exercises hand to the student's code.

Over a wire a function travels as its name in this closed table, never as code.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def tanh(z: Any) -> Any:
    """tanh(z)."""
    return np.tanh(z)


def tanh_slope(z: Any) -> Any:
    """The derivative of tanh at z."""
    with np.errstate(over="ignore"):  # far out the slope is 0, and nobody's mistake
        return 1.0 / np.cosh(z) ** 2


def arctan(z: Any) -> Any:
    """arctan(z)."""
    return np.arctan(z)


def arctan_slope(z: Any) -> Any:
    """The derivative of arctan at z."""
    return 1.0 / (1.0 + np.square(z))


def square(z: Any) -> Any:
    """z^2."""
    return z * z


def square_slope(z: Any) -> Any:
    """The derivative of z^2 at z."""
    return 2 * z


def cube(z: Any) -> Any:
    """z^3."""
    return z * z * z


def cube_slope(z: Any) -> Any:
    """The derivative of z^3 at z."""
    return 3 * z * z


def exp(z: Any) -> Any:
    """e^z."""
    return np.exp(z)


def exp_slope(z: Any) -> Any:
    """The derivative of e^z at z."""
    return np.exp(z)


def sin(z: Any) -> Any:
    """sin(z)."""
    return np.sin(z)


def sin_slope(z: Any) -> Any:
    """The derivative of sin at z."""
    return np.cos(z)


def double_plus_three(z: Any) -> Any:
    """2 z + 3."""
    return 2 * z + 3


def double_plus_three_slope(z: Any) -> Any:
    """The derivative of 2 z + 3 at z: it is 2 everywhere."""
    return 2.0 + 0 * z


def sum_of_cubes(x: Any) -> Any:
    """The sum of the cubes of all entries of x."""
    return np.sum(x * x * x)


def root_of_one_plus_squares(x: Any) -> Any:
    """The root of 1 plus the sum of the squares of all entries of x."""
    return np.sqrt(1 + np.sum(x * x))


def log_sum_exp(x: Any) -> Any:
    """The logarithm of the sum of e^x over all entries of x."""
    return np.log(np.sum(np.exp(x)))


def polar(x: Any) -> Any:
    """The point (x0 cos x1, x0 sin x1): two numbers in, two numbers out."""
    return np.array([x[0] * np.cos(x[1]), x[0] * np.sin(x[1])])


def neighbours(x: Any) -> Any:
    """The products of neighbouring entries: D numbers in, D - 1 numbers out."""
    return x[:-1] * x[1:]


def squares_and_sum(x: Any) -> Any:
    """All squares, then the sum of the entries: D numbers in, D + 1 numbers out."""
    return np.append(x * x, np.sum(x))


_WITH_SLOPE = (tanh, arctan, square, cube, exp, sin, double_plus_three)
_SLOPES = (
    tanh_slope,
    arctan_slope,
    square_slope,
    cube_slope,
    exp_slope,
    sin_slope,
    double_plus_three_slope,
)
_OF_ARRAYS = (
    sum_of_cubes,
    root_of_one_plus_squares,
    log_sum_exp,
    polar,
    neighbours,
    squares_and_sum,
)

NAMED: dict[str, Callable] = {
    f.__name__: f for f in (*_WITH_SLOPE, *_SLOPES, *_OF_ARRAYS)
}
