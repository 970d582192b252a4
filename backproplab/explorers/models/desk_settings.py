"""What can be chosen at the training desk, and what is refused with a sentence."""

from __future__ import annotations

from typing import Any

from backproplab.explorers.models.network_input import is_whole

HIDDEN = {"none": [], "2": [2], "4": [4], "8": [8], "8 + 8": [8, 8]}
ACTIVATIONS = ("tanh", "relu", "sigmoid")
START: dict[str, Any] = {
    "data": "spiral",
    "hidden": "8",
    "activation": "tanh",
    "optimizer": "sgd",
    "lr": 1.0,
    "batch": 20,
    "epochs": 200,
}


def sensible(choices: dict[str, list[str]], wanted: dict[str, Any]) -> dict[str, Any]:
    """The same settings, or a ValueError that says which one cannot be."""
    for key, names in choices.items():
        if wanted[key] not in names:
            known = ", ".join(map(str, names))
            raise ValueError(f"unknown {key} {wanted[key]!r}; known: {known}.")
    if not isinstance(wanted["lr"], int | float) or not 0 < wanted["lr"] <= 1e6:
        raise ValueError(
            f"lr, the rate, is a number above 0, such as 1.0; got {wanted['lr']!r}."
        )
    batch = wanted["batch"]
    if batch is not None and (not is_whole(batch) or batch < 1):
        raise ValueError(
            "batch is a whole number of examples, at least 1, or None for all; "
            f"got {batch!r}."
        )
    epochs = wanted["epochs"]
    if not is_whole(epochs) or not 1 <= epochs <= 5000:
        raise ValueError(f"epochs is a whole number from 1 to 5000; got {epochs!r}.")
    whole = {key: int(wanted[key]) for key in ("batch", "epochs") if wanted[key]}
    return {**wanted, **whole}
