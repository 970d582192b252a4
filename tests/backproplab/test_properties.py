"""What must hold for every network and every array, searched for counterexamples."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from backproplab import chain, graph, layers, losses, network, neurons, training
from backproplab.lectures import notes
from tests.backproplab.measuring import random_params

settings.register_profile("quiet", deadline=None)
settings.load_profile("quiet")

numbers = st.floats(-100, 100, allow_subnormal=False)
seeds = st.integers(0, 2**32 - 1)
sizes = st.lists(st.integers(1, 6), min_size=2, max_size=6)
hidden = st.sampled_from(["linear", "relu", "sigmoid", "tanh"])


def close(a, b, scale=1.0):
    np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-11 * max(scale, 1e-3))


def example(layer_sizes: list[int], seed: int, N: int = 5):
    rng = np.random.default_rng(seed)
    params, X = random_params(layer_sizes, rng), rng.normal(size=(N, layer_sizes[0]))
    return params, X, rng.normal(size=(N, layer_sizes[-1]))


@given(seeds, st.sampled_from(["linear", "relu", "sigmoid", "tanh", "softmax"]))
def test_activations_are_linear_in_the_upstream(seed: int, name: str):
    rng = np.random.default_rng(seed)
    Z, p, q = (rng.normal(size=(3, 4)) for _ in range(3))
    forward, backward = neurons.ACTIVATIONS[name]
    a, b = rng.normal(size=2)
    A = forward(Z)
    whole = backward(a * p + b * q, Z, A)
    close(whole, a * backward(p, Z, A) + b * backward(q, Z, A))


@given(seeds)
def test_layers_and_graphs_are_linear_in_the_upstream(seed: int):
    rng = np.random.default_rng(seed)
    X, W = rng.normal(size=(3, 4)), rng.normal(size=(4, 2))
    p, q = rng.normal(size=(2, 3, 2))
    a, b = rng.normal(size=2)
    both = [layers.linear_backward(up, X, W) for up in (p, q)]
    whole = layers.linear_backward(a * p + b * q, X, W)
    for part, first, second in zip(whole, *both, strict=True):
        close(part, a * first + b * second)
    leaf = graph.Node(X)
    root = graph.tanh(leaf @ W) * graph.sigmoid(leaf @ W)
    slopes = []
    for upstream in (p, q, a * p + b * q):
        graph.backward(root, upstream)
        slopes.append(leaf.g)
    close(slopes[2], a * slopes[0] + b * slopes[1])


@given(sizes, seeds)
def test_flatten_and_unflatten_invert(layer_sizes: list[int], seed: int):
    params, *_ = example(layer_sizes, seed)
    vector = network.flatten(params)
    again = network.unflatten(vector, layer_sizes)
    assert list(again) == list(params)
    for name, array in params.items():
        np.testing.assert_array_equal(again[name], array)
    np.testing.assert_array_equal(network.flatten(again), vector)


@given(sizes, seeds, hidden)
def test_permuting_examples_changes_no_gradient(
    layer_sizes: list[int], seed: int, name: str
):
    params, X, Y = example(layer_sizes, seed)
    order = np.random.default_rng(seed).permutation(len(X))
    for loss in ("squared", "softmax_cross_entropy"):
        straight = network.gradients(params, X, Y, name, loss=loss)
        mixed = network.gradients(params, X[order], Y[order], name, loss=loss)
        for key, slope in straight.items():
            close(mixed[key], slope, np.abs(slope).max())


@given(sizes, seeds)
def test_permuting_hidden_units_permutes_their_gradients(
    layer_sizes: list[int], seed: int
):
    params, X, Y = example([3, *layer_sizes], seed)
    order = np.random.default_rng(seed).permutation(params["b1"].size)
    other = dict(params)
    other |= {"W1": params["W1"][:, order], "b1": params["b1"][order]}
    if "W2" in params:
        other["W2"] = params["W2"][order]
        mixed = network.gradients(other, X, Y)["dW2"]
        close(mixed, network.gradients(params, X, Y)["dW2"][order], 10)


@given(sizes, seeds, st.floats(0.01, 2))
def test_both_sign_conventions_give_the_same_new_weights(
    layer_sizes: list[int], seed: int, eta: float
):
    params, X, Y = example(layer_sizes, seed, N=1)
    kinds = ("sigmoid", "sigmoid", "half_squared")
    grads = network.gradients(params, X, Y, *kinds)
    minus = training.sgd_step(params, grads, eta)
    plus = notes.to_house(notes.step(notes.from_house(params), X[0], Y[0], eta))
    for name, W in minus.items():
        close(plus[name], W)


@given(arrays(float, (3, 4), elements=numbers), st.floats(-1000, 1000))
def test_softmax_is_shift_invariant(Z: np.ndarray, shift: float):
    Y = np.eye(4)[[0, 3, 1]]
    P = neurons.softmax(Z)
    close(neurons.softmax(Z + shift), P)
    close(P.sum(-1), 1)
    loss, dZ = losses.softmax_cross_entropy(Z, Y)
    moved, dmoved = losses.softmax_cross_entropy(Z + shift, Y)
    close(moved, loss, 2000)
    close(dmoved, dZ)
    close(dZ.sum(-1), 0)


@given(seeds, st.integers(1, 4))
def test_jacobian_products_chain_like_the_product(seed: int, depth: int):
    rng = np.random.default_rng(seed)
    widths = rng.integers(1, 5, size=depth + 1)
    jacobians = [
        rng.normal(size=(n, d)) for d, n in zip(widths, widths[1:], strict=False)
    ]
    g, product = rng.normal(size=widths[-1]), np.eye(widths[0])
    for J in jacobians:
        product = J @ product
    close(chain.chain_vjp(jacobians, g), g @ product, 100)


@given(arrays(float, (2, 3), elements=numbers), arrays(float, (3,), elements=numbers))
def test_unbroadcast_is_the_transpose_of_broadcasting(G: np.ndarray, v: np.ndarray):
    """<G, spread(v)> = <unbroadcast(G), v>."""
    close((G * v).sum(), graph.unbroadcast(G, (3,)) @ v, 1e6)


@given(sizes, seeds, hidden)
def test_repeating_every_example_changes_nothing(
    layer_sizes: list[int], seed: int, name: str
):
    params, X, Y = example(layer_sizes, seed)
    once = network.gradients(params, X, Y, name)
    twice = network.gradients(params, np.tile(X, (2, 1)), np.tile(Y, (2, 1)), name)
    for key, slope in once.items():
        close(twice[key], slope, np.abs(slope).max())
