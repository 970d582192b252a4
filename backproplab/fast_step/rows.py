"""The step of a large network: numbers travel as little as they can.

Examples are rows and arrays have no gaps, so the bias is apart from W.  A layer is
moved right after its gradient is known, while that is still in the processor's cache,
and all layers write their gradient into the same place.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from backproplab.fast_step.in_place import Bend, Call, Plan
from backproplab.network import Arrays


def plan(params: Arrays, widths: list[int], N: int, dtype: Any, bend: Bend) -> Plan:
    """The calls of one step, over buffers made here; number 0 stands unused."""
    L = len(widths) - 1
    new = {name: np.array(array, dtype, order="C") for name, array in params.items()}
    Z, dZ = ([np.zeros((N, units), dtype) for units in widths] for _ in range(2))
    dZ[L] = Z[L]  # the loss turns the output into its error signal in place
    largest = max(new[f"W{layer}"].size for layer in range(1, L + 1))
    place, ones = np.zeros(largest, dtype), np.ones(N, dtype)
    X: list[np.ndarray] = [Z[0]]  # what was taken, not a copy of it

    def take(inputs: np.ndarray) -> None:
        X[0] = inputs.astype(dtype, casting="same_kind", copy=False)

    up: list[Call] = []
    down: list[Call] = []
    for layer in range(1, L + 1):
        W, b, low = new[f"W{layer}"], new[f"b{layer}"], layer - 1
        G, db = place[: W.size].reshape(W.shape), np.zeros_like(b)
        move: list[Call] = [
            partial(np.subtract, W, G, W),
            partial(ones.dot, dZ[layer], db),  # the quickest way to add rows
            partial(np.subtract, b, db, b),
        ]
        if low == 0:
            up.append(partial(_from_inputs, X, W, Z[1]))
            down = [partial(_to_slopes, X, dZ[1], G), *move]
        else:
            up += bend.forward(Z[low])
            up.append(partial(np.matmul, Z[low], W, Z[layer]))
            back = partial(np.matmul, dZ[layer], W.T, dZ[low])
            slope = partial(np.matmul, Z[low].T, dZ[layer], G)
            down = [back, slope, *move, *bend.backward(dZ[low], Z[low]), *down]
        up.append(partial(np.add, Z[layer], b, Z[layer]))

    def weights() -> Arrays:
        return {name: array.copy() for name, array in new.items()}

    return Plan(take, up, Z[L], down, weights)


def _from_inputs(X: list[np.ndarray], W: np.ndarray, Z: np.ndarray) -> None:
    np.matmul(X[0], W, out=Z)


def _to_slopes(X: list[np.ndarray], dZ: np.ndarray, G: np.ndarray) -> None:
    np.matmul(X[0].T, dZ, out=G)
