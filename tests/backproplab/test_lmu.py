"""LMU I2DL, rows L1 to L6: the XOR network's numbers, factors, caching, any depth."""

from __future__ import annotations

from time import process_time

import numpy as np
import pytest

from backproplab import chain, costs, network, training
from backproplab.lectures import lmu
from tests.backproplab.counting import counted_forward_caching
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
    targets,
)

X, Y = np.array([1.0, 0.0]), 1.0


def xor_loss(p: dict[str, np.ndarray]) -> np.ndarray:
    return (Y - sigma(sigma(X @ p["W"] + p["b"]) @ p["u"] + p["c"])) ** 2 / 2


def published(value: object, printed: object, digits: int = 4) -> None:
    """Equal to a number printed with so many digits."""
    half = 0.5 * 10.0**-digits * (1 + 1e-9)
    np.testing.assert_allclose(value, printed, rtol=0, atol=half)


def test_L1_forward_numbers():
    values = lmu.forward(lmu.XOR, X, Y)
    published(values["z_in"], [-0.53, 1.04])
    published(values["z_out"], [0.3705, 0.7389])
    published(values["f_in"], 1.1270)
    published(values["f_out"], 0.7553)
    published(values["L"], 0.0299)
    assert abs(values["f_in"] - 1.1122) > 0.01  # the slides' slip


def test_L1_gradients_are_measured():
    assert_measured(xor_loss, lmu.XOR, of(lmu.gradients(lmu.XOR, X, Y), *lmu.XOR))


def test_L1_one_step():
    grads = lmu.gradients(lmu.XOR, X, Y)
    published(grads["du"][0], -0.0168)
    published(grads["dW"][0, 0], 0.0023)
    new = lmu.step(lmu.XOR, X, Y, rate=0.5)
    published(new["W"][0], [-0.0712, 0.9425])
    published(new["b"], [-0.4612, 0.1025])
    published(new["u"], [-0.2116, 0.5967])
    published(new["c"], 0.8026)
    values = lmu.forward(new, X, Y)
    published(values["f_out"], 0.7624)
    published(values["L"], 0.0282)


def test_L1_the_house_network_takes_the_same_step():
    params = {
        "W1": lmu.XOR["W"],
        "b1": lmu.XOR["b"],
        "W2": lmu.XOR["u"][:, None],
        "b2": lmu.XOR["c"][None],
    }
    grads = network.gradients(
        params, X[None], [[Y]], "sigmoid", "sigmoid", "half_squared"
    )
    new, slides = training.sgd_step(params, grads, 0.5), lmu.step(lmu.XOR, X, Y)
    for house, name in (("W1", "W"), ("b1", "b"), ("W2", "u"), ("b2", "c")):
        np.testing.assert_allclose(new[house].ravel(), slides[name].ravel(), rtol=1e-15)


def test_L2_five_factors():
    factors = lmu.five_factors(lmu.XOR, X, Y, j=0, k=0)
    published(factors[:2], [-0.2447, 0.1848])
    for j, k in ((0, 0), (0, 1), (1, 0), (1, 1)):
        moved = {n: w for n, w in lmu.XOR.items() if n != "W"}

        def loss(w, j=j, k=k, moved=moved):
            W = lmu.XOR["W"].astype(np.asarray(w).dtype)
            W[j, k] = w
            return xor_loss({**moved, "W": W})

        product = float(np.prod(lmu.five_factors(lmu.XOR, X, Y, j, k)))
        assert_measured(loss, float(lmu.XOR["W"][j, k]), product)


def test_L2_weights_into_one_unit_share_delta():
    weights = lmu.XOR | {"W": lmu.XOR["W"]}
    x = np.array([0.6, -1.7])
    first = lmu.five_factors(weights, x, Y, j=0, k=0)
    second = lmu.five_factors(weights, x, Y, j=1, k=0)
    assert first[:4] == second[:4]
    delta = float(np.prod(first[:4]))
    column = delta * x
    np.testing.assert_allclose(
        column, lmu.gradients(weights, x, Y)["dW"][:, 0], rtol=1e-14
    )


@pytest.mark.parametrize("sizes", [[2, 2, 1], [3, 4, 5, 2], [4, 2], [2, 3, 3, 3, 1]])
def test_L3_caching_counted_while_running(sizes: list[int]):
    assert costs.forward_caching_multiplications(sizes) == (
        counted_forward_caching(sizes)
    )


def test_L3_caching_from_the_left_wins_by_the_width_squared():
    ratios = []
    for k in (20, 40, 80):
        sizes = [k, k, k, k, 1]
        forwards = costs.forward_caching_multiplications(sizes)
        ratios.append(forwards / costs.backward_multiplications(sizes))
    assert ratios[0] > 10
    assert 3.5 < ratios[1] / ratios[0] < 4
    assert 3.5 < ratios[2] / ratios[1] < 4  # twice the width, four times the gain


def test_L3_caching_measured():
    rng = np.random.default_rng(3)
    jacobians = [rng.normal(size=(300, 300)) for _ in range(3)]
    jacobians.append(rng.normal(size=(1, 300)))
    seconds = {"left": [], "right": []}
    for _ in range(5):
        start = process_time()
        left = chain.chain_vjp(jacobians, [1.0])
        middle = process_time()
        product = jacobians[0]
        for J in jacobians[1:]:
            product = J @ product
        seconds["left"].append(middle - start)
        seconds["right"].append(process_time() - middle)
    np.testing.assert_allclose(left, product[0], rtol=1e-9)
    assert min(seconds["left"]) < min(seconds["right"]) / 3


def _any_depth(L: int, hidden: str, loss: str, output: str = "linear"):
    rng = np.random.default_rng(L)
    sizes = [3, *([4, 2, 5, 3, 4, 2][: L - 1]), 2]
    params, x = random_params(sizes, rng), rng.normal(size=(5, 3))
    return params, x, targets(loss, (5, 2), rng)


@pytest.mark.parametrize("layer", [1, 2, 3, 4])
def test_L4_recursion_of_the_error_signals(layer: int):
    params, x, y = _any_depth(4, "sigmoid", "half_squared")
    cache = network.forward(params, x, "sigmoid", "sigmoid")
    signals = network.error_signals(
        params, cache, y, "sigmoid", "sigmoid", "half_squared"
    )

    def from_here(Z):
        for above in range(layer + 1, 5):
            Z = sigma(Z) @ params[f"W{above}"] + params[f"b{above}"]
        return batch_loss("half_squared", sigma(Z), y)

    assert_measured(from_here, cache[f"Z{layer}"], signals[f"dZ{layer}"])


def test_L5_weights_and_biases_from_the_error_signals():
    params, x, y = _any_depth(3, "sigmoid", "squared")
    cache = network.forward(params, x, "sigmoid")
    signals = network.error_signals(params, cache, y, "sigmoid")
    grads = network.gradients_from_signals(cache, signals)
    assert_measured(
        lambda p: batch_loss("squared", mlp(p, x, "sigmoid"), y),
        params,
        of(grads, *params),
    )


@pytest.mark.parametrize("hidden", H)
@pytest.mark.parametrize("loss", [*LOSS, "softmax_cross_entropy"])
@pytest.mark.parametrize("L", range(1, 8))
def test_L6_any_depth(L: int, loss: str, hidden: str):
    params, x, y = _any_depth(L, hidden, loss)
    grads = network.gradients(params, x, y, hidden, loss=loss)
    assert_measured(
        lambda p: batch_loss(loss, mlp(p, x, hidden), y), params, of(grads, *params)
    )


@pytest.mark.parametrize("output", H)
def test_L6_any_output_unit(output: str):
    params, x, y = _any_depth(3, "tanh", "half_squared")
    grads = network.gradients(params, x, y, "tanh", output, "half_squared")
    assert_measured(
        lambda p: batch_loss("half_squared", mlp(p, x, "tanh", output), y),
        params,
        of(grads, *params),
    )


def test_L6_softmax_output_with_a_loss_on_its_probabilities():
    params, x, y = _any_depth(3, "tanh", "squared")
    grads = network.gradients(params, x, y, "tanh", "softmax", "squared")

    def loss(p):
        E = np.exp(mlp(p, x, "tanh"))
        return batch_loss("squared", E / E.sum(-1, keepdims=True), y)

    assert_measured(loss, params, of(grads, *params))


def test_L6_cross_entropy_takes_scores():
    params, x, y = _any_depth(2, "relu", "softmax_cross_entropy")
    value = network.loss_value(params, x, y, "relu", loss="softmax_cross_entropy")
    np.testing.assert_allclose(
        value, softmax_loss(mlp(params, x, "relu"), y).mean(), rtol=1e-14
    )
