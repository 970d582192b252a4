"""A place where a loss is evaluated, seen as one vector of numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import accumulate
from typing import Any

import numpy as np

Loss = Callable[[Any], Any]
EPS = float(np.finfo(float).eps)


class Point:
    """An argument of a loss as a float64 vector, and the way back.

    x is a number, an array, or a dict of these; integers and float32 are promoted
    exactly.  Raises TypeError when it holds anything but real numbers.

    >>> point = Point({"W": [[1, 2]], "b": 3})
    >>> point.vector
    array([1., 2., 3.])
    >>> point.rebuild(point.vector * 2)
    {'W': array([[2., 4.]]), 'b': np.float64(6.0)}
    """

    def __init__(self, x: Any) -> None:
        self.names = tuple(x) if isinstance(x, Mapping) else None
        parts = list(x.values()) if isinstance(x, Mapping) else [x]
        arrays = [_real(part) for part in parts]
        self.shapes = [array.shape for array in arrays]
        pairs = zip(arrays, parts, strict=True)
        self.bare = [
            not a.ndim and not isinstance(part, np.ndarray) for a, part in pairs
        ]
        self.ends = list(accumulate(array.size for array in arrays))
        self.vector = (
            np.concatenate([array.ravel() for array in arrays])
            if arrays
            else np.zeros(0)
        )

    def rebuild(self, vector: np.ndarray) -> Any:
        """The structure of x with these numbers; parts are views of ``vector``."""
        parts, start = [], 0
        for shape, bare, end in zip(self.shapes, self.bare, self.ends, strict=True):
            part = vector[start:end].reshape(shape)
            parts.append(part[()] if bare else part)
            start = end
        if self.names is None:
            return parts[0]
        return dict(zip(self.names, parts, strict=True))

    def scale(self) -> np.ndarray:
        """Per entry, the distance over which it may change: max(|x|, row rms), or 1."""
        magnitude = np.abs(self.vector)
        rms = self.by_rows(magnitude, lambda rows: np.sqrt((rows**2).mean(1)))
        natural = np.maximum(magnitude, rms)
        return np.where(np.isfinite(natural) & (natural > 1e-150), natural, 1.0)

    def by_rows(
        self, vector: np.ndarray, reduce: Callable[[np.ndarray], np.ndarray]
    ) -> np.ndarray:
        """Reduce each row (last axis) of each part and spread it over the row again."""
        result, start = np.zeros(len(vector)), 0
        for shape, end in zip(self.shapes, self.ends, strict=True):
            if end > start:
                width = shape[-1] if shape else 1
                rows = reduce(vector[start:end].reshape(-1, width))
                result[start:end] = np.repeat(rows, width)
            start = end
        return result

    def function(self, loss: Loss) -> Callable[[np.ndarray], complex]:
        """The loss as a function of the vector; the loss gets its own copy."""
        return lambda vector: one_number(loss(self.rebuild(vector.copy())))

    def unit(self, loss: Loss) -> float:
        """One rounding of the loss's value: float32 when it computes in float32."""
        value = np.asarray(loss(self.rebuild(self.vector.copy())))
        return float(np.finfo(value.dtype).eps) if value.dtype.kind == "f" else EPS

    def real_function(self, loss: Loss) -> Callable[[np.ndarray], float]:
        """As ``function`` for real vectors, where the loss has to be real."""
        evaluate = self.function(loss)

        def real(vector: np.ndarray) -> float:
            value = evaluate(vector)
            if value.imag != 0 and value.imag == value.imag:
                raise TypeError(
                    f"the loss must return a real number; at real x it returned {value}"
                )
            return value.real

        return real

    def around(self, loss: Loss) -> Callable[[np.ndarray], float]:
        """As ``real_function``, NaN where the loss cannot be computed.

        A step can leave the domain of math.log, or overflow math.exp.
        """
        real = self.real_function(loss)

        def value(vector: np.ndarray) -> float:
            try:
                return real(vector)
            except (ArithmeticError, ValueError):
                return float("nan")

        return value


def flat(parts: Mapping[str, np.ndarray]) -> np.ndarray:
    """All entries of a dict of arrays in one vector."""
    return np.concatenate([part.ravel() for part in parts.values()])


def _real(part: Any) -> np.ndarray:
    array = np.asarray(part)
    if array.dtype.kind not in "fbiu":
        raise TypeError(
            "x must hold real numbers (an array, a number, or a dict of them); "
            f"got {array.dtype} in a {type(part).__name__}"
        )
    return array if array.dtype == np.float64 else array.astype(np.float64)


def one_number(value: Any) -> complex:
    """The value of a loss as a complex number; TypeError unless it is one number."""
    if type(value) in (float, complex, int, np.float64, np.complex128):
        return complex(value)
    array = np.asarray(value)
    if array.ndim or array.dtype.kind not in "fbiuc":
        what = f"an array of shape {array.shape}" if array.ndim else repr(value)
        raise TypeError(f"the loss must return one real number; it returned {what}")
    return complex(array[()])
