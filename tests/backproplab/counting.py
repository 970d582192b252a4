"""Multiplications counted while real code runs: each product of a Counted is one.

Plain loops over one example with a linear output and tanh hidden units, as in
``backproplab.costs``.  Each run returns right gradients or fails, so what is counted
is a working algorithm and not another formula.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from backproplab.finite_differences import gradient

Weights = list[list[list[Any]]]


class Counted:
    """A number that counts its products."""

    products = 0

    def __init__(self, value: float):
        self.value = value

    def __mul__(self, other: Counted) -> Counted:
        Counted.products += 1
        return Counted(self.value * other.value)

    def __add__(self, other: Counted) -> Counted:
        return Counted(self.value + other.value)


def _network(sizes: Sequence[int]) -> tuple[Weights, list[Counted]]:
    rng = np.random.default_rng(sum(sizes))
    weights = [
        [[Counted(w) for w in row] for row in rng.normal(size=(D, H))]
        for D, H in zip(sizes, sizes[1:], strict=False)
    ]
    return weights, [Counted(v) for v in rng.normal(size=sizes[0])]


def _total(terms: list[Counted]) -> Counted:
    result = terms[0]
    for term in terms[1:]:
        result = result + term
    return result


def _forward(weights: Weights, x: list[Counted]) -> list[list[Counted]]:
    values = [x]
    for layer, W in enumerate(weights, start=1):
        Z = [
            _total([values[-1][j] * W[j][k] for j in range(len(W))])
            for k in range(len(W[0]))
        ]
        hidden = layer < len(weights)
        values.append([Counted(np.tanh(z.value)) if hidden else z for z in Z])
    return values


def _slope(a: Counted) -> Counted:
    """tanh'(z) from tanh(z): the evaluation of a function, not counted."""
    return Counted(1 - a.value**2)


def _loss_slopes(values: list[list[Counted]]) -> list[Counted]:
    """The slope of 1/2 sum of squares of the outputs."""
    return [Counted(a.value) for a in values[-1]]


def _measured(weights: Weights, x: list[Counted]) -> np.ndarray:
    """The gradient of the same loss, measured, in the order of the weights."""
    at = {
        str(i): np.array([[w.value for w in row] for row in W])
        for i, W in enumerate(weights)
    }

    def loss(p: dict[str, Any]) -> Any:
        A = np.array([v.value for v in x])
        for i in range(len(p)):
            Z = A @ p[str(i)]
            A = np.tanh(Z) if i < len(p) - 1 else Z
        return (A * A).sum() / 2

    return np.concatenate([g.ravel() for g in gradient(loss, at).value.values()])


def _check(found: list[Counted], weights: Weights, x: list[Counted]) -> None:
    values = [number.value for number in found]
    np.testing.assert_allclose(values, _measured(weights, x), rtol=1e-10, atol=1e-12)


def counted_forward(sizes: Sequence[int]) -> int:
    weights, x = _network(sizes)
    Counted.products = 0
    _forward(weights, x)
    return Counted.products


def counted_backward(sizes: Sequence[int]) -> int:
    """Backpropagation: error signals from the last layer to the first."""
    weights, x = _network(sizes)
    values = _forward(weights, x)
    Counted.products = 0
    delta, found = _loss_slopes(values), []
    for layer in range(len(weights), 0, -1):
        W, below = weights[layer - 1], values[layer - 1]
        found.insert(0, [a * d for a in below for d in delta])
        if layer > 1:
            signals = [
                _total([w * d for w, d in zip(row, delta, strict=True)]) for row in W
            ]
            delta = [s * _slope(a) for s, a in zip(signals, below, strict=True)]
    products = Counted.products
    _check([g for layer in found for g in layer], weights, x)
    return products


def counted_forward_caching(sizes: Sequence[int]) -> int:
    """For each weight by itself: follow its influence up to the loss (L3)."""
    weights, x = _network(sizes)
    values = _forward(weights, x)
    Counted.products, found = 0, []
    for layer, W in enumerate(weights):
        for j in range(len(W)):
            for k in range(len(W[0])):
                found.append(_influence(weights, values, layer, j, k))
    products = Counted.products
    _check(found, weights, x)
    return products


def _influence(
    weights: Weights, values: list[list[Counted]], layer: int, j: int, k: int
) -> Counted:
    """dL/dW_jk of one layer, from the weight upwards."""
    slopes, moved = _loss_slopes(values), values[layer][j]
    if layer == len(weights) - 1:
        return moved * slopes[k]
    moved = moved * _slope(values[layer + 1][k])
    row = [moved * w for w in weights[layer + 1][k]]
    for above in range(layer + 2, len(weights)):
        row = [r * _slope(a) for r, a in zip(row, values[above], strict=True)]
        W = weights[above]
        row = [
            _total([row[m] * W[m][n] for m in range(len(W))]) for n in range(len(W[0]))
        ]
    return _total([r * s for r, s in zip(row, slopes, strict=True)])


def counted_central_differences(sizes: Sequence[int]) -> int:
    """Two forward passes for each weight; the quotient itself is not a product."""
    weights, x = _network(sizes)
    Counted.products, found, h = 0, [], 1e-5
    for W in weights:
        for row in W:
            for k, w in enumerate(row):
                ends = []
                for side in (h, -h):
                    row[k] = Counted(w.value + side)
                    outputs = _forward(weights, x)[-1]
                    ends.append(sum(a.value**2 for a in outputs) / 2)
                row[k] = w
                found.append((ends[0] - ends[1]) / (2 * h))
    products = Counted.products
    np.testing.assert_allclose(found, _measured(weights, x), rtol=1e-6, atol=1e-7)
    return products
