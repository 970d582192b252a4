"""The curves of the activation lens, each with its slope and a question about it.

Slopes come from the library's backward functions, or for a learner's own function from
finite differences.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from backproplab import neurons
from backproplab.finite_differences import gradient

REACH, SAMPLES = 7.0, 113
FLAT = 0.05  # a slope below this share of the steepest one counts as saturated
OTHERS = (0.0, -1.0)  # softmax: the two scores that stay where they are

QUESTIONS: dict[str, tuple[str, float, str]] = {
    "sigmoid": (
        "At which z is the sigmoid steepest?",
        0.0,
        "At z = 0, where a = 0.5 and a (1 − a) = 0.25: the largest slope it ever has.",
    ),
    "tanh": (
        "How steep is tanh at its steepest?",
        1.0,
        "1 − a² is largest where a = 0, and is 1 there: four times the sigmoid's.",
    ),
    "relu": (
        "Which slope will we use for the ReLU exactly at z = 0?",
        0.0,
        "We use 0. The kink has no slope of its own: every value from 0 to 1 is right.",
    ),
    "linear": (
        "What is the slope of the linear neuron at z = 100?",
        1.0,
        "1, there as everywhere: it never saturates, and it never bends.",
    ),
    "threshold": (
        "The threshold jumps at z = 0. What is its slope at z = 0.5?",
        0.0,
        "0, wherever there is a slope: no gradient ever reaches w, b or x.",
    ),
    "softmax": (
        "z₁ moves, p₁, p₂ and p₃ move with it. What is the sum of their three slopes?",
        0.0,
        "0. The probabilities always sum to 1, so what one gains the others lose.",
    ),
}

# What is written beside the two axes: of the value, of the slope.
TICKS = {
    "sigmoid": ([0, 0.5, 1], [0, 0.25]),
    "tanh": ([-1, 0, 1], [0, 1]),
    "relu": ([0, 4], [0, 1]),
    "linear": ([-4, 0, 4], [0, 1]),
    "threshold": ([0, 1], [0, 1]),
    "softmax": ([0, 0.5, 1], [-0.25, 0, 0.25]),
}

FROM_OUTPUT = {
    "sigmoid": "f′(z) = a (1 − a)",
    "tanh": "f′(z) = 1 − a²",
    "relu": "f′(z) = 1 where z > 0, else 0",
    "linear": "f′(z) = 1",
    "threshold": "f′(z) = 0",
    "softmax": "∂p₁/∂z₁ = p₁ (1 − p₁)",
}


def _softmax(z: np.ndarray) -> np.ndarray:
    """The probabilities of three scores, of which the first is z."""
    scores = np.stack([z, *(np.full_like(z, other) for other in OTHERS)], axis=-1)
    return neurons.softmax(scores)


class Curve:
    """A function and its slope; softmax has three of each, the others one."""

    def __init__(self, name: str, own: Callable[[Any], Any] | None = None) -> None:
        self.name, self.own = name, own

    def values(self, z: Any) -> np.ndarray:
        """a at every z, (..., outputs)."""
        z = np.asarray(z, dtype=float)
        if self.own is not None:
            return np.vectorize(self._call, otypes=[float])(z)[..., None]
        if self.name == "softmax":
            return _softmax(z)
        if self.name == "threshold":
            return neurons.threshold(z)[..., None]
        return neurons.ACTIVATIONS[self.name][0](z)[..., None]

    def slopes(self, z: Any) -> np.ndarray:
        """da/dz at every z, (..., outputs)."""
        z = np.asarray(z, dtype=float)
        if self.own is not None:
            return np.vectorize(self._measured, otypes=[float])(z)[..., None]
        if self.name == "softmax":
            return _softmax_slopes(z)
        if self.name == "threshold":
            return np.zeros((*z.shape, 1))
        a, backward = self.values(z)[..., 0], neurons.ACTIVATIONS[self.name][1]
        return backward(np.ones_like(z), z, a)[..., None]

    def _call(self, z: float) -> float:
        assert self.own is not None
        try:
            value: np.ndarray = np.asarray(self.own(np.float64(z)), dtype=float)
        except Exception as problem:
            raise ValueError(
                f"{self.name}({z:g}) raised {type(problem).__name__}: {problem}"
            ) from None
        if value.size != 1 or not np.isfinite(value).all():
            raise ValueError(
                f"{self.name}({z:g}) should be one finite number, got {value}"
            )
        return float(value.reshape(()))

    def _measured(self, z: float) -> float:
        return float(gradient(self._call, float(z), method="real").value)

    def state(self) -> dict[str, Any]:
        """The sampled curve, where it is saturated, and its question."""
        z = np.linspace(-REACH, REACH, SAMPLES)
        a, slope = self.values(z), self.slopes(z)
        ends = [sorted({0.0, float(e.min()), float(e.max())}) for e in (a, slope)]
        question, truth, reveal = QUESTIONS.get(self.name, ("", None, ""))
        return {
            "a": a.T,
            "slope": slope.T,
            "ticks": TICKS.get(self.name, ends),
            "flat": _flat(z, np.abs(slope[:, 0])),
            "rule": FROM_OUTPUT.get(self.name, "f′(z) measured: finite differences"),
            "question": question or f"At which z is {self.name} steepest?",
            "label": "z =" if "At which z" in question or not question else "value",
            "truth": float(z[np.abs(slope[:, 0]).argmax()]) if truth is None else truth,
            "reveal": reveal,
        }


def _softmax_slopes(z: np.ndarray) -> np.ndarray:
    """dp_k/dz_1 for k = 1, 2, 3: one backward pass for each probability."""
    P = _softmax(z)
    rows = [
        neurons.softmax_backward(np.broadcast_to(unit, P.shape), P)[..., 0]
        for unit in np.eye(P.shape[-1])
    ]
    return np.stack(rows, axis=-1)


def _flat(z: np.ndarray, steepness: np.ndarray) -> list[list[float]]:
    """Stretches of z in which the slope is nearly nothing beside the steepest."""
    low = steepness <= FLAT * steepness.max() if steepness.any() else steepness == 0
    edges = np.flatnonzero(np.diff(np.concatenate([[0], low.astype(int), [0]])))
    starts, ends = edges[::2], edges[1::2] - 1
    return [[float(z[a]), float(z[b])] for a, b in zip(starts, ends, strict=True)]
