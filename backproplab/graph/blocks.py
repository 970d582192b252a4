"""The building blocks of a graph: a value, and the gradients of its inputs (S4).

Each block is one line of a table, so that an expression's backward pass is nothing but
these lines, read from the root to the leaves.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from backproplab import neurons


class Block(NamedTuple):
    """A building block: its value, and what each input receives from upstream."""

    forward: Callable[..., Any]
    backward: Callable[..., tuple[Any, ...]]


def _dot(a: Any, b: Any) -> Any:
    if b.ndim > 2:  # many products at once, which no lecture calls a dot product
        raise ValueError
    return a @ b


def _dot_backward(g: Any, f: Any, a: Any, b: Any) -> tuple[np.ndarray, np.ndarray]:
    rows = a.reshape(-1, a.shape[-1])
    columns = b.reshape(b.shape[0], -1)
    G = np.reshape(g, (len(rows), columns.shape[1]))
    return (G @ columns.T).reshape(a.shape), (rows.T @ G).reshape(b.shape)


# S4: name: value from the inputs; gradients from g upstream, the value f, the inputs.
BLOCKS: dict[str, Block] = {
    "add": Block(lambda a, b: a + b, lambda g, f, a, b: (g, g)),
    "sub": Block(lambda a, b: a - b, lambda g, f, a, b: (g, -g)),
    "mul": Block(lambda a, b: a * b, lambda g, f, a, b: (g * b, g * a)),
    "div": Block(lambda a, b: a / b, lambda g, f, a, b: (g / b, -g * f / b)),
    "max": Block(np.maximum, lambda g, f, a, b: (g * (a > b), g * (a <= b))),
    "square": Block(lambda a: a * a, lambda g, f, a: (g * 2 * a,)),
    "sigmoid": Block(
        neurons.sigmoid, lambda g, f, a: (neurons.sigmoid_backward(g, f),)
    ),
    "tanh": Block(neurons.tanh, lambda g, f, a: (neurons.tanh_backward(g, f),)),
    "relu": Block(neurons.relu, lambda g, f, a: (neurons.relu_backward(g, a),)),
    "exp": Block(np.exp, lambda g, f, a: (g * f,)),
    "log": Block(np.log, lambda g, f, a: (g / a,)),
    "dot": Block(_dot, _dot_backward),
    "sum": Block(np.sum, lambda g, f, a: (g * np.ones_like(a),)),
}
TWO_INPUTS = ("add", "sub", "mul", "div", "max", "dot")  # the others have one
