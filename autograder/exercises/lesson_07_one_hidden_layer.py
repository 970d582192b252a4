"""Exercises of lesson 07: one hidden layer, regression (U1 to U5, M6, S7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from autograder import functions
from autograder.exercises.deep import squared_layers
from autograder.exercises.draw import Argument, fixed, parameters, real, weight
from autograder.exercises.exercise import DEFAULT_STYLES, Exercise, Extra
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


def forward(x: Any, W: Any, w: Any) -> tuple[Any, Any, Any]:
    """U1: z = W x, h = sigma(z), yhat = w . h."""
    z = W @ x
    h = sigmoid(z)
    return w @ h, z, h


def half_squared_loss(x: Any, y: Any, w: Any, W: Any, tap: Tap = keep) -> Any:
    """U1: 1/2 (w . sigma(W x) - y)^2."""
    z = tap("z", W @ x)
    h = tap("h", sigmoid(z))
    yhat = tap("yhat", w @ h)
    return losses.half_squared(yhat, y)


def named_loss(yhat: Any, y: Any, loss: str) -> Any:
    """U5: the same network under another loss."""
    return getattr(losses, loss)(yhat, y)


def given_activation_loss(
    x: Any, y: Any, w: Any, W: Any, h: Any, tap: Tap = keep
) -> Any:
    """U1 with any activation h."""
    hidden = tap("hidden", h(tap("z", W @ x)))
    return losses.half_squared(tap("yhat", w @ hidden), y)


def michigan_loss(
    x: Any, y: Any, W: Any, b: Any, theta: Any, c: Any, tap: Tap = keep
) -> Any:
    """M6: (theta . tanh(W x + b) + c - y)^2."""
    h = tap("h", tanh(tap("z", W @ x + b)))
    yhat = tap("yhat", theta @ h + c)
    return losses.squared(yhat, y)


def cs221_loss(phi: Any, y: Any, V: Any, w: Any, tap: Tap = keep) -> Any:
    """S7: (w . sigma(V phi) - y)^2."""
    h = tap("h", sigmoid(tap("z", V @ phi)))
    return losses.squared(tap("yhat", w @ h), y)


def batch_loss(X: Any, Y: Any, params: Mapping[str, Any], tap: Tap = keep) -> Any:
    """M6 for a batch: mean over examples of the sum over outputs of (yhat - y)^2."""
    Z1 = tap("Z1", X @ params["W1"] + params["b1"])
    A1 = tap("A1", sigmoid(Z1))
    Yhat = tap("Yhat", A1 @ params["W2"] + params["b2"])
    return np.sum(losses.squared(Yhat, Y)) / len(X)


def _phases_truth(x: Any, y: Any, w: Any, W: Any, h: Any, dh: Any) -> dict:
    names = ("x", "y", "w", "W", "h")
    args = (x, y, w, W, h)

    def measure(node: str) -> Reference:
        return slope(given_activation_loss, names, args, node)

    # v_c = w_c h'(z_c) is dyhat/dz_c: the slope of the output, not of the loss.
    def output(x: Any, y: Any, w: Any, W: Any, h: Any, tap: Tap = keep) -> Any:
        return w @ h(tap("z", W @ x))

    return {
        "r": measure("yhat"),
        "dw": measure("w"),
        "v": slope(output, names, args, "z"),
        "dW": measure("W"),
    }


def _phases_draw(
    rng: np.random.Generator, sizes: Mapping[str, int], style: str
) -> tuple:
    kind = ("tanh", "arctan")[int(rng.integers(2))]
    plain = [a.draw(rng, sizes, style) for a in PHASES_ARGUMENTS[:4]]
    return (*plain, functions.NAMED[kind], functions.NAMED[f"{kind}_slope"])


def _evaluated_once(judged: Sequence[Any]) -> str:
    """U4 asks for shared work: h and h' are evaluated once per hidden unit."""
    for j in judged:
        units = j.instance.sizes["K"]
        for position, name in ((4, "h"), (5, "dh")):
            numbers = dict(j.outcome.evaluated).get(position, 0)
            if numbers > units:
                return (
                    f"{name} was evaluated on {numbers} numbers; there are only {units}"
                    " hidden units. Compute it once, keep it, and use it again."
                )
    return ""


RESIDUALS = {
    "half_squared": "r = yhat - y",
    "squared": "gap = yhat - y\nr = 2 * gap",
    "absolute": "gap = yhat - y\nr = np.sign(gap)",
    "huber": "gap = yhat - y\nr = np.clip(gap, -1, 1)",
    "logistic": "margin = y * yhat\nr = -y / (1 + np.exp(np.minimum(margin, 700)))",
}


def _worked_residual(yhat: Any, y: Any, loss: str) -> str:
    return RESIDUALS[loss]


PHASES_ARGUMENTS = (
    real("x", "D"),
    real("y"),
    weight("w", "K"),
    weight("W", "K D"),
    Argument("h", kind="function"),
    Argument("dh", kind="function"),
)


def _residual_cases(rng: np.random.Generator) -> list[Extra]:
    """Every loss, on both sides of its kinks, for targets of both signs."""
    cases: list[Extra] = []
    for loss in ("half_squared", "squared", "absolute", "huber", "logistic"):
        for gap in (-2.5, -0.4, 0.3, 1.7):
            for y in rng.permutation([-1.0, 1.0]).tolist():
                if loss != "logistic":
                    y *= float(rng.uniform(1.2, 1.9))  # only there targets are 1 or -1
                yhat = y + gap + float(rng.uniform(-0.1, 0.1))
                cases.append((loss, (yhat, y, loss), {}))
    cases.append(("logistic", (900.0, -1.0, "logistic"), {}))
    cases.append(("logistic", (-900.0, -1.0, "logistic"), {}))
    return cases


EXERCISES = (
    Exercise(
        id="one_hidden_forward",
        lesson="07",
        title="Forward: scores, hidden values, prediction",
        points=2,
        formulas=("U1",),
        arguments=(real("x", "D"), weight("W", "K D"), weight("w", "K")),
        truth=values(forward),
        returns=("yhat", "z", "h"),
        order=("z", "h", "yhat"),
        worked="z = W @ x\nh = 1 / (1 + np.exp(-z))\nyhat = w @ h",
        hints=(
            "Three lines, in the order of the picture: scores, hidden values, output.",
            "z has one entry per hidden unit: row c of W times x.",
            "z = W @ x, then h = 1 / (1 + np.exp(-z)), then yhat = w @ h.",
        ),
    ),
    Exercise(
        id="one_hidden_regression_grads",
        lesson="07",
        title="The first backward pass: dw and dW",
        points=5,
        formulas=("U2", "U3"),
        arguments=(
            real("x", "D"),
            real("y"),
            weight("w", "K"),
            weight("W", "K D"),
        ),
        truth=gradients(half_squared_loss, ("x", "y", "w", "W"), ("w", "W")),
        returns=("dw", "dW"),
        order=("dw", "dW"),
        worked=(
            "z = W @ x\n"
            "h = 1 / (1 + np.exp(-z))\n"
            "yhat = w @ h\n"
            "r = yhat - y\n"
            "dw = r * h\n"
            "S = h * (1 - h)\n"
            "v = w * S\n"
            "dW = r * np.outer(v, x)"
        ),
        hints=(
            "Go forward first and keep h. Then ask what each weight multiplies.",
            "w_c multiplies h_c: dL/dw_c = r h_c with r = yhat - y."
            " W_cj reaches the loss through unit c only: four factors, r, w_c, the"
            " slope of the unit, and x_j.",
            "r = yhat - y; dw = r h; v = w * h * (1 - h); dW = r * outer(v, x).",
        ),
        loss=half_squared_loss,
    ),
    Exercise(
        id="one_hidden_backward",
        lesson="07",
        title="A batch, with biases: the whole backward pass",
        points=6,
        formulas=("M6",),
        arguments=(
            real("X", "N D"),
            real("Y", "N K"),
            parameters("params", W1="D H", b1="H", W2="H K", b2="K"),
        ),
        truth=parameter_gradients(
            batch_loss, ("X", "Y", "params"), layers=squared_layers(sigmoid)
        ),
        order=("dW2", "db2", "dW1", "db1"),
        worked=(
            "Z1 = X @ W1 + b1\n"
            "A1 = 1 / (1 + np.exp(-Z1))\n"
            "Yhat = A1 @ W2 + b2\n"
            "dZ2 = 2 * (Yhat - Y) / N\n"
            "dW2 = A1.T @ dZ2\n"
            "db2 = dZ2.sum(axis=0)\n"
            "dA1 = dZ2 @ W2.T\n"
            "S1 = A1 * (1 - A1)\n"
            "dZ1 = dA1 * S1\n"
            "dW1 = X.T @ dZ1\n"
            "db1 = dZ1.sum(axis=0)"
        ),
        hints=(
            "Forward first, keeping A1. Then back one box at a time, dZ2 first.",
            "dZ2 = 2 (Yhat - Y) / N. A weight gradient is (what came in).T @ (dZ), a"
            " bias gradient sums dZ over the examples, and dA1 = dZ2 @ W2.T.",
            "dW2 = A1.T @ dZ2; db2 = dZ2.sum(axis=0); dA1 = dZ2 @ W2.T;"
            " dZ1 = dA1 * A1 * (1 - A1); dW1 = X.T @ dZ1; db1 = dZ1.sum(axis=0).",
        ),
        loss=batch_loss,
        answers=("backproplab.network.gradients",),
        styles=DEFAULT_STYLES,
    ),
    Exercise(
        id="residual",
        lesson="07",
        title="Another loss changes only r",
        points=3,
        formulas=("U5",),
        arguments=(
            real("yhat"),
            real("y"),
            fixed("loss", "half_squared", "squared", "absolute", "huber", "logistic"),
        ),
        truth=gradients(named_loss, ("yhat", "y", "loss"), "yhat"),
        returns="r",
        worked=_worked_residual,
        hints=(
            "r is dL/dyhat: how the loss moves when only the prediction moves.",
            "Differentiate each loss for itself: half squared, squared, absolute,"
            " Huber (like half squared inside, like absolute outside), logistic.",
            "half_squared: yhat - y; squared: 2 (yhat - y); absolute: the sign of"
            " yhat - y; huber: yhat - y cut to [-1, 1]; logistic:"
            " -y / (1 + exp(y yhat)).",
        ),
        styles=("float32",),
        extra=_residual_cases,
    ),
    Exercise(
        id="ubc_phases",
        lesson="07",
        title="Two phases: compute r and v once",
        points=4,
        formulas=("U4",),
        arguments=PHASES_ARGUMENTS,
        truth=_phases_truth,
        draw=_phases_draw,
        letters=("D", "K"),
        order=("r", "dw", "v", "dW"),
        worked=(
            "z = W @ x\n"
            "a = h(z)\n"
            "r = w @ a - y\n"
            "dw = r * a\n"
            "S = dh(z)\n"
            "v = w * S\n"
            "dW = r * np.outer(v, x)"
        ),
        hints=(
            "Forward phase: z, h(z), then r. Backward phase: dw, then v, then dW.",
            "v does not contain r: v_c = w_c h'(z_c). Call dh once, on the vector z.",
            "z = W @ x; a = h(z); r = w @ a - y; dw = r * a; v = w * dh(z);"
            " dW = r * outer(v, x).",
        ),
        audit=_evaluated_once,
    ),
    Exercise(
        id="factors_M6",
        lesson="07",
        title="Factor by factor, with biases",
        points=5,
        formulas=("M6",),
        arguments=(
            real("x", "D"),
            real("y"),
            weight("W", "K D"),
            weight("b", "K"),
            weight("theta", "K"),
            weight("c", ""),
        ),
        truth=gradients(
            michigan_loss,
            ("x", "y", "W", "b", "theta", "c"),
            {
                "dyhat": "yhat",
                "dtheta": "theta",
                "dc": "c",
                "dh": "h",
                "dW": "W",
                "db": "b",
            },
        ),
        order=("dyhat", "dtheta", "dc", "dh", "db", "dW"),
        worked=(
            "z = W @ x + b\n"
            "h = np.tanh(z)\n"
            "yhat = theta @ h + c\n"
            "dyhat = 2 * (yhat - y)\n"
            "dtheta = dyhat * h\n"
            "dc = dyhat\n"
            "dh = dyhat * theta\n"
            "S = 1 - h * h\n"
            "db = dh * S\n"
            "dW = np.outer(db, x)"
        ),
        hints=(
            "Start at the loss and take one step at a time: dyhat first.",
            "Each quantity is the one after it times one local derivative:"
            " dtheta_j = dyhat h_j, dh_j = dyhat theta_j, db_j = dh_j tanh'(z_j).",
            "dyhat = 2 (yhat - y); dtheta = dyhat h; dc = dyhat; dh = dyhat theta;"
            " db = dh * (1 - h^2); dW = outer(db, x).",
        ),
        loss=michigan_loss,
        nodes={"dyhat": "yhat", "dh": "h"},
    ),
    Exercise(
        id="grad_cs221",
        lesson="07",
        title="The same network in CS221's letters",
        points=3,
        formulas=("S7",),
        arguments=(
            real("phi", "D"),
            real("y"),
            weight("V", "K D"),
            weight("w", "K"),
        ),
        truth=gradients(cs221_loss, ("phi", "y", "V", "w"), ("w", "V")),
        returns=("dw", "dV"),
        order=("dw", "dV"),
        worked=(
            "z = V @ phi\n"
            "h = 1 / (1 + np.exp(-z))\n"
            "residual = w @ h - y\n"
            "dw = 2 * residual * h\n"
            "S = h * (1 - h)\n"
            "v = w * S\n"
            "dV = 2 * residual * np.outer(v, phi)"
        ),
        hints=(
            "The loss has no 1/2 here. What does that do to every gradient?",
            "dw = 2 r h. For V, the vector w * h * (1 - h) meets phi.",
            "dw = 2 r h; dV = 2 r outer(w * h * (1 - h), phi).",
        ),
        loss=cs221_loss,
    ),
)
