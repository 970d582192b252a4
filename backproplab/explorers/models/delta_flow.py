"""Values forward, error signals backward, through a network of the learner's own.

Every number that the view shows is in ``state()``; a large layer shows a few of its
units, and the sums over units count all of them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from backproplab.explorers.models import delta_still
from backproplab.explorers.models.delta_trace import cut, frame, gradients, updated
from backproplab.explorers.models.network_input import index
from backproplab.explorers.models.network_pass import NetworkPass
from backproplab.lectures import lmu

WIDE, OPEN = 12, 3  # a wider layer shows its strongest units only
SENT_AHEAD = 6_000  # numbers; more examples than this are sent when asked for

SLOPES = {
    "linear": "1",
    "relu": "1 where Z > 0",
    "sigmoid": "A (1 − A)",
    "tanh": "1 − A²",
    "softmax": "",
}


def xor_network() -> dict[str, Any]:
    """The XOR network of row L1 with its example, as arguments of ``DeltaFlow``."""
    params = {
        "W1": lmu.XOR["W"],
        "b1": lmu.XOR["b"],
        "W2": lmu.XOR["u"][:, None],
        "b2": lmu.XOR["c"][None],
    }
    names = {"hidden": "sigmoid", "output": "sigmoid", "loss": "half_squared"}
    return {"params": params, "X": [[1, 0]], "Y": [[1]], "rate": 0.5, **names}


class DeltaFlow(NetworkPass):
    """One forward and one backward pass, ready to be drawn for one example at a time.

    params {"W1", "b1", ...}; X (N, D) and Y (N, K), or one example (D,) and (K,);
    activations and loss as in ``backproplab.network``.  Raises ValueError with a
    sentence for the learner.

    >>> state = DeltaFlow(**xor_network()).state()
    >>> print(state["frames"][0]["modern"]["product"][1][0, 0].round(4))
    0.0023
    """

    def __init__(
        self,
        params: Any,
        X: Any,
        Y: Any,
        hidden: str = "tanh",
        output: str = "linear",
        loss: str = "squared",
        rate: float = 0.1,
    ) -> None:
        super().__init__(params, X, Y, hidden, output, loss)
        self.given = {name: array.copy() for name, array in self.params.items()}
        numeric = isinstance(rate, int | float | np.number)
        if not numeric or not np.isfinite(rate) or rate <= 0:
            raise ValueError(f"rate is the step size, a number above 0; got {rate!r}")
        self.rate, self.example = float(rate), 0
        self.opened: dict[int, int] = {}

    # What the learner changes -----------------------------------------------------

    def answer(self, request: dict[str, Any]) -> None:
        """One change: {"example": n}, {"open": [layer, unit]}, {"reset": True} or
        {"weight": [layer, j, k], "value": v} with j = -1 for the bias."""
        if "example" in request:
            self.example = index(request["example"], len(self.X), "example")
        elif "open" in request:
            layer, unit = request["open"]
            layer = index(layer, self.L + 1, "layer")
            self.opened[layer] = index(unit, self.sizes[layer], "unit")
        elif "weight" in request:
            layer, j, k = request["weight"]
            self._change(layer, j, k, request.get("value"))
        elif request.get("reset"):
            self.params = {name: array.copy() for name, array in self.given.items()}
            self.run()

    def _change(self, layer: int, j: int, k: int, value: Any) -> None:
        layer = 1 + index(layer - 1, self.L, "layer")
        k = index(k, self.sizes[layer], "unit")
        if j >= 0:
            j = index(j, self.sizes[layer - 1], "unit")
        if not isinstance(value, int | float) or not np.isfinite(value):
            raise ValueError(f"a weight must be a number, got {value!r}")
        before = self.params
        self.params = {name: array.copy() for name, array in before.items()}
        if j < 0:
            self.params[f"b{layer}"][k] = value
        else:
            self.params[f"W{layer}"][j, k] = value
        try:
            self.run()
        except ValueError:
            self.params = before
            self.run()
            raise

    # What the view draws ----------------------------------------------------------

    def state(self) -> dict[str, Any]:
        """Everything that is drawn; lists have one entry per layer, 0 to L."""
        shown = self.shown()
        sent = self._sent(shown)
        layers = range(1, self.L + 1)
        return {
            "sizes": self.sizes,
            **self.names,
            "slopes": [""] + [SLOPES[self.activation(i)] for i in layers],
            "shown": shown,
            "example": self.example,
            "loss_of_batch": self.loss,
            "rate": self.rate,
            "W": [[]] + [cut(self.params[f"W{i}"], shown, i) for i in layers],
            "b": [[]] + [self.params[f"b{i}"][shown[i]] for i in layers],
            "gradients": gradients(self, shown),
            "updated": updated(self, self.rate, shown),
            "frames": [
                frame(self, n, shown) if n in sent else None for n in range(len(self.X))
            ],
        }

    def shown(self) -> list[np.ndarray]:
        """The units that are drawn, layer by layer: all, or those that matter most."""
        found = []
        for layer, size in enumerate(self.sizes):
            units = np.arange(size)
            if size > WIDE:
                drawn = self.signals[f"dZ{layer}"] if layer else self.cache["A0"]
                loudest = np.argsort(-np.abs(drawn[self.example]), kind="stable")
                units = loudest[:OPEN]
                if layer in self.opened and self.opened[layer] not in units:
                    units[-1] = self.opened[layer]
                units = np.sort(units)
            found.append(units)
        return found

    def _sent(self, shown: list[np.ndarray]) -> range:
        """The examples whose numbers go along: all, when that is little to send."""
        edges = sum(len(a) * len(b) for a, b in zip(shown, shown[1:], strict=False))
        few = 6 * edges * len(self.X) <= SENT_AHEAD
        if few and [len(units) for units in shown] == self.sizes:
            return range(len(self.X))
        return range(self.example, self.example + 1)

    def as_text(self) -> str:
        """The same pass as a table."""
        return delta_still.as_text(self, self.example, self.shown())

    def svg(self) -> str:
        """The same pass as a still picture."""
        return delta_still.picture(self, self.example, self.shown())
