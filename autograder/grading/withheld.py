"""What of the library student code does not get: whatever derives gradients itself."""

from __future__ import annotations

import importlib
import pkgutil
import types
from collections.abc import Iterable, Iterator
from functools import cache

from autograder.exercises import Exercise

WHOLE = ("backproplab.lectures", "backproplab.finite_differences")
GRADIENTS = (
    "error_signals",
    "gradients_from_signals",
    "loss_and_gradients",
    "gradients",
)


def withheld(exercises: Iterable[Exercise]) -> list[str]:
    """Dotted names of functions that raise instead of answering these exercises.

    >>> withheld([])[-1]
    'backproplab.network.loss_and_gradients'
    """
    answers = {name for exercise in exercises for name in exercise.answers}
    return sorted(answers.union(_always()))


@cache
def _always() -> frozenset[str]:
    names = {f"backproplab.network.{name}" for name in GRADIENTS}
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
        if own and isinstance(value, types.FunctionType) and not name.startswith("_"):
            yield f"{module.__name__}.{name}"
