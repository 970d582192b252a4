"""Exercises of lesson 05: the linear layer, counting, flattening (M9, M5, N6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from autograder.exercises.draw import Argument, real, weight
from autograder.exercises.exercise import Exercise, Extra
from autograder.exercises.truth import Tap, gradients, keep, values
from backproplab import layers, network


def linear(X: Any, W: Any, b: Any) -> Any:
    """Z = X W + b."""
    return X @ W + b


def linear_loss(dZ: Any, X: Any, W: Any, tap: Tap = keep) -> Any:
    """The loss that passes dZ to a linear layer: sum of dZ (X W + b)."""
    return np.sum(dZ * (X @ W + tap("b", np.zeros(W.shape[1]))))


def columns_loss(g: Any, x: Any, W: Any, tap: Tap = keep) -> Any:
    """The loss that passes g to h = W x, one example as a column: g . (W x)."""
    return g @ tap("h", W @ x)


def _augmented(rng: np.random.Generator, sizes: Mapping[str, int], style: str) -> tuple:
    """W with its bias as last row: one row more than there are inputs."""
    taller = {**sizes, "D": sizes["D"] + 1}
    return (weight("W_tilde", "D H").draw(rng, taller, style),)


def counted(sizes: list[int]) -> int:
    """N6: how many numbers a network of these sizes holds, by making them all."""
    return sum(array.size for array in network.zeros(sizes).values())


def _sizes(rng: np.random.Generator) -> list[Extra]:
    """Networks with one, two and many layers."""
    found = [[3, 4, 2], [2, 5], [1, 1], [7, 3, 3, 5], [784, 100, 10]]
    found.append([int(n) for n in rng.integers(2, 30, size=6)])
    return [("sizes", (sizes,), {}) for sizes in found]


NETWORKS = (
    ("generic", (2, 3, 1)),
    ("depth 1", (4, 2)),
    ("square", (3, 3, 3)),
    ("depth 3", (3, 2, 5, 4)),
    ("depth 4", (2, 4, 3, 1, 5)),
    ("integer", (2, 2, 3)),
    ("float32", (3, 4, 2)),
)


def _vector(rng: np.random.Generator, style: str, count: int) -> np.ndarray:
    if style in ("generic", "integer"):  # 1, 2, 3 ...: a wrong order is seen at once
        return np.arange(1, count + 1, dtype=int if style == "integer" else float)
    values = rng.choice([-1.0, 1.0], count) * rng.uniform(0.3, 1.7, count)
    return values.astype(np.float32) if style == "float32" else values


def _vectors(rng: np.random.Generator) -> list[Extra]:
    return [
        (style, (_vector(rng, style, counted(list(sizes))), list(sizes)), {})
        for style, sizes in NETWORKS
    ]


def _params(rng: np.random.Generator) -> list[Extra]:
    found: list[Extra] = []
    for style, (v, sizes), _ in _vectors(rng):
        arrays = network.unflatten(v, sizes)
        params = {name: array.astype(v.dtype) for name, array in arrays.items()}
        found.append((style, (params,), {}))
    return found


def _flatten_worked(params: Mapping[str, Any]) -> str:
    pieces = ", ".join(f"{name}.ravel()" for name in params)
    return f"v = np.concatenate([{pieces}])"


def _unflatten_worked(v: Any, sizes: list[int]) -> str:
    lines, start = [], 0
    for name, array in network.zeros(sizes).items():
        stop = start + array.size
        lines.append(f"{name} = np.reshape(v[{start}:{stop}], {array.shape})")
        start = stop
    return "\n".join(lines)


EXERCISES = (
    Exercise(
        id="linear_forward",
        lesson="05",
        title="A linear layer, forward",
        points=1,
        formulas=("M9",),
        arguments=(real("X", "N D"), weight("W", "D H"), weight("b", "H")),
        truth=values(linear),
        returns="Z",
        worked="Z = X @ W + b",
        answers=("backproplab.layers.linear_forward",),
        hints=(
            "Rows of X are examples. Which product turns D numbers into H?",
            "X @ W has one row per example; b is added to each of them.",
            "Z = X @ W + b.",
        ),
    ),
    Exercise(
        id="linear_backward",
        lesson="05",
        title="A linear layer, backward",
        points=4,
        formulas=("M9", "M5"),
        arguments=(real("dZ", "N H"), real("X", "N D"), weight("W", "D H")),
        truth=gradients(linear_loss, ("dZ", "X", "W"), ("X", "W", "b")),
        returns=("dX", "dW", "db"),
        order=("dX", "dW", "db"),
        loss=linear_loss,
        nodes={"db": "b"},
        answers=("backproplab.layers.linear_backward",),
        worked="dX = dZ @ W.T\ndW = X.T @ dZ\ndb = dZ.sum(axis=0)",
        hints=(
            "Take one entry: W_jk meets X_nj in every example n. What does it get?",
            "dW_jk = sum over n of X_nj dZ_nk. Read that as a matrix product. One bias"
            " serves all examples.",
            "dX = dZ @ W.T; dW = X.T @ dZ; db = dZ.sum(axis=0).",
        ),
    ),
    Exercise(
        id="linear_backward_columns",
        lesson="05",
        title="The same layer in columns",
        points=3,
        formulas=("M9", "M5"),
        arguments=(real("g", "H"), real("x", "D"), weight("W", "H D")),
        truth=gradients(columns_loss, ("g", "x", "W"), ("x", "W")),
        returns=("dx", "dW"),
        order=("dx", "dW"),
        loss=columns_loss,
        answers=("backproplab.layers.linear_backward_columns",),
        worked="dx = W.T @ g\ndW = np.outer(g, x)",
        hints=(
            "Take one entry: W_ij carries x_j to h_i, and to nothing else.",
            "dW_ij = g_i x_j has a row per output and a column per input. x_j goes to"
            " every h_i, so dx_j is a sum over i.",
            "dx = W.T @ g; dW = np.outer(g, x).",
        ),
    ),
    Exercise(
        id="augment",
        lesson="05",
        title="A constant input for the bias",
        points=1,
        formulas=("N6",),
        arguments=(real("X", "N D"),),
        truth=values(layers.augment),
        returns="X_tilde",
        answers=("backproplab.layers.augment",),
        worked="ones = np.ones((len(X), 1))\nX_tilde = np.hstack([X, ones])",
        hints=(
            "Every row of X gets one more number, and it is always the same.",
            "Make a column of ones, np.ones((len(X), 1)), and put it on the right.",
            "np.hstack([X, np.ones((len(X), 1))]).",
        ),
    ),
    Exercise(
        id="split_augmented",
        lesson="05",
        title="Take weights and bias apart again",
        points=1,
        formulas=("N6",),
        arguments=(Argument("W_tilde", kind="weight"),),
        draw=_augmented,
        letters=("D", "H"),
        truth=values(layers.split_bias),
        returns=("W", "b"),
        answers=("backproplab.layers.split_bias",),
        worked="W = W_tilde[:-1]\nb = W_tilde[-1]",
        hints=(
            "The constant 1 stands last in every example. Which row does it meet?",
            "All rows but the last are W. The last row, as a plain vector, is b.",
            "return W_tilde[:-1], W_tilde[-1].",
        ),
    ),
    Exercise(
        id="count_weights",
        lesson="05",
        title="How many numbers does a network hold?",
        points=2,
        formulas=("N6",),
        arguments=(Argument("sizes", kind="list"),),
        styles=(),
        extra=_sizes,
        truth=values(counted),
        returns="count",
        answers=("backproplab.network.count_weights",),
        worked=(
            "before = np.asarray(sizes)[:-1]\n"
            "after = np.asarray(sizes)[1:]\n"
            "weights = before * after\n"
            "biases = after\n"
            "count = np.add.reduce(weights + biases)"
        ),
        hints=(
            "One layer first: how many numbers are in W, how many in b?",
            "A layer from D to H values holds D H weights and H biases. Walk through"
            " neighbours: sizes[0] and sizes[1], then sizes[1] and sizes[2] ...",
            "sum((sizes[i] + 1) * sizes[i + 1] for i in range(len(sizes) - 1)).",
        ),
    ),
    Exercise(
        id="flatten",
        lesson="05",
        title="All weights in one vector",
        points=2,
        formulas=("N6",),
        arguments=(Argument("params", kind="dict"),),
        styles=(),
        extra=_params,
        truth=values(network.flatten),
        returns="v",
        answers=("backproplab.network.flatten",),
        worked=_flatten_worked,
        hints=(
            "The dict already has the order: W1, b1, W2, b2 and so on.",
            "array.ravel() lists an array row by row. Collect the pieces in a list,"
            " then join them once.",
            "np.concatenate([array.ravel() for array in params.values()]).",
        ),
    ),
    Exercise(
        id="unflatten",
        lesson="05",
        title="And back",
        points=3,
        formulas=("N6",),
        arguments=(Argument("v", kind="vector"), Argument("sizes", kind="list")),
        styles=(),
        extra=_vectors,
        truth=values(network.unflatten),
        answers=("backproplab.network.unflatten",),
        worked=_unflatten_worked,
        hints=(
            "Cut the vector from the left: first W1, then b1, then W2 ...",
            "Keep a position. W of a layer from D to H takes D * H numbers, reshaped to"
            " (D, H); b takes the next H. Move the position on after each piece.",
            "For each layer: W = v[at:at + D * H].reshape(D, H); at += D * H;"
            " b = v[at:at + H]; at += H.",
        ),
    ),
)
