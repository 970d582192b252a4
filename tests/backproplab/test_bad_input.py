"""Bad input gets one clear error: every shape, the rule they break, the known names."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable

import numpy as np
import pytest

from backproplab import (
    chain,
    datasets,
    fast_step,
    graph,
    layers,
    losses,
    network,
    neurons,
    training,
)
from backproplab.graph import Node
from backproplab.graph.blocks import TWO_INPUTS
from backproplab.lectures import cs221, lmu, michigan, notes, ubc

A23, A34, A45 = np.ones((2, 3)), np.ones((3, 4)), np.ones((4, 5))
NET = {"W1": A34, "b1": np.ones(4), "W2": A45, "b2": np.ones(5)}
BROKEN = {"W1": A34, "b1": np.ones(4), "W2": A34, "b2": np.ones(4)}
CACHE = network.forward(NET, A23)

# call: what its message must contain, both shapes and the rule they break
MISFITS: list[tuple[Callable, list[str]]] = [
    (lambda: layers.linear_forward(A23, A45, np.ones(5)),
     ["X @ W + b", "(2, 3)", "(4, 5)", "(5,)"]),
    (lambda: layers.linear_forward(A23, A34, np.ones((4, 1))),
     ["X @ W + b", "b is (4, 1)"]),
    (lambda: layers.linear_backward(A23, A34, A45), ["X.T @ dZ", "(2, 3)", "(3, 4)"]),
    (lambda: layers.linear_forward_columns(A23, A34, np.ones(3)),
     ["W @ x + b", "(2, 3)", "(3, 4)"]),
    (lambda: layers.linear_backward_columns(np.ones(2), np.ones(3), A34),
     ["dz @ x.T", "(2,)", "(3, 4)"]),
    (lambda: layers.join_bias(A34, np.ones(3)), ["[W; b]", "(3, 4)", "(3,)"]),
    (lambda: layers.augmented_backward(A23, A23, A34),
     ["dZ @ W.T", "(2, 3)", "(2, 4)"]),
    (lambda: neurons.sigmoid_backward(A23, A34), ["A * (1 - A)", "(2, 3)", "(3, 4)"]),
    (lambda: neurons.tanh_backward(A23, A34), ["1 - A^2", "(2, 3)", "(3, 4)"]),
    (lambda: neurons.relu_backward(A23, A34), ["Z > 0", "(2, 3)", "(3, 4)"]),
    (lambda: neurons.softmax_backward(A23, A34), ["sum(dA * A)", "(2, 3)", "(3, 4)"]),
    (lambda: losses.squared(np.ones(3), np.ones((3, 1))),
     ["(yhat - y)^2", "(3,)", "(3, 1)"]),
    (lambda: losses.softmax_cross_entropy(A23, A34), ["exp(Z)", "(2, 3)", "(3, 4)"]),
    (lambda: losses.softmax_cross_entropy(A23, [0, 1]), ["exp(Z)", "(2, 3)", "(2,)"]),
    (lambda: network.forward(NET, A34),
     ["A0 @ W1 + b1", "A0 is (3, 4)", "W1 is (3, 4)"]),
    (lambda: network.forward(BROKEN, A23),
     ["A1 @ W2 + b2", "A1 is (2, 4)", "W2 is (3, 4)"]),
    (lambda: network.gradients(NET, A23, np.ones((2, 4))),
     ["2 (yhat - y)", "(2, 5)", "(2, 4)"]),
    (lambda: network.gradients(NET, A23, np.ones((3, 5))), ["(2, 5)", "(3, 5)"]),
    (lambda: network.sizes(BROKEN), ["A1 @ W2", "(3, 4)"]),
    (lambda: network.error_signals(BROKEN, CACHE, np.ones((2, 5))),
     ["dZ2 @ W2.T", "(2, 5)", "(3, 4)"]),
    (lambda: training.sgd_step({"W1": A23}, {"dW1": A34}, 0.1),
     ["W1 - lr * dW1", "(2, 3)", "(3, 4)"]),
    (lambda: training.train(NET, A23, np.ones((3, 5)), lr=1, epochs=1),
     ["one row of Y", "(2, 3)", "(3, 5)"]),
    (lambda: training.least_squares(A23, np.ones(3)), ["X @ w = y", "(2, 3)", "(3,)"]),
    (lambda: chain.vjp(A23, np.ones(3)), ["J.T @ grad_h", "(2, 3)", "(3,)"]),
    (lambda: chain.jvp(A23, np.ones(2)), ["J @ dx", "(2, 3)", "(2,)"]),
    (lambda: Node(A23) + Node(A34), ["add(a, b)", "(2, 3)", "(3, 4)"]),
    (lambda: Node(A23) @ Node(A23), ["dot(a, b)", "(2, 3)"]),
    (lambda: graph.dot(np.ones((2, 2, 2)), np.ones((2, 2, 2))),
     ["dot(a, b)", "(2, 2, 2)"]),
    (lambda: layers.linear_forward(np.ones((2, 2, 3)), A34, np.ones(4)),
     ["X @ W + b", "(2, 2, 3)"]),
    (lambda: layers.linear_forward_columns(np.ones((4, 2, 2)), A34, np.ones(3)),
     ["W @ x + b", "(4, 2, 2)"]),
    (lambda: layers.augment(3), ["[X, 1]", "()"]),
    (lambda: layers.split_bias(np.ones(3)), ["[W; b]", "(3,)"]),
    (lambda: chain.jacobian(lambda x: x, np.ones((2, 2))), ["df_n/dx_d", "(2, 2)"]),
    (lambda: chain.jacobian(np.diag, np.ones(3)), ["df_n/dx_d", "(3, 3)", "(3,)"]),
    (lambda: training.descend(lambda x: np.ones(3), np.ones(2), 0.1, 1),
     ["x - eta f'(x)", "(2,)", "(3,)"]),
    (lambda: lmu.forward(lmu.XOR, [1, 0, 1], 1), ["x @ W + b", "(3,)", "(2, 2)"]),
    (lambda: lmu.gradients(lmu.XOR, np.ones((2, 2)), 1), ["x @ W + b", "x is (2, 2)"]),
    (lambda: ubc.one_hidden(1, 1, 1, 1), ["W @ z", "()"]),
    (lambda: graph.backward(graph.square(Node(A23)), np.ones(2)),
     ["upstream", "(2,)", "(2, 3)"]),
    (lambda: ubc.one_hidden(np.ones(3), 1, np.ones(2), A34),
     ["W @ z", "(3, 4)", "(3,)"]),
    (lambda: notes.forward([A34], np.ones(4)), ["W @ [o; 1]", "(3, 4)", "(5,)"]),
    (lambda: notes.output_delta(np.ones(2), np.ones(3)), ["(y - o)", "(2,)", "(3,)"]),
    (lambda: notes.hidden_delta(np.ones(2), A34, np.ones(4)),
     ["delta_next @ W_next", "(2,)", "(3, 4)"]),
    (lambda: notes.update(A23, np.ones(2), np.ones(3), 1),
     ["outer", "(2, 3)", "(4,)"]),
    (lambda: cs221.hinge_gradient(np.ones(2), np.ones(3), 1),
     ["w . phi", "(2,)", "(3,)"]),
    (lambda: cs221.two_layer(np.ones(3), 1, A45, np.ones(4)),
     ["V @ h", "(4, 5)", "(3,)"]),
    (lambda: michigan.one_hidden(np.ones(3), 1, A45, np.ones(4), np.ones(4), 1),
     ["W @ x + b", "(4, 5)", "(3,)"]),
    (lambda: michigan.one_hidden(np.ones(5), 1, A45, np.ones(4), np.ones(3), 1),
     ["theta . h + c", "(3,)", "(4,)"]),
]  # fmt: skip


@pytest.mark.parametrize(("call", "parts"), MISFITS)
def test_misfits_name_both_shapes_and_the_rule(call: Callable, parts: list[str]):
    with pytest.raises(ValueError, match=re.escape(parts[0])) as problem:
        call()
    assert all(part in str(problem.value) for part in parts), problem.value


UNKNOWN: list[tuple[Callable, str, list[str]]] = [
    (lambda: network.forward(NET, A23, "sigmiod"), "sigmiod", [*neurons.ACTIVATIONS]),
    (lambda: network.gradients(NET, A23, A23, output="no"), "no", ["softmax"]),
    (lambda: losses.batch_loss("mse", 1.0, 1.0), "mse", [*losses.LOSSES]),
    (lambda: network.gradients(NET, A23, np.ones((2, 5)), loss="mse"), "mse",
     ["squared"]),
    (lambda: ubc.one_hidden([1], 1, [1], [[1]], "softmax"), "softmax", ["sigmoid"]),
    (lambda: training.initialise([2, 1], "glorot"), "glorot", [*training.SCHEMES]),
    (lambda: training.train(NET, A23, A23, lr=1, epochs=1, optimizer="rms"), "rms",
     [*training.OPTIMIZERS]),
    (lambda: graph.apply("pow", 2, 3), "pow", [*graph.BLOCKS]),
]  # fmt: skip


@pytest.mark.parametrize(("call", "name", "known"), UNKNOWN)
def test_unknown_names_list_the_known_ones(call: Callable, name: str, known: list[str]):
    with pytest.raises(ValueError, match=f"unknown .* '{name}'; known: ") as problem:
        call()
    assert all(other in str(problem.value) for other in known)


OTHERS: list[tuple[Callable, type[Exception], str]] = [
    (lambda: network.forward({"W1": A34, "b2": A34}, A23), ValueError, "without gaps"),
    (lambda: network.depth({}), ValueError, "got none"),
    (lambda: network.zeros([3]), ValueError, "all positive"),
    (lambda: network.unflatten(np.ones(7), [2, 2]), ValueError, "has 6 weights"),
    (lambda: training.sgd_step({"W1": A23}, {"W1": A23}, 1), ValueError,
     "no gradient dW1"),
    (lambda: training.batches(5, 0), ValueError, "number of examples is a whole"),
    (lambda: training.batches(5, 2.5), ValueError, "got 2.5"),
    (lambda: training.train(NET, A23[:0], A23[:0], lr=1, epochs=1), ValueError,
     "at least 1; got 0"),
    (lambda: training.sgd_step(NET, None, 1), TypeError, "gradients are a dict"),
    (lambda: network.forward(None, A23), TypeError, "parameters are a dict"),
    (lambda: network.zeros([3, 2.5]), ValueError, "whole"),
    (lambda: network.zeros(3), ValueError, "D_0, ..., D_L"),
    (lambda: network.gradients(NET, np.ones(3), np.ones(5)), ValueError,
     "X is (N, 3), one row for each example; got shape (3,)"),
    (lambda: network.loss_value(NET, np.ones((2, 2, 3)), A23), ValueError, "(2, 2, 3)"),
    (lambda: network.loss_value(NET, A23[:0], np.ones((0, 5))), ValueError, "none"),
    (lambda: network.error_signals(NET, {"A0": A23}, A23), ValueError, "no A2"),
    (lambda: fast_step.prepare(NET, 0, lr=1), ValueError, "at least 1; got 0"),
    (lambda: losses.huber(1, 0, threshold=-1), ValueError, "positive"),
    (lambda: losses.log_sum_exp([]), ValueError, "K at least 1"),
    (lambda: neurons.softmax(3), ValueError, "got shape ()"),
    (lambda: datasets.spirals(5, classes=0), ValueError, "classes is a whole number"),
    (lambda: datasets.digits(2.5), ValueError, "got 2.5"),
    (lambda: lmu.forward({"W": A23}, [1, 0], 1), ValueError, "without b, u, c"),
    (lambda: lmu.forward(lmu.XOR, [1, 0], [1, 0]), ValueError, "y is one number"),
    (lambda: ubc.one_hidden([1], [1, 2], [1], [[1]]), ValueError, "y is one number"),
    (lambda: cs221.two_layer([1], [1, 2], [[1]], [1]), ValueError, "y is one number"),
    (lambda: michigan.one_hidden([1], 1, [[1]], [1], [1], [1, 2]), ValueError,
     "c is one number"),
    (lambda: notes.step([], [1], [1], 0.1), ValueError, "at least one"),
    (lambda: notes.deltas([A23, A23], [np.ones(2)], [1, 2]), ValueError, "got 1"),
    (lambda: graph.apply("add", 1), ValueError, "add has 2 inputs, got 1"),
    (lambda: graph.apply("exp", 1, 2), ValueError, "exp has 1 input, got 2"),
    (lambda: graph.backward(3.0), TypeError, "root is a Node, got 3.0"),
    (lambda: np.dot(Node([1, 2]), Node([3, 4])), TypeError, "np.dot does not work"),
    (lambda: network.forward(NET, A23, ["tanh"]), ValueError, "known: linear"),
    (lambda: datasets.moons(0), ValueError, "at least 1"),
    (lambda: losses.one_hot([0, 3], 3), ValueError, "0..2"),
    (lambda: losses.one_hot([0.5], 3), ValueError, "integers"),
    (lambda: graph.backward(Node([1.0, 2.0])), ValueError, "must be a number"),
    (lambda: neurons.relu("text"), TypeError, "expected numbers"),
    (lambda: neurons.sigmoid([[1], [2, 3]]), ValueError, "inhomogeneous"),
    (lambda: chain.chain_derivative([np.exp], [], 1), ValueError, "one derivative"),
    (lambda: chain.sum_over_paths({("a", "b"): 1, ("b", "a"): 1}, "a", "c"),
     ValueError, "cycle: a -> b -> a"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "kind", "part"), OTHERS)
def test_other_bad_input(call: Callable, kind: type[Exception], part: str):
    with pytest.raises(kind, match=re.escape(part)):
        call()


def test_integers_are_promoted_everywhere():
    whole = {name: np.full(a.shape, 2, dtype=int) for name, a in NET.items()}
    X, Y = np.arange(6).reshape(2, 3), np.arange(10).reshape(2, 5)
    for loss in losses.LOSSES:
        for hidden in neurons.ACTIVATIONS:
            grads = network.gradients(whole, X, Y, hidden, loss=loss)
            floats = {name: a.astype(float) for name, a in whole.items()}
            same = network.gradients(floats, X * 1.0, Y * 1.0, hidden, loss=loss)
            for name, slope in grads.items():
                assert slope.dtype == float
                np.testing.assert_array_equal(slope, same[name])
    assert Node([1, 2]).f.dtype == float
    assert chain.jacobian(lambda x: x * x, [1, 2]).dtype == float


def test_float32_stays_float32():
    small = {name: a.astype(np.float32) for name, a in NET.items()}
    X, Y = A23.astype(np.float32), np.ones((2, 5), np.float32)
    for loss in losses.LOSSES:
        for hidden in neurons.ACTIVATIONS:
            value, grads = network.loss_and_gradients(small, X, Y, hidden, loss=loss)
            assert {value.dtype, *(g.dtype for g in grads.values())} == {
                np.dtype(np.float32)
            }, (loss, hidden)


@pytest.mark.parametrize("loss", losses.LOSSES)
@pytest.mark.parametrize("hidden", neurons.ACTIVATIONS)
def test_nan_propagates_and_nothing_raises(hidden: str, loss: str):
    X = A23.copy()
    X[0, 0] = np.nan
    with np.errstate(all="raise", invalid="ignore"):
        value, grads = network.loss_and_gradients(
            NET, X, np.ones((2, 5)), hidden, loss=loss
        )
    assert np.isnan(value)
    assert np.isnan(grads["dW1"]).any()
    _, history = training.train(NET, X, np.ones((2, 5)), lr=0.1, epochs=2, loss=loss)
    assert np.isnan(history[-1])


def test_least_squares_of_nan_is_nan():
    X = np.array([[1.0, np.nan], [2.0, 1.0]])
    assert np.isnan(training.least_squares(X, np.ones((2, 3)))).all()
    assert training.least_squares(X, np.ones((2, 3))).shape == (2, 3)


def test_a_matrix_of_the_old_kind_is_a_plain_array():
    """With np.matrix, dA * A * (1 - A) would be products of matrices."""
    dA, A = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[0.5, 0.25], [0.1, 0.2]])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        old = neurons.sigmoid_backward(np.matrix(dA), np.matrix(A))
    assert type(old) is np.ndarray
    np.testing.assert_array_equal(old, dA * A * (1 - A))


def test_one_row_of_scores_is_one_example():
    """Not K examples: the loss must not be divided by the number of classes."""
    scores, target = np.array([1.0, 2.0, 0.5]), np.array([0.0, 1.0, 0.0])
    loss, dZ = losses.softmax_cross_entropy(scores, target)
    rows = losses.softmax_cross_entropy(scores[None], target[None])
    assert loss == rows[0]
    np.testing.assert_array_equal(dZ, rows[1][0])


@pytest.mark.parametrize("op", graph.BLOCKS)
def test_nan_propagates_through_every_block(op: str):
    a = Node(np.array([np.nan, 1.0]))
    out = graph.apply(op, a, [2.0, 3.0]) if op in TWO_INPUTS else graph.apply(op, a)
    graph.backward(graph.total(out))
    assert np.isnan(out.f).any()
    assert a.g.shape == (2,)
