"""The error of a difference quotient at every step size, and what a check may demand.

For steps h from 1e-1 to 1e-15, in both precisions: the forward difference
(f(x + h) - f(x)) / h and the central one (f(x + h) - f(x - h)) / 2h, each compared
with the slope that ``finite_differences.gradient`` measures (N4).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from backproplab.explorers.models import lens
from backproplab.explorers.models.gradient_check_v_figure import still
from backproplab.explorers.models.words import about
from backproplab.finite_differences import check_gradient, gradient, one_sided
from backproplab.finite_differences.richardson import noise_of

STEPS: np.ndarray = 10.0 ** -(np.arange(4, 61) / 4)  # 1e-1 to 1e-15, four to the decade
PRECISIONS: dict[str, Any] = {"float64": np.float64, "float32": np.float32}
KINDS = ("forward", "central")
POWER = {"forward": 1, "central": 2}  # the formula's own error shrinks like h^power
LEAST, MOST = 1e-16, 10.0  # errors that have a place in the picture


class StepSizes:
    """Errors of both difference quotients of f at x, over the step size h.

    f takes and returns one number; x is a number.  Raises ValueError, with a sentence
    for the learner, when f does not return one finite number there.

    >>> model = StepSizes(np.sin, 1.0)
    >>> model.best("central", "float64")["h"] > model.best("forward", "float64")["h"]
    True
    """

    def __init__(self, f: Callable[[Any], Any] = np.sin, x: float = 1.0) -> None:
        if not callable(f):
            raise ValueError(
                "f is the function to be measured, such as np.sin or lambda x: x**3; "
                f"this is {type(f).__name__} and cannot be called."
            )
        self.f = f
        self.move(x)

    def move(self, x: Any) -> None:
        """Measure everything again at another place."""
        self._measure(_number(x))

    def answer(self, request: dict[str, Any]) -> None:
        """{"x": a number}: the learner moved the point."""
        self.move(request.get("x"))

    def _measure(self, x: float) -> None:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            value = self.evaluate(x, np.float64)
            if not np.isfinite(value):
                raise ValueError(
                    f"f({x:g}) is {value}, not a finite number: choose another x."
                )
            found = gradient(self._loss, x)
            self.x, self.value = x, float(value)
            self.slope, self.slope_error = float(found.value), float(found.error)
            self.method = found.method
            self.kink = self._kink()
            accepted = check_gradient(self._loss, x, self.slope).tolerance
            self.tolerance = None if accepted is None else float(accepted)
            self.slopes = {name: self._slopes(name) for name in PRECISIONS}
            self.errors = {
                name: {kind: np.abs(q - self.slope) for kind, q in slopes.items()}
                for name, slopes in self.slopes.items()
            }
            noise = noise_of(lambda at: float(self._loss(at[0])), np.array([x]))
            self.noise = {n: noise * _unit(n) / _unit("float64") for n in PRECISIONS}
            self.growth = {kind: self._growth(kind) for kind in KINDS}

    def _loss(self, x: Any) -> Any:
        """f for the library, which hands over complex numbers too."""
        return np.asarray(self.f(x)).reshape(-1)[0]

    def evaluate(self, x: Any, precision: Any) -> Any:
        """f(x) as a number of this precision; refuse anything but one real number."""
        try:
            value = np.asarray(self.f(precision(x)))
        except Exception as problem:
            raise ValueError(
                f"f({float(x):g}) raised {type(problem).__name__}: {problem}"
            ) from None
        if value.size != 1 or value.dtype.kind not in "fbiu":
            raise ValueError(
                f"f must turn one number into one number; f({float(x):g}) returned "
                f"{value.dtype} of shape {value.shape}."
            )
        return precision(value.reshape(-1)[0])

    def _slopes(self, name: str) -> dict[str, np.ndarray]:
        """Both quotients for every h, all arithmetic in this precision."""
        real = PRECISIONS[name]
        x, found = real(self.x), {kind: np.full(len(STEPS), np.nan) for kind in KINDS}
        here = self.evaluate(x, real)
        for i, h in enumerate(map(real, STEPS)):
            up, down = self.evaluate(x + h, real), self.evaluate(x - h, real)
            found["forward"][i] = (up - here) / h
            found["central"][i] = (up - down) / (real(2) * h)
        return found

    def _growth(self, kind: str) -> float | None:
        """C of the straight line error = C h^power, or None where there is none.

        Taken from the steps whose error stands well above rounding; a kink, or a
        formula that is exact here (a parabola's central difference), leaves none.
        """
        error, power = self.errors["float64"][kind], POWER[kind]
        clear = (error > 30 * self.noise["float64"] / STEPS) & (STEPS > 1e-7)
        ratios = (error / STEPS**power)[clear]
        if len(ratios) < 4 or not np.isfinite(ratios).all():
            return None
        small = ratios[-max(4, len(ratios) // 3) :]  # the line, not its bend
        return float(np.median(small)) if small.max() < 2 * small.min() else None

    def _kink(self) -> list[float] | None:
        """The slopes to the left and right of x where they differ."""
        left, right = map(float, one_sided(self._loss, self.x))
        apart = abs(left - right) > 1e-4 * max(abs(left), abs(right), 1e-12)
        return [left, right] if apart else None

    def best(self, kind: str, precision: str) -> dict[str, Any]:
        """The step with the smallest error, judged over a decade of neighbours.

        A single lucky step may hit the slope exactly; its neighbours do not.
        """
        error = self.errors[precision][kind]
        error = np.where(np.isfinite(error), error, np.inf)
        around = np.lib.stride_tricks.sliding_window_view(np.pad(error, 2, "edge"), 5)
        smooth = np.median(around, axis=1)
        i = int(np.argmin(smooth))
        return {"index": i, "h": float(STEPS[i]), "error": float(smooth[i])}

    def curves(self) -> list[dict[str, Any]]:
        """Each quotient in each precision with its errors, its two lines, its best."""
        return [
            {
                "kind": kind,
                "precision": precision,
                "slopes": self.slopes[precision][kind],
                "errors": self.errors[precision][kind],
                "growth": self.growth[kind],
                "power": POWER[kind],
                "noise": self.noise[precision],
                "best": self.best(kind, precision),
            }
            for precision in PRECISIONS
            for kind in KINDS
        ]

    def lines(self, name: str) -> list[dict[str, Any]]:
        """The causes of error, straight on two logarithmic axes: ends and a label."""
        noise = self.noise[name]
        drawn: list[dict[str, Any]] = []
        if noise:
            ends = [
                (h, noise / h)
                for h in (max(STEPS[-1], noise / MOST), min(STEPS[0], noise / LEAST))
            ]
            h = max(noise, 30 * STEPS[-1])
            drawn.append({"kind": None, "ends": ends, "place": (h, noise / h)})
        for kind in KINDS:
            C, power = self.growth[kind], POWER[kind]
            if C:
                lowest = max(STEPS[-1], (LEAST / C) ** (1 / power))
                ends = [(h, C * h**power) for h in (lowest, STEPS[0])]
                drawn.append({"kind": kind, "ends": ends, "place": ends[1]})
        return drawn

    def _lesson(self, name: str) -> str:
        """What this precision teaches about a check that measures by differences."""
        error = self.best("central", name)["error"]
        if name == "float32":
            return (
                "With 7 digits in place of 16, rounding is half a billion times "
                "coarser: the V moves up and to the right."
            )
        how = {
            "complex step": "takes a complex step instead, which subtracts nothing,",
            "richardson": "extrapolates from thirteen of them (Richardson)",
        }[self.method]
        accepts = ""
        if self.tolerance and self.tolerance > 0:
            accepts = (
                f" The autograder {how} and accepts an answer that is off by "
                f"{about(self.tolerance, 1)}."
            )
        return (
            "A check by one central difference cannot see a mistake below "
            f"{about(error, 1)} here.{accepts}"
        )

    def state(self) -> dict[str, Any]:
        """Everything the view draws."""
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            zoom = {name: self._zoom(real) for name, real in PRECISIONS.items()}
        return {
            "x": self.x,
            "value": self.value,
            "slope": self.slope,
            "slope_error": self.slope_error,
            "method": self.method,
            "kink": self.kink,
            "tolerance": self.tolerance,
            "steps": STEPS,
            "curves": self.curves(),
            "lines": {name: self.lines(name) for name in PRECISIONS},
            "lesson": {name: self._lesson(name) for name in PRECISIONS},
            "zoom": zoom,
            "sentences": self.sentences(),
        }

    def _zoom(self, real: Any) -> list[dict[str, Any]]:
        def f(x: Any) -> float:  # asked thousands of times: no more than needed
            return float(real(np.asarray(self.f(x)).item()))

        return lens.windows(f, real(self.x), STEPS, self.slope)

    def svg(self) -> str:
        """Both error curves as a still picture."""
        return still(self.state())

    def sentences(self) -> list[str]:
        """What the picture shows, in words."""
        if self.kink:
            left, right = self.kink
            return [
                f"f has a kink at {self.x:g}: its slope is {left:.4g} to the left and "
                f"{right:.4g} to the right. No step size can make them agree."
            ]
        lines = []
        for kind in KINDS:
            both = [self.best(kind, name) for name in PRECISIONS]
            h, error = (
                [about(best[key], 1) for best in both] for key in ("h", "error")
            )
            lines.append(
                f"The {kind} difference is best near h = {h[0]}, with an error of "
                f"{error[0]}; in float32 near h = {h[1]}, with {error[1]}."
            )
        return [*lines, self._lesson("float64")]

    def as_text(self) -> str:
        """The errors as a table, one row for each power of ten."""
        rows = ["h        forward   central   forward32 central32"]
        columns = [self.errors[p][kind] for p in PRECISIONS for kind in KINDS]
        for i in range(0, len(STEPS), 4):
            cells = "  ".join(f"{column[i]:8.1e}" for column in columns)
            rows.append(f"{STEPS[i]:.0e}  {cells}")
        head = f"f({self.x:g}) = {self.value:.6g}, slope {self.slope:.12g}"
        return "\n".join([head, *rows, *self.sentences()])


def _number(x: Any) -> float:
    """x as a finite number, or a sentence that says what was expected."""
    try:
        number = float(np.asarray(x, dtype=float).reshape(()))
    except (TypeError, ValueError):
        raise ValueError(f"x is one number, such as 1.0; got {x!r}.") from None
    if not np.isfinite(number):
        raise ValueError(f"x is a finite number, such as 1.0; got {number}.")
    return number


def _unit(name: str) -> float:
    return float(np.finfo(PRECISIONS[name]).eps)
