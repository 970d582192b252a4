"""The graph stepper's model: its steps against finite differences of the loss."""

from __future__ import annotations

import numpy as np
import pytest

from backproplab.explorers.models.graph_steps import GraphSteps, example
from backproplab.graph import Node, dot, forward, sigmoid, square, tanh, total


def fork():
    a = Node(1, "a")
    n = (2 * a).named("n")
    return ((3 * n).named("p") + (4 * n).named("q")).named("y")


def two_layers():
    x, W, b = (
        Node([[1, 2], [3, -1]], "x"),
        Node([[0.5, -1], [0.2, 0.3]], "W"),
        Node([0.1, 0.2], "b"),
    )
    A = tanh(dot(x, W) + b)
    return total(square(sigmoid(A) - Node([[0.0], [1.0]], "y")))


def shared():
    w = Node([3, 1], "w")
    return (dot(w, w) + square(dot(w, Node([1, 2], "phi")) - 2)).named("loss")


def gradients(model, order="right"):
    found = {}
    for step in model.state()[order]:
        found.update(step["g"])
    return found


def slope(model, leaf, entry, h=1e-6):
    """Central difference of the loss, by the forward pass alone."""
    values = []
    for nudge in (h, -h):
        before = leaf.f
        leaf.f = before.copy()
        leaf.f.flat[entry] += nudge
        values.append(float(forward(model.root)))
        leaf.f = before
    forward(model.root)
    return (values[0] - values[1]) / (2 * h)


@pytest.mark.parametrize("make", [example, fork, two_layers, shared])
def test_last_gradients_are_finite_differences(make):
    model = GraphSteps(make())
    found = gradients(model)
    for leaf in model.order:
        if leaf.op or not leaf.name:
            continue
        g = np.ravel(found[model.ids[leaf]])
        expected = [slope(model, leaf, entry) for entry in range(leaf.f.size)]
        assert g == pytest.approx(expected, rel=1e-6, abs=1e-8)


def test_cs221_example_ends_at_6_12():
    model = GraphSteps(example())
    assert gradients(model)[0].tolist() == [6, 12]


def test_naive_order_gives_20_where_14_is_right_and_says_who_was_early():
    model = GraphSteps(fork())
    a = model.ids[next(node for node in model.order if node.name == "a")]
    assert gradients(model)[a] == 14
    assert gradients(model, "naive")[a] == 20
    assert "a has 20 instead of 14" in model.state()["ending"]
    (early,) = [step for step in model.state()["naive"] if step.get("early")]
    assert early["says"].endswith("Too early: n still waits for another user!")


def test_a_chain_of_doublings_is_counted_not_walked():
    v = Node(1, "v0")
    for _ in range(18):
        v = v + v
    state = GraphSteps(v).state()
    assert state["ending"].endswith("nodes fire 524,287 times instead of 19.")
    assert len(state["naive"]) == 80


def test_the_learners_own_graph_stays_as_it_was():
    w, x = Node([3, 1], "w"), Node([1, 2], "x")
    loss = square(dot(w, x))
    model = GraphSteps(loss)
    model.answer({"leaf": 0, "entry": 1, "value": 7.0})
    assert model.state()["leaves"][0].tolist() == [3, 7]
    assert w.f.tolist() == [3, 1] and loss.f == 25 and loss.g is None


@pytest.mark.parametrize(
    "request_, sentence",
    [
        ({"leaf": 2, "entry": 0, "value": 1.0}, "score cannot become 1.0"),
        ({"leaf": 0, "entry": 0, "value": float("nan")}, "w cannot become nan"),
    ],
)
def test_requests_that_cannot_be_followed(request_, sentence):
    with pytest.raises(ValueError, match=sentence):
        GraphSteps(example()).answer(request_)


def asked(model, order):
    return [field["label"] for step in model.state()[order] for field in step["fields"]]


def test_a_gradient_that_still_grows_is_asked_for_so_far():
    model = GraphSteps(fork())
    first = ["g of y =", "g of p =", "g of q ="]
    assert asked(model, "right") == [*first, "g of n so far =", "g of n =", "g of a ="]
    told = ["g of n so far =", "g of a so far =", "g of q =", "g of n =", "g of a ="]
    assert asked(model, "naive") == ["g of y =", "g of p =", *told]


def labels(root):
    """What is written on each edge on the way back, by the names of its two ends."""
    model = GraphSteps(root)
    ends = [(n.name, m.name) for n in model.order for m in n.inputs]
    steps = model.state()["right"]
    return {ends[e["edge"]]: e["label"] for step in steps for e in step["edges"]}


def test_edges_say_upstream_times_local_and_add_up_at_a_fork():
    assert labels(example()) == {
        ("loss", "residual"): "1 × 6",
        ("residual", "score"): "6 × 1",
        ("residual", "y"): "6 × (−1)",
        ("score", "w"): "6 × [1, 2]",
        ("score", "φ"): "6 × [3, 1]",
    }
    told = labels(fork())
    assert (told["p", "n"], told["q", "n"]) == ("+= 1 × 3", "+= 1 × 4")
    assert told["n", "a"] == "7 × 2"


def test_matrices_are_told_in_names():
    x, W = Node([[1, 2], [3, -1]], "x"), Node([[0.5, -1, 2], [0.2, 0.3, 1]], "W")
    A = tanh(dot(x, W).named("Z")).named("A")
    top, bottom = Node(np.ones((2, 3)), "t"), Node(2 * np.ones((2, 3)), "c")
    told = labels(total(((top - A) / bottom).named("q")).named("L"))
    assert (told["Z", "x"], told["Z", "W"]) == ("g · Wᵀ", "xᵀ · g")
    assert told["A", "Z"] == "g ⊙ (1 − A²)"
    assert told["q", "c"] == "g ⊙ (−q/c)"


def test_many_numbers_are_counted_and_four_are_written():
    x = Node([[1, 2], [3, -1]], "x")
    (step,) = GraphSteps(total(x).named("s")).state()["forward"]
    assert step["says"] == "s = Σ(x) = Σ([1, 2, 3, −1]) = 5"
    (step,) = GraphSteps(total(Node(np.ones((3, 2)), "x")).named("s")).state()[
        "forward"
    ]
    assert step["says"] == "s = Σ(x) = 6"
