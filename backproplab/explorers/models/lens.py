"""f near x, at every step size, as seen through a lens that zooms with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from backproplab.explorers.models.gradient_check_v import StepSizes

SAMPLES = 33  # places at which f is drawn


def windows(model: StepSizes, name: str) -> list[dict[str, Any]]:
    """f near x for every h, in units of the picture: x in h, f in its own spread.

    Seen through a window of a few h, tiny steps show the stairs of rounding.
    """
    real = model.real(name)
    x, here = real(model.x), float(model.evaluate(model.x, real))
    across, pictures = np.linspace(-1.6, 1.6, SAMPLES), []
    for h in model.steps:
        places = [x + real(t * h) for t in across]
        rise = np.array([float(model.evaluate(p, real)) - here for p in places])
        feet = [float(model.evaluate(x + real(s * h), real)) - here for s in (-1, 1)]
        size = np.nanmax(np.abs([*rise, *feet, model.slope * h])) or 1.0
        pictures.append(
            {
                "f": (rise / size).round(3),
                "feet": (np.array(feet) / size).round(3),
                "tangent": float(model.slope * h / size),
                "stairs": len(set(rise)) < SAMPLES / 2,
            }
        )
    return pictures
