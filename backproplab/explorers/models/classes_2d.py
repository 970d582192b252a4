"""Examples with two inputs and a class each: made here or the learner's own."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from backproplab.datasets import moons, spirals, xor

MOST_CLASSES, MOST_EXAMPLES = 4, 2000


class Examples(NamedTuple):
    """X (N, 2), labels (N,) in 0..classes-1, and the square window they lie in."""

    X: np.ndarray
    labels: np.ndarray
    classes: int
    window: tuple[tuple[float, float], tuple[float, float]]


def _noisy_xor() -> tuple[np.ndarray, np.ndarray]:
    """Fifty examples around each corner of ``xor``."""
    X, Y = xor()
    rng = np.random.default_rng(0)
    spread = 0.16 * rng.standard_normal((200, 2))
    return np.tile(X, (50, 1)) + spread, np.tile(Y.ravel().astype(int), 50)


MADE = {
    "spiral": lambda: spirals(300),
    "moons": lambda: moons(200, noise=0.15, rng=1),
    "xor": _noisy_xor,
}


def made(name: str) -> Examples:
    """The data of this name.  Raises ValueError, listing the names, for another.

    >>> made("moons").X.shape
    (200, 2)
    """
    if name not in MADE:
        raise ValueError(f"unknown data {name!r}; known: {', '.join(MADE)}.")
    return _examples(*MADE[name]())


def own(X: Any, labels: Any) -> Examples:
    """The learner's examples; labels may be 0, 1, ... or one-hot rows.

    Raises ValueError with a sentence for the learner when they cannot be drawn.

    >>> own([[0, 0], [1, 1]], [[1, 0], [0, 1]]).labels.tolist()
    [0, 1]
    """
    try:
        X, labels = np.asarray(X, float), np.asarray(labels)
    except (TypeError, ValueError):
        raise ValueError("X must be an array of numbers with two columns.") from None
    if X.ndim != 2 or X.shape[1] != 2:
        raise ValueError(
            "the picture of the boundary has two directions, so X needs two columns; "
            f"yours is {X.shape}."
        )
    if labels.ndim == 2 and labels.shape[1] > 1:
        labels = labels.argmax(axis=1)
    labels = labels.ravel()
    if len(labels) != len(X) or not len(X):
        raise ValueError(
            "there must be one label for each row of X, and at least one; "
            f"X has {len(X)} rows, there are {len(labels)} labels."
        )
    if len(X) > MOST_EXAMPLES:
        raise ValueError(
            f"at most {MOST_EXAMPLES} examples can be drawn and trained at once; "
            f"X has {len(X)} rows: take X[:{MOST_EXAMPLES}]."
        )
    if not np.isfinite(X).all():
        raise ValueError("X holds a NaN or inf: look where it comes from first.")
    if labels.dtype.kind not in "biuf" or (labels != np.round(labels)).any():
        raise ValueError("labels are whole numbers 0, 1, ... or one-hot rows.")
    labels = labels.astype(int)
    if labels.min() < 0 or labels.max() >= MOST_CLASSES:
        raise ValueError(
            f"labels lie in 0..{MOST_CLASSES - 1} (there are {MOST_CLASSES} colours); "
            f"yours go from {labels.min()} to {labels.max()}."
        )
    return _examples(X, labels)


def _examples(X: np.ndarray, labels: np.ndarray) -> Examples:
    middle = (X.max(axis=0) + X.min(axis=0)) / 2
    reach = 0.56 * float((X.max(axis=0) - X.min(axis=0)).max()) or 1.0
    (a, b), (c, d) = [(float(m - reach), float(m + reach)) for m in middle]
    return Examples(X, labels, max(2, int(labels.max()) + 1), ((a, b), (c, d)))
