"""The forward code and the instances behind the repairs of lesson 15."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from autograder.exercises.deep import depth, network_loss, squared_layers
from autograder.exercises.draw import real
from autograder.exercises.exercise import Extra
from autograder.exercises.truth import Reference, Tap, keep, parameter_slopes, slope
from backproplab.losses import batch_loss
from backproplab.neurons import relu, sigmoid, tanh

NAMES = ("X", "Y", "params")


def forked(a: Any, b: Any, tap: Tap = keep) -> Any:
    """S8: p = a b, s = p + a, L = s^2; a is used twice."""
    p = tap("p", a * b)
    s = tap("s", p + a)
    return s * s


def column_loss(Yhat: Any, y: Any, tap: Tap = keep) -> Any:
    """N7: the mean squared error of one prediction per row, y (N,)."""
    r = Yhat[:, 0] - y
    return np.sum(r * r) / len(y)


def linear_column(x: Any, g: Any, W: Any, tap: Tap = keep) -> Any:
    """M9: h = W x, and g is dL/dh."""
    return np.sum(g * (W @ x))


def tanh_layer(dA: Any, Z: Any, tap: Tap = keep) -> Any:
    """M10: A = tanh(Z), and dA is dL/dA."""
    return np.sum(dA * tanh(Z))


def relu_layer(dA: Any, Z: Any, tap: Tap = keep) -> Any:
    """M10: A = max(Z, 0), and dA is dL/dA."""
    return np.sum(dA * relu(Z))


def softmax_regression(X: Any, Y: Any, W: Any, b: Any, tap: Tap = keep) -> Any:
    """M8: the mean cross entropy of one linear layer."""
    return batch_loss("softmax_cross_entropy", tap("Z", X @ W + b), Y)


def scores_loss(Z: Any, Y: Any, tap: Tap = keep) -> Any:
    """M8: the mean cross entropy of scores."""
    return batch_loss("softmax_cross_entropy", Z, Y)


def high_scores(rng: np.random.Generator) -> list[Extra]:
    """Scores so far from 0 that exp alone cannot take them."""
    Z = rng.uniform(-2.0, 2.0, (4, 3)) + 1000.0
    return [("far out", (Z, np.eye(3)[[0, 2, 1, 2]]), {"N": 4, "K": 3})]


def sigmoid_net(X: Any, Y: Any, params: Any, tap: Tap = keep) -> Any:
    """M6 for a batch: sigmoid hidden, linear output, mean of summed squares."""
    return network_loss(X, Y, params, sigmoid, tap)


def tanh_net(X: Any, Y: Any, params: Any, tap: Tap = keep) -> Any:
    """M7 for a batch: tanh hidden, linear output, mean of summed squares."""
    return network_loss(X, Y, params, tanh, tap)


def cached_net(params: Any, cache: Any, Y: Any, tap: Tap = keep) -> Any:
    """L6: the whole network again from cache["A0"]."""
    return network_loss(cache["A0"], Y, params, tanh, tap)


def column_truth(Yhat: Any, y: Any) -> tuple[Reference, Reference]:
    loss = Reference(np.asarray(column_loss(Yhat, y)))
    return loss, slope(column_loss, ("Yhat", "y"), (Yhat, y), "Yhat")


def column(rng: np.random.Generator, sizes: Mapping[str, int], style: str) -> tuple:
    Yhat, y = (real(name, "N").draw(rng, sizes, style) for name in ("Yhat", "y"))
    return Yhat[:, None], y


def scores_truth(Z: Any, Y: Any) -> tuple[Reference, Reference]:
    loss = Reference(np.asarray(scores_loss(Z, Y)))
    return loss, slope(scores_loss, ("Z", "Y"), (Z, Y), "Z")


def stepped(X: Any, Y: Any, params: Any, lr: Any) -> dict[str, Reference]:
    """All gradients are measured at the old parameters, then all of them step."""
    args = (X, Y, params)
    grads = parameter_slopes(tanh_net, NAMES, args, layers=squared_layers(tanh))
    names = sorted(params, key=lambda name: (-int(name[1:]), name))
    return {k: Reference(params[k] - lr * grads[k]) for k in names}


def caches(rng: np.random.Generator) -> list[Extra]:
    """Real forward passes of depths 1 to 4, batches of one and more."""
    kinds = (
        ("generic", 5, (4, 6, 3)),
        ("more", 3, (2, 4, 5, 3)),
        ("one example", 1, (3, 4, 2)),
        ("square", 3, (3, 3, 3)),
        ("depth 1", 4, (3, 2)),
        ("depth 4", 2, (2, 3, 4, 3, 2)),
    )
    cases: list[Extra] = []
    for style, N, widths in kinds:
        sizes = dict(enumerate(widths))
        params: dict[str, Any] = {}
        for layer in range(1, len(widths)):
            shape = (sizes[layer - 1], sizes[layer])
            W = rng.choice([-1.0, 1.0], shape) * rng.uniform(0.3, 1.7, shape)
            params[f"W{layer}"] = W / np.sqrt(shape[0])
            params[f"b{layer}"] = rng.uniform(0.3, 0.9, shape[1])
        cache = _forward(rng.uniform(-1.5, 1.5, (N, widths[0])), params)
        cases.append(
            (style, (params, cache, rng.normal(size=(N, widths[-1]))), {"N": N})
        )
    return cases


def _forward(X: np.ndarray, params: Mapping[str, Any]) -> dict[str, Any]:
    cache, last = {"A0": X}, depth(params)
    for layer in range(1, last + 1):
        Z = cache[f"A{layer - 1}"] @ params[f"W{layer}"] + params[f"b{layer}"]
        cache[f"Z{layer}"], cache[f"A{layer}"] = Z, np.tanh(Z) if layer < last else Z
    return cache
