"""Stanford CS221: one example with features phi (d,), one row of V per hidden unit.

There are no biases, hidden units are sigmoids, and the regression loss is
(w . h - y)^2.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from backproplab.arrays import misfit, number, promote
from backproplab.losses import hinge_backward, squared_backward
from backproplab.neurons import sigmoid, sigmoid_backward


def hinge_gradient(w: Any, phi: Any, y: Any) -> np.ndarray:
    """dw = -1[margin < 1] phi y, margin = (w . phi) y, y = +-1 (S6).

    w and phi (d,); returns (d,).  Raises ValueError when shapes differ.

    >>> hinge_gradient([0, 0], [1, 2], -1)
    array([1., 2.])
    """
    w, phi = promote(w), promote(phi)
    if w.ndim != 1 or w.shape != phi.shape:
        misfit("w . phi", w=w, phi=phi)
    return hinge_backward(w @ phi, number("y", y)) * phi


def two_layer(phi: Any, y: Any, V: Any, w: Any) -> tuple[np.ndarray, np.ndarray]:
    """dw = 2 r h, dV = 2 r (w * h * (1 - h)) phi^T with r = w . h - y (S7).

    phi (d,), y a number, V (k, d), w (k,); returns (dw, dV).
    Raises ValueError when shapes do not fit.

    >>> dw, dV = two_layer([1, 2], 1, [[0, 0]], [4])
    >>> dw.tolist(), dV.tolist()
    ([1.0], [[2.0, 4.0]])
    """
    (dV,), dw = regression(phi, y, [V], w)
    return dw, dV


def regression(
    phi: Any, y: Any, V: Sequence[Any], w: Any
) -> tuple[list[np.ndarray], np.ndarray]:
    """Gradients of (w . sigma(V3 sigma(V2 sigma(V1 phi))) - y)^2 for any depth (S1).

    V is [V1, V2, ...], V_l (k_l, k_{l-1}), phi (k_0,), w (k_last,), y a number.
    Returns ([dV1, dV2, ...], dw).  Raises ValueError when shapes do not fit.

    >>> dV, dw = regression([1], 0, [[[0]], [[0]], [[0]]], [2])
    >>> dw.tolist(), dV[2].tolist()
    ([1.0], [[0.5]])
    """
    w, matrices = promote(w), [promote(matrix) for matrix in V]
    h = [promote(phi)]
    for matrix in matrices:
        if matrix.ndim != 2 or h[-1].shape != matrix.shape[1:]:
            misfit("V @ h", V=matrix, h=h[-1])
        h.append(sigmoid(matrix @ h[-1]))
    if w.shape != h[-1].shape:
        misfit("w . h", w=w, h=h[-1])
    dyhat = squared_backward(w @ h[-1], number("y", y))
    dh = dyhat * w
    dV: list[np.ndarray] = []
    for matrix, below, here in zip(matrices[::-1], h[-2::-1], h[::-1], strict=False):
        dz = sigmoid_backward(dh, here)
        dV.insert(0, np.outer(dz, below))
        dh = dz @ matrix
    return dV, dyhat * h[-1]


def sgd_step(
    phi: Any, y: Any, V: Sequence[Any], w: Any, eta: float
) -> tuple[list[np.ndarray], np.ndarray]:
    """V_l <- V_l - eta dV_l and w <- w - eta dw, all from the old values (S1).

    Arguments as ``regression``; returns ([V1, V2, ...], w).

    >>> sgd_step([1], 0, [[[0]]], [2], eta=0.5)
    ([array([[-0.5]])], array([1.5]))
    """
    dV, dw = regression(phi, y, V, w)
    new = [promote(old) - eta * d for old, d in zip(V, dV, strict=True)]
    return new, promote(w) - eta * dw
