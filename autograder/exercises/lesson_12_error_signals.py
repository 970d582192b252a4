"""Exercises of lesson 12, first half: error signals for any depth (L4 to L6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from autograder.exercises.deep import (
    backward_lines,
    cached_layers,
    depth,
    network_loss,
)
from autograder.exercises.draw import Argument, real, weight
from autograder.exercises.exercise import Exercise, Extra
from autograder.exercises.truth import (
    Reference,
    Tap,
    gradients,
    keep,
    parameter_gradients,
    slope,
)
from backproplab.neurons import tanh


def passed_down(dZ_next: Any, W_next: Any, S: Any, tap: Tap = keep) -> Any:
    """L4: scores Z, activation of slope S, next layer's scores, weighted by dZ_next."""
    Z = tap("Z", np.zeros(S.shape))
    return np.sum(dZ_next * ((S * Z) @ W_next))


def cached_loss(params: Any, cache: Any, Y: Any, tap: Tap = keep) -> Any:
    """L6: the whole network again from cache["A0"]: tanh hidden, linear output."""
    return network_loss(cache["A0"], Y, params, tanh, tap)


def _forward(X: Any, params: Mapping[str, Any]) -> dict[str, Any]:
    cache = {"A0": X}
    last = depth(params)
    for layer in range(1, last + 1):
        Z = cache[f"A{layer - 1}"] @ params[f"W{layer}"] + params[f"b{layer}"]
        cache[f"Z{layer}"] = Z
        cache[f"A{layer}"] = np.tanh(Z) if layer < last else Z
    return cache


def _networks(rng: np.random.Generator) -> list[Extra]:
    """Depths 1 to 5, batches of one and more, all sizes equal, single precision."""
    kinds = (
        ("generic", 6, (5, 4, 7, 3)),
        ("more", 5, (2, 6, 3)),
        ("one example", 1, (4, 3, 5, 2)),
        ("square", 3, (3, 3, 3, 3)),
        ("depth 1", 4, (5, 2)),
        ("depth 4", 7, (3, 5, 2, 6, 4)),
        ("depth 5", 2, (4, 3, 6, 5, 7, 8)),
        ("one output", 5, (3, 4, 2, 1)),
        ("integer", 4, (2, 3, 2)),
        ("float32", 6, (5, 4, 3)),
        ("saturated", 4, (3, 4, 2)),
    )
    return [(style, _network(rng, style, n, w), {"N": n}) for style, n, w in kinds]


def _network(
    rng: np.random.Generator, style: str, N: int, widths: tuple[int, ...]
) -> tuple[Any, ...]:
    scale = 4.0 if style == "saturated" else 1.0
    whole = style in ("integer", "paper")

    def draw(*shape: int) -> np.ndarray:
        if whole:
            return rng.choice([-1, 1, 2], shape)
        values = rng.choice([-1.0, 1.0], shape) * rng.uniform(0.3, 1.7, shape)
        return values.astype(np.float32) if style == "float32" else values

    params: dict[str, Any] = {}
    for layer, (before, after) in enumerate(
        zip(widths, widths[1:], strict=False), start=1
    ):
        gain = 1 if whole else scale * 1.2 / np.sqrt(before)
        W = draw(before, after)
        params[f"W{layer}"] = (W * gain).astype(W.dtype)
        params[f"b{layer}"] = draw(after)
    X, Y = draw(N, widths[0]), draw(N, widths[-1])
    return params, _forward(X, params), Y


def _worked(params: Any, cache: Any, Y: Any) -> str:
    return backward_lines(depth(params), "tanh")


def _two_layers(
    rng: np.random.Generator, sizes: Mapping[str, int], style: str
) -> tuple[Any, ...]:
    """A network for the smallest failing case."""
    return _network(rng, style, sizes["N"], (sizes["D"], sizes["H"], sizes["K"]))


def _signals(params: Any, cache: Any, Y: Any) -> dict[str, Reference]:
    names, args = ("params", "cache", "Y"), (params, cache, Y)
    return {
        f"dZ{layer}": slope(cached_loss, names, args, f"Z{layer}")
        for layer in range(depth(params), 0, -1)
    }


def _worked_signals(params: Any, cache: Any, Y: Any) -> str:
    lines = backward_lines(depth(params), "tanh").splitlines()
    return "\n".join(line for line in lines if not line.startswith(("dW", "db")))


EXERCISES = (
    Exercise(
        id="hidden_signal",
        lesson="12",
        title="One layer down: the recursion",
        points=3,
        formulas=("L4", "L6"),
        arguments=(real("dZ_next", "N K"), weight("W_next", "H K"), real("S", "N H")),
        truth=gradients(passed_down, ("dZ_next", "W_next", "S"), "Z"),
        returns="dZ",
        worked="dA = dZ_next @ W_next.T\ndZ = dA * S",
        hints=(
            "Two moves: what arrives at the unit's value, then through its slope.",
            "What arrives at unit k is a sum over the units m above it, with the weight"
            " from k to m. Row k of W_next holds these weights.",
            "dA = dZ_next @ W_next.T; dZ = dA * S.",
        ),
        loss=passed_down,
        nodes={"dZ": "Z"},
    ),
    Exercise(
        id="error_signals",
        lesson="12",
        title="All error signals, whatever the depth",
        points=5,
        formulas=("L4", "L6"),
        arguments=(
            Argument("params", kind="dict"),
            Argument("cache", kind="dict"),
            real("Y", "N K"),
        ),
        truth=_signals,
        styles=(),
        draw=_two_layers,
        letters=("N", "D", "H"),
        extra=_networks,
        loss=cached_loss,
        worked=_worked_signals,
        answers=("backproplab.network.error_signals",),
        hints=(
            "One turn of the loop is one call of hidden_signal. Which three things does"
            " it want?",
            "dZ still holds the signals of the layer above. Its weights are"
            ' params[f"W{layer + 1}"]; the slopes are those of this layer\'s tanh.',
            "for l = L-1, ..., 1: dZl = (dZ(l+1) @ W(l+1).T) * (1 - Al^2), and store"
            ' each as signals[f"dZ{l}"].',
        ),
    ),
    Exercise(
        id="mlp_backward",
        lesson="12",
        title="A backward pass for any depth",
        points=8,
        formulas=("L4", "L5", "L6"),
        arguments=(
            Argument("params", kind="dict"),
            Argument("cache", kind="dict"),
            real("Y", "N K"),
        ),
        truth=parameter_gradients(
            cached_loss, ("params", "cache", "Y"), layers=cached_layers
        ),
        styles=(),
        draw=_two_layers,
        letters=("N", "D", "H"),
        extra=_networks,
        loss=cached_loss,
        worked=_worked,
        answers=("backproplab.network.gradients",),
        hints=(
            "Count the layers from params, start at the top, and walk down in a loop.",
            "Keep one array dZ. In layer l: dWl = A(l-1).T @ dZ, dbl = its column sums,"
            " then dZ = (dZ @ Wl.T) * (1 - A(l-1)^2) for the layer below.",
            "dZ = 2 (AL - Y)/N; for l = L down to 1: dWl, dbl, and if l > 1 the step"
            " down.",
        ),
    ),
)
