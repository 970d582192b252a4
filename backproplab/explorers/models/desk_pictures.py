"""What a network says about every place of the plane, as small pictures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from backproplab.explorers.models.png import data_uri, enlarge, rgb
from backproplab.network import Arrays
from backproplab.neurons import softmax

SIDE = 50
CLASS_COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7")
NEGATIVE, POSITIVE = "#0072B2", "#E69F00"
MOST_UNITS = 8  # of a layer that are shown


def mesh(window: tuple[tuple[float, float], tuple[float, float]]) -> np.ndarray:
    """The SIDE x SIDE places of a window as rows (x, y), the top line first."""
    (left, right), (low, high) = window
    across, down = np.linspace(left, right, SIDE), np.linspace(high, low, SIDE)
    return np.array([(x, y) for y in down for x in across])


def boundary(scores: np.ndarray) -> str:
    """The winning class as colour, its lead over chance as depth of colour."""
    P = softmax(np.nan_to_num(scores)).reshape(SIDE, SIDE, -1)
    P = np.stack([enlarge(P[..., k], 3) for k in range(P.shape[-1])], axis=-1)
    rgba = np.zeros((*P.shape[:2], 4), np.uint8)
    rgba[..., :3] = np.array([rgb(c) for c in CLASS_COLOURS])[P.argmax(axis=-1)]
    chance = 1 / P.shape[-1]
    lead = (P.max(axis=-1) - chance) / (1 - chance)
    rgba[..., 3] = (30 + 110 * lead).round(-1)  # few levels: a small file
    return data_uri(rgba)


def unit_pictures(cache: Arrays, widths: Sequence[int]) -> list[list[str]]:
    """For each hidden layer, the value of each unit over the plane."""
    layers = []
    for layer in range(1, len(widths) - 1):
        A = np.nan_to_num(cache[f"A{layer}"]).reshape(SIDE, SIDE, -1)[::2, ::2]
        shown = range(min(MOST_UNITS, A.shape[-1]))
        layers.append([_signed(A[..., k]) for k in shown])
    return layers


def _signed(values: np.ndarray) -> str:
    """One colour below zero, another above, deeper where the value is larger."""
    rgba = np.zeros((*values.shape, 4), np.uint8)
    rgba[..., :3] = np.where((values < 0)[..., None], rgb(NEGATIVE), rgb(POSITIVE))
    largest = np.abs(values).max() or 1.0
    rgba[..., 3] = (200 * np.abs(values) / largest).round(-1)
    return data_uri(rgba)
