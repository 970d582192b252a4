"""Exercises of lesson 13: training (M4, N4, N7, S1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from autograder.exercises.draw import Argument, parameters, weight
from autograder.exercises.exercise import Exercise
from autograder.exercises.truth import values

SHAPES = {"W1": "D H", "b1": "H", "W2": "H K"}


def stepped(params: Any, grads: Any, lr: Any) -> Any:
    """N4: every parameter moves against its gradient."""
    return {name: value - lr * grads[f"d{name}"] for name, value in params.items()}


def _draw(rng: np.random.Generator, sizes: Mapping[str, int], style: str) -> tuple:
    params = parameters("params", **SHAPES).draw(rng, sizes, style)
    grads = {
        f"d{name}": weight("", shape).draw(rng, sizes, style)
        for name, shape in SHAPES.items()
    }
    lr = 1 if style == "integer" else float(rng.uniform(0.05, 0.7))
    return params, grads, lr


EXERCISES = (
    Exercise(
        id="sgd_step",
        lesson="13",
        title="One step downhill",
        points=2,
        formulas=("N4", "M4", "S1"),
        arguments=(
            Argument("params", kind="dict"),
            Argument("grads", kind="dict"),
            Argument("lr", kind="positive"),
        ),
        draw=_draw,
        letters=("D", "H", "K"),
        truth=values(stepped),
        may_change_arguments=True,
        worked="\n".join(f"new_{name} = {name} - lr * d{name}" for name in SHAPES),
        answers=("backproplab.training.sgd_step",),
        hints=(
            "The gradient points uphill.",
            'For each name: the old value minus lr times grads["d" + name].',
            'return {name: p - lr * grads["d" + name] for name, p in params.items()}',
        ),
    ),
)
