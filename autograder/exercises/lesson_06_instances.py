"""Inputs for the exercises of lesson 06: tables, walks, batches, margins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from autograder.exercises.exercise import Extra

THREE_POINTS = (
    np.array([[1.0, -1.0], [1.0, 0.0], [1.0, 1.0]]),
    np.array([0.0, 1.0, 5.0]),
)
# Margins -1, 0 and 3; the first case that fails is the one shown.
ON_PAPER = (
    ("paper", [1.0, -2.0], [3.0, 1.0], -1),
    ("paper", [2.0, -1.0], [1.0, 2.0], 1),
    ("paper", [2.0, -1.0], [2.0, 1.0], 1),
)


def _spread(rng: np.random.Generator, N: int, D: int) -> np.ndarray:
    return rng.choice([-1.0, 1.0], (N, D)) * rng.uniform(0.3, 1.7, (N, D))


def tables(rng: np.random.Generator) -> list[Extra]:
    """More rows than columns; a square table; columns that are nearly parallel."""
    cases: list[Extra] = [("generic", THREE_POINTS, {"N": 3, "D": 2})]
    for style, N, D in (("generic", 5, 3), ("more", 7, 2), ("one column", 4, 1)):
        args = (_spread(rng, N, D), _spread(rng, N, 1)[:, 0])
        cases.append((style, args, {"N": N, "D": D}))
    X = _spread(rng, 3, 3) + 3 * np.eye(3)
    cases.append(("square", (X, _spread(rng, 3, 1)[:, 0]), {"N": 3, "D": 3}))
    X = _spread(rng, 6, 2)
    X[:, 1] = X[:, 0] + 1e-7 * X[:, 1]
    args = (X, X @ np.array([2.0, -1.0]))
    cases.append(("nearly parallel columns", args, {"N": 6, "D": 2}))
    args = (np.array([[1, -1], [1, 0], [1, 1]]), np.array([0, 1, 5]))
    cases.append(("integer", args, {"N": 3, "D": 2}))
    return cases


def walks(rng: np.random.Generator) -> list[Extra]:
    """Steps that settle, that zigzag, that run away; no step at all."""
    small = (*THREE_POINTS, np.array([1.0, 2.0]), 0.5, 2)
    cases: list[Extra] = [("generic", small, {"N": 3, "D": 2})]
    kinds = (
        ("generic", 5, 3, 0.4, 3),
        ("more", 4, 2, 1.7, 4),
        ("square", 3, 3, 0.9, 3),
        ("one example", 1, 2, 0.5, 2),
        ("too large a step", 4, 2, 2.5, 5),
        ("no step", 3, 2, 0.5, 0),
    )
    for style, N, D, share, steps in kinds:
        X, y, w = _spread(rng, N, D), _spread(rng, N, 1)[:, 0], _spread(rng, D, 1)[:, 0]
        eta = float(share / np.linalg.eigvalsh(X.T @ X)[-1])
        cases.append((style, (X, y, w, eta, steps), {"N": N, "D": D}))
    X, y = np.array([[1, -1], [1, 0], [1, 1]]), np.array([0, 1, 5])
    cases.append(("integer", (X, y, np.array([1, 2]), 0.5, 3), {"N": 3, "D": 2}))
    return cases


def epochs(rng: np.random.Generator) -> list[Extra]:
    """Single examples, equal and unequal batches, the full batch."""
    cases: list[Extra] = []
    kinds = (
        ("generic", 3, [2, 2, 1]),
        ("more", 2, [3, 3]),
        ("square", 3, [1, 2]),
        ("single examples", 2, [1, 1, 1, 1]),
        ("full batch", 3, [4]),
    )
    for style, D, counts in kinds:
        N = sum(counts)
        X, y, w = _spread(rng, N, D), _spread(rng, N, 1)[:, 0], _spread(rng, D, 1)[:, 0]
        batches = np.split(rng.permutation(N), np.cumsum(counts)[:-1])
        eta = float(rng.uniform(0.05, 0.3))
        cases.append((style, (X, y, w, eta, batches), {"N": N, "D": D}))
    return cases


def draw_epoch(
    rng: np.random.Generator, sizes: Mapping[str, int], style: str
) -> tuple[Any, ...]:
    """One epoch in whole numbers, one example a batch: for a case on paper."""
    N, D = sizes["N"], sizes["D"]
    X, y, w = (rng.choice([-1.0, 1.0, 2.0], shape) for shape in ((N, D), N, D))
    return X, y, w, 0.5, [np.array([n]) for n in range(N)]


def orders(rng: np.random.Generator) -> list[Extra]:
    """Sizes that divide the number of rows, and sizes that do not."""
    kinds = (("generic", 7, 3), ("more", 6, 2), ("one piece", 4, 9), ("ones", 3, 1))
    return [(style, (rng.permutation(N), size), {}) for style, N, size in kinds]


def margins(rng: np.random.Generator) -> list[Extra]:
    """Margins below 0, between 0 and 1, exactly 1, and above 1; both labels."""
    cases: list[Extra] = [
        (style, (np.array(w), np.array(phi), y), {}) for style, w, phi, y in ON_PAPER
    ]
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
