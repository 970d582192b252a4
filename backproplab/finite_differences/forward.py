"""A network as forward code alone, and one pass through it with the slope of each part.

The derivative of an activation or a loss is a complex step where it stands; nothing
here knows a formula for one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from backproplab.finite_differences.entrywise import gain, random_signs
from backproplab.finite_differences.points import EPS
from backproplab.finite_differences.rounding import Rounding, product_error
from backproplab.finite_differences.steps import H

Arrays = dict[str, np.ndarray]
Forward = Callable[[Any], Any]
TINY = 1e-290  # a move from an exact 0
_STEPPED_SIDES = np.array([-1.0, 1.0]).reshape(2, 1, 1)


@dataclass(frozen=True)
class Network:
    """A[l] = f_l(A[l-1] W[l] + b[l]); L = mean_n losses(A[L])_n + decay/2 sum W^2.

    X (N, D_0); activations f_1 ... f_L work entry by entry; losses takes A[L] (N, D_L)
    to one number per example (N,).  Softmax belongs into losses.
    """

    X: Any
    activations: Sequence[Forward]
    losses: Forward
    decay: float = 0.0

    def loss(self, params: dict[str, Any]) -> Any:
        """L at these parameters {"W1", "b1", ...}: the only thing that is trusted."""
        A, penalty = np.asarray(self.X, float), 0.0
        for layer, activation in enumerate(self.activations, 1):
            W = params[f"W{layer}"]
            A = activation(A @ W + params[f"b{layer}"])
            if self.decay:
                penalty = penalty + (W * W).sum()
        return self.losses(A).mean() + self.decay / 2 * penalty


@dataclass
class Sweep:
    """One pass forwards, and the slope of every part of it."""

    W: list[np.ndarray]
    sizes: list[np.ndarray]  # |W|
    A: list[np.ndarray]
    Z: list[np.ndarray]
    slopes: list[np.ndarray]
    dA: np.ndarray


def forward_sweep(
    network: Network, params: Arrays, unit: float = EPS
) -> tuple[Sweep, Rounding]:
    """Forward values, and each part's slope by a complex step where it stands.

    Slopes are taken on both sides, as far away as rounding may have moved the value.
    Halfway between is the slope at the value, unless there is a kink between them or
    they are far apart (float32): then it is taken too.
    """
    A, EA = np.asarray(network.X, float), None
    sweep = Sweep([], [], [A], [], [], A)
    EZs, EAs, left, right = [], [np.zeros_like(A)], [], []
    for layer, activation in enumerate(network.activations, 1):
        W, b = params[f"W{layer}"], params[f"b{layer}"]
        size = np.abs(W)
        Z, EZ = A @ W + b, product_error(size, b, A, EA, unit)
        sides = (
            np.asarray(
                activation(Z + _STEPPED_SIDES * np.maximum(2 * EZ, TINY) + 1j * H)
            ).imag
            / H
        )
        A = np.asarray(activation(Z))
        EA = np.abs(sides[1]) * EZ + unit * np.abs(A)
        sweep.W.append(W)
        sweep.sizes.append(size)
        sweep.Z.append(Z)
        sweep.A.append(A)
        EZs.append(EZ)
        EAs.append(EA)
        left.append(sides[0])
        right.append(sides[1])
    reach = np.maximum(2 * EAs[-1], TINY) * random_signs(A.shape)
    around = (_loss_slopes(network, A - reach), _loss_slopes(network, A + reach))
    gains = [max(1.0, gain(f) or 0.0) for f in network.activations]
    rounding = Rounding(sweep.A, EZs, EAs, left, right, around, gains)
    sweep.slopes, sweep.dA = rounding.slopes(), rounding.dA
    if rounding.tied or unit > EPS:
        steps = zip(network.activations, sweep.Z, strict=True)
        sweep.slopes = [np.imag(f(Z + 1j * H)) / H for f, Z in steps]
        sweep.dA = rounding.dA = _loss_slopes(network, A)
    return sweep, rounding


def _loss_slopes(network: Network, A: np.ndarray) -> np.ndarray:
    """d(mean loss)/dA: examples do not mix, so one complex pass serves a column."""
    dA, moved = np.empty(A.shape), A.astype(complex)
    for k in range(A.shape[1]):
        moved[:, k] += 1j * H
        dA[:, k] = np.imag(network.losses(moved)) / H
        moved[:, k] = A[:, k]
    return dA / len(A)
