"""Exercises of lesson 05: the linear layer (M9, M5, N6)."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.exercises.draw import real, weight
from autograder.exercises.exercise import Exercise
from autograder.exercises.truth import Tap, gradients, keep, values


def linear(X: Any, W: Any, b: Any) -> Any:
    """Z = X W + b."""
    return X @ W + b


def linear_loss(dZ: Any, X: Any, W: Any, tap: Tap = keep) -> Any:
    """The loss that passes dZ to a linear layer: sum of dZ (X W + b)."""
    return np.sum(dZ * (X @ W + tap("b", np.zeros(W.shape[1]))))


EXERCISES = (
    Exercise(
        id="linear_forward",
        lesson="05",
        title="A linear layer, forward",
        points=1,
        formulas=("M9",),
        arguments=(real("X", "N D"), weight("W", "D H"), weight("b", "H")),
        truth=values(linear),
        returns="Z",
        worked="Z = X @ W + b",
        answers=("backproplab.layers.linear_forward",),
        hints=(
            "Rows of X are examples. Which product turns D numbers into H?",
            "X @ W has one row per example; b is added to each of them.",
            "Z = X @ W + b.",
        ),
    ),
    Exercise(
        id="linear_backward",
        lesson="05",
        title="A linear layer, backward",
        points=4,
        formulas=("M9", "M5"),
        arguments=(real("dZ", "N H"), real("X", "N D"), weight("W", "D H")),
        truth=gradients(linear_loss, ("dZ", "X", "W"), ("X", "W", "b")),
        returns=("dX", "dW", "db"),
        order=("dX", "dW", "db"),
        loss=linear_loss,
        nodes={"db": "b"},
        answers=("backproplab.layers.linear_backward",),
        worked="dX = dZ @ W.T\ndW = X.T @ dZ\ndb = dZ.sum(axis=0)",
        hints=(
            "Take one entry: W_jk meets X_nj in every example n. What does it get?",
            "dW_jk = sum over n of X_nj dZ_nk. Read that as a matrix product. One bias"
            " serves all examples.",
            "dX = dZ @ W.T; dW = X.T @ dZ; db = dZ.sum(axis=0).",
        ),
    ),
)
