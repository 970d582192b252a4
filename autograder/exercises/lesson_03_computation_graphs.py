"""Exercises of lesson 03: backward values on a graph (S2, S4, S8, M11)."""

from __future__ import annotations

from typing import Any

from autograder.exercises.draw import Argument, real
from autograder.exercises.exercise import Exercise
from autograder.exercises.truth import Reference, Tap, gradients, keep, slope


def squared_residual(w: Any, phi: Any, y: Any, tap: Tap = keep) -> Any:
    """S8: (w . phi - y)^2, node by node."""
    score = tap("score", w @ phi)
    residual = tap("residual", score - y)
    return tap("loss", residual**2)


def with_penalty(w: Any, phi: Any, y: Any, lam: Any, tap: Tap = keep) -> Any:
    """S8 with fan-out at w: (w . phi - y)^2 + lam w . w."""
    score = tap("score", w @ phi)
    residual = tap("residual", score - y)
    penalty = tap("penalty", lam * tap("square", w @ w))
    return tap("loss", residual**2 + penalty)


SHARED_NAMES = ("w", "phi", "y", "lam")
SHARED_NODES = ("loss", "residual", "score", "w", "phi", "y", "penalty", "lam")


def _shared_truth(*args: Any) -> dict[str, Reference]:
    found = {n: slope(with_penalty, SHARED_NAMES, args, n) for n in SHARED_NODES}
    # Who calls w . w the penalty, not lam w . w, gets lam: both are fair readings.
    square = slope(with_penalty, SHARED_NAMES, args, "square").value
    found["penalty"] = Reference(found["penalty"].value, also=square)
    return found


WORKED = (
    "score = w @ phi\n"
    "residual = score - y\n"
    "g_loss = 1.0 + 0 * score\n"
    "g_residual = g_loss * 2 * residual\n"
    "g_score = g_residual * 1\n"
    "g_y = -g_residual\n"
    "g_phi = g_score * w\n"
)

EXERCISES = (
    Exercise(
        id="graph_backward",
        lesson="03",
        title="Every backward value of (w . phi - y)^2",
        points=4,
        formulas=("S8", "S4", "M11"),
        arguments=(real("w", "D"), real("phi", "D"), real("y")),
        truth=gradients(
            squared_residual,
            ("w", "phi", "y"),
            {n: n for n in ("loss", "residual", "score", "w", "phi", "y")},
        ),
        order=("loss", "residual", "score", "y", "phi", "w"),
        loss=squared_residual,
        nodes={"residual": "residual", "score": "score", "loss": "loss"},
        worked=WORKED + "g_w = g_score * phi",
        hints=(
            "Start at the root: how does the loss move when the loss moves?",
            "Each node: (what its consumer received) times (the local slope there)."
            " The square gives 2 residual; minus gives 1 and -1; the dot product"
            " gives the other vector.",
            "loss: 1; residual: 2 residual; score: the same; y: minus the same;"
            " w: 2 residual phi; phi: 2 residual w.",
        ),
    ),
    Exercise(
        id="graph_backward_shared",
        lesson="03",
        title="The same with a penalty: w has two consumers",
        points=5,
        formulas=("S8", "M11"),
        arguments=(
            real("w", "D"),
            real("phi", "D"),
            real("y"),
            Argument("lam", kind="positive"),
        ),
        truth=_shared_truth,
        order=("loss", "penalty", "residual", "score", "y", "lam", "phi", "w"),
        loss=with_penalty,
        nodes={n: n for n in ("residual", "score", "loss", "penalty")},
        worked=WORKED
        + (
            "g_penalty = g_loss * 1\n"
            "g_lam = g_penalty * (w @ w)\n"
            "g_w = g_score * phi + g_penalty * lam * 2 * w"
        ),
        hints=(
            "w feeds two nodes now. How many arrows leave it?",
            "Follow each arrow for itself, then add what comes back along both.",
            "loss 1, penalty 1 (it is lam w.w), lam: w.w, and"
            " w: 2 residual phi + 2 lam w.",
        ),
    ),
)
