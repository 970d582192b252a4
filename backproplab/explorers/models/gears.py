"""The gear train's model: a chain of functions, and a nudge that grows on its way."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from backproplab.chain import Function, chain_factors, chain_values
from backproplab.explorers import svg
from backproplab.shown import columns, parenthesised, short

STEPS, FIRST = 20, 22  # nudges on each side of 0; the one asked for
MOST_GEARS = 8
DIAL, RADIUS, TOP = 150, 44, 96  # from dial to dial, its radius, its height
EXAMPLE_START = -1.2
EXAMPLE: Mapping[str, Function] = {
    "t = 2x + 3": lambda x: 2 * x + 3,
    "u = t²": lambda t: t * t,
    "h = exp(u)": math.exp,
}
EXAMPLE_SLOPES: Sequence[Function] = [lambda x: 2.0, lambda t: 2 * t, math.exp]


class Gears:
    """Functions one after the other, each with its factor at its own input (N1, N2).

    ``functions`` innermost first, a list or {"u = t²": function}; ``slopes`` are their
    derivatives, or None to measure each factor.  Raises ValueError when a function
    fails at x, gives something else than a finite number, or there are too many.
    """

    def __init__(
        self,
        functions: Mapping[str, Function] | Sequence[Function],
        slopes: Sequence[Function] | None,
        x: float,
        largest: float,
    ) -> None:
        self.labels, self.functions = _labelled(functions)
        if not isinstance(slopes, Sequence | None):
            raise ValueError(f"dfs is a list of derivatives or None; got {slopes!r}")
        self.slopes = _measured(self.functions) if slopes is None else list(slopes)
        self.largest = _number(largest, "the largest nudge")
        if self.largest <= 0:
            raise ValueError(f"the largest nudge must be positive; got {largest}")
        self.move_to(x)
        self.start = self.x

    def move_to(self, x: Any) -> None:
        """Start the chain at another x."""
        x = _number(x, "x")
        try:
            values = _numbers(chain_values(self.functions, x), ["x", *self.labels])
            factors = chain_factors(self.functions, self.slopes, x)
        except (ArithmeticError, TypeError, ValueError) as error:
            raise ValueError(f"the chain does not work at x = {x:g}: {error}") from None
        names = [f"the factor of {label}" for label in self.labels]
        self.x, self.values, self.factors = x, values, _numbers(factors, names)

    def answer(self, request: dict[str, Any]) -> None:
        """{"x": number} starts the chain there."""
        self.move_to(request["x"])

    def moves(self, nudge: float) -> list[float]:
        """By how much x and every value after it really move."""
        try:
            moved = chain_values(self.functions, self.x + nudge)
        except (ArithmeticError, ValueError):
            moved = [math.nan] * len(self.values)
            moved[0] = self.x + nudge
        return [float(m) - v for m, v in zip(moved, self.values, strict=True)]

    def state(self) -> dict[str, Any]:
        """Names, values, factors, and what each of 41 nudges does to every value."""
        steps = range(-STEPS, STEPS + 1)
        nudges = [self.largest * k / STEPS for k in steps]
        moves = [self.moves(nudge) for nudge in nudges]
        product = math.prod(self.factors)
        return {
            "x": self.x,
            "labels": self.labels,
            "names": [label.split(" = ")[0] for label in self.labels],
            "values": self.values,
            "factors": self.factors,
            "product": product,
            "nudges": nudges,
            "first": FIRST,
            "moves": moves,
            "turns": _turns(moves),
            "predicted": [product * nudge for nudge in nudges],
            "says": [
                self._says(nudge, move)
                for nudge, move in zip(nudges, moves, strict=True)
            ],
            "range": {"min": self.start - 2, "max": self.start + 2, "step": 0.05},
        }

    def _says(self, nudge: float, moves: list[float]) -> str:
        """What the factors promise for a nudge, and what it becomes."""
        product = math.prod(self.factors)
        formula = " × ".join(parenthesised(short(f)) for f in self.factors)
        if len(self.factors) > 1:
            formula += f" = {short(product)}"
        promised, real = product * nudge, moves[-1]
        promise = f"{short(nudge, True)} into {short(promised, True)}"
        words = f"The factors {formula} turn {promise}."
        if not math.isfinite(real):
            return f"{words} But the chain does not work at {short(self.x + nudge)}."
        if abs(real - promised) <= 1e-9 * abs(real):
            return f"{words} That is what really happens: the slopes stay the same."
        last = self.labels[-1].split(" = ")[0]
        return (
            f"{words} Really {last} moves by {short(real, True)}:"
            " the slopes change on the way."
        )

    def as_text(self) -> str:
        """One line for each gear, then the product."""
        nudge = self.largest * (FIRST - STEPS) / STEPS
        moves = [short(move, sign=True) for move in self.moves(nudge)]
        values, factors = map(short, self.values), ["", *map(short, self.factors)]
        rows = zip(["x", *self.labels], factors, values, moves, strict=True)
        table = columns([("gear", "factor", "value", "moves by"), *rows])
        return f"{table}\nproduct of the factors: {short(math.prod(self.factors))}"

    def svg(self) -> str:
        """Dials in a row, with values, factors and the first nudge."""
        names = ["x", *self.labels]
        parts = []
        for k, (name, value) in enumerate(zip(names, self.values, strict=True)):
            middle = DIAL * (k + 0.5)
            parts += [
                svg.element(
                    "circle",
                    cx=middle,
                    cy=TOP,
                    r=RADIUS,
                    fill=svg.BOX,
                    stroke=svg.INK,
                    stroke_width=1.5,
                ),
                svg.text(middle, TOP + 5, short(value), fill=svg.FORWARD),
                svg.text(middle, TOP + RADIUS + 24, name, font_weight=600),
            ]
            if k:
                factor = f"× {parenthesised(short(self.factors[k - 1]))}"
                style = {"fill": svg.BACKWARD, "font_weight": 600}
                parts.append(
                    svg.text(middle - DIAL / 2, TOP - RADIUS - 14, factor, **style)
                )
        return svg.picture(DIAL * len(names), TOP + RADIUS + 44, *parts)


def _turns(moves: list[list[float]]) -> list[list[float]]:
    """Degrees for the dials, one scale for all, 300 for the largest move."""
    sizes = [abs(m) for row in moves for m in row if math.isfinite(m)]
    scale = 300 / (max(sizes) or 1.0)
    return [[m * scale if math.isfinite(m) else 0.0 for m in row] for row in moves]


def _labelled(
    functions: Mapping[str, Function] | Sequence[Function],
) -> tuple[list[str], list[Function]]:
    chain: list[Any] = []
    if isinstance(functions, Mapping):
        labels, chain = [str(name) for name in functions], list(functions.values())
    elif isinstance(functions, Sequence):
        chain = list(functions)
        labels = [_name(function, k) for k, function in enumerate(chain, start=1)]
    if not 1 <= len(chain) <= MOST_GEARS or not all(map(callable, chain)):
        raise ValueError(
            f"ChainGears needs 1 to {MOST_GEARS} functions of one number,"
            " for example [lambda x: 2 * x, math.sin]"
        )
    return labels, chain


def _name(function: Any, k: int) -> str:
    name = getattr(function, "__name__", "")
    return f"f{k}" if not name or "<" in name else name


def _number(value: Any, what: str) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise ValueError(f"{what} must be a number; got {value!r}") from None
    if not math.isfinite(number):
        raise ValueError(f"{what} must be a finite number; got {number}")
    return number


def _numbers(values: Sequence[Any], names: Sequence[str]) -> list[float]:
    return [_number(v, name) for v, name in zip(values, names, strict=True)]


def _measured(functions: Sequence[Function]) -> list[Function]:
    """Central differences, for who has no derivatives at hand."""

    def slope(function: Function) -> Callable[[float], float]:
        def at(x: float) -> float:
            h = 6e-6 * max(1.0, abs(x))
            return float((function(x + h) - function(x - h)) / ((x + h) - (x - h)))

        return at

    return [slope(function) for function in functions]
