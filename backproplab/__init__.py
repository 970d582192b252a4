"""Backpropagation, formula by formula, in NumPy.

Each module is one idea and can be read on its own; they load when first used:

    chain      the chain rule: factors, paths, Jacobian products
    graph      computation graphs: forward values f, backward values g
    neurons    sigmoid, tanh, relu, softmax ... and their backward functions
    layers     the linear layer in rows, in columns, with the bias inside W
    losses     squared, absolute, huber, logistic, hinge, softmax cross entropy
    network    a network of any depth: forward, error signals, gradients
    lectures   the same networks in five courses' own symbols
    training   gradient descent to Adam, initialisation, the training loop
    fast_step  one training step without a wasted allocation
    costs      exact counts of multiplications
    datasets   small data made from a seed
"""

from __future__ import annotations

import importlib
from types import ModuleType

__version__ = "0.1.0"

__all__ = [
    "chain",
    "costs",
    "datasets",
    "fast_step",
    "finite_differences",
    "graph",
    "layers",
    "lectures",
    "losses",
    "network",
    "neurons",
    "training",
]


def __getattr__(name: str) -> ModuleType:
    """Load a module when it is first asked for, so that the import costs nothing."""
    if name in __all__:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
