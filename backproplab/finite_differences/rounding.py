"""Running error analysis: what rounding alone can do to a right backward pass.

Every product is followed by the bound of its own error, in whatever precision the
gradient was computed.  A saturated unit does not damp the bound: 1 - a^2 and p - y
cancel there, so a slope is trusted to a rounding of the output it was computed from.
"""

from __future__ import annotations

from dataclasses import dataclass

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
        self.ties = [np.abs(a - b) > KINK for a, b in pairs]
        self.dA = (self.around[0] + self.around[1]) / 2
        self.loss_change = np.abs(self.around[0] - self.around[1])
        least = np.maximum(np.abs(self.dA), 1 / len(self.dA))
        self.loss_tie = self.loss_change > KINK * least
        self.tied = any(tie.any() for tie in self.ties) or bool(self.loss_tie.any())
        # With Z an exact 0 (zero row, zero bias) everybody's Z is 0: no ambiguity.
        pairs = zip(self.ties, self.EZ, strict=True)
        self.open_ties = [tie & (EZ > 0) for tie, EZ in pairs]
        self.ambiguous = bool(self.loss_tie.any()) or any(
            tie.any() for tie in self.open_ties
        )

    def slope_errors(self, unit: float) -> Layers:
        """Per layer, how far a computed slope may be off (ties apart)."""
        errors = []
        for a, b, tie, A, gain in zip(
            self.left, self.right, self.ties, self.A[1:], self.gains, strict=True
        ):
            steepest = np.maximum(np.abs(a), np.abs(b))
            cancelled = np.minimum(unit * gain * np.minimum(1, np.abs(A)), steepest)
            moved = np.where(tie, 0, np.abs(a - b) / 2)
            errors.append(2 * (unit * steepest + cancelled) + moved)
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
        triples = zip(self.open_ties, self.left, self.right, strict=True)
        slopes = [np.where(tie, np.abs(a - b), 0) for tie, a, b in triples]
        loss = np.where(self.loss_tie, self.loss_change, 0)
        return Jumps(slopes, loss, self.dA, [np.zeros_like(E) for E in self.EA])


@dataclass
class Jumps:
    """The same three quantities as ``Rounding``, for kinks."""

    slope_jumps: Layers
    loss_jump: np.ndarray
    dA: np.ndarray
    EA: Layers

    def slope_errors(self, unit: float) -> Layers:
        return self.slope_jumps

    def loss_error(self, unit: float) -> np.ndarray:
        return self.loss_jump


def product_error(
    W: np.ndarray, b: np.ndarray, A: np.ndarray, EA: np.ndarray | None, unit: float
) -> np.ndarray:
    """The bound of the error of Z = A W + b, when A is already off by EA."""
    size = np.abs(W)
    error = unit * _sum_factor(len(W)) * (np.abs(A) @ size + np.abs(b))
    return error if EA is None else error + EA @ size


def error_sweep(
    W: Layers,
    A: Layers,
    slopes: Layers,
    deltas: Layers,
    moved: Rounding | Jumps,
    unit: float,
) -> Arrays:
    """Carry the errors of the local slopes backwards, to a bound for every entry."""
    bounds: Arrays = {}
    dA, E = np.abs(moved.dA), moved.loss_error(unit)
    slope_errors = moved.slope_errors(unit)
    for layer in range(len(W), 0, -1):
        slope, delta = np.abs(slopes[layer - 1]), np.abs(deltas[layer - 1])
        E = E * (slope + slope_errors[layer - 1]) + dA * slope_errors[layer - 1]
        below, EA = np.abs(A[layer - 1]), moved.EA[layer - 1]
        summed = unit * _sum_factor(len(delta))
        bounds[f"W{layer}"] = below.T @ (E + summed * delta) + EA.T @ delta
        bounds[f"b{layer}"] = (E + summed * delta).sum(0)
        size = np.abs(W[layer - 1]).T
        if layer > 1:
            dA = delta @ size
            E = E @ size + unit * _sum_factor(len(size)) * dA
    return bounds


def _sum_factor(terms: int) -> float:
    """Roundings of a sum of this many products grow like the root, not the number."""
    return 2 + float(terms) ** 0.5
