"""The step of a small network: as few calls as there can be.

Examples are columns, so that a layer's values are the first rows of a buffer whose
next row is the constant 1: the bias is a column of W and costs no call of its own.
All weights lie in one array, which one subtraction moves.
"""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

import numpy as np

from backproplab.fast_step.in_place import Bend, Call, Plan
from backproplab.network import Arrays

ROWS = 8  # buffers have a multiple of 8 rows: odd sizes slow products down


class Layer(NamedTuple):
    """What one layer owns; layer 0 is the input and has no weights."""

    W: np.ndarray  # (units, rows of A below): weights, the bias, zeros
    G: np.ndarray  # as W: lr times its gradient
    A: np.ndarray  # (padded units + 1, N): values, a row of ones, zeros
    Z: np.ndarray  # (units, N): the values in A
    B: np.ndarray  # as A: what comes back from the layer above
    dZ: np.ndarray  # (units, N): the error signal, in B


def plan(params: Arrays, widths: list[int], N: int, dtype: Any, bend: Bend) -> Plan:
    """The calls of one step, over buffers made here."""
    flat, slopes, layers = _buffers(params, widths, N, dtype)
    up: list[Call] = []
    down: list[Call] = []
    for low, top in zip(layers, layers[1:], strict=False):
        if low is not layers[0]:
            up += bend.forward(low.Z)
        up.append(partial(top.W.dot, low.A, top.Z))
    for low, top in zip(layers[-2::-1], layers[:0:-1], strict=True):
        down.append(partial(top.dZ.dot, low.A.T, top.G))
        if low is not layers[0]:
            down.append(partial(top.W.T.dot, top.dZ, low.B))
            down += bend.backward(low.dZ, low.Z)
    down.append(partial(np.subtract, flat, slopes, flat))

    def weights() -> Arrays:
        new: Arrays = {}
        for number, inputs in enumerate(widths[:-1], start=1):
            W = layers[number].W
            new[f"W{number}"] = W[:, :inputs].T.copy()
            new[f"b{number}"] = W[:, inputs].copy()
        return new

    take = partial(np.copyto, layers[0].Z.T)
    return Plan(take, up, layers[-1].Z.T, down, weights)


def _buffers(
    params: Arrays, widths: list[int], N: int, dtype: Any
) -> tuple[np.ndarray, np.ndarray, list[Layer]]:
    """All weights in one array, all slopes in another, and every layer's views."""
    rows = [-(-(width + 1) // ROWS) * ROWS for width in widths]
    count = sum(D * H for D, H in zip(rows, widths[1:], strict=False))
    flat, slopes = np.zeros(count, dtype), np.zeros(count, dtype)
    layers, start = [], 0
    for number, units in enumerate(widths):
        D = rows[number - 1] if number else 0
        cut, start = slice(start, start + D * units), start + D * units
        W, G = flat[cut].reshape(units, D), slopes[cut].reshape(units, D)
        if number:
            inputs = widths[number - 1]
            W[:, :inputs] = params[f"W{number}"].T
            W[:, inputs] = params[f"b{number}"]
        A, B = np.zeros((2, rows[number], N), dtype)
        if number == 0 and units > N:
            A = np.zeros((N, rows[0]), dtype).T  # long rows of X are copied as rows
        A[units] = 1
        # The loss turns the output into its error signal in place.
        back = A if number == len(widths) - 1 else B
        layers.append(Layer(W, G, A, A[:units], B, back[:units]))
    return flat, slopes, layers
