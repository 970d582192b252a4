"""UBC CPSC 340: one example x (d,), weights W[l] with one row per unit, no biases.

The output is yhat = w . z; h is applied to every hidden unit.  Any loss f may be
chosen: only r = f'(yhat) changes (U5).  a, b, d are the error signals of the layers
3, 2, 1: in house notation delta[3], delta[2], delta[1].
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from backproplab.arrays import lookup, misfit, number, promote
from backproplab.losses import LOSSES, cross_entropy_backward
from backproplab.neurons import ACTIVATIONS

Values = dict[str, np.ndarray]

# These formulas need h and f of one number; softmax mixes several.
ONE_NUMBER_LOSSES = {k: v for k, v in LOSSES.items() if k != "softmax_cross_entropy"}
ONE_NUMBER_NEURONS = {k: v for k, v in ACTIVATIONS.items() if k != "softmax"}


def _activation(name: str) -> tuple[Callable, Callable]:
    """h and its slope as a function of both z and h(z)."""
    h, backward = lookup(ONE_NUMBER_NEURONS, name, "activation")
    return h, lambda Z, A: backward(np.ones_like(A), Z, A)


def _output(loss: str, yhat: np.ndarray, y: Any) -> Values:
    """yhat, the loss f of it, and r = f'(yhat) (U1, U5)."""
    f, slope = lookup(ONE_NUMBER_LOSSES, loss, "loss")
    y = number("y", y)
    return {"yhat": yhat, "f": f(yhat, y), "r": slope(yhat, y)}


def _fit(x: np.ndarray, *weights: np.ndarray) -> None:
    """Each weight, in forward order, must take what the one before it gives."""
    width = x.shape
    for W in weights:
        if len(width) != 1 or W.shape[-1:] != width:
            misfit("W @ z", W=W, z=np.empty(width))
        width = W.shape[:-1]


def one_hidden(
    x: Any, y: Any, w: Any, W: Any, hidden: str = "sigmoid", loss: str = "half_squared"
) -> Values:
    """df/dw_c = r z_c and df/dW_cj = r v_c x_j with v_c = w_c h'(W_c x) (U1 to U5).

    x (d,), y a number, w (k,), W (k, d); returns z (k,), yhat, f, r, v (k,) and
    dw (k,), dW (k, d).
    Raises ValueError for unknown names and shapes that do not fit.

    >>> one_hidden([1, 2], 3, [2], [[3, 0]], hidden="linear")["dW"]
    array([[ 6., 12.]])
    """
    x, w, W = promote(x), promote(w), promote(W)
    _fit(x, W, w)
    h, slope = _activation(hidden)
    Z = W @ x
    z = h(Z)
    out = _output(loss, w @ z, y)
    r = out["r"]
    v = w * slope(Z, z)
    return {"z": z, **out, "v": v, "dw": r * z, "dW": r * np.outer(v, x)}


def two_hidden(
    x: Any,
    y: Any,
    w: Any,
    W2: Any,
    W1: Any,
    hidden: str = "sigmoid",
    loss: str = "half_squared",
) -> Values:
    """df/dw = r z2, df/dW2_cj = r v_c z1_j, df/dW1_cj = r (v . u_c) x_j (U6).

    u_{c'c} = W2_{c'c} h'(W1_c x): how unit c of layer 1 moves unit c' of layer 2.
    x (d,), y a number, w (k2,), W2 (k2, k1), W1 (k1, d); returns z1, z2, yhat, f, r,
    v (k2,), u (k2, k1) and dw, dW2, dW1.  Raises ValueError as ``one_hidden``.

    >>> two_hidden([1, 2], 7, [2], [[3]], [[1, 1]], hidden="linear")["dW1"]
    array([[ 66., 132.]])
    """
    x, w, W2, W1 = promote(x), promote(w), promote(W2), promote(W1)
    _fit(x, W1, W2, w)
    h, slope = _activation(hidden)
    Z1 = W1 @ x
    z1 = h(Z1)
    Z2 = W2 @ z1
    z2 = h(Z2)
    out = _output(loss, w @ z2, y)
    r = out["r"]
    v = w * slope(Z2, z2)
    u = W2 * slope(Z1, z1)
    return {
        "z1": z1,
        "z2": z2,
        **out,
        "v": v,
        "u": u,
        "dw": r * z2,
        "dW2": r * np.outer(v, z1),
        "dW1": r * np.outer(v @ u, x),
    }


def three_hidden(
    x: Any,
    y: Any,
    w: Any,
    W3: Any,
    W2: Any,
    W1: Any,
    hidden: str = "sigmoid",
    loss: str = "half_squared",
) -> Values:
    """Four backward steps: r gives dw, a gives dW3, b gives dW2, d gives dW1 (U7, U8).

    a_c = r w_c h'(Z3_c), b_c = sum_c' a_c' W3_c'c h'(Z2_c), d_c likewise from b, W2.
    x (d,), y a number, w (k3,), W3 (k3, k2), W2 (k2, k1), W1 (k1, d); returns z1, z2,
    z3, yhat, f, r, a, b, d and dw, dW3, dW2, dW1.  Raises as ``one_hidden``.

    >>> three_hidden([1], 5, [2], [[3]], [[1]], [[1]], hidden="linear")["d"]
    array([6.])
    """
    x, w = promote(x), promote(w)
    W3, W2, W1 = promote(W3), promote(W2), promote(W1)
    _fit(x, W1, W2, W3, w)
    h, slope = _activation(hidden)
    Z1 = W1 @ x
    z1 = h(Z1)
    Z2 = W2 @ z1
    z2 = h(Z2)
    Z3 = W3 @ z2
    z3 = h(Z3)
    out = _output(loss, w @ z3, y)
    r = out["r"]
    a = r * w * slope(Z3, z3)
    b = (a @ W3) * slope(Z2, z2)
    d = (b @ W2) * slope(Z1, z1)
    return {
        "z1": z1,
        "z2": z2,
        "z3": z3,
        **out,
        "a": a,
        "b": b,
        "d": d,
        "dw": r * z3,
        "dW3": np.outer(a, z2),
        "dW2": np.outer(b, z1),
        "dW1": np.outer(d, x),
    }


def softmax_outputs(
    x: Any, y: Any, W2: Any, W1: Any, hidden: str = "sigmoid"
) -> Values:
    """Several outputs: w becomes a matrix, r = softmax(W2 z) - y a vector (U10).

    x (d,), y (K,) one-hot, W2 (K, k), W1 (k, d); returns r (K,), a (k,), dW2, dW1.
    Raises ValueError as ``one_hidden``.

    >>> softmax_outputs([1], [1, 0], [[0], [0]], [[1]], hidden="linear")["dW2"]
    array([[-0.5],
           [ 0.5]])
    """
    x, W2, W1 = promote(x), promote(W2), promote(W1)
    _fit(x, W1, W2)
    h, slope = _activation(hidden)
    Z = W1 @ x
    z = h(Z)
    r = cross_entropy_backward(W2 @ z, y)
    a = (r @ W2) * slope(Z, z)
    return {"r": r, "a": a, "dW2": np.outer(r, z), "dW1": np.outer(a, x)}
