"""The handwritten notes: delta = -dL/dnet, the bias inside W, and w += eta delta o.

Every unit is a sigmoid and the loss is 1/2 sum_k (y_k - o_k)^2.  An example is a
column; a layer's weights are (units, inputs + 1) and their last column multiplies the
constant 1.  The list of weights starts with W^(0), which the house calls W1.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from backproplab.arrays import misfit, promote, same_shape
from backproplab.layers import augment, join_bias
from backproplab.network import Arrays, Params, depth
from backproplab.neurons import sigmoid


def forward(weights: Sequence[Any], x: Any) -> list[np.ndarray]:
    """o = sigma(W [o; 1]), layer after layer; return [x, o1, ..., o_last] (N6).

    x (p,), each W (units, inputs + 1).  Raises ValueError when these do not fit.

    >>> forward([[[0, 0, 0]]], [1, 2])[-1]
    array([0.5])
    """
    outputs = [promote(x)]
    for W in map(promote, weights):
        o = augment(outputs[-1])
        if W.ndim != 2 or o.shape != W.shape[1:]:
            misfit("net = W @ [o; 1]", W=W, o_and_1=o)
        outputs.append(sigmoid(W @ o))
    return outputs


def output_delta(y: Any, o: Any) -> np.ndarray:
    """delta_j = -dL/dnet_j = (y_j - o_j) o_j (1 - o_j) (N8).

    y, o and delta have the same shape.  Raises ValueError when shapes differ.

    >>> output_delta([1], [0.5])
    array([0.125])
    """
    y, o = promote(y), promote(o)
    same_shape("delta = (y - o) o (1 - o)", y=y, o=o)
    return (y - o) * o * (1 - o)


def hidden_delta(delta_next: Any, W_next: Any, o: Any) -> np.ndarray:
    """delta_j = o_j (1 - o_j) sum_z delta_z w_zj over all downstream units z (N9).

    delta_next (downstream,), W_next (downstream, here) without the bias column, since
    the constant 1 passes nothing down; o (here,).  Raises ValueError for a misfit.

    >>> hidden_delta([1, 2], [[3], [4]], [0.5])
    array([2.75])
    """
    delta_next, W_next, o = promote(delta_next), promote(W_next), promote(o)
    if W_next.shape != delta_next.shape + o.shape:
        misfit("delta_next @ W_next", delta_next=delta_next, W_next=W_next, o=o)
    return o * (1 - o) * (delta_next @ W_next)


def deltas(
    weights: Sequence[Any], outputs: Sequence[np.ndarray], y: Any
) -> list[np.ndarray]:
    """One delta for each matrix in weights, from the output layer down (N8, N9).

    outputs as ``forward`` returns them, y (K,).  Raises ValueError for other lengths.

    >>> weights = [[[1, 0]], [[2, 0]]]
    >>> [d.round(4).tolist() for d in deltas(weights, forward(weights, [0]), [1])]
    [[0.0264], [0.0529]]
    """
    if not 0 < len(weights) == len(outputs) - 1:
        raise ValueError(
            f"{len(weights)} weight matrices have {len(weights) + 1} outputs, x "
            f"included, and there is at least one; got {len(outputs)} outputs"
        )
    found = [output_delta(y, outputs[-1])]
    for W, o in zip(weights[:0:-1], outputs[-2:0:-1], strict=True):
        found.insert(0, hidden_delta(found[0], promote(W)[:, :-1], o))
    return found


def update(W: Any, delta: Any, o: Any, eta: float) -> np.ndarray:
    """w_ji += eta delta_j o_i, with o_i = 1 for the bias column (N8, N9).

    W (units, inputs + 1), delta (units,), o (inputs,).  Raises ValueError for a misfit.

    >>> update([[1, 2]], [3], [10], eta=0.1)
    array([[4. , 2.3]])
    """
    W, delta, o = promote(W), promote(delta), augment(o)
    if W.shape != delta.shape + o.shape:
        misfit("W + eta * outer(delta, [o; 1])", W=W, delta=delta, o_and_1=o)
    return W + eta * np.outer(delta, o)


def step(weights: Sequence[Any], x: Any, y: Any, eta: float) -> list[np.ndarray]:
    """One stochastic step: all deltas from the old weights, then every update (N8, N9).

    x (p,), y (K,); returns new weights.  Raises ValueError when shapes do not fit.

    >>> step([[[0, 0]]], [2], [1], eta=8)
    [array([[2., 1.]])]
    """
    outputs = forward(weights, x)
    errors = deltas(weights, outputs, y)
    layers = zip(weights, errors, outputs[:-1], strict=True)
    return [update(W, delta, o, eta) for W, delta, o in layers]


def from_house(params: Params) -> list[np.ndarray]:
    """W^(l-1) = [W[l]; b[l]]^T: house parameters in the notes' form (N6).

    >>> from_house({"W1": [[1, 2]], "b1": [3, 4]})
    [array([[1., 3.],
           [2., 4.]])]
    """
    layers = range(1, depth(params) + 1)
    return [join_bias(params[f"W{i}"], params[f"b{i}"]).T for i in layers]


def to_house(weights: Sequence[Any]) -> Arrays:
    """Undo ``from_house`` (N6).

    >>> to_house([[[1, 3], [2, 4]]])
    {'W1': array([[1., 2.]]), 'b1': array([3., 4.])}
    """
    params: Arrays = {}
    for i, W in enumerate(map(promote, weights), start=1):
        params[f"W{i}"], params[f"b{i}"] = W[:, :-1].T, W[:, -1]
    return params
