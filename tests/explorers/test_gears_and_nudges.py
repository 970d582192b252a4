"""The gear train and the nudge: their numbers against plain evaluation."""

from __future__ import annotations

import math

import numpy as np
import pytest

from backproplab import network
from backproplab.explorers import ChainGears, Nudge
from backproplab.explorers.models.gears import Gears
from backproplab.explorers.models.nudges import Nudges, network_graph
from backproplab.graph import Node, backward, square


def h(x):
    return math.exp((2 * x + 3) ** 2)


def test_every_last_move_is_what_the_whole_function_does():
    state = ChainGears().trace()
    for nudge, moves in zip(state["nudges"], state["moves"], strict=True):
        assert moves[0] == pytest.approx(nudge)
        assert moves[-1] == pytest.approx(h(-1.2 + nudge) - h(-1.2), rel=1e-9)


def test_product_of_the_factors_is_the_slope_of_the_whole_function():
    state = ChainGears().trace()
    slope = (h(-1.2 + 1e-6) - h(-1.2 - 1e-6)) / 2e-6
    assert state["product"] == pytest.approx(slope, rel=1e-8)


def test_slopes_that_are_not_given_are_measured():
    measured = ChainGears([math.sin, math.exp], x=0.4).trace()["factors"]
    expected = [math.cos(0.4), math.exp(math.sin(0.4))]
    assert measured == pytest.approx(expected, rel=1e-9)


def test_the_first_nudge_of_the_example_is_a_hundredth():
    state = ChainGears().trace()
    assert state["nudges"][state["first"]] == pytest.approx(0.01)


@pytest.mark.parametrize(
    "arguments, sentence",
    [
        (([math.log], None, -1.0), "the chain does not work at x = -1"),
        (([], None, 1.0), "needs 1 to 8 functions"),
        (([3], None, 1.0), "needs 1 to 8 functions"),
        ((3, None, 1.0), "needs 1 to 8 functions"),
        (([abs], 5, 1.0), "dfs is a list of derivatives or None; got 5"),
        (([abs], [], 1.0), "one derivative per function"),
        (([abs], None, "a"), "x must be a number"),
        (([abs], None, math.nan), "x must be a finite number"),
        (([lambda x: None], None, 1.0), "must be a number; got None"),
        (([lambda x: 1e200 * x] * 2, None, 1.0), "must be a finite number"),
    ],
)
def test_gears_refuse_with_a_sentence(arguments, sentence):
    assert sentence in ChainGears(*arguments).problem


def test_a_chain_that_breaks_on_the_way_says_so():
    state = ChainGears({"u = log(x)": math.log}, [lambda x: 1 / x], 0.05).trace()
    assert state["moves"][0] == [-0.1, "nan"]
    assert "does not work at −0.05" in state["says"][0]


def test_gears_move_to_another_x_and_stay_when_they_cannot():
    gears = Gears([math.sqrt], None, 4.0, 0.1)
    gears.answer({"x": 9.0})
    assert gears.values == [9.0, 3.0]
    with pytest.raises(ValueError, match="does not work at x = -1"):
        gears.answer({"x": -1.0})
    assert gears.values == [9.0, 3.0]


@pytest.mark.parametrize("hidden", ["tanh", "sigmoid", "relu", "linear"])
def test_network_graph_is_the_library_network(hidden):
    rng = np.random.default_rng(1)
    params = {
        name: rng.normal(size=value.shape)
        for name, value in network.zeros([3, 4, 4, 2]).items()
    }
    X, Y = rng.normal(size=(5, 3)), rng.normal(size=(5, 2))
    L = network_graph(params, X, Y, hidden)
    cache = network.forward(params, X, hidden)
    assert float(L.f) == pytest.approx(np.mean(np.sum((cache["A3"] - Y) ** 2, axis=1)))
    backward(L)
    leaves, stack = {}, [L]
    while stack:
        node = stack.pop()
        leaves[node.name] = node
        stack.extend(node.inputs)
    for name, value in params.items():
        nudged = dict(params)
        for entry in range(0, value.size, 3):
            losses = []
            for step in (1e-5, -1e-5):
                nudged[name] = value.copy()
                nudged[name].flat[entry] += step
                out = network.forward(nudged, X, hidden)["A3"]
                losses.append(np.mean(np.sum((out - Y) ** 2, axis=1)))
            slope = (losses[0] - losses[1]) / 2e-5
            assert leaves[name].g.flat[entry] == pytest.approx(
                slope, rel=1e-4, abs=1e-6
            )


def test_cs221_nudge_is_what_the_formula_gives():
    model = Nudges(Nudge().model.root, 1.0)
    state = model.state()
    for epsilon, moved in state["curve"]:
        assert moved == pytest.approx((5 + epsilon - 2) ** 2 - 9)
    sizes = [row["epsilon"] for row in state["nudges"]]
    assert sizes == sorted(sizes) and sizes[0] == -1 and sizes[-1] == 1
    for row in state["nudges"]:
        epsilon = row["epsilon"]
        assert row["real"] == pytest.approx((5 + epsilon - 2) ** 2 - 9)
        assert row["linear"] == pytest.approx(6 * epsilon)
        assert row["gap"] == pytest.approx(epsilon**2, abs=1e-12)
    assert "the gap shrinks 100 times" in model.state()["note"]


def test_only_what_hears_of_the_nudge_moves():
    explorer = Nudge()
    y = next(i for i, n in enumerate(explorer.trace()["nodes"]) if n["name"] == "y")
    trace = explorer.answer({"n": 1, "leaf": y, "entry": 0})
    assert trace["chosen"] == "y"
    last = dict(
        zip([n["name"] for n in trace["nodes"]], trace["moved"][-1], strict=True)
    )
    assert last == {
        "w": "", "φ": "", "score": "", "y": "+1", "residual": "−1", "loss": "−5"
    }  # fmt: skip


def test_a_straight_line_has_no_gap():
    trace = Nudge((Node(0.3, "a") * 0.7 + 0.1).named("c")).trace()
    assert trace["note"] == "There is no gap: along a the loss is a straight line."
    assert [row["gap"] for row in trace["nudges"]] == [0.0] * 16


def test_nudging_leaves_the_learners_graph_and_the_model_alone():
    a = Node(3, "a")
    model = Nudges(square(a), 1.0)
    before = [n.f.copy() for n in model.order]
    model.state()
    assert all(np.array_equal(n.f, f) for n, f in zip(model.order, before, strict=True))
    assert a.f == 3 and a.g is None


@pytest.mark.parametrize(
    "arguments, sentence",
    [
        ((square(Node(np.nan, "w")),), "the loss is nan"),
        ((square(Node(3)),), "no named leaf to nudge"),
        (
            (square(Node(3, "w")), None, None, "tanh", "big"),
            "nudge is a number above 0",
        ),
        ((7,), "Nudge needs the last node of a graph"),
        (({"W1": [[np.nan]], "b1": [0]}, [[1]], [[1]]), "W1[0, 0] is nan"),
        (({"W1": [[1]], "b1": [0]}, np.zeros((0, 1)), np.zeros((0, 1))), "no examples"),
        (({"W1": [[1]], "b1": [0]}, [[1, 2]], [[1]]), "the network takes 1 inputs"),
        (({"W1": [[1]], "b1": [0]}, None, None), "X"),
        (
            (
                {"W1": [[1]] * 2, "b1": [0], "W2": [[1]], "b2": [0]},
                [[1, 1]],
                [[1]],
                "?",
            ),
            "?",
        ),
    ],
)
def test_nudge_refuses_with_a_sentence(arguments, sentence):
    problem = Nudge(*arguments).problem
    assert sentence in problem and "this did not work" not in problem


@pytest.mark.parametrize("request_", [{"leaf": 2, "entry": 0}, {"leaf": 0, "entry": 9}])
def test_nudge_says_what_cannot_be_nudged(request_):
    assert "to nudge" in Nudge().answer({"n": 1, **request_})["refused"]


def test_gears_in_words_and_as_a_picture():
    gears = Gears({"t = 2x + 3": lambda x: 2 * x + 3, "u = t²": lambda t: t * t},
                  None, -1.0, 1.0)  # fmt: skip
    lines = [" ".join(line.split()) for line in gears.as_text().splitlines()]
    assert lines[1:] == [
        "x −1 +0.1",
        "t = 2x + 3 2 1 +0.2",
        "u = t² 2 1 +0.44",
        "product of the factors: 4",
    ]
    picture = gears.svg()
    assert picture.count("<circle") == 3 and picture.count("× 2") == 2
    assert gears.state()["range"] == {"min": -3, "max": 1, "step": 0.05}


def test_dials_turn_with_one_scale_and_the_largest_move_by_300_degrees():
    state = Gears([lambda x: 3 * x], [lambda x: 3.0], 1.0, 0.2).state()
    assert len(state["nudges"]) == 41 and state["nudges"][-1] == pytest.approx(0.2)
    assert state["turns"][-1] == pytest.approx([100, 300])
    assert state["turns"][0] == pytest.approx([-100, -300])


def test_a_straight_chain_keeps_its_promise_and_a_bent_one_does_not():
    straight = Gears([lambda x: 3 * x], [lambda x: 3.0], 1.0, 0.2).state()["says"][-1]
    assert straight == (
        "The factors 3 turn +0.2 into +0.6. "
        "That is what really happens: the slopes stay the same."
    )
    bent = Gears([math.exp, math.exp], None, 0.0, 0.2).state()["says"][-1]
    assert "The factors 1 × 2.718 = 2.718 turn +0.2 into +0.5437." in bent
    assert bent.endswith("the slopes change on the way.")


def test_a_slope_far_out_is_measured_with_a_step_that_can_be_seen():
    gears = Gears([lambda x: x * x], None, 1e9, 0.1)
    assert gears.factors == pytest.approx([2e9], rel=1e-6)


def test_the_table_of_nudges_scales_with_the_largest():
    lines = Nudge(square(Node(3, "a")).named("c"), largest=0.5).as_text().splitlines()
    assert lines[2].split() == ["0.5", "3.25", "3", "0.25"]
    assert lines[-1].split() == ["0.0005", "0.003", "0.003", "2.5e−07"]
    trace = Nudge(square(Node(3, "a")).named("c"), largest=0.5).trace()
    assert trace["curve"][0][0] == -0.5 and trace["curve"][-1][0] == 0.5
    assert trace["note"] == "From 0.05 to 0.005 the gap shrinks 100 times."
