"""Exercises of lesson 10: three hidden layers and the price (U7, U8, U9, S1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from autograder.exercises.deep import (
    backward_lines,
    forward_lines,
    layer_shapes,
    network_loss,
    order,
    squared_layers,
)
from autograder.exercises.draw import Argument, parameters, real, weight
from autograder.exercises.exercise import Exercise, Extra
from autograder.exercises.truth import (
    Reference,
    Tap,
    gradients,
    keep,
    parameter_gradients,
    slope,
    values,
)
from backproplab import costs, losses
from backproplab.neurons import sigmoid

UBC = ("x", "y", "W1", "W2", "W3", "w")
CS221 = ("phi", "y", "V1", "V2", "V3", "w", "eta")


def _output(x: Any, W1: Any, W2: Any, W3: Any, w: Any, tap: Tap) -> Any:
    z = x
    for layer, W in enumerate((W1, W2, W3), start=1):
        z = sigmoid(tap(f"Z{layer}", W @ z))
    return tap("yhat", w @ z)


def ubc_loss(x: Any, y: Any, W1: Any, W2: Any, W3: Any, w: Any, tap: Tap = keep) -> Any:
    """U7: 1/2 (w . sigma(W3 sigma(W2 sigma(W1 x))) - y)^2."""
    return losses.half_squared(_output(x, W1, W2, W3, w, tap), y)


def cs221_loss(
    phi: Any, y: Any, V1: Any, V2: Any, V3: Any, w: Any, eta: Any, tap: Tap = keep
) -> Any:
    """S1: (w . sigma(V3 sigma(V2 sigma(V1 phi))) - y)^2."""
    return losses.squared(_output(phi, V1, V2, V3, w, tap), y)


def three_hidden_loss(
    X: Any, Y: Any, params: Mapping[str, Any], tap: Tap = keep
) -> Any:
    """U7 for a batch: sigma hidden layers, linear output, squared loss."""
    return network_loss(X, Y, params, sigmoid, tap)


def _stepped(*args: Any) -> tuple[Reference, ...]:
    """N4 on all four: old minus eta times the measured gradient at the old values."""
    return tuple(
        Reference(args[i] - args[6] * slope(cs221_loss, CS221, args, CS221[i]).value)
        for i in range(2, 6)
    )


def _sizes(d: int, k: int, m: int) -> list[int]:
    return [d, *[k] * m, 1]


def forward_count(d: int, k: int, m: int) -> int:
    """U9: multiplications of one forward pass (counted while running, in the tests)."""
    return costs.forward_multiplications(_sizes(d, k, m))


def backward_count(d: int, k: int, m: int) -> int:
    """U9: multiplications of one backward pass."""
    return costs.backward_multiplications(_sizes(d, k, m))


def _draw_counts(
    rng: np.random.Generator, sizes: Mapping[str, int], style: str
) -> tuple[int, int, int]:
    d, k, m = (int(n) for n in rng.choice(np.arange(2, 12), 3, replace=False))
    return d, k, m


def _known_counts(rng: np.random.Generator) -> list[Extra]:
    shapes = ((100, 50, 5), (3, 2, 3), (4, 3, 1), (1, 1, 1), (7, 7, 2))
    return [("more", shape, {}) for shape in shapes]


SHAPES = (weight("W1", "H D"), weight("W2", "G H"), weight("W3", "J G"))
COUNTS = (Argument("d"), Argument("k"), Argument("m"))

UBC_FORWARD = (
    "A1 = 1 / (1 + np.exp(-(W1 @ x)))\n"
    "A2 = 1 / (1 + np.exp(-(W2 @ A1)))\n"
    "A3 = 1 / (1 + np.exp(-(W3 @ A2)))\n"
    "r = w @ A3 - y\n"
)
UBC_SIGNALS = (
    "S3 = A3 * (1 - A3)\n"
    "v = w * S3\n"
    "a = r * v\n"
    "dA2 = W3.T @ a\n"
    "S2 = A2 * (1 - A2)\n"
    "b = dA2 * S2\n"
    "dA1 = W2.T @ b\n"
    "S1 = A1 * (1 - A1)\n"
    "d = dA1 * S1\n"
)

EXERCISES = (
    Exercise(
        id="signals_rabd",
        lesson="10",
        title="r, a, b, d: the error signals from the top down",
        points=5,
        formulas=("U7",),
        arguments=(real("x", "D"), real("y"), *SHAPES, weight("w", "J")),
        truth=gradients(ubc_loss, UBC, {"r": "yhat", "a": "Z3", "b": "Z2", "d": "Z1"}),
        order=("r", "a", "b", "d"),
        worked=UBC_FORWARD + UBC_SIGNALS,
        loss=ubc_loss,
        nodes={"r": "yhat", "a": "Z3", "b": "Z2", "d": "Z1"},
        hints=(
            "All values are there, and r. From each signal comes the one below it.",
            "a needs r, w and the slope of layer 3. b sums over the units of layer 3:"
            " which product of W3 and a is that? Then the slope of layer 2.",
            "a = r * w * z3 * (1 - z3); b = (W3.T @ a) * z2 * (1 - z2);"
            " d = (W2.T @ b) * z1 * (1 - z1).",
        ),
    ),
    Exercise(
        id="three_hidden_gradients",
        lesson="10",
        title="Four backward steps: one per array of weights",
        points=4,
        formulas=("U7", "U8"),
        arguments=(real("x", "D"), real("y"), *SHAPES, weight("w", "J")),
        truth=gradients(
            ubc_loss, UBC, {"dw": "w", "dW3": "W3", "dW2": "W2", "dW1": "W1"}
        ),
        order=("dw", "dW3", "dW2", "dW1"),
        worked=UBC_FORWARD
        + UBC_SIGNALS
        + "dw = r * A3\n"
        + "dW3 = np.outer(a, A2)\n"
        + "dW2 = np.outer(b, A1)\n"
        + "dW1 = np.outer(d, x)",
        loss=ubc_loss,
        hints=(
            "Each gradient is the signal above the weight times the value below it.",
            "dw uses r and z3; dW3 uses a and z2; and so on. Row c belongs to unit c.",
            "dw = r * z3; dW3 = np.outer(a, z2); dW2 = np.outer(b, z1);"
            " dW1 = np.outer(d, x).",
        ),
    ),
    Exercise(
        id="three_hidden_backward",
        lesson="10",
        title="Three hidden layers: four backward steps",
        points=6,
        formulas=("U7", "U8"),
        arguments=(
            real("X", "N D"),
            real("Y", "N K"),
            parameters("params", **layer_shapes("DHGJK")),
        ),
        truth=parameter_gradients(
            three_hidden_loss, ("X", "Y", "params"), layers=squared_layers(sigmoid)
        ),
        order=order(4),
        loss=three_hidden_loss,
        worked=forward_lines(4, "sigmoid") + backward_lines(4, "sigmoid"),
        answers=("backproplab.network.gradients",),
        hints=(
            "Four backward steps, one per weight matrix; each reuses the one before.",
            "dZl = (dZ(l+1) @ W(l+1).T) * A_l (1 - A_l), starting from"
            " dZ4 = 2 (A4 - Y)/N.",
            "dZ4 = 2 (A4 - Y)/N; dZl = (dZ(l+1) @ W(l+1).T) * A_l (1 - A_l) for"
            " l = 3, 2, 1; dWl = A(l-1).T @ dZl and dbl = dZl.sum(axis=0), with"
            " A0 = X.",
        ),
    ),
    Exercise(
        id="count_forward",
        lesson="10",
        title="Predict the price: the forward pass",
        points=2,
        formulas=("U9",),
        arguments=COUNTS,
        truth=values(forward_count),
        returns="count",
        draw=_draw_counts,
        extra=_known_counts,
        styles=("generic", "more"),
        worked="count = d * k + (m - 1) * k * k + k",
        answers=("backproplab.costs.forward_multiplications",),
        hints=(
            "Every weight multiplies exactly once. How many weights are there?",
            "The first matrix is k by d; how many k by k matrices are there between m"
            " hidden layers?",
            "d k + (m - 1) k k + k.",
        ),
    ),
    Exercise(
        id="count_backward",
        lesson="10",
        title="Predict the price: the backward pass",
        points=3,
        formulas=("U9",),
        arguments=COUNTS,
        truth=values(backward_count),
        returns="count",
        draw=_draw_counts,
        extra=_known_counts,
        styles=("generic", "more"),
        worked=(
            "weight_gradients = d * k + (m - 1) * k * k + k\n"
            "signals = (m - 1) * k * k + k\n"
            "slopes = m * k\n"
            "count = weight_gradients + signals + slopes"
        ),
        answers=("backproplab.costs.backward_multiplications",),
        hints=(
            "Three kinds of products: weight gradients, signals passed down, slopes.",
            "Each weight has one product in its gradient. Each weight except those of"
            " W1 passes one signal down. Each hidden unit multiplies by its slope.",
            "(d k + (m - 1) k k + k) + ((m - 1) k k + k) + m k.",
        ),
    ),
    Exercise(
        id="sgd_step_four_layers",
        lesson="10",
        title="One step on all four, from the old values",
        points=4,
        formulas=("S1", "U8"),
        arguments=(
            real("phi", "D"),
            real("y"),
            weight("V1", "H D"),
            weight("V2", "G H"),
            weight("V3", "J G"),
            weight("w", "J"),
            Argument("eta", kind="positive"),
        ),
        truth=_stepped,
        returns=("V1", "V2", "V3", "w"),
        order=("w", "V3", "V2", "V1"),
        worked=(
            "A1 = 1 / (1 + np.exp(-(V1 @ phi)))\n"
            "A2 = 1 / (1 + np.exp(-(V2 @ A1)))\n"
            "A3 = 1 / (1 + np.exp(-(V3 @ A2)))\n"
            "r = 2 * (w @ A3 - y)\n"
            "dw = r * A3\n"
            "S3 = A3 * (1 - A3)\n"
            "v = w * S3\n"
            "a = r * v\n"
            "dV3 = np.outer(a, A2)\n"
            "dA2 = V3.T @ a\n"
            "S2 = A2 * (1 - A2)\n"
            "b = dA2 * S2\n"
            "dV2 = np.outer(b, A1)\n"
            "dA1 = V2.T @ b\n"
            "S1 = A1 * (1 - A1)\n"
            "d = dA1 * S1\n"
            "dV1 = np.outer(d, phi)\n"
            "new_w = w - eta * dw\n"
            "new_V3 = V3 - eta * dV3\n"
            "new_V2 = V2 - eta * dV2\n"
            "new_V1 = V1 - eta * dV1"
        ),
        hints=(
            "Two phases and then a third: all gradients first, then all updates.",
            "The loss has no 1/2, so r = 2 (yhat - y). Everything below r is as in"
            " signals_rabd.",
            "w - eta r z3; V3 - eta outer(a, z2); V2 - eta outer(b, z1);"
            " V1 - eta outer(d, phi), with a, b, d computed before any update.",
        ),
    ),
)
