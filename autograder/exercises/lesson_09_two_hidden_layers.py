"""Exercises of lesson 09: two hidden layers (U6, M7)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autograder.exercises.deep import (
    backward_lines,
    forward_lines,
    layer_shapes,
    network_loss,
    order,
)
from autograder.exercises.draw import parameters, real
from autograder.exercises.exercise import Exercise
from autograder.exercises.truth import Tap, keep, parameter_gradients
from backproplab.neurons import tanh


def two_hidden_loss(X: Any, Y: Any, params: Mapping[str, Any], tap: Tap = keep) -> Any:
    """M7 for a batch: tanh hidden layers, linear output, squared loss."""
    return network_loss(X, Y, params, tanh, tap)


EXERCISES = (
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
        truth=parameter_gradients(two_hidden_loss, ("X", "Y", "params")),
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
