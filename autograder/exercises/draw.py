"""How the arguments of an exercise are drawn, so that mistakes become visible.

An argument states its shape in size letters, such as ``"N D"``.  One family of
instances then covers every exercise: distinct sizes, a batch of one, equal sizes,
saturated units, large numbers, integers, float32, exact ties.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Sizes = Mapping[str, int]

STYLES = {
    "generic": "sizes that all differ",
    "one example": "a batch of one",
    "more": "other sizes that all differ",
    "square": "all sizes equal",
    "saturated": "large weights: some units saturate",
    "large": "inputs a thousand times larger",
    "small": "inputs a thousand times smaller",
    "integer": "whole numbers, passed as integers",
    "float32": "single precision",
    "tie": "some numbers exactly at a kink",
    "narrow": "widths of one",
    "paper": "small whole numbers",
}


@dataclass(frozen=True)
class Argument:
    """One argument of an exercise: its name, its shape in size letters, its kind.

    Kinds: ``real`` any numbers; ``weight`` scaled by its fan-in; ``positive``;
    ``unit`` strictly between 0 and 1; ``signed unit`` between -1 and 1; ``sign`` +1
    or -1; ``one hot`` rows; ``fixed`` one of ``options``.
    """

    name: str
    shape: str = ""
    kind: str = "real"
    options: tuple[Any, ...] = ()
    parameters: Mapping[str, str] = field(default_factory=dict)

    def letters(self) -> list[str]:
        """The size letters this argument uses."""
        shapes = self.parameters.values() if self.parameters else [self.shape]
        return [letter for shape in shapes for letter in shape.split()]

    def draw(self, rng: np.random.Generator, sizes: Sizes, style: str) -> Any:
        """Draw this argument for the given sizes in the given style."""
        if style == "tie" and self.name.startswith("d"):
            style = "generic"  # a message of 0 would hide what happens at the kink
        if self.kind == "fixed":
            return self.options[int(rng.integers(len(self.options)))]
        if self.parameters:
            return {
                name: _array(rng, _shape(shape, sizes), "weight", style)
                for name, shape in self.parameters.items()
            }
        return _array(rng, _shape(self.shape, sizes), self.kind, style)


def real(name: str, shape: str = "") -> Argument:
    """An argument of ordinary numbers, positive and negative."""
    return Argument(name, shape)


def weight(name: str, shape: str) -> Argument:
    """An argument of weights: about 1.5 / sqrt(fan-in)."""
    return Argument(name, shape, "weight")


def fixed(name: str, *options: Any) -> Argument:
    """An argument that is one of a few given values."""
    return Argument(name, kind="fixed", options=options)


def parameters(name: str = "params", **shapes: str) -> Argument:
    """A dict of weights and biases, such as ``W1="D H", b1="H"``."""
    return Argument(name, kind="weight", parameters=shapes)


def choose_sizes(
    letters: list[str], rng: np.random.Generator, style: str
) -> dict[str, int]:
    """Choose a number for every size letter; all differ unless the style says so."""
    unique = sorted(set(letters))
    if style == "square":
        return dict.fromkeys(unique, 3)
    pool = [2, 3, 4, 5, 6, 7, 8, 9]
    if style == "more":  # above all others: X[:, :3] must not look like X for long
        pool = [5, 6, 8, 7, 4, 9, 3, 2]
    numbers = rng.permutation(pool[: max(len(unique), 3)])
    sizes = {letter: int(n) for letter, n in zip(unique, numbers, strict=False)}
    if style == "narrow":
        sizes = {letter: n if letter == "N" else 1 for letter, n in sizes.items()}
    if style == "one example" and "N" in sizes:
        sizes["N"] = 1
    return sizes


def _shape(letters: str, sizes: Sizes) -> tuple[int, ...]:
    return tuple(sizes[letter] for letter in letters.split())


def _array(
    rng: np.random.Generator, shape: tuple[int, ...], kind: str, style: str
) -> Any:
    if kind == "one hot":
        return _one_hot(rng, shape, style)
    if kind == "sign":
        return _finish(rng.choice([-1.0, 1.0], shape), style)
    if kind in ("unit", "signed unit"):
        return _finish(_squashed(rng, shape, kind, style), style, rounded=False)
    values = _numbers(rng, shape, kind, style)
    if kind == "positive":
        values = np.abs(values) + 0.1
    return _finish(values, style)


def _numbers(
    rng: np.random.Generator, shape: tuple[int, ...], kind: str, style: str
) -> np.ndarray:
    if style == "integer":
        values = rng.integers(1, 4, shape) * rng.choice([-1.0, 1.0], shape)
        return np.asarray(values, float)
    if style == "paper":
        # Small enough that no unit saturates and the sums can be done by hand.
        return rng.choice([-1.0, 1.0, 2.0], shape)
    # Kept away from 0: an entry near 0 would hide what multiplies it.
    values = rng.choice([-1.0, 1.0], shape) * rng.uniform(0.3, 1.7, shape)
    if style == "large":
        values = _one_score_far_up(values)
    if kind == "weight":
        fan_in = shape[0] if len(shape) == 2 else 1
        values = values * (1.5 / np.sqrt(fan_in))
        return values * (4.0 if style == "saturated" else 1.0)
    if style == "large":
        return values * 1000.0
    if style == "small":
        return values * 1e-3
    if style == "tie" and np.ndim(values):
        values.flat[::2] = 0.0
        return values
    return values


def _one_score_far_up(values: np.ndarray) -> np.ndarray:
    """First row and column above 1: their product is far up, exp of it overflows."""
    above = 1 + np.abs(values) / 2
    if np.ndim(values) == 1:
        return above
    if np.ndim(values) == 2:
        values[0], values[:, 0] = above[0], above[:, 0]
    return values


def _squashed(
    rng: np.random.Generator, shape: tuple[int, ...], kind: str, style: str
) -> np.ndarray:
    if style == "paper":
        choices = (0.25, 0.5, 0.75) if kind == "unit" else (-0.5, 0.5)
        return rng.choice(choices, shape)
    spread = {"saturated": 12.0, "small": 0.1}.get(style, 1.5)
    Z = rng.choice([-1.0, 1.0], shape) * rng.uniform(0.3, 1.0, shape) * spread
    return 1.0 / (1.0 + np.exp(-Z)) if kind == "unit" else np.tanh(Z)


def _one_hot(
    rng: np.random.Generator, shape: tuple[int, ...], style: str
) -> np.ndarray:
    classes = rng.integers(shape[-1], size=shape[:-1])
    return _finish(np.eye(shape[-1])[classes], style)


def _finish(values: Any, style: str, rounded: bool = True) -> Any:
    if style == "integer" and rounded:
        values = np.asarray(values).astype(np.int64)
    elif style == "float32":
        values = np.asarray(values).astype(np.float32)
    if np.ndim(values) == 0:
        return values.item()  # a number is a Python number, in every precision
    return values
