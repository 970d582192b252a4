"""Exercises of lesson 10: three hidden layers and the price (U7, U8, U9, S1)."""

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
from backproplab.neurons import sigmoid


def three_hidden_loss(
    X: Any, Y: Any, params: Mapping[str, Any], tap: Tap = keep
) -> Any:
    """U7 for a batch: sigma hidden layers, linear output, squared loss."""
    return network_loss(X, Y, params, sigmoid, tap)


EXERCISES = (
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
        truth=parameter_gradients(three_hidden_loss, ("X", "Y", "params")),
        order=order(4),
        loss=three_hidden_loss,
        worked=forward_lines(4, "sigmoid") + backward_lines(4, "sigmoid"),
        answers=("backproplab.network.gradients",),
        hints=(
            "Four backward steps, one per weight matrix; each reuses the one before.",
            "dZl = (dZ(l+1) @ W(l+1).T) * A_l (1 - A_l), starting from"
            " dZ4 = 2 (A4 - Y)/N.",
            "With dZ4, dZ3, dZ2, dZ1 in hand: dWl = A(l-1).T @ dZl and"
            " dbl = dZl.sum(axis=0), with A0 = X.",
        ),
    ),
)
