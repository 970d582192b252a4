"""One training step without a wasted allocation: forward, loss, backward, descent.

``network`` and ``training.sgd_step`` say what is computed; this says it in the order
and the places that suit the machine, and the tests hold the two equal.  A step is a
list of NumPy calls, each with its places for input and output, made once.  The
learning rate and 1/N go into the error signal of the output, once.

    in_place  activations and losses that overwrite what they are given
    columns   small networks, where what counts is how many calls there are
    rows      large networks, where what counts is how far the numbers travel
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from backproplab.arrays import lookup, misfit, promote, whole
from backproplab.fast_step import columns, rows
from backproplab.fast_step.in_place import BENDS, judge
from backproplab.network import Arrays, Params, count_weights, sizes

__all__ = ["prepare"]

Step = Callable[[Any, Any], float]
IN_CACHE = 50_000  # weights; a network with more of them is large


def prepare(
    params: Params, N: int, *, lr: float, hidden: str = "tanh", loss: str = "squared"
) -> tuple[Step, Callable[[], Arrays]]:
    """Return step and weights: step(X, Y) moves the weights and returns the loss.

    W[l] <- W[l] - lr dW[l], the same as ``network.loss_and_gradients`` followed by
    ``training.sgd_step`` (M4, L6), for a linear output.  params is not changed;
    weights() is the parameters as they are now.  X (N, D_0), Y (N, D_L).
    The computation is done in the precision of params.
    Raises ValueError for unknown names and for shapes that do not fit, and TypeError
    for complex numbers.

    >>> params = {"W1": [[1], [2]], "b1": [3]}
    >>> step, weights = prepare(params, N=1, lr=0.25)
    >>> print(step([[1, 1]], [[5]]), weights()["W1"].tolist(), weights()["b1"].tolist())
    1.0 [[0.5], [1.5]] [2.5]
    """
    whole("N, the number of examples,", N)
    widths = sizes(params)
    arrays = {name: promote(array) for name, array in params.items()}
    dtype = np.result_type(*arrays.values())
    if dtype.kind != "f":
        raise TypeError(f"a training step needs real parameters, got {dtype}")
    layout = columns if count_weights(widths) <= IN_CACHE else rows
    bend = lookup(BENDS, hidden, "activation")
    take, up, output, down, weights = layout.plan(arrays, widths, N, dtype, bend)
    value_of = judge(loss, output, lr)
    X_shape, Y_shape, array = (N, widths[0]), (N, widths[-1]), np.ndarray

    def step(X: Any, Y: Any) -> float:
        if X.__class__ is not array or Y.__class__ is not array:
            X, Y = promote(X), promote(Y)
        if X.shape != X_shape or Y.shape != Y_shape:
            misfit(f"a step prepared for X {X_shape}, Y {Y_shape}", X=X, Y=Y)
        take(X)
        for call in up:
            call()
        value = value_of(Y)
        for call in down:
            call()
        return value

    return step, weights
