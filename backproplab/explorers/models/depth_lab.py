"""A deep network at its start: how large are values and error signals in each layer?

One forward and one backward pass of ``network``, measured: the root mean square of
A[l], of delta[l] = dZ[l] and of dW[l], and how their entries are spread (S10, M12).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from backproplab.datasets import digits
from backproplab.explorers.models import depth_words
from backproplab.explorers.models.depth_input import HIDDEN, MOST, checked, sensible
from backproplab.explorers.models.depth_lab_figure import still
from backproplab.losses import one_hot
from backproplab.network import (
    Arrays,
    error_signals,
    forward,
    gradients_from_signals,
    sizes,
)
from backproplab.neurons import ACTIVATIONS
from backproplab.training import SCHEMES, initialise

BOUNDS = {"sigmoid": (0.0, 1.0), "tanh": (-1.0, 1.0)}
BINS = 24
LEVEL = 10.0  # largest over smallest dW below which all layers count as learning alike
FLAT = 0.05  # of the steepest slope: below it an entry counts as flat


class Depth:
    """A network of ``depth`` hidden layers, or one's own, and its signals by layer.

    params, X (N, D) and Y (N, K) one-hot take the place of the random network on
    digit images.  Raises ValueError with a sentence for the learner.

    >>> lab = Depth(depth=12, activation="sigmoid")
    >>> lab.verdict, lab.least
    ('vanishes', 1)
    """

    def __init__(
        self,
        depth: int = 12,
        activation: str = "sigmoid",
        scheme: str = "xavier",
        scale: float = 1.0,
        width: int = 32,
        params: Any = None,
        X: Any = None,
        Y: Any = None,
    ) -> None:
        self.own = None if params is None else checked(params, X, Y)
        if self.own is None:
            images, labels = digits(100)
            self.X = (images - images.mean()) / images.std()
            self.Y = one_hot(labels, 10)
        else:
            _, self.X, self.Y = self.own
        self.chosen: dict[str, Any] = {}
        self.answer(
            {
                "depth": depth,
                "activation": activation,
                "scheme": scheme,
                "scale": scale,
                "width": width,
            }
        )

    def answer(self, request: dict[str, Any]) -> None:
        """Any of depth, width, activation, scheme, scale; all others stay."""
        known = ("depth", "width", "activation", "scheme", "scale")
        wanted = {key: request[key] for key in known if key in request}
        self.chosen = sensible({**self.chosen, **wanted})
        self.measure()

    def network(self) -> Arrays:
        """The parameters that are measured."""
        scale = self.chosen["scale"]
        if self.own is not None:
            params = self.own[0]
        else:
            hidden = [self.chosen["width"]] * self.chosen["depth"]
            layer_sizes = [self.X.shape[1], *hidden, self.Y.shape[1]]
            params = initialise(layer_sizes, self.chosen["scheme"], rng=3)
        return {n: scale * p if n[0] == "W" else p for n, p in params.items()}

    def measure(self) -> None:
        """One forward and one backward pass, and what they say about each layer."""
        hidden, loss = self.chosen["activation"], "softmax_cross_entropy"
        with np.errstate(all="ignore"):
            params = self.network()
            cache = forward(params, self.X, hidden)
            signals = error_signals(params, cache, self.Y, hidden, loss=loss)
            grads = gradients_from_signals(cache, signals)
            self.sizes = sizes(params)
            count = len(signals)
            every = range(1, count + 1)
            self.values = [_rms(cache[f"A{layer}"]) for layer in every]
            self.signals = [_rms(signals[f"dZ{layer}"]) for layer in every]
            self.gradients = [_rms(grads[f"dW{layer}"]) for layer in every]
            self.flat = [self._flat(cache, layer) for layer in every[:-1]]
            self.dead = [_dead(cache[f"A{layer}"], hidden) for layer in every[:-1]]
            self.A = [cache[f"A{layer}"] for layer in every]
            self.dZ = [signals[f"dZ{layer}"] for layer in every]

    def _flat(self, cache: Arrays, layer: int) -> float:
        """The share of entries where the activation has next to no slope."""
        Z, A = cache[f"Z{layer}"], cache[f"A{layer}"]
        backward = ACTIVATIONS[self.chosen["activation"]][1]
        steepest = 0.25 if self.chosen["activation"] == "sigmoid" else 1.0
        return float(np.mean(backward(np.ones_like(Z), Z, A) < FLAT * steepest))

    @property
    def per_layer(self) -> float:
        """The mean factor by which one layer multiplies the signal on its way down."""
        first, last = self.signals[0], self.signals[-1]
        if not first or not last or not np.isfinite(first / last):
            return 0.0 if not first else float("nan")
        return float((first / last) ** (1 / max(1, len(self.signals) - 1)))

    @property
    def verdict(self) -> str:
        """What happens to the signal on its way down to layer 1, in one word."""
        if not np.isfinite([*self.signals, *self.values]).all():
            return "overflows"
        if not self.signals[0] or not self.signals[-1]:
            return "dies"
        ratio = self.signals[0] / self.signals[-1]
        if 0.1 <= ratio <= 10:
            return "level"
        if ratio < 1:
            return "vanishes" if ratio < 0.001 else "shrinks"
        return "explodes" if ratio > 1000 else "grows"

    @property
    def least(self) -> int:
        """The layer whose weights get the smallest gradient; 0 when all get alike."""
        found = np.array(self.gradients)
        if not np.isfinite(found).all() or found.max() <= LEVEL * found.min():
            return 0
        return int(np.argmin(found)) + 1

    def state(self) -> dict[str, Any]:
        """Everything the view draws."""
        axes = {
            "A": self._value_axis(),
            "dZ": _log_axis([*self.signals, *self.gradients]),
        }
        return {
            **self.chosen,
            "own": self.own is not None,
            "sizes": self.sizes,
            "values": self.values,
            "signals": self.signals,
            "gradients": self.gradients,
            "flat": self.flat,
            "dead": self.dead,
            "axes": axes,
            "spread": {
                "A": [_spread(a, axes["A"]) for a in self.A],
                "dZ": [_spread(d, axes["dZ"]) for d in self.dZ],
            },
            "choices": {"activation": HIDDEN, "scheme": tuple(SCHEMES)},
            "most": MOST,
            "verdict": self.verdict,
            "per_layer": self.per_layer,
            "least": self.least,
            "sentences": self.sentences(),
        }

    def svg(self) -> str:
        """Both charts as a still picture."""
        return still(self.state())

    def _value_axis(self) -> dict[str, Any]:
        bounds = BOUNDS.get(self.chosen["activation"])
        if bounds is None:
            return _log_axis(self.values[:-1])
        return {"log": False, "low": bounds[0], "high": bounds[1]}

    def sentences(self) -> list[str]:
        """What was measured, in words."""
        measured = depth_words.Measured(
            activation=self.chosen["activation"],
            sizes=self.sizes,
            signals=self.signals,
            gradients=self.gradients,
            flat=self.flat,
            dead=self.dead,
            verdict=self.verdict,
            per_layer=self.per_layer,
            least=self.least,
        )
        return depth_words.sentences(measured)

    def as_text(self) -> str:
        """One row for each layer."""
        what = "your network" if self.own else f"{self.chosen['scheme']} weights"
        rows = [
            f"{what} times {self.chosen['scale']:g}, {self.chosen['activation']}",
            "layer  rms of A  rms of dZ  rms of dW",
        ]
        for layer, row in enumerate(
            zip(self.values, self.signals, self.gradients, strict=True), 1
        ):
            rows.append(f"{layer:5}  " + "  ".join(f"{x:8.1e}" for x in row))
        return "\n".join([*rows, *self.sentences()])


def _rms(array: np.ndarray) -> float:
    largest = float(np.abs(array).max())  # squares of 1e-200 would vanish
    if not largest or not np.isfinite(largest):
        return largest
    return largest * float(np.sqrt(np.mean((array / largest) ** 2)))


def _dead(A: np.ndarray, hidden: str) -> int | None:
    """How many units are 0 for every example; only ReLU units can be."""
    return int((A <= 0).all(axis=0).sum()) if hidden == "relu" else None


def _log_axis(norms: list[float]) -> dict[str, Any]:
    """Whole powers of ten around the norms, with room below for the small entries."""
    logs = [np.log10(n) for n in norms if n and np.isfinite(n)]
    if not logs:
        return {"log": True, "low": -3, "high": 0}
    high = int(np.ceil(max(logs) + 0.5))
    return {
        "log": True,
        "low": min(int(np.floor(min(logs) - 1.2)), high - 3),
        "high": high,
    }


def _spread(array: np.ndarray, axis: dict[str, Any]) -> list[float]:
    """How many entries fall into each of BINS parts of the axis; the fullest is 1."""
    entries = array.ravel()
    if axis["log"]:
        entries = np.log10(np.abs(entries[entries != 0]))
    counts, _ = np.histogram(entries, BINS, (axis["low"], axis["high"]))
    return (counts / max(1, counts.max())).round(3).tolist()
