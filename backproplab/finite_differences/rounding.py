"""Running error analysis: what rounding alone can do to a right backward pass.

Every product is followed by the bound of its own error, in whatever precision the
gradient was computed.  A saturated unit does not damp the bound: 1 - a^2 and p - y
cancel there, so a slope is trusted to a rounding of the output it was computed from.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

Arrays = dict[str, np.ndarray]
Layers = list[np.ndarray]
KINK = 1e-3  # slopes that differ by this after a move of one rounding: a kink


@dataclass
class Rounding:
    """The local slopes on both sides of the forward values, as far as rounding reaches.

    left and right hold the slopes of activations, around those of the loss; a steep
    activation, of a large gain, loses as much more where its slope cancels.
    """

    A: Layers
    EZ: Layers
    EA: Layers
    left: Layers
    right: Layers
    around: tuple[np.ndarray, np.ndarray]
    gains: list[float]

    def __post_init__(self) -> None:
        pairs = zip(self.left, self.right, strict=True)
        self.changes = [np.abs(a - b) for a, b in pairs]
        self.ties = [change > KINK for change in self.changes]
        self.dA = (self.around[0] + self.around[1]) / 2
        self.loss_change = np.abs(self.around[0] - self.around[1])
        least = np.maximum(np.abs(self.dA), 1 / len(self.dA))
        self.loss_tie = self.loss_change > KINK * least
        self.tied = any(tie.any() for tie in self.ties) or bool(self.loss_tie.any())

    @cached_property
    def open_ties(self) -> Layers:
        """With Z an exact 0 (zero row, zero bias) everybody's Z is 0: no ambiguity."""
        return [tie & (EZ > 0) for tie, EZ in zip(self.ties, self.EZ, strict=True)]

    @property
    def ambiguous(self) -> bool:
        """Whether rounding decides the side of a kink."""
        ties = (self.loss_tie, *self.open_ties)
        return any(tie.any() for tie in ties)

    def slope_errors(self, unit: float) -> Layers:
        """Per layer, how far a computed slope may be off (ties apart)."""
        errors = []
        for a, b, change, tie, A, gain in zip(
            self.left,
            self.right,
            self.changes,
            self.ties,
            self.A[1:],
            self.gains,
            strict=True,
        ):
            steepest = np.maximum(np.abs(a), np.abs(b))
            cancelled = np.minimum(unit * gain * np.minimum(1, np.abs(A)), steepest)
            moved = np.where(tie, 0, change) if self.tied else change
            errors.append(2 * (unit * steepest + cancelled) + moved / 2)
        return errors

    def loss_error(self, unit: float) -> np.ndarray:
        """How far a computed dL/dA[L] may be off (ties apart)."""
        rounding = unit * (2 * np.abs(self.dA) + 1 / len(self.dA))
        return rounding + np.where(self.loss_tie, 0, self.loss_change / 2)

    def slopes(self) -> Layers:
        """Per layer, the slopes at the forward values (not to be used at ties)."""
        return [(a + b) / 2 for a, b in zip(self.left, self.right, strict=True)]

    def jumps(self) -> Jumps:
        """What the units that rounding decides can change, instead of rounding."""
        pairs = zip(self.open_ties, self.changes, strict=True)
        slopes = [np.where(tie, change, 0) for tie, change in pairs]
        loss = np.where(self.loss_tie, self.loss_change, 0)
        return Jumps(slopes, loss, [np.zeros_like(E) for E in self.EA])


@dataclass
class Jumps:
    """The same quantities as ``Rounding``, for kinks."""

    slope_jumps: Layers
    loss_jump: np.ndarray
    EA: Layers

    def slope_errors(self, unit: float) -> Layers:
        return self.slope_jumps

    def loss_error(self, unit: float) -> np.ndarray:
        return self.loss_jump


def product_error(
    size: np.ndarray, b: np.ndarray, A: np.ndarray, EA: np.ndarray | None, unit: float
) -> np.ndarray:
    """The bound of the error of Z = A W + b, size being |W|, when A is off by EA."""
    summed = unit * _sum_factor(len(size))
    moved = summed * np.abs(A)
    return (moved if EA is None else moved + EA) @ size + summed * np.abs(b)


def error_sweep(
    sizes: Layers,
    A: Layers,
    slopes: Layers,
    dA: Layers,
    deltas: Layers,
    moved: Rounding | Jumps,
    unit: float,
) -> Arrays:
    """Carry the errors of the local slopes backwards, to a bound for every entry.

    Per layer: sizes |W|, A below it, and slopes, dA and deltas above it.
    """
    bounds: Arrays = {}
    E, slope_errors = moved.loss_error(unit), moved.slope_errors(unit)
    for layer in range(len(sizes), 0, -1):
        top, size = layer - 1, sizes[layer - 1]
        delta, off = np.abs(deltas[top]), slope_errors[top]
        E = E * (np.abs(slopes[top]) + off) + np.abs(dA[top]) * off
        summed = E + unit * _sum_factor(len(delta)) * delta
        bounds[f"W{layer}"] = np.abs(A[top]).T @ summed + moved.EA[top].T @ delta
        bounds[f"b{layer}"] = summed.sum(0)
        if layer > 1:
            E = (E + unit * _sum_factor(size.shape[1]) * delta) @ size.T
    return bounds


def _sum_factor(terms: int) -> float:
    """Roundings of a sum of this many products grow like the root, not the number."""
    return 2 + float(terms) ** 0.5
