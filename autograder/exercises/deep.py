"""Forward code and worked solutions for networks of any depth (M6, M7, U6 to U8, L6).

Used by lessons 09, 10 and 12; hidden layers share one activation, the output is
linear, the loss is the mean over examples of the sum over outputs of (yhat - y)^2.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograder.exercises.truth import Tap, keep
from backproplab.finite_differences import Network
from backproplab.losses import cross_entropy, squared
from backproplab.neurons import linear

SLOPES = {"tanh": "1 - A{l} * A{l}", "sigmoid": "A{l} * (1 - A{l})"}
FORWARD = {"tanh": "np.tanh(Z{l})", "sigmoid": "1 / (1 + np.exp(-Z{l}))"}


def depth(params: Mapping[str, Any]) -> int:
    """The number of layers with weights."""
    return sum(1 for name in params if name.startswith("W"))


def network_loss(
    X: Any, Y: Any, params: Mapping[str, Any], activation: Callable, tap: Tap = keep
) -> Any:
    """Mean over examples of the sum over outputs of (yhat - y)^2."""
    A, last = X, depth(params)
    for layer in range(1, last + 1):
        Z = tap(f"Z{layer}", A @ params[f"W{layer}"] + params[f"b{layer}"])
        A = tap(f"A{layer}", activation(Z) if layer < last else Z)
    return np.sum((A - Y) ** 2) / len(X)


def squared_layers(activation: Callable) -> Callable[..., Network]:
    """``network_loss`` as layers: all its gradients can be measured at once."""

    def layers(X: Any, Y: Any, params: Any) -> Network:
        hidden = [activation] * (depth(params) - 1)
        return Network(X, [*hidden, linear], lambda A: squared(A, Y).sum(axis=1))

    return layers


def cached_layers(params: Any, cache: Any, Y: Any) -> Network:
    """The same of a tanh network whose forward cache is given."""
    return squared_layers(np.tanh)(cache["A0"], Y, params)


def entropy_layers(X: Any, Y: Any, params: Any, activation: Callable) -> Network:
    """Hidden layers, linear scores and the mean cross entropy, as layers."""
    hidden = [activation] * (depth(params) - 1)
    return Network(X, [*hidden, linear], lambda Z: cross_entropy(Z, Y))


def layer_shapes(letters: str) -> dict[str, str]:
    """Shapes for ``parameters(...)``: ``"DHK"`` gives W1 D H, b1 H, W2 H K, b2 K."""
    shapes: dict[str, str] = {}
    for layer, (before, after) in enumerate(
        zip(letters, letters[1:], strict=False), start=1
    ):
        shapes[f"W{layer}"] = f"{before} {after}"
        shapes[f"b{layer}"] = after
    return shapes


def order(layers: int) -> tuple[str, ...]:
    """Gradient names from the output layer back."""
    return tuple(f"d{p}{layer}" for layer in range(layers, 0, -1) for p in "Wb")


def forward_lines(layers: int, activation: str) -> str:
    """The forward pass of the worked solution."""
    lines = ["A0 = X"]
    for layer in range(1, layers + 1):
        lines.append(f"Z{layer} = A{layer - 1} @ W{layer} + b{layer}")
        form = FORWARD[activation] if layer < layers else "Z{l}"
        lines.append(f"A{layer} = {form.format(l=layer)}")
    return "\n".join(lines) + "\n"


def backward_lines(layers: int, activation: str) -> str:
    """The backward pass of the worked solution, from the output layer down."""
    lines = [f"dZ{layers} = 2 * (A{layers} - Y) / N"]
    for layer in range(layers, 0, -1):
        lines.append(f"dW{layer} = A{layer - 1}.T @ dZ{layer}")
        lines.append(f"db{layer} = dZ{layer}.sum(axis=0)")
        if layer > 1:
            below = layer - 1
            lines.append(f"dA{below} = dZ{layer} @ W{layer}.T")
            lines.append(f"S{below} = {SLOPES[activation].format(l=below)}")
            lines.append(f"dZ{below} = dA{below} * S{below}")
    return "\n".join(lines)
