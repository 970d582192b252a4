"""Exercises of lesson 00: differences, and what a gradient is for (S3, N4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.exercises.draw import Argument, real
from autograder.exercises.exercise import Exercise, Extra
from autograder.exercises.truth import Reference, slope, values
from autograder.functions import NAMED

Function = Callable[[Any], Any]
BOXES = ("paper", "generic", "more", "integer", "float32")


def plus(a: Any, b: Any) -> Any:
    """S3: c = a + b."""
    return a + b


def times(a: Any, b: Any) -> Any:
    """S3: c = a b."""
    return a * b


def _nudge_truth(a: Any, b: Any) -> dict[str, Reference]:
    return {
        "plus_a": slope(plus, ("a", "b"), (a, b), "a"),
        "times_a": slope(times, ("a", "b"), (a, b), "a"),
        "times_b": slope(times, ("a", "b"), (a, b), "b"),
    }


def forward_quotient(f: Function, x: Any, h: Any) -> Any:
    """(f(x + h) - f(x)) / h: the definition that the exercise asks for."""
    return (f(x + h) - f(x)) / h


def central_quotient(f: Function, x: Any, h: Any) -> Any:
    """(f(x + h) - f(x - h)) / (2 h): the definition that the exercise asks for."""
    return (f(x + h) - f(x - h)) / (2 * h)


def every_entry(f: Function, x: Any, h: Any) -> np.ndarray:
    """The central quotient of every entry of an array."""
    found = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        nudge = np.zeros(x.shape)
        nudge[index] = h
        found[index] = (f(x + nudge) - f(x - nudge)) / (2 * h)
    return found


def largest_gap(a: Any, b: Any) -> tuple[Any, Any]:
    """Where two arrays differ most, and by how much; never across shapes."""
    if a.shape != b.shape:
        return np.zeros(0), np.inf
    gaps = np.abs(a - b)
    return np.array(np.unravel_index(int(np.argmax(gaps)), gaps.shape)), gaps.max()


def _gap_truth(a: Any, b: Any) -> tuple[Reference, Reference]:
    index, gap = largest_gap(a, b)
    return Reference(np.asarray(index, dtype=float)), Reference(np.asarray(gap))


def downhill(x: Any, fprime: Function, eta: Any) -> Any:
    """N4: x - eta f'(x)."""
    return x - eta * fprime(x)


def _style(number: int) -> str:
    return ("paper", "generic")[number] if number < 2 else "another input"


def _quotients(rng: np.random.Generator) -> list[Extra]:
    """Curves whose quotients differ plainly from their slopes; first one for paper."""
    cases: list[Extra] = [("paper", (NAMED["cube"], 1.0, 0.5), {})]
    for name, h in (
        ("cube", 0.25),
        ("exp", 0.1),
        ("sin", 0.5),
        ("square", 0.03),
        ("tanh", 0.01),
    ):
        x = float(rng.choice([-1.0, 1.0]) * rng.uniform(0.4, 1.5))
        cases.append((_style(len(cases)), (NAMED[name], x, h), {}))
    return cases


def _arrays(rng: np.random.Generator) -> list[Extra]:
    """Vectors, matrices, one entry, whole numbers."""
    cases: list[Extra] = []
    for name, shape, h in (
        ("sum_of_cubes", (2,), 0.5),
        ("sum_of_cubes", (4,), 0.1),
        ("root_of_one_plus_squares", (3, 2), 0.01),
        ("log_sum_exp", (5,), 0.01),
        ("root_of_one_plus_squares", (2, 3, 2), 0.05),
        ("log_sum_exp", (1,), 0.1),
    ):
        x = rng.choice([-1.0, 1.0], shape) * rng.uniform(0.3, 1.5, shape)
        if not cases:
            x = np.array([1.0, 2.0])
        cases.append((_style(len(cases)), (NAMED[name], x, h), {}))
    whole = np.array([1, -2, 3])
    cases.append(("integer", (NAMED["sum_of_cubes"], whole, 0.01), {}))
    return cases


def _pairs(rng: np.random.Generator) -> list[Extra]:
    """Equal shapes with one largest gap; then shapes that only broadcasting accepts."""
    small = np.array([1.0, 2.0, 3.0])
    cases: list[Extra] = [("paper", (small, np.array([1.0, 2.5, 2.0])), {})]
    for shape in ((6,), (3, 4), (2, 3, 4), (1,)):
        a = rng.normal(size=shape)
        b = a + rng.choice([-1.0, 1.0], shape) * rng.uniform(0.1, 0.5, shape)
        at = tuple(int(rng.integers(n)) for n in shape)
        b[at] = a[at] - 0.9  # the largest gap, and a minus b is positive here
        cases.append((_style(len(cases)), (a, b), {}))
    a = rng.normal(size=(3, 2))
    b = a + 0.01
    b[2, 0] = a[2, 0] + 0.7  # and here it is negative
    cases.append(("another input", (a, b), {}))
    for one, other in (((3,), (3, 1)), ((1, 4), (4,)), ((3, 2), (2, 3))):
        args = (rng.normal(size=one), rng.normal(size=other))
        cases.append(("two shapes", args, {}))
    return cases


def _steps(rng: np.random.Generator) -> list[Extra]:
    """Numbers and arrays, small and large rates."""
    cases: list[Extra] = [("paper", (3.0, NAMED["square_slope"], 0.5), {})]
    for name, shape, eta in (
        ("square", (), 0.1),
        ("cube", (), 0.01),
        ("sin", (3,), 0.7),
        ("exp", (2, 2), 0.3),
        ("double_plus_three", (), 1.5),
    ):
        x = rng.uniform(0.4, 1.5, shape) * (-1.0) ** len(cases)  # on both sides of 0
        at = float(x) if shape == () else x
        cases.append((_style(len(cases)), (at, NAMED[f"{name}_slope"], eta), {}))
    return cases


FUNCTION = Argument("f", kind="function")

EXERCISES = (
    Exercise(
        id="nudge_boxes",
        lesson="00",
        title="How c moves when a or b is nudged",
        points=2,
        asks_to_measure=True,
        formulas=("S3",),
        arguments=(real("a"), real("b")),
        truth=_nudge_truth,
        order=("plus_a", "times_a", "times_b"),
        styles=BOXES,
        worked="plus_a = 1 + 0 * a\ntimes_a = b\ntimes_b = a",
        hints=(
            "Write a + e in the place of a and multiply out. What stands before e?",
            "(a + e) + b = c + 1e, and (a + e) b = ab + b e.",
            'Return {"plus_a": 1.0, "times_a": b, "times_b": a}.',
        ),
    ),
    Exercise(
        id="forward_difference",
        single_is_enough=False,
        lesson="00",
        title="One step forward",
        points=2,
        asks_to_measure=True,
        formulas=("S3",),
        arguments=(FUNCTION, real("x"), real("h")),
        truth=values(forward_quotient),
        returns="quotient",
        styles=(),
        extra=_quotients,
        worked="up = f(x + h)\nhere = f(x)\nquotient = (up - here) / h",
        hints=(
            "How much does the output change? Divide that by how far you went.",
            "The output changes from f(x) to f(x + h), and the input by h.",
            "(f(x + h) - f(x)) / h. Mind the brackets.",
        ),
    ),
    Exercise(
        id="central_difference",
        single_is_enough=False,
        lesson="00",
        title="One step to each side",
        points=2,
        asks_to_measure=True,
        formulas=("S3",),
        arguments=(FUNCTION, real("x"), real("h")),
        truth=values(central_quotient),
        returns="quotient",
        styles=(),
        extra=_quotients,
        worked=(
            "up = f(x + h)\nlower = f(x - h)\n"
            "width = 2 * h\nquotient = (up - lower) / width"
        ),
        hints=(
            "From x - h to x + h: how far is that?",
            "The rise is f(x + h) - f(x - h), the way is 2 h.",
            "(f(x + h) - f(x - h)) / (2 * h). Mind the brackets below the line.",
        ),
    ),
    Exercise(
        id="numerical_gradient",
        single_is_enough=False,
        lesson="00",
        title="One entry at a time",
        points=4,
        asks_to_measure=True,
        formulas=("S3",),
        arguments=(FUNCTION, real("x"), real("h")),
        truth=values(every_entry),
        returns="gradient",
        styles=(),
        extra=_arrays,
        hints=(
            "For each entry by itself: a copy with that entry a little larger, a copy"
            " with it a little smaller, two calls of f.",
            "np.ndindex(x.shape) walks over all indices of an array of any shape. Make"
            " the copies with x.astype(float): a whole-number array would cut h off.",
            "gradient = np.zeros(x.shape); for index in np.ndindex(x.shape): up ="
            " x.astype(float); up[index] += h; down = x.astype(float); down[index] -="
            " h; gradient[index] = (f(up) - f(down)) / (2 * h).",
        ),
    ),
    Exercise(
        id="worst_entry",
        lesson="00",
        title="Where two arrays differ most",
        points=3,
        formulas=("S3",),
        arguments=(real("a"), real("b")),
        truth=_gap_truth,
        returns=("index", "gap"),
        styles=(),
        extra=_pairs,
        hints=(
            "First compare a.shape with b.shape. Only then subtract.",
            "The gap of an entry is abs(a - b). np.argmax gives the place of the"
            " largest one in the flattened array; np.unravel_index makes it an index.",
            "if a.shape != b.shape: return (), np.inf; gaps = np.abs(a - b);"
            " index = np.unravel_index(np.argmax(gaps), gaps.shape);"
            " return index, gaps[index].",
        ),
    ),
    Exercise(
        id="step",
        lesson="00",
        title="One step downhill",
        points=2,
        formulas=("N4",),
        arguments=(real("x"), Argument("fprime", kind="function"), real("eta")),
        truth=values(downhill),
        returns="x",
        styles=(),
        extra=_steps,
        worked="S = fprime(x)\nmove = eta * S\nnew_x = x - move",
        hints=(
            "A positive slope means: the function grows to the right. Where is down?",
            "Go against the slope, eta times as far as the slope is large.",
            "x - eta * fprime(x).",
        ),
    ),
)
