"""Which product is dW, which is dX, what is db?  Tiles to place, judged by the loss.

The layer is Z = X W + b and the loss L = 1/2 sum (Z - Y)^2, so dZ = Z - Y.  What is
right comes from finite differences of L, never from the formula.
"""

from __future__ import annotations

from functools import cached_property
from itertools import product
from typing import Any

import numpy as np

from backproplab.explorers.models import shapes_still
from backproplab.explorers.models.network_input import is_whole
from backproplab.finite_differences import gradient
from backproplab.layers import linear_forward
from backproplab.losses import half_squared, half_squared_backward

MOST, SQUARE = 6, 3
AXES = {"n": "examples", "d": "inputs", "h": "units"}
ONE = {"n": "example", "d": "input", "h": "unit"}
TILES = {"X": "nd", "Xᵀ": "dn", "dZ": "nh", "dZᵀ": "hn", "W": "dh", "Wᵀ": "hd"}
SUMS = {"Σₙ dZ": "h", "Σₕ dZ": "n", "Σₙ X": "d", "Σₕ W": "d"}
TARGETS = {"dW": "dh", "dX": "nd", "db": "h"}
PARAMETER = {"dW": "W", "dX": "X", "db": "b"}


class Shapes:
    """Two rounds: sizes N, D, H as given, then all sizes equal.

    Raises ValueError unless the sizes are whole numbers from 1 to 6.

    >>> Shapes(4, 3, 2).rounds[0].judge("dW", "Xᵀ", "dZ")["verdict"]
    'right'
    """

    def __init__(self, N: int = 4, D: int = 3, H: int = 2) -> None:
        for name, size in (("N", N), ("D", D), ("H", H)):
            if not is_whole(size) or not 1 <= size <= MOST:
                raise ValueError(
                    f"{name} must be a whole number from 1 to {MOST}, got {size!r}: "
                    "every number is drawn"
                )
        self.rounds = [_telling(int(N), int(D), int(H)), _telling(*[SQUARE] * 3)]

    def state(self) -> dict[str, Any]:
        """Both rounds with every product judged: the view only looks them up."""
        return {
            "axes": AXES,
            "tiles": TILES,
            "sums": SUMS,
            "targets": TARGETS,
            "rounds": [each.state() for each in self.rounds],
        }

    def answer(self, request: dict[str, Any]) -> None:
        """Nothing to ask: every product is sent, judged."""

    def as_text(self) -> str:
        """The sizes, and what each product of two tiles is."""
        return "\n\n".join(each.as_text() for each in self.rounds)

    def svg(self) -> str:
        """The three gradients of the first round, with their numbers."""
        return shapes_still.picture(self.rounds[0].arrays, self.rounds[0].measured)


class Round:
    """One layer with whole numbers, and its measured gradients."""

    def __init__(self, N: int, D: int, H: int, seed: int) -> None:
        self.size = {"n": N, "d": D, "h": H}
        rng = np.random.default_rng(seed)
        self.X = rng.integers(-2, 4, (N, D)).astype(float)
        self.W = rng.integers(-2, 4, (D, H)).astype(float)
        self.b = rng.integers(-1, 2, H).astype(float)
        self.Y = linear_forward(self.X, self.W, self.b) - _upstream(rng, N, H)
        self.dZ = half_squared_backward(linear_forward(self.X, self.W, self.b), self.Y)

    @cached_property
    def arrays(self) -> dict[str, np.ndarray]:
        plain = {"X": self.X, "dZ": self.dZ, "W": self.W}
        return plain | {f"{name}ᵀ": array.T for name, array in plain.items()}

    @cached_property
    def measured(self) -> dict[str, np.ndarray]:
        """dL/dW, dL/dX, dL/db by finite differences of the loss."""
        at = {"W": self.W, "X": self.X, "b": self.b}

        def loss(p: dict[str, np.ndarray]) -> Any:
            Z = linear_forward(p["X"], p["W"], p["b"])
            return half_squared(Z, self.Y).sum()

        value = gradient(loss, at).value
        return {name: value[PARAMETER[name]] for name in TARGETS}

    def rights(self) -> int:
        """How many entries of the whole puzzle are equal to the measured slopes."""
        verdicts = [each for row in self.judged.values() for each in row.values()]
        return sum(entry["verdict"] == "right" for entry in verdicts)

    def shape(self, axes: str) -> list[int]:
        return [self.size[letter] for letter in axes]

    def judge(self, target: str, left: str, right: str) -> dict[str, Any]:
        """One product for one target: its shape, what it means, is it the gradient?"""
        (a, b), (c, d) = tuple(TILES[left]), tuple(TILES[right])
        name = f"{left} {right}"
        if self.size[b] != self.size[c]:
            return {"verdict": "misfit", "why": self._no_meeting(left, right, b, c)}
        value = self.arrays[left] @ self.arrays[right]
        means = _meaning(name, a, b, c, d)
        truth = self.measured[target]
        found = {"value": value, "shape": list(value.shape)}
        if d + a == TARGETS[target] and b == c:
            means += f" These are the numbers of {target}, lying on their side."
        if value.shape != truth.shape:
            wanted = " × ".join(map(str, truth.shape))
            means += f" {target} has the shape of {PARAMETER[target]}: {wanted}."
            return found | {"verdict": "shape", "why": means}
        gap = np.abs(value - truth)
        if np.all(gap <= 1e-6 * max(1.0, np.abs(truth).max())):
            return found | {"verdict": "right", "why": means}
        return found | {"verdict": "wrong", "why": means, "gap": gap}

    def _no_meeting(self, left: str, right: str, b: str, c: str) -> str:
        return (
            f"A row of {left} holds {self._count(b)}, a column of {right} holds "
            f"{self._count(c)}. They do not meet."
        )

    def _count(self, letter: str) -> str:
        number = self.size[letter]
        return f"{number} {(ONE if number == 1 else AXES)[letter]}"

    def judge_sum(self, target: str, name: str) -> dict[str, Any]:
        """One sum for db: over which letter, and is it the gradient?"""
        array, axis = {
            "Σₙ dZ": (self.dZ, 0),
            "Σₕ dZ": (self.dZ, 1),
            "Σₙ X": (self.X, 0),
            "Σₕ W": (self.W, 1),
        }[name]
        value, truth = array.sum(axis=axis), self.measured[target]
        means = f"One number for each {ONE[SUMS[name]]}."
        found = {"value": value, "shape": list(value.shape)}
        if value.shape != truth.shape:
            why = f"{means} b has one number for each unit: {truth.size} of them."
            return found | {"verdict": "shape", "why": why}
        if np.allclose(value, truth, rtol=1e-6, atol=1e-6):
            why = f"{means} Every example adds to the same b, so they are added up."
            return found | {"verdict": "right", "why": why}
        gap = np.abs(value - truth)
        return found | {"verdict": "wrong", "why": means, "gap": gap}

    @cached_property
    def judged(self) -> dict[str, dict[str, Any]]:
        """For each target, every product of two tiles (for db: every sum)."""
        judged: dict[str, Any] = {}
        for target in TARGETS:
            if target == "db":
                judged[target] = {name: self.judge_sum(target, name) for name in SUMS}
                continue
            judged[target] = {
                f"{left} {right}": self.judge(target, left, right)
                for left, right in product(TILES, TILES)
            }
        return judged

    def state(self) -> dict[str, Any]:
        return {
            "sizes": self.size,
            "square": len(set(self.size.values())) == 1,
            "arrays": {**self.arrays, "b": self.b},
            "measured": {name: value.round(9) for name, value in self.measured.items()},
            "judged": self.judged,
            "fitting": {target: _fitting(self.judged[target]) for target in TARGETS},
        }

    def as_text(self) -> str:
        N, D, H = (self.size[letter] for letter in "ndh")
        lines = [
            f"N = {N} examples, D = {D} inputs, H = {H} units.",
            f"X is {N} × {D}, W is {D} × {H}, dZ is {N} × {H}.",
        ]
        for target, judged in self.judged.items():
            fits = _fitting(judged)
            right = [name for name in fits if judged[name]["verdict"] == "right"]
            lines.append(
                f"{target} {' × '.join(map(str, self.shape(TARGETS[target])))}: "
                f"{len(fits)} of {len(judged)} have this shape; equal to the measured "
                f"slopes of the loss: {', '.join(right)}."
            )
        return "\n".join(lines)


def _telling(N: int, D: int, H: int) -> Round:
    """Numbers for which no wrong product is right by accident, where there are such.

    With sizes of 1 a transpose changes nothing, and then more than one is right.
    """
    tries = [Round(N, D, H, seed) for seed in range(5, 9)]
    return next((each for each in tries if each.rights() == len(TARGETS)), tries[0])


def _upstream(rng: np.random.Generator, N: int, H: int) -> np.ndarray:
    """Whole numbers without a zero, so that no slip hides behind one."""
    return rng.integers(1, 4, (N, H)) * rng.choice([-1.0, 1.0], (N, H))


def _fitting(judged: dict[str, Any]) -> list[str]:
    return [name for name, j in judged.items() if j["verdict"] in ("right", "wrong")]


def _meaning(name: str, a: str, b: str, c: str, d: str) -> str:
    """What an entry of the product says, read off the letters of its two tiles."""
    if b != c:
        return (
            f"The sizes meet, the letters do not: {name} pairs {ONE[b]} 1 with "
            f"{ONE[c]} 1, {ONE[b]} 2 with {ONE[c]} 2. That has no meaning."
        )
    if a == d:
        return (
            f"A table of {AXES[a]} against {AXES[d]}, summed over the {AXES[b]}: "
            f"how alike two {AXES[a]} are."
        )
    means = f"One number for each {ONE[a]} and {ONE[d]}, summed over the {AXES[b]}."
    return f"{means} This is Z without its b." if name == "X W" else means
