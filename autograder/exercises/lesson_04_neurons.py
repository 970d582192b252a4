"""Exercises of lesson 04: neurons, forward and backward (M1, M2, M10, N5)."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.exercises.draw import Argument, real
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


STYLES = tuple(s for s in DEFAULT_STYLES if s not in ("large", "narrow"))


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


EXERCISES = (
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
    _backward(
        "sigmoid_backward",
        "Back through a sigmoid",
        "N5",
        sigmoid_loss,
        "unit",
        "Z = np.log(A / (1 - A))\nS = A * (1 - A)\ndZ = dA * S",
    ),
    _backward(
        "tanh_backward",
        "Back through a tanh",
        "M2",
        tanh_loss,
        "signed unit",
        "Z = np.arctanh(A)\nS = 1 - A * A\ndZ = dA * S",
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
)
