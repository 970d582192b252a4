"""The instances that answers of lesson 14 are tried on."""

from __future__ import annotations

import numpy as np

from autograder.exercises.exercise import Extra
from autograder.exercises.lesson_13_training import draw_classifier


def networks(rng: np.random.Generator) -> list[Extra]:
    """Nets of several depths, with shrinking and with growing signals."""
    kinds = (
        ("generic", 4, (3, 5, 4, 2), 1.0),
        ("more", 3, (4, 2, 6, 5, 3), 1.5),
        ("one example", 1, (2, 4, 3), 1.0),
        ("square", 3, (3, 3, 3, 3), 1.0),
        ("one layer", 5, (3, 4), 1.0),
        ("deep, small weights", 2, (2, 3, 3, 3, 3, 2), 0.3),
    )
    return [
        (style, draw_classifier(rng, widths, N, scale), {"N": N})
        for style, N, widths, scale in kinds
    ]


def noises(rng: np.random.Generator) -> list[Extra]:
    """Every scheme on rectangular and square layers."""
    kinds = (
        ("generic", (4, 7, 3)),
        ("more", (2, 5, 6, 3)),
        ("square", (3, 3, 3)),
        ("narrow", (1, 1)),
    )
    cases: list[Extra] = []
    for style, widths in kinds:
        for scheme in ("xavier", "he", "small", "zeros"):
            noise = {
                f"W{layer}": rng.standard_normal(shape)
                for layer, shape in enumerate(zip(widths, widths[1:], strict=False), 1)
            }
            cases.append((style, (noise, scheme), {}))
    return cases


def long_and_short(rng: np.random.Generator) -> list[Extra]:
    """Gradients above, at and below the limit; several arrays, some zero."""

    def draw(*shape: int) -> np.ndarray:
        return rng.choice([-1.0, 1.0], shape) * rng.uniform(0.3, 1.7, shape)

    def grads(scale: float, *names: str) -> dict[str, np.ndarray]:
        shapes = {"dW1": (4, 3), "db1": (3,), "dW2": (3, 2), "db2": (2,)}
        return {name: scale * draw(*shapes[name]) for name in names}

    every = ("dW1", "db1", "dW2", "db2")
    return [
        ("generic", (grads(3.0, *every), 1.0), {}),
        ("more", (grads(8.0, "dW1", "db1"), 2.5), {}),
        ("gradients below the limit", (grads(0.1, *every), 5.0), {}),
        ("gradients below the limit", (grads(1.0, "dW2", "db2"), 7.0), {}),
        ("large", (grads(1e6, *every), 1.0), {}),
        ("one array", (grads(2.0, "dW2"), 0.5), {}),
        ("all zero", (grads(0.0, *every), 1.0), {}),
    ]


def sums(rng: np.random.Generator) -> list[Extra]:
    """The first and later steps of AdaGrad; eps large enough to be seen."""
    cases: list[Extra] = []
    for style, t, shape in (
        ("generic", 3, (4, 3)),
        ("more", 11, (2, 5)),
        ("first step", 0, (3, 2)),
        ("square", 5, (3, 3)),
    ):
        params, grads, state, lr, _, _, eps = _state(rng, t, shape)
        cases.append((style, (params, grads, {"s": state["v"]}, lr, eps), {}))
    return cases


def states(rng: np.random.Generator) -> list[Extra]:
    """First and later steps, several rates; eps large enough to be seen."""
    kinds = (
        ("generic", 3, (4, 3)),
        ("more", 11, (2, 5)),
        ("first step", 0, (3, 2)),
        ("square", 5, (3, 3)),
        ("late", 400, (2, 3)),
        ("second step", 1, (5, 2)),
    )
    return [(style, _state(rng, t, shape), {}) for style, t, shape in kinds]


def _state(rng: np.random.Generator, t: int, shape: tuple[int, int]) -> tuple:
    def draw(*size: int) -> np.ndarray:
        return rng.choice([-1.0, 1.0], size) * rng.uniform(0.3, 1.7, size)

    shapes = {"W1": shape, "b1": shape[1:]}
    first = t == 0
    state = {
        "t": t,
        "m": {k: np.zeros(s) if first else draw(*s) for k, s in shapes.items()},
        "v": {k: np.zeros(s) if first else draw(*s) ** 2 for k, s in shapes.items()},
    }
    params = {k: draw(*s) for k, s in shapes.items()}
    grads = {f"d{k}": draw(*s) for k, s in shapes.items()}
    lr, eps = float(rng.uniform(0.05, 0.4)), float(rng.uniform(0.02, 0.2))
    beta1, beta2 = float(rng.uniform(0.7, 0.9)), float(rng.uniform(0.9, 0.99))
    return params, grads, state, lr, beta1, beta2, eps
