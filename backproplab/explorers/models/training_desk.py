"""A classifier that is trained a few epochs at a time, and looked at from all sides.

Nothing runs by itself: each ``step`` trains some epochs and returns, so the kernel
stays free.
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
from backproplab.explorers.models.training_run import Run
from backproplab.explorers.models.weight_formula import formula
from backproplab.network import forward, sizes
from backproplab.shown import short
from backproplab.training import OPTIMIZERS, initialise

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
        self.run = Run(params, examples, self.settings["activation"])
        self.mesh = mesh(examples.window)
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
        optimizer, rate, batch = (
            self.settings[k] for k in ("optimizer", "lr", "batch")
        )
        for _ in range(min(epochs, self.settings["epochs"] - self.epoch)):
            if self.run.halted:
                break
            self.run.train_epoch(optimizer, rate, batch)

    @property
    def epoch(self) -> int:
        """How many epochs this run has had."""
        return self.run.epoch

    @property
    def accuracy(self) -> float:
        """The share of examples that are on the right side now."""
        return self.run.accuracies[-1]

    def _weight(self, chosen: Any) -> tuple[str, int, int]:
        try:
            name, i, j = chosen
            self.run.params[name][int(i), int(j)]
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
        hidden, classes = self.settings["activation"], self.run.examples.classes
        with np.errstate(all="ignore"):
            cache = forward(self.run.params, self.mesh, hidden)
            widths = sizes(self.run.params)
            return {
                "settings": self.settings,
                "choices": self.choices(),
                "epoch": self.epoch,
                "done": self.run.halted or self.epoch >= self.settings["epochs"],
                "halted": self.run.halted,
                "X": self.run.examples.X,
                "labels": self.run.examples.labels,
                "classes": classes,
                "window": self.run.examples.window,
                "boundary": boundary(cache[f"A{len(widths) - 1}"]),
                "sizes": widths,
                "units": unit_pictures(cache, widths),
                "weights": self._shown_weights(),
                "curve": self.run.curves(),
                "loss": self.run.losses[-1],
                "accuracy": self.accuracy,
                "right": round(self.accuracy * len(self.run.Y)),
                "norms": self.run.norms[-1],
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
            self.run.params,
            self.run.examples.X,
            self.run.Y,
            self.weight,
            self.settings,
            self.run.memory,
        )

    def _shown_weights(self) -> list[np.ndarray]:
        layers = range(1, len(self.run.params) // 2 + 1)
        return [
            self.run.params[f"W{layer}"][:MOST_UNITS, :MOST_UNITS] for layer in layers
        ]

    def sentence(self) -> str:
        """Where the run stands, in words."""
        if self.run.halted:
            return (
                f"The numbers overflowed in epoch {self.epoch}: the rate "
                f"{self.settings['lr']:g} is too large here. Start over with a "
                "smaller one."
            )
        right = round(self.accuracy * len(self.run.Y))
        return (
            f"After {self.epoch} of {self.settings['epochs']} epochs: loss "
            f"{short(self.run.losses[-1])}, {right} of {len(self.run.Y)} points on the "
            f"right side ({self.accuracy:.1%}).{self._worse_than_no_idea()}"
        )

    def _worse_than_no_idea(self) -> str:
        K = self.run.examples.classes
        if not self.epoch or self.run.losses[-1] < 1.5 * np.log(K):
            return ""
        return (
            f" A network with no idea has the loss log {K} = {np.log(K):.3f}: the rate "
            f"{self.settings['lr']:g} is too large here."
        )

    def as_text(self) -> str:
        """The run as lines of text."""
        widths = "-".join(map(str, sizes(self.run.params)))
        lines = [f"{self.settings['data']}, a {widths} network", self.sentence()]
        lines += [
            f"size of dW{layer}: {norm:.4g}"
            for layer, norm in enumerate(self.run.norms[-1], 1)
        ]
        return "\n".join([*lines, *self.formula()["lines"]])
