"""What the depth lab accepts: choices by name or number, or a network of one's own."""

from __future__ import annotations

from typing import Any

import numpy as np

from backproplab.network import Arrays, sizes
from backproplab.training import SCHEMES

HIDDEN = ("sigmoid", "tanh", "relu", "linear")
MOST = 40  # layers; more do not fit into the picture


def sensible(chosen: dict[str, Any]) -> dict[str, Any]:
    """The same choices, or a ValueError that says which one cannot be."""
    for key, most in (("depth", MOST), ("width", 128)):
        if not isinstance(chosen[key], int) or not 1 <= chosen[key] <= most:
            raise ValueError(
                f"{key} is a whole number from 1 to {most}; got {chosen[key]!r}."
            )
    for key, names in (("activation", HIDDEN), ("scheme", tuple(SCHEMES))):
        if chosen[key] not in names:
            raise ValueError(
                f"unknown {key} {chosen[key]!r}; known: {', '.join(names)}."
            )
    scale = chosen["scale"]
    if not isinstance(scale, int | float) or not 0 < scale <= 1e6:
        raise ValueError(f"scale is a number above 0, such as 1.0; got {scale!r}.")
    return {**chosen, "scale": float(scale)}


def checked(params: Any, X: Any, Y: Any) -> tuple[Arrays, np.ndarray, np.ndarray]:
    """The learner's network and data, or a sentence that says what does not fit."""
    if X is None or Y is None:
        raise ValueError(
            "your own network needs your data too: DepthLab(params=..., X=..., Y=...), "
            "X (N, D) and Y (N, K) one-hot."
        )
    params = {name: np.asarray(array, float) for name, array in params.items()}
    X, Y = np.asarray(X, float), np.asarray(Y, float)
    widths = sizes(params)
    if X.ndim != 2 or Y.ndim != 2 or not len(X) or len(X) != len(Y):
        raise ValueError(
            "X is (N, D) and Y (N, K) with the same N, at least 1; "
            f"X is {X.shape}, Y is {Y.shape}."
        )
    if (X.shape[1], Y.shape[1]) != (widths[0], widths[-1]):
        raise ValueError(
            f"the network takes {widths[0]} inputs to {widths[-1]} classes; "
            f"X is {X.shape}, Y is {Y.shape}."
        )
    if len(widths) > MOST + 2:
        raise ValueError(
            f"the picture has room for {MOST} hidden layers; this network has "
            f"{len(widths) - 2}."
        )
    for name, array in {**params, "X": X, "Y": Y}.items():
        if not np.isfinite(array).all():
            raise ValueError(
                f"{name} holds a NaN or inf: look where it comes from first."
            )
    return params, X, Y
