"""The training desk's model: training and its numbers, looked at from outside."""

from __future__ import annotations

import base64
import io

import matplotlib.image
import numpy as np
import pytest

from backproplab.explorers.models.training_desk import Desk
from backproplab.finite_differences import gradient
from backproplab.losses import one_hot
from backproplab.network import loss_and_gradients, loss_value
from backproplab.training import initialise, train


def test_the_spiral_is_learnt_and_a_linear_model_cannot():
    net, linear = Desk(), Desk(hidden="none")
    for desk in (net, linear):
        desk.step(200)
    assert net.accuracy > 0.99
    assert 0.5 < linear.accuracy < 0.7
    assert "300 of 300 points on the right side" in net.sentence()


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adagrad", "adam"])
def test_it_trains_as_the_librarys_loop(optimizer):
    desk = Desk(data="moons", optimizer=optimizer, lr=0.05)
    first = dict(desk.run.params)
    desk.step(7)
    expected, _ = train(
        first,
        desk.run.examples.X,
        desk.run.Y,
        lr=0.05,
        epochs=7,
        batch_size=20,
        optimizer=optimizer,
        loss="softmax_cross_entropy",
        rng=0,
    )
    for name, array in expected.items():
        assert desk.run.params[name] == pytest.approx(array, rel=1e-12)


def test_small_chunks_and_one_large_one_give_the_same_network():
    small, large = Desk(data="xor"), Desk(data="xor")
    for epochs in (1, 2, 2, 5):
        small.answer({"train": epochs})
    large.answer({"train": 10})
    assert small.run.losses == large.run.losses
    assert np.array_equal(small.run.params["W1"], large.run.params["W1"])


def test_accuracy_and_loss_are_those_of_a_forward_pass_by_hand():
    desk = Desk(data="moons")
    desk.step(5)
    p, X, labels = desk.run.params, desk.run.examples.X, desk.run.examples.labels
    scores = np.tanh(X @ p["W1"] + p["b1"]) @ p["W2"] + p["b2"]
    assert desk.accuracy == np.mean(scores.argmax(axis=1) == labels)
    P = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    own = -np.log(P[np.arange(len(X)), labels]).mean()
    assert desk.run.losses[-1] == pytest.approx(own) == desk.run.loss


@pytest.mark.parametrize("weight", [("W1", 1, 3), ("W2", 4, 2)])
def test_the_formula_of_a_weight_is_a_difference_of_the_loss(weight):
    desk = Desk(lr=0.5)
    desk.step(3)
    desk.answer({"weight": list(weight)})
    name, i, j = weight

    def loss(w):
        W = desk.run.params[name].copy()
        W[i, j] = w
        moved = {**desk.run.params, name: W}
        return loss_value(
            moved, desk.run.examples.X, desk.run.Y, loss="softmax_cross_entropy"
        )

    old = float(desk.run.params[name][i, j])
    slope = gradient(loss, old, method="real").value
    found = desk.formula()
    assert found["gradient"] == pytest.approx(slope, rel=1e-6)
    assert found["new"] == pytest.approx(old - 0.5 * slope, rel=1e-6)
    assert found["lines"][-1].startswith(f"{name}[{i},{j}] ← ")


def test_the_written_terms_add_up_to_the_gradient():
    X = np.array([[1.0, -2.0], [0.5, 3.0], [-1.0, 0.25]])
    desk = Desk(X, [0, 1, 1])
    desk.answer({"weight": ["W1", 1, 2]})
    found = desk.formula()
    assert found["values"] == X[:, 1].tolist()
    assert np.dot(found["values"], found["signals"]) == pytest.approx(found["gradient"])


@pytest.mark.parametrize("optimizer", ["momentum", "adagrad", "adam"])
def test_the_written_step_leads_to_the_written_weight(optimizer):
    desk = Desk(optimizer=optimizer, lr=0.1)
    desk.step(2)
    line = desk.formula()["lines"][-1].replace("\N{MINUS SIGN}", "-")
    right = line.split("← ")[1]
    sum_, result = right.split(" = ")
    sum_ = sum_.replace("·", "*").replace("√", "1*RT")
    for number in sum_.split("RT")[1:]:
        sum_ = sum_.replace(f"1*RT{number}", f"({number})**0.5")
    assert eval(sum_) == pytest.approx(float(result), rel=2e-3)


def test_the_boundary_has_the_colour_of_the_class_where_its_points_lie():
    desk = Desk()
    desk.step(200)
    state = desk.state()
    png = base64.b64decode(state["boundary"].split(",")[1])
    image = matplotlib.image.imread(io.BytesIO(png), format="png")
    side = len(image) - 1
    (left, right), (low, high) = state["window"]
    hits = []
    for (x, y), label in zip(
        desk.run.examples.X, desk.run.examples.labels, strict=True
    ):
        pixel = image[
            round(side * (high - y) / (high - low)),
            round(side * (x - left) / (right - left)),
        ]
        colour = bytes.fromhex(state["colours"][label][1:])
        hits.append(np.allclose(pixel[:3] * 255, list(colour), atol=1))
    assert np.mean(hits) > 0.97


def test_another_rate_goes_on_and_another_network_starts_anew():
    desk = Desk()
    desk.step(10)
    desk.answer({"settings": {"lr": 0.1}})
    assert desk.epoch == 10
    desk.answer({"settings": {"hidden": "2"}})
    assert desk.epoch == 0 and desk.run.params["W1"].shape == (2, 2)


def test_training_ends_with_the_run_and_can_be_started_over():
    desk = Desk(epochs=50)
    desk.answer({"train": 80})
    state = desk.state()
    assert desk.epoch == 50 and state["done"]
    desk.answer({"restart": True})
    assert desk.epoch == 0 and not desk.state()["done"]
    assert len(desk.run.losses) == 1


def test_numbers_that_overflow_stop_the_run_with_a_sentence():
    X = 1e152 * np.random.default_rng(0).standard_normal((30, 2))
    desk = Desk(X, np.arange(30) % 2, hidden="none", lr=1e6)
    desk.step(200)
    assert desk.run.halted and desk.epoch < 200
    assert np.isfinite(desk.run.losses).all()
    assert "the rate 1e+06 is too large here" in desk.sentence()
    assert desk.state()["done"]


def test_a_rate_that_is_too_large_is_named():
    desk = Desk(lr=100.0)
    desk.step(200)
    assert "A network with no idea has the loss log 3 = 1.099" in desk.sentence()


def test_own_data_and_own_network_are_used_and_not_changed():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((40, 2))
    labels = (X[:, 0] > 0).astype(int)
    params = initialise([2, 5, 2], "xavier", 1)
    kept = {name: array.copy() for name, array in params.items()}
    desk = Desk(X, one_hot(labels, 2), params, lr=0.5)
    assert desk.settings["data"] == desk.settings["hidden"] == "yours"
    desk.step(100)
    assert desk.accuracy == 1.0
    assert all(np.array_equal(params[name], kept[name]) for name in params)
    desk.answer({"restart": True})
    assert np.array_equal(desk.run.params["W1"], kept["W1"])


def test_a_network_that_does_not_fit_other_data_is_refused_and_kept():
    X, labels = np.random.default_rng(0).standard_normal((9, 2)), np.arange(9) % 2
    desk = Desk(X, labels, initialise([2, 3, 2]))
    with pytest.raises(ValueError, match="these data need 2 and 3"):
        desk.answer({"settings": {"data": "spiral"}})
    assert desk.settings["data"] == "yours"
    desk.step(1)


HUGE = {name: np.full_like(W, 1e200) for name, W in initialise([2, 3, 2]).items()}
X2, Y2 = np.random.default_rng(1).standard_normal((6, 2)), np.arange(6) % 2


@pytest.mark.parametrize(
    ("args", "settings", "words"),
    [
        ((X2[:, :1], Y2), {}, "X needs two columns"),
        ((X2[:0], Y2[:0]), {}, "at least one"),
        ((X2, Y2[:3]), {}, "there are 3 labels"),
        ((np.full((6, 2), np.nan), Y2), {}, "X holds a NaN"),
        ((X2, Y2 + 5), {}, "labels lie in 0..3"),
        ((X2, Y2 + 0.5), {}, "whole numbers"),
        ((np.zeros((9000, 2)), np.zeros(9000, int)), {}, "at most 2000 examples"),
        ((X2, Y2, {"W1": [[np.nan] * 2] * 2, "b1": [0, 0]}), {}, "W1[0, 0] is nan"),
        ((X2, Y2, HUGE), {"activation": "relu"}, "before any training"),
        ((X2, Y2, [1, 2]), {}, "params is a dict"),
        ((X2, Y2, initialise([3, 2])), {}, "your network has 3 inputs"),
        ((), {"data": "mons"}, "unknown data 'mons'"),
        ((), {"lr": 0}, "lr, the rate, is a number above 0"),
        ((), {"batch": 0}, "batch is a whole number"),
        ((), {"epochs": "many"}, "epochs is a whole number"),
        ((), {"learning_rate": 1}, "unknown setting 'learning_rate'"),
    ],
)
def test_bad_input_is_a_sentence(args, settings, words):
    with pytest.raises(ValueError) as caught:
        Desk(*args, **settings)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    "request_", [{"train": 0}, {"weight": ["W9", 0, 0]}, {"weight": ["W1", 5, 0]}]
)
def test_requests_that_cannot_be_followed(request_):
    desk = Desk()
    with pytest.raises(ValueError):
        desk.answer(request_)
    assert desk.epoch == 0 and desk.weight == ("W1", 0, 0)


def test_the_formula_writes_three_terms_and_counts_the_others():
    X = [[1.0, 2], [3, -1], [0.5, 0], [2, 2], [0, 1]]
    five = Desk(X, [0, 1, 1, 0, 1])
    three = Desk(X[:3], [0, 1, 1])
    for desk, more in ((five, " + … (2 more)"), (three, "")):
        first, terms, *_ = desk.formula()["lines"]
        assert first == "dW1[0,0] = Σₙ A0[n,0] · dZ1[n,0]"
        assert terms.startswith("= 1 · ") and terms.count(" · ") == 3
        assert terms.endswith(more) and ("more" in terms) == bool(more)


def test_norms_are_those_of_the_gradients_of_all_examples():
    desk = Desk(data="xor", hidden="4")
    desk.step(3)
    X, Y = desk.run.examples.X, desk.run.Y
    options = {"loss": "softmax_cross_entropy"}
    _, grads = loss_and_gradients(desk.run.params, X, Y, "tanh", **options)
    expected = [np.sqrt(np.sum(grads[name] ** 2)) for name in ("dW1", "dW2")]
    assert desk.run.norms[-1] == pytest.approx(expected)
    assert desk.state()["norms"] == pytest.approx(expected)
