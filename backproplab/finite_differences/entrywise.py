"""Does a complex step show the slope of an activation, or of a loss, where it stands?

Code that drops the imaginary part (np.abs, float(z), np.real) gives a slope of 0
instead of an error, so each part is held against real differences before it is used.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any
from weakref import WeakSet

import numpy as np

from backproplab.finite_differences.points import EPS
from backproplab.finite_differences.steps import H, is_analytic

Function = Callable[[Any], Any]
# Both signs, small and large, at numbers where nobody puts a kink.
PLACES = np.array([[s * 0.37 * 10.0**k for k in range(-5, 3) for s in (-1, 1)]])


def gain(activation: Function) -> float | None:
    """The steepest slope of an activation; None where complex steps do not show it.

    >>> gain(np.tanh), gain(np.abs)
    (1.0, None)
    """
    try:
        return _known(activation)
    except TypeError:  # it cannot be hashed
        return _gain(activation)


@lru_cache(maxsize=64)
def _known(activation: Function) -> float | None:
    return _gain(activation)


def _gain(activation: Function) -> float | None:
    t = 1e-3 * np.abs(PLACES)
    value = np.asarray(activation(PLACES))
    try:
        step = np.imag(activation(PLACES + 1j * H)) / H
    except Exception:  # whatever it does with complex numbers: it does not work
        return None
    near, far = (
        (activation(PLACES + h) - activation(PLACES - h)) / (2 * h) for h in (t / 2, t)
    )
    slope, spread = (4 * near - far) / 3, np.abs(near - far)
    unit = np.finfo(value.dtype).eps if value.dtype.kind == "f" else EPS
    noise = 16 * unit * np.abs(value) / t
    apart = np.abs(step - slope) > 2 * spread + noise + 1e-6 * np.abs(slope)
    return None if apart.any() else round(float(np.nanmax(np.abs(step))), 6)


def loss_is_analytic(losses: Function, A: np.ndarray, slopes: np.ndarray) -> bool:
    """Whether the slopes of sum_n losses(A)_n by complex step are its real slopes.

    A loss that has shown that once is not asked again.

    >>> A = np.array([[1.0, -2.0]])
    >>> loss_is_analytic(lambda A: np.abs(A).sum(1), A, np.zeros((1, 2)))
    False
    """
    try:
        if losses in _SHOWN:
            return True
        shown = _shows(losses, A, slopes)
        if shown:
            _SHOWN.add(losses)
        return shown
    except TypeError:  # it cannot be remembered
        return _shows(losses, A, slopes)


_SHOWN: WeakSet[Function] = WeakSet()


def _shows(losses: Function, A: np.ndarray, slopes: np.ndarray) -> bool:
    t = 1e-6 * max(1.0, float(np.abs(A).max(initial=0.0)))
    ways = t * _ways(A.shape)
    up, down = losses(A + ways), losses(A - ways)
    # A loss of 0 may be the difference of two numbers as large as the outputs.
    noise = 16 * EPS * (np.abs(up) + np.abs(down) + np.abs(A).max(axis=1, initial=0.0))
    gap = np.abs((up - down) / 2 - (slopes * ways).sum(1))
    if (gap <= noise + 1e-3 * np.abs(slopes * ways).sum(1)).all():
        return True
    return is_analytic(lambda A: losses(A).sum(), A)


@lru_cache(maxsize=16)
def random_signs(shape: tuple[int, ...]) -> np.ndarray:
    """Random signs, kept because drawing them costs as much as a pass."""
    return np.random.default_rng(0).choice([-1.0, 1.0], shape)


@lru_cache(maxsize=16)
def _ways(shape: tuple[int, ...]) -> np.ndarray:
    """A direction in which slopes of +1 and -1 do not cancel, kept as well."""
    return random_signs(shape) * np.random.default_rng(1).uniform(0.5, 1.5, shape)
