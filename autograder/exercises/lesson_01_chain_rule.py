"""Exercises of lesson 01: the chain rule on a line (N1, N2, S5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from autograder.exercises.draw import real
from autograder.exercises.exercise import Exercise
from autograder.exercises.truth import gradients


def nested(x: Any) -> Any:
    """N2: h(x) = exp((2 x + 3)^2)."""
    return np.exp((2 * x + 3) ** 2)


def _near_the_bottom(
    rng: np.random.Generator, sizes: Mapping[str, int], style: str
) -> tuple[Any]:
    """x where 2x + 3 is neither 0 (the slope would vanish) nor large."""
    if style == "integer":
        return (int(rng.choice([-2, -1])),)
    x = -1.5 + float(rng.choice([-1, 1]) * rng.uniform(0.25, 0.7))
    return (np.float32(x),) if style == "float32" else (x,)


EXERCISES = (
    Exercise(
        id="nested_derivative",
        lesson="01",
        title="Three functions inside each other",
        points=3,
        formulas=("N2",),
        arguments=(real("x"),),
        truth=gradients(nested, ("x",), "x"),
        returns="dx",
        draw=_near_the_bottom,
        styles=("generic", "more", "another", "integer", "float32"),
        loss=nested,
        nodes={"dx": "x"},
        worked=(
            "t = 2 * x + 3\n"
            "g = t ** 2\n"
            "S_exp = np.exp(g)\n"
            "S_square = 2 * t\n"
            "S_line = 2 + 0 * x\n"
            "dx = S_exp * S_square * S_line"
        ),
        hints=(
            "There are three boxes: t = 2x + 3, then g = t^2, then h = e^g.",
            "Each box has its own slope, taken at what that box receives: 2, 2t, e^g.",
            "h'(x) = e^(t^2) * 2t * 2 = 4 (2x + 3) e^((2x + 3)^2).",
        ),
    ),
)
