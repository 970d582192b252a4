"""Exercises of lesson 12, second half: delta = -dL/dnet (N6, N8, N9).

Every unit is a sigmoid, the loss is 1/2 sum (y - o)^2, an example is a column.  W1 and
W2 are (units, inputs + 1): their last column multiplies the constant 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from autograder.exercises.draw import Argument, real, weight
from autograder.exercises.exercise import Exercise
from autograder.exercises.truth import Reference, Tap, gradients, keep, slope
from backproplab.neurons import sigmoid


def _net(o: Any) -> Any:
    return np.log(o) - np.log1p(-o)


def output_error(y: Any, o: Any, tap: Tap = keep) -> Any:
    """N8: 1/2 sum (y - o)^2 with o = sigma(net)."""
    return 0.5 * np.sum((y - sigmoid(tap("net", _net(o)))) ** 2)


def passed_down(delta_next: Any, W_next: Any, o: Any, tap: Tap = keep) -> Any:
    """N9: what the downstream units receive, weighted by their minus dL/dnet."""
    return np.sum(delta_next * (W_next @ sigmoid(tap("net", _net(o)))))


def _output_truth(y: Any, o: Any) -> Reference:
    return Reference(-slope(output_error, ("y", "o"), (y, o), "net").value)


def with_bias(W: Any, o: Any) -> Any:
    """N6: net = W [o; 1]."""
    return W[:, :-1] @ o + W[:, -1]


def received(W: Any, delta: Any, o: Any, eta: Any) -> Any:
    """What the layer's scores, weighted by minus dL/dnet, add up to."""
    return np.sum(delta * with_bias(W, o))


def _update_truth(W: Any, delta: Any, o: Any, eta: Any) -> Reference:
    uphill = slope(received, ("W", "delta", "o", "eta"), (W, delta, o, eta), "W")
    return Reference(W + eta * uphill.value)


def augmented_loss(W1: Any, W2: Any, x: Any, y: Any, eta: Any, tap: Tap = keep) -> Any:
    """N6: 1/2 sum (y - o2)^2 of two sigmoid layers with the biases inside W1, W2."""
    o1 = tap("o1", sigmoid(tap("net1", with_bias(W1, x))))
    o2 = tap("o2", sigmoid(tap("net2", with_bias(W2, o1))))
    return 0.5 * np.sum((y - o2) ** 2)


def _step_truth(*args: Any) -> tuple[Reference, ...]:
    """The modern rule, W - eta dL/dW, with dL/dW measured."""
    names = ("W1", "W2", "x", "y", "eta")
    return tuple(
        Reference(W - args[4] * slope(augmented_loss, names, args, node).value)
        for node, W in zip(names, args[:2], strict=False)
    )


def _weights(
    rng: np.random.Generator, sizes: Mapping[str, int], style: str, *shape: str
) -> np.ndarray:
    units, inputs = (sizes[letter] for letter in shape)
    wider = {"K": units, "H": inputs + 1}
    return weight("W", "K H").draw(rng, wider, style)


def _draw_update(
    rng: np.random.Generator, sizes: Mapping[str, int], style: str
) -> tuple[Any, ...]:
    W = _weights(rng, sizes, style, "K", "H")
    rest = (real("delta", "K"), Argument("o", "H", "unit"))
    delta, o = (argument.draw(rng, sizes, style) for argument in rest)
    return W, delta, o, _rate(rng, style)


def _draw_step(
    rng: np.random.Generator, sizes: Mapping[str, int], style: str
) -> tuple[Any, ...]:
    W1 = _weights(rng, sizes, style, "H", "D")
    W2 = _weights(rng, sizes, style, "K", "H")
    x = real("x", "D").draw(rng, sizes, style)
    y = Argument("y", "K", "unit").draw(rng, sizes, style)
    return W1, W2, x, y, _rate(rng, style)


def _rate(rng: np.random.Generator, style: str) -> float:
    return 2.0 if style in ("paper", "integer") else float(rng.uniform(0.3, 3.0))


EXERCISES = (
    Exercise(
        id="output_delta",
        lesson="12",
        title="The classic delta at the output",
        points=2,
        formulas=("N8",),
        arguments=(real("y", "K"), Argument("o", "K", "unit")),
        truth=_output_truth,
        returns="delta",
        worked="r = y - o\nS = o * (1 - o)\ndelta = r * S",
        hints=(
            "delta is minus dL/dnet: the direction in which the unit should move.",
            "Two factors: how far off the unit is, and its slope o (1 - o).",
            "delta = (y - o) * o * (1 - o).",
        ),
    ),
    Exercise(
        id="hidden_delta",
        lesson="12",
        title="The classic delta of a hidden layer",
        points=3,
        formulas=("N9", "L4"),
        arguments=(
            real("delta_next", "K"),
            weight("W_next", "K H"),
            Argument("o", "H", "unit"),
        ),
        truth=gradients(passed_down, ("delta_next", "W_next", "o"), "net"),
        returns="delta",
        worked="back = W_next.T @ delta_next\nS = o * (1 - o)\ndelta = back * S",
        hints=(
            "Unit i hears from every unit downstream, through the weight between them.",
            "Row z of W_next belongs to downstream unit z: sum over the rows.",
            "delta = (W_next.T @ delta_next) * o * (1 - o).",
        ),
    ),
    Exercise(
        id="classic_update",
        lesson="12",
        title="One layer's new weights, bias column included",
        points=3,
        formulas=("N6", "N8"),
        arguments=(
            Argument("W", kind="weight"),
            Argument("delta"),
            Argument("o"),
            Argument("eta"),
        ),
        draw=_draw_update,
        letters=("H", "K"),
        truth=_update_truth,
        returns="W_new",
        worked="o1 = np.append(o, 1.0)\nW_new = W + eta * np.outer(delta, o1)",
        hints=(
            "Each weight moves by eta times its unit's delta times its input.",
            "The last column of W multiplies the constant 1: put a 1 below o first.",
            "W + eta * np.outer(delta, np.append(o, 1)).",
        ),
    ),
    Exercise(
        id="classic_step",
        lesson="12",
        title="A whole step in the other sign convention",
        points=6,
        formulas=("N6", "N8", "N9"),
        arguments=(
            Argument("W1", kind="weight"),
            Argument("W2", kind="weight"),
            Argument("x"),
            Argument("y"),
            Argument("eta"),
        ),
        draw=_draw_step,
        letters=("D", "H", "K"),
        truth=_step_truth,
        returns=("W1", "W2"),
        order=("W2", "W1"),
        worked=(
            "o0 = np.append(x, 1.0)\n"
            "h = 1 / (1 + np.exp(-(W1 @ o0)))\n"
            "o1 = np.append(h, 1.0)\n"
            "o2 = 1 / (1 + np.exp(-(W2 @ o1)))\n"
            "r = y - o2\n"
            "S2 = o2 * (1 - o2)\n"
            "delta2 = r * S2\n"
            "dW2 = -np.outer(delta2, o1)\n"
            "back = W2[:, :-1].T @ delta2\n"
            "S1 = h * (1 - h)\n"
            "delta1 = back * S1\n"
            "dW1 = -np.outer(delta1, o0)\n"
            "new_W2 = W2 - eta * dW2\n"
            "new_W1 = W1 - eta * dW1"
        ),
        hints=(
            "Forward, both deltas, then both updates; your earlier functions help.",
            "The unit that always says 1 has no delta: pass down without the last"
            " column, hidden_delta(delta2, W2[:, :-1], o1).",
            "o1 = sigmoid(W1 @ [x; 1]); o2 = sigmoid(W2 @ [o1; 1]);"
            " delta2 = output_delta(y, o2);"
            " delta1 = hidden_delta(delta2, W2[:, :-1], o1);"
            " W2 + eta outer(delta2, [o1; 1]); W1 + eta outer(delta1, [x; 1]).",
        ),
    ),
)
