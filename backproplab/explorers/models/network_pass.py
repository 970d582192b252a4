"""One forward and one backward pass through a network of the learner's own."""

from __future__ import annotations

from typing import Any

import numpy as np

from backproplab.arrays import lookup
from backproplab.explorers.models.network_input import as_examples, as_network
from backproplab.losses import LOSSES, batch_loss_backward
from backproplab.network import (
    error_signals,
    forward,
    gradients_from_signals,
    loss_value,
    sizes,
)
from backproplab.neurons import ACTIVATIONS

MOST_LAYERS, MOST_EXAMPLES = 24, 10_000


class NetworkPass:
    """Values, error signals and gradients of all layers, for all examples.

    ``run`` again after a change of ``params``.  Raises ValueError with a sentence for
    the learner, also when the numbers overflow.
    """

    def __init__(
        self, params: Any, X: Any, Y: Any, hidden: str, output: str, loss: str
    ) -> None:
        for name in (hidden, output):
            lookup(ACTIVATIONS, name, "activation")
        lookup(LOSSES, loss, "loss")
        self.params = as_network(params, MOST_LAYERS)
        self.sizes = sizes(self.params)
        self.L = len(self.sizes) - 1
        self.X, self.Y = as_examples(X, Y, self.sizes, MOST_EXAMPLES)
        self.names = {"hidden": hidden, "output": output, "loss": loss}
        self.run()

    def run(self) -> None:
        """Forward and backward with the parameters as they are."""
        hidden, output = self.names["hidden"], self.names["output"]
        with np.errstate(all="ignore"):
            self.cache = forward(self.params, self.X, hidden, output)
            self.signals = error_signals(self.params, self.cache, self.Y, **self.names)
            self.grads = gradients_from_signals(self.cache, self.signals)
            self.loss = loss_value(self.params, self.X, self.Y, **self.names)
        parts = [self.loss, *self.cache.values(), *self.grads.values()]
        if not all(np.isfinite(part).all() for part in parts):
            raise ValueError(
                "these weights and examples give numbers too large to show: "
                "try smaller ones"
            )

    def activation(self, layer: int) -> str:
        """The name of this layer's activation."""
        return self.names["output" if layer == self.L else "hidden"]

    def slope(self, layer: int) -> np.ndarray | None:
        """h'(Z[l]) unit by unit; a softmax has none, since its units are not apart."""
        if self.activation(layer) == "softmax":
            return None
        Z, A = self.cache[f"Z{layer}"], self.cache[f"A{layer}"]
        return ACTIVATIONS[self.activation(layer)][1](np.ones_like(Z), Z, A)

    def output_slopes(self) -> np.ndarray:
        """dL/dA[L], with the 1/N of the mean."""
        return batch_loss_backward(self.names["loss"], self.cache[f"A{self.L}"], self.Y)
