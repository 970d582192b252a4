"""What every formula asks of its arrays: real numbers in, shapes that fit."""

from __future__ import annotations

from typing import Any, NoReturn

import numpy as np
from numpy import asarray


def promote(x: Any) -> np.ndarray:
    """Return x as a floating-point array; integers become float64.

    float32 stays float32 and complex stays complex (complex-step derivatives use it).
    Raises TypeError when x does not hold numbers.

    >>> promote([1, 2]).dtype.name
    'float64'
    """
    x = asarray(x)  # a plain array: for np.matrix, * would not be entry by entry
    if x.dtype.kind in "fc":
        return x
    if x.dtype.kind in "biu":
        return x.astype(float)
    raise TypeError(f"expected numbers, got an array of {x.dtype} (shape {x.shape})")


def misfit(rule: str, **arrays: np.ndarray) -> NoReturn:
    """Raise a ValueError that names every shape and the rule they break.

    >>> misfit("Z = X @ W + b", X=np.zeros((5, 3)), W=np.zeros((4, 2)))
    Traceback (most recent call last):
        ...
    ValueError: Z = X @ W + b does not fit: X is (5, 3), W is (4, 2)
    """
    shapes = ", ".join(f"{name} is {a.shape}" for name, a in arrays.items())
    raise ValueError(f"{rule} does not fit: {shapes}")


def same_shape(rule: str, **arrays: np.ndarray) -> None:
    """Raise a ValueError naming the shapes unless all are equal.

    >>> same_shape("dZ = dA * A * (1 - A)", dA=np.zeros(3), A=np.zeros(3))
    """
    first, *others = arrays.values()
    for other in others:
        if other.shape != first.shape:
            misfit(rule, **arrays)


def number(name: str, value: Any) -> np.ndarray:
    """Return value as an array without axes; ValueError unless it is one number.

    >>> number("y", [1, 2])
    Traceback (most recent call last):
        ...
    ValueError: y is one number, got an array of shape (2,)
    """
    value = promote(value)
    if value.size != 1:
        raise ValueError(f"{name} is one number, got an array of shape {value.shape}")
    return value.reshape(())


def whole(what: str, value: Any, least: int = 1) -> int:
    """Return value as an int; raise a ValueError unless it is whole and large enough.

    >>> whole("N, the number of examples,", 2.5)
    Traceback (most recent call last):
        ...
    ValueError: N, the number of examples, is a whole number, at least 1; got 2.5
    """
    if not hasattr(value, "__index__") or value < least:
        raise ValueError(f"{what} is a whole number, at least {least}; got {value!r}")
    return int(value)


def lookup(table: dict[str, Any], name: str, what: str) -> Any:
    """Return table[name], or raise a ValueError that lists the known names.

    >>> lookup({"sigmoid": 1, "tanh": 2}, "sigmiod", "activation")
    Traceback (most recent call last):
        ...
    ValueError: unknown activation 'sigmiod'; known: sigmoid, tanh
    """
    if not isinstance(name, str) or name not in table:
        raise ValueError(f"unknown {what} {name!r}; known: {', '.join(table)}")
    return table[name]
