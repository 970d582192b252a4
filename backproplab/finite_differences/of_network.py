"""Every gradient of a known network, from its forward code alone.

Reverse: activations and loss are differentiated by complex step, each where it stands;
affine maps are linear, so one sweep backwards joins these local slopes.  Certificate:
two random directions through the whole loss must agree with it to within rounding.

Structured: if they do not, each unit's Z is moved and followed to the loss instead.
It costs one pass per unit and assumes nothing but that examples do not mix.
"""

from __future__ import annotations

import warnings
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from backproplab.finite_differences.entrywise import gain, loss_is_analytic
from backproplab.finite_differences.forward import (
    Arrays,
    Network,
    Sweep,
    forward_sweep,
)
from backproplab.finite_differences.points import EPS, Loss, Point, flat
from backproplab.finite_differences.rounding import Rounding, error_sweep
from backproplab.finite_differences.steps import H, gradient


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
        swept = _swept(network, params, unit)
        if swept is None:
            return _black_box(network, params)
        sweep, rounding = swept
        dA, deltas = _reverse(sweep, sweep.slopes, sweep.dA)
        value = _assemble(network, params, sweep, deltas)
        bound = error_sweep(
            sweep.sizes, sweep.A, sweep.slopes, dA, deltas, rounding, unit
        )
        error = _with_decay(network, params, bound, unit)
        result = NetworkGradient(value, error, "reverse + certificate")
        if not certified(network.loss, params, value, error, EPS / unit):
            return _without_reverse(network, params, sweep, result, EPS / unit)
        if rounding.tied:
            return _with_ties(
                network, params, sweep, dA, deltas, rounding, unit, result
            )
        return result


def _swept(
    network: Network, params: Arrays, unit: float
) -> tuple[Sweep, Rounding] | None:
    """The pass forwards, where complex steps show the slope of every part."""
    if any(gain(activation) is None for activation in network.activations):
        return None
    try:
        sweep, rounding = forward_sweep(network, params, unit)
    except Exception:  # a loss that takes no complex numbers, or one that fails anyway
        return None
    examples = len(sweep.dA)
    if not loss_is_analytic(network.losses, sweep.A[-1], examples * sweep.dA):
        return None
    return sweep, rounding


def _black_box(network: Network, params: Arrays) -> NetworkGradient:
    estimate = gradient(network.loss, params)
    return NetworkGradient(estimate.value, estimate.error, estimate.method)


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


def _reverse(
    sweep: Sweep, slopes: list[np.ndarray], dA: np.ndarray
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """dL/dA and dL/dZ of every layer: slopes joined by the transposed affine maps."""
    dAs, deltas = [dA], [dA * slopes[-1]]
    for layer in range(len(slopes) - 1, 0, -1):
        dAs.append(deltas[-1] @ sweep.W[layer].T)
        deltas.append(dAs[-1] * slopes[layer - 1])
    return dAs[::-1], deltas[::-1]


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


def _with_decay(network: Network, params: Arrays, error: Arrays, unit: float) -> Arrays:
    if not network.decay:
        return {name: error[name] for name in params}
    return {
        name: error[name] + unit * network.decay * np.abs(W) * (name[0] == "W")
        for name, W in params.items()
    }


def certified(
    loss: Loss, params: Arrays, value: Arrays, error: Arrays, share: float = 1.0
) -> bool:
    """Does value predict the complex-step slope of the loss in 2 random directions?

    share of the error is allowed.  Directions are equilibrated by it, so that what
    matters for a small entry shows.
    """
    point, g, bound = Point(params), flat(value), share * flat(error)
    if not np.isfinite(g).all():
        return False
    size = np.maximum(bound, 1e-3 * bound.max(initial=0.0))
    size = np.where(size > 0, size, 1.0)
    ways = _directions(g.size) * (size.min(initial=1.0) / size)
    steps = point.vector + (1j * H) * ways
    slopes = np.array([np.imag(loss(point.rebuild(step))) / H for step in steps])
    allowed = 4 * np.abs(ways) @ (bound + EPS * np.abs(g))
    return bool((np.abs(slopes - ways @ g) <= allowed).all())


@lru_cache(maxsize=16)
def _directions(size: int) -> np.ndarray:
    """Two random directions, kept because drawing them costs as much as a pass."""
    return np.random.default_rng(2).standard_normal((2, size))


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
    network: Network,
    params: Arrays,
    sweep: Sweep,
    result: NetworkGradient,
    share: float,
) -> NetworkGradient:
    try:
        deltas = structured_deltas(network, sweep)
        value = _assemble(network, params, sweep, deltas)
    except Exception:  # activations that need the whole array, for instance
        value = {}
    if value and certified(network.loss, params, value, result.error, share):
        return NetworkGradient(value, result.error, "structured")
    return _black_box(network, params)


def _with_ties(
    network: Network,
    params: Arrays,
    sweep: Sweep,
    dA: list[np.ndarray],
    deltas: list[np.ndarray],
    rounding: Rounding,
    unit: float,
    result: NetworkGradient,
) -> NetworkGradient:
    """Add both conventions at ties, and the reach of ties that rounding decides."""
    conventions, error = [], result.error
    for side in (rounding.left, rounding.right):
        triples = zip(rounding.ties, side, sweep.slopes, strict=True)
        slopes = [np.where(tie, a, slope) for tie, a, slope in triples]
        above, tied = _reverse(sweep, slopes, sweep.dA)
        conventions.append(_assemble(network, params, sweep, tied))
        bound = error_sweep(sweep.sizes, sweep.A, slopes, above, tied, rounding, unit)
        error = {name: np.maximum(E, bound[name]) for name, E in error.items()}
    unsure = None
    if rounding.ambiguous:
        jumps = rounding.jumps()
        unsure = error_sweep(sweep.sizes, sweep.A, sweep.slopes, dA, deltas, jumps, 0.0)
    return result._replace(error=error, conventions=tuple(conventions), unsure=unsure)
