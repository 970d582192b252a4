"""Exercises of lesson 11: XOR by hand, and why we cache (L1, L2, L3).

I2DL's network: z_in = x W + b, z_out = sigma(z_in), f_in = z_out . u + c,
f_out = sigma(f_in), L = 1/2 (y - f_out)^2; W_jk leads from input j to hidden unit k.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from autograder.exercises.draw import Argument, fixed, real, weight
from autograder.exercises.exercise import DEFAULT_STYLES, Exercise, Extra
from autograder.exercises.truth import Reference, Tap, gradients, keep, slope, values
from backproplab import costs, losses
from backproplab.neurons import sigmoid

NAMES = ("W", "b", "u", "c", "x", "y")
FACTORS = ("dL_dfout", "dfout_dfin", "dfin_dzout", "dzout_dzin", "dzin_dW")


def stages(
    W: Any, b: Any, u: Any, c: Any, x: Any, y: Any, tap: Tap = keep
) -> dict[str, Any]:
    """L1: every number of the forward pass, by the name it has on the slides."""
    z_in = tap("z_in", x @ W + b)
    z_out = tap("z_out", sigmoid(z_in))
    f_in = tap("f_in", z_out @ u + c)
    f_out = tap("f_out", sigmoid(f_in))
    L = losses.half_squared(f_out, y)
    return {"z_in": z_in, "z_out": z_out, "f_in": f_in, "f_out": f_out, "L": L}


def loss(W: Any, b: Any, u: Any, c: Any, x: Any, y: Any, tap: Tap = keep) -> Any:
    """L1: 1/2 (y - f_out)^2."""
    return stages(W, b, u, c, x, y, tap)["L"]


def _factors_truth(*args: Any) -> tuple[Reference, ...]:
    """L2: each factor is the slope of its own box, measured there and nowhere else."""
    *plain, j, k = args

    def box(output: str, node: str, *entry: int) -> Any:
        def one(W: Any, b: Any, u: Any, c: Any, x: Any, y: Any, tap: Tap = keep) -> Any:
            value = stages(W, b, u, c, x, y, tap)[output]
            return value[k] if np.ndim(value) else value

        return Reference(slope(one, NAMES, tuple(plain), node).value[entry])

    return (
        box("L", "f_out"),
        box("f_out", "f_in"),
        box("f_in", "z_out", k),
        box("z_out", "z_in", k),
        box("z_in", "W", j, k),
    )


def _step_truth(*args: Any) -> tuple[Reference, ...]:
    plain, eta = args[:6], args[6]
    return tuple(
        Reference(args[i] - eta * slope(loss, NAMES, plain, NAMES[i]).value)
        for i in range(4)
    )


def count(order: str, d: int, k: int) -> int:
    """L3: products from the loss ("reverse") or from each weight ("forward")."""
    sizes = [d, k, 1]
    if order == "reverse":
        return costs.backward_multiplications(sizes)
    return costs.forward_caching_multiplications(sizes)


def _draw_factors(
    rng: np.random.Generator, sizes: Mapping[str, int], style: str
) -> tuple[Any, ...]:
    plain = (argument.draw(rng, sizes, style) for argument in NETWORK)
    return *plain, int(rng.integers(sizes["D"])), int(rng.integers(sizes["H"]))


def _every_weight(rng: np.random.Generator) -> list[Extra]:
    """All four weights of one small network, so that j and k cannot be confused."""
    sizes = {"D": 2, "H": 2}
    plain = tuple(argument.draw(rng, sizes, "generic") for argument in NETWORK)
    return [("more", (*plain, j, k), sizes) for j in range(2) for k in range(2)]


def _draw_count(
    rng: np.random.Generator, sizes: Mapping[str, int], style: str
) -> tuple[Any, ...]:
    d, k = (int(n) for n in rng.choice(np.arange(2, 20), 2, replace=False))
    return COUNTED.draw(rng, sizes, style), d, k


def _both_orders(rng: np.random.Generator) -> list[Extra]:
    shapes = ((2, 2), (3, 5), (1, 1), (1, 4), (6, 1), (100, 50))
    return [("more", (o, *shape), {}) for o in COUNTED.options for shape in shapes]


NETWORK = (
    weight("W", "D H"),
    weight("b", "H"),
    weight("u", "H"),
    weight("c", ""),
    real("x", "D"),
    real("y"),
)
# math.exp stops where numpy goes on; numbers for paper are never that large.
BY_HAND = tuple(style for style in DEFAULT_STYLES if style != "large")
COUNTED = fixed("order", "reverse", "forward")

FORWARD = (
    "z_in = x @ W + b\n"
    "z_out = 1 / (1 + np.exp(-z_in))\n"
    "f_in = z_out @ u + c\n"
    "f_out = 1 / (1 + np.exp(-f_in))\n"
)
DELTAS = (
    "r = f_out - y\n"
    "S_out = f_out * (1 - f_out)\n"
    "delta_out = r * S_out\n"
    "back = delta_out * u\n"
    "S = z_out * (1 - z_out)\n"
    "delta = back * S\n"
)

EXERCISES = (
    Exercise(
        id="xor_forward",
        lesson="11",
        title="Every number of the forward pass",
        points=3,
        formulas=("L1",),
        arguments=NETWORK,
        styles=BY_HAND,
        truth=values(stages),
        order=("z_in", "z_out", "f_in", "f_out", "L"),
        worked=FORWARD + "L = (y - f_out) ** 2 / 2",
        answers=("backproplab.lectures.lmu.forward",),
        hints=(
            "One line for each name, in the order of the dict.",
            "f_in adds the hidden values, each times its weight in u, and c: the"
            " product of two vectors, and a number.",
            "z_in = x @ W + b; z_out = sigmoid(z_in); f_in = z_out @ u + c;"
            " f_out = sigmoid(f_in); L = (y - f_out)**2 / 2.",
        ),
    ),
    Exercise(
        id="five_factors",
        lesson="11",
        title="The five factors of one weight",
        points=4,
        formulas=("L2",),
        arguments=(*NETWORK, Argument("j"), Argument("k")),
        truth=_factors_truth,
        returns=FACTORS,
        order=FACTORS,
        draw=_draw_factors,
        letters=("D", "H"),
        extra=_every_weight,
        worked=FORWARD
        + "dL_dfout = f_out - y\n"
        + "S_out = f_out * (1 - f_out)\n"
        + "dfout_dfin = 1.0 * S_out\n"
        + "dfin_dzout = u[k]\n"
        + "h = z_out[k]\n"
        + "z = z_in[k]\n"
        + "S = h * (1 - h)\n"
        + "dzout_dzin = 1.0 * S\n"
        + "W_jk = W[j, k]\n"
        + "x_j = x[j]\n"
        + "dzin_dW = 1.0 * x_j",
        answers=("backproplab.lectures.lmu.five_factors",),
        hints=(
            "Five slopes, each of one box, from the loss down.",
            "Two of the boxes are sigmoids, two are products with one number, and the"
            " first is the half square.",
            "(f_out - y, f_out (1 - f_out), u[k], z_out[k] (1 - z_out[k]), x[j]).",
        ),
    ),
    Exercise(
        id="xor_deltas",
        lesson="11",
        title="What to cache: the error signals",
        points=3,
        formulas=("L2", "L4"),
        arguments=NETWORK,
        styles=BY_HAND,
        truth=gradients(loss, NAMES, ("f_in", "z_in")),
        returns=("delta_out", "delta"),
        order=("delta_out", "delta"),
        worked=FORWARD + DELTAS.rstrip("\n"),
        loss=loss,
        nodes={"delta_out": "f_in", "delta": "z_in"},
        hints=(
            "delta_out is the product of the first two factors, delta_k of the first"
            " four.",
            "All hidden units at once: u holds the third factor of each unit, and"
            " z_out (1 - z_out) the fourth.",
            "delta_out = (f_out - y) f_out (1 - f_out);"
            " delta = delta_out * u * z_out * (1 - z_out).",
        ),
    ),
    Exercise(
        id="xor_step",
        lesson="11",
        title="One training step, all numbers",
        points=5,
        formulas=("L1", "L2", "L5"),
        arguments=(*NETWORK, Argument("eta", kind="positive")),
        styles=BY_HAND,
        truth=_step_truth,
        returns=("W", "b", "u", "c"),
        order=("c", "u", "b", "W"),
        worked=FORWARD
        + DELTAS.replace("back =", "du = delta_out * z_out\nback =")
        + "dW = np.outer(x, delta)\n"
        + "new_W = W - eta * dW\n"
        + "new_b = b - eta * delta\n"
        + "new_u = u - eta * du\n"
        + "new_c = c - eta * delta_out",
        answers=("backproplab.lectures.lmu.step",),
        hints=(
            "First the two deltas, then four gradients, then four steps downhill.",
            "A weight's gradient is the delta at its end times the value at its"
            " beginning; a bias begins at the constant 1.",
            "dW = np.outer(x, delta), db = delta, du = delta_out * z_out,"
            " dc = delta_out; each parameter minus eta times its gradient.",
        ),
    ),
    Exercise(
        id="multiplications",
        lesson="11",
        title="Count both orders",
        points=3,
        formulas=("L3",),
        arguments=(COUNTED, Argument("d"), Argument("k")),
        truth=values(count),
        returns="count",
        draw=_draw_count,
        extra=_both_orders,
        styles=("generic",),
        worked=(
            "deltas = 2 * k\n"
            "products = d * k\n"
            "chains = 3 * d * k\n"
            "reverse = products + deltas + k\n"
            "forward = chains + k\n"
            "count = {'reverse': reverse, 'forward': forward}[order]"
        ),
        answers=(
            "backproplab.costs.backward_multiplications",
            "backproplab.costs.forward_caching_multiplications",
        ),
        hints=(
            "delta_out is given. Count the products that each weight needs for itself,"
            " and those that are made once for a whole unit.",
            "From the loss: two products make the delta of a unit, then one for each"
            " weight. From the weight: three for each weight in W, one for each in u.",
            "reverse: k for u, 2 k for the deltas, d k for W. forward: 3 d k + k.",
        ),
    ),
)
