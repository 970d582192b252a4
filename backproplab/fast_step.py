"""One training step without a wasted allocation: forward, loss, backward, descent.

``network`` and ``training.sgd_step`` say what is computed; this says it in the order
and the places that suit the machine, and the tests hold the two equal.  Four ideas:

* Examples are columns, so that a layer's values are the first rows of a buffer whose
  next row is the constant 1: the bias is a column of W and costs no call of its own.
* A step is a list of NumPy calls, each with its places for input and output, made once.
* The learning rate and 1/N go into the error signal of the output, once.
* A small network is moved by one subtraction of all its weights; a large one layer by
  layer, while the gradient is still in the processor's cache.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from backproplab.arrays import lookup, misfit, promote
from backproplab.losses import LOSSES
from backproplab.network import Arrays, Params, sizes

Call = Callable[[], Any]
Step = Callable[[Any, Any], float]
IN_CACHE = 50_000  # weights; more are updated layer by layer
ROWS = 8  # buffers have a multiple of 8 rows: odd sizes slow large products down


class Layer(NamedTuple):
    """What one layer owns; layer 0 is the input and has no weights."""

    W: np.ndarray  # (units, rows of A below): weights, the bias, zeros
    G: np.ndarray  # as W: lr times its gradient
    A: np.ndarray  # (padded units + 1, N): values, a row of ones, zeros
    Z: np.ndarray  # (units, N): the values in A
    B: np.ndarray  # as A: what comes back from the layer above
    dZ: np.ndarray  # (units, N): the error signal, in B


def prepare(
    params: Params, N: int, *, lr: float, hidden: str = "tanh", loss: str = "squared"
) -> tuple[Step, Callable[[], Arrays]]:
    """Return step and weights: step(X, Y) moves the weights and returns the loss.

    W[l] <- W[l] - lr dW[l], the same as ``network.loss_and_gradients`` followed by
    ``training.sgd_step`` (M4, L6), for a linear output.  params is not changed;
    weights() is the parameters as they are now.  X (N, D_0), Y (N, D_L).
    The computation is done in the precision of params.
    Raises ValueError for unknown names and for shapes that do not fit.

    >>> params = {"W1": [[1], [2]], "b1": [3]}
    >>> step, weights = prepare(params, N=1, lr=0.25)
    >>> print(step([[1, 1]], [[5]]), weights()["W1"].tolist(), weights()["b1"].tolist())
    1.0 [[0.5], [1.5]] [2.5]
    """
    widths = sizes(params)
    flat, slopes, layers = _buffers(params, widths, N)
    bend, unbend = lookup(BENDS, hidden, "activation")
    up, down = [], []
    for low, top in zip(layers, layers[1:], strict=False):
        if low is not layers[0]:
            up += bend(low.Z)
        up.append(partial(top.W.dot, low.A, top.Z))
    for low, top in zip(layers[-2::-1], layers[:0:-1], strict=True):
        down.append(partial(top.dZ.dot, low.A.T, top.G))
        if low is not layers[0]:
            down.append(partial(top.W.T.dot, top.dZ, low.B))
            down += unbend(low.dZ, low.Z)
        if flat.size > IN_CACHE:
            down.append(partial(np.subtract, top.W, top.G, top.W))
    if flat.size <= IN_CACHE:
        down.append(partial(np.subtract, flat, slopes, flat))
    judge = _judge(loss, layers[-1].Z, N, lr)
    into, copy, array = layers[0].Z, np.copyto, np.ndarray
    X_shape, Y_shape = (N, widths[0]), (N, widths[-1])

    def step(X: Any, Y: Any) -> float:
        if X.__class__ is not array or Y.__class__ is not array:
            X, Y = promote(X), promote(Y)
        if X.shape != X_shape or Y.shape != Y_shape:
            misfit(f"a step prepared for X {X_shape}, Y {Y_shape}", X=X, Y=Y)
        copy(into, X.T)
        for call in up:
            call()
        value = judge(Y.T)
        for call in down:
            call()
        return value

    def weights() -> Arrays:
        new: Arrays = {}
        for number, inputs in enumerate(widths[:-1], start=1):
            W = layers[number].W
            new[f"W{number}"] = W[:, :inputs].T.copy()
            new[f"b{number}"] = W[:, inputs].copy()
        return new

    return step, weights


def _buffers(
    params: Params, widths: list[int], N: int
) -> tuple[np.ndarray, np.ndarray, list[Layer]]:
    """All weights in one array, all slopes in another, and every layer's views."""
    dtype = np.result_type(*[promote(array) for array in params.values()])
    rows = [-(-(width + 1) // ROWS) * ROWS for width in widths]
    count = sum(D * H for D, H in zip(rows, widths[1:], strict=False))
    flat, slopes = np.zeros(count, dtype), np.zeros(count, dtype)
    layers, start = [], 0
    for number, units in enumerate(widths):
        D = rows[number - 1] if number else 0
        cut, start = slice(start, start + D * units), start + D * units
        W, G = flat[cut].reshape(units, D), slopes[cut].reshape(units, D)
        if number:
            inputs = widths[number - 1]
            W[:, :inputs] = promote(params[f"W{number}"]).T
            W[:, inputs] = promote(params[f"b{number}"])
        A, B = np.zeros((2, rows[number], N), dtype)
        if number == 0 and units > N:
            A = np.zeros((N, rows[0]), dtype).T  # long rows of X are copied as rows
        A[units] = 1
        # The loss turns the output into its error signal in place.
        back = A if number == len(widths) - 1 else B
        layers.append(Layer(W, G, A, A[:units], B, back[:units]))
    return flat, slopes, layers


def _judge(
    loss: str, Z: np.ndarray, N: int, lr: float
) -> Callable[[np.ndarray], float]:
    """The function that takes Y (as columns) to the loss and turns Z into lr dZ."""
    forward, backward = lookup(LOSSES, loss, "loss")
    residuals = Z.reshape(-1)
    classes, examples = np.ones(len(Z), Z.dtype), np.ones(N, Z.dtype)
    rate, twice = np.array(lr / N, Z.dtype), np.array(2 * lr / N, Z.dtype)

    def squared(YT: np.ndarray) -> float:
        np.subtract(Z, YT, Z)
        value = residuals.dot(residuals)
        np.multiply(Z, twice, Z)
        return float(value) / N

    def cross_entropy(YT: np.ndarray) -> float:
        np.subtract(Z, np.maximum.reduce(Z, axis=0), Z)
        value = -np.vdot(YT, Z)
        np.exp(Z, Z)
        sums = classes.dot(Z)  # a product with ones is the quickest way to add
        value += examples.dot(np.log(sums))
        np.divide(Z, sums, Z)
        np.subtract(Z, YT, Z)
        np.multiply(Z, rate, Z)
        return float(value) / N

    def any_other(YT: np.ndarray) -> float:
        value = forward(Z, YT).sum()
        np.multiply(backward(Z, YT), rate, Z)
        return float(value) / N

    special = {"squared": squared, "softmax_cross_entropy": cross_entropy}
    return special.get(loss, any_other)


# In place: the calls that make Z into A = h(Z), and those that make dA into dZ, for
# which A may be spent.  Constants are whole arrays: beside a single number most of
# these functions are several times slower.
def _linear(Z: np.ndarray) -> list[Call]:
    return []


def _linear_back(dA: np.ndarray, A: np.ndarray) -> list[Call]:
    return []


def _relu(Z: np.ndarray) -> list[Call]:
    return [partial(np.maximum, Z, np.zeros_like(Z), out=Z)]


def _relu_back(dA: np.ndarray, A: np.ndarray) -> list[Call]:
    """The slope is the sign of A, or min(A, 1) rounded up.

    np.sign is one call less, but guesses a branch for every entry.
    """
    times = partial(np.multiply, dA, A, dA)
    if A.size <= 1024:
        return [partial(np.sign, A, A), times]
    cut = partial(np.minimum, A, np.ones_like(A), out=A)
    return [cut, partial(np.ceil, A, A), times]


def _tanh(Z: np.ndarray) -> list[Call]:
    return [partial(np.tanh, Z, Z)]


def _tanh_back(dA: np.ndarray, A: np.ndarray) -> list[Call]:
    square = partial(np.multiply, A, A, A)
    rest = partial(np.subtract, np.ones_like(A), A, A)
    return [square, rest, partial(np.multiply, dA, A, dA)]


def _sigmoid(Z: np.ndarray) -> list[Call]:
    """1/2 + 1/2 tanh(Z/2), which needs no care for large Z."""
    half = np.full_like(Z, 0.5)
    halve = partial(np.multiply, Z, half, Z)
    return [halve, partial(np.tanh, Z, Z), halve, partial(np.add, Z, half, Z)]


def _sigmoid_back(dA: np.ndarray, A: np.ndarray) -> list[Call]:
    times = partial(np.multiply, dA, A, dA)
    return [times, partial(np.subtract, np.ones_like(A), A, A), times]


BENDS: dict[str, tuple[Callable[..., list[Call]], Callable[..., list[Call]]]] = {
    "linear": (_linear, _linear_back),
    "relu": (_relu, _relu_back),
    "sigmoid": (_sigmoid, _sigmoid_back),
    "tanh": (_tanh, _tanh_back),
}
