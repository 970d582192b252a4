"""Losses: how wrong a prediction is, and how that changes with the prediction.

Every pair ``x(yhat, y)`` and ``x_backward(yhat, y)`` works entry by entry and reduces
nothing; the softmax cross entropy gives one number per row.  How the numbers of a batch
become one is decided in one place: ``batch_loss``, the mean over examples of the
sum over outputs, so that 1/N enters exactly once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from backproplab.arrays import lookup, misfit, promote, same_shape
from backproplab.neurons import magnitude, relu, scores, sigmoid, softmax


def _pair(yhat: Any, y: Any, rule: str) -> tuple[np.ndarray, np.ndarray]:
    """Promote both, and refuse the silent (N,) against (N, 1) broadcast to (N, N)."""
    yhat, y = promote(yhat), promote(y)
    if yhat.shape != y.shape and yhat.ndim and y.ndim:
        misfit(rule, yhat=yhat, y=y)
    return yhat, y


def half_squared(yhat: Any, y: Any) -> np.ndarray:
    """L = 1/2 (yhat - y)^2 (U1, N7).

    yhat and y have the same shape, or one is a number; L has that shape.
    Raises ValueError when shapes differ.

    >>> print(half_squared(5, 2))
    4.5
    """
    yhat, y = _pair(yhat, y, "1/2 (yhat - y)^2")
    return (yhat - y) * (yhat - y) / 2


def half_squared_backward(yhat: Any, y: Any) -> np.ndarray:
    """dyhat = yhat - y, the residual r (U2).

    >>> print(half_squared_backward(5, 2))
    3.0
    """
    yhat, y = _pair(yhat, y, "dyhat = yhat - y")
    return yhat - y


def squared(yhat: Any, y: Any) -> np.ndarray:
    """L = (yhat - y)^2 (M6, S7).

    yhat and y have the same shape, or one is a number; L has that shape.
    Raises ValueError when shapes differ.

    >>> print(squared(5, 2))
    9.0
    """
    yhat, y = _pair(yhat, y, "(yhat - y)^2")
    return (yhat - y) * (yhat - y)


def squared_backward(yhat: Any, y: Any) -> np.ndarray:
    """dyhat = 2 (yhat - y) (M6).

    >>> print(squared_backward(5, 2))
    6.0
    """
    yhat, y = _pair(yhat, y, "dyhat = 2 (yhat - y)")
    return 2 * (yhat - y)


def absolute(yhat: Any, y: Any) -> np.ndarray:
    """L = |yhat - y| (U5).

    yhat and y have the same shape, or one is a number; L has that shape.
    Raises ValueError when shapes differ.

    >>> print(absolute(2, 5))
    3.0
    """
    yhat, y = _pair(yhat, y, "|yhat - y|")
    return magnitude(yhat - y)


def absolute_backward(yhat: Any, y: Any) -> np.ndarray:
    """dyhat = sign(yhat - y), and 0 where they are equal (U5).

    >>> print(absolute_backward(2, 5))
    -1.0
    """
    yhat, y = _pair(yhat, y, "dyhat = sign(yhat - y)")
    return np.sign(yhat - y)


def _clipped(r: np.ndarray, threshold: float) -> np.ndarray:
    """r kept within [-threshold, threshold], decided by the real part alone."""
    if not threshold > 0:
        raise ValueError(f"huber's threshold is positive, got {threshold!r}")
    if r.dtype.kind != "c":
        return np.clip(r, -threshold, threshold)
    return np.where(magnitude(r).real > threshold, threshold * np.sign(r.real), r)


def huber(yhat: Any, y: Any, threshold: float = 1.0) -> np.ndarray:
    """L = r^2/2 where |r| <= t, else t (|r| - t/2), with r = yhat - y (U5).

    With c = r clipped to [-t, t] both branches are c (r - c/2).
    yhat and y have the same shape, or one is a number; L has that shape.
    Raises ValueError when shapes differ, or unless t > 0.

    >>> print(huber(0.5, 0), huber(-3, 0))
    0.125 2.5
    """
    yhat, y = _pair(yhat, y, "huber(yhat - y)")
    c = _clipped(yhat - y, threshold)
    return c * (yhat - y - c / 2)


def huber_backward(yhat: Any, y: Any, threshold: float = 1.0) -> np.ndarray:
    """dyhat = r clipped to [-t, t], with r = yhat - y (U5).

    >>> print(huber_backward(0.5, 0), huber_backward(-3, 0))
    0.5 -1.0
    """
    yhat, y = _pair(yhat, y, "dyhat = clip(yhat - y)")
    return _clipped(yhat - y, threshold)


def logistic(yhat: Any, y: Any) -> np.ndarray:
    """L = log(1 + exp(-y yhat)) for labels y = +-1 (U5), safe for any yhat.

    yhat and y have the same shape, or one is a number; L has that shape.
    Raises ValueError when shapes differ.

    >>> print(logistic(-1000, 1))
    1000.0
    """
    yhat, y = _pair(yhat, y, "log(1 + exp(-y yhat))")
    score = -y * yhat
    return relu(score) + np.log1p(np.exp(-magnitude(score)))


def logistic_backward(yhat: Any, y: Any) -> np.ndarray:
    """dyhat = -y sigma(-y yhat) (U5).

    >>> print(logistic_backward(0, 1))
    -0.5
    """
    yhat, y = _pair(yhat, y, "dyhat = -y sigma(-y yhat)")
    return -y * sigmoid(-y * yhat)


def hinge(yhat: Any, y: Any) -> np.ndarray:
    """L = max(1 - yhat y, 0) for labels y = +-1 (S6).

    yhat and y have the same shape, or one is a number; L has that shape.
    Raises ValueError when shapes differ.

    >>> print(hinge(-2, 1), hinge(3, 1))
    3.0 0.0
    """
    yhat, y = _pair(yhat, y, "max(1 - yhat y, 0)")
    return relu(1 - yhat * y)


def hinge_backward(yhat: Any, y: Any) -> np.ndarray:
    """dyhat = -y where the margin yhat y < 1, else 0 (S6).

    >>> print(hinge_backward(-2, 1), hinge_backward(3, 1))
    -1.0 -0.0
    """
    yhat, y = _pair(yhat, y, "dyhat = -1[yhat y < 1] y")
    return -y * np.heaviside(1 - yhat * y, 0.0)


def log_sum_exp(Z: Any) -> np.ndarray:
    """log sum_k exp(Z_k) along the last axis, safe for any score (M8).

    Z is (..., K), the result (...).  Raises ValueError when there is no score.

    >>> print(log_sum_exp([1000, -1000]))
    1000.0
    """
    Z = scores(Z)
    largest = Z.real.max(axis=-1, keepdims=True)
    return largest[..., 0] + np.log(np.exp(Z - largest).sum(axis=-1))


def cross_entropy(Z: Any, Y: Any) -> np.ndarray:
    """L_n = log sum_k exp(Z_nk) - sum_k Y_nk Z_nk, one number per row (M8, U10).

    Z (N, K) scores, Y (N, K) one-hot (or probabilities), L (N,).
    Raises ValueError when shapes differ.

    >>> cross_entropy([[0, 0]], [[1, 0]])
    array([0.69314718])
    """
    Z, Y = promote(Z), promote(Y)
    same_shape("log sum exp(Z) - sum(Y * Z)", Z=Z, Y=Y)
    return log_sum_exp(Z) - (Y * Z).sum(axis=-1)


def cross_entropy_backward(Z: Any, Y: Any) -> np.ndarray:
    """dZ = softmax(Z) - Y (M8).

    >>> cross_entropy_backward([[0, 0]], [[1, 0]])
    array([[-0.5,  0.5]])
    """
    Z, Y = promote(Z), promote(Y)
    same_shape("dZ = softmax(Z) - Y", Z=Z, Y=Y)
    return softmax(Z) - Y


def softmax_cross_entropy(Z: Any, Y: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return (loss, dZ), both for the mean over the batch of ``cross_entropy`` (M8).

    Z (N, K) scores, Y (N, K) one-hot, loss a number, dZ (N, K) = (softmax(Z) - Y) / N.
    Raises ValueError when shapes differ.

    >>> loss, dZ = softmax_cross_entropy([[0, 0], [0, 0]], [[1, 0], [0, 1]])
    >>> print(loss.round(4), dZ.tolist())
    0.6931 [[-0.25, 0.25], [0.25, -0.25]]
    """
    return (
        batch_loss("softmax_cross_entropy", Z, Y),
        batch_loss_backward("softmax_cross_entropy", Z, Y),
    )


def one_hot(labels: Any, classes: int) -> np.ndarray:
    """Y_nk = 1 where k is the label of example n, else 0 (U10).

    labels (N,) integers in 0..classes-1, Y (N, classes).  Raises ValueError otherwise.

    >>> one_hot([1, 0], 3)
    array([[0., 1., 0.],
           [1., 0., 0.]])
    """
    labels = np.asarray(labels)
    if labels.dtype.kind not in "iu" or labels.ndim != 1:
        raise ValueError(f"labels must be a vector of integers, got {labels!r}")
    if labels.size and not 0 <= labels.min() <= labels.max() < classes:
        raise ValueError(f"labels must lie in 0..{classes - 1}, got {labels!r}")
    return np.eye(classes)[labels]


Loss = Callable[[Any, Any], np.ndarray]

# name: (L, dL/dyhat); the softmax cross entropy takes scores, so its yhat is Z[L].
LOSSES: dict[str, tuple[Loss, Loss]] = {
    "half_squared": (half_squared, half_squared_backward),
    "squared": (squared, squared_backward),
    "absolute": (absolute, absolute_backward),
    "huber": (huber, huber_backward),
    "logistic": (logistic, logistic_backward),
    "hinge": (hinge, hinge_backward),
    "softmax_cross_entropy": (cross_entropy, cross_entropy_backward),
}


def batch_loss(loss: str, Yhat: Any, Y: Any) -> np.ndarray:
    """L = 1/N sum_n sum_k loss(Yhat_nk, Y_nk), the loss of a batch (M4, N7).

    Yhat and Y are (N, K), L a number.  Raises ValueError for an unknown loss (listing
    the known ones) and when shapes differ.

    >>> print(batch_loss("squared", [[1, 2], [3, 4]], [[0, 0], [0, 0]]))
    15.0
    """
    forward, _ = lookup(LOSSES, loss, "loss")
    return forward(Yhat, Y).sum() / _examples(loss, Yhat)


def batch_loss_backward(loss: str, Yhat: Any, Y: Any) -> np.ndarray:
    """dYhat = 1/N dloss/dyhat, entry by entry: the only place where 1/N enters.

    Yhat, Y and dYhat are (N, K).  Raises as ``batch_loss``.

    >>> batch_loss_backward("squared", [[1, 2], [3, 4]], [[0, 0], [0, 0]])
    array([[1., 2.],
           [3., 4.]])
    """
    _, backward = lookup(LOSSES, loss, "loss")
    return backward(Yhat, Y) / _examples(loss, Yhat)


def _examples(loss: str, Yhat: Any) -> int:
    """N, the number of rows; a number, or one row of scores, is one example."""
    shape = np.shape(Yhat)
    if loss == "softmax_cross_entropy":
        shape = shape[:-1]
    N = shape[0] if shape else 1
    if N == 0:
        raise ValueError("the loss is a mean over examples, and there are none")
    return N
