"""Exercises of lesson 04: neurons, forward and backward (M1, M2, M10, N3, N5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from autograder.exercises.draw import Argument, real, weight
from autograder.exercises.exercise import DEFAULT_STYLES, Exercise, Extra
from autograder.exercises.truth import Tap, gradients, keep, values
from backproplab import neurons


def _through(activation: Any, inverse: Any) -> Any:
    """Truth for a backward function that is given the *output* A of its neuron."""

    def loss(dA: Any, A: Any, tap: Tap = keep) -> Any:
        with np.errstate(divide="ignore"):
            Z = tap("Z", inverse(A))
        return np.sum(dA * activation(Z))

    return loss


def _logit(A: Any) -> Any:
    return np.log(A) - np.log1p(-A)


sigmoid_loss = _through(neurons.sigmoid, _logit)
tanh_loss = _through(neurons.tanh, np.arctanh)


softmax_loss = _through(neurons.softmax, np.log)


def fires(X: Any, w: Any, theta: Any) -> Any:
    """N3: 1 where the weighted sum of an example exceeds theta, else 0."""
    return np.where(X @ w > theta, 1.0, 0.0)


def _between(rng: np.random.Generator, sizes: Mapping[str, int], style: str) -> tuple:
    """A threshold between two scores, far from 0: leaving it out must show."""
    X = real("X", "N D").draw(rng, sizes, style)
    w = weight("w", "D").draw(rng, sizes, style)
    scores = np.unique(X.astype(float) @ w.astype(float))
    if len(scores) == 1:
        return X, w, float(1.5 * scores[0])
    between = (scores[:-1] + scores[1:]) / 2
    return X, w, float(between[np.argmax(np.abs(between))])


def _probabilities(
    rng: np.random.Generator, sizes: Mapping[str, int], style: str
) -> tuple:
    """An upstream gradient, and rows that a softmax gave."""
    dA = real("dA", "N K").draw(rng, sizes, style)
    N, K = sizes["N"], sizes["K"]
    by_hand = {1: [1.0], 2: [0.25, 0.75], 3: [0.5, 0.25, 0.25]}
    if style == "paper" and K in by_hand:
        return dA, np.tile(by_hand[K], (N, 1))
    if style != "integer":
        dA = dA * 10  # so that dZ is not below 1 everywhere
    spread = 5.0 if style == "saturated" else 1.0
    A = neurons.softmax(rng.uniform(-1.5, 1.5, (N, K)) * spread)
    return dA, A.astype(np.float32) if style == "float32" else A


def relu_loss(dA: Any, Z: Any, tap: Tap = keep) -> Any:
    """The loss that passes dA to a ReLU: sum of dA relu(Z)."""
    return np.sum(dA * neurons.relu(Z))


def _far_out(rng: np.random.Generator) -> list[Extra]:
    """Scores of +-1000, and a hundred: e^1000 does not fit into a float."""
    cases: list[Extra] = []
    for size in (30.0, 800.0, 1000.0):
        Z = rng.choice([-1.0, 1.0], (4, 3)) * rng.uniform(0.5, 1.0, (4, 3)) * size
        Z[0] = [size, 0.0, -size]
        Z[1] = -size + rng.uniform(0, 1, 3)
        Z[2] = size + rng.uniform(0, 1, 3)
        cases.append(("far out", (Z,), {"N": 4, "K": 3}))
    return cases


STYLES = (*(s for s in DEFAULT_STYLES if s not in ("large", "narrow")), "small")


def _backward(
    id: str, title: str, formula: str, loss: Any, kind: str, worked: str
) -> Exercise:
    name = "1 - tanh(z)^2 = 1 - A^2" if "tanh" in id else "sigma (1 - sigma) = A(1 - A)"
    return Exercise(
        id=id,
        lesson="04",
        title=title,
        points=2,
        formulas=(formula, "M10"),
        arguments=(real("dA", "N H"), Argument("A", "N H", kind)),
        truth=gradients(loss, ("dA", "A"), "Z"),
        returns="dZ",
        styles=STYLES,
        loss=loss,
        worked=worked,
        hints=(
            "Two things meet in dZ: what comes from above (dA), and the local slope.",
            f"The slope can be written with the output alone: {name}.",
            f"dZ = dA times that slope, entry by entry: slope {name}.",
        ),
        nodes={"dZ": "Z"},
        answers=(f"backproplab.neurons.{id}",),
    )


def _forward(
    id: str, title: str, points: int, formulas: tuple[str, ...], worked: str, hints: Any
) -> Exercise:
    return Exercise(
        id=id,
        lesson="04",
        title=title,
        points=points,
        formulas=formulas,
        arguments=(real("Z", "N K"),),
        truth=values(getattr(neurons, id)),
        returns="A",
        extra=_far_out,
        answers=(f"backproplab.neurons.{id}",),
        worked=worked,
        hints=hints,
    )


EXERCISES = (
    _forward(
        "sigmoid",
        "The sigmoid, safe for every score",
        2,
        ("M1", "N5"),
        "z = np.clip(Z, -700, 700)\nA = 1 / (1 + np.exp(-z))",
        (
            "The formula in the text is right. For which scores is its exponential too"
            " large for the computer?",
            "E = exp(-|Z|) never exceeds 1. For Z >= 0 the sigmoid is 1 / (1 + E); for"
            " Z < 0 multiply numerator and denominator by e^Z: it is E / (1 + E).",
            "E = np.exp(-np.abs(Z)); return np.where(Z < 0, E, 1.0) / (1 + E).",
        ),
    ),
    _backward(
        "sigmoid_backward",
        "Back through a sigmoid",
        "N5",
        sigmoid_loss,
        "unit",
        "Z = np.log(A / (1 - A))\nS = A * (1 - A)\ndZ = dA * S",
    ),
    _forward(
        "tanh",
        "tanh, out of a sigmoid",
        1,
        ("M1", "M2"),
        "z = np.clip(Z + Z, -700, 700)\ns = 1 / (1 + np.exp(-z))\nA = s + s - 1",
        (
            "It is a sigmoid that was squeezed sideways, stretched, and moved down.",
            "Give your sigmoid the score 2 Z; double the answer; subtract 1.",
            "return 2 * sigmoid(2 * Z) - 1.",
        ),
    ),
    _backward(
        "tanh_backward",
        "Back through a tanh",
        "M2",
        tanh_loss,
        "signed unit",
        "Z = np.arctanh(A)\nS = 1 - A * A\ndZ = dA * S",
    ),
    _forward(
        "relu",
        "ReLU",
        1,
        ("M1",),
        "on = Z > 0\nA = Z * on",
        (
            "Positive scores pass, negative ones do not.",
            "np.maximum compares an array with a number, entry by entry.",
            "return np.maximum(Z, 0).",
        ),
    ),
    Exercise(
        id="relu_backward",
        lesson="04",
        title="Back through a ReLU",
        points=2,
        formulas=("M10",),
        arguments=(real("dA", "N H"), real("Z", "N H")),
        truth=gradients(relu_loss, ("dA", "Z"), "Z", kinks=True),
        returns="dZ",
        styles=(*DEFAULT_STYLES, "small", "tie"),
        loss=relu_loss,
        nodes={"dZ": "Z"},
        answers=("backproplab.neurons.relu_backward",),
        worked="A = np.maximum(Z, 0)\nmask = Z > 0\ndZ = dA * mask",
        hints=(
            "Which units were on in the forward pass? Only they pass anything back.",
            "The slope is 1 where Z > 0 and 0 where Z < 0. At exactly 0 anything"
            " between is right.",
            "dZ = dA * (Z > 0).",
        ),
    ),
    Exercise(
        id="softmax",
        lesson="04",
        title="Softmax, safe for large scores",
        points=3,
        formulas=("M1", "M2"),
        arguments=(real("Z", "N K"),),
        truth=values(neurons.softmax),
        returns="P",
        extra=_far_out,
        answers=("backproplab.neurons.softmax",),
        worked=(
            "shift = Z - np.max(Z, axis=1, keepdims=True)\n"
            "E = np.exp(shift)\n"
            "total = np.sum(E, axis=1, keepdims=True)\n"
            "P = E / total"
        ),
        hints=(
            "Each row for itself: exponentials, divided by their sum.",
            "Subtract the largest score of each row first: the answer is the same and"
            " nothing overflows. keepdims=True keeps the shapes fitting.",
            "E = exp(Z - max of each row); P = E / (sum of each row).",
        ),
    ),
    Exercise(
        id="softmax_backward",
        lesson="04",
        title="Back through a softmax",
        points=3,
        formulas=("M2", "M10"),
        arguments=(real("dA", "N K"), Argument("A", kind="probabilities")),
        draw=_probabilities,
        letters=("N", "K"),
        truth=gradients(softmax_loss, ("dA", "A"), "Z"),
        returns="dZ",
        styles=STYLES,
        loss=softmax_loss,
        nodes={"dZ": "Z"},
        answers=("backproplab.neurons.softmax_backward",),
        worked="total = np.sum(dA * A, axis=1, keepdims=True)\ndZ = A * (dA - total)",
        hints=(
            "Every score moves every probability of its row. Which sum is that?",
            "dZ_j = sum over i of dA_i A_i (1[i = j] - A_j). Only one part of it needs"
            " a sum, and that sum is the same for all j of a row.",
            "total = (dA * A).sum(axis=1, keepdims=True); dZ = A * (dA - total).",
        ),
    ),
    Exercise(
        id="threshold_unit",
        lesson="04",
        title="The perceptron: sum and threshold",
        points=1,
        formulas=("N3",),
        arguments=(real("X", "N D"), weight("w", "D"), real("theta")),
        draw=_between,
        truth=values(fires),
        returns="o",
        worked="Z = X @ w\nfires = Z > theta\no = fires * 1.0",
        hints=(
            "First one number per example: the weighted sum. Then a question with the"
            " answer yes or no.",
            "X @ w has all the sums. Comparing an array with a number gives an array of"
            " True and False, and these count as 1 and 0.",
            "return (X @ w > theta) * 1.0.",
        ),
    ),
)
