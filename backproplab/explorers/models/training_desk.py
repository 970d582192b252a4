"""A classifier that is trained a few epochs at a time, and looked at from all sides.

Mini-batches, gradients and steps are the library's (M4, N7): ``training.batches``,
``network.loss_and_gradients``, ``training.OPTIMIZERS``.  Nothing runs by itself: each
``step`` trains some epochs and returns, so the kernel stays free.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from backproplab.explorers.models import classes_2d
from backproplab.explorers.models.desk_pictures import (
    CLASS_COLOURS,
    MOST_UNITS,
    boundary,
    mesh,
    unit_pictures,
)
from backproplab.explorers.models.desk_settings import (
    ACTIVATIONS,
    HIDDEN,
    START,
    sensible,
)
from backproplab.explorers.models.network_input import as_network, is_whole
from backproplab.explorers.models.training_desk_figure import still
from backproplab.explorers.models.weight_formula import formula
from backproplab.losses import one_hot
from backproplab.network import forward, loss_and_gradients, loss_value, sizes
from backproplab.shown import short
from backproplab.training import OPTIMIZERS, batches, initialise

POINTS = 200  # of a curve; longer ones are thinned out
LOSS = "softmax_cross_entropy"
MOST_LAYERS = 12


class Desk:
    """One training run; ``settings`` are the keys of START.

    X (N, 2) and labels (N,) take the place of the made data, params that of the random
    start.  Raises ValueError with a sentence for the learner.

    >>> desk = Desk(data="moons")
    >>> desk.step(40)
    >>> desk.epoch, desk.accuracy > 0.95
    (40, True)
    """

    def __init__(
        self, X: Any = None, labels: Any = None, params: Any = None, **settings: Any
    ) -> None:
        unknown = set(settings) - set(START)
        if unknown:
            raise ValueError(
                f"unknown setting {min(unknown)!r}; known: {', '.join(START)}."
            )
        self.own_data = None if X is None else classes_2d.own(X, labels)
        self.own_params = None if params is None else as_network(params, MOST_LAYERS)
        own: dict[str, Any] = {}
        if self.own_data is not None:
            own["data"] = "yours"
        if self.own_params is not None:
            own["hidden"] = "yours"
        self.settings = sensible(self.choices(), {**START, **own, **settings})
        self.weight = ("W1", 0, 0)
        self.restart()

    def restart(self) -> None:
        """The first weights again, and an empty history."""
        name = self.settings["data"]
        own = self.own_data if name == "yours" else None
        examples = own or classes_2d.made(name)
        params = self._first_params(examples.classes)
        Y = one_hot(examples.labels, examples.classes)
        with np.errstate(all="ignore"):
            hidden = self.settings["activation"]
            loss = loss_value(params, examples.X, Y, hidden, loss=LOSS)
        if not np.isfinite(loss):
            raise ValueError(
                f"the loss of this network on these data is {loss} before any "
                "training: its weights or X are too large."
            )
        self.params, self.examples, self.Y = params, examples, Y
        self.memory: dict[str, Any] = {}
        self.rng = np.random.default_rng(0)
        self.epoch, self.halted = 0, False
        self.losses: list[float] = []
        self.accuracies: list[float] = []
        self.norms: list[list[float]] = []
        self.mesh = mesh(self.examples.window)
        self._note()
        self._keep_weight()

    def _first_params(self, classes: int) -> dict[str, np.ndarray]:
        hidden = self.settings["hidden"]
        if hidden == "yours" and self.own_params is not None:
            widths = sizes(self.own_params)
            if (widths[0], widths[-1]) != (2, classes):
                raise ValueError(
                    f"your network has {widths[0]} inputs and {widths[-1]} outputs; "
                    f"these data need 2 and {classes}."
                )
            return dict(self.own_params)
        return initialise([2, *HIDDEN[hidden], classes], rng=0)

    def answer(self, request: dict[str, Any]) -> None:
        """{"train": epochs}, {"settings": {...}}, {"restart": true}, {"weight": ...}.

        Another rate, number of epochs or weight leaves the run as it is; every other
        setting starts it anew.
        """
        if "settings" in request:
            before = self.settings
            self.settings = sensible(self.choices(), {**before, **request["settings"]})
            stays = ("lr", "epochs")
            if any(before[k] != self.settings[k] for k in START if k not in stays):
                try:
                    self.restart()
                except ValueError:
                    self.settings = before
                    raise
        if request.get("restart"):
            self.restart()
        if "weight" in request:
            self.weight = self._weight(request["weight"])
        if "train" in request:
            self.step(request["train"])

    def step(self, epochs: int = 1) -> None:
        """Train so many epochs, but not beyond the end of the run."""
        if not is_whole(epochs) or epochs < 1:
            raise ValueError(
                f"train takes a number of epochs, at least 1; got {epochs!r}."
            )
        with np.errstate(all="ignore"):
            for _ in range(min(epochs, self.settings["epochs"] - self.epoch)):
                if self.halted:
                    break
                self._one_epoch()

    def _one_epoch(self) -> None:
        step, rate = OPTIMIZERS[self.settings["optimizer"]], self.settings["lr"]
        for rows in batches(len(self.Y), self.settings["batch"], self.rng):
            _, grads = self._gradients(rows)
            self.params, self.memory = step(self.params, grads, self.memory, rate)
        self.epoch += 1
        self._note()

    def _gradients(self, rows: Any = slice(None)) -> tuple[Any, dict[str, np.ndarray]]:
        X, Y = self.examples.X[rows], self.Y[rows]
        hidden = self.settings["activation"]
        return loss_and_gradients(self.params, X, Y, hidden, loss=LOSS)

    def _note(self) -> None:
        """The loss, accuracy and gradient norms over all examples, as they are now."""
        with np.errstate(all="ignore"):
            loss, grads = self._gradients()
        layers = range(1, len(self.params) // 2 + 1)
        norms = [_norm(grads[f"dW{layer}"]) for layer in layers]
        scores = self._scores(self.examples.X)
        right = scores.argmax(axis=1) == self.examples.labels
        if not np.isfinite([float(loss), *norms]).all():
            self.halted = True
            return
        self.losses.append(float(loss))
        self.accuracies.append(float(np.mean(right)))
        self.norms.append(norms)

    def _scores(self, X: np.ndarray) -> np.ndarray:
        cache = forward(self.params, X, self.settings["activation"])
        return cache[f"A{len(cache) // 2}"]

    @property
    def accuracy(self) -> float:
        """The share of examples that are on the right side now."""
        return self.accuracies[-1]

    @property
    def loss(self) -> float:
        """The mean cross entropy over all examples now."""
        if self.halted:
            return float("nan")
        hidden = self.settings["activation"]
        args = (self.params, self.examples.X, self.Y, hidden)
        return float(loss_value(*args, loss=LOSS))

    def _weight(self, chosen: Any) -> tuple[str, int, int]:
        try:
            name, i, j = chosen
            self.params[name][int(i), int(j)]
        except (KeyError, IndexError, TypeError, ValueError):
            raise ValueError(
                f"a weight is a matrix, a row and a column, such as ['W1', 0, 0]; "
                f"this network has no {chosen!r}."
            ) from None
        return name, int(i), int(j)

    def _keep_weight(self) -> None:
        try:
            self.weight = self._weight(self.weight)
        except ValueError:
            self.weight = ("W1", 0, 0)

    def choices(self) -> dict[str, list[str]]:
        """What the learner may choose by name."""
        return {
            "data": [*classes_2d.MADE, *(["yours"] if self.own_data else [])],
            "hidden": [*HIDDEN, *(["yours"] if self.own_params else [])],
            "activation": list(ACTIVATIONS),
            "optimizer": list(OPTIMIZERS),
        }

    def state(self) -> dict[str, Any]:
        """Everything the view draws."""
        hidden, classes = self.settings["activation"], self.examples.classes
        with np.errstate(all="ignore"):
            cache = forward(self.params, self.mesh, hidden)
            widths = sizes(self.params)
            return {
                "settings": self.settings,
                "choices": self.choices(),
                "epoch": self.epoch,
                "done": self.halted or self.epoch >= self.settings["epochs"],
                "halted": self.halted,
                "X": self.examples.X,
                "labels": self.examples.labels,
                "classes": classes,
                "window": self.examples.window,
                "boundary": boundary(cache[f"A{len(widths) - 1}"]),
                "sizes": widths,
                "units": unit_pictures(cache, widths),
                "weights": self._shown_weights(),
                "curve": self._curves(),
                "loss": self.losses[-1],
                "accuracy": self.accuracy,
                "right": round(self.accuracy * len(self.Y)),
                "norms": self.norms[-1],
                "weight": self.weight,
                "colours": CLASS_COLOURS,
                "formula": self.formula(),
                "sentence": self.sentence(),
            }

    def svg(self) -> str:
        """Boundary and loss curve as a still picture."""
        return still(self.state())

    def formula(self) -> dict[str, Any]:
        """The next full-batch step of the chosen weight, with all its numbers."""
        return formula(
            self.params,
            self.examples.X,
            self.Y,
            self.weight,
            self.settings,
            self.memory,
        )

    def _shown_weights(self) -> list[np.ndarray]:
        layers = range(1, len(self.params) // 2 + 1)
        return [self.params[f"W{layer}"][:MOST_UNITS, :MOST_UNITS] for layer in layers]

    def _curves(self) -> dict[str, Any]:
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

    def sentence(self) -> str:
        """Where the run stands, in words."""
        if self.halted:
            return (
                f"The numbers overflowed in epoch {self.epoch}: the rate "
                f"{self.settings['lr']:g} is too large here. Start over with a "
                "smaller one."
            )
        right = round(self.accuracy * len(self.Y))
        return (
            f"After {self.epoch} of {self.settings['epochs']} epochs: loss "
            f"{short(self.losses[-1])}, {right} of {len(self.Y)} points on the right "
            f"side ({self.accuracy:.1%}).{self._worse_than_no_idea()}"
        )

    def _worse_than_no_idea(self) -> str:
        K = self.examples.classes
        if not self.epoch or self.losses[-1] < 1.5 * np.log(K):
            return ""
        return (
            f" A network with no idea has the loss log {K} = {np.log(K):.3f}: the rate "
            f"{self.settings['lr']:g} is too large here."
        )

    def as_text(self) -> str:
        """The run as lines of text."""
        widths = "-".join(map(str, sizes(self.params)))
        lines = [f"{self.settings['data']}, a {widths} network", self.sentence()]
        lines += [
            f"size of dW{layer}: {norm:.4g}"
            for layer, norm in enumerate(self.norms[-1], 1)
        ]
        return "\n".join([*lines, *self.formula()["lines"]])


def _norm(array: np.ndarray) -> float:
    """The root of the sum of squares; squares of 1e200 would overflow."""
    largest = float(np.abs(array).max())
    if not largest or not np.isfinite(largest):
        return largest
    return largest * float(np.linalg.norm(array / largest))
