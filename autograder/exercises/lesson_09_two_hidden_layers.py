"""Exercises of lesson 09: two hidden layers (U6, M7)."""

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
from autograder.exercises.draw import Argument, fixed, parameters, real, weight
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
from backproplab import losses
from backproplab.neurons import sigmoid, tanh


def forward(x: Any, W1: Any, W2: Any, w: Any) -> tuple[Any, Any, Any]:
    """U6: h1 = sigma(W1 x), h2 = sigma(W2 h1), yhat = w . h2."""
    h1 = sigmoid(W1 @ x)
    h2 = sigmoid(W2 @ h1)
    return w @ h2, h1, h2


def _output(x: Any, W1: Any, W2: Any, w: Any, tap: Tap = keep) -> Any:
    h1 = sigmoid(tap("z1", W1 @ x))
    return w @ sigmoid(tap("z2", W2 @ h1))


def ubc_loss(
    x: Any, y: Any, W1: Any, W2: Any, w: Any, loss: str, tap: Tap = keep
) -> Any:
    """U6: f(w . sigma(W2 sigma(W1 x))) for the named loss f."""
    yhat = tap("yhat", _output(x, W1, W2, w, tap))
    return getattr(losses, loss)(yhat, y)


def _ubc_truth(x: Any, y: Any, W1: Any, W2: Any, w: Any, loss: str) -> dict:
    names = ("x", "y", "W1", "W2", "w", "loss")
    args = (x, y, W1, W2, w, loss)

    def measure(node: str) -> Reference:
        return slope(ubc_loss, names, args, node)

    # Row c' of U: how the score of unit c' in layer 2 moves with those of layer 1.
    def score(W1: Any, row: Any, x: Any, tap: Tap = keep) -> Any:
        return row @ sigmoid(tap("z1", W1 @ x))

    rows = [slope(score, ("W1", "row", "x"), (W1, row, x), "z1").value for row in W2]
    return {
        "r": measure("yhat"),
        "dw": measure("w"),
        "v": slope(_output, ("x", "W1", "W2", "w"), (x, W1, W2, w), "z2"),
        "dW2": measure("W2"),
        "U": Reference(np.array(rows)),
        "dW1": measure("W1"),
    }


def _every_loss(rng: np.random.Generator) -> list[Extra]:
    """All three losses on one net, whatever the other instances drew."""
    sizes = {"D": 2, "H": 4, "G": 3}
    drawn = [argument.draw(rng, sizes, "generic") for argument in UBC_ARGUMENTS]
    return [("generic", (*drawn, loss), sizes) for loss in UBC_LOSSES]


UBC_LOSSES = ("half_squared", "squared", "logistic")
UBC_ARGUMENTS = (
    real("x", "D"),
    Argument("y", kind="sign"),
    weight("W1", "H D"),
    weight("W2", "G H"),
    weight("w", "G"),
)


def michigan_loss(
    x: Any,
    y: Any,
    W1: Any,
    b1: Any,
    W2: Any,
    b2: Any,
    theta: Any,
    c: Any,
    tap: Tap = keep,
) -> Any:
    """M7: (theta . tanh(W2 tanh(W1 x + b1) + b2) + c - y)^2."""
    h1 = tap("h1", tanh(W1 @ x + b1))
    h2 = tap("h2", tanh(W2 @ h1 + b2))
    return losses.squared(tap("yhat", theta @ h2 + c), y)


def passed_on(dZ2: Any, W2: Any, A1: Any) -> Any:
    """A loss whose error signal at Z2 = A1 W2 is dZ2."""
    return np.sum(dZ2 * (A1 @ W2))


def _downstream_truth(dZ2: Any, W2: Any) -> Reference:
    A1 = np.zeros((len(dZ2), len(W2)))
    return slope(passed_on, ("dZ2", "W2", "A1"), (dZ2, W2, A1), "A1")


def two_hidden_loss(X: Any, Y: Any, params: Mapping[str, Any], tap: Tap = keep) -> Any:
    """M7 for a batch: tanh hidden layers, linear output, squared loss."""
    return network_loss(X, Y, params, tanh, tap)


EXERCISES = (
    Exercise(
        id="two_hidden_forward",
        lesson="09",
        title="Forward through two hidden layers",
        points=2,
        formulas=("U6",),
        arguments=(
            real("x", "D"),
            weight("W1", "H D"),
            weight("W2", "G H"),
            weight("w", "G"),
        ),
        truth=values(forward),
        returns=("yhat", "h1", "h2"),
        order=("h1", "h2", "yhat"),
        worked=(
            "z1 = W1 @ x\n"
            "h1 = 1 / (1 + np.exp(-z1))\n"
            "z2 = W2 @ h1\n"
            "h2 = 1 / (1 + np.exp(-z2))\n"
            "yhat = w @ h2"
        ),
        hints=(
            "Lesson 07's forward pass, with one more layer before the output.",
            "Layer 2 does to h1 what layer 1 does to x: scores, then the sigmoid.",
            "h1 = sigmoid(W1 @ x), then h2 = sigmoid(W2 @ h1), then yhat = w @ h2.",
        ),
    ),
    Exercise(
        id="ubc_two_hidden",
        lesson="09",
        title="r, v and U: each computed once, for any loss",
        points=5,
        formulas=("U6",),
        arguments=(*UBC_ARGUMENTS, fixed("loss", *UBC_LOSSES)),
        truth=_ubc_truth,
        extra=_every_loss,
        order=("r", "dw", "v", "dW2", "U", "dW1"),
        worked=(
            "z1 = W1 @ x\n"
            "h1 = 1 / (1 + np.exp(-z1))\n"
            "z2 = W2 @ h1\n"
            "h2 = 1 / (1 + np.exp(-z2))\n"
            "yhat = w @ h2\n"
            "S2 = h2 * (1 - h2)\n"
            "S1 = h1 * (1 - h1)\n"
            "v = w * S2\n"
            "r = {'half_squared': yhat - y, 'squared': 2 * (yhat - y),"
            " 'logistic': -y / (1 + np.exp(np.clip(y * yhat, -700, 700)))}[loss]\n"
            "dw = r * h2\n"
            "dW2 = r * np.outer(v, h1)\n"
            "U = W2 * S1\n"
            "dW1 = r * np.outer((v[None, :] @ U)[0], x)"
        ),
        hints=(
            "Everything down to dW2 is lesson 07 with h1 in the place of x."
            " Keep r out of v and U; it joins when a gradient is formed.",
            "U has the shape of W2: its column c is the column of W2 times the slope"
            " of unit c of layer 1. The sum over c' is a vector times a matrix.",
            "r = residual(yhat, y, loss); dw = r h2; v = w * h2 * (1 - h2);"
            " dW2 = r outer(v, h1); U = W2 * h1 * (1 - h1); dW1 = r outer(v @ U, x).",
        ),
        loss=ubc_loss,
        nodes={"r": "yhat"},
    ),
    Exercise(
        id="factors_M7",
        lesson="09",
        title="All nine derivatives, factor by factor",
        points=5,
        formulas=("M7",),
        arguments=(
            real("x", "D"),
            real("y"),
            weight("W1", "H D"),
            weight("b1", "H"),
            weight("W2", "G H"),
            weight("b2", "G"),
            weight("theta", "G"),
            weight("c", ""),
        ),
        truth=gradients(
            michigan_loss,
            ("x", "y", "W1", "b1", "W2", "b2", "theta", "c"),
            {
                "dyhat": "yhat",
                "dtheta": "theta",
                "dc": "c",
                "dh2": "h2",
                "db2": "b2",
                "dW2": "W2",
                "dh1": "h1",
                "db1": "b1",
                "dW1": "W1",
            },
        ),
        order=("dyhat", "dtheta", "dc", "dh2", "db2", "dW2", "dh1", "db1", "dW1"),
        worked=(
            "z1 = W1 @ x + b1\n"
            "h1 = np.tanh(z1)\n"
            "z2 = W2 @ h1 + b2\n"
            "h2 = np.tanh(z2)\n"
            "yhat = theta @ h2 + c\n"
            "dyhat = 2 * (yhat - y)\n"
            "dtheta = dyhat * h2\n"
            "dc = dyhat\n"
            "dh2 = dyhat * theta\n"
            "S2 = 1 - h2 * h2\n"
            "db2 = dh2 * S2\n"
            "dW2 = np.outer(db2, h1)\n"
            "dh1 = (db2[None, :] @ W2)[0]\n"
            "S1 = 1 - h1 * h1\n"
            "db1 = dh1 * S1\n"
            "dW1 = np.outer(db1, x)"
        ),
        hints=(
            "Down to dW2 this is factors_M6 of lesson 07, with h1 for x.",
            "dh1_i adds over all units j of layer 2: f'(z2_j) w2_ji dh2_j."
            " You already have f'(z2_j) dh2_j under another name.",
            "db2 = dh2 * (1 - h2^2); dW2 = outer(db2, h1); dh1 = db2 @ W2 (the sum"
            " over j); db1 = dh1 * (1 - h1^2); dW1 = outer(db1, x).",
        ),
        loss=michigan_loss,
        nodes={"dyhat": "yhat", "dh2": "h2", "dh1": "h1"},
    ),
    Exercise(
        id="downstream_sum",
        lesson="09",
        title="The sum over downstream units, for a batch",
        points=2,
        formulas=("M7",),
        arguments=(real("dZ2", "N G"), weight("W2", "H G")),
        truth=_downstream_truth,
        returns="dA1",
        worked="dA1 = dZ2 @ W2.T",
        hints=(
            "One entry first: which units of layer 2 does unit h of layer 1 feed?",
            "dA1[n, h] is the sum over g of dZ2[n, g] * W2[h, g]. Which index is"
            " summed, and where does it stand in each of the two arrays?",
            "The shared index is the last one of both, so W2 is transposed:"
            " dA1 = dZ2 @ W2.T.",
        ),
    ),
    Exercise(
        id="two_hidden_backward",
        lesson="09",
        title="Two hidden layers, a batch",
        points=6,
        formulas=("U6", "M7"),
        arguments=(
            real("X", "N D"),
            real("Y", "N K"),
            parameters("params", **layer_shapes("DHGK")),
        ),
        truth=parameter_gradients(
            two_hidden_loss, ("X", "Y", "params"), layers=squared_layers(tanh)
        ),
        order=order(3),
        loss=two_hidden_loss,
        worked=forward_lines(3, "tanh") + backward_lines(3, "tanh"),
        answers=("backproplab.network.gradients",),
        hints=(
            "Lesson 07's backward pass, with one more turn of the same screw.",
            "From dZ3 to dA2 = dZ3 @ W3.T to dZ2 = dA2 * (1 - A2^2); the same step"
            " again takes you to dZ1.",
            "dZ3 = 2 (A3 - Y)/N; dZ2 = (dZ3 @ W3.T) * (1 - A2^2);"
            " dZ1 = (dZ2 @ W2.T) * (1 - A1^2); dWl = A(l-1).T @ dZl;"
            " dbl = sum of dZl over the examples.",
        ),
    ),
)
