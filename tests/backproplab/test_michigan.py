"""Michigan EECS 545, rows M1 to M12: neurons, factors, Jacobians, layers, trouble."""

from __future__ import annotations

import math

import numpy as np
import pytest

from backproplab import chain, datasets, graph, layers, losses, network, neurons
from backproplab.finite_differences import directional, gradient, one_sided
from backproplab.lectures import michigan
from backproplab.training import batches, initialise, train
from tests.backproplab.measuring import (
    H,
    assert_measured,
    mlp,
    of,
    random_params,
    sigma,
    softmax_loss,
)

Z7 = np.array([-3.0, -1.5, -0.2, 0.1, 0.7, 2.0, 4.0])
X3 = np.array([0.7, -1.2, 0.4])


def test_M1_neurons_forward():
    by_hand = {
        "linear": lambda z: z,
        "relu": lambda z: z if z > 0 else 0.0,
        "sigmoid": lambda z: 1 / (1 + math.exp(-z)),
        "tanh": math.tanh,
    }
    for name, f in by_hand.items():
        expected = [f(z) for z in Z7]
        np.testing.assert_allclose(neurons.ACTIVATIONS[name][0](Z7), expected, 1e-14)
    total = sum(math.exp(z) for z in Z7)
    expected = [math.exp(z) / total for z in Z7]
    np.testing.assert_allclose(neurons.softmax(Z7), expected, rtol=1e-14)


def test_M2_tanh_is_a_stretched_sigmoid_and_softmax_generalises_it():
    np.testing.assert_allclose(
        neurons.tanh(Z7), 2 * neurons.sigmoid(2 * Z7) - 1, rtol=1e-14, atol=1e-16
    )
    pairs = np.column_stack([Z7, np.zeros(7)])
    np.testing.assert_allclose(
        neurons.softmax(pairs)[:, 0], neurons.sigmoid(Z7), rtol=1e-14
    )


def test_M2_softmax_backward_is_measured():
    rng = np.random.default_rng(2)
    Z, dA = rng.normal(size=(4, 3)), rng.normal(size=(4, 3))

    def loss(Z):
        E = np.exp(Z)
        return (dA * E / E.sum(-1, keepdims=True)).sum()

    assert_measured(loss, Z, neurons.softmax_backward(dA, neurons.softmax(Z)))


def test_M3_linear_layers_compose_to_one_linear_layer():
    rng = np.random.default_rng(3)
    params, X = random_params([3, 5, 4, 2], rng), rng.normal(size=(9, 3))
    out = network.forward(params, X, "linear")["A3"]
    b = network.forward(params, np.zeros((1, 3)), "linear")["A3"][0]
    W = network.forward(params, np.eye(3), "linear")["A3"] - b
    np.testing.assert_allclose(out, X @ W + b, rtol=1e-13)
    bent = network.forward(params, X, "tanh")["A3"]
    b = network.forward(params, np.zeros((1, 3)), "tanh")["A3"][0]
    W = network.forward(params, np.eye(3), "tanh")["A3"] - b
    assert np.abs(bent - (X @ W + b)).max() > 0.1


def test_M3_a_network_is_logistic_regressions_feeding_another():
    rng = np.random.default_rng(33)
    params, X = random_params([3, 4, 1], rng), rng.normal(size=(5, 3))
    columns = []
    for unit in range(4):
        one = {"W1": params["W1"][:, [unit]], "b1": params["b1"][[unit]]}
        columns.append(network.forward(one, X, output="sigmoid")["A1"])
    last = {"W1": params["W2"], "b1": params["b2"]}
    fed = network.forward(last, np.hstack(columns), output="sigmoid")["A1"]
    whole = network.forward(params, X, "sigmoid", "sigmoid")["A2"]
    np.testing.assert_allclose(fed, whole, rtol=1e-14)


def test_M4_training_loop_until_convergence():
    X, Y = datasets.xor()
    _, history = train(
        initialise([2, 8, 1], "xavier", 1), X, Y, lr=0.2, epochs=800, batch_size=2
    )
    assert history[0] > 0.2
    assert history[-1] < 1e-4


def test_M4_the_loop_is_sample_forward_loss_backward_update():
    rng = np.random.default_rng(4)
    X, Y = rng.normal(size=(10, 3)), rng.normal(size=(10, 2))
    start = random_params([3, 4, 2], rng)
    new, history = train(start, X, Y, lr=0.1, epochs=1, batch_size=4, rng=5)
    params, total = dict(start), 0.0
    for rows in batches(10, 4, np.random.default_rng(5)):

        def loss(p, rows=rows):
            return ((mlp(p, X[rows], "tanh") - Y[rows]) ** 2).sum() / len(rows)

        total += float(loss(params)) * len(rows)
        slopes = gradient(loss, params).value
        params = {name: W - 0.1 * slopes[name] for name, W in params.items()}
    assert math.isclose(history[0], total / 10, rel_tol=1e-12)
    for name, W in params.items():
        np.testing.assert_allclose(new[name], W, rtol=1e-11, atol=1e-14)


def test_M5_jacobians_are_outputs_by_inputs():
    rng = np.random.default_rng(5)
    W, x, g = rng.normal(size=(4, 3)), rng.normal(size=3), rng.normal(size=4)
    J = chain.jacobian(lambda x: np.tanh(W @ x), x)
    assert J.shape == (4, 3)
    measured = gradient(lambda x: g @ np.tanh(W @ x), x).value
    np.testing.assert_allclose(chain.vjp(J, g), measured, rtol=1e-8)
    J_theta = chain.jacobian(lambda w: np.tanh(w.reshape(4, 3) @ x), W.ravel())
    assert J_theta.shape == (4, 12)
    measured = gradient(lambda W: g @ np.tanh(W @ x), W).value
    np.testing.assert_allclose(
        chain.vjp(J_theta, g).reshape(4, 3), measured, rtol=1e-8, atol=1e-10
    )


def test_M5_products_with_jacobians_chain_in_both_directions():
    rng = np.random.default_rng(55)
    W1, W2 = rng.normal(size=(4, 3)), rng.normal(size=(2, 4))
    x, g, v = rng.normal(size=3), rng.normal(size=2), rng.normal(size=3)
    f = lambda x: np.tanh(W2 @ np.tanh(W1 @ x))  # noqa: E731
    J1 = chain.jacobian(lambda x: np.tanh(W1 @ x), x)
    J2 = chain.jacobian(lambda h: np.tanh(W2 @ h), np.tanh(W1 @ x))
    backwards = chain.chain_vjp([J1, J2], g)
    np.testing.assert_allclose(backwards, gradient(lambda x: g @ f(x), x).value, 1e-8)
    forwards = chain.jvp(J2, chain.jvp(J1, v))
    slopes = [directional(lambda x, i=i: f(x)[i], x, v) for i in range(2)]
    np.testing.assert_allclose(forwards, slopes, rtol=1e-8)


@pytest.mark.parametrize("hidden", H)
def test_M6_one_hidden_layer_factor_by_factor(hidden: str):
    rng = np.random.default_rng(6)
    at = {
        "W": rng.normal(size=(4, 3)),
        "b": rng.normal(size=4),
        "theta": rng.normal(size=4),
        "c": rng.normal(),
    }
    values = michigan.one_hidden(X3, 0.5, **at, hidden=hidden)
    h = H[hidden]

    def from_h(hid, p=at):
        return (p["theta"] @ hid + p["c"] - 0.5) ** 2

    inside = h(at["W"] @ X3 + at["b"])
    assert_measured(lambda p: from_h(h(p["W"] @ X3 + p["b"]), p), at, of(values, *at))
    assert_measured(from_h, inside, values["dh"])
    yhat = float(at["theta"] @ inside + at["c"])
    assert_measured(lambda yhat: (yhat - 0.5) ** 2, yhat, values["dyhat"])


@pytest.mark.parametrize("hidden", H)
def test_M7_two_hidden_layers_factor_by_factor(hidden: str):
    rng = np.random.default_rng(7)
    at = {
        "W1": rng.normal(size=(4, 3)) / 2,
        "b1": rng.normal(size=4),
        "W2": rng.normal(size=(5, 4)) / 2,
        "b2": rng.normal(size=5),
        "theta": rng.normal(size=5),
        "c": rng.normal(),
    }
    values = michigan.two_hidden(X3, 0.5, **at, hidden=hidden)
    h = H[hidden]

    def from_h2(h2, p=at):
        return (p["theta"] @ h2 + p["c"] - 0.5) ** 2

    def from_h1(h1, p=at):
        return from_h2(h(p["W2"] @ h1 + p["b2"]), p)

    h1 = h(at["W1"] @ X3 + at["b1"])
    h2 = h(at["W2"] @ h1 + at["b2"])
    loss = lambda p: from_h1(h(p["W1"] @ X3 + p["b1"]), p)  # noqa: E731
    assert_measured(loss, at, of(values, *at))
    assert_measured(from_h1, h1, values["dh1"])
    assert_measured(from_h2, h2, values["dh2"])


@pytest.mark.parametrize("activation", H)
def test_M8_one_layer_classification(activation: str):
    rng = np.random.default_rng(8)
    at = {"W": rng.normal(size=(4, 3)), "b": rng.normal(size=4)}
    y = np.array([0.0, 0.0, 1.0, 0.0])
    values = michigan.classifier(X3, y, **at, activation=activation)
    h = H[activation]
    loss = lambda p: softmax_loss(h(p["W"] @ X3 + p["b"]), y)  # noqa: E731
    assert_measured(loss, at, of(values, *at))
    scores = h(at["W"] @ X3 + at["b"])
    assert_measured(lambda h: softmax_loss(h, y), scores, values["dh"])


def test_M8_softmax_cross_entropy_of_a_batch():
    rng = np.random.default_rng(88)
    Z, Y = rng.normal(size=(5, 4)), np.eye(4)[[0, 3, 3, 1, 2]]
    loss, dZ = losses.softmax_cross_entropy(Z, Y)
    np.testing.assert_allclose(loss, softmax_loss(Z, Y).mean(), rtol=1e-14)
    assert_measured(lambda Z: softmax_loss(Z, Y).mean(), Z, dZ)
    soft = np.full((5, 4), 0.25)  # targets may be probabilities
    _, dZ = losses.softmax_cross_entropy(Z, soft)
    assert_measured(lambda Z: softmax_loss(Z, soft).mean(), Z, dZ)


@pytest.mark.parametrize("N", [1, 4, 5])
def test_M9_linear_layer_in_rows(N: int):
    rng = np.random.default_rng(9)
    at = {"X": rng.normal(size=(N, 5)), "W": rng.normal(size=(5, 3))}
    at["b"], dZ = rng.normal(size=3), rng.normal(size=(N, 3))
    dX, dW, db = layers.linear_backward(dZ, at["X"], at["W"])
    loss = lambda p: (dZ * (p["X"] @ p["W"] + p["b"])).sum()  # noqa: E731
    assert_measured(loss, at, {"X": dX, "W": dW, "b": db})
    np.testing.assert_array_equal(
        layers.linear_forward(**at), at["X"] @ at["W"] + at["b"]
    )


@pytest.mark.parametrize("N", [None, 1, 4])
def test_M9_linear_layer_in_columns(N: int | None):
    rng = np.random.default_rng(9)
    tail = () if N is None else (N,)
    at = {"x": rng.normal(size=(5, *tail)), "W": rng.normal(size=(3, 5))}
    at["b"], dz = rng.normal(size=3), rng.normal(size=(3, *tail))
    dx, dW, db = layers.linear_backward_columns(dz, at["x"], at["W"])

    def forward(p):
        return p["W"] @ p["x"] + (p["b"] if N is None else p["b"][:, None])

    loss = lambda p: (dz * forward(p)).sum()  # noqa: E731
    assert_measured(loss, at, {"x": dx, "W": dW, "b": db})
    np.testing.assert_array_equal(layers.linear_forward_columns(**at), forward(at))


def test_M9_rows_columns_and_augmented_are_one_layer():
    rng = np.random.default_rng(99)
    X, W, b = rng.normal(size=(4, 5)), rng.normal(size=(5, 3)), rng.normal(size=3)
    rows = layers.linear_forward(X, W, b)
    columns = layers.linear_forward_columns(X.T, W.T, b)
    inside = layers.augment(X) @ layers.join_bias(W, b)
    np.testing.assert_allclose(columns.T, rows, rtol=1e-14)
    np.testing.assert_allclose(inside, rows, rtol=1e-14)


@pytest.mark.parametrize("name", ["linear", "sigmoid", "tanh", "relu"])
def test_M10_activation_layers(name: str):
    dA = np.linspace(-2, 3, 7)
    forward, backward = neurons.ACTIVATIONS[name]
    dZ = backward(dA, Z7, forward(Z7))
    assert_measured(lambda Z: (dA * H[name](Z)).sum(), Z7, dZ)


def test_M10_at_the_kink_relu_takes_a_slope_between_both_sides():
    left, right = one_sided(lambda z: np.maximum(z, 0).sum(), [0.0])
    ours = neurons.relu_backward([1.0], [0.0])
    assert left <= ours <= right
    Z = graph.Node([0.0])
    graph.backward(graph.total(graph.relu(Z)))
    np.testing.assert_array_equal(Z.g, ours)


def test_M11_local_rule_repeated_over_a_graph():
    rng = np.random.default_rng(11)
    at = {
        "x": rng.normal(size=3),
        "W": rng.normal(size=(4, 3)),
        "b": rng.normal(size=4),
    }
    nodes = {name: graph.Node(value, name) for name, value in at.items()}
    z = nodes["W"] @ nodes["x"] + nodes["b"]
    h = graph.sigmoid(z) * graph.tanh(z) - graph.square(nodes["b"])
    graph.backward(graph.total(h * graph.exp(nodes["x"] @ nodes["x"] * 0.1)))

    def loss(p):
        z = p["W"] @ p["x"] + p["b"]
        h = sigma(z) * np.tanh(z) - p["b"] ** 2
        return (h * np.exp(0.1 * (p["x"] @ p["x"]))).sum()

    assert_measured(loss, at, {name: node.g for name, node in nodes.items()})


def test_M11_paths_multiply_along_and_add_across():
    a = 1.3
    slopes = {("a", "p"): 2 * a, ("a", "q"): np.cos(a), ("p", "s"): 1.0}
    slopes |= {("q", "s"): 1.0, ("s", "y"): np.exp(a * a + np.sin(a)), ("a", "y"): 5.0}
    assert len(chain.paths(slopes, "a", "y")) == 3
    assert_measured(
        lambda a: np.exp(a * a + np.sin(a)) + 5 * a,
        a,
        chain.sum_over_paths(slopes, "a", "y"),
    )


def _layer_norms(hidden: str, scheme: str, depth: int = 10) -> np.ndarray:
    rng = np.random.default_rng(12)
    X, Y = rng.normal(size=(50, 20)), rng.normal(size=(50, 1))
    params = initialise([20] * depth + [1], scheme, rng)
    grads = network.gradients(params, X, Y, hidden)
    norms = [np.linalg.norm(grads[f"dW{layer}"]) for layer in range(1, depth + 1)]
    return np.array(norms)


def test_M12_gradients_fade_below_the_top_layers():
    norms = _layer_norms("sigmoid", "xavier")
    assert (norms[:-1] < norms[1:]).all()
    assert norms[0] < 1e-4 * norms[-1]
    kept = _layer_norms("relu", "he")
    assert kept[0] > 0.05 * kept[-1]


def test_M12_a_poor_start_ends_in_a_poor_place():
    X, Y = datasets.xor()
    ends = {}
    for scheme in ("zeros", "xavier"):
        start = initialise([2, 4, 1], scheme, 3)
        _, history = train(start, X, Y, lr=0.2, epochs=2000, batch_size=4)
        ends[scheme] = history[-1]
    assert math.isclose(ends["zeros"], 0.25, rel_tol=1e-9)  # predicts 1/2 everywhere
    assert ends["xavier"] < 1e-3


def test_M12_too_little_data_overfits():
    test = datasets.moons(400, 0.3, rng=1)
    gaps = {}
    for N in (12, 400):
        X, labels = datasets.moons(N, 0.3, rng=2)
        params, history = train(
            initialise([2, 30, 1], "he", 1),
            X,
            2.0 * labels[:, None] - 1,
            lr=0.02,
            epochs=40000 // N,
            batch_size=12,
            hidden="relu",
            optimizer="adam",
        )
        unseen = network.loss_value(params, test[0], 2.0 * test[1][:, None] - 1, "relu")
        gaps[N] = (history[-1], float(unseen))
    few, many = gaps[12], gaps[400]
    assert few[0] < 0.05 < few[1]
    assert many[1] < few[1] / 1.5
    assert many[1] - many[0] < (few[1] - few[0]) / 3
