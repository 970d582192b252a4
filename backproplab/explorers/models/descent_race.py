"""Five ways downhill on one landscape, from one start: who arrives, who runs away?

Every racer takes the same number of steps by the rules of ``training.OPTIMIZERS``
(N4, N7, S10); "sgd" takes one example at a time, all others the whole gradient.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from backproplab.explorers.models import terrain
from backproplab.explorers.models.descent_race_figure import still
from backproplab.explorers.models.landscapes import (
    KNOWN,
    Landscape,
    as_place,
    as_window,
    least_squares_bowl,
    own,
)
from backproplab.shown import short
from backproplab.training import OPTIMIZERS, batches

STEPS = 40
FAR = 1e4  # windows away from the start: the racer has run away
# name: (what the learner reads, the rule, does it see one example at a time?)
RACERS = {
    "gd": ("gradient descent", "sgd", False),
    "sgd": ("stochastic", "sgd", True),
    "momentum": ("momentum", "momentum", False),
    "adagrad": ("AdaGrad", "adagrad", False),
    "adam": ("Adam", "adam", False),
}
SCALE = (
    *(0.001, 0.002, 0.005, 0.01, 0.015, 0.019, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15),
    *(0.2, 0.3, 0.4, 0.5, 0.6, 0.65, 0.7, 0.8, 1.0, 1.5, 2.0, 3.0),
)
RATES = {"gd": 0.1, "sgd": 0.1, "momentum": 0.05, "adagrad": 0.5, "adam": 0.2}
OUTCOMES = {
    "arrives": "arrives at a bottom",
    "on its way": "is still on its way",
    "runs away": "runs away",
}


@dataclass
class Run:
    """The places of one racer, the loss at each, and how it ended."""

    path: list[list[float]]
    losses: list[float]
    outcome: str


class Race:
    """All racers on a landscape; change the start, a rate, or the landscape.

    loss is "bowl", "valley", "network", a function of two weights, a list of functions
    (one for each example), or (X, y) for least squares.  Raises ValueError with a
    sentence for the learner.

    >>> race = Race("bowl")
    >>> race.runs["gd"].outcome, race.answer({"rates": {"gd": 0.4}})
    ('runs away', None)
    >>> race.runs["gd"].outcome
    'arrives'
    """

    def __init__(
        self,
        loss: Any = "bowl",
        start: Any = None,
        rates: dict[str, float] | None = None,
        window: Any = None,
        racers: Sequence[str] = tuple(RACERS),
    ) -> None:
        self.entered = _known(racers)
        self.own = None if isinstance(loss, str) else (loss, start, window)
        self._enter(self._landscape(loss, start, window))
        if start is not None:
            self.start = as_place(start)
        self._set_rates(rates or {})
        self.scale = sorted({*SCALE, *self.rates.values()})
        self.run()

    def _landscape(self, loss: Any, start: Any, window: Any) -> Landscape:
        if isinstance(loss, str):
            if loss not in KNOWN:
                known = ", ".join(KNOWN)
                raise ValueError(f"unknown landscape {loss!r}; known: {known}.")
            self.name = loss
            found = KNOWN[loss]()
        else:
            self.name = "yours"
            examples = isinstance(loss, tuple) and len(loss) == 2
            if examples and not callable(loss[0]):
                found = least_squares_bowl(*loss)
            else:
                return own(loss, start, window)
        return found if window is None else replace(found, window=as_window(window))

    def _enter(self, landscape: Landscape) -> None:
        self.landscape = landscape
        self.start = np.array(landscape.start)
        self.rates = {**RATES, **landscape.rates}
        self._picture: str | None = None

    def answer(self, request: dict[str, Any]) -> None:
        """{"start": [a, b]}, {"rates": {racer: eta}}, {"landscape": name}."""
        if "landscape" in request:
            name = request["landscape"]
            loss = self.own if name == "yours" and self.own else (name, None, None)
            self._enter(self._landscape(*loss))
        if "start" in request:
            self.start = as_place(request["start"])
        self._set_rates(request.get("rates", {}))
        self.run()

    def _set_rates(self, rates: dict[str, Any]) -> None:
        if not isinstance(rates, dict):
            raise ValueError(f'rates are a dict such as {{"gd": 0.1}}; got {rates!r}.')
        for name, rate in rates.items():
            _known([name])
            if not isinstance(rate, int | float) or not 0 < rate < 1e6:
                raise ValueError(f"a step size is a number above 0; got {rate!r}.")
            self.rates[name] = float(rate)

    def run(self) -> None:
        """Every racer from the start."""
        with np.errstate(all="ignore"):
            self.runs = {name: self._run(name) for name in self.racers()}

    def racers(self) -> list[str]:
        """Those who can start here: one example at a time needs examples."""
        return [n for n in self.entered if self.landscape.slopes or not RACERS[n][2]]

    def _run(self, name: str) -> Run:
        _, rule, single = RACERS[name]
        step, rate = OPTIMIZERS[rule], self.rates[name]
        slopes = self.landscape.slopes if single else [self.landscape.slope]
        order = np.concatenate([batches(len(slopes), 1, k) for k in range(STEPS)])
        params: dict[str, Any] = {"w": self.start}
        state: dict[str, Any] = {}
        path = [self.start]
        for k in order.ravel()[:STEPS]:
            grads = {"dw": slopes[k](params["w"])}
            params, state = step(params, grads, state, rate)
            if not self._near(params["w"]):
                break
            path.append(params["w"])
        losses = [self.landscape.loss(w) for w in path]
        return Run([w.tolist() for w in path], losses, self._outcome(path, losses))

    def _near(self, w: np.ndarray) -> bool:
        (left, right), (low, high) = self.landscape.window
        reach = FAR * np.array([right - left, high - low])
        return bool((np.abs(w - self.landscape.start) < reach).all())

    def _outcome(self, path: list[np.ndarray], losses: list[float]) -> str:
        """Judged by what is left of the loss in a bowl, elsewhere of the slope."""
        if len(path) <= STEPS or not losses[-1] <= losses[0]:
            return "runs away"
        if self.landscape.bottom:
            lowest = self.landscape.loss(np.array(self.landscape.bottom))
            left = losses[-1] - lowest <= 0.001 * (losses[0] - lowest)
            return "arrives" if left else "on its way"
        first, last = (np.linalg.norm(self.landscape.slope(path[k])) for k in (0, -1))
        return "arrives" if last <= 0.01 * first else "on its way"

    def multipliers(self) -> list[float]:
        """1 - eta lambda of gradient descent in a bowl, flattest direction first."""
        return [1 - self.rates["gd"] * c for c in self.landscape.curvatures]

    def terrain(self) -> str:
        """The landscape as a picture: the deeper the colour, the lower the loss."""
        if self._picture is None:
            self._picture = terrain.picture(self.landscape)
        return self._picture

    def state(self) -> dict[str, Any]:
        """Everything the view draws."""
        land = self.landscape
        return {
            "landscape": self.name,
            "landscapes": [*KNOWN, *(["yours"] if self.own else [])],
            "title": land.title,
            "formula": land.formula,
            "names": land.names,
            "window": land.window,
            "terrain": self.terrain(),
            "start": self.start,
            "bottom": land.bottom,
            "curvatures": land.curvatures,
            "multipliers": self.multipliers(),
            "border": 2 / land.curvatures[-1] if land.curvatures else None,
            "steps": STEPS,
            "scale": self.scale,
            "outcomes": OUTCOMES,
            "why": self.why(),
            "racers": [
                {
                    "name": name,
                    "label": RACERS[name][0],
                    "rate": self.rates[name],
                    "path": run.path,
                    "losses": run.losses,
                    "outcome": run.outcome,
                    "says": self._says(name, run),
                }
                for name, run in self.runs.items()
            ],
        }

    def _says(self, name: str, run: Run) -> str:
        label = RACERS[name][0]
        return (
            f"{label[0].upper()}{label[1:]} with step size {self.rates[name]:g} "
            f"{OUTCOMES[run.outcome]}: loss {short(run.losses[0])} at the start, "
            f"{short(run.losses[-1])} after {len(run.path) - 1} steps."
        )

    def why(self) -> str:
        """In a bowl: by what gradient descent multiplies its distance to the bottom."""
        if not self.landscape.curvatures or "gd" not in self.runs:
            return ""
        rate, largest = self.rates["gd"], self.landscape.curvatures[-1]
        products = " and by ".join(
            f"1 − {rate:g} · {short(curvature)} = {short(factor)}"
            for curvature, factor in zip(
                self.landscape.curvatures, self.multipliers(), strict=True
            )
        )
        return (
            "In each step gradient descent multiplies its distance to the bottom, "
            f"along the two axes of the bowl, by {products}. "
            f"It runs away when the step size is above 2/{short(largest)} = "
            f"{short(2 / largest)}."
        )

    def as_text(self) -> str:
        """The race as lines of text."""
        a, b = self.start
        lines = [f"{self.landscape.title}, start ({a:g}, {b:g})"]
        lines += [self._says(name, run) for name, run in self.runs.items()]
        return "\n".join([*lines, self.why()]).rstrip()

    def svg(self) -> str:
        """The landscape with all paths as a still picture."""
        return still(self.state())


def _known(racers: Sequence[str]) -> list[str]:
    for name in racers:
        if name not in RACERS:
            known = ", ".join(RACERS)
            raise ValueError(f"unknown racer {name!r}; known: {known}.")
    if not racers:
        raise ValueError(f"nobody races; racers are some of {', '.join(RACERS)}.")
    return [name for name in RACERS if name in racers]
