"""What every formula is held against: slopes of a loss, measured, never a formula.

Tests write the loss out in plain NumPy from the lecture, so that the library's own
forward code is not trusted either.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from backproplab.finite_differences import check_gradient


def assert_measured(loss: Callable[[Any], Any], at: Any, claimed: Any) -> None:
    """claimed has to be the gradient of loss at this place, to rounding."""
    result = check_gradient(loss, at, claimed)
    assert result.verdict == "right", f"{result.reason}; {result.worst}"


def of(values: dict[str, Any], *names: str) -> dict[str, Any]:
    """The gradients of these names: of(values, "w") is {"w": values["dw"]}."""
    return {name: values[f"d{name}"] for name in names}


def sigma(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


def magnitude(u: Any) -> Any:
    """|u| that a complex step can pass through."""
    return np.where(np.real(u) < 0, -u, u)


def clamped(u: Any, limit: float) -> Any:
    return np.where(np.real(magnitude(u)) > limit, limit * np.sign(np.real(u)), u)


H: dict[str, Callable[[Any], Any]] = {
    "linear": lambda z: z,
    "sigmoid": sigma,
    "tanh": lambda z: (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z)),
    "relu": lambda z: np.where(np.real(z) > 0, z, 0),
}

LOSS: dict[str, Callable[[Any, Any], Any]] = {
    "half_squared": lambda yhat, y: (yhat - y) ** 2 / 2,
    "squared": lambda yhat, y: (yhat - y) ** 2,
    "absolute": lambda yhat, y: magnitude(yhat - y),
    "huber": lambda yhat, y: (
        clamped(yhat - y, 1.0) * ((yhat - y) - clamped(yhat - y, 1.0) / 2)
    ),
    "logistic": lambda yhat, y: np.log(1 + np.exp(-y * yhat)),
    "hinge": lambda yhat, y: np.where(np.real(yhat * y) < 1, 1 - yhat * y, 0),
}


def softmax_loss(Z: Any, Y: Any) -> Any:
    """-sum_k y_k log p_k, one number per row."""
    return -(Y * np.log(np.exp(Z) / np.exp(Z).sum(-1, keepdims=True))).sum(-1)


def batch_loss(name: str, Yhat: Any, Y: Any) -> Any:
    """Mean over examples of the sum over outputs."""
    if name == "softmax_cross_entropy":
        return softmax_loss(Yhat, Y).mean()
    return LOSS[name](Yhat, Y).sum() / len(Y)


def mlp(params: dict[str, Any], X: Any, hidden: str, output: str = "linear") -> Any:
    """The outputs of a network of any depth, rows are examples."""
    L, A = len(params) // 2, np.asarray(X)
    for layer in range(1, L + 1):
        Z = A @ params[f"W{layer}"] + params[f"b{layer}"]
        A = H[output if layer == L else hidden](Z)
    return A


def random_params(sizes: list[int], rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Weights that keep units away from saturation, and biases that are not 0."""
    params = {}
    for layer, (D, units) in enumerate(zip(sizes, sizes[1:], strict=False), start=1):
        params[f"W{layer}"] = rng.normal(size=(D, units)) * 1.2 / np.sqrt(D)
        params[f"b{layer}"] = rng.normal(size=units) * 0.5
    return params


def targets(loss: str, shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """Targets this loss understands: +-1, one-hot rows, or any numbers."""
    if loss in ("logistic", "hinge"):
        return rng.choice([-1.0, 1.0], size=shape)
    if loss == "softmax_cross_entropy":
        return np.eye(shape[1])[rng.integers(shape[1], size=shape[0])]
    return rng.normal(size=shape)
