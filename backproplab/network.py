"""A network of any depth: forward values, error signals, gradients.

    Z[l] = A[l-1] @ W[l] + b[l]        A[0] = X
    A[l] = h(Z[l])                     h is ``hidden``, in the last layer ``output``

Parameters are a dict {"W1", "b1", ..., "WL", "bL"}, gradients {"dW1", "db1", ...}, and
the forward cache is {"A0", "Z1", "A1", ..., "ZL", "AL"}.  Rows are examples.  The loss
is the mean over examples of the sum over outputs (``losses.batch_loss``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from backproplab.arrays import lookup, misfit, promote
from backproplab.layers import linear_forward
from backproplab.losses import batch_loss, batch_loss_backward
from backproplab.neurons import ACTIVATIONS

Arrays = dict[str, np.ndarray]
Params = Mapping[str, Any]


def depth(params: Params) -> int:
    """L, the number of layers in params.

    Raises ValueError unless the keys are exactly W1, b1, ..., WL, bL, and TypeError
    when there are no keys.

    >>> depth({"W1": [[1]], "b1": [0], "W2": [[1]], "b2": [0]})
    2
    """
    if not hasattr(params, "keys"):
        raise TypeError(f"parameters are a dict of W1, b1, ...; got {params!r}")
    L = len(params) // 2
    if L and set(params) == _names(L):
        return L
    raise ValueError(
        "parameters are W1, b1, W2, b2, ... without gaps; "
        f"got {', '.join(map(str, params)) or 'none'}"
    )


@lru_cache
def _names(L: int) -> frozenset[str]:
    return frozenset(f"{kind}{layer}" for kind in "Wb" for layer in range(1, L + 1))


def sizes(params: Params) -> list[int]:
    """[D_0, D_1, ..., D_L], read from the weights.

    Raises ValueError, naming the layer, when W[l], b[l] and W[l+1] do not fit together.

    >>> sizes(zeros([3, 4, 2]))
    [3, 4, 2]
    """
    found: list[int] = []
    for layer in range(1, depth(params) + 1):
        W, b = np.asarray(params[f"W{layer}"]), np.asarray(params[f"b{layer}"])
        if W.ndim != 2 or b.shape != W.shape[1:]:
            misfit(
                f"A{layer - 1} @ W{layer} + b{layer}",
                **{f"W{layer}": W, f"b{layer}": b},
            )
        if found and W.shape[0] != found[-1]:
            before = np.asarray(params[f"W{layer - 1}"])
            misfit(
                f"A{layer - 1} @ W{layer}", **{f"W{layer - 1}": before, f"W{layer}": W}
            )
        found += [W.shape[1]] if found else list(W.shape)
    return found


def zeros(layer_sizes: Sequence[int]) -> Arrays:
    """Parameters of a network with these sizes, all 0.

    layer_sizes [D_0, ..., D_L]; W[l] is (D_{l-1}, D_l), b[l] is (D_l,).
    Raises ValueError unless there are at least two sizes, whole and positive.

    >>> {name: array.shape for name, array in zeros([3, 4, 2]).items()}
    {'W1': (3, 4), 'b1': (4,), 'W2': (4, 2), 'b2': (2,)}
    """
    counts = [hasattr(n, "__index__") and n > 0 for n in np.atleast_1d(layer_sizes)]
    if len(counts) < 2 or not all(counts):
        raise ValueError(
            f"sizes are D_0, ..., D_L, whole and all positive; got {layer_sizes!r}"
        )
    params: Arrays = {}
    for layer, (D, H) in enumerate(zip(layer_sizes, layer_sizes[1:], strict=False), 1):
        params[f"W{layer}"], params[f"b{layer}"] = np.zeros((D, H)), np.zeros(H)
    return params


def forward(
    params: Params, X: Any, hidden: str = "tanh", output: str = "linear"
) -> Arrays:
    """Z[l] = A[l-1] W[l] + b[l], A[l] = h(Z[l]); keep all of them (U8, N6, L6).

    X (N, D_0); returns {"A0": X, "Z1", "A1", ..., "AL"}, Z[l] and A[l] (N, D_l).
    Raises ValueError for unknown activations and for shapes that do not fit.

    >>> params = {"W1": [[1], [2]], "b1": [3], "W2": [[10]], "b2": [0]}
    >>> forward(params, [[1, 1]], hidden="relu")["A2"]
    array([[60.]])
    """
    L = depth(params)
    functions = [lookup(ACTIVATIONS, hidden, "activation")[0]] * (L - 1)
    functions.append(lookup(ACTIVATIONS, output, "activation")[0])
    A = promote(X)
    if A.ndim != 2:
        raise ValueError(
            f"X is (N, {len(params['W1'])}), one row for each example; got shape "
            f"{A.shape}.  One example x alone is X = [x]"
        )
    cache = {"A0": A}
    for layer, function in enumerate(functions, start=1):
        Z = _net_input(params, layer, A)
        A = function(Z)
        cache[f"Z{layer}"], cache[f"A{layer}"] = Z, A
    return cache


def _net_input(params: Params, layer: int, A: np.ndarray) -> np.ndarray:
    """Z[l] = A[l-1] W[l] + b[l], with this layer's names when they do not fit."""
    W, b = params[f"W{layer}"], params[f"b{layer}"]
    try:
        return linear_forward(A, W, b)
    except ValueError:
        misfit(
            f"Z{layer} = A{layer - 1} @ W{layer} + b{layer}",
            **{f"A{layer - 1}": A, f"W{layer}": promote(W), f"b{layer}": promote(b)},
        )


def error_signals(
    params: Params,
    cache: Arrays,
    Y: Any,
    hidden: str = "tanh",
    output: str = "linear",
    loss: str = "squared",
) -> Arrays:
    """delta[l] = dL/dZ[l], from the last layer to the first (L4, L6, N9).

    delta[L] = dL/dA[L] * output'(Z[L]); delta[l] = (delta[l+1] W[l+1]^T) * h'(Z[l]).
    Y (N, D_L); returns {"dZL", ..., "dZ1"}, each (N, D_l).
    Raises ValueError for unknown names and for shapes that do not fit.

    >>> params = {"W1": [[1], [2]], "b1": [3], "W2": [[10]], "b2": [0]}
    >>> cache = forward(params, [[1, 1]], hidden="relu")
    >>> error_signals(params, cache, [[58]], hidden="relu")
    {'dZ2': array([[4.]]), 'dZ1': array([[40.]])}
    """
    L = depth(params)
    _, hidden_backward = lookup(ACTIVATIONS, hidden, "activation")
    _, output_backward = lookup(ACTIVATIONS, output, "activation")
    if f"A{L}" not in cache:
        raise ValueError(f"no A{L} in the cache; it is what forward(params, X) returns")
    dA = batch_loss_backward(loss, cache[f"A{L}"], Y)
    dZ = output_backward(dA, cache[f"Z{L}"], cache[f"A{L}"])
    signals = {f"dZ{L}": dZ}
    for layer in range(L - 1, 0, -1):
        W = promote(params[f"W{layer + 1}"])
        if dZ.shape[1:] != W.shape[1:]:
            name = f"dZ{layer + 1}"
            misfit(f"{name} @ W{layer + 1}.T", **{name: dZ, f"W{layer + 1}": W})
        dA = dZ @ W.T
        dZ = hidden_backward(dA, cache[f"Z{layer}"], cache[f"A{layer}"])
        signals[f"dZ{layer}"] = dZ
    return signals


def gradients_from_signals(cache: Arrays, signals: Arrays) -> Arrays:
    """dW[l] = A[l-1]^T delta[l], db[l] = the sum of delta[l] over its rows (L5, M9).

    Returns {"dW1", "db1", ..., "dWL", "dbL"} with the shapes of the parameters.

    >>> cache = {"A0": np.array([[1.0, 2.0]])}
    >>> gradients_from_signals(cache, {"dZ1": np.array([[3.0]])})["dW1"]
    array([[3.],
           [6.]])
    """
    grads = {}
    for layer in range(1, len(signals) + 1):
        dZ = signals[f"dZ{layer}"]
        grads[f"dW{layer}"] = cache[f"A{layer - 1}"].T @ dZ
        grads[f"db{layer}"] = dZ.sum(axis=0)
    return grads


def loss_and_gradients(
    params: Params,
    X: Any,
    Y: Any,
    hidden: str = "tanh",
    output: str = "linear",
    loss: str = "squared",
) -> tuple[np.ndarray, Arrays]:
    """One forward and one backward pass: the loss of the batch and its gradients (M4).

    X (N, D_0), Y (N, D_L); the gradients have the shapes of the parameters.
    Raises ValueError for unknown names and for shapes that do not fit.

    >>> params = {"W1": [[1], [2]], "b1": [3]}
    >>> loss, grads = loss_and_gradients(params, [[1, 1]], [[5]])
    >>> print(loss, grads["dW1"].tolist(), grads["db1"].tolist())
    1.0 [[2.0], [2.0]] [2.0]
    """
    cache = forward(params, X, hidden, output)
    value = batch_loss(loss, cache[f"A{len(cache) // 2}"], Y)
    signals = error_signals(params, cache, Y, hidden, output, loss)
    return value, gradients_from_signals(cache, signals)


def gradients(
    params: Params,
    X: Any,
    Y: Any,
    hidden: str = "tanh",
    output: str = "linear",
    loss: str = "squared",
) -> Arrays:
    """The gradients alone; arguments and errors as ``loss_and_gradients`` (U8, L6).

    >>> gradients({"W1": [[1], [2]], "b1": [3]}, [[1, 1]], [[5]])["db1"]
    array([2.])
    """
    cache = forward(params, X, hidden, output)
    signals = error_signals(params, cache, Y, hidden, output, loss)
    return gradients_from_signals(cache, signals)


def loss_value(
    params: Params,
    X: Any,
    Y: Any,
    hidden: str = "tanh",
    output: str = "linear",
    loss: str = "squared",
) -> np.ndarray:
    """The loss of the batch alone; arguments and errors as ``loss_and_gradients``.

    >>> print(loss_value({"W1": [[1], [2]], "b1": [3]}, [[1, 1]], [[5]]))
    1.0
    """
    cache = forward(params, X, hidden, output)
    return batch_loss(loss, cache[f"A{len(cache) // 2}"], Y)


def count_weights(layer_sizes: Sequence[int]) -> int:
    """(D_0 + 1) D_1 + (D_1 + 1) D_2 + ..., biases counted (N6).

    >>> count_weights([3, 4, 2])
    26
    """
    pairs = zip(layer_sizes, layer_sizes[1:], strict=False)
    return sum((D + 1) * H for D, H in pairs)


def flatten(params: Params) -> np.ndarray:
    """All weights in one vector: W1 row by row, b1, W2, b2, ... (N6).

    Also flattens gradients.  Returns (P,).

    >>> flatten({"W1": [[1, 2]], "b1": [3, 4]})
    array([1., 2., 3., 4.])
    """
    return np.concatenate([promote(array).ravel() for array in params.values()])


def unflatten(vector: Any, layer_sizes: Sequence[int]) -> Arrays:
    """Undo ``flatten``: the parameters of a network with these sizes (N6).

    vector (P,), P = count_weights(layer_sizes).  Raises ValueError for another length.

    >>> unflatten([1, 2, 3, 4], [1, 2])
    {'W1': array([[1., 2.]]), 'b1': array([3., 4.])}
    """
    vector = promote(vector)
    if vector.shape != (count_weights(layer_sizes),):
        raise ValueError(
            f"a network of sizes {list(layer_sizes)} has {count_weights(layer_sizes)} "
            f"weights, the vector has shape {vector.shape}"
        )
    params, start = {}, 0
    for name, array in zeros(layer_sizes).items():
        piece = vector[start : start + array.size]
        params[name] = piece.reshape(array.shape).copy()
        start += array.size
    return params
