"""The handwritten notes, rows N1 to N10: chain rule, descent, minus-delta."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

from backproplab import chain, layers, losses, network, neurons, training
from backproplab.finite_differences import directional, gradient
from backproplab.lectures import notes
from tests.backproplab.measuring import (
    assert_measured,
    batch_loss,
    mlp,
    of,
    random_params,
    sigma,
)

AT = (-1.3, -0.4, 0.0, 0.2, 0.9)


@pytest.mark.parametrize("x", AT)
def test_N1_two_functions(x: float):
    functions = [lambda a: a * a, np.exp]
    slope = chain.chain_derivative(functions, [lambda a: 2 * a, np.exp], x)
    assert_measured(lambda x: np.exp(x * x), x, slope)
    assert chain.compose(*functions)(x) == math.exp(x * x)


@pytest.mark.parametrize("x", AT)
def test_N2_three_functions_and_the_erratum(x: float):
    functions = [lambda a: 2 * a + 3, lambda a: a * a, np.exp]
    slopes = [lambda a: 2, lambda a: 2 * a, np.exp]
    slope = chain.chain_derivative(functions, slopes, x)
    h = lambda x: np.exp((2 * x + 3) ** 2)  # noqa: E731
    assert_measured(h, x, slope)
    printed = 6 * (2 * x + 3) * h(x)
    assert abs(printed / gradient(h, x).value - 1.5) < 1e-12


def test_N2_every_factor_is_the_slope_at_its_own_input():
    functions = [lambda a: 2 * a + 3, lambda a: a * a, np.exp]
    slopes = [lambda a: 2, lambda a: 2 * a, np.exp]
    inputs = chain.chain_values(functions, -1.2)
    factors = chain.chain_factors(functions, slopes, -1.2)
    for function, at, factor in zip(functions, inputs, factors, strict=False):
        assert_measured(function, at, factor)


def test_N3_perceptron_computes_and():
    X = [[0, 0], [0, 1], [1, 0], [1, 1]]
    net = layers.linear_forward(X, [[1], [1]], [-1.5])
    assert neurons.threshold(net).ravel().tolist() == [0, 0, 0, 1]


def test_N3_a_threshold_gives_descent_nothing_to_follow():
    def loss(w):
        return 0.5 * float((neurons.threshold(w @ [1.0, 2.0]) - 1) ** 2)

    for w in ([-1.0, 0.1], [-0.3, -2.0]):
        assert loss(np.array(w)) == 0.5
        np.testing.assert_array_equal(gradient(loss, w).value, [0, 0])
    assert "threshold" not in neurons.ACTIVATIONS


def test_N4_gradient_descent_follows_the_measured_slope():
    f = lambda x: (x - 3) ** 4 + x * x  # noqa: E731
    path = training.descend(lambda x: 4 * (x - 3) ** 3 + 2 * x, 0.5, 0.02, 40)
    for before, after in zip(path, path[1:], strict=False):
        measured = before - 0.02 * gradient(f, float(before)).value
        assert math.isclose(after, measured, rel_tol=1e-14)
        assert f(after) <= f(before)
    assert abs(gradient(f, float(path[-1])).value) < 1e-3


def test_N4_too_large_a_step_climbs():
    parabola = [float(x) for x in training.descend(lambda x: 2 * x, 1.0, 1.1, 5)]
    assert all(abs(b) > abs(a) for a, b in zip(parabola, parabola[1:], strict=False))


def test_N5_sigmoid_and_its_slope():
    Z = np.linspace(-5, 5, 11)
    for z, a in zip(Z, neurons.sigmoid(Z), strict=True):
        assert math.isclose(a, 1 / (1 + math.exp(-z)), rel_tol=1e-15)
    dZ = neurons.sigmoid_backward(np.ones(11), neurons.sigmoid(Z))
    assert_measured(lambda Z: sigma(Z).sum(), Z, dZ)


def test_N6_nested_functions_with_the_bias_inside():
    rng = np.random.default_rng(6)
    params, x = random_params([3, 4, 2], rng), rng.normal(size=3)
    W0, W1 = notes.from_house(params)
    assert W0.shape == (4, 3 + 1)
    assert W1.shape == (2, 4 + 1)
    nested = sigma(W1 @ np.append(sigma(W0 @ np.append(x, 1)), 1))
    np.testing.assert_allclose(notes.forward([W0, W1], x)[-1], nested, rtol=1e-14)
    house = network.forward(params, x[None], "sigmoid", "sigmoid")["A2"]
    np.testing.assert_allclose(house, nested[None], rtol=1e-14)


def test_N6_counting_and_flattening_all_weights():
    rng = np.random.default_rng(66)
    params = random_params([3, 4, 5, 2], rng)
    vector = network.flatten(params)
    assert vector.shape == (network.count_weights([3, 4, 5, 2]),) == (53,)
    X, Y = rng.normal(size=(4, 3)), rng.normal(size=(4, 2))
    grads = network.gradients(params, X, Y)
    assert_measured(
        lambda v: batch_loss("squared", mlp(_unflat(v), X, "tanh"), Y),
        vector,
        network.flatten(grads),
    )


def _unflat(vector: np.ndarray) -> dict[str, np.ndarray]:
    """Parameters of 3-4-5-2 cut from the vector by hand."""
    shapes = {"W1": (3, 4), "b1": 4, "W2": (4, 5), "b2": 5, "W3": (5, 2), "b3": 2}
    ends = np.cumsum([int(np.prod(shape)) for shape in shapes.values()])[:-1]
    pieces = np.split(vector, ends)
    return {
        name: piece.reshape(shape)
        for (name, shape), piece in zip(shapes.items(), pieces, strict=True)
    }


def test_N7_full_batch_is_the_mean_of_single_examples():
    rng = np.random.default_rng(7)
    params = random_params([3, 4, 2], rng)
    X, Y = rng.normal(size=(6, 3)), rng.normal(size=(6, 2))
    lecture = lambda p: ((mlp(p, X, "sigmoid") - Y) ** 2).sum() / 2  # noqa: E731
    grads = network.gradients(params, X, Y, "sigmoid", loss="half_squared")
    assert_measured(lecture, params, {n: 6 * g for n, g in of(grads, *params).items()})
    for batches in (
        [[0, 1, 2, 3, 4, 5]],
        [[0, 1], [2, 3], [4, 5]],
        [[i] for i in range(6)],
    ):
        parts = [
            network.gradients(params, X[b], Y[b], "sigmoid", loss="half_squared")
            for b in batches
        ]
        for name in grads:
            mean = sum(part[name] for part in parts) / len(parts)
            np.testing.assert_allclose(mean, grads[name], rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("size", [None, 4, 1])
def test_N7_full_batch_mini_batch_and_stochastic_descent_learn(size: int | None):
    rng = np.random.default_rng(77)
    X = rng.normal(size=(32, 2))
    Y = np.tanh(X @ [[1.0], [-2.0]])
    steps: list[int] = []
    _, history = training.train(
        random_params([2, 5, 1], rng), X, Y, lr=0.05, epochs=60, batch_size=size,
        loss="half_squared", callback=lambda epoch, params, loss: steps.append(epoch),
    )  # fmt: skip
    assert len(history) == len(steps) == 60
    assert history[-1] < history[0] / 2


def test_N7_every_example_is_seen_once_an_epoch():
    for size, expected in ((None, 1), (4, 3), (1, 10)):
        batches = training.batches(10, size, rng=1)
        assert len(batches) == expected
        assert sorted(np.concatenate(batches)) == list(range(10))
    assert any(
        not np.array_equal(a, b)
        for a, b in zip(
            training.batches(10, 4, 1), training.batches(10, 4, 2), strict=True
        )
    )


def _example() -> tuple[list[np.ndarray], np.ndarray, np.ndarray]:
    rng = np.random.default_rng(8)
    weights = [
        rng.normal(size=(4, 3)),
        rng.normal(size=(3, 5)),
        rng.normal(size=(2, 4)),
    ]
    return weights, rng.normal(size=2), np.array([0.2, 0.9])


def _lecture_loss(weights: dict[str, np.ndarray], x: np.ndarray, y: np.ndarray):
    o = x
    for W in weights.values():
        o = sigma(W[:, :-1] @ o + W[:, -1])
    return ((y - o) ** 2).sum() / 2


def test_N8_output_delta_is_minus_the_slope_at_the_net_input():
    net, y = np.array([0.3, -1.1, 2.0]), np.array([1.0, 0.0, 0.4])
    delta = notes.output_delta(y, sigma(net))
    assert_measured(lambda net: ((y - sigma(net)) ** 2).sum() / 2, net, -delta)


def test_N8_update_goes_down_along_the_measured_gradient():
    weights, x, y = _example()
    at = {str(i): W for i, W in enumerate(weights)}
    new = notes.step(weights, x, y, eta=0.5)
    measured = gradient(lambda p: _lecture_loss(p, x, y), at).value
    for name, W in at.items():  # w + eta delta o is w - eta dL/dw
        expected = W - 0.5 * measured[name]
        np.testing.assert_allclose(new[int(name)], expected, rtol=1e-14, atol=1e-16)
    before = _lecture_loss(at, x, y)
    assert _lecture_loss(dict(enumerate(new)), x, y) < before  # type: ignore[arg-type]


@pytest.mark.parametrize("layer", [0, 1])
def test_N9_hidden_delta_sums_over_all_downstream_units(layer: int):
    weights, x, y = _example()
    outputs = notes.forward(weights, x)
    deltas = notes.deltas(weights, outputs, y)
    net = np.log(outputs[layer + 1] / (1 - outputs[layer + 1]))

    def loss(net):
        o = sigma(net)
        for W in weights[layer + 1 :]:
            o = sigma(W[:, :-1] @ o + W[:, -1])
        return ((y - o) ** 2).sum() / 2

    np.testing.assert_allclose(
        deltas[layer], -gradient(loss, net).value, rtol=1e-11, atol=1e-16
    )


def test_N9_the_bias_input_is_one_and_passes_nothing_down():
    weights, x, y = _example()
    outputs = notes.forward(weights, x)
    moved = [W.copy() for W in weights]
    for W in moved[1:]:
        W[:, -1] = 99.0
    ours = notes.deltas(weights, outputs, y)
    theirs = notes.deltas(moved, outputs, y)
    np.testing.assert_array_equal(ours[0], theirs[0])
    W = notes.update(np.zeros((2, 4)), np.array([3.0, 5.0]), np.ones(3) * 7, eta=1)
    assert W[:, -1].tolist() == [3, 5]
    dX, dW = layers.augmented_backward([[1.0, 2.0]], [[3.0, 4.0, 5.0]], np.ones((4, 2)))
    assert dX.shape == (1, 3)
    assert dW[-1].tolist() == [1, 2]


def test_N9_both_sign_conventions_give_the_same_new_weights():
    weights, x, y = _example()
    params = notes.to_house(weights)
    grads = network.gradients(
        params, x[None], y[None], "sigmoid", "sigmoid", "half_squared"
    )
    down = notes.from_house(training.sgd_step(params, grads, lr=0.5))
    for ours, theirs in zip(notes.step(weights, x, y, 0.5), down, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-14, atol=1e-16)


def test_N10_least_squares_has_no_slope_left():
    rng = np.random.default_rng(10)
    X, y = rng.normal(size=(20, 3)), rng.normal(size=20)
    w = training.least_squares(X, y)
    loss = lambda w: ((X @ w - y) ** 2).sum() / 2  # noqa: E731
    assert np.abs(gradient(loss, w).value).max() < 1e-12
    for direction in np.eye(3):
        assert abs(directional(loss, w + direction, direction)) > 1


def test_N10_least_squares_equals_the_formula_in_exact_arithmetic():
    X, y = [[1, 1], [2, 1], [4, 1]], [2, 3, 8]
    a = sum(Fraction(r[0] * r[0]) for r in X)
    b = sum(Fraction(r[0]) for r in X)
    p = sum(Fraction(r[0] * t) for r, t in zip(X, y, strict=True))
    q = Fraction(sum(y))
    det = 3 * a - b * b  # (X^T X)^-1 X^T y for a line, by Cramer's rule
    exact = [float((3 * p - b * q) / det), float((a * q - b * p) / det)]
    np.testing.assert_allclose(training.least_squares(X, y), exact, rtol=1e-14)


def test_N10_descent_reaches_the_closed_form_and_lstsq_survives_what_inverses_do_not():
    rng = np.random.default_rng(11)
    X, y = rng.normal(size=(20, 3)), rng.normal(size=20)
    path = training.descend(lambda w: X.T @ (X @ w - y) / 20, np.zeros(3), 0.5, 500)
    np.testing.assert_allclose(path[-1], training.least_squares(X, y), rtol=1e-10)
    twice = np.column_stack([X, X[:, 0]])  # X^T X has no inverse
    w = training.least_squares(twice, y)
    best = ((X @ path[-1] - y) ** 2).sum()
    assert abs(((twice @ w - y) ** 2).sum() - best) < 1e-10 * best


def test_N7_batch_loss_is_the_lecture_sum_over_n():
    Y, Yhat = np.array([[1.0, 2.0], [0.0, 1.0]]), np.array([[0.0, 2.0], [3.0, -1.0]])
    by_hand = 0.5 * (1 + 0 + 9 + 4)
    assert float(losses.batch_loss("half_squared", Yhat, Y)) == by_hand / 2
