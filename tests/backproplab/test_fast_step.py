"""The fast step is the textbook step: same loss, same weights, nothing else touched."""

from __future__ import annotations

import re
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backproplab import fast_step, losses, network, training
from backproplab.fast_step import in_place
from backproplab.finite_differences import gradient
from tests.backproplab.measuring import batch_loss, mlp, random_params, targets


def textbook(params, X, Y, lr, hidden, loss):
    value, grads = network.loss_and_gradients(params, X, Y, hidden, loss=loss)
    return float(value), training.sgd_step(params, grads, lr)


def follow(sizes, N, hidden, loss, dtype=float, steps=4, rtol=1e-12):
    rng = np.random.default_rng(sum(sizes) + N)
    params = {n: a.astype(dtype) for n, a in random_params(sizes, rng).items()}
    step, weights = fast_step.prepare(params, N, lr=0.05, hidden=hidden, loss=loss)
    for _ in range(steps):
        X = rng.normal(size=(N, sizes[0])).astype(dtype)
        Y = targets(loss, (N, sizes[-1]), rng).astype(dtype)
        value, params = textbook(params, X, Y, 0.05, hidden, loss)
        np.testing.assert_allclose(step(X, Y), value, rtol=rtol, atol=rtol)
        new = weights()
        assert list(new) == list(params)
        for name, W in params.items():
            assert new[name].dtype == W.dtype == dtype
            np.testing.assert_allclose(new[name], W, rtol=rtol, atol=rtol)


def laid_out(as_rows: bool):
    """Every network as rows, as if it were large, or as its size has it."""
    limit = 0 if as_rows else fast_step.IN_CACHE
    return mock.patch.object(fast_step, "IN_CACHE", limit)


@pytest.mark.parametrize("as_rows", [False, True])
@pytest.mark.parametrize("loss", losses.LOSSES)
@pytest.mark.parametrize("hidden", in_place.BENDS)
def test_equals_the_textbook_step(hidden: str, loss: str, as_rows: bool):
    with laid_out(as_rows):
        follow([3, 8, 5, 2], 6, hidden, loss)


@pytest.mark.parametrize("loss", ["squared", "softmax_cross_entropy"])
@pytest.mark.parametrize(
    "sizes", [[4, 3], [2, 1], [2, 8, 8, 1], [3, 7, 1], [5, 15, 16, 17, 4]]
)
def test_equals_the_textbook_step_at_other_depths(sizes: list[int], loss: str):
    for N in (1, 32):
        follow(sizes, N, "relu", loss)


@pytest.mark.parametrize("hidden", in_place.BENDS)
def test_equals_the_textbook_step_where_layers_are_updated_singly(hidden: str):
    sizes = [300, 180, 50, 3]
    assert network.count_weights(sizes) > fast_step.IN_CACHE
    for N in (4, 64):  # 50 N on both sides of where relu's slope changes its ways
        follow(sizes, N, hidden, "squared", steps=3, rtol=1e-11)


@pytest.mark.parametrize("as_rows", [False, True])
@pytest.mark.parametrize("hidden", in_place.BENDS)
def test_float32(hidden: str, as_rows: bool):
    with laid_out(as_rows):
        follow([3, 8, 5, 2], 6, hidden, "squared", np.float32, rtol=2e-5)


@settings(deadline=None)
@given(
    st.lists(st.integers(1, 9), min_size=2, max_size=6),
    st.integers(1, 9),
    st.sampled_from([*in_place.BENDS]),
    st.sampled_from([*losses.LOSSES]),
    st.booleans(),
)
def test_any_network(sizes: list[int], N: int, hidden: str, loss: str, as_rows: bool):
    with laid_out(as_rows):
        follow(sizes, N, hidden, loss, steps=2, rtol=1e-10)


def test_one_step_follows_the_measured_gradient():
    rng = np.random.default_rng(5)
    params, X, Y = (
        random_params([3, 4, 2], rng),
        rng.normal(size=(5, 3)),
        np.eye(5)[:, :2],
    )
    step, weights = fast_step.prepare(params, 5, lr=1.0)
    step(X, Y)
    moved = {name: params[name] - W for name, W in weights().items()}
    truth = lambda p: batch_loss("squared", mlp(p, X, "tanh"), Y)  # noqa: E731
    for name, slope in gradient(truth, params).value.items():
        np.testing.assert_allclose(moved[name], slope, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("as_rows", [False, True])
def test_arguments_are_not_changed_and_results_are_copies(as_rows: bool):
    params = random_params([3, 4, 2], np.random.default_rng(1))
    kept = {name: W.copy() for name, W in params.items()}
    with laid_out(as_rows):
        step, weights = fast_step.prepare(params, 5, lr=0.1)
    X, Y = np.ones((5, 3)), np.zeros((5, 2))
    step(X, Y)
    first = weights()
    again = {name: W.copy() for name, W in first.items()}
    step(X, Y)
    assert (X == 1).all()
    assert not Y.any()
    for name, W in kept.items():
        np.testing.assert_array_equal(params[name], W)
        np.testing.assert_array_equal(first[name], again[name])
        assert not np.array_equal(weights()[name], again[name])


@pytest.mark.parametrize("as_rows", [False, True])
def test_integers_lists_and_other_memory_orders(as_rows: bool):
    params = {"W1": [[1, 0], [2, 1]], "b1": [0, 1], "W2": [[1], [2]], "b2": [3]}
    X, Y = [[1, 2], [3, 4], [5, 6]], [[1], [0], [2]]
    ends = []
    for Xs in (
        X,
        np.array(X, float),
        np.asfortranarray(X, float),
        np.array(X, np.float32),
    ):
        with laid_out(as_rows):
            step, weights = fast_step.prepare(params, 3, lr=0.001)
        step(Xs, Y)
        ends.append(network.flatten(weights()))
    for end in ends[1:]:
        np.testing.assert_array_equal(end, ends[0])


def test_bad_input():
    params = random_params([3, 4, 2], np.random.default_rng(1))
    step, _ = fast_step.prepare(params, 5, lr=0.1)
    for X, Y in ((np.ones((4, 3)), np.ones((5, 2))), (np.ones((5, 3)), np.ones(5))):
        with pytest.raises(
            ValueError, match=re.escape(f"X is {X.shape}, Y is {Y.shape}")
        ):
            step(X, Y)
    with pytest.raises(ValueError, match="known: linear, relu"):
        fast_step.prepare(params, 5, lr=0.1, hidden="rleu")
    with pytest.raises(ValueError, match="known: half_squared"):
        fast_step.prepare(params, 5, lr=0.1, loss="mse")


@pytest.mark.parametrize("as_rows", [False, True])
def test_nan_propagates(as_rows: bool):
    params = random_params([3, 4, 2], np.random.default_rng(1))
    with laid_out(as_rows):
        step, weights = fast_step.prepare(params, 5, lr=0.1, hidden="relu")
    X = np.full((5, 3), np.nan)
    assert np.isnan(step(X, np.ones((5, 2))))
    assert np.isnan(weights()["W1"]).all()


@pytest.mark.parametrize("as_rows", [False, True])
def test_complex_numbers_are_refused(as_rows: bool):
    params = random_params([3, 4, 2], np.random.default_rng(1))
    with laid_out(as_rows):
        step, _ = fast_step.prepare(params, 5, lr=0.1)
        with pytest.raises(TypeError, match="real parameters"):
            fast_step.prepare({n: W * 1j for n, W in params.items()}, 5, lr=0.1)
    with pytest.raises(TypeError, match="complex"):
        step(np.ones((5, 3)) * 1j, np.ones((5, 2)))
