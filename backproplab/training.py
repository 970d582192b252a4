"""Training: initialisation, steps from plain gradient descent to Adam, and the loop.

A step takes parameters {"W1", ...} and gradients {"dW1", ...} and returns new
parameters; all gradients are computed before any parameter changes, and nothing that
was handed in is changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from backproplab.arrays import lookup, misfit, promote, same_shape, whole
from backproplab.network import Arrays, Params, loss_and_gradients, sizes, zeros

State = dict[str, Any]
Stepped = tuple[Arrays, State]


def descend(
    fprime: Callable[[Any], Any], x: Any, eta: float, steps: int
) -> list[np.ndarray]:
    """x <- x - eta f'(x), steps times; return every x on the way (N4).

    x any shape; the result has steps + 1 entries, the first is x.
    Raises ValueError when f' does not have the shape of x.

    >>> [float(x) for x in descend(lambda x: 2 * x, 8, eta=0.25, steps=3)]
    [8.0, 4.0, 2.0, 1.0]
    """
    path = [promote(x)]
    for _ in range(steps):
        slope = promote(fprime(path[-1]))
        same_shape("x - eta f'(x)", x=path[0], slope=slope)
        path.append(path[-1] - eta * slope)
    return path


def _pairs(params: Params, grads: Params) -> Iterator[tuple[str, Any, Any]]:
    """Yield name, parameter, gradient; refuse a missing or misshapen gradient."""
    for what, given in (("parameters", params), ("gradients", grads)):
        if not hasattr(given, "items"):
            raise TypeError(f"{what} are a dict of arrays; got {given!r}")
    for name, value in params.items():
        slope = f"d{name}"
        if slope not in grads:
            raise ValueError(f"no gradient {slope}; got {', '.join(map(str, grads))}")
        w, dw = promote(value), promote(grads[slope])
        if w.shape != dw.shape:
            misfit(f"{name} - lr * {slope}", **{name: w, slope: dw})
        yield name, w, dw


def sgd_step(params: Params, grads: Params, lr: float) -> Arrays:
    """W <- W - lr dW for every parameter (N7).

    grads has the key dW1 for W1, and so on.  Returns new parameters.
    Raises ValueError when a gradient is missing or has another shape.

    >>> sgd_step({"W1": [[1, 2]], "b1": [3]}, {"dW1": [[10, 0]], "db1": [5]}, lr=0.1)
    {'W1': array([[0., 2.]]), 'b1': array([2.5])}
    """
    # w - lr * dw in this order lets NumPy reuse the product's memory for the sum.
    return {name: -lr * dw + w for name, w, dw in _pairs(params, grads)}


def momentum_step(
    params: Params, grads: Params, state: State, lr: float, beta: float = 0.9
) -> Stepped:
    """v <- beta v + dW, W <- W - lr v (S10).

    state is {} at first, then {"v": ...} keyed as params.  Returns (params, state).

    >>> params, state = momentum_step({"W1": [1]}, {"dW1": [2]}, {}, lr=0.5)
    >>> momentum_step(params, {"dW1": [2]}, state, lr=0.5)[0]
    {'W1': array([-1.9])}
    """
    old = state.get("v", {})
    new, v = {}, {}
    for name, w, dw in _pairs(params, grads):
        v[name] = beta * old.get(name, 0) + dw
        new[name] = w - lr * v[name]
    return new, {"v": v}


def adagrad_step(
    params: Params, grads: Params, state: State, lr: float, eps: float = 1e-8
) -> Stepped:
    """s <- s + dW^2, W <- W - lr dW / (sqrt(s) + eps) (S10).

    state is {} at first, then {"s": ...} keyed as params.  Returns (params, state).

    >>> adagrad_step({"W1": [1]}, {"dW1": [4]}, {}, lr=0.5)
    ({'W1': array([0.5])}, {'s': {'W1': array([16.])}})
    """
    old = state.get("s", {})
    new, s = {}, {}
    for name, w, dw in _pairs(params, grads):
        s[name] = old.get(name, 0) + dw * dw
        new[name] = w - lr * dw / (np.sqrt(s[name]) + eps)
    return new, {"s": s}


def adam_step(
    params: Params,
    grads: Params,
    state: State,
    lr: float = 0.001,
    beta1: float = 0.9,
    beta2: float = 0.999,
    eps: float = 1e-8,
) -> Stepped:
    """Adam: running means of dW and dW^2, corrected for their start at zero (S10).

    m <- beta1 m + (1 - beta1) dW,  v <- beta2 v + (1 - beta2) dW^2,  t <- t + 1,
    W <- W - lr m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + eps).
    state is {} at first, then {"t": finished steps, "m": ..., "v": ...}, m and v
    keyed as params.  Returns (params, state).

    >>> params, state = adam_step({"W1": [1]}, {"dW1": [4]}, {}, lr=0.5)
    >>> params["W1"].round(6), state["t"]
    (array([0.5]), 1)
    """
    t = state.get("t", 0) + 1
    old_m, old_v = state.get("m", {}), state.get("v", {})
    new, m, v = {}, {}, {}
    for name, w, dw in _pairs(params, grads):
        m[name] = beta1 * old_m.get(name, 0) + (1 - beta1) * dw
        v[name] = beta2 * old_v.get(name, 0) + (1 - beta2) * dw * dw
        step = m[name] / (1 - beta1**t)
        new[name] = w - lr * step / (np.sqrt(v[name] / (1 - beta2**t)) + eps)
    return new, {"t": t, "m": m, "v": v}


def _sgd(params: Params, grads: Params, state: State, lr: float) -> Stepped:
    return sgd_step(params, grads, lr), state


OPTIMIZERS: dict[str, Callable[..., Stepped]] = {
    "sgd": _sgd,
    "momentum": momentum_step,
    "adagrad": adagrad_step,
    "adam": adam_step,
}

# The standard deviation of a weight, from its fan-in D and fan-out H.
SCHEMES: dict[str, Callable[[int, int], float]] = {
    "zeros": lambda D, H: 0.0,
    "small": lambda D, H: 0.01,
    "xavier": lambda D, H: (2 / (D + H)) ** 0.5,
    "he": lambda D, H: (2 / D) ** 0.5,
}


def initialise(
    layer_sizes: Sequence[int], scheme: str = "xavier", rng: Any = 0
) -> Arrays:
    """Random weights of the scheme's size, biases 0 (S10).

    zeros: 0; small: 0.01; xavier: sqrt(2 / (D_in + D_out)); he: sqrt(2 / D_in).
    rng is a seed or a numpy Generator.  Raises ValueError for an unknown scheme.

    >>> initialise([3, 4, 2], "he", rng=1)["W1"].shape
    (3, 4)
    """
    spread = lookup(SCHEMES, scheme, "initialisation")
    rng = np.random.default_rng(rng)
    params = zeros(layer_sizes)
    for name, array in params.items():
        if array.ndim == 2:
            params[name] = spread(*array.shape) * rng.standard_normal(array.shape)
    return params


def batches(N: int, size: int | None, rng: Any = 0) -> list[np.ndarray]:
    """Index arrays that visit each of N examples once, in random order (M4, N7).

    size examples each (the last may have fewer); None is the full batch.
    Raises ValueError unless N and size are whole and at least 1.

    >>> [len(rows) for rows in batches(10, 4)]
    [4, 4, 2]
    """
    whole("N, the number of examples,", N)
    size = N if size is None else whole("a batch's number of examples", size)
    order = np.random.default_rng(rng).permutation(N)
    return [order[start : start + size] for start in range(0, N, size)]


def train(
    params: Params,
    X: Any,
    Y: Any,
    *,
    lr: float,
    epochs: int,
    batch_size: int | None = None,
    optimizer: str = "sgd",
    hidden: str = "tanh",
    output: str = "linear",
    loss: str = "squared",
    rng: Any = 0,
    callback: Callable[[int, Arrays, float], Any] | None = None,
) -> tuple[Arrays, list[float]]:
    """Mini-batch, forward, loss, backward, update, until all epochs are done (M4, S1).

    batch_size None is gradient descent, 1 is stochastic.  The history holds one loss
    per epoch: the mean over examples, each seen before its own update.  After each
    epoch callback(epoch, params, loss) is called; when it returns True, training stops.
    Returns (params, history).  Raises ValueError for unknown names and misfits.

    >>> X, Y = [[1], [2]], [[3], [5]]
    >>> params, history = train(initialise([1, 1]), X, Y, lr=0.2, epochs=200)
    >>> print(params["W1"].round(3).tolist(), params["b1"].round(3).tolist())
    [[2.0]] [1.0]
    """
    X, Y = promote(X), promote(Y)
    if X.shape[:1] != Y.shape[:1] or not X.ndim:
        misfit("one row of Y for each row of X", X=X, Y=Y)
    sizes(params)
    step = lookup(OPTIMIZERS, optimizer, "optimizer")
    rng = np.random.default_rng(rng)
    new: Arrays = {name: promote(array) for name, array in params.items()}
    state: State = {}
    history: list[float] = []
    for epoch in range(epochs):
        total = 0.0
        for rows in batches(len(X), batch_size, rng):
            value, grads = loss_and_gradients(
                new, X[rows], Y[rows], hidden, output, loss
            )
            new, state = step(new, grads, state, lr)
            total += float(value) * len(rows)
        history.append(total / len(X))
        if callback is not None:
            stop = callback(epoch, new, history[-1])
            if isinstance(stop, bool | np.bool_) and stop:
                break
    return new, history


def least_squares(X: Any, y: Any) -> np.ndarray:
    """w that minimises |X w - y|^2: (X^T X)^-1 X^T y, solved without the inverse (N10).

    X (N, D), y (N,) or (N, K), w (D,) or (D, K).  NaN anywhere makes w NaN.
    Raises ValueError for a misfit.

    >>> least_squares([[1, 1], [2, 1], [3, 1]], [3, 5, 7]).round(6)
    array([2., 1.])
    """
    X, y = promote(X), promote(y)
    if X.ndim != 2 or y.shape[:1] != X.shape[:1]:
        misfit("X @ w = y", X=X, y=y)
    if not np.isfinite(X).all():  # LAPACK would fail
        return np.full(X.shape[1:] + y.shape[1:], np.nan)
    return np.linalg.lstsq(X, y, rcond=None)[0]
