"""Losses of two weights to walk on: least squares, a small network, one's own."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from backproplab.explorers.models.network_input import as_numbers
from backproplab.finite_differences import gradient, is_analytic
from backproplab.layers import linear_backward
from backproplab.losses import half_squared, half_squared_backward
from backproplab.network import gradients
from backproplab.neurons import tanh
from backproplab.training import least_squares

Window = tuple[tuple[float, float], tuple[float, float]]
Slope = Callable[[np.ndarray], np.ndarray]


@dataclass
class Landscape:
    """A loss of w = (w1, w2), its gradient, and that of each example alone.

    loss takes one w (2,); slopes are the gradients of the examples, whose sum (or mean,
    as the loss has it) is the gradient.  curvatures are those of a bowl, else empty.
    """

    title: str
    formula: str
    loss: Callable[[np.ndarray], float]
    slope: Slope
    window: Window
    start: tuple[float, float]
    slopes: Sequence[Slope] = ()
    names: tuple[str, str] = ("w1", "w2")
    bottom: tuple[float, float] | None = None
    curvatures: list[float] = field(default_factory=list)
    rates: dict[str, float] = field(default_factory=dict)


def least_squares_bowl(X: Any, y: Any, **look: Any) -> Landscape:
    """1/2 sum_n (x_n . w - y_n)^2 for examples with two features (N7).

    Its curvatures are the eigenvalues of X^T X, its bottom is ``least_squares``.
    Raises ValueError unless X is (N, 2) and y (N,), with at least one example.

    >>> least_squares_bowl([[1, -1], [1, 0], [1, 1]], [0, 1, 5]).curvatures
    [2.0, 3.0]
    """
    X, y = as_numbers("X", X, "every feature"), as_numbers("y", y, "every target")
    y = y.reshape(-1, 1)
    if X.ndim != 2 or X.shape[1] != 2 or len(X) != len(y) or not len(X):
        raise ValueError(
            "a bowl of two weights needs X with two columns and one y for each row; "
            f"X is {X.shape}, y has {len(y)} entries."
        )

    def loss(w: np.ndarray) -> float:
        return float(half_squared(X @ w.reshape(2, 1), y).sum())

    def slope_of(rows: slice) -> Slope:
        x, target = X[rows], y[rows]

        def slope(w: np.ndarray) -> np.ndarray:
            dyhat = half_squared_backward(x @ w.reshape(2, 1), target)
            return linear_backward(dyhat, x, w.reshape(2, 1))[1].ravel()

        return slope

    lowest = least_squares(X, y).ravel()
    curvatures = np.linalg.eigvalsh(X.T @ X)
    reach = 3 * max(1.0, float(np.abs(lowest).max()) / 2)
    look.setdefault("title", "Least squares, a bowl")
    look.setdefault("formula", "½ Σ (x·w − y)²")
    look.setdefault("window", tuple((c - reach, c + reach) for c in lowest))
    look.setdefault("start", tuple(float(c - 0.8 * reach) for c in lowest))
    look.setdefault("rates", {"gd": float(f"{0.6 / curvatures[-1]:.1g}")})
    return Landscape(
        loss=loss,
        slope=slope_of(slice(None)),
        slopes=[slope_of(slice(n, n + 1)) for n in range(len(X))],
        bottom=(float(lowest[0]), float(lowest[1])),
        curvatures=[float(c) for c in curvatures],
        **look,
    )


def bowl() -> Landscape:
    """The line through three measurements of lesson 06."""
    return least_squares_bowl(
        [[1, -1], [1, 0], [1, 1]],
        [0, 1, 5],
        window=((-2.5, 6.5), (-1.5, 6.5)),
        start=(0.0, 0.0),
        rates={"gd": 0.7, "sgd": 0.2, "momentum": 0.1, "adagrad": 1.0, "adam": 0.3},
    )


def valley() -> Landscape:
    """1/2 (b^2 + 100 a^2): a hundred times as steep across as along (lesson 14)."""
    return least_squares_bowl(
        [[1, 0], [0, 10]],
        [0, 0],
        title="A narrow valley",
        formula="½ (b² + 100 a²)",
        window=((-2.5, 5.0), (-0.42, 0.42)),
        start=(4.0, 0.2),
        names=("b", "a"),
        rates={"gd": 0.019, "sgd": 0.01, "momentum": 0.01, "adagrad": 0.5, "adam": 0.2},
    )


def two_weight_network() -> Landscape:
    """1/2 sum (b tanh(a t) - t)^2 at t = -1, 0, 1: two twin valleys (lesson 06)."""
    t = np.array([[-1.0], [0.0], [1.0]])

    def loss(w: np.ndarray) -> float:
        return float(half_squared(w[1] * tanh(w[0] * t), t).sum())

    def slope_of(rows: slice) -> Slope:
        def slope(w: np.ndarray) -> np.ndarray:
            zero = np.zeros(1)
            params = {"W1": w[:1, None], "b1": zero, "W2": w[1:, None], "b2": zero}
            x = t[rows]
            grads = gradients(params, x, x, loss="half_squared")
            return len(x) * np.array([grads["dW1"][0, 0], grads["dW2"][0, 0]])

        return slope

    return Landscape(
        title="A network with two weights",
        formula="ŷ = b tanh(a t)",
        loss=loss,
        slope=slope_of(slice(None)),
        slopes=[slope_of(slice(n, n + 1)) for n in range(3)],
        window=((-3.2, 3.2), (-3.2, 3.2)),
        start=(-2.5, 1.5),
        names=("a", "b"),
        rates={"gd": 0.2, "sgd": 0.2, "momentum": 0.1, "adagrad": 0.5, "adam": 0.2},
    )


KNOWN: dict[str, Callable[[], Landscape]] = {
    "bowl": bowl,
    "valley": valley,
    "network": two_weight_network,
}


def own(losses: Any, start: Any = None, window: Any = None) -> Landscape:
    """A function f(w) or f(w1, w2), or a list of them: the loss is then their sum.

    The gradient is measured by ``finite_differences.gradient``.  Raises ValueError,
    with a sentence for the learner, when f gives no finite number at the start.

    >>> round(float(own(lambda a, b: a * a * b).slope(np.array([1.0, 2.0]))[0]), 9)
    4.0
    """
    examples = list(losses) if isinstance(losses, list | tuple) else [losses]
    if not examples or not all(callable(f) for f in examples):
        raise ValueError(
            "the loss is 'bowl', 'valley', 'network', a function of two weights, a "
            f"list of such functions, or (X, y); got {losses!r}."
        )
    functions = [_of_vector(f) for f in examples]
    window = as_window(window)
    (left, right), (low, high) = window
    if start is None:
        start = (left + 0.2 * (right - left), low + 0.8 * (high - low))
    at = as_place(start)

    def loss(w: np.ndarray) -> float:
        return float(sum(f(w) for f in functions))

    _probe(loss, at)
    slopes = [_measured(f, at) for f in functions]
    return Landscape(
        title="Your function",
        formula="f(w1, w2)",
        loss=loss,
        slope=lambda w: np.sum([slope(w) for slope in slopes], axis=0),
        slopes=slopes if len(slopes) > 1 else (),
        window=window,
        start=(float(at[0]), float(at[1])),
    )


def _of_vector(f: Callable[..., Any]) -> Callable[[np.ndarray], Any]:
    """f as a function of one array, however many arguments it takes."""
    try:
        parameters = inspect.signature(f).parameters.values()
    except (TypeError, ValueError):
        return f
    needed = [p for p in parameters if p.default is p.empty and p.kind in (0, 1)]
    return (lambda w: f(w[0], w[1])) if len(needed) == 2 else f


def _measured(f: Callable[[np.ndarray], Any], at: np.ndarray) -> Slope:
    exact = is_analytic(f, at)  # asked once: the answer does not change on the way
    return lambda w: gradient(f, w, method="complex" if exact else "real").value


def _probe(loss: Callable[[np.ndarray], float], at: np.ndarray) -> None:
    place = f"({at[0]:g}, {at[1]:g})"
    try:
        value = loss(at)
    except Exception as problem:
        raise ValueError(
            f"the loss at {place} raised {type(problem).__name__}: {problem}"
        ) from None
    if not np.isfinite(value):
        raise ValueError(f"the loss at {place} is {value}: start somewhere else.")


def as_place(start: Any) -> np.ndarray:
    """Two finite numbers as an array."""
    try:
        place = np.array(start, float)
    except (TypeError, ValueError):
        place = np.zeros(0)
    if place.shape != (2,) or not np.isfinite(place).all():
        raise ValueError(
            f"the start is two finite numbers, such as [1, 2]; got {start!r}."
        )
    return place


def as_window(window: Any) -> Window:
    """((left, right), (low, high)) in numbers; None is from -3 to 3 both ways."""
    try:
        (a, b), (c, d) = window or ((-3, 3), (-3, 3))
        found = ((float(a), float(b)), (float(c), float(d)))
    except (TypeError, ValueError):
        found = ((0.0, 0.0), (0.0, 0.0))
    if not all(np.isfinite(pair).all() and pair[0] < pair[1] for pair in found):
        raise ValueError(
            "the window is ((left, right), (bottom, top)), such as ((-3, 3), (-3, 3)); "
            f"got {window!r}."
        )
    return found
