"""Exercises of lesson 15, the lab: twelve broken backward passes to repair."""

from __future__ import annotations

from typing import Any

from autograder.exercises.deep import (
    backward_lines,
    cached_layers,
    depth,
    forward_lines,
    order,
    squared_layers,
)
from autograder.exercises.draw import Argument, parameters, real, weight
from autograder.exercises.exercise import DEFAULT_STYLES, Exercise
from autograder.exercises.lesson_04_neurons import sigmoid_loss
from autograder.exercises.lesson_15_forward import (
    NAMES,
    cached_net,
    caches,
    column,
    column_truth,
    forked,
    high_scores,
    linear_column,
    relu_layer,
    scores_loss,
    scores_truth,
    sigmoid_net,
    softmax_regression,
    stepped,
    tanh_layer,
    tanh_net,
)
from autograder.exercises.truth import gradients, parameter_gradients
from backproplab.neurons import sigmoid, tanh

ONE_HIDDEN = {"W1": "D H", "b1": "H", "W2": "H K", "b2": "K"}
TWO_HIDDEN = {"W1": "D H", "b1": "H", "W2": "H J", "b2": "J", "W3": "J K", "b3": "K"}


def _any_depth(params: Any, cache: Any, Y: Any) -> str:
    return backward_lines(depth(params), "tanh")


def _step_lines() -> str:
    """The step of a layer stands as early as it can: that is where the slip is."""
    lines = []
    for line in (forward_lines(2, "tanh") + backward_lines(2, "tanh")).split("\n"):
        lines.append(line)
        if line.startswith(("dW", "db")):
            name = line.split()[0][1:]
            lines.append(f"new_{name} = {name} - lr * d{name}")
    return "\n".join(lines)


def _fix(number: int, title: str, **details: Any) -> Exercise:
    return Exercise(
        id=f"fix_{number:02d}", lesson="15", title=title, points=2, **details
    )


SOFTMAX_LINES = "E = np.exp({Z})\nP = E / E.sum(axis=1, keepdims=True)\n"

EXERCISES = (
    _fix(
        1,
        "A value that is used twice",
        formulas=("S8",),
        arguments=(real("a"), real("b")),
        truth=gradients(
            forked, ("a", "b"), {"ds": "s", "dp": "p", "db": "b", "da": "a"}
        ),
        order=("ds", "dp", "db", "da"),
        loss=forked,
        worked=(
            "p = a * b\ns = p + a\nds = 2 * s\ndp = ds\ndb = dp * a\nda = dp * b + ds"
        ),
        hints=(
            "How many arrows leave a? How many of them has g['a'] heard from?",
            "a goes into p and, once more, straight into s.",
            "da = dp * b + ds.",
        ),
    ),
    _fix(
        2,
        "A column minus a row",
        formulas=("N7", "M6"),
        arguments=(real("Yhat"), real("y")),
        draw=column,
        letters=("N",),
        truth=column_truth,
        returns=("loss", "dYhat"),
        worked=(
            "r = Yhat[:, 0] - y\nloss = np.mean(r ** 2)\n"
            "dYhat = 2 * np.mean(r.reshape((N, -1)), axis=1, keepdims=True) / N"
        ),
        hints=(
            "Print the shape of the difference. How many numbers should it have?",
            "Yhat is (N, 1) and y is (N,): their difference is (N, N). Give both the"
            " same shape first.",
            "r = Yhat[:, 0] - y; loss = np.mean(r**2);"
            " dYhat = 2 * r[:, None] / len(y).",
        ),
    ),
    _fix(
        3,
        "A product of the wrong kind",
        formulas=("M9",),
        arguments=(real("x", "D"), real("g", "H"), weight("W", "H D")),
        truth=gradients(linear_column, ("x", "g", "W"), ("W", "x")),
        returns=("dW", "dx"),
        loss=linear_column,
        worked="dW = np.outer(g, x)\ndx = W.T @ g",
        hints=(
            "Compare the shape of dW with the shape of W.",
            "Entry (i, j) of dW is g_i times x_j: a table, not a vector.",
            "dW = np.outer(g, x).",
        ),
    ),
    _fix(
        4,
        "The slope of tanh",
        formulas=("M10",),
        arguments=(real("dA", "N H"), real("Z", "N H")),
        truth=gradients(tanh_layer, ("dA", "Z"), "Z"),
        returns="dZ",
        loss=tanh_layer,
        worked="A = np.tanh(Z)\nS = 1 - A ** 2\ndZ = dA * S",
        hints=(
            "Can the slope of tanh be negative?",
            "1 - A^2 wants the output of the neuron. Z is its input.",
            "dZ = dA * (1 - np.tanh(Z)**2).",
        ),
    ),
    _fix(
        5,
        "A gradient that grows with the batch",
        formulas=("M8", "U10"),
        arguments=(
            real("X", "N D"),
            Argument("Y", "N K", "one hot"),
            weight("W", "D K"),
            weight("b", "K"),
        ),
        truth=gradients(softmax_regression, ("X", "Y", "W", "b"), ("W", "b")),
        returns=("dW", "db"),
        styles=("generic", "one example", "more", "square", "integer", "float32"),
        loss=softmax_regression,
        worked=(
            "Z = X @ W + b\n" + SOFTMAX_LINES.format(Z="Z") + "dZ = (P - Y) / N\n"
            "dW = X.T @ dZ\ndb = dZ.sum(axis=0)"
        ),
        hints=(
            "Copy every example once. Should the gradient of a mean change?",
            "The loss is a mean over the N examples. Where does 1/N enter?",
            "dZ = (P - Y) / len(X).",
        ),
    ),
    _fix(
        6,
        "Probabilities that do not add up",
        formulas=("M8", "M1"),
        arguments=(real("Z", "N K"), Argument("Y", "N K", "one hot")),
        truth=scores_truth,
        returns=("loss", "dZ"),
        order=("loss", "dZ"),
        loss=scores_loss,
        worked=(
            "M = Z - np.max(Z, axis=1, keepdims=True)\n"
            + SOFTMAX_LINES.format(Z="M")
            + "loss = -np.sum(Y * np.log(P)) / N\ndZ = (P - Y) / N"
        ),
        hints=(
            "What should each row of P sum to? What do the columns sum to here?",
            "Rows are examples, so the sum runs along a row: axis 1.",
            "M = Z - Z.max(axis=1, keepdims=True); E = np.exp(M); P = E /"
            " E.sum(axis=1, keepdims=True); loss = -np.mean(np.sum(Y * np.log(P),"
            " axis=1)); dZ = (P - Y) / len(Z).",
        ),
        styles=("generic", "one example", "more", "square", "integer", "float32"),
        extra=high_scores,
    ),
    _fix(
        7,
        "A slope where there is none",
        formulas=("M6",),
        arguments=(
            real("X", "N D"),
            real("Y", "N K"),
            parameters("params", **ONE_HIDDEN),
        ),
        truth=parameter_gradients(sigmoid_net, NAMES, layers=squared_layers(sigmoid)),
        order=order(2),
        loss=sigmoid_net,
        worked=forward_lines(2, "sigmoid") + backward_lines(2, "sigmoid"),
        answers=("backproplab.network.gradients",),
        hints=(
            "Which activation does the output have?",
            "Yhat is linear in A1. Its slope is 1, not Yhat (1 - Yhat).",
            "dZ2 = 2 * (Yhat - Y) / len(X); the rest is right.",
        ),
    ),
    _fix(
        8,
        "Who decides whether a unit was on?",
        formulas=("M10",),
        arguments=(real("dA", "N H"), real("Z", "N H")),
        truth=gradients(relu_layer, ("dA", "Z"), "Z", kinks=True),
        returns="dZ",
        styles=(*DEFAULT_STYLES, "tie"),
        loss=relu_layer,
        worked="S = Z > 0\ndZ = dA * S",
        hints=(
            "Flip the sign of dA. Should other units pass it on than before?",
            "A unit was on if its score was positive in the forward pass.",
            "dZ = dA * (Z > 0).",
        ),
    ),
    _fix(
        9,
        "A layer without its slope",
        formulas=("M7", "L4"),
        arguments=(
            real("X", "N D"),
            real("Y", "N K"),
            parameters("params", **TWO_HIDDEN),
        ),
        truth=parameter_gradients(tanh_net, NAMES, layers=squared_layers(tanh)),
        order=order(3),
        loss=tanh_net,
        worked=forward_lines(3, "tanh") + backward_lines(3, "tanh"),
        answers=("backproplab.network.gradients",),
        hints=(
            "Which gradients are right? The slip is just below the last right one.",
            "dA1 has crossed W2. Before it reaches Z1 it crosses a tanh.",
            "dZ1 = dA1 * (1 - A1**2).",
        ),
    ),
    _fix(
        10,
        "Too early",
        formulas=("M4", "S1"),
        arguments=(
            real("X", "N D"),
            real("Y", "N K"),
            parameters("params", **ONE_HIDDEN),
            Argument("lr", kind="positive"),
        ),
        truth=stepped,
        styles=("generic", "one example", "more", "square", "float32", "narrow"),
        worked=_step_lines(),
        answers=("backproplab.training.sgd_step",),
        hints=(
            "Which weights produced this loss: those before the update or after it?",
            "dA1 must use the old W2. Compute all gradients, then step.",
            "dA1 = dZ2 @ params['W2'].T, before or without touching W2.",
        ),
    ),
    _fix(
        11,
        "Right, but only once",
        formulas=("M10", "N5"),
        arguments=(real("dA", "N H"), Argument("A", "N H", "unit")),
        truth=gradients(sigmoid_loss, ("dA", "A"), "Z"),
        returns="dZ",
        worked="S = A * (1 - A)\ndZ = dA * S",
        hints=(
            "Print dA before and after the call.",
            "dA *= ... writes into the array of the caller.",
            "return dA * A * (1 - A).",
        ),
    ),
    _fix(
        12,
        "Two at once",
        formulas=("L5", "L6"),
        arguments=(
            Argument("params", kind="dict"),
            Argument("cache", kind="dict"),
            Argument("Y"),
        ),
        truth=parameter_gradients(
            cached_net, ("params", "cache", "Y"), layers=cached_layers
        ),
        styles=(),
        extra=caches,
        loss=cached_net,
        worked=_any_depth,
        answers=("backproplab.network.gradients",),
        hints=(
            "Divide yours by the measured one: the same number everywhere. Which?",
            "A sign and a factor. dZ at the top is 2 (A - Y) / N, and 1/N enters once.",
            "dZ = 2 * (cache['AL'] - Y) / len(Y); dWl = A(l-1).T @ dZ without another"
            " 1/N; the same for dbl.",
        ),
    ),
)
