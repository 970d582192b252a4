"""UBC CPSC 340, rows U1 to U10: one example, weights in rows, no biases."""

from __future__ import annotations

import math
from time import process_time

import numpy as np
import pytest

from backproplab import costs, network, neurons
from backproplab.lectures import ubc
from tests.backproplab.counting import (
    counted_backward,
    counted_central_differences,
    counted_forward,
)
from tests.backproplab.measuring import (
    LOSS,
    H,
    assert_measured,
    batch_loss,
    mlp,
    of,
    random_params,
    sigma,
    softmax_loss,
)

X3 = np.array([0.7, -1.2, 0.4])


def weights(*shapes: tuple[int, ...]) -> list[np.ndarray]:
    rng = np.random.default_rng(len(shapes))
    return [rng.normal(size=shape) / np.sqrt(shape[-1]) for shape in shapes]


def test_U1_one_hidden_layer_forward():
    w, W = [2.0, -1.0], [[0.5, 0.0, 1.0], [-1.0, 2.0, 0.5]]
    yhat = 0.0
    for c in range(2):
        net = sum(W[c][j] * X3[j] for j in range(3))
        yhat += w[c] / (1 + math.exp(-net))
    values = ubc.one_hidden(X3, 0.3, w, W)
    assert math.isclose(values["yhat"], yhat, rel_tol=1e-15)
    assert math.isclose(values["f"], (yhat - 0.3) ** 2 / 2, rel_tol=1e-14)


def test_U2_output_weights():
    w, W = weights((4,), (4, 3))
    values = ubc.one_hidden(X3, 0.3, w, W)
    assert_measured(lambda w: (w @ sigma(W @ X3) - 0.3) ** 2 / 2, w, values["dw"])


def test_U2_r_is_the_slope_at_the_output():
    w, W = weights((4,), (4, 3))
    values = ubc.one_hidden(X3, 0.3, w, W)
    assert_measured(lambda yhat: (yhat - 0.3) ** 2 / 2, values["yhat"], values["r"])


@pytest.mark.parametrize("hidden", H)
def test_U3_hidden_weights(hidden: str):
    w, W = weights((4,), (4, 3))
    values = ubc.one_hidden(X3, 0.3, w, W, hidden)
    loss = lambda W: (w @ H[hidden](W @ X3) - 0.3) ** 2 / 2  # noqa: E731
    assert_measured(loss, W, values["dW"])


def test_U3_v_is_the_slope_of_the_output_at_each_hidden_unit():
    w, W = weights((4,), (4, 3))
    values = ubc.one_hidden(X3, 0.3, w, W)
    assert_measured(lambda Z: w @ sigma(Z), W @ X3, values["v"])


def test_U4_two_phases_compute_every_unit_once(monkeypatch: pytest.MonkeyPatch):
    w, W = weights((40,), (40, 3))
    seen: list[int] = []

    def forward(Z):
        seen.append(np.size(Z))
        return neurons.sigmoid(Z)

    pair = (forward, neurons.ACTIVATIONS["sigmoid"][1])
    monkeypatch.setitem(ubc.ONE_NUMBER_NEURONS, "sigmoid", pair)
    values = ubc.one_hidden(X3, 0.3, w, W)
    assert seen == [40]
    loss = lambda p: (p["w"] @ sigma(p["W"] @ X3) - 0.3) ** 2 / 2  # noqa: E731
    assert_measured(loss, {"w": w, "W": W}, of(values, "w", "W"))


@pytest.mark.parametrize("y", [1.0, -1.0])
@pytest.mark.parametrize("loss", LOSS)
def test_U5_another_loss_changes_only_r(loss: str, y: float):
    w, W = weights((4,), (4, 3))
    for size in (0.2, 6.0):  # both branches of Huber and of the hinge
        values = ubc.one_hidden(X3, y, w * size, W, loss=loss)
        half = ubc.one_hidden(X3, y, w * size, W)
        assert_measured(
            lambda p: LOSS[loss](p["w"] @ sigma(p["W"] @ X3), y),
            {"w": w * size, "W": W},
            of(values, "w", "W"),
        )
        np.testing.assert_array_equal(values["v"], half["v"])
        np.testing.assert_allclose(
            values["dW"] * half["r"], half["dW"] * values["r"], rtol=1e-14
        )


@pytest.mark.parametrize("hidden", H)
@pytest.mark.parametrize("loss", LOSS)
def test_U6_two_hidden_layers(hidden: str, loss: str):
    w, W2, W1 = weights((5,), (5, 4), (4, 3))
    values = ubc.two_hidden(X3, 1.0, w, W2, W1, hidden, loss)
    h = H[hidden]
    assert_measured(
        lambda p: LOSS[loss](p["w"] @ h(p["W2"] @ h(p["W1"] @ X3)), 1.0),
        {"w": w, "W2": W2, "W1": W1},
        of(values, "w", "W2", "W1"),
    )


def test_U6_u_is_how_layer_1_moves_layer_2():
    w, W2, W1 = weights((5,), (5, 4), (4, 3))
    values = ubc.two_hidden(X3, 1.0, w, W2, W1)
    for row, u in zip(W2, values["u"], strict=True):
        assert_measured(lambda Z1, row=row: row @ sigma(Z1), W1 @ X3, u)


@pytest.mark.parametrize("hidden", H)
@pytest.mark.parametrize("loss", LOSS)
def test_U7_three_hidden_layers(hidden: str, loss: str):
    w, W3, W2, W1 = weights((2,), (2, 5), (5, 4), (4, 3))
    values = ubc.three_hidden(X3, -1.0, w, W3, W2, W1, hidden, loss)
    h = H[hidden]

    def f(p):
        z1 = h(p["W1"] @ X3)
        return LOSS[loss](p["w"] @ h(p["W3"] @ h(p["W2"] @ z1)), -1.0)

    at = {"w": w, "W3": W3, "W2": W2, "W1": W1}
    assert_measured(f, at, of(values, *at))


def test_U7_a_b_d_are_the_error_signals():
    w, W3, W2, W1 = weights((2,), (2, 5), (5, 4), (4, 3))
    values = ubc.three_hidden(X3, 0.3, w, W3, W2, W1)
    Z1 = W1 @ X3
    Z2 = W2 @ sigma(Z1)
    Z3 = W3 @ sigma(Z2)

    def from_3(Z3):
        return (w @ sigma(Z3) - 0.3) ** 2 / 2

    def from_2(Z2):
        return from_3(W3 @ sigma(Z2))

    assert_measured(from_3, Z3, values["a"])
    assert_measured(from_2, Z2, values["b"])
    assert_measured(lambda Z1: from_2(W2 @ sigma(Z1)), Z1, values["d"])


def test_U8_four_steps_on_a_batch_with_biases():
    rng = np.random.default_rng(8)
    params = random_params([3, 4, 5, 2, 1], rng)
    X, Y = rng.normal(size=(6, 3)), rng.normal(size=(6, 1))
    grads = network.gradients(params, X, Y, "sigmoid", loss="half_squared")
    assert_measured(
        lambda p: batch_loss("half_squared", mlp(p, X, "sigmoid"), Y),
        params,
        of(grads, *params),
    )


def test_U8_the_lecture_and_the_house_agree():
    w, W3, W2, W1 = weights((2,), (2, 5), (5, 4), (4, 3))
    lecture = ubc.three_hidden(X3, 0.3, w, W3, W2, W1)
    matrices = [W1.T, W2.T, W3.T, w[:, None]]
    params = {}
    for layer, W in enumerate(matrices, start=1):
        params |= {f"W{layer}": W, f"b{layer}": np.zeros(W.shape[1])}
    cache = network.forward(params, X3[None], "sigmoid")
    signals = network.error_signals(
        params, cache, [[0.3]], "sigmoid", loss="half_squared"
    )
    for ours, theirs in (("dZ4", "r"), ("dZ3", "a"), ("dZ2", "b"), ("dZ1", "d")):
        np.testing.assert_allclose(
            signals[ours].ravel(), lecture[theirs].ravel(), rtol=1e-13
        )


@pytest.mark.parametrize("sizes", [[3, 4, 1], [5, 4, 3, 2], [2, 6, 6, 6, 1], [4, 2]])
def test_U9_cost_counted_while_running(sizes: list[int]):
    forward, backward = counted_forward(sizes), counted_backward(sizes)
    assert costs.forward_multiplications(sizes) == forward
    assert costs.backward_multiplications(sizes) == backward
    assert costs.central_difference_multiplications(sizes) == (
        counted_central_differences(sizes)
    )
    assert backward <= 3 * forward


def test_U9_cost_measured():
    rng = np.random.default_rng(9)
    sizes = [400, 400, 400, 400, 1]
    params, X = random_params(sizes, rng), rng.normal(size=(200, 400))
    cache = network.forward(params, X)
    times: dict[str, list[float]] = {"forward": [], "backward": []}
    for _ in range(7):
        start = process_time()
        network.forward(params, X)
        middle = process_time()
        signals = network.error_signals(params, cache, np.zeros((200, 1)))
        network.gradients_from_signals(cache, signals)
        times["forward"].append(middle - start)
        times["backward"].append(process_time() - middle)
    ratio = min(times["backward"]) / min(times["forward"])
    assert 0.5 < ratio < 6, ratio  # the counts say 1.75


def test_U10_several_outputs_with_softmax():
    W2, W1 = weights((3, 4), (4, 3))
    y = np.array([0.0, 1.0, 0.0])
    values = ubc.softmax_outputs(X3, y, W2, W1)
    assert_measured(
        lambda p: softmax_loss(p["W2"] @ sigma(p["W1"] @ X3), y),
        {"W2": W2, "W1": W1},
        of(values, "W2", "W1"),
    )


@pytest.mark.parametrize("hidden", H)
def test_U10_softmax_network_on_a_batch(hidden: str):
    rng = np.random.default_rng(10)
    params, X = random_params([3, 5, 4], rng), rng.normal(size=(7, 3))
    Y = np.eye(4)[rng.integers(4, size=7)]
    grads = network.gradients(params, X, Y, hidden, loss="softmax_cross_entropy")
    assert_measured(
        lambda p: softmax_loss(mlp(p, X, hidden), Y).mean(), params, of(grads, *params)
    )
