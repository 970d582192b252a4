"""Michigan EECS 545, lecture 11: each derivative is a factor times the one before it.

One example x (D,), z = W x + b with one row of W per unit, h = f(z); dq is dL/dq.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from backproplab.arrays import lookup, misfit, number, promote
from backproplab.layers import linear_backward_columns, linear_forward_columns
from backproplab.losses import cross_entropy_backward, squared_backward
from backproplab.neurons import ACTIVATIONS

Factors = dict[str, np.ndarray]


def _output(theta: np.ndarray, h: np.ndarray, c: Any) -> np.ndarray:
    """yhat = theta . h + c."""
    if theta.ndim != 1 or theta.shape != h.shape:
        misfit("yhat = theta . h + c", theta=theta, h=h)
    return theta @ h + number("c", c)


def one_hidden(
    x: Any, y: Any, W: Any, b: Any, theta: Any, c: Any, hidden: str = "tanh"
) -> Factors:
    """The six derivatives of (yhat - y)^2 with yhat = theta . h + c (M6).

    dyhat = 2 (yhat - y); dtheta_j = h_j dyhat; dc = dyhat; dh_j = theta_j dyhat;
    dw_ji = f'(z_j) x_i dh_j; db_j = f'(z_j) dh_j.
    x (D,), y a number, W (H, D), b (H,), theta (H,), c a number.
    Raises ValueError for unknown names and shapes that do not fit.

    >>> one_hidden([1, 2], 0, [[1, 1]], [0], [2], 1, hidden="linear")["dW"]
    array([[28., 56.]])
    """
    f, backward = lookup(ACTIVATIONS, hidden, "activation")
    x, W, theta = promote(x), promote(W), promote(theta)
    z = linear_forward_columns(x, W, b)
    h = f(z)
    dyhat = squared_backward(_output(theta, h, c), number("y", y))
    dh = theta * dyhat
    _, dW, db = linear_backward_columns(backward(dh, z, h), x, W)
    return {
        "dyhat": dyhat,
        "dtheta": h * dyhat,
        "dc": dyhat,
        "dh": dh,
        "dW": dW,
        "db": db,
    }


def two_hidden(
    x: Any,
    y: Any,
    W1: Any,
    b1: Any,
    W2: Any,
    b2: Any,
    theta: Any,
    c: Any,
    hidden: str = "tanh",
) -> Factors:
    """All derivatives with two hidden layers; dh1_i = sum_j f'(z2_j) w2_ji dh2_j (M7).

    x (D,), y a number, W1 (H1, D), b1 (H1,), W2 (H2, H1), b2 (H2,), theta (H2,),
    c a number.  Raises ValueError as ``one_hidden``.

    >>> two_hidden([1], 0, [[1]], [0], [[3]], [0], [2], 0, hidden="linear")["dh1"]
    array([72.])
    """
    f, backward = lookup(ACTIVATIONS, hidden, "activation")
    x, W1, W2, theta = promote(x), promote(W1), promote(W2), promote(theta)
    z1 = linear_forward_columns(x, W1, b1)
    h1 = f(z1)
    z2 = linear_forward_columns(h1, W2, b2)
    h2 = f(z2)
    dyhat = squared_backward(_output(theta, h2, c), number("y", y))
    dh2 = theta * dyhat
    dh1, dW2, db2 = linear_backward_columns(backward(dh2, z2, h2), h1, W2)
    _, dW1, db1 = linear_backward_columns(backward(dh1, z1, h1), x, W1)
    return {
        "dyhat": dyhat,
        "dtheta": h2 * dyhat,
        "dc": dyhat,
        "dh2": dh2,
        "dW2": dW2,
        "db2": db2,
        "dh1": dh1,
        "dW1": dW1,
        "db1": db1,
    }


def classifier(x: Any, y: Any, W: Any, b: Any, activation: str = "linear") -> Factors:
    """One layer, h = f(W x + b) as scores: dh = p - y, dw_ji = f'(z_j) x_i dh_j (M8).

    x (D,), y (K,) one-hot, W (K, D), b (K,); p = softmax(h).
    Raises ValueError as ``one_hidden``.

    >>> classifier([2], [1, 0], [[0], [0]], [0, 0])["dW"]
    array([[-1.],
           [ 1.]])
    """
    f, backward = lookup(ACTIVATIONS, activation, "activation")
    z = linear_forward_columns(x, W, b)
    h = f(z)
    dh = cross_entropy_backward(h, y)
    _, dW, db = linear_backward_columns(backward(dh, z, h), x, W)
    return {"dh": dh, "dW": dW, "db": db}
