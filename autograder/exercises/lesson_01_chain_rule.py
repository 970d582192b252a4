"""Exercises of lesson 01: the chain rule on a line (N1, N2, S5)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from autograder.exercises.draw import Argument, real
from autograder.exercises.exercise import Exercise, Extra
from autograder.exercises.truth import Reference, Tap, gradients, keep, slope, values
from autograder.functions import NAMED

Function = Callable[[Any], Any]
STYLES = ("paper", "generic", "another number", "a third number", "integer", "float32")


def squared_twice(a: Any, tap: Tap = keep) -> Any:
    """S5: b = a^2, c = b^2."""
    return tap("b", a * a) ** 2


def exp_square(x: Any) -> Any:
    """N1: h(x) = exp(x^2)."""
    return np.exp(x**2)


def nested(x: Any) -> Any:
    """N2: h(x) = exp((2 x + 3)^2)."""
    return np.exp((2 * x + 3) ** 2)


def through(fs: Sequence[Function], x: Any) -> list[Any]:
    """The input, and the value after each function of a chain, innermost first."""
    passed = [x]
    for f in fs:
        passed.append(f(passed[-1]))
    return passed


def measured(f: Function, x: Any) -> Reference:
    """The slope of f at x, measured."""
    return slope(f, ("x",), (x,), "x")


def _squared_twice_truth(a: Any) -> dict[str, Reference]:
    return {
        "dc_db": slope(squared_twice, ("a",), (a,), "b"),
        "db_da": measured(lambda x: x * x, a),
        "dc_da": slope(squared_twice, ("a",), (a,), "a"),
    }


def _chain_two_truth(fprime: Function, g: Function, gprime: Any, x: Any) -> Reference:
    f = NAMED[fprime.__name__.removesuffix("_slope")]
    return measured(lambda at: f(g(at)), x)


def _factors_truth(fs: list, dfs: list, x: Any) -> list[Reference]:
    passed = through(fs, x)
    return [measured(f, at) for f, at in zip(fs, passed, strict=False)]


def _derivative_truth(fs: list, dfs: list, x: Any) -> Reference:
    return measured(lambda at: through(fs, at)[-1], x)


def _near_the_bottom(
    rng: np.random.Generator, sizes: Mapping[str, int], style: str
) -> tuple[Any]:
    """x where 2x + 3 is neither 0 (the slope would vanish) nor large."""
    if style == "integer":
        return (int(rng.choice([-2, -1])),)
    x = -1.5 + float(rng.choice([-1, 1]) * rng.uniform(0.25, 0.7))
    return (np.float32(x),) if style == "float32" else (x,)


def _moderate(rng: np.random.Generator) -> float:
    """A number, positive or negative, that no chain below blows up."""
    return float(rng.choice([-1.0, 1.0]) * rng.uniform(0.3, 1.2))


def _style(number: int) -> str:
    return ("paper", "generic")[number] if number < 2 else "another chain"


PAIRS = (
    ("square", "double_plus_three"),
    ("square", "double_plus_three"),
    ("exp", "square"),
    ("sin", "exp"),
    ("cube", "sin"),
    ("tanh", "cube"),
    ("square", "square"),
)


def _pairs(rng: np.random.Generator) -> list[Extra]:
    """Pairs (f, g): the first on a small whole number, for paper."""
    cases: list[Extra] = []
    for f, g in PAIRS:
        x = _moderate(rng) if cases else 2.0
        args = (NAMED[f"{f}_slope"], NAMED[g], NAMED[f"{g}_slope"], x)
        cases.append((_style(len(cases)), args, {}))
    return cases


CHAINS = (
    ("double_plus_three", "square"),
    ("double_plus_three", "square"),
    ("double_plus_three", "square", "cube"),
    ("sin", "exp"),
    ("square", "square", "sin", "exp"),
    ("tanh", "arctan", "double_plus_three", "sin", "square"),
    ("sin", "tanh", "double_plus_three", "sin", "arctan", "exp", "sin", "square"),
)


def _chains(with_slopes: bool) -> Callable[[np.random.Generator], list[Extra]]:
    """Chains of two to eight functions; the first on a small whole number."""

    def cases(rng: np.random.Generator) -> list[Extra]:
        found: list[Extra] = []
        for names in CHAINS:
            x = _moderate(rng) if found else 1.0
            fs = [NAMED[name] for name in names]
            dfs = [NAMED[f"{name}_slope"] for name in names]
            args = (fs, dfs, x) if with_slopes else (fs, x)
            found.append((_style(len(found)), args, {}))
        return found

    return cases


def _worked_values(fs: list, x: Any) -> str:
    lines = ["values_0 = x"]
    lines += [f"values_{k + 1} = fs[{k}](values_{k})" for k in range(len(fs))]
    return "\n".join(lines)


def _worked_slopes(fs: list) -> list[str]:
    lines = ["t0 = x"]
    lines += [f"t{k + 1} = fs[{k}](t{k})" for k in range(len(fs))]
    return lines + [f"S_{k} = dfs[{k}](t{k})" for k in range(len(fs))]


def _worked_factors(fs: list, dfs: list, x: Any) -> str:
    kept = [f"factors_{k} = S_{k}" for k in range(len(fs))]
    return "\n".join(_worked_slopes(fs) + kept)


def _worked_derivative(fs: list, dfs: list, x: Any) -> str:
    product = " * ".join(f"S_{k}" for k in range(len(fs)))
    return "\n".join([*_worked_slopes(fs), f"dx = {product}"])


FUNCTIONS = Argument("fs", kind="function")
SLOPES = Argument("dfs", kind="function")

EXERCISES = (
    Exercise(
        id="square_twice",
        lesson="01",
        title="Square the square: both factors and their product",
        points=2,
        formulas=("S5",),
        arguments=(real("a"),),
        truth=_squared_twice_truth,
        order=("dc_db", "db_da", "dc_da"),
        styles=STYLES,
        worked="b = np.square(a)\nS_c = 2 * b\ndc_db = S_c\nS_b = 2 * a\n"
        "db_da = S_b\ndc_da = S_c * S_b",
        hints=(
            "Two boxes, both square. What number goes into the second one?",
            "The slope of a square box is twice the number that went in. a goes into"
            " the first box, b = a^2 into the second.",
            "b = a^2; dc_db = 2 b; db_da = 2 a; dc_da = dc_db * db_da, which is 4 a^3.",
        ),
    ),
    Exercise(
        id="d_exp_square",
        lesson="01",
        title="The derivative of e^(x^2)",
        points=2,
        formulas=("N1",),
        arguments=(real("x"),),
        truth=gradients(exp_square, ("x",), "x"),
        returns="dx",
        styles=(*STYLES, "small"),
        loss=exp_square,
        nodes={"dx": "x"},
        worked=(
            "t = np.square(x)\n"
            "S_exp = np.exp(t)\n"
            "S_square = 2 * x\n"
            "dx = S_exp * S_square"
        ),
        hints=(
            "Name the number between the two boxes: u = x^2.",
            "e^u has the slope e^u, taken at u = x^2. And x^2 has the slope 2x.",
            "np.exp(x ** 2) * 2 * x.",
        ),
    ),
    Exercise(
        id="chain_two",
        lesson="01",
        title="Any two functions, one inside the other",
        points=2,
        formulas=("N1",),
        arguments=(
            Argument("fprime", kind="function"),
            Argument("g", kind="function"),
            Argument("gprime", kind="function"),
            real("x"),
        ),
        truth=_chain_two_truth,
        returns="dx",
        styles=(),
        extra=_pairs,
        worked=("t = g(x)\nS_f = fprime(t)\nS_g = gprime(x)\ndx = S_f * S_g"),
        hints=(
            "Which number does the outer function receive? It is not x.",
            "The outer factor is fprime at g(x), the inner factor is gprime at x.",
            "fprime(g(x)) * gprime(x).",
        ),
    ),
    Exercise(
        id="nested_derivative",
        lesson="01",
        title="Three functions inside each other",
        points=3,
        formulas=("N2",),
        arguments=(real("x"),),
        truth=gradients(nested, ("x",), "x"),
        returns="dx",
        draw=_near_the_bottom,
        styles=STYLES[1:],  # whole numbers near the bottom give t = 1 or -1
        loss=nested,
        nodes={"dx": "x"},
        worked=(
            "t = 2 * x + 3\n"
            "g = np.square(t)\n"
            "S_exp = np.exp(g)\n"
            "S_square = 2 * t\n"
            "S_line = 2 + 0 * x\n"
            "dx = S_exp * S_square * S_line"
        ),
        hints=(
            "There are three boxes: t = 2x + 3, then g = t^2, then h = e^g.",
            "Each box has its own slope, taken at what that box receives: 2, 2t, e^g.",
            "h'(x) = e^(t^2) * 2t * 2 = 4 (2x + 3) e^((2x + 3)^2).",
        ),
    ),
    Exercise(
        id="chain_values",
        lesson="01",
        title="Forward: every value on the line",
        points=2,
        formulas=("N2",),
        arguments=(FUNCTIONS, real("x")),
        truth=values(through),
        returns="values",
        styles=(),
        extra=_chains(with_slopes=False),
        answers=("backproplab.chain.chain_values",),
        worked=_worked_values,
        hints=(
            "Start a list with x in it. Each function makes one more entry.",
            "Inside the loop, give the function the last entry of the list, values[-1],"
            " and append what it returns.",
            "values = [x]; for f in fs: values.append(f(values[-1])); return values.",
        ),
    ),
    Exercise(
        id="chain_factors",
        lesson="01",
        title="One factor per function, each at its own input",
        points=3,
        formulas=("N2", "S5"),
        arguments=(FUNCTIONS, SLOPES, real("x")),
        truth=_factors_truth,
        returns="factors",
        styles=(),
        extra=_chains(with_slopes=True),
        answers=("backproplab.chain.chain_factors",),
        worked=_worked_factors,
        hints=(
            "Function number k receives what function k - 1 returned. Its slope is"
            " taken there.",
            "Walk along the line with one variable, the value so far: first note the"
            " slope at it, then move it through the function.",
            "factors = []; u = x; then for f, df in zip(fs, dfs):"
            " factors.append(df(u)); u = f(u).",
        ),
    ),
    Exercise(
        id="chain_derivative",
        lesson="01",
        title="The derivative of a chain of any length",
        points=3,
        formulas=("N1", "N2", "S5"),
        arguments=(FUNCTIONS, SLOPES, real("x")),
        truth=_derivative_truth,
        returns="dx",
        styles=(),
        extra=_chains(with_slopes=True),
        answers=("backproplab.chain.chain_derivative",),
        worked=_worked_derivative,
        hints=(
            "You have all factors already. What happens to factors along one path?",
            "Start with the product 1 and multiply it by every factor.",
            "product = 1; for factor in chain_factors(fs, dfs, x):"
            " product = product * factor; return product.",
        ),
    ),
)
