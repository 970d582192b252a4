"""What may be called a listed mistake, and what may not: proof, not likeness."""

from __future__ import annotations

import pytest

from autograder import grade_source
from autograder.diagnosis import diagnose

TOP = "import numpy as np\n"
LAYER = "def linear_backward(dZ, X, W):\n    return {body}\n"
DESCEND = """
def descend(X, y, w, eta, steps):
    path = [w]
    for _ in range(steps):
        w = {step}
        path.append(w)
    return np.array(path)
"""

# exercise, source, the mistake that is named (None: nothing listed is proven)
NAMED = {
    "the tuple in another order": (
        "linear_backward",
        LAYER.format(body="X.T @ dZ, dZ @ W.T, dZ.sum(0)"),
        "M86",
    ),
    "a sign in every output": (
        "linear_backward",
        LAYER.format(body="-dZ @ W.T, -X.T @ dZ, -dZ.sum(0)"),
        "M20",
    ),
    "a sign in one output": (
        "linear_backward",
        LAYER.format(body="-dZ @ W.T, X.T @ dZ, dZ.sum(0)"),
        None,
    ),
    "a mean where no loss takes one": (
        "linear_backward",
        LAYER.format(body="dZ @ W.T, X.T @ dZ / len(X), dZ.mean(0)"),
        None,
    ),
    "uphill in every step": (
        "descend",
        DESCEND.format(step="w + eta * X.T @ (X @ w - y)"),
        "M91",
    ),
    "twice the gradient in every step": (
        "descend",
        DESCEND.format(step="w - 2 * eta * X.T @ (X @ w - y)"),
        "M23",
    ),
    "a rate written into the code": (
        "descend",
        DESCEND.format(step="w - 0.01 * X.T @ (X @ w - y)"),
        "M84",
    ),
    "a size written into the code": (
        "linear_forward",
        "def linear_forward(X, W, b):\n"
        "    return np.array([X[n] @ W + b for n in range(5)])\n",
        "M84",
    ),
    "one example for all": (
        "least_squares_grad",
        "def least_squares_grad(w, X, y):\n    return X[0] * (X[0] @ w - y[0])\n",
        "M59",
    ),
    "answers cut to whole numbers": (
        "linear_forward",
        "def linear_forward(X, W, b):\n    return (X @ W + b).astype(int)\n",
        "M82",
    ),
    "no slope at the output": (
        "output_delta",
        "def output_delta(y, o):\n    return y - o\n",
        None,
    ),
    "no slope behind the weights": (
        "hidden_delta",
        "def hidden_delta(delta_next, W_next, o):\n    return W_next.T @ delta_next\n",
        "M29",
    ),
    "an order of the entries": (
        "augment",
        "def augment(X):\n    return np.hstack([np.ones((len(X), 1)), X])\n",
        "M86",
    ),
    "rows that are sorted are no order": (
        "output_delta",
        "def output_delta(y, o):\n    return np.sort((y - o) * o * (1 - o))\n",
        None,
    ),
    "a list used up to its third entry": (
        "count_weights",
        "def count_weights(sizes):\n"
        "    D, H, K = sizes[0], sizes[1], sizes[-1]\n"
        "    return (D + 1) * H + (H + 1) * K\n",
        "M84",
    ),
    "two options exchanged": (
        "multiplications",
        "def multiplications(order, d, k):\n"
        "    if order == 'forward':\n"
        "        return 2 * k + d * k + k\n"
        "    return 3 * d * k + k\n",
        "M86",
    ),
    "no look at the shapes": (
        "worst_entry",
        "def worst_entry(a, b):\n"
        "    gaps = np.abs(a - b)\n"
        "    i = np.unravel_index(np.argmax(gaps), gaps.shape)\n"
        "    return i, gaps[i]\n",
        "M58",
    ),
    "the outer slope lost in a chain": (
        "chain_two",
        "def chain_two(fprime, g, gprime, x):\n    return gprime(x)\n",
        "M17",
    ),
    "the inner slope lost in a chain": (
        "chain_two",
        "def chain_two(fprime, g, gprime, x):\n    return fprime(g(x))\n",
        None,
    ),
    "gradients that come back as they were": (
        "clip_gradients",
        "def clip_gradients(grads, limit):\n    return dict(grads)\n",
        "M93",
    ),
    "each array clipped by itself": (
        "clip_gradients",
        "def clip_gradients(grads, limit):\n"
        "    size = lambda g: max(np.sqrt(np.sum(g**2)), limit)\n"
        "    return {n: g * limit / size(g) for n, g in grads.items()}\n",
        None,
    ),
    "brackets that are lost": (
        "forward_difference",
        "def forward_difference(f, x, h):\n    return f(x + h) - f(x) / h\n",
        None,
    ),
}


@pytest.mark.parametrize("case", NAMED)
def test_a_name_is_given_where_it_is_proven_and_only_there(case, monkeypatch):
    monkeypatch.setattr(diagnose, "LOUD", True)
    exercise, source, mistake = NAMED[case]
    found = grade_source(exercise, TOP + source).diagnosis
    assert found is not None and found.pattern
    assert found.mistake == mistake


def test_a_copy_of_whole_numbers_that_refuses_decimals_is_no_mistake():
    source = """
def classic_update(W, delta, o, eta):
    new = W.copy()
    new[:, :-1] += eta * delta[:, None] * o
    new[:, -1] += eta * delta
    return new
"""
    assert grade_source("classic_update", TOP + source).status == "right"


def test_levels_are_not_said_to_be_wrong_on_extreme_scores():
    source = """
def levels(graph):
    def level(name):
        inputs = graph[name][1:]
        return 1 + level(inputs[0]) if inputs else 0
    return {name: level(name) for name in graph}
"""
    found = grade_source("levels", TOP + source).diagnosis
    assert found is None or "extreme" not in found.pattern


def test_a_key_spelt_otherwise_is_recognised():
    source = (
        "def nudge_boxes(a, b):\n    return {'plus_A': 1, 'times_a': b, 'times_b': a}"
    )
    assert "yours may be 'plus_A'" in grade_source("nudge_boxes", source).to_text()


def test_a_pattern_has_no_names_that_only_the_worked_solution_has():
    source = "def central_difference(f, x, h):\n    return (f(x + h) - f(x - h)) / h"
    found = grade_source("central_difference", source).diagnosis
    assert found is not None and "width" not in found.pattern
