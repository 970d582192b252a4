"""Activations and losses that overwrite what they are given.

Constants are whole arrays where arrays are small: beside a single number most of these
functions are slower there.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from backproplab.arrays import lookup
from backproplab.losses import LOSSES
from backproplab.network import Arrays

Call = Callable[[], Any]


class Bend(NamedTuple):
    """The calls that make Z into A = h(Z), and those that make dA into dZ.

    The second may spend A.
    """

    forward: Callable[[np.ndarray], list[Call]]
    backward: Callable[[np.ndarray, np.ndarray], list[Call]]


class Plan(NamedTuple):
    """A step in five parts, in the order in which they are needed."""

    take: Callable[[np.ndarray], Any]  # X (N, D_0)
    up: list[Call]  # from X to the scores
    output: np.ndarray  # (N, D_L): the scores, then lr times their error signal
    down: list[Call]  # from the error signal to new weights
    weights: Callable[[], Arrays]


def _relu(Z: np.ndarray) -> list[Call]:
    return [partial(np.maximum, Z, np.zeros((), Z.dtype), out=Z)]


def _relu_back(dA: np.ndarray, A: np.ndarray) -> list[Call]:
    """The slope is A > 0, as a number; for few entries np.sign is the quicker one."""
    slope = partial(np.greater, A, np.zeros((), A.dtype), A)
    if A.size <= 1024:
        slope = partial(np.sign, A, A)
    return [slope, partial(np.multiply, dA, A, dA)]


def _tanh(Z: np.ndarray) -> list[Call]:
    return [partial(np.tanh, Z, Z)]


def _tanh_back(dA: np.ndarray, A: np.ndarray) -> list[Call]:
    square = partial(np.multiply, A, A, A)
    rest = partial(np.subtract, np.ones_like(A), A, A)
    return [square, rest, partial(np.multiply, dA, A, dA)]


def _sigmoid(Z: np.ndarray) -> list[Call]:
    """1/2 + 1/2 tanh(Z/2), which needs no care for large Z."""
    half = np.full_like(Z, 0.5)
    halve = partial(np.multiply, Z, half, Z)
    return [halve, partial(np.tanh, Z, Z), halve, partial(np.add, Z, half, Z)]


def _sigmoid_back(dA: np.ndarray, A: np.ndarray) -> list[Call]:
    times = partial(np.multiply, dA, A, dA)
    return [times, partial(np.subtract, np.ones_like(A), A, A), times]


BENDS: dict[str, Bend] = {
    "linear": Bend(lambda Z: [], lambda dA, A: []),
    "relu": Bend(_relu, _relu_back),
    "sigmoid": Bend(_sigmoid, _sigmoid_back),
    "tanh": Bend(_tanh, _tanh_back),
}


def judge(loss: str, Z: np.ndarray, lr: float) -> Callable[[np.ndarray], float]:
    """The function that takes Y to the loss and turns the scores Z into lr dZ.

    Z and Y (N, K).  Raises ValueError for an unknown loss.
    """
    forward, backward = lookup(LOSSES, loss, "loss")
    N, K = Z.shape
    residuals = Z.ravel("K")  # the same memory
    classes, examples = np.ones(K, Z.dtype), np.ones(N, Z.dtype)
    rate, twice = np.array(lr / N, Z.dtype), np.array(2 * lr / N, Z.dtype)

    def squared(Y: np.ndarray) -> float:
        np.subtract(Z, Y, Z)
        value = residuals.dot(residuals)
        np.multiply(Z, twice, Z)
        return float(value) / N

    def cross_entropy(Y: np.ndarray) -> float:
        np.subtract(Z, np.maximum.reduce(Z, axis=1, keepdims=True), Z)
        value = -np.vdot(Y, Z)
        np.exp(Z, Z)
        sums = Z.dot(classes)  # a product with ones is the quickest way to add
        value += examples.dot(np.log(sums))
        np.divide(Z, sums[:, None], Z)
        np.subtract(Z, Y, Z)
        np.multiply(Z, rate, Z)
        return float(value) / N

    def any_other(Y: np.ndarray) -> float:
        value = forward(Z, Y).sum()
        np.multiply(backward(Z, Y), rate, Z)
        return float(value) / N

    special = {"squared": squared, "softmax_cross_entropy": cross_entropy}
    return special.get(loss, any_other)
