"""The activation lens: what a neuron passes on, and what it sends back."""

from __future__ import annotations

from typing import Any

from backproplab.explorers.explorer import Explorer, jsonable
from backproplab.explorers.models import activation_lens


class ActivationLens(Explorer):
    """One neuron, z = w x + b and a = f(z): its curve, its slope, its three gradients.

    f is "sigmoid", "tanh", "relu", "linear", "threshold", "softmax", or a function of
    one number of your own, whose slope is then measured.  w and x lie in -2..2, b in
    -3..3.

    >>> print(ActivationLens("tanh", w=2, b=-1, x=0.5).as_text().splitlines()[-1])
    gradients of L = a: dw = f′(z) x = 0.5, db = f′(z) = 1, dx = f′(z) w = 2
    """

    title = "Activation lens"
    view = "bars activation_lens"

    def __init__(
        self, f: Any = "sigmoid", w: float = 2.0, b: float = -1.0, x: float = 0.0
    ) -> None:
        super().__init__(lambda: activation_lens.ActivationLens(f, w, b, x))

    def fragment(self) -> str:
        """As every explorer's, with whole-number places for the sliders."""
        if self.model is not None:
            self._state = {**self._state, "places": jsonable(self.model.places())}
        return super().fragment()
