"""Exercises of lesson 06: linear models (S6, N4, N7, N10)."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.exercises.draw import Argument, real
from autograder.exercises.exercise import Exercise
from autograder.exercises.lesson_06_instances import (
    draw_epoch,
    epochs,
    margins,
    orders,
    tables,
    walks,
)
from autograder.exercises.truth import (
    Reference,
    Tap,
    as_references,
    gradients,
    keep,
    slope,
    values,
)


def hinge(w: Any, phi: Any, y: Any, tap: Tap = keep) -> Any:
    """S6: max(1 - (w . phi) y, 0)."""
    gap = 1 - (w @ phi) * y
    return np.where(np.real(gap) > 0, gap, 0.0)


def ridge(X: Any, y: Any, w: Any, lam: Any, tap: Tap = keep) -> Any:
    """Mean squared error with a penalty: mean (X w - y)^2 + lam w . w."""
    residual = X @ w - y
    return np.sum(residual**2) / len(X) + lam * (w @ w)


def half_squares(w: Any, X: Any, y: Any, tap: Tap = keep) -> Any:
    """N7: 1/2 sum_n (x_n . w - y_n)^2."""
    residual = tap("residual", X @ w - y)
    return np.sum(residual**2) / 2


def best_line(X: Any, y: Any) -> Any:
    """N10: the w with the smallest sum of squares."""
    return np.linalg.lstsq(X, y, rcond=None)[0]


def _downhill(w: Any, X: Any, y: Any, eta: Any) -> Any:
    """One step against the measured slopes."""
    return w - eta * slope(half_squares, ("w", "X", "y"), (w, X, y), "w").value


def _path(X: Any, y: Any, w: Any, eta: Any, steps: Any) -> Reference:
    path = [np.asarray(w, dtype=float)]
    for _ in range(int(steps)):
        path.append(_downhill(path[-1], X, y, eta))
    return Reference(np.array(path))


def _epoch(X: Any, y: Any, w: Any, eta: Any, batches: Any) -> Reference:
    for rows in (np.asarray(rows, dtype=int) for rows in batches):
        w = _downhill(w, X[rows], y[rows], eta)
    return Reference(np.asarray(w, dtype=float))


def _pieces(order: Any, size: Any) -> Any:
    """N7: consecutive pieces of the shuffled rows; the last one may be shorter."""
    order = np.asarray(order, dtype=float)
    starts = range(0, len(order), int(size))
    return as_references([order[start : start + int(size)] for start in starts])


def _worked_path(X: Any, y: Any, w: Any, eta: Any, steps: Any) -> str:
    lines = ["w0 = 1.0 * w"]
    for k in range(int(steps)):
        lines += [
            f"r{k} = X @ w{k} - y",
            f"dw{k} = X.T @ r{k}",
            f"w{k + 1} = w{k} - eta * dw{k}",
        ]
    places = ", ".join(f"w{k}" for k in range(int(steps) + 1))
    return "\n".join([*lines, f"path = np.array([{places}])"])


def _worked_epoch(X: Any, y: Any, w: Any, eta: Any, batches: Any) -> str:
    lines = ["w0 = 1.0 * w"]
    for k in range(len(batches)):
        lines += [
            f"rows{k} = batches[{k}].astype(int)",
            f"X{k} = X[rows{k}]",
            f"y{k} = y[rows{k}]",
            f"r{k} = X{k} @ w{k} - y{k}",
            f"dw{k} = X{k}.T @ r{k}",
            f"w{k + 1} = w{k} - eta * dw{k}",
        ]
    return "\n".join([*lines, f"new_w = 1.0 * w{len(batches)}"])


EXERCISES = (
    Exercise(
        id="hinge_loss",
        lesson="06",
        title="The hinge loss",
        points=2,
        formulas=("S6",),
        arguments=(real("w", "D"), real("phi", "D"), Argument("y", kind="sign")),
        truth=values(hinge),
        returns="loss",
        styles=(),
        extra=margins,
        worked="margin = (w @ phi) * y\nloss = np.maximum(1 - margin, 0)",
        hints=(
            "Score first, then margin, then the hinge.",
            "The score is w . phi. The margin is the score times y: positive on the"
            " right side.",
            "max(1 - (w @ phi) * y, 0).",
        ),
    ),
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
        extra=margins,
        loss=hinge,
        worked=("margin = (w @ phi) * y\nmask = margin < 1\ndw = -phi * y * mask"),
        hints=(
            "When does the loss move at all if w moves a little?",
            "margin = (w.phi) y. Below 1 the loss is 1 - margin; above 1 it is flat.",
            "dw = -phi * y * (margin < 1).",
        ),
    ),
    Exercise(
        id="least_squares_grad",
        lesson="06",
        title="The gradient of the half squares",
        points=3,
        formulas=("N7", "N10"),
        arguments=(real("w", "D"), real("X", "N D"), real("y", "N")),
        truth=gradients(half_squares, ("w", "X", "y"), "w"),
        returns="dw",
        loss=half_squares,
        worked="r = X @ w - y\ndw = X.T @ r",
        hints=(
            "First the residuals of all rows at once. How many numbers are that?",
            "Row n pushes w_j with r_n X_nj. Add over the rows.",
            "r = X @ w - y; dw = X.T @ r.",
        ),
    ),
    Exercise(
        id="descend",
        lesson="06",
        title="Gradient descent, every place on the way",
        points=4,
        formulas=("N7", "N10", "N4"),
        arguments=(
            real("X", "N D"),
            real("y", "N"),
            real("w", "D"),
            Argument("eta", kind="positive"),
            Argument("steps", kind="fixed", options=(3,)),
        ),
        truth=_path,
        returns="path",
        styles=(),
        extra=walks,
        worked=_worked_path,
        answers=("backproplab.training.descend",),
        hints=(
            "Start a list with w. In each turn, where are you, and which way is down?",
            "The gradient belongs to the *current* place, so it is computed again in"
            " each turn: w = w - eta * (gradient at w).",
            "path = [w]; then steps times: w = w - eta * X.T @ (X @ w - y) and"
            " path.append(w); return np.array(path).",
        ),
    ),
    Exercise(
        id="sgd_epoch",
        lesson="06",
        title="One epoch, batch after batch",
        points=4,
        formulas=("N7",),
        arguments=(
            real("X", "N D"),
            real("y", "N"),
            real("w", "D"),
            Argument("eta", kind="positive"),
            Argument("batches", kind="list"),
        ),
        truth=_epoch,
        returns="w",
        styles=(),
        draw=draw_epoch,
        extra=epochs,
        worked=_worked_epoch,
        hints=(
            "One step per batch, and each step starts where the last one ended.",
            "X[rows] and y[rows] are the examples of one batch; the loss of the step"
            " is the half squares of these rows alone.",
            "for rows in batches: w = w - eta * X[rows].T @ (X[rows] @ w - y[rows]);"
            " then return w.",
        ),
    ),
    Exercise(
        id="batches",
        lesson="06",
        title="Cut the rows into mini-batches",
        points=2,
        formulas=("N7",),
        arguments=(
            Argument("order", kind="order"),
            Argument("size", kind="fixed", options=(2,)),
        ),
        truth=_pieces,
        returns="batches",
        styles=(),
        extra=orders,
        hints=(
            "A piece begins at 0, at size, at 2 * size, and so on.",
            "range(0, len(order), size) gives the beginnings; order[a : a + size] is a"
            " piece, and Python cuts the last one short by itself.",
            "return [order[a : a + size] for a in range(0, len(order), size)]",
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
    Exercise(
        id="closed_form",
        single_is_enough=False,
        lesson="06",
        title="The bottom of the bowl in one line",
        points=2,
        formulas=("N10",),
        arguments=(Argument("X"), Argument("y")),
        truth=values(best_line),
        returns="w",
        styles=(),
        extra=tables,
        worked="w = np.linalg.lstsq(X, y, rcond=None)[0]",
        answers=("backproplab.training.least_squares",),
        hints=(
            "NumPy has a function that finds the w with the smallest sum of squares.",
            "np.linalg.lstsq(X, y, rcond=None) returns four things. The first is w.",
            "return np.linalg.lstsq(X, y, rcond=None)[0]. Inverting X.T @ X squares"
            " every rounding problem; lstsq does not form it.",
        ),
    ),
)
