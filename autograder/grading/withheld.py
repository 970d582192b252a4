"""What of the library student code does not get: whatever derives gradients itself."""

from __future__ import annotations

import importlib
import pkgutil
import types
from collections.abc import Iterable, Iterator
from functools import cache

from autograder.exercises import Exercise

WHOLE = (
    "backproplab.lectures",
    "backproplab.finite_differences",
    "backproplab.fast_step",
)
DERIVE = {
    "backproplab.network": (
        "error_signals",
        "gradients_from_signals",
        "loss_and_gradients",
        "gradients",
    ),
    "backproplab.graph.walk": ("backward",),
    "backproplab.chain": ("chain_derivative", "chain_factors", "jacobian"),
}
LOCAL = ("backproplab.layers", "backproplab.neurons", "backproplab.losses")


def withheld(
    exercises: Iterable[Exercise], handed_out: Iterable[str] = ()
) -> list[str]:
    """Dotted names of functions that raise instead of answering these exercises.

    ``handed_out`` are the modules and names that the notebook's given cells import:
    what an instructor gives may be used, but for answers.

    >>> withheld([])[-1]
    'backproplab.neurons.tanh_backward'
    >>> withheld([], ["backproplab.neurons.tanh_backward"])[-1]
    'backproplab.neurons.softmax_backward'
    """
    answers = {name for exercise in exercises for name in exercise.answers}
    given = {name for dotted in handed_out for name in _functions_of(dotted)}
    return sorted(answers.union(_always() - given))


def _functions_of(dotted: str) -> list[str]:
    """The library's functions that are had by importing this module or this name."""
    module_name, _, name = dotted.rpartition(".")
    if module_name.partition(".")[0] != "backproplab":
        return []
    value = getattr(importlib.import_module(module_name), name, None)
    if isinstance(value, types.FunctionType):
        return [f"{value.__module__}.{value.__name__}"]
    return list(_functions(value)) if isinstance(value, types.ModuleType) else []


@cache
def _always() -> frozenset[str]:
    names = {f"{module}.{name}" for module in DERIVE for name in DERIVE[module]}
    local = [importlib.import_module(module) for module in LOCAL]
    names |= {n for module in local for n in _functions(module) if "_backward" in n}
    for package in WHOLE:
        names |= {name for module in _modules(package) for name in _functions(module)}
    return frozenset(names)


def _modules(package: str) -> Iterator[types.ModuleType]:
    whole = importlib.import_module(package)
    yield whole
    for found in pkgutil.iter_modules(whole.__path__, f"{package}."):
        yield importlib.import_module(found.name)


def _functions(module: types.ModuleType) -> Iterator[str]:
    for name, value in vars(module).items():
        own = getattr(value, "__module__", "") == module.__name__
        if own and isinstance(value, types.FunctionType):
            yield f"{module.__name__}.{name}"
