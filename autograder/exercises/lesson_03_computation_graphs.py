"""Exercises of lesson 03: computation graphs, both ways (S2, S4, S8, M11)."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.exercises.draw import Argument, fixed, real
from autograder.exercises.exercise import Exercise, Extra
from autograder.exercises.graphs import (
    OPERATIONS,
    backward_lines,
    box,
    forward_lines,
    graphs,
    levels_of,
    truth_of_backward,
    values_of,
)
from autograder.exercises.truth import Reference, Tap, gradients, keep, slope, values


def squared_residual(w: Any, phi: Any, y: Any, tap: Tap = keep) -> Any:
    """S8: (w . phi - y)^2, node by node."""
    score = tap("score", w @ phi)
    residual = tap("residual", score - y)
    return tap("loss", residual**2)


def with_penalty(w: Any, phi: Any, y: Any, lam: Any, tap: Tap = keep) -> Any:
    """S8 with fan-out at w: (w . phi - y)^2 + lam w . w."""
    score = tap("score", w @ phi)
    residual = tap("residual", score - y)
    penalty = tap("penalty", lam * (w @ w))
    return tap("loss", residual**2 + penalty)


SHARED_NAMES = ("w", "phi", "y", "lam")
SHARED_NODES = ("loss", "residual", "score", "w", "phi", "y", "penalty", "lam")


def _shared_truth(*args: Any) -> dict[str, Reference]:
    return {n: slope(with_penalty, SHARED_NAMES, args, n) for n in SHARED_NODES}


def _local_truth(op: str, a: Any, b: Any) -> tuple[Reference, ...]:
    names, kinks = ("op", "a", "b"), op == "max"
    return tuple(slope(box, names, (op, a, b), name, kinks) for name in "ab")


def _local_cases(rng: np.random.Generator) -> list[Extra]:
    """Every building block, both sides of the maximum, and a tie."""

    def number() -> float:
        return float(rng.choice([-1.0, 1.0]) * rng.uniform(0.3, 2.5))

    cases: list[Extra] = [("paper", ("mul", 2.0, -5.0), {})]
    for op in OPERATIONS:
        if op != "dot":
            cases += [(op, (op, number(), number()), {}) for _ in range(2)]
    for a, b in ((3.0, 5.0), (5.0, 3.0), (-1.0, -4.0), (2.0, 2.0)):
        cases.append(("max", ("max", a, b), {}))
    for size in (3, 4):
        vectors = rng.uniform(-2, 2, size), rng.uniform(-2, 2, size)
        cases.append(("dot", ("dot", *vectors), {}))
    return cases


LOCAL_SLOPES = {
    "add": ("one", "one"),
    "sub": ("one", "-one"),
    "mul": ("b", "a"),
    "max": ("(a > b) * 1.0", "(a < b) * 1.0"),
    "square": ("2 * a", "0 * one"),
    "sigmoid": ("s * (1 - s)", "0 * one"),
    "dot": ("b", "a"),
}


def _worked_local(op: str, a: Any, b: Any) -> str:
    by_a, by_b = LOCAL_SLOPES[op]
    forward = "s = 1 / (1 + np.exp(-a))\n" if op == "sigmoid" else ""
    return f"one = 1.0 + 0 * a\n{forward}S = {by_a}\nda = S\ndb = {by_b}"


GRAPH = Argument("graph", kind="graph")
ORDER = Argument("order", kind="list")

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
        id="local_derivatives",
        lesson="03",
        title="The local derivatives of every building block",
        points=3,
        formulas=("S4",),
        arguments=(fixed("op", *OPERATIONS), real("a"), real("b")),
        styles=(),
        extra=_local_cases,
        truth=_local_truth,
        returns=("da", "db"),
        worked=_worked_local,
        hints=(
            "One box at a time: nudge a by e, leave b alone, and ask how far the result"
            " moves.",
            "A sum passes every nudge on; a difference turns the second around; a"
            " product multiplies it by the other input; a maximum listens to one.",
            "add: (1, 1); sub: (1, -1); mul and dot: (b, a); max: (1 if a > b else 0,"
            " 1 if b > a else 0); square: (2a, 0); sigmoid: (s (1 - s), 0) with"
            " s = 1 / (1 + exp(-a)).",
        ),
    ),
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
        answers=("backproplab.graph.walk.backward",),
        worked=WORKED + "g_w = g_score * phi",
        hints=(
            "Start at the root: how does the loss move when the loss moves?",
            "Each node: (its consumer's g) times (the consumer's local derivative)."
            " The square gives 2 residual; minus gives 1 and -1; the dot product"
            " gives the other vector.",
            "loss: 1; residual: 2 residual; score: the same; y: minus the same;"
            " w: 2 residual phi; phi: 2 residual w.",
        ),
    ),
    Exercise(
        id="forward_values",
        lesson="03",
        title="Forward: from the leaves to the root",
        points=2,
        formulas=("S8",),
        arguments=(GRAPH, Argument("leaves", kind="dict"), ORDER),
        styles=(),
        extra=lambda rng: [
            (s, (g, leaves, sorted(g, key=levels_of(g).__getitem__)), {})
            for s, g, leaves in graphs(rng)
        ],
        truth=values(values_of),
        worked=forward_lines,
        hints=(
            "Begin with a copy of the leaves. In this order every input is ready when a"
            " node needs it.",
            "op, *inputs = graph[name] takes a node apart. Leaves have no inputs.",
            "f = dict(leaves); for name in order: op, *inputs = graph[name]; if inputs:"
            " f[name] = BOXES[op](*[f[i] for i in inputs]); return f.",
        ),
    ),
    Exercise(
        id="backward_values",
        lesson="03",
        title="Backward on any graph",
        points=5,
        formulas=("S8", "M11"),
        arguments=(GRAPH, Argument("f", kind="dict"), ORDER),
        styles=(),
        extra=lambda rng: [
            (s, (g, values_of(g, leaves, order), order), {})
            for s, g, leaves in graphs(rng)
            for order in [sorted(g, key=levels_of(g).__getitem__)]
        ],
        truth=truth_of_backward,
        worked=backward_lines,
        hints=(
            "All g start at 0, only the root's is 1. Who may speak first?",
            "Walk through the order backwards. A node sends g[node] times the local"
            " derivative to each of its inputs. There it is added, not written over.",
            "for name in reversed(order): op, *inputs = graph[name]; take the local"
            " derivatives at the values f of the inputs;"
            " g[input] += g[name] * local for each of them.",
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
    Exercise(
        id="levels",
        lesson="03",
        title="Who has to wait for whom",
        points=2,
        formulas=("S2", "S8"),
        arguments=(GRAPH,),
        styles=(),
        extra=lambda rng: [(s, (g,), {}) for s, g, _ in graphs(rng)],
        truth=values(levels_of),
        hints=(
            "A leaf waits for nobody. What does a node wait for?",
            "A node stands one level above the highest of its inputs. The dict may list"
            " a node before its inputs: go round until every node has its level.",
            "level(leaf) = 0; level(node) = 1 + max(level of its inputs), by recursion"
            " with a dict that remembers, or by repeated passes.",
        ),
    ),
)
