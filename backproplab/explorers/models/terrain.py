"""A landscape as a picture: bands of equal loss, the deeper the colour the lower."""

from __future__ import annotations

import numpy as np

from backproplab.explorers.models.landscapes import Landscape
from backproplab.explorers.models.png import data_uri, enlarge, rgb

GRID, BANDS = 61, 14
DEEP = "#0072B2"


def picture(landscape: Landscape) -> str:
    """The window of the landscape as a data address, the top line first."""
    (left, right), (low, high) = landscape.window
    across, up = np.linspace(left, right, GRID), np.linspace(high, low, GRID)
    with np.errstate(all="ignore"):
        L = np.array([[_height(landscape, a, b) for a in across] for b in up])
    return data_uri(_bands(L))


def _height(landscape: Landscape, a: float, b: float) -> float:
    try:
        return landscape.loss(np.array([a, b]))
    except (ArithmeticError, ValueError):
        return np.inf


def _bands(L: np.ndarray) -> np.ndarray:
    """Bands of equal loss as colours; the scale is bent so that the middle shows."""
    L = np.where(np.isfinite(L), L, np.nan)
    if not np.isfinite(L).any():
        return np.zeros((1, 1, 4), np.uint8)
    share = (L - np.nanmin(L)) / (np.nanmax(L) - np.nanmin(L) or 1.0)
    middle = float(np.clip(np.nanmedian(share), 1e-6, 0.9))
    bend = np.clip(np.log(0.55) / np.log(middle), 0.05, 0.5)
    fine = enlarge(np.nan_to_num(share**bend, nan=1.0), 4)
    level = np.minimum((fine * BANDS).astype(int), BANDS - 1)
    rgba = np.zeros((*level.shape, 4), np.uint8)
    rgba[..., :3] = rgb(DEEP)
    rgba[..., 3] = np.round(140 * (1 - level / (BANDS - 1)) ** 1.3)
    return rgba
