"""Exercises of lesson 12: error signals for any depth (L4 to L6, N8, N9)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from autograder.exercises.deep import backward_lines, depth, network_loss
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
from backproplab.neurons import sigmoid, tanh


def _net(o: Any) -> Any:
    return np.log(o) - np.log1p(-o)


def output_error(y: Any, o: Any, tap: Tap = keep) -> Any:
    """N8: 1/2 sum (y - o)^2 with o = sigma(net)."""
    return 0.5 * np.sum((y - sigmoid(tap("net", _net(o)))) ** 2)


def passed_down(delta_next: Any, W_next: Any, o: Any, tap: Tap = keep) -> Any:
    """N9: what the downstream units receive, weighted by their minus dL/dnet."""
    return np.sum(delta_next * (W_next @ sigmoid(tap("net", _net(o)))))


def _output_truth(y: Any, o: Any) -> Reference:
    return Reference(-slope(output_error, ("y", "o"), (y, o), "net").value)


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

    def draw(*shape: int) -> np.ndarray:
        if style == "integer":
            return rng.choice([-1, 1, 2], shape)
        values = rng.choice([-1.0, 1.0], shape) * rng.uniform(0.3, 1.7, shape)
        return values.astype(np.float32) if style == "float32" else values

    params: dict[str, Any] = {}
    for layer, (before, after) in enumerate(
        zip(widths, widths[1:], strict=False), start=1
    ):
        gain = 1 if style == "integer" else scale * 1.2 / np.sqrt(before)
        W = draw(before, after)
        params[f"W{layer}"] = (W * gain).astype(W.dtype)
        params[f"b{layer}"] = draw(after)
    X, Y = draw(N, widths[0]), draw(N, widths[-1])
    return params, _forward(X, params), Y


def _worked(params: Any, cache: Any, Y: Any) -> str:
    return backward_lines(depth(params), "tanh")


EXERCISES = (
    Exercise(
        id="output_delta",
        lesson="12",
        title="The classic delta at the output",
        points=2,
        formulas=("N8",),
        arguments=(real("y", "K"), Argument("o", "K", "unit")),
        truth=_output_truth,
        returns="delta",
        worked="r = y - o\nS = o * (1 - o)\ndelta = r * S",
        hints=(
            "delta is minus dL/dnet: the direction in which the unit should move.",
            "Two factors: how far off the unit is, and its slope o (1 - o).",
            "delta = (y - o) * o * (1 - o).",
        ),
    ),
    Exercise(
        id="hidden_delta",
        lesson="12",
        title="The classic delta of a hidden layer",
        points=3,
        formulas=("N9", "L4"),
        arguments=(
            real("delta_next", "K"),
            weight("W_next", "K H"),
            Argument("o", "H", "unit"),
        ),
        truth=gradients(passed_down, ("delta_next", "W_next", "o"), "net"),
        returns="delta",
        worked="back = W_next.T @ delta_next\nS = o * (1 - o)\ndelta = back * S",
        hints=(
            "Unit i hears from every unit downstream, through the weight between them.",
            "Row z of W_next belongs to downstream unit z: sum over the rows.",
            "delta = (W_next.T @ delta_next) * o * (1 - o).",
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
        truth=parameter_gradients(cached_loss, ("params", "cache", "Y")),
        styles=(),
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
