"""The depth lab's answers to a few choices, for a page without Python."""

from __future__ import annotations

import copy
from typing import Any

from backproplab.explorers.models.depth_lab import Depth

ACTIVATIONS, SCHEMES = ("sigmoid", "tanh", "relu"), ("xavier", "he")


def presets(lab: Depth) -> dict[str, Any]:
    """What the lab would show for each activation and start, all else as it is.

    The lab itself stays; its own choice is among them.

    >>> found = presets(Depth(depth=3, activation="linear", scheme="small"))
    >>> len(found), found["relu he"]["verdict"], found["linear small"]["depth"]
    (12, 'level', 3)
    """
    now, lab, found = lab.chosen, copy.copy(lab), {}
    for activation in dict.fromkeys([*ACTIVATIONS, now["activation"]]):
        for scheme in dict.fromkeys([*SCHEMES, now["scheme"]]):
            lab.answer({"activation": activation, "scheme": scheme})
            found[f"{activation} {scheme}"] = {**lab.state(), "text": lab.as_text()}
    return found
