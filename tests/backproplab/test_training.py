"""How to train anyway, row S10, and the loop's own manners."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

from backproplab import datasets, network, training
from backproplab.training import adagrad_step, adam_step, momentum_step


def test_S10_momentum_adds_up_the_steps_of_a_straight_slope():
    params, state = {"W1": np.array([0.0])}, {}
    for _ in range(200):
        before = params["W1"]
        params, state = momentum_step(params, {"dW1": [1.0]}, state, lr=0.1, beta=0.9)
    assert math.isclose(
        float((before - params["W1"])[0]), 0.1 / (1 - 0.9), rel_tol=1e-8
    )


def test_S10_adagrad_divides_by_the_root_of_all_squares():
    params, state = {"W1": np.array([0.0])}, {}
    for dw in (3.0, 4.0, 12.0):  # roots 3, 5, 13
        params, state = adagrad_step(params, {"dW1": [dw]}, state, lr=1.0, eps=0.0)
    expected = -float(Fraction(3, 3) + Fraction(4, 5) + Fraction(12, 13))
    np.testing.assert_allclose(params["W1"], expected, rtol=1e-14)


def test_S10_adagrad_adds_eps_outside_the_root():
    params, state = {"W1": np.array([0.0])}, {}
    for dw in (3.0, 4.0, 12.0):  # roots 3, 5, 13
        params, state = adagrad_step(params, {"dW1": [dw]}, state, lr=1.0, eps=1.0)
    expected = -float(Fraction(3, 4) + Fraction(4, 6) + Fraction(12, 14))
    np.testing.assert_allclose(params["W1"], expected, rtol=1e-14)


def test_S10_adam_by_hand():
    """beta1 = 1/2, beta2 = 3/4: m = 2, 2 then v = 4, 4 after bias correction."""
    params, state = {"W1": np.array([1.0])}, {}
    grads = (Fraction(2), Fraction(4), Fraction(-6))
    w, m, v = 1.0, Fraction(0), Fraction(0)
    for t, dw in enumerate(grads, start=1):
        params, state = adam_step(
            params, {"dW1": [float(dw)]}, state, 0.1, 0.5, 0.75, eps=1e-3
        )
        weights = [Fraction(1, 2) ** (t - i) for i in range(1, t + 1)]
        m = sum(a * g for a, g in zip(weights, grads, strict=False)) / sum(weights)
        weights = [Fraction(3, 4) ** (t - i) for i in range(1, t + 1)]
        v = sum(a * g * g for a, g in zip(weights, grads, strict=False)) / sum(weights)
        w -= 0.1 * float(m) / (math.sqrt(v) + 1e-3)
    np.testing.assert_allclose(params["W1"], w, rtol=1e-14)
    assert state["t"] == 3


@pytest.mark.parametrize("step", [adagrad_step, adam_step])
def test_S10_adaptive_steps_do_not_depend_on_the_gradient_scale(step):
    rng = np.random.default_rng(10)
    grads = rng.normal(size=(5, 3))
    ends = []
    for scale in (1.0, 1e6):
        params, state = {"W1": np.zeros(3)}, {}
        for g in grads:
            params, state = step(params, {"dW1": scale * g}, state, lr=0.1, eps=0.0)
        ends.append(params["W1"])
    np.testing.assert_allclose(ends[0], ends[1], rtol=1e-12)


@pytest.mark.parametrize("optimizer", ["adagrad", "adam"])
def test_S10_adaptive_steps_cross_a_narrow_valley(optimizer: str):
    """f = (w1^2 + 10^-4 w2^2) / 2: plain descent crawls along w2."""
    scales, ends = np.array([1.0, 1e-4]), {}
    for name, lr in (("sgd", 1.0), (optimizer, 0.5)):
        params, state = {"W1": np.array([1.0, 1.0])}, {}
        step = training.OPTIMIZERS[name]
        for _ in range(300):
            params, state = step(params, {"dW1": scales * params["W1"]}, state, lr)
        ends[name] = abs(params["W1"][1])
    assert ends["sgd"] > 0.9
    assert ends[optimizer] < 0.05


def test_S10_careful_initialisation_keeps_values_and_signals_alive():
    rng = np.random.default_rng(100)
    X, Y = rng.normal(size=(200, 100)), rng.normal(size=(200, 100))
    spread = {}
    for scheme, hidden in (("small", "tanh"), ("xavier", "tanh"), ("he", "relu")):
        params = training.initialise([100] * 21, scheme, rng)
        cache = network.forward(params, X, hidden)
        signals = network.error_signals(params, cache, Y, hidden)
        forwards = cache["A19"].std() / cache["A1"].std()
        backwards = signals["dZ1"].std() / signals["dZ19"].std()
        spread[scheme] = (forwards, backwards)
    assert max(spread["small"]) < 1e-15
    for scheme in ("xavier", "he"):
        assert all(0.05 < ratio < 20 for ratio in spread[scheme]), spread


@pytest.mark.parametrize(
    ("scheme", "expected"),
    [("zeros", 0), ("small", 0.01), ("xavier", 0.0426), ("he", 0.0577)],
)
def test_S10_initialisation_spreads(scheme: str, expected: float):
    params = training.initialise([600, 500, 4], scheme, rng=3)
    assert {n: a.shape for n, a in params.items()} == {
        "W1": (600, 500), "b1": (500,), "W2": (500, 4), "b2": (4,)
    }  # fmt: skip
    assert abs(params["W1"].std() - expected) <= 0.02 * expected
    assert abs(params["W1"].mean()) <= 0.01 * expected
    assert not params["b1"].any()


def test_S10_more_hidden_units_than_needed_find_a_good_minimum_more_often():
    X, Y = datasets.xor()
    solved = {}
    for width in (2, 12):
        ends = [
            training.train(
                training.initialise([2, width, 1], rng=seed), X, Y, lr=0.2, epochs=600
            )[1][-1]
            for seed in range(12)
        ]
        solved[width] = sum(end < 1e-2 for end in ends)
    assert solved[12] == 12
    assert solved[2] < 12


@pytest.mark.parametrize("optimizer", training.OPTIMIZERS)
def test_every_optimizer_learns_and_changes_no_argument(optimizer: str):
    X, labels = datasets.moons(60, rng=1)
    Y, X0 = labels[:, None].astype(float), X.copy()
    start = training.initialise([2, 8, 1], rng=2)
    kept = {name: array.copy() for name, array in start.items()}
    lr = {"sgd": 0.1, "momentum": 0.02, "adagrad": 0.1, "adam": 0.02}[optimizer]
    params, history = training.train(
        start, X, Y, lr=lr, epochs=60, batch_size=10, optimizer=optimizer
    )
    assert history[-1] < 0.5 * history[0]
    np.testing.assert_array_equal(X, X0)
    for name, array in kept.items():
        np.testing.assert_array_equal(start[name], array)
        assert not np.shares_memory(start[name], params[name])


@pytest.mark.parametrize("step", [momentum_step, adagrad_step, adam_step])
def test_a_step_changes_neither_parameters_nor_state(step):
    params, grads = {"W1": np.ones((2, 2))}, {"dW1": np.ones((2, 2))}
    first, state = step(params, grads, {}, 0.1)
    kept = {k: dict(v) if isinstance(v, dict) else v for k, v in state.items()}
    values = {k: v["W1"].copy() for k, v in state.items() if isinstance(v, dict)}
    again = [step(first, grads, state, 0.1)[0]["W1"] for _ in range(2)]
    np.testing.assert_array_equal(*again)
    assert kept == state or set(kept) == set(state)
    for name, value in values.items():
        np.testing.assert_array_equal(state[name]["W1"], value)


def test_a_callback_sees_every_epoch_and_may_stop():
    X, Y = datasets.xor()
    seen = []

    def callback(epoch, params, loss):
        seen.append((epoch, sorted(params), loss))
        return epoch == 2

    _, history = training.train(
        training.initialise([2, 3, 1]), X, Y, lr=0.1, epochs=50, callback=callback
    )
    assert [epoch for epoch, _, _ in seen] == [0, 1, 2]
    assert [loss for _, _, loss in seen] == history
    assert seen[0][1] == ["W1", "W2", "b1", "b2"]


def test_a_callback_may_answer_with_a_number_of_numpy():
    X, Y = datasets.xor()
    params = training.initialise([2, 3, 1])
    for answer, epochs in ((np.bool_(True), 1), (np.bool_(False), 3), (None, 3)):
        _, history = training.train(
            params, X, Y, lr=0.1, epochs=3, callback=lambda *_, a=answer: a
        )
        assert len(history) == epochs


def test_the_same_seed_gives_the_same_run():
    X, labels = datasets.spirals(40, rng=1)
    Y = np.eye(3)[labels]
    runs = [
        training.train(
            training.initialise([2, 8, 3], rng=seed), X, Y, lr=0.1, epochs=5,
            batch_size=8, loss="softmax_cross_entropy", rng=seed,
        )[1]
        for seed in (1, 1, 2)
    ]  # fmt: skip
    assert runs[0] == runs[1] != runs[2]


@pytest.mark.parametrize("make", [datasets.moons, datasets.spirals, datasets.digits])
def test_data_come_from_their_seed_and_can_be_learnt(make):
    X, labels = make(120, rng=3)
    again, other = make(120, rng=3), make(120, rng=4)
    np.testing.assert_array_equal(X, again[0])
    np.testing.assert_array_equal(labels, again[1])
    assert not np.array_equal(X, other[0])
    classes = int(labels.max()) + 1
    assert min(np.bincount(labels)) == 120 // classes
    start = training.initialise([X.shape[1], 32, classes], "he", 5)
    params, history = training.train(
        start, X, np.eye(classes)[labels], lr=0.01, epochs=150, batch_size=20,
        hidden="relu", optimizer="adam", loss="softmax_cross_entropy",
    )  # fmt: skip
    scores = network.forward(params, X, "relu")["A2"]
    assert (scores.argmax(1) == labels).mean() > 0.9, history[-1]
