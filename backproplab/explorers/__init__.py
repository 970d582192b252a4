"""Things to play with: predict a number, then see it.

    GraphStepper    values flow forward through a graph, gradients flow back
    ChainGears      functions as gears: a nudge grows by every factor
    Nudge           move one weight: the gradient predicts, the loss answers
    ActivationLens  a neuron's curve, its slope, and what it sends back
    Shapes          tiles to place: which product is dW, which is dX?
    DeltaFlow       error signals flow back through your network; its cost and cache
    GradientCheckV  which step size measures a slope best, and why
    DescentRace     five ways downhill: who arrives, who runs away
    DepthLab        values and error signals through many layers
    TrainingDesk    a classifier in training: boundary, units, loss, gradients

Each takes your own graphs, networks, data or functions, and has an example for when you
pass none.  The last line of a cell shows it:

    from backproplab.explorers import GraphStepper
    GraphStepper()

An explorer loads when it is first asked for.  It is live where anywidget is installed
(``pip install ".[lab]"``) and a kernel runs; elsewhere it shows a picture and a table.
"""

from __future__ import annotations

import importlib
from typing import Any

EXPLORERS = {
    "GraphStepper": "graph_stepper",
    "ChainGears": "chain_gears",
    "Nudge": "nudge",
    "ActivationLens": "activation_lens",
    "Shapes": "shapes",
    "DeltaFlow": "delta_flow",
    "GradientCheckV": "gradient_check_v",
    "DescentRace": "descent_race",
    "DepthLab": "depth_lab",
    "TrainingDesk": "training_desk",
}

__all__ = list(EXPLORERS)  # noqa: PLE0605


def __getattr__(name: str) -> Any:
    """Load an explorer when it is first asked for."""
    if name in EXPLORERS:
        module = importlib.import_module(f"{__name__}.{EXPLORERS[name]}")
        return getattr(module, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*EXPLORERS]
