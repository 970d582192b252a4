"""Exercises of lesson 08: softmax and cross entropy (M8, U10)."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.exercises.draw import Argument, fixed, real, weight
from autograder.exercises.exercise import DEFAULT_STYLES, Exercise, Extra
from autograder.exercises.truth import (
    Reference,
    Tap,
    gradients,
    keep,
    slope,
    values,
)
from backproplab import neurons


def cross_entropy(Z: Any, Y: Any, tap: Tap = keep) -> Any:
    """M8: the mean over the batch of log sum_k e^(z_k) - sum_k y_k z_k."""
    largest = np.max(np.real(Z), axis=1, keepdims=True)
    total = np.sum(np.exp(Z - largest), axis=1, keepdims=True)
    log_sum = np.log(total) + largest
    return np.sum(Y * (log_sum - Z)) / len(Y)


def _truth(Z: Any, Y: Any) -> tuple[Reference, Reference]:
    loss = np.asarray(np.real(cross_entropy(Z, Y)))
    return Reference(loss), slope(cross_entropy, ("Z", "Y"), (Z, Y), "Z")


def _far_out(rng: np.random.Generator) -> list[Extra]:
    """Scores of a thousand, the true class among the hopeless ones too."""
    cases: list[Extra] = []
    for size in (40.0, 900.0):
        Z = rng.choice([-1.0, 1.0], (4, 3)) * rng.uniform(0.5, 1.0, (4, 3)) * size
        Z[0] = [size, 0.0, -size]
        Y = np.eye(3)[[2, 0, 1, 2]]
        cases.append(("far out", (Z, Y), {"N": 4, "K": 3}))
    return cases


def mean_log_loss(P: Any, Y: Any) -> Any:
    """M8: the mean over the batch of -sum_k y_k log p_k."""
    return -np.sum(Y * np.log(P)) / len(Y)


def log_sum_exp(H: Any) -> Any:
    """M8: log sum_k e^(h_k) of every row."""
    return np.logaddexp.reduce(np.asarray(H, dtype=float), axis=1)


def _probabilities(rng: np.random.Generator, sizes: Any, style: str) -> tuple:
    """Rows that sum to 1, with every entry well above 0, and one-hot targets."""
    N, K = sizes["N"], sizes["K"]
    Y = Argument("Y", "N K", "one hot").draw(rng, sizes, style)
    if style == "paper":
        weights = np.tile([1.0, 3.0, 4.0][:K] if K > 1 else [1.0], (N, 1))
    else:
        weights = rng.uniform(0.3, 1.7, (N, K))
    P = weights / weights.sum(axis=1, keepdims=True)
    return (P.astype(np.float32) if style == "float32" else P), Y


def _grad_logits_truth(P: Any, Y: Any) -> Reference:
    # log P are scores with these probabilities: softmax(log p) = p.
    return slope(cross_entropy, ("Z", "Y"), (np.log(P), Y), "Z")


def classifier_loss(
    X: Any, Y: Any, W: Any, b: Any, activation: str, tap: Tap = keep
) -> Any:
    """M8: cross entropy of the scores f(X W + b), f linear or sigma."""
    Z = tap("Z", X @ W + b)
    H = tap("H", neurons.sigmoid(Z) if activation == "sigmoid" else Z)
    return cross_entropy(H, Y)


def several_outputs_loss(x: Any, y: Any, W1: Any, W2: Any, tap: Tap = keep) -> Any:
    """U10: cross entropy of the scores W2 sigma(W1 x), one example."""
    hidden = neurons.sigmoid(tap("z", W1 @ x))
    scores = tap("scores", W2 @ hidden)
    return cross_entropy(scores[None, :], y[None, :])


def _high_scores(rng: np.random.Generator) -> list[Extra]:
    """Rows of scores around +1000 and around -1000."""
    H = rng.uniform(-2.0, 2.0, (4, 3)) + np.array([[1000.0], [-1000.0], [0.0], [750.0]])
    H[2] = [-900.0, 0.0, 900.0]
    return [("far out", (H,), {"N": 4, "K": 3})]


def _both_activations(rng: np.random.Generator) -> list[Extra]:
    """Linear and sigmoid scores, whatever the other instances drew."""
    sizes = {"N": 4, "D": 2, "K": 3}
    cases: list[Extra] = []
    for activation in ("linear", "sigmoid"):
        drawn = [a.draw(rng, sizes, "generic") for a in CLASSIFIER_ARGUMENTS]
        cases.append(("generic", (*drawn, activation), sizes))
    return cases


CLASSIFIER_ARGUMENTS = (
    real("X", "N D"),
    Argument("Y", "N K", "one hot"),
    weight("W", "D K"),
    weight("b", "K"),
)
PROBABILITY_STYLES = tuple(
    style for style in DEFAULT_STYLES if style not in ("integer", "large", "narrow")
)
CLASSIFIER = ("X", "Y", "W", "b", "activation")


def _worked_classifier(X: Any, Y: Any, W: Any, b: Any, activation: str) -> str:
    sigmoid = activation == "sigmoid"
    scores = "A" if sigmoid else "Z"
    return (
        "Z = X @ W + b\n"
        + ("A = 1 / (1 + np.exp(-Z))\n" if sigmoid else "")
        + f"shift = {scores} - np.max({scores}, axis=1, keepdims=True)\n"
        "E = np.exp(shift)\n"
        "P = E / np.sum(E, axis=1, keepdims=True)\n"
        + (
            "dH = (P - Y) / N\nS = A * (1 - A)\ndZ = dH * S\n"
            if sigmoid
            else "dZ = (P - Y) / N\n"
        )
        + "dW = X.T @ dZ\ndb = dZ.sum(axis=0)"
    )


EXERCISES = (
    Exercise(
        id="cross_entropy",
        lesson="08",
        title="The loss of a guess",
        points=2,
        formulas=("M8",),
        arguments=(real("P", "N K"), Argument("Y", "N K", "one hot")),
        draw=_probabilities,
        truth=values(mean_log_loss),
        returns="loss",
        styles=PROBABILITY_STYLES,
        worked="loss = -np.sum(Y * np.log(P)) / N",
        hints=(
            "One example first: what is the loss when the true class got p = 0.3?",
            "Y is 1 at the true class and 0 elsewhere, so Y * log(P) keeps one number"
            " per row.",
            "loss = -np.sum(Y * np.log(P)) / len(P).",
        ),
    ),
    Exercise(
        id="log_sum_exp",
        lesson="08",
        title="log sum exp, for any scores",
        points=3,
        formulas=("M8",),
        arguments=(real("H", "N K"),),
        truth=values(log_sum_exp),
        returns="value",
        extra=_high_scores,
        worked=(
            "top = np.max(H, axis=1, keepdims=True)\n"
            "shift = H - top\n"
            "sums = np.sum(np.exp(shift), axis=1, keepdims=True)\n"
            "value = np.ravel(top + np.log(sums))"
        ),
        hints=(
            "Take a number out of every score of a row before exp sees it.",
            "log sum e^h = m + log sum e^(h - m) for every m. Which m makes the"
            " largest exponent 0?",
            "m = H.max(axis=1, keepdims=True);"
            " m[:, 0] + np.log(np.exp(H - m).sum(axis=1)).",
        ),
    ),
    Exercise(
        id="grad_logits",
        lesson="08",
        title="The gradient at the scores",
        points=3,
        formulas=("M8",),
        arguments=(real("P", "N K"), Argument("Y", "N K", "one hot")),
        draw=_probabilities,
        truth=_grad_logits_truth,
        returns="dH",
        styles=PROBABILITY_STYLES,
        worked="dH = (P - Y) / N",
        hints=(
            "One row of the mean is 1/N times the loss of one example.",
            "For one example the derivative with respect to score j is p_j - y_j.",
            "dH = (P - Y) / len(P).",
        ),
    ),
    Exercise(
        id="softmax_cross_entropy",
        lesson="08",
        title="Softmax and cross entropy in one step",
        points=5,
        formulas=("M8", "U10"),
        arguments=(real("Z", "N K"), Argument("Y", "N K", "one hot")),
        truth=_truth,
        returns=("loss", "dZ"),
        order=("loss", "dZ"),
        loss=cross_entropy,
        extra=_far_out,
        answers=("backproplab.losses.softmax_cross_entropy",),
        worked=(
            "shift = Z - np.max(Z, axis=1, keepdims=True)\n"
            "E = np.exp(shift)\n"
            "total = np.sum(E, axis=1, keepdims=True)\n"
            "P = E / total\n"
            "log_P = shift - np.log(total)\n"
            "loss = -np.sum(Y * log_P) / N\n"
            "dZ = (P - Y) / N"
        ),
        hints=(
            "Write the loss with the scores, not with p: log sum e^z - z_true.",
            "The derivative of log sum e^z with respect to z_k is p_k. What is left"
            " of the second term?",
            "shift = Z - row max; log P = shift - log(sum of exp(shift));"
            " loss = -sum(Y log P)/N; dZ = (P - Y)/N.",
        ),
    ),
    Exercise(
        id="classifier_backward",
        lesson="08",
        title="One layer to probabilities",
        points=5,
        formulas=("M8",),
        arguments=(*CLASSIFIER_ARGUMENTS, fixed("activation", "linear", "sigmoid")),
        truth=gradients(classifier_loss, CLASSIFIER, ("W", "b")),
        returns=("dW", "db"),
        order=("db", "dW"),
        loss=classifier_loss,
        extra=_both_activations,
        worked=_worked_classifier,
        hints=(
            "The scores are H = f(Z). Backward starts at H: what is dL/dH?",
            "dH = (P - Y) / N. Between Z and H lies f: its slope is 1, or H (1 - H).",
            "dZ = dH for linear scores, dH * H * (1 - H) for sigmoid scores;"
            " dW = X.T @ dZ; db = dZ.sum(axis=0).",
        ),
    ),
    Exercise(
        id="several_outputs",
        lesson="08",
        title="Several outputs: w becomes a matrix",
        points=4,
        formulas=("U10",),
        arguments=(
            real("x", "D"),
            Argument("y", "K", "one hot"),
            weight("W1", "H D"),
            weight("W2", "K H"),
        ),
        truth=gradients(
            several_outputs_loss,
            ("x", "y", "W1", "W2"),
            {"r": "scores", "dW2": "W2", "a": "z", "dW1": "W1"},
        ),
        order=("r", "dW2", "a", "dW1"),
        loss=several_outputs_loss,
        nodes={"r": "scores", "a": "z"},
        worked=(
            "z = W1 @ x\n"
            "h = 1 / (1 + np.exp(-z))\n"
            "scores = W2 @ h\n"
            "E = np.exp(scores - np.max(scores))\n"
            "P = E / np.sum(E)\n"
            "r = P - y\n"
            "dW2 = np.outer(r, h)\n"
            "S = h * (1 - h)\n"
            "dh = (r[None, :] @ W2)[0]\n"
            "g_a = dh * S\n"
            "dW1 = np.outer(g_a, x)"
        ),
        hints=(
            "r is now a vector, one number per class: the gradient at the scores.",
            "Hidden unit c feeds all K scores, so its K contributions r_k W2_kc are"
            " added before the slope h_c (1 - h_c) multiplies them.",
            "r = softmax(W2 @ h) - y; dW2 = outer(r, h); a = (r @ W2) * h * (1 - h);"
            " dW1 = outer(a, x).",
        ),
    ),
)
