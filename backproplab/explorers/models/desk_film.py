"""A training run as a few pictures, for a page without Python."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from backproplab.explorers.models.training_desk import Desk

SHOTS = 24
CHANGES = (
    *("epoch", "done", "halted", "boundary", "units", "weights", "loss", "accuracy"),
    *("right", "norms", "formula", "sentence"),
)


def film(desk: Desk) -> dict[str, Any]:
    """Shots of the run from here to its end, denser at the start, and all its curves.

    The desk itself is not trained.

    >>> desk = Desk(data="moons", epochs=50)
    >>> shots = film(desk)["shots"]
    >>> desk.epoch, shots[0]["epoch"], shots[-1]["epoch"]
    (0, 1, 50)
    """
    desk = copy.deepcopy(desk)
    shots, start = [], desk.epoch
    left = max(1, desk.settings["epochs"] - start)
    for after in np.unique(np.geomspace(1, left, SHOTS).astype(int)):
        desk.step(max(1, start + int(after) - desk.epoch))
        state = desk.state()
        shots.append({name: state[name] for name in CHANGES})
        if state["done"]:
            break
    return {"shots": shots, "curve": state["curve"]}
