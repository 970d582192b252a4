"""A learner's own network and examples, or one sentence about what is wrong with them.

Errors are ValueErrors, whose text is shown where the explorer would have stood.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from backproplab.network import Arrays, depth, sizes

MOST_WEIGHTS = 2_000_000


def as_network(params: Any, most_layers: int) -> Arrays:
    """Parameters as float64 copies, all finite, in layers that fit together.

    >>> as_network({"W1": [[1]], "b1": [float("nan")]}, 9)
    Traceback (most recent call last):
        ...
    ValueError: b1[0] is nan: every weight must be a finite number
    """
    if not isinstance(params, Mapping):
        raise ValueError(
            'params is a dict {"W1": ..., "b1": ..., "W2": ...}, '
            f"got {type(params).__name__}"
        )
    L = depth(params)
    if most_layers < L:
        raise ValueError(
            f"this network has {L} layers; the picture has room for {most_layers}. "
            "Pass the last few layers as a network of their own"
        )
    arrays = {}
    for layer in range(1, L + 1):
        for name in (f"W{layer}", f"b{layer}"):
            arrays[name] = as_numbers(name, params[name], "every weight")
    if 0 in sizes(arrays):
        raise ValueError("a layer has no units")
    weights = sum(array.size for array in arrays.values())
    if weights > MOST_WEIGHTS:
        raise ValueError(
            f"this network has {weights:,} weights; at most {MOST_WEIGHTS:,} can be "
            "looked at here"
        )
    return arrays


def as_numbers(name: str, value: Any, what: str) -> np.ndarray:
    """A float64 copy of an array; the first entry that is not finite is named."""
    try:
        array = np.array(value, dtype=float)
    except (TypeError, ValueError):
        raise ValueError(f"{name} must hold numbers only") from None
    bad = np.argwhere(~np.isfinite(array))
    if bad.size:
        at = ", ".join(map(str, bad[0]))
        raise ValueError(
            f"{name}[{at}] is {array[tuple(bad[0])]}: {what} must be a finite number"
        )
    return array


def as_examples(
    X: Any, Y: Any, layer_sizes: list[int], most: int
) -> tuple[np.ndarray, np.ndarray]:
    """X as (N, D) and Y as (N, K); a vector X is one example.

    >>> as_examples([1, 2], 5, [2, 3, 1], 99)
    (array([[1., 2.]]), array([[5.]]))
    """
    if X is None or Y is None:
        raise ValueError("examples are missing: pass X and Y after the params")
    X, Y = as_numbers("X", X, "every input"), as_numbers("Y", Y, "every target")
    if X.ndim == 1:
        X, Y = X[None], Y.reshape(1, -1)
    D, K = layer_sizes[0], layer_sizes[-1]
    if X.ndim != 2 or X.shape[1] != D:
        raise ValueError(
            f"X has shape {X.shape}; the network takes {D} inputs, "
            f"so X is (N, {D}) with one row per example, or ({D},) for one example"
        )
    if Y.shape != (len(X), K):
        raise ValueError(
            f"Y has shape {Y.shape}; {len(X)} examples and {K} outputs need "
            f"({len(X)}, {K})"
        )
    if not 1 <= len(X) <= most:
        raise ValueError(
            "there are no examples: X has no rows"
            if len(X) == 0
            else f"{len(X)} examples are more than the {most} this explorer takes"
        )
    return X, Y


def is_whole(value: Any) -> bool:
    """A whole number, Python's or NumPy's; True and False are none.

    >>> is_whole(np.int64(3)), is_whole(3.0), is_whole(True)
    (True, False, False)
    """
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def index(value: Any, below: int, what: str) -> int:
    """A whole number in 0..below - 1, or a sentence.

    >>> index(2, 2, "example")
    Traceback (most recent call last):
        ...
    ValueError: there is no example 3: choose one from 1 to 2
    """
    if not is_whole(value):
        raise ValueError(f"{what} must be a whole number, got {value!r}")
    if not 0 <= value < below:
        raise ValueError(
            f"there is no {what} {value + 1}: choose one from 1 to {below}"
        )
    return value
