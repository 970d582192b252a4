"""One neuron, one input: z = w x + b, a = f(z), and the three gradients of L = a."""

from __future__ import annotations

from typing import Any

import numpy as np

from backproplab.arrays import lookup
from backproplab.explorers.models import lens_still
from backproplab.explorers.models.activation_curves import (
    OTHERS,
    QUESTIONS,
    REACH,
    Curve,
)
from backproplab.shown import listed, short

LIMITS = {"w": 2.0, "b": 3.0, "x": 2.0}  # so that z stays within -7..7
MOVED = ("w", "b", "x")


class ActivationLens:
    """Six neurons, and the learner's own function f(z) if there is one.

    f is a name or a function of one number.  Raises ValueError with a sentence.

    >>> now = ActivationLens("sigmoid", w=2, b=-1, x=0.5).state()["now"]
    >>> now["z"], now["a"].tolist(), now["dw"]
    (0.0, [0.5], 0.125)
    """

    def __init__(
        self, f: Any = "sigmoid", w: float = 2.0, b: float = -1.0, x: float = 0.0
    ) -> None:
        self.curves = {name: Curve(name) for name in QUESTIONS}
        if callable(f):
            self.name = getattr(f, "__name__", "f").replace("<lambda>", "yours")
            if self.name in self.curves:
                self.name = f"your {self.name}"
            self.curves[self.name] = Curve(self.name, f)
        else:
            self.name = lookup(self.curves, f, "activation").name
        self.at = {"w": w, "b": b, "x": x}
        for name, value in self.at.items():
            self.at[name] = _within(name, value)
        self.sampled = {name: curve.state() for name, curve in self.curves.items()}

    def answer(self, request: dict[str, Any]) -> None:
        """{"name": an activation} or new values of "w", "b", "x"."""
        if "name" in request:
            self.name = lookup(self.curves, request["name"], "activation").name
        moved = {k: _within(k, request[k]) for k in MOVED if k in request}
        self.at.update(moved)

    def state(self) -> dict[str, Any]:
        """The curves, and the neuron where it stands."""
        return {
            "name": self.name,
            "limits": LIMITS,
            "reach": REACH,
            "curves": self.sampled,
            "others": OTHERS,
            "now": self.now(self.name, **self.at),
        }

    def now(self, name: str, w: float, b: float, x: float) -> dict[str, Any]:
        """z, a, the slope there, and dL/dw, dL/db, dL/dx for L = a (dL/da = 1)."""
        here = self._here(name, w * x + b)
        dz = here["db"]
        return {**here, "w": w, "b": b, "x": x, "dw": dz * x, "dx": dz * w}

    def _here(self, name: str, z: float) -> dict[str, Any]:
        """What depends on z alone."""
        a, slope = self.curves[name].values(z), self.curves[name].slopes(z)
        ends = np.array([z - 1.5, z + 1.5])
        return {
            "z": z,
            "a": a,
            "slope": slope,
            "one_minus_a": 1 - float(a[0]),
            "square": float(a[0]) ** 2,
            "tangent": [ends, float(a[0]) + float(slope[0]) * (ends - z)],
            "saturated": any(
                low <= z <= high for low, high in self.sampled[name]["flat"]
            ),
            "db": float(slope[0]),
        }

    def places(self) -> dict[str, Any]:
        """The neurons at whole numbers: for a page on which no Python answers.

        z["w,b,x"] is z; at[name][z] what depends on z; dw[name][z][x], dx[name][z][w].
        """
        w, b, x = (np.arange(-LIMITS[k], LIMITS[k] + 1) for k in MOVED)
        every = np.arange(-REACH, REACH + 1)
        found: dict[str, Any] = {
            "z": {f"{i:g},{j:g},{k:g}": i * k + j for i in w for j in b for k in x}
        }
        slopes = {name: self.curves[name].slopes(every)[:, 0] for name in self.curves}
        for key, factor in (("dw", x), ("dx", w)):
            found[key] = {
                name: {
                    f"{z:g}": {f"{t:g}": dz * t for t in factor}
                    for z, dz in zip(every, slope, strict=True)
                }
                for name, slope in slopes.items()
            }
        found["at"] = {
            name: {f"{z:g}": self._here(name, z) for z in every} for name in self.curves
        }
        return found

    def as_text(self) -> str:
        """The neuron where it stands, in words."""
        now, rule = self.now(self.name, **self.at), self.sampled[self.name]["rule"]
        return (
            f"{self.name}: w = {short(now['w'])}, b = {short(now['b'])}, "
            f"x = {short(now['x'])}\n"
            f"z = w x + b = {short(now['z'])}, a = f(z) = {listed(now['a'])}\n"
            f"slope: {rule} = {listed(now['slope'])}\n"
            f"gradients of L = a: dw = f′(z) x = {short(now['dw'])}, "
            f"db = f′(z) = {short(now['db'])}, dx = f′(z) w = {short(now['dx'])}"
        )

    def svg(self) -> str:
        """The neuron where it stands, as a still picture."""
        return lens_still.picture(self.state())


def _within(name: str, value: Any) -> float:
    limit = LIMITS[name]
    number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
    if not number or not -limit <= value <= limit:
        raise ValueError(
            f"{name} must be a number from {-limit:g} to {limit:g}, got {value!r}"
        )
    return float(value)
