"""Exercises of lesson 14: making deep nets train (S10, M12)."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.exercises.draw import Argument
from autograder.exercises.exercise import Exercise, Extra
from autograder.exercises.truth import values

NAMES = ("params", "grads", "state", "lr", "beta1", "beta2", "eps")
KEYS = ("W1", "b1")


def adam(
    params: Any, grads: Any, state: Any, lr: Any, beta1: Any, beta2: Any, eps: Any
) -> Any:
    """S10: Adam by its definition, eps outside the root, t counts finished steps."""
    t = state["t"] + 1
    new: dict[str, Any] = {}
    m: dict[str, Any] = {}
    v: dict[str, Any] = {}
    for name, value in params.items():
        g = grads[f"d{name}"]
        m[name] = beta1 * state["m"][name] + (1 - beta1) * g
        v[name] = beta2 * state["v"][name] + (1 - beta2) * np.square(g)
        m_hat = m[name] / (1 - beta1**t)
        v_hat = v[name] / (1 - beta2**t)
        new[name] = value - lr * m_hat / (np.sqrt(v_hat) + eps)
    return new, {"t": t, "m": m, "v": v}


def _states(rng: np.random.Generator) -> list[Extra]:
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


WORKED = "state_t = t + 1\n" + "\n".join(
    f"""\
state_m_{k} = beta1 * m_{k} + (1 - beta1) * d{k}
state_v_{k} = beta2 * v_{k} + (1 - beta2) * d{k} ** 2
mhat_{k} = state_m_{k} / (1 - beta1 ** state_t)
vhat_{k} = state_v_{k} / (1 - beta2 ** state_t)
params_{k} = {k} - lr * mhat_{k} / (np.sqrt(vhat_{k}) + eps)"""
    for k in KEYS
)

EXERCISES = (
    Exercise(
        id="adam_step",
        lesson="14",
        title="One step of Adam",
        points=5,
        formulas=("S10",),
        arguments=tuple(
            Argument(name, kind="dict" if i < 3 else "positive")
            for i, name in enumerate(NAMES)
        ),
        truth=values(adam),
        returns=("params", "state"),
        order=(
            "state.t",
            *(f"state.{mv}.{k}" for mv in "mv" for k in KEYS),
            *(f"params.{k}" for k in KEYS),
        ),
        styles=(),
        extra=_states,
        may_change_arguments=True,
        worked=WORKED,
        answers=("backproplab.training.adam_step",),
        hints=(
            "Four lines per parameter: first moment, second moment, both corrected,"
            " then the step.",
            "m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2. Both are too"
            " small at first: divide by 1 - beta^t, where t counts this step too.",
            "t = state t + 1; step = lr * m_hat / (sqrt(v_hat) + eps);"
            " new p = p - step; return the new params and {t, m, v}.",
        ),
    ),
)
