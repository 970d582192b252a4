"""What the depth lab accepts: choices by name or number, or a network of one's own."""

from __future__ import annotations

from typing import Any

import numpy as np

from backproplab.explorers.models.network_input import (
    as_examples,
    as_network,
    is_whole,
)
from backproplab.network import Arrays, sizes
from backproplab.training import SCHEMES

HIDDEN = ("sigmoid", "tanh", "relu", "linear")
MOST = 40  # hidden layers; more do not fit into the picture
MOST_EXAMPLES = 10_000


def sensible(chosen: dict[str, Any]) -> dict[str, Any]:
    """The same choices, or a ValueError that says which one cannot be."""
    for key, most in (("depth", MOST), ("width", 128)):
        if not is_whole(chosen[key]) or not 1 <= chosen[key] <= most:
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
    whole = {key: int(chosen[key]) for key in ("depth", "width")}
    return {**chosen, **whole, "scale": float(scale)}


def checked(params: Any, X: Any, Y: Any) -> tuple[Arrays, np.ndarray, np.ndarray]:
    """The learner's network and data, or a sentence that says what does not fit."""
    if X is None or Y is None:
        raise ValueError(
            "your own network needs your data too: DepthLab(params=..., X=..., Y=...), "
            "X (N, D) and Y (N, K) one-hot."
        )
    network = as_network(params, MOST + 1)
    return network, *as_examples(X, Y, sizes(network), MOST_EXAMPLES)
