"""What the depth lab measured, in sentences."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backproplab.explorers.models.words import about


@dataclass
class Measured:
    """One pass through the network; lists have one entry for each layer."""

    activation: str
    sizes: list[int]
    signals: list[float]
    gradients: list[float]
    flat: list[float]
    dead: list[int | None]
    verdict: str
    per_layer: float
    least: int


def sentences(lab: Measured) -> list[str]:
    """The signal on its way down, the layer that learns least, dead or flat units."""
    return [_signal(lab), _layer(lab), *_slopes(lab)]


def _signal(lab: Measured) -> str:
    top, first = lab.signals[-1], lab.signals[0]
    L = len(lab.signals)
    if lab.verdict == "overflows":
        return "The numbers overflow: the values grow beyond every float64."
    if lab.verdict == "dies":
        return "The error signal of layer 1 is exactly 0: nothing comes down to it."
    return (
        f"On its way from layer {L} to layer 1 the error signal goes from "
        f"{about(top)} to {about(first)}, times {about(lab.per_layer)} in each "
        "layer: "
        + {
            "vanishes": "it vanishes.",
            "shrinks": "it shrinks.",
            "level": "it keeps about its size.",
            "grows": "it grows.",
            "explodes": "it explodes.",
        }[lab.verdict]
    )


def _layer(lab: Measured) -> str:
    if lab.verdict == "overflows":
        return "No layer can learn from such numbers."
    if not max(lab.gradients):
        return "No weight gets a gradient: every dW is exactly 0."
    if not lab.least:
        return (
            "All layers learn alike: the gradients of their weights are about the "
            f"same size, near {about(float(np.median(lab.gradients)))}."
        )
    least = lab.gradients[lab.least - 1]
    if not least:
        zeros = [k for k, g in enumerate(lab.gradients, 1) if not g]
        named = f"layer {zeros[0]}" if len(zeros) == 1 else f"layers {_list(zeros)}"
        return f"The weights of {named} get no gradient at all."
    most = int(np.argmax(lab.gradients)) + 1
    times = lab.gradients[most - 1] / least
    return (
        f"Layer {lab.least} learns least: its weights get a gradient "
        f"{about(times)} times smaller than those of layer {most}."
    )


def _slopes(lab: Measured) -> list[str]:
    dead, flat = sum(d or 0 for d in lab.dead), lab.flat
    if lab.activation == "relu":
        units = sum(lab.sizes[1:-1])
        return [f"{dead} of {units} ReLU units are 0 for every example."]
    if flat and max(flat) > 0.2:
        worst = int(np.argmax(flat)) + 1
        return [
            f"In layer {worst}, {max(flat):.0%} of the slopes are less than a "
            "twentieth of the steepest: its units are saturated."
        ]
    return []


def _list(numbers: list[int]) -> str:
    if len(numbers) > 2 and numbers[-1] - numbers[0] == len(numbers) - 1:
        return f"{numbers[0]} to {numbers[-1]}"
    return ", ".join(map(str, numbers[:-1])) + f" and {numbers[-1]}"
