"""Exercises of lesson 02: many inputs, many paths, Jacobians (M5, M11)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from autograder.exercises.draw import Argument, real
from autograder.exercises.exercise import Exercise, Extra
from autograder.exercises.truth import Reference, Tap, gradients, keep, slope, values
from autograder.functions import NAMED

Function = Callable[[Any], Any]
SCALAR = ("paper", "generic", "another number", "integer", "float32")
SHAPED = ("generic", "more", "square", "narrow", "large", "integer", "float32")


def fork_and_join(a: Any, tap: Tap = keep) -> Any:
    """M11: n = a^2 goes to p = 3 n + 1 and q = n^2, and both go into y = p q."""
    n = tap("n", a * a)
    return tap("p", 3 * n + 1) * tap("q", n * n)


def pulled(J: Any, g: Any, tap: Tap = keep) -> Any:
    """M5: a loss with gradient g at h = J x, as a function of x."""
    return g @ (J @ tap("x", np.zeros(J.shape[1])))


def scale_shift_loss(x: Any, theta: Any, g: Any) -> Any:
    """M5: a loss with gradient g at h = theta_0 x + theta_1."""
    return np.sum(g * (theta[0] * x + theta[1]))


def chained(Js: Sequence[Any], g: Any, tap: Tap = keep) -> Any:
    """M5: a loss with gradient g behind a chain of Jacobians, innermost first."""
    moved = tap("x", np.zeros(Js[0].shape[1]))
    for J in Js:
        moved = J @ moved
    return g @ moved


def _total_truth(dz_dx: Any, dz_dy: Any, dx_dt: Any, dy_dt: Any) -> Reference:
    """The slope of a z with these derivatives, when t moves x and y."""

    def z(t: Any) -> Any:
        return dz_dx * (dx_dt * t) + dz_dy * (dy_dt * t)

    return slope(z, ("t",), (0.0,), "t")


def columns(f: Function, x: Any, h: Any) -> np.ndarray:
    """The table of central differences that the exercise asks for, (N, D)."""
    found = []
    for d in range(x.size):
        nudge = np.zeros(x.size)
        nudge[d] = h
        found.append((f(x + nudge) - f(x - nudge)) / (2 * h))
    return np.stack(found, axis=1)


def counted(sizes: Sequence[int]) -> tuple[int, int]:
    """The multiplications of both orders, counted one by one as they happen."""
    shapes = [(int(n), int(d)) for d, n in zip(sizes, sizes[1:], strict=False)]
    from_loss = 0
    for rows, cols in reversed(shapes):
        for _ in range(cols):
            from_loss += rows
    from_input, width = 0, int(sizes[0])
    for rows, cols in shapes[1:]:
        for _ in range(rows):
            from_input += width * cols
    return from_loss, from_input + int(sizes[-1]) * width


def _functions(rng: np.random.Generator) -> list[Extra]:
    """Vector functions: as many outputs as inputs, one less, one more."""
    cases: list[Extra] = [
        ("paper", (NAMED["neighbours"], np.array([2.0, 5.0]), 0.5), {})
    ]
    for name, size, h in (
        ("neighbours", 4, 0.1),
        ("polar", 2, 0.01),
        ("squares_and_sum", 3, 0.1),
        ("polar", 2, 0.3),
        ("squares_and_sum", 1, 0.05),
    ):
        x = rng.choice([-1.0, 1.0], size) * rng.uniform(0.4, 1.5, size)
        style = "generic" if len(cases) == 1 else "another case"
        cases.append((style, (NAMED[name], x, h), {}))
    whole = np.array([1, -2, 3])
    cases.append(("integer", (NAMED["squares_and_sum"], whole, 0.1), {}))
    return cases


def _chains(rng: np.random.Generator) -> list[Extra]:
    """Chains of one to four Jacobians, rectangular and square."""
    first = [np.array([[5.0, 2.0], [1.0, 3.0]]), np.array([[1.0, 2.0], [-1.0, 1.0]])]
    cases: list[Extra] = [("paper", (first, np.array([1.0, 10.0])), {})]
    for sizes in (
        (2, 3, 4),
        (4, 3, 2, 5),
        (3, 3, 3, 3),
        (5, 2),
        (2, 4, 1),
        (3, 2, 4, 6, 1),
    ):
        Js = [
            rng.choice([-1.0, 1.0], (n, d)) * rng.uniform(0.3, 1.7, (n, d))
            for d, n in zip(sizes, sizes[1:], strict=False)
        ]
        g = rng.choice([-1.0, 1.0], sizes[-1]) * rng.uniform(0.3, 1.7, sizes[-1])
        style = "generic" if len(cases) == 1 else "another case"
        cases.append((style, (Js, g), {}))
    return cases


def _sizes(rng: np.random.Generator) -> list[Extra]:
    """Lists of sizes; sizes[0] inputs, one more entry per Jacobian."""
    cases: list[Extra] = [("paper", ([3, 2, 4],), {})]
    for length in (3, 4, 5, 2, 4):
        sizes = [int(n) for n in rng.integers(2, 40, length)]
        sizes[-1] = 1 if len(cases) == 4 else sizes[-1]
        style = "generic" if len(cases) == 1 else "another case"
        cases.append((style, (sizes,), {}))
    return cases


def _worked_chain(Js: Sequence[Any], g: Any) -> str:
    last = len(Js) - 1
    lines = [f"g_{last + 1} = 1.0 * g"]
    lines += [f"g_{k} = Js[{k}].T @ g_{k + 1}" for k in range(last, -1, -1)]
    return "\n".join([*lines, "dx = 1.0 * g_0"])


def _draw_box(
    rng: np.random.Generator, sizes: Mapping[str, int], style: str
) -> tuple[Any, ...]:
    """x (N,), theta with its two entries, g (N,)."""
    both = {**sizes, "M": 2}
    shapes = (("x", "N"), ("theta", "M"), ("g", "N"))
    return tuple(real(name, shape).draw(rng, both, style) for name, shape in shapes)


TOTAL = ("dz_dx", "dz_dy", "dx_dt", "dy_dt")

EXERCISES = (
    Exercise(
        id="total_derivative",
        lesson="02",
        title="Two paths from t to z",
        points=2,
        formulas=("M11",),
        arguments=tuple(real(name) for name in TOTAL),
        truth=_total_truth,
        returns="dt",
        styles=SCALAR,
        worked="dt = dz_dx * dx_dt + dz_dy * dy_dt",
        hints=(
            "t reaches z along two paths, one through x, one through y.",
            "Along a path factors multiply. The two paths add.",
            "dz_dx * dx_dt + dz_dy * dy_dt.",
        ),
    ),
    Exercise(
        id="grad_two_paths",
        lesson="02",
        title="A fork and a join, step by step",
        points=4,
        formulas=("M11",),
        arguments=(real("a"),),
        truth=gradients(
            fork_and_join, ("a",), {"dp": "p", "dq": "q", "dn": "n", "da": "a"}
        ),
        order=("dp", "dq", "dn", "da"),
        styles=SCALAR,
        loss=fork_and_join,
        nodes={"dp": "p", "dq": "q", "dn": "n", "da": "a"},
        worked=(
            "n = np.square(a)\n"
            "p = 3 * n + 1\n"
            "q = np.square(n)\n"
            "dp = 1.0 * q\n"
            "dq = 1.0 * p\n"
            "S_q = 2 * n\n"
            "S_p = 3 * np.ones(np.shape(n))\n"
            "dn = dp * S_p + dq * S_q\n"
            "S_n = 2 * a\n"
            "da = dn * S_n"
        ),
        hints=(
            "First go forward: n, p, q as numbers. Then begin at y and go back.",
            "y = p q, so dp is q and dq is p. n feeds both p and q: two contributions,"
            " dp times 3 and dq times 2 n.",
            "n = a^2; p = 3 n + 1; q = n^2; dp = q; dq = p; dn = dp * 3 + dq * 2 * n;"
            " da = dn * 2 * a.",
        ),
    ),
    Exercise(
        id="jacobian_numeric",
        lesson="02",
        title="The whole table, one column per input",
        points=3,
        asks_to_measure=True,
        formulas=("M5",),
        arguments=(Argument("f", kind="function"), real("x"), real("h")),
        truth=values(columns),
        returns="J",
        styles=(),
        extra=_functions,
        answers=("backproplab.chain.jacobian",),
        hints=(
            "Nudge one input, and every output answers: that is one column.",
            "(f(up) - f(down)) / (2 h) is a vector with N entries. Collect D of them.",
            "columns = []; for d in range(len(x)): up = x.astype(float); up[d] += h;"
            " down = x.astype(float); down[d] -= h; columns.append((f(up) - f(down)) /"
            " (2 * h)); return np.stack(columns, axis=1).",
        ),
    ),
    Exercise(
        id="vjp",
        lesson="02",
        title="From the outputs' gradient to the inputs' gradient",
        points=2,
        formulas=("M5",),
        arguments=(real("J", "N D"), real("g", "N")),
        truth=gradients(pulled, ("J", "g"), "x"),
        returns="dx",
        styles=SHAPED,
        loss=pulled,
        nodes={"dx": "x"},
        answers=("backproplab.chain.vjp",),
        worked="dx = J.T @ g",
        hints=(
            "Input d reaches the loss through every output n. Add over n.",
            "dL/dx_d is the sum over n of g_n J[n, d]: column d of J meets g.",
            "J.T @ g, which is the same as g @ J.",
        ),
    ),
    Exercise(
        id="scale_shift_backward",
        lesson="02",
        title="A box with parameters",
        points=4,
        formulas=("M5",),
        arguments=(real("x", "N"), real("theta"), real("g", "N")),
        truth=gradients(scale_shift_loss, ("x", "theta", "g"), ("x", "theta")),
        returns=("dx", "dtheta"),
        order=("dx", "dtheta"),
        draw=_draw_box,
        styles=SHAPED,
        loss=scale_shift_loss,
        worked=(
            "scale = theta[0]\n"
            "dx = scale * g\n"
            "dscale = x @ g\n"
            "dshift = g.sum(axis=0)\n"
            "dtheta = np.array([dscale, dshift])"
        ),
        hints=(
            "Write down dh/dtheta first: N rows, and two columns.",
            "h_n = theta_0 x_n + theta_1: row n of dh/dtheta is (x_n, 1), and dh/dx has"
            " theta_0 on its diagonal.",
            "dx = theta[0] * g; dtheta = np.array([x @ g, g.sum()]).",
        ),
    ),
    Exercise(
        id="chain_vjp",
        lesson="02",
        title="A chain of Jacobians, from the loss backwards",
        points=3,
        formulas=("M5", "M11"),
        arguments=(real("Js"), real("g")),
        truth=gradients(chained, ("Js", "g"), "x"),
        returns="dx",
        styles=(),
        extra=_chains,
        answers=("backproplab.chain.chain_vjp",),
        worked=_worked_chain,
        hints=(
            "The last Jacobian of the list stands next to the loss. Begin there.",
            "One step is g = J.T @ g. Repeat it for the Jacobians in reversed order.",
            "for J in reversed(Js): g = J.T @ g; return g.",
        ),
    ),
    Exercise(
        id="count_multiplications",
        lesson="02",
        title="The price of both orders",
        points=3,
        formulas=("M5", "M11"),
        arguments=(real("sizes"),),
        truth=values(counted),
        returns=("from_loss", "from_input"),
        order=("from_loss", "from_input"),
        styles=(),
        extra=_sizes,
        hints=(
            "A Jacobian with n rows and d columns times a vector: n d multiplications."
            " An (m, n) matrix times an (n, d) matrix: m n d.",
            "From the loss: the sum of all products of neighbouring sizes. From the"
            " input: every matrix in the making has sizes[0] columns.",
            "from_loss = sum(n * d for d, n in zip(sizes, sizes[1:])); from_input ="
            " sum(sizes[0] * d * n for d, n in zip(sizes[1:], sizes[2:])) +"
            " sizes[0] * sizes[-1].",
        ),
    ),
)
