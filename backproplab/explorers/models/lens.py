"""f near x, at every step size, as seen through a lens that zooms with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

SAMPLES = 33  # places at which f is drawn


def windows(
    f: Callable[[Any], float], x: Any, steps: np.ndarray, slope: float
) -> list[dict[str, Any]]:
    """f near x for every h, in units of the picture: x in h, f in its own spread.

    All places are numbers of x's type.  Seen through a window of a few h, tiny steps
    show the stairs of rounding.

    >>> (seen,) = windows(lambda x: float(3 * x), np.float64(1), np.array([0.1]), 3.0)
    >>> seen["feet"].tolist(), round(seen["tangent"], 3), seen["stairs"]
    ([-0.625, 0.625], 0.625, False)
    """
    real, here = type(x), f(x)
    across, pictures = np.linspace(-1.6, 1.6, SAMPLES), []
    for h in steps:
        rise = np.array([f(x + real(t * h)) - here for t in across])
        feet = [f(x + real(side * h)) - here for side in (-1, 1)]
        size = np.nanmax(np.abs([*rise, *feet, slope * h])) or 1.0
        pictures.append(
            {
                "f": (rise / size).round(3),
                "feet": (np.array(feet) / size).round(3),
                "tangent": float(slope * h / size),
                "stairs": len(set(rise)) < SAMPLES / 2,
            }
        )
    return pictures
