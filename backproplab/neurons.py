"""Neurons: what a unit does to its net input Z, and to the gradient that comes back.

``x(Z)`` computes A; ``x_backward`` turns dA = dL/dA into dZ = dL/dZ and its
signature shows which forward value that needs: the output A, or for relu the input Z.
All functions work entry by entry on arrays of any shape, softmax along the last axis.

At a tie (relu at 0, threshold at 0, max of equals) the second argument of the maximum
wins, so relu'(0) = 0.  Every value in [0, 1] would be a right subgradient.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from backproplab.arrays import promote, same_shape


def magnitude(Z: np.ndarray) -> np.ndarray:
    """|Z| that stays analytic: complex Z keeps or flips both its parts together."""
    return np.where(Z.real < 0, -Z, Z) if Z.dtype.kind == "c" else np.abs(Z)


def linear(Z: Any) -> np.ndarray:
    """A = Z, the linear neuron (M1).

    Z and A have the same shape, any shape.  Raises TypeError when Z is not numbers.

    >>> linear([1, -2])
    array([ 1., -2.])
    """
    return promote(Z)


def threshold(Z: Any) -> np.ndarray:
    """A = 1 where Z > 0, else 0, the perceptron's threshold (N3).

    Its derivative is 0 wherever it exists, so it has no backward function: gradients
    cannot train it.  Z and A have the same shape.

    >>> threshold([-1.5, 0, 2])
    array([0., 0., 1.])
    """
    return np.heaviside(promote(Z).real, 0.0)


def relu(Z: Any) -> np.ndarray:
    """A = max(Z, 0), the rectified linear unit (M1).

    Z and A have the same shape, any shape.

    >>> relu([-3, 0, 2])
    array([0., 0., 2.])
    """
    Z = promote(Z)
    if Z.dtype.kind == "c":  # the real part alone decides, and NaN passes through
        return np.where(Z.real <= 0, 0, Z)
    return np.maximum(Z, 0.0)


def relu_backward(dA: Any, Z: Any) -> np.ndarray:
    """dZ = dA where Z > 0, else 0 (M10).

    dA, Z and dZ have the same shape.  Raises ValueError when shapes differ.

    >>> relu_backward([5, 5, 5], [-3, 0, 2])
    array([0., 0., 5.])
    """
    dA, Z = promote(dA), promote(Z)
    same_shape("dZ = dA where Z > 0", dA=dA, Z=Z)
    return dA * (Z > 0.0)


def sigmoid(Z: Any) -> np.ndarray:
    """A = 1 / (1 + exp(-Z)), the logistic sigma (M1, N5), safe for any Z.

    Written with exp(-|Z|), which lies in (0, 1] and so can never overflow.
    Z and A have the same shape, any shape.

    >>> sigmoid([-1000, 0, 1000])
    array([0. , 0.5, 1. ])
    """
    Z = promote(Z)
    small = np.exp(-magnitude(Z))
    return np.where(Z.real < 0, small, 1) / (1 + small)


def sigmoid_backward(dA: Any, A: Any) -> np.ndarray:
    """dZ = dA * A * (1 - A), from the output A = sigma(Z) (N5, M10).

    dA, A and dZ have the same shape.  Raises ValueError when shapes differ.

    >>> sigmoid_backward([8], [0.5])
    array([2.])
    """
    dA, A = promote(dA), promote(A)
    same_shape("dZ = dA * A * (1 - A)", dA=dA, A=A)
    return dA * A * (1 - A)


def tanh(Z: Any) -> np.ndarray:
    """A = tanh(Z) = 2 sigma(2 Z) - 1 (M1, M2).

    Z and A have the same shape, any shape.

    >>> tanh([-1000, 0, 1000])
    array([-1.,  0.,  1.])
    """
    return np.tanh(promote(Z))


def tanh_backward(dA: Any, A: Any) -> np.ndarray:
    """dZ = dA * (1 - A^2), from the output A = tanh(Z) (M10).

    dA, A and dZ have the same shape.  Raises ValueError when shapes differ.

    >>> tanh_backward([4], [0.5])
    array([3.])
    """
    dA, A = promote(dA), promote(A)
    same_shape("dZ = dA * (1 - A^2)", dA=dA, A=A)
    return dA * (1 - A * A)


def scores(Z: Any) -> np.ndarray:
    """Promote Z, whose last axis holds one score or more for each class."""
    Z = promote(Z)
    if Z.ndim == 0 or Z.shape[-1] == 0:
        raise ValueError(f"scores are (..., K) with K at least 1; got shape {Z.shape}")
    return Z


def softmax(Z: Any) -> np.ndarray:
    """A_k = exp(Z_k) / sum_j exp(Z_j) along the last axis (M1, M2).

    Subtracting the largest score first changes nothing and prevents overflow.
    Z and A have the same shape (..., K).  Raises ValueError when there is no score.

    >>> softmax([[1000, 1000], [-1000, 1000]])
    array([[0.5, 0.5],
           [0. , 1. ]])
    """
    Z = scores(Z)
    E = np.exp(Z - Z.real.max(axis=-1, keepdims=True))
    return E / E.sum(axis=-1, keepdims=True)


def softmax_backward(dA: Any, A: Any) -> np.ndarray:
    """dZ = A * (dA - sum_k dA_k A_k): the Jacobian diag(A) - A A^T, never built (M2).

    dA, A and dZ have the same shape (..., K).  Raises ValueError when shapes differ.

    >>> softmax_backward([4, 0], [0.5, 0.5])
    array([ 1., -1.])
    """
    dA, A = promote(dA), promote(A)
    same_shape("dZ = A * (dA - sum(dA * A))", dA=dA, A=A)
    return A * (dA - (dA * A).sum(axis=-1, keepdims=True))


Forward = Callable[[Any], np.ndarray]
Backward = Callable[[Any, Any, Any], np.ndarray]

# name: (Z -> A, (dA, Z, A) -> dZ); each backward picks the forward value it needs.
ACTIVATIONS: dict[str, tuple[Forward, Backward]] = {
    "linear": (linear, lambda dA, Z, A: dA),
    "relu": (relu, lambda dA, Z, A: relu_backward(dA, Z)),
    "sigmoid": (sigmoid, lambda dA, Z, A: sigmoid_backward(dA, A)),
    "tanh": (tanh, lambda dA, Z, A: tanh_backward(dA, A)),
    "softmax": (softmax, lambda dA, Z, A: softmax_backward(dA, A)),
}
