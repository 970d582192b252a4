"""Exercises of lesson 08: softmax and cross entropy (M8, U10)."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.exercises.draw import Argument, real
from autograder.exercises.exercise import Exercise, Extra
from autograder.exercises.truth import Reference, Tap, keep, slope


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


EXERCISES = (
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
)
