"""The linear layer, forward and backward, in three ways to write it down.

Rows (the house form): examples are rows, Z = X W + b, W is (D_in, D_out).
Columns (most slides): an example is a column x, z = W x + b, W is (D_out, D_in).
Augmented (the notes): a constant 1 is appended to X and b becomes W's last row.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from backproplab.arrays import misfit, promote


def linear_forward(X: Any, W: Any, b: Any) -> np.ndarray:
    """Z = X W + b, examples in rows (M9).

    X (N, D), W (D, H), b (H,), Z (N, H).  Raises ValueError when these do not fit.

    >>> linear_forward([[1, 2]], [[3, 4], [5, 6]], [10, 20])
    array([[23., 36.]])
    """
    X, W, b = promote(X), promote(W), promote(b)
    one_row_each = W.ndim == 2 and X.ndim <= 2 and X.shape[-1:] == W.shape[:1]
    if not one_row_each or b.shape != W.shape[1:]:
        misfit("Z = X @ W + b", X=X, W=W, b=b)
    return X @ W + b


def linear_backward(
    dZ: Any, X: Any, W: Any
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """dX = dZ W^T, dW = X^T dZ, db = the sum of dZ over its rows (M9).

    dZ (N, H), X (N, D), W (D, H); returns dX (N, D), dW (D, H), db (H,).
    Raises ValueError when these do not fit.

    >>> dZ, X, W = [[1, 0], [0, 2]], [[1, 2], [3, 4]], [[5, 6], [7, 8]]
    >>> dX, dW, db = linear_backward(dZ, X, W)
    >>> dX.tolist(), dW.tolist(), db.tolist()
    ([[5.0, 7.0], [12.0, 16.0]], [[1.0, 6.0], [2.0, 8.0]], [1.0, 2.0])
    """
    dZ, X, W = promote(dZ), promote(X), promote(W)
    if dZ.ndim != 2 or X.shape != (len(dZ), len(W)) or dZ.shape[1:] != W.shape[1:]:
        misfit("dX = dZ @ W.T, dW = X.T @ dZ", dZ=dZ, X=X, W=W)
    return dZ @ W.T, X.T @ dZ, dZ.sum(axis=0)


def linear_forward_columns(x: Any, W: Any, b: Any) -> np.ndarray:
    """z = W x + b, one example as a column, or several side by side (M9).

    x (D,) or (D, N), W (H, D), b (H,); z (H,) or (H, N).
    Raises ValueError when these do not fit.

    >>> linear_forward_columns([1, 2], [[3, 5], [4, 6]], [10, 20])
    array([23., 36.])
    """
    x, W, b = promote(x), promote(W), promote(b)
    one_column_each = W.ndim == 2 and x.ndim <= 2 and x.shape[:1] == W.shape[1:]
    if not one_column_each or b.shape != W.shape[:1]:
        misfit("z = W @ x + b", x=x, W=W, b=b)
    return W @ x + (b if x.ndim == 1 else b[:, None])


def linear_backward_columns(
    dz: Any, x: Any, W: Any
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """dx = W^T dz, dW = dz x^T, db = dz (summed over the columns) (M9, M5).

    dz (H,) or (H, N), x (D,) or (D, N), W (H, D); returns dx, dW, db shaped as x, W
    and (H,).  Raises ValueError when these do not fit.

    >>> dx, dW, db = linear_backward_columns([1, 2], [3, 4], [[5, 6], [7, 8]])
    >>> dx.tolist(), dW.tolist(), db.tolist()
    ([19.0, 22.0], [[3.0, 4.0], [6.0, 8.0]], [1.0, 2.0])
    """
    dz, x, W = promote(dz), promote(x), promote(W)
    fits = W.shape == dz.shape[:1] + x.shape[:1] and dz.shape[1:] == x.shape[1:]
    if not fits or x.ndim > 2:
        misfit("dx = W.T @ dz, dW = dz @ x.T", dz=dz, x=x, W=W)
    if x.ndim == 1:
        return W.T @ dz, np.outer(dz, x), dz
    return W.T @ dz, dz @ x.T, dz.sum(axis=1)


def augment(X: Any) -> np.ndarray:
    """[X, 1]: append the constant input 1 to every example (N6).

    X (D,) or (N, D); the result has one more column.  Raises ValueError otherwise.

    >>> augment([[1, 2], [3, 4]])
    array([[1., 2., 1.],
           [3., 4., 1.]])
    """
    X = promote(X)
    if X.ndim not in (1, 2):
        misfit("[X, 1]", X=X)
    return np.concatenate([X, np.ones_like(X[..., :1])], axis=-1)


def join_bias(W: Any, b: Any) -> np.ndarray:
    """Put b below W, so that X W + b = augment(X) @ join_bias(W, b) (N6).

    W (D, H), b (H,), result (D+1, H).  Raises ValueError when these do not fit.

    >>> join_bias([[1, 2], [3, 4]], [5, 6])
    array([[1., 2.],
           [3., 4.],
           [5., 6.]])
    """
    W, b = promote(W), promote(b)
    if W.ndim != 2 or b.shape != W.shape[1:]:
        misfit("[W; b]", W=W, b=b)
    return np.vstack([W, b])


def split_bias(W_augmented: Any) -> tuple[np.ndarray, np.ndarray]:
    """Undo ``join_bias``: return W (D, H) and b (H,) (N6).

    W_augmented (D+1, H).  Raises ValueError otherwise.

    >>> W, b = split_bias([[1, 2], [3, 4], [5, 6]])
    >>> W.tolist(), b.tolist()
    ([[1.0, 2.0], [3.0, 4.0]], [5.0, 6.0])
    """
    W_augmented = promote(W_augmented)
    if W_augmented.ndim != 2 or not len(W_augmented):
        misfit("[W; b]", W_augmented=W_augmented)
    return W_augmented[:-1], W_augmented[-1]


def augmented_backward(
    dZ: Any, X: Any, W_augmented: Any
) -> tuple[np.ndarray, np.ndarray]:
    """dW_augmented = [X, 1]^T dZ; the bias row passes nothing down: dX = dZ W^T (N9).

    dZ (N, H), X (N, D), W_augmented (D+1, H); returns dX (N, D), dW (D+1, H).
    Raises ValueError when these do not fit.

    >>> dX, dW = augmented_backward([[1]], [[2, 3]], [[4], [5], [6]])
    >>> dX.tolist(), dW.tolist()
    ([[4.0, 5.0]], [[2.0], [3.0], [1.0]])
    """
    W, _ = split_bias(W_augmented)
    dX, dW, db = linear_backward(dZ, X, W)
    return dX, join_bias(dW, db)
