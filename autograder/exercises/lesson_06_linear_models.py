"""Exercises of lesson 06: linear models (S6, N7, N10, S9)."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.exercises.draw import Argument, real
from autograder.exercises.exercise import Exercise, Extra
from autograder.exercises.truth import Tap, gradients, keep


def hinge(w: Any, phi: Any, y: Any, tap: Tap = keep) -> Any:
    """S6: max(1 - (w . phi) y, 0)."""
    gap = 1 - (w @ phi) * y
    return np.where(np.real(gap) > 0, gap, 0.0)


def ridge(X: Any, y: Any, w: Any, lam: Any, tap: Tap = keep) -> Any:
    """Mean squared error with a penalty: mean (X w - y)^2 + lam w . w."""
    residual = X @ w - y
    return np.sum(residual**2) / len(X) + lam * (w @ w)


def _margins(rng: np.random.Generator) -> list[Extra]:
    """Margins below 0, between 0 and 1, exactly 1, and above 1; both labels."""
    cases: list[Extra] = []
    for margin in (-1.3, 0.4, 0.95, 1.05, 2.5, -0.2):
        for y in (-1, 1):
            size = int(rng.integers(2, 6))
            phi = rng.choice([-1.0, 1.0], size) * rng.uniform(0.3, 1.7, size)
            w = rng.choice([-1.0, 1.0], size) * rng.uniform(0.3, 1.7, size)
            w += (margin * y - w @ phi) * phi / (phi @ phi)
            style = "generic" if margin < 1 else "inactive"
            cases.append((style, (w, phi, y), {}))
    for y in (-1, 1):
        w = np.array([1.0 * y, 0.0, 2.0])
        cases.append(("margin exactly 1", (w, np.array([1.0, 2.0, 0.0]), y), {}))
    cases.append(("integer", (np.array([1, -2]), np.array([2, 2]), -1), {}))
    cases.append(("integer", (np.array([1, -2]), np.array([2, 2]), 1), {}))
    return cases


EXERCISES = (
    Exercise(
        id="hinge_loss_grad",
        lesson="06",
        title="The gradient of the hinge loss",
        points=3,
        formulas=("S6",),
        arguments=(real("w", "D"), real("phi", "D"), Argument("y", kind="sign")),
        truth=gradients(hinge, ("w", "phi", "y"), "w", kinks=True),
        returns="dw",
        styles=(),
        extra=_margins,
        loss=hinge,
        worked=("margin = (w @ phi) * y\nmask = margin < 1\ndw = -phi * y * mask"),
        hints=(
            "When does the loss move at all if w moves a little?",
            "margin = (w.phi) y. Below 1 the loss is 1 - margin; above 1 it is flat.",
            "dw = -phi * y * (margin < 1).",
        ),
    ),
    Exercise(
        id="ridge_grad",
        lesson="06",
        title="Least squares with a penalty",
        points=3,
        formulas=("N10", "N7"),
        arguments=(
            real("X", "N D"),
            real("y", "N"),
            real("w", "D"),
            Argument("lam", kind="positive"),
        ),
        truth=gradients(ridge, ("X", "y", "w", "lam"), "w"),
        returns="dw",
        loss=ridge,
        worked="r = X @ w - y\ndw = 2 * (X.T @ r) / N + 2 * lam * w",
        hints=(
            "Two things depend on w. Take them one at a time and add.",
            "The data part: 2/N times X.T @ (X w - y). The penalty part has no 1/N.",
            "dw = 2 X.T @ (X @ w - y) / N + 2 lam w.",
        ),
    ),
)
