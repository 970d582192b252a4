"""Scores of +-1000 and far beyond: finite where the truth is finite, and no warning."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest

from backproplab import graph, losses, network, neurons

HUGE = np.array([-1e6, -1000.0, -745.0, -40.0, 0.0, 40.0, 745.0, 1000.0, 1e6])


@pytest.fixture(autouse=True)
def _warnings_are_errors():
    with warnings.catch_warnings(), np.errstate(over="raise", invalid="raise"):
        warnings.simplefilter("error")
        yield


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", neurons.ACTIVATIONS)
def test_neurons_and_their_slopes(name: str, dtype: type):
    Z = HUGE.astype(dtype)
    forward, backward = neurons.ACTIVATIONS[name]
    A = forward(Z)
    assert A.dtype == dtype
    assert np.isfinite(A).all()
    assert np.isfinite(backward(np.ones_like(Z), Z, A)).all()


def test_sigmoid_keeps_its_relative_accuracy():
    for z in (-700.0, -40.0, -1.0, 0.0, 1.0, 36.0):
        exact = math.exp(z) / (1 + math.exp(z))
        assert math.isclose(neurons.sigmoid(z), exact, rel_tol=1e-15)
    assert neurons.sigmoid(-1000.0) == 0
    assert neurons.sigmoid(1000.0) == 1


def test_losses_at_large_scores():
    assert float(losses.logistic(1000.0, -1.0)) == 1000
    assert float(losses.logistic(1000.0, 1.0)) == 0
    assert math.isclose(losses.logistic(40.0, 1.0), math.exp(-40), rel_tol=1e-15)
    assert float(losses.logistic_backward(-1000.0, 1.0)) == -1
    assert float(losses.hinge(-1000.0, 1.0)) == 1001
    assert float(losses.huber(1000.0, 0.0)) == 999.5
    assert float(losses.log_sum_exp([1000.0, 1000.0])) == 1000 + math.log(2)


def test_softmax_cross_entropy_at_large_scores():
    Z = np.array([[1000.0, -1000.0, 0.0], [1000.0, 1000.0, -1000.0]])
    Y = np.array([[0.0, 1.0, 0.0], [0.0, 1.0, 0.0]])
    loss, dZ = losses.softmax_cross_entropy(Z, Y)
    assert math.isclose(loss, (2000 + math.log(2)) / 2, rel_tol=1e-15)
    np.testing.assert_allclose(dZ, [[0.5, -0.5, 0.0], [0.25, -0.25, 0.0]])


@pytest.mark.parametrize("loss", losses.LOSSES)
@pytest.mark.parametrize("hidden", ["sigmoid", "tanh", "relu"])
def test_a_network_with_huge_inputs_and_weights(hidden: str, loss: str):
    rng = np.random.default_rng(1)
    params = {"W1": 100 * rng.normal(size=(3, 4)), "b1": 1000 * rng.normal(size=4)}
    params |= {"W2": 100 * rng.normal(size=(4, 2)), "b2": np.zeros(2)}
    Y = np.array([[1.0, 0.0], [0.0, 1.0]])
    X = 1000 * rng.normal(size=(2, 3))
    value, grads = network.loss_and_gradients(params, X, Y, hidden, loss=loss)
    assert np.isfinite(value)
    assert all(np.isfinite(g).all() for g in grads.values())


def test_graph_blocks_at_large_values():
    for block in (graph.sigmoid, graph.tanh, graph.relu):
        leaf = graph.Node(HUGE)
        graph.backward(graph.total(block(leaf)))
        assert np.isfinite(leaf.g).all()
