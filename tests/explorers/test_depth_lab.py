"""The depth lab's model: signals against differences, and networks known by hand."""

from __future__ import annotations

import numpy as np
import pytest

from backproplab.explorers.models.depth_lab import Depth
from backproplab.finite_differences import gradient
from backproplab.losses import one_hot
from backproplab.network import loss_value
from backproplab.training import initialise


def rms(array):
    return float(np.sqrt(np.mean(np.square(array))))


@pytest.fixture
def small():
    rng = np.random.default_rng(5)
    params = initialise([3, 4, 4, 2], "xavier", rng)
    params["b1"] = rng.standard_normal(4)
    return params, rng.standard_normal((6, 3)), one_hot(rng.integers(2, size=6), 2)


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu", "linear"])
def test_gradient_norms_are_differences_of_the_loss(small, activation):
    params, X, Y = small
    lab = Depth(params=params, X=X, Y=Y, activation=activation)
    for layer in (1, 2, 3):

        def loss(W, layer=layer):
            moved = {**params, f"W{layer}": W}
            return loss_value(moved, X, Y, activation, loss="softmax_cross_entropy")

        measured = gradient(loss, params[f"W{layer}"], method="real").value
        assert lab.gradients[layer - 1] == pytest.approx(rms(measured), rel=1e-7)


@pytest.mark.parametrize("factor", [0.5, 1.0, 3.0])
def test_orthogonal_linear_layers_multiply_the_signal_by_their_factor(factor):
    rng = np.random.default_rng(0)
    params = {}
    for layer in range(1, 9):
        params[f"W{layer}"] = factor * np.linalg.qr(rng.standard_normal((6, 6)))[0]
        params[f"b{layer}"] = np.zeros(6)
    X, Y = rng.standard_normal((20, 6)), one_hot(np.arange(20) % 6, 6)
    lab = Depth(params=params, X=X, Y=Y, activation="linear")
    assert lab.per_layer == pytest.approx(factor)
    expected = [rms(X) * factor**layer for layer in range(1, 9)]
    assert lab.values == pytest.approx(expected)


@pytest.mark.parametrize(
    ("choices", "verdict", "least"),
    [
        ({"activation": "sigmoid"}, "vanishes", 1),
        ({"activation": "relu", "scheme": "he"}, "level", 0),
        ({"activation": "tanh"}, "level", 0),
        ({"activation": "tanh", "scale": 4.0, "depth": 30}, "explodes", 30),
        ({"scheme": "zeros"}, "dies", 1),
        ({"activation": "tanh", "scheme": "small"}, "vanishes", 0),
    ],
)
def test_the_stories_of_the_lesson(choices, verdict, least):
    lab = Depth(**choices)
    assert (lab.verdict, lab.least) == (verdict, least)


def test_numbers_beyond_float64_are_said_to_overflow():
    lab = Depth(activation="linear", depth=40, scale=1e6)
    lab.answer({"scale": 1e6, "width": 128})
    assert lab.verdict in ("explodes", "overflows")
    rng = np.random.default_rng(0)
    params = {f"W{k}": np.full((2, 2), 1e200) for k in (1, 2, 3)}
    params |= {f"b{k}": np.zeros(2) for k in (1, 2, 3)}
    params = dict(sorted(params.items(), key=lambda item: item[0][1]))
    lab = Depth(params=params, X=rng.random((3, 2)), Y=np.eye(2)[[0, 1, 0]])
    assert lab.verdict != "level"
    assert all(isinstance(words, str) for words in lab.sentences())


def test_dead_units_are_counted_by_layer(small):
    params, X, Y = small
    params = {**params, "b1": np.array([-1e3, 0.5, -1e3, 0.5])}
    lab = Depth(params=params, X=X, Y=Y, activation="relu")
    assert lab.dead[0] == 2
    assert "ReLU units are 0 for every example" in lab.sentences()[-1]
    assert Depth(activation="tanh").dead == [None] * 12


def test_saturated_units_have_flat_slopes(small):
    params, X, Y = small
    assert Depth(params=params, X=X, Y=Y, activation="tanh").flat[0] < 0.5
    lab = Depth(params=params, X=X, Y=Y, activation="tanh", scale=100.0)
    assert lab.flat[0] > 0.9


def test_spreads_count_every_entry_in_the_window():
    lab = Depth(activation="tanh")
    state = lab.state()
    counts, _ = np.histogram(lab.A[2], 24, (-1, 1))
    assert state["spread"]["A"][2] == pytest.approx(counts / counts.max(), abs=1e-3)
    axis = state["axes"]["dZ"]
    for norm in [*lab.signals, *lab.gradients]:
        assert axis["low"] < np.log10(norm) < axis["high"]


def test_changes_keep_what_was_not_changed():
    lab = Depth(depth=5)
    lab.answer({"activation": "relu"})
    lab.answer({"scale": 2})
    assert lab.chosen == {
        "depth": 5,
        "activation": "relu",
        "scheme": "xavier",
        "scale": 2.0,
        "width": 32,
    }


def test_a_network_without_hidden_layers_has_a_picture():
    lab = Depth(params={"W1": np.eye(2), "b1": [0, 0]}, X=[[1, 2]], Y=[[0, 1]])
    assert lab.svg().count("<path") > 1
    assert lab.state()["spread"]["dZ"][0]


def bad_networks():
    params = initialise([3, 4, 2], "xavier", 0)
    X, Y = np.ones((5, 3)), np.eye(2)[[0, 1, 0, 1, 0]]
    nan = {**params, "W2": np.full((4, 2), np.nan)}
    deep = initialise([3, *[2] * 50, 2], "xavier", 0)
    return [
        ({"depth": 0}, "depth is a whole number from 1 to 40"),
        ({"depth": 2.5}, "depth is a whole number"),
        ({"depth": True}, "depth is a whole number"),
        ({"params": 3, "X": X, "Y": Y}, "params is a dict"),
        ({"activation": "sigmiod"}, "unknown activation 'sigmiod'"),
        ({"scheme": "big"}, "unknown scheme 'big'"),
        ({"scale": -1}, "scale is a number above 0"),
        ({"params": params}, "needs your data too"),
        ({"params": nan, "X": X, "Y": Y}, "W2[0, 0] is nan"),
        ({"params": params, "X": X[:0], "Y": Y[:0]}, "no examples"),
        ({"params": params, "X": X[:, :2], "Y": Y}, "the network takes 3 inputs"),
        ({"params": deep, "X": X, "Y": Y}, "the picture has room for 41"),
        ({"params": {"W1": X}, "X": X, "Y": Y}, "without gaps"),
    ]


@pytest.mark.parametrize(("given", "words"), bad_networks())
def test_bad_input_is_a_sentence(given, words):
    with pytest.raises(ValueError) as caught:
        Depth(**given)
    assert words in str(caught.value)


def one_unit(Z, activation, output=1.0):
    """One hidden unit with these scores; two outputs."""
    params = {"W1": [[1.0]], "b1": [0], "W2": [[output, 0]], "b2": [0, 0]}
    Y = np.tile([1.0, 0], (len(Z), 1))
    X = np.array(Z, float)[:, None]
    return Depth(params=params, X=X, Y=Y, activation=activation)


def test_flat_is_a_twentieth_of_the_steepest_slope():
    # slopes of the sigmoid: 0.25, 0.0452, 0.0066; of tanh: 1, 0.0707, 0.0099
    assert one_unit([0, 3, 5], "sigmoid").flat == [pytest.approx(1 / 3)]
    assert one_unit([0, 2, 3], "tanh").flat == [pytest.approx(1 / 3)]


def test_axes_hold_the_hidden_values_and_at_least_three_powers_of_ten():
    lab = one_unit([1, 2, 3], "linear", output=1e6)
    values, signals = lab.state()["axes"]["A"], lab.state()["axes"]["dZ"]
    assert 0 < values["high"] < 3 and values["high"] - values["low"] >= 3
    assert signals["high"] - signals["low"] >= 3
