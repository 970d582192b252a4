"""One training step without a wasted allocation: forward, loss, backward, descent.

``network`` and ``training.sgd_step`` say what is computed; this says it in the order
and the places that suit the machine, and the tests hold the two equal.  Four ideas:

* Examples are columns, so that a layer's values are the first rows of a buffer whose
  next row is the constant 1: the bias is a column of W and costs no call of its own.
  (The first layer reads X as it comes, and has its bias beside it.)
* Every product is written to a place that is already there, and so is its slope.
* The learning rate and 1/N go into the error signal of the output, once.
* A small network is moved by one subtraction of all its weights; a large one layer by
  layer, while the gradient is still in the processor's cache.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from backproplab.arrays import lookup, misfit, promote
from backproplab.losses import LOSSES
from backproplab.network import Arrays, Params, sizes

Step = Callable[[Any, Any], float]
IN_CACHE = 50_000  # weights; more are updated layer by layer
ROWS = 8  # buffers have a multiple of 8 rows: odd sizes slow large products down


class Layer(NamedTuple):
    """A layer's buffers; those of layer 1 have no row of ones below them."""

    W: np.ndarray  # (units, inputs), or (units, padded inputs + 1) with the bias
    G: np.ndarray  # lr times the gradient of W
    A: np.ndarray  # (padded units + 1, N): values, a row of ones, zeros
    Z: np.ndarray  # (units, N): the values in A
    B: np.ndarray  # as A: what comes back from the layer above
    dZ: np.ndarray  # as Z: the error signal in B


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
    bend, unbend = lookup(BENDS, hidden, "activation")
    widths = sizes(params)
    flat, slopes, first_bias, layers = _buffers(params, widths, N)
    judge = _judge(loss, layers[-1].Z, N, lr)
    (b, db), bottom, rest = first_bias, layers[0], layers[1:]
    pairs = list(zip(layers, rest, strict=False))
    upwards = [(low.Z, low.A, top.W.dot, top.Z) for low, top in pairs]
    downwards = [
        (top.dZ.dot, low.A.T, top.G, top.W.T.dot, top.dZ, low.B, low.dZ, low.Z, top.W)
        for low, top in reversed(pairs)
    ]
    into_1, out_of_1, ones = bottom.W.dot, bottom.dZ.dot, np.ones(N, flat.dtype)
    Z, G, W = bottom.Z, bottom.G, bottom.W
    shapes, dtype = ((N, widths[0]), (N, widths[-1])), flat.dtype
    small = flat.size <= IN_CACHE
    add, subtract = np.add, np.subtract

    def step(X: Any, Y: Any) -> float:
        if type(X) is not np.ndarray or X.dtype is not dtype:
            X = promote(X).astype(dtype)
        Y = promote(Y)
        if (X.shape, Y.shape) != shapes:
            expected = f"X {shapes[0]} and Y {shapes[1]}"
            misfit(f"this step was prepared for {expected}, which", X=X, Y=Y)
        into_1(X.T, Z)
        add(Z, b, Z)
        for values, A, into, net in upwards:
            bend(values)
            into(A, net)
        value = judge(Y.T)
        for out_of, AT, dW, back, dZ, below, signal, values, weights in downwards:
            out_of(AT, dW)
            back(dZ, below)
            unbend(signal, values)
            if not small:
                subtract(weights, dW, weights)
        out_of_1(X, G)
        out_of_1(ones, db)
        if small:
            subtract(flat, slopes, flat)
        else:
            subtract(W, G, W)
            subtract(b, db[:, None], b)
        return value

    def weights() -> Arrays:
        new = {"W1": W.T.copy(), "b1": b[:, 0].copy()}
        for number, layer in enumerate(rest, start=2):
            inputs = widths[number - 1]
            new[f"W{number}"] = layer.W[:, :inputs].T.copy()
            new[f"b{number}"] = layer.W[:, inputs].copy()
        return new

    return step, weights


def _buffers(
    params: Params, widths: list[int], N: int
) -> tuple[np.ndarray, np.ndarray, tuple[np.ndarray, np.ndarray], list[Layer]]:
    """All weights in one array, all slopes in another, and every layer's views."""
    dtype = np.result_type(*[promote(array) for array in params.values()])
    inputs = [widths[0], *[_padded(width) for width in widths[1:-1]]]
    count = sum(D * H for D, H in zip(inputs, widths[1:], strict=True)) + widths[1]
    flat, slopes = np.zeros(count, dtype), np.zeros(count, dtype)
    layers, start = [], widths[1]
    for number, (D, H) in enumerate(zip(inputs, widths[1:], strict=True), start=1):
        cut = slice(start, start + D * H)
        W, G = flat[cut].reshape(H, D), slopes[cut].reshape(H, D)
        W[:, : widths[number - 1]] = promote(params[f"W{number}"]).T
        if number > 1:
            W[:, widths[number - 1]] = promote(params[f"b{number}"])
        last = number == len(inputs)
        A, B = (np.zeros((H if last else _padded(H), N), dtype) for _ in range(2))
        A[H : H + 1] = 1
        # The loss turns the output into its error signal in place.
        layers.append(Layer(W, G, A, A[:H], B, A[:H] if last else B[:H]))
        start += D * H
    b, db = flat[: widths[1]], slopes[: widths[1]]
    b[:] = promote(params["b1"])
    return flat, slopes, (b[:, None], db), layers


def _padded(width: int) -> int:
    """Rows for the values and the constant 1, rounded up."""
    return -(-(width + 1) // ROWS) * ROWS


def _judge(
    loss: str, Z: np.ndarray, N: int, lr: float
) -> Callable[[np.ndarray], float]:
    """The function that takes Y (as columns) to the loss and turns Z into lr dZ."""
    forward, backward = lookup(LOSSES, loss, "loss")
    residuals = Z.reshape(-1)
    rate = np.array(lr / N, Z.dtype)
    twice = np.array(2 * lr / N, Z.dtype)

    def squared(YT: np.ndarray) -> float:
        np.subtract(Z, YT, out=Z)
        value = residuals.dot(residuals) / N
        np.multiply(Z, twice, out=Z)
        return float(value)

    def cross_entropy(YT: np.ndarray) -> float:
        np.subtract(Z, np.maximum.reduce(Z, axis=0), out=Z)
        value = -np.vdot(YT, Z)
        np.exp(Z, out=Z)
        sums = np.add.reduce(Z, axis=0)
        value += np.add.reduce(np.log(sums))
        np.divide(Z, sums, out=Z)
        np.subtract(Z, YT, out=Z)
        np.multiply(Z, rate, out=Z)
        return float(value) / N

    def any_other(YT: np.ndarray) -> float:
        value = forward(Z, YT).sum() / N
        np.multiply(backward(Z, YT), rate, out=Z)
        return float(value)

    special = {"squared": squared, "softmax_cross_entropy": cross_entropy}
    return special.get(loss, any_other)


# In place: Z becomes A = h(Z); and dA becomes dZ, for which A may be spent.
def _relu(Z: np.ndarray) -> None:
    np.maximum(Z, ZERO, out=Z)


def _relu_back(dA: np.ndarray, A: np.ndarray) -> None:
    np.multiply(dA, np.sign(A, out=A), out=dA)


def _tanh(Z: np.ndarray) -> None:
    np.tanh(Z, out=Z)


def _tanh_back(dA: np.ndarray, A: np.ndarray) -> None:
    np.multiply(A, A, out=A)
    np.subtract(ONE, A, out=A)
    np.multiply(dA, A, out=dA)


def _sigmoid(Z: np.ndarray) -> None:
    np.multiply(Z, HALF, out=Z)
    np.tanh(Z, out=Z)
    np.multiply(Z, HALF, out=Z)
    np.add(Z, HALF, out=Z)


def _sigmoid_back(dA: np.ndarray, A: np.ndarray) -> None:
    np.multiply(dA, A, out=dA)
    np.subtract(ONE, A, out=A)
    np.multiply(dA, A, out=dA)


def _nothing(*_: np.ndarray) -> None:
    pass


# Arrays of float32 stay so: a number costs a conversion at every call, these do not.
ZERO, HALF, ONE = (np.array(x, np.float32) for x in (0, 0.5, 1))

BENDS: dict[str, tuple[Callable[..., None], Callable[..., None]]] = {
    "linear": (_nothing, _nothing),
    "relu": (_relu, _relu_back),
    "sigmoid": (_sigmoid, _sigmoid_back),
    "tanh": (_tanh, _tanh_back),
}
