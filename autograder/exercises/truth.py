"""What the right answer is, measured: finite differences of the forward code.

A forward function may let every intermediate pass through ``tap(name, value)``.
Replacing what passes there by another value is how dL/d(any intermediate) is measured.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from backproplab.finite_differences import (
    Network,
    certified,
    gradient,
    network_gradient,
)

Truth = Callable[..., Any]
Tap = Callable[[str, Any], Any]
Layers = Callable[..., Network]


@dataclass(frozen=True)
class Reference:
    """One right quantity; at a kink anything between ``low`` and ``high`` is right.

    ``also`` is a second right value where a name can be read in two ways.
    """

    value: np.ndarray
    low: np.ndarray | None = None
    high: np.ndarray | None = None
    also: np.ndarray | None = None

    @cached_property
    def finite(self) -> np.ndarray:
        """Which entries are finite."""
        return np.isfinite(self.value)

    @cached_property
    def scale(self) -> float:
        """The largest finite magnitude of a right value."""
        ends = [end for end in (self.value, self.low, self.high) if end is not None]
        sizes = [np.abs(end[np.isfinite(end)]).max(initial=0.0) for end in ends]
        return float(max(sizes))


def keep(name: str, value: Any) -> Any:
    """The tap of an ordinary forward pass: nothing is replaced."""
    return value


def slope(
    loss: Callable[..., Any],
    names: tuple[str, ...],
    args: tuple[Any, ...],
    node: str,
    kinks: bool = False,
) -> Reference:
    """Measure dloss/dnode; ``node`` is an argument, ``params.W1``, or a tapped name."""
    evaluate, start = _as_function_of(loss, names, args, node)
    value = np.asarray(gradient(evaluate, start, method="complex").value)
    if not kinks:
        return Reference(value)
    left, right = _beside(evaluate, start)
    low, high = np.minimum(left, right), np.maximum(left, right)
    return Reference(value, np.minimum(low, value), np.maximum(high, value))


def loss_along(
    loss: Callable[..., Any], names: tuple[str, ...], args: tuple[Any, ...], node: str
) -> tuple[Callable[[np.ndarray], float], np.ndarray]:
    """The loss as a function of one node alone, and where that node stands now."""
    return _as_function_of(loss, names, args, node)


def _as_function_of(
    loss: Callable[..., Any], names: tuple[str, ...], args: tuple[Any, ...], node: str
) -> tuple[Callable[[Any], Any], np.ndarray]:
    head, _, key = node.partition(".")
    if head not in names:
        return _through_tap(loss, args, node)
    place = names.index(head)

    def evaluate(value: Any) -> Any:
        changed = list(args)
        changed[place] = {**args[place], key: value} if key else value
        return loss(*changed)

    start = args[place][key] if key else args[place]
    return evaluate, np.asarray(start, dtype=float)


def _through_tap(
    loss: Callable[..., Any], args: tuple[Any, ...], node: str
) -> tuple[Callable[[Any], Any], np.ndarray]:
    seen: dict[str, np.ndarray] = {}

    def record(name: str, value: Any) -> Any:
        seen[name] = np.asarray(value, dtype=float)
        return value

    loss(*args, tap=record)

    def evaluate(value: Any) -> Any:
        return loss(*args, tap=lambda name, old: value if name == node else old)

    return evaluate, seen[node]


def _beside(
    evaluate: Callable[[Any], Any], start: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Each entry's slope a hair to the left and a hair to the right of ``start``."""
    hair = 1e-7 * max(1.0, float(np.max(np.abs(start), initial=0.0)))
    sides = []
    for side in (-hair, hair):
        slopes = np.zeros(start.shape)
        for index in np.ndindex(start.shape):
            moved = start.astype(complex)
            moved[index] += side + 1e-20j
            slopes[index] = np.imag(evaluate(moved)) / 1e-20
        sides.append(slopes)
    return sides[0], sides[1]


def gradients(
    loss: Callable[..., Any],
    names: tuple[str, ...],
    wanted: Mapping[str, str] | tuple[str, ...] | str,
    kinks: bool = False,
) -> Truth:
    """A truth that measures gradients: a dict of them, a tuple, or a single one."""

    def truth(*args: Any) -> Any:
        def measure(node: str) -> Reference:
            return slope(loss, names, args, node, kinks)

        if isinstance(wanted, str):
            return measure(wanted)
        if isinstance(wanted, tuple):
            return tuple(measure(node) for node in wanted)
        return {part: measure(node) for part, node in wanted.items()}

    return truth


def parameter_gradients(
    loss: Callable[..., Any],
    names: tuple[str, ...],
    argument: str = "params",
    layers: Layers | None = None,
) -> Truth:
    """A truth that measures dL/dp for every parameter of a dict, output layer first.

    ``layers`` is the same loss as a network, which is measured in a few passes.
    """

    def truth(*args: Any) -> dict[str, Reference]:
        params = args[names.index(argument)]
        order = sorted(params, key=lambda key: (-int(key[1:]), key))
        found = parameter_slopes(loss, names, args, argument, layers)
        return {"d" + key: Reference(found[key]) for key in order}

    return truth


def parameter_slopes(
    loss: Callable[..., Any],
    names: tuple[str, ...],
    args: tuple[Any, ...],
    argument: str = "params",
    layers: Layers | None = None,
) -> dict[str, np.ndarray]:
    """dL/dp of every parameter, layer by layer where the loss itself agrees with that.

    Otherwise, and at kinks, each entry is moved by itself.
    """
    place = names.index(argument)
    params = args[place]
    if layers is not None:
        found = network_gradient(layers(*args), params)

        def at(moved: Any) -> Any:
            return loss(*args[:place], moved, *args[place + 1 :])

        if not found.conventions and certified(at, params, found.value, found.error):
            return found.value
    return {key: slope(loss, names, args, f"{argument}.{key}").value for key in params}


def values(forward: Callable[..., Any]) -> Truth:
    """A truth that is the value of forward code (no derivative is involved)."""

    def truth(*args: Any) -> Any:
        return as_references(forward(*args))

    return truth


def as_references(structure: Any) -> Any:
    """Wrap every number and array of a nested structure in a :class:`Reference`."""
    if isinstance(structure, dict):
        return {key: as_references(item) for key, item in structure.items()}
    if isinstance(structure, (tuple, list)):
        return type(structure)(as_references(item) for item in structure)
    return Reference(np.asarray(structure, dtype=float))
