"""One training run of a classifier: its weights, and what was noted after each epoch.

Mini-batches, gradients and steps are the library's (M4, N7): ``training.batches``,
``network.loss_and_gradients``, ``training.OPTIMIZERS``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from backproplab.explorers.models.classes_2d import Examples
from backproplab.losses import one_hot
from backproplab.network import Arrays, forward, loss_and_gradients, loss_value
from backproplab.training import OPTIMIZERS, batches

POINTS = 200  # of a curve; longer ones are thinned out
LOSS = "softmax_cross_entropy"


class Run:
    """Parameters in training on examples, from epoch 0.

    Raises ValueError, with a sentence for the learner, when the loss is not finite to
    begin with.
    """

    def __init__(self, params: Arrays, examples: Examples, activation: str) -> None:
        self.params, self.examples, self.activation = params, examples, activation
        self.Y = one_hot(examples.labels, examples.classes)
        self.memory: dict[str, Any] = {}
        self.rng = np.random.default_rng(0)
        self.epoch, self.halted = 0, False
        self.losses: list[float] = []
        self.accuracies: list[float] = []
        self.norms: list[list[float]] = []
        with np.errstate(all="ignore"):
            loss = self.loss
        if not np.isfinite(loss):
            raise ValueError(
                f"the loss of this network on these data is {loss} before any "
                "training: its weights or X are too large."
            )
        self._note()

    def train_epoch(self, optimizer: str, rate: float, batch: int | None) -> None:
        """One pass over all examples; ``halted`` when the numbers overflow."""
        step = OPTIMIZERS[optimizer]
        with np.errstate(all="ignore"):
            for rows in batches(len(self.Y), batch, self.rng):
                _, grads = self._gradients(rows)
                self.params, self.memory = step(self.params, grads, self.memory, rate)
            self.epoch += 1
            self._note()

    def _gradients(self, rows: Any = slice(None)) -> tuple[Any, dict[str, np.ndarray]]:
        X, Y = self.examples.X[rows], self.Y[rows]
        return loss_and_gradients(self.params, X, Y, self.activation, loss=LOSS)

    def _note(self) -> None:
        """The loss, accuracy and gradient norms over all examples, as they are now."""
        with np.errstate(all="ignore"):
            loss, grads = self._gradients()
            cache = forward(self.params, self.examples.X, self.activation)
        norms = [_norm(grads[f"dW{layer + 1}"]) for layer in self._layers()]
        scores = cache[f"A{len(cache) // 2}"]
        right = scores.argmax(axis=1) == self.examples.labels
        if not np.isfinite([float(loss), *norms]).all():
            self.halted = True
            return
        self.losses.append(float(loss))
        self.accuracies.append(float(np.mean(right)))
        self.norms.append(norms)

    @property
    def loss(self) -> float:
        """The mean cross entropy over all examples now."""
        if self.halted:
            return float("nan")
        args = (self.params, self.examples.X, self.Y, self.activation)
        return float(loss_value(*args, loss=LOSS))

    def curves(self) -> dict[str, Any]:
        """Loss and gradient norms over the epochs, thinned to POINTS places."""
        count = len(self.losses)
        kept = np.unique(np.linspace(0, count - 1, min(count, POINTS)).astype(int))
        return {
            "epochs": kept,
            "losses": [self.losses[k] for k in kept],
            "accuracies": [self.accuracies[k] for k in kept],
            "norms": [[self.norms[k][layer] for k in kept] for layer in self._layers()],
        }

    def _layers(self) -> range:
        return range(len(self.params) // 2)


def _norm(array: np.ndarray) -> float:
    """The root of the sum of squares; squares of 1e200 would overflow."""
    largest = float(np.abs(array).max())
    if not largest or not np.isfinite(largest):
        return largest
    return largest * float(np.linalg.norm(array / largest))
