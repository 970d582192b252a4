"""Every gradient of a known network, from its forward code alone.

Reverse: activations and loss are differentiated by complex step, each where it stands;
affine maps are linear, so one sweep backwards joins these local slopes.  Certificate:
two random directions through the whole loss must agree with it to within rounding.

Structured: if they do not, each unit's Z is moved and followed to the loss instead.
It costs one pass per unit and assumes nothing but that examples do not mix.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from backproplab.finite_differences.points import EPS, Point
from backproplab.finite_differences.rounding import Rounding, error_sweep, forward_error
from backproplab.finite_differences.steps import H, complex_slope, gradient

Arrays = dict[str, np.ndarray]
Forward = Callable[[Any], Any]


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


class NetworkGradient(NamedTuple):
    """dL/dparams, its bound, and where rounding decides a unit's side.

    conventions holds the gradients with every undecided unit on the left and on the
    right of its kink; unsure is how far one such unit alone can move an entry.
    """

    value: Arrays
    error: Arrays
    method: str
    conventions: tuple[Arrays, ...] = ()
    unsure: Arrays | None = None


@dataclass
class Sweep:
    """One pass forwards, and the slope of every part of it."""

    W: list[np.ndarray]
    A: list[np.ndarray]
    Z: list[np.ndarray]
    slopes: list[np.ndarray]
    dA: np.ndarray


def network_gradient(
    network: Network, params: dict[str, Any], unit: float = EPS
) -> NetworkGradient:
    """Measure every gradient of the network and bound what rounding can do to it.

    unit is the rounding unit of whoever is compared (float32: 1.2e-7).  Engines in the
    order tried: reverse + certificate, structured + certificate, black box.

    >>> network = Network([[1.0, 2.0]], [np.tanh], lambda A: (A * A).sum(1))
    >>> params = {"W1": np.array([[0.5], [-0.25]]), "b1": np.array([0.0])}
    >>> network_gradient(network, params).method
    'reverse + certificate'
    """
    params = {name: np.asarray(array, float) for name, array in params.items()}
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        sweep = forward_sweep(network, params)
        moved = _moved_by_rounding(network, params, sweep, unit)
        deltas = _reverse(sweep, sweep.slopes, sweep.dA)
        value = _assemble(network, params, sweep, deltas)
        error = error_sweep(sweep.W, sweep.A, sweep.slopes, deltas, moved, unit)
        error = _with_decay(network, params, error, unit)
        allowance = {name: bound * (EPS / unit) for name, bound in error.items()}
        if not certified(network, params, value, allowance):
            return _without_reverse(network, params, sweep, error, allowance)
        result = NetworkGradient(value, error, "reverse + certificate")
        if not moved.tied:
            return result
        return _with_ties(network, params, sweep, deltas, moved, unit, result)


def running_error_bound(
    network: Network, params: dict[str, Any], unit: float = EPS
) -> Arrays:
    """How far a right backward pass in this precision may be off, entry by entry.

    >>> network = Network([[1.0]], [np.tanh], lambda A: (A * A).sum(1))
    >>> params = {"W1": np.array([[0.5]]), "b1": np.array([0.0])}
    >>> 1e-16 < running_error_bound(network, params)["W1"].item() < 1e-14
    True
    """
    return network_gradient(network, params, unit).error


def forward_sweep(network: Network, params: Arrays) -> Sweep:
    """Forward values and local slopes, each by a complex step where it stands."""
    sweep = Sweep([], [np.asarray(network.X, float)], [], [], np.zeros(0))
    for layer, activation in enumerate(network.activations, 1):
        W = params[f"W{layer}"]
        Z = sweep.A[-1] @ W + params[f"b{layer}"]
        stepped = np.asarray(activation(Z + 1j * H))
        sweep.W.append(W)
        sweep.Z.append(Z)
        sweep.A.append(np.array(stepped.real))
        sweep.slopes.append(stepped.imag / H)
    sweep.dA = _loss_slopes(network, sweep.A[-1])
    return sweep


def _loss_slopes(network: Network, A: np.ndarray) -> np.ndarray:
    """d(mean loss)/dA: examples do not mix, so one complex pass serves a column."""
    dA, moved = np.empty(A.shape), A.astype(complex)
    for k in range(A.shape[1]):
        moved[:, k] += 1j * H
        dA[:, k] = np.imag(network.losses(moved)) / H
        moved[:, k] = A[:, k]
    return dA / len(A)


def _reverse(
    sweep: Sweep, slopes: list[np.ndarray], dA: np.ndarray
) -> list[np.ndarray]:
    """dL/dZ of every layer: local slopes joined by the transposed affine maps."""
    deltas: list[np.ndarray] = []
    for W, slope in zip(reversed(sweep.W), reversed(slopes), strict=True):
        deltas.append(dA * slope)
        dA = deltas[-1] @ W.T
    return deltas[::-1]


def _assemble(
    network: Network, params: Arrays, sweep: Sweep, deltas: list[np.ndarray]
) -> Arrays:
    """Z is linear in W and b: dW = A^T dZ, db = the sum of dZ over examples."""
    value: Arrays = {}
    for layer, delta in enumerate(deltas, 1):
        W = params[f"W{layer}"]
        value[f"W{layer}"] = sweep.A[layer - 1].T @ delta + network.decay * W
        value[f"b{layer}"] = delta.sum(0)
    return {name: value[name] for name in params}


def _moved_by_rounding(
    network: Network, params: Arrays, sweep: Sweep, unit: float
) -> Rounding:
    """Measure the local slopes again where a rounded forward pass may have landed."""
    biases = [params[f"b{layer}"] for layer in range(1, len(sweep.W) + 1)]
    EZ, EA = forward_error(sweep.W, biases, sweep.A, sweep.slopes, unit)
    left, right = [], []
    for Z, reach, activation in zip(sweep.Z, EZ, network.activations, strict=True):
        reach = np.maximum(2 * reach, 1e-290)
        left.append(np.imag(activation(Z - reach + 1j * H)) / H)
        right.append(np.imag(activation(Z + reach + 1j * H)) / H)
    signs = np.random.default_rng(0).choice([-1.0, 1.0], sweep.dA.shape)
    reach = np.maximum(2 * EA[-1], 1e-290) * signs
    around = [_loss_slopes(network, sweep.A[-1] + side * reach) for side in (1, -1)]
    return Rounding(sweep.slopes, sweep.dA, sweep.A, EZ, EA, left, right, around)


def _with_decay(network: Network, params: Arrays, error: Arrays, unit: float) -> Arrays:
    if not network.decay:
        return {name: error[name] for name in params}
    return {
        name: error[name] + unit * network.decay * np.abs(W) * (name[0] == "W")
        for name, W in params.items()
    }


def certified(
    network: Network, params: Arrays, value: Arrays, allowance: Arrays
) -> bool:
    """Does value predict the complex-step slope of the loss in 2 random directions?

    Directions are equilibrated by the allowance: what matters for a small entry shows.
    """
    point = Point(params)
    g = np.concatenate([array.ravel() for array in value.values()])
    bound = np.concatenate([array.ravel() for array in allowance.values()])
    if not np.isfinite(g).all():
        return False
    size = np.maximum(bound, 1e-3 * bound.max(initial=0.0))
    size = np.where(size > 0, size, 1.0) / max(float(size.min(initial=1.0)), 1e-300)
    function = point.function(network.loss)
    for noise in np.random.default_rng(2).standard_normal((2, g.size)):
        u = noise / size
        off = complex_slope(function, point.vector, u) - float(g @ u)
        if not abs(off) <= 4 * float((bound + EPS * np.abs(g)) @ np.abs(u)):
            return False
    return True


def structured_deltas(network: Network, sweep: Sweep) -> list[np.ndarray]:
    """dL/dZ[l], unit by unit: step Z[l]'s column j for all examples, follow the loss.

    Only column j of A[l] changes, so the next layer is a rank-one update.
    """
    deltas = []
    L = len(sweep.W)
    for layer in range(L):
        Z, delta = sweep.Z[layer], np.empty(sweep.Z[layer].shape)
        for j in range(Z.shape[1]):
            A = sweep.A[layer + 1].astype(complex)
            A[:, j] = network.activations[layer](Z[:, j] + 1j * H)
            if layer + 1 < L:
                change = A[:, j : j + 1] - sweep.A[layer + 1][:, j : j + 1]
                rank_one = change * sweep.W[layer + 1][j]
                A = network.activations[layer + 1](sweep.Z[layer + 1] + rank_one)
                for above in range(layer + 2, L):
                    step = (A - sweep.A[above]) @ sweep.W[above]
                    A = network.activations[above](sweep.Z[above] + step)
            delta[:, j] = np.imag(network.losses(A)) / H / len(Z)
        deltas.append(delta)
    return deltas


def _without_reverse(
    network: Network, params: Arrays, sweep: Sweep, error: Arrays, allowance: Arrays
) -> NetworkGradient:
    try:
        deltas = structured_deltas(network, sweep)
        value = _assemble(network, params, sweep, deltas)
    except Exception:  # activations that need the whole array, for instance
        value = {}
    if value and certified(network, params, value, allowance):
        return NetworkGradient(value, error, "structured")
    estimate = gradient(network.loss, params)
    return NetworkGradient(estimate.value, estimate.error, estimate.method)


def _with_ties(
    network: Network,
    params: Arrays,
    sweep: Sweep,
    deltas: list[np.ndarray],
    moved: Rounding,
    unit: float,
    result: NetworkGradient,
) -> NetworkGradient:
    """Add both conventions at ties, and the reach of ties that rounding decides."""
    conventions, error = [], result.error
    for slopes in (moved.left_slopes(), moved.right_slopes()):
        tied = _reverse(sweep, slopes, sweep.dA)
        conventions.append(_assemble(network, params, sweep, tied))
        bound = error_sweep(sweep.W, sweep.A, slopes, tied, moved, unit)
        error = {name: np.maximum(E, bound[name]) for name, E in error.items()}
    unsure = None
    if moved.ambiguous:
        jumps = moved.jumps()
        unsure = error_sweep(sweep.W, sweep.A, sweep.slopes, deltas, jumps, 0.0)
    return result._replace(error=error, conventions=tuple(conventions), unsure=unsure)
