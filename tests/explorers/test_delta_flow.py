"""Delta flow: its numbers are slopes of the loss, its bad inputs end in a sentence."""

from __future__ import annotations

import numpy as np
import pytest

from backproplab import network
from backproplab.explorers import DeltaFlow as Shown
from backproplab.explorers.models.delta_flow import OPEN, DeltaFlow, xor_network
from backproplab.finite_differences import gradient
from backproplab.lectures import notes

NETS = {
    "tanh": {"hidden": "tanh", "output": "linear", "loss": "squared"},
    "sigmoid": {"hidden": "sigmoid", "output": "sigmoid", "loss": "half_squared"},
    "relu": {"hidden": "relu", "output": "tanh", "loss": "huber"},
    "scores": {"hidden": "tanh", "output": "linear", "loss": "softmax_cross_entropy"},
    "softmax": {"hidden": "tanh", "output": "softmax", "loss": "squared"},
}


def made(sizes, N, seed=0):
    rng = np.random.default_rng(seed)
    params = {
        name: rng.normal(size=array.shape)
        for name, array in network.zeros(sizes).items()
    }
    X, Y = rng.normal(size=(N, sizes[0])), np.eye(sizes[-1])[np.arange(N) % sizes[-1]]
    return params, X, Y


def loss_from(params, names, layer, Z, Y):
    """The loss as a function of the net inputs of one layer, forward code only."""
    L = network.depth(params)
    above = {
        f"{kind}{i - layer}": params[f"{kind}{i}"]
        for i in range(layer + 1, L + 1)
        for kind in "Wb"
    }
    act = network.ACTIVATIONS[names["output" if layer == L else "hidden"]][0]
    if layer == L:
        return network.batch_loss(names["loss"], act(Z), Y)
    return network.loss_value(above, act(Z), Y, **names)


@pytest.mark.parametrize("name", NETS)
def test_signals_and_gradients_are_slopes_of_the_loss(name):
    params, X, Y = made([3, 4, 2, 3], 5)
    flow = DeltaFlow(params, X, Y, **NETS[name])
    state = flow.state()
    for layer in (1, 2, 3):
        Z = np.array([frame["Z"][layer] for frame in state["frames"]])
        shown = [frame["modern"]["delta"][layer] for frame in state["frames"]]
        measured = gradient(
            lambda Z, layer=layer: loss_from(params, NETS[name], layer, Z, Y), Z
        ).value
        np.testing.assert_allclose(shown, measured, rtol=1e-6, atol=1e-9)
    measured = gradient(
        lambda p: network.loss_value(p, X, Y, **NETS[name]), params
    ).value
    for layer in (1, 2, 3):
        found = state["gradients"]["modern"]
        np.testing.assert_allclose(found["W"][layer], measured[f"W{layer}"], atol=1e-8)
        np.testing.assert_allclose(found["b"][layer], measured[f"b{layer}"], atol=1e-8)


@pytest.mark.parametrize("sign", ["modern", "classic"])
def test_parts_make_up_what_they_are_parts_of(sign):
    params, X, Y = made([3, 4, 2, 3], 5)
    state = DeltaFlow(params, X, Y).state()
    products = np.zeros((3, 4))
    for frame in state["frames"]:
        one = frame[sign]
        for layer in (1, 2):
            total = np.sum(one["paths"][layer], axis=1) + one["rest"][layer]
            np.testing.assert_allclose(total, one["dA"][layer], atol=1e-12)
        for layer in (1, 2, 3):
            made_of = np.array(one["dA"][layer]) * frame["slope"][layer]
            np.testing.assert_allclose(made_of, one["delta"][layer], atol=1e-12)
        whole = np.add(one["product"][1], one["others"][1])
        np.testing.assert_allclose(whole, state["gradients"][sign]["W"][1], atol=1e-12)
        products += one["product"][1]
    np.testing.assert_allclose(products, state["gradients"][sign]["W"][1], atol=1e-12)


def test_xor_shows_the_numbers_of_row_L1():
    state = DeltaFlow(**xor_network()).state()
    frame = state["frames"][0]
    four = np.vectorize("{:.4f}".format)
    assert four(frame["Z"][1]).tolist() == ["-0.5300", "1.0400"]
    assert four(frame["A"][1]).tolist() == ["0.3705", "0.7389"]
    assert f"{frame['Z'][2][0]:.4f} {frame['A'][2][0]:.4f}" == "1.1270 0.7553"
    assert f"{frame['loss']:.4f}" == "0.0299"
    assert f"{frame['modern']['dA'][2][0]:.4f}" == "-0.2447"
    assert f"{frame['slope'][2][0]:.4f}" == "0.1848"
    assert f"{frame['modern']['product'][2][0, 0]:.4f}" == "-0.0168"
    assert f"{frame['modern']['product'][1][0, 0]:.4f}" == "0.0023"
    for sign in ("modern", "classic"):
        new = state["updated"][sign]
        assert four(new["W"][1][0]).tolist() == ["-0.0712", "0.9425"]
        assert four(new["b"][1]).tolist() == ["-0.4612", "0.1025"]
        assert four(new["W"][2][:, 0]).tolist() == ["-0.2116", "0.5967"]
        assert four(new["b"][2]).tolist() == ["0.8026"]


def test_classic_signals_are_those_of_the_notes():
    params, X, Y = made([3, 4, 2], 1)
    names = {"hidden": "sigmoid", "output": "sigmoid", "loss": "half_squared"}
    flow = DeltaFlow(params, X, Y, rate=0.7, **names)
    state, weights = flow.state(), notes.from_house(params)
    outputs = notes.forward(weights, X[0])
    for shown, theirs in zip(
        state["frames"][0]["classic"]["delta"][1:],
        notes.deltas(weights, outputs, Y[0]),
        strict=True,
    ):
        np.testing.assert_allclose(shown, theirs, atol=1e-12)
    new = notes.to_house(notes.step(weights, X[0], Y[0], 0.7))
    for sign in ("modern", "classic"):
        for layer in (1, 2):
            shown = state["updated"][sign]["W"][layer]
            np.testing.assert_allclose(shown, new[f"W{layer}"], atol=1e-12)
    assert state["updated"]["apart"] < 1e-15


def test_a_large_network_shows_some_units_and_sums_all():
    params, X, Y = made([30, 20, 14, 3], 4)
    flow = DeltaFlow(params, X, Y)
    state = flow.state()
    assert [len(units) for units in state["shown"]] == [OPEN, OPEN, OPEN, 3]
    frame = state["frames"][0]["modern"]
    all_terms = params["W2"] * flow.signals["dZ2"][0]
    unit = state["shown"][1][0]
    np.testing.assert_allclose(frame["dA"][1][0], all_terms[unit].sum())
    seen = np.sum(frame["paths"][1][0])
    np.testing.assert_allclose(seen + frame["rest"][1][0], frame["dA"][1][0])
    assert abs(frame["rest"][1][0]) > 1e-6
    assert [f is not None for f in state["frames"]] == [True, False, False, False]
    quiet = next(u for u in range(20) if u not in state["shown"][1])
    flow.answer({"open": [1, quiet]})
    assert quiet in flow.state()["shown"][1]
    flow.answer({"example": 2})
    assert [f is not None for f in flow.state()["frames"]] == [
        False,
        False,
        True,
        False,
    ]


def test_a_changed_weight_and_back_again():
    flow = DeltaFlow(**xor_network())
    before = flow.state()["frames"][0]["loss"]
    flow.answer({"weight": [2, 1, 0], "value": 3.0})
    assert flow.state()["W"][2][1, 0] == 3.0
    assert flow.state()["frames"][0]["loss"] < before
    flow.answer({"weight": [1, -1, 0], "value": 2.0})
    assert flow.state()["b"][1][0] == 2.0
    flow.answer({"reset": True})
    assert flow.state()["frames"][0]["loss"] == before


def test_arguments_are_never_changed():
    params, X, Y = made([2, 2, 1], 1)
    copies = {name: array.copy() for name, array in params.items()}
    DeltaFlow(params, X, Y).answer({"weight": [1, 0, 0], "value": 9.0})
    for name, array in params.items():
        np.testing.assert_array_equal(array, copies[name])


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        ({"example": 1}, "there is no example 2"),
        ({"open": [0, 9]}, "there is no unit 10"),
        ({"weight": [3, 0, 0], "value": 1.0}, "there is no layer"),
        ({"weight": [1, 0, 0], "value": "much"}, "a weight must be a number"),
        ({"weight": [2, 0, 0], "value": float("inf")}, "a weight must be a number"),
    ],
)
def test_a_request_that_cannot_be_followed(request_, words):
    flow = DeltaFlow(**xor_network())
    with pytest.raises(ValueError, match=words):
        flow.answer(request_)
    assert flow.state()["frames"][0]["loss"] == pytest.approx(0.0299, abs=1e-4)


GOOD = {"W1": [[1.0], [2.0]], "b1": [0.0]}


@pytest.mark.parametrize(
    ("params", "X", "Y", "names", "words"),
    [
        (None, [1, 2], [0], {}, "params is a dict"),
        ({"W1": [[1]]}, [1], [0], {}, "parameters are W1, b1"),
        ({"W1": [[np.nan], [2]], "b1": [0]}, [1, 2], [0], {}, r"W1\[0, 0\] is nan"),
        ({"W1": [["a"]], "b1": [0]}, [1], [0], {}, "W1 must hold numbers only"),
        (GOOD, np.zeros((0, 2)), np.zeros((0, 1)), {}, "there are no examples"),
        (GOOD, [[1, 2, 3]], [[0]], {}, "the network takes 2 inputs"),
        (GOOD, [[1, 2], [3, 4]], [0, 1], {}, r"Y has shape \(2,\).*\(2, 1\)"),
        (GOOD, [1, np.inf], [0], {}, r"X\[1\] is inf"),
        (GOOD, [1, 2], [0], {"hidden": "sigmiod"}, "unknown activation 'sigmiod'"),
        (GOOD, [1, 2], [0], {"loss": "l2"}, "unknown loss 'l2'"),
        (GOOD, None, None, {}, "examples are missing"),
        (GOOD, [1, 2], [0], {"rate": 0}, "rate is the step size"),
        (GOOD, [1, 2], [0], {"rate": "fast"}, "rate is the step size"),
        (GOOD, [1e200, 2], [0], {}, "too large to show"),
    ],
)
def test_bad_input_ends_in_one_sentence(params, X, Y, names, words):
    with pytest.raises(ValueError, match=words):
        DeltaFlow(params, X, Y, **names)


def test_a_network_too_deep_to_draw():
    params, X, Y = made([1] * 40, 1)
    with pytest.raises(ValueError, match="39 layers; the picture has room for 24"):
        DeltaFlow(params, X, Y)


def test_a_network_too_large_to_wait_for():
    params, X, Y = made([2000, 1100, 1], 1)
    with pytest.raises(ValueError, match="2,202,201 weights; at most 2,000,000"):
        DeltaFlow(params, X, Y)


def test_stills_hold_the_numbers():
    flow = DeltaFlow(**xor_network())
    for still in (flow.as_text(), flow.svg()):
        for number in ("0.3705", "0.7553", "0.002321", "0.04523", "0.02994"):
            assert number in still


def test_options_and_sizes_of_the_explorer_itself():
    assert "unknown option 'eta'" in Shown(GOOD, [1, 2], [0], eta=1).problem
    assert 'view is "signals" or "cost"' in Shown(view="coast").problem
    for sizes in ([3, 4, 1], (3, 4, 1), np.array([3, 4, 1])):
        assert Shown(sizes, view="cost").trace()["sizes"] == [3, 4, 1]


def test_a_large_layer_shows_its_loudest_units_and_the_one_that_is_opened():
    params, X, Y = made([40, 30, 1], 3)
    flow = DeltaFlow(params, X, Y)
    loudest = np.argsort(-np.abs(flow.signals["dZ1"][0]))[:3]
    assert flow.shown()[1].tolist() == sorted(loudest.tolist())
    quiet = int(np.argsort(-np.abs(flow.signals["dZ1"][0]))[-1])
    flow.answer({"open": [1, quiet]})
    assert flow.shown()[1].tolist() == sorted([*loudest[:2].tolist(), quiet])
    with pytest.raises(ValueError, match="no layer 4"):
        flow.answer({"open": [3, 0]})
    flow.answer({"open": [2, 0]})


def test_examples_go_along_as_long_as_they_are_little_to_send():
    params, X, Y = made([4, 5, 1], 500)
    few = DeltaFlow(params, X[:20], Y[:20]).state()["frames"]
    many = DeltaFlow(params, X, Y).state()["frames"]
    assert None not in few
    assert many[0] is not None and many[1:] == [None] * 499
