"""Random networks of nine kinds on which gradient checkers go wrong, and designed ones.

nice       ordinary sizes and weights
toyinit    weights 0.01, biases 0
kink       one to three relu units 1e-9 ... 1e-4 from 0
exactkink  a row of zeros and zero biases: relu units at exactly 0
badfeat    features scaled 1e-6 ... 1e6
xsmall, xlarge   inputs times 1e-6, 1e6
sat        weights times 8
f32        the student computes in float32
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from backproplab.finite_differences import Network
from backproplab.losses import cross_entropy, half_squared
from backproplab.neurons import ACTIVATIONS, relu

FAMILIES = (
    "nice",
    "toyinit",
    "kink",
    "exactkink",
    "badfeat",
    "xsmall",
    "xlarge",
    "sat",
    "f32",
)
LOSSES = ("squared", "sigmoid_squared", "cross_entropy", "hinge")
Arrays = dict[str, np.ndarray]


@dataclass(frozen=True)
class Instance:
    """One network with data; ``hidden`` and ``loss`` are names."""

    family: str
    params: Arrays
    X: np.ndarray
    Y: np.ndarray
    hidden: str
    loss: str
    decay: float

    @property
    def depth(self) -> int:
        return len(self.params) // 2

    def network(self) -> Network:
        """The description that our check is given: forward code only."""
        last = "sigmoid" if self.loss == "sigmoid_squared" else "linear"
        names = [self.hidden] * (self.depth - 1) + [last]
        activations = [ACTIVATIONS[name][0] for name in names]
        return Network(self.X, activations, self.losses(), self.decay)

    def losses(self) -> Callable[[Any], Any]:
        Y = self.Y
        if self.loss == "cross_entropy":
            return lambda A: cross_entropy(A, Y)
        if self.loss == "hinge":
            return lambda A: hinge_rows(A, Y)
        return lambda A: half_squared(A, Y).sum(1)


def hinge_rows(S: Any, Y: np.ndarray) -> Any:
    """sum over wrong classes of max(0, 1 + s_j - s_y), per example."""
    right = (S * Y).sum(1, keepdims=True)
    return (relu(1 + S - right) * (1 - Y)).sum(1)


def draw(family: str, seed: int) -> Instance:
    """One random instance of a family; equal arguments give equal instances."""
    random = np.random.default_rng([FAMILIES.index(family), seed])
    sizes = random.integers(2, 7, random.integers(3, 6)).tolist()
    if family in ("kink", "exactkink"):
        hidden = "relu"
    else:
        hidden = str(random.choice(["sigmoid", "tanh", "relu"]))
    loss = str(random.choice(LOSSES))
    decay = float(random.choice([0.0, 0.05]))
    X = random.standard_normal((int(random.integers(2, 9)), sizes[0]))
    params = _weights(random, sizes, 1.0, 0.5)
    if family == "toyinit":
        params = _weights(random, sizes, 0.01 * np.sqrt(sizes[0]), 0.0)
    if family == "sat":
        params = {name: 8 * array for name, array in params.items()}
    if family == "badfeat":
        X = X * 10.0 ** random.uniform(-6, 6, sizes[0])
    if family in ("xsmall", "xlarge"):
        X = X * (1e-6 if family == "xsmall" else 1e6)
    if family == "exactkink":
        X[random.integers(len(X))] = 0
        params = {k: v if k[0] == "W" else 0 * v for k, v in params.items()}
    if family == "kink":
        _plant_kinks(random, params, X)
    if family == "f32":
        X = X.astype(np.float32).astype(float)
        params = {k: v.astype(np.float32).astype(float) for k, v in params.items()}
    Y = _targets(random, loss, len(X), sizes[-1], family)
    return Instance(family, params, X, Y, hidden, loss, decay)


def designed(seed: int, equal_sizes: bool = False, kind: int | None = None) -> Instance:
    """An instance on which mistakes show: drawn again until everything takes part.

    kind (seed by default) counts through the twelve pairs of activation and loss.
    """
    random = np.random.default_rng([99, seed])
    kind = seed if kind is None else kind
    sizes = [5, 6, 6, 6, 3] if equal_sizes else [5, 8, 4, 6, 3]
    hidden = ("sigmoid", "tanh", "relu")[kind % 3]
    loss = LOSSES[kind // 3 % 4]
    while True:
        X = random.standard_normal((6 if equal_sizes else 7, 5))
        X[::3] *= 3
        params = _weights(random, sizes, 1.5, 0.7)
        Y = _targets(random, loss, len(X), 3, "designed")
        found = Instance("designed", params, X, Y, hidden, loss, 0.05)
        if _shows(found):
            return found


def _shows(instance: Instance) -> bool:
    A = outputs(instance)
    if instance.loss == "hinge":
        right = (A * instance.Y).sum(1, keepdims=True)
        active = ((1 + A - right > 0) & (instance.Y == 0)).sum(1)
        above = ((A - right > 0) & (instance.Y == 0)).sum(1)
        return set(active) == {0, 1, 2} and bool(((active > above) & (above < 1)).any())
    if instance.loss == "cross_entropy":
        p = np.exp(A - A.max(1, keepdims=True))
        p /= p.sum(1, keepdims=True)
        return bool((np.abs(p - instance.Y).max(1) > 0.02).all())
    return bool((np.abs(A - instance.Y).max(1) > 0.05).all())


def outputs(instance: Instance) -> np.ndarray:
    """A[L], by the forward functions."""
    A, network = instance.X, instance.network()
    for layer, activation in enumerate(network.activations, 1):
        A = activation(A @ instance.params[f"W{layer}"] + instance.params[f"b{layer}"])
    return A


def _weights(
    random: np.random.Generator, sizes: list[int], w: float, b: float
) -> Arrays:
    params = {}
    for layer, (D, K) in enumerate(zip(sizes, sizes[1:], strict=False), 1):
        params[f"W{layer}"] = w * random.standard_normal((D, K)) / np.sqrt(D)
        params[f"b{layer}"] = b * random.standard_normal(K)
    return params


def _targets(
    random: np.random.Generator, loss: str, N: int, K: int, family: str
) -> np.ndarray:
    if loss in ("cross_entropy", "hinge"):
        return np.eye(K)[random.integers(K, size=N)]
    Y = random.uniform(0, 1, (N, K)) if "sig" in loss else random.normal(size=(N, K))
    return Y.astype(np.float32).astype(float) if family == "f32" else Y


def _plant_kinks(random: np.random.Generator, params: Arrays, X: np.ndarray) -> None:
    """Move biases so that a first-layer unit is almost 0 for one example each."""
    K = params["b1"].size
    units = random.permutation(K)[: random.integers(1, min(3, K) + 1)]
    for unit in units:
        z = X[random.integers(len(X))] @ params["W1"][:, unit]
        distance = 10.0 ** random.uniform(-9, -4) * random.choice([-1, 1])
        params["b1"][unit] = distance - z
