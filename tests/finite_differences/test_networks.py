"""The engines for known networks against each other, and the bound against rounding."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from backproplab.finite_differences import (
    Network,
    check_gradient,
    gradient,
    network_gradient,
    of_network,
    running_error_bound,
)
from backproplab.losses import cross_entropy
from backproplab.neurons import linear, sigmoid
from tests.benchmarks.gradient_corpus.instances import FAMILIES, designed, draw
from tests.benchmarks.gradient_corpus.students import MISTAKES, RIGHT, backward


def relative(a: dict, b: dict) -> float:
    """Largest difference, in units of each part's largest entry."""
    pairs = [(np.asarray(a[k], float), np.asarray(b[k], float)) for k in b]
    return max(np.abs(p - q).max() / max(np.abs(q).max(), 1e-200) for p, q in pairs)


@pytest.mark.parametrize("seed", range(12))
def test_reverse_structured_and_entrywise_agree(seed: int) -> None:
    case = designed(seed, equal_sizes=seed % 2 == 0)
    network, params = case.network(), case.params
    found = network_gradient(network, params)
    assert found.method == "reverse + certificate"
    entrywise = gradient(network.loss, params, method="complex").value
    sweep, _ = of_network.forward_sweep(network, params)
    deltas = of_network.structured_deltas(network, sweep)
    structured = of_network._assemble(network, params, sweep, deltas)
    assert relative(found.value, entrywise) < 1e-13
    assert relative(structured, entrywise) < 1e-13
    for name, bound in running_error_bound(network, params).items():
        assert (np.abs(found.value[name] - entrywise[name]) <= 4 * bound).all()
        assert (bound < 1e-10 * np.abs(entrywise[name]).max()).all()


@pytest.mark.parametrize("layer", [0, 1, 2, 3])
def test_the_certificate_catches_a_broken_sweep(
    layer: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = designed(1)
    network = case.network()
    truth = gradient(network.loss, case.params, method="complex").value
    honest = of_network._reverse

    def broken(*args: Any) -> Any:
        dA, deltas = honest(*args)
        place = np.unravel_index(np.abs(deltas[layer]).argmax(), deltas[layer].shape)
        deltas[layer][place] *= 1 + 1e-9
        return dA, deltas

    monkeypatch.setattr(of_network, "_reverse", broken)
    found = network_gradient(network, case.params)
    assert found.method == "structured"
    assert relative(found.value, truth) < 1e-12


def test_an_activation_over_the_row_falls_back_to_another_engine() -> None:
    def softmax(Z: np.ndarray) -> np.ndarray:
        E = np.exp(Z - Z.real.max(-1, keepdims=True))
        return E / E.sum(-1, keepdims=True)

    random = np.random.default_rng(0)
    params = {
        "W1": random.standard_normal((3, 4)),
        "b1": random.standard_normal(4),
        "W2": random.standard_normal((4, 2)),
        "b2": random.standard_normal(2),
    }
    network = Network(
        random.standard_normal((5, 3)), [softmax, np.tanh], lambda A: (A * A).sum(1)
    )
    found = network_gradient(network, params)
    assert found.method == "complex step"
    h, unit = 1e-5, np.zeros((3, 4))
    unit[1, 2] = 1
    up, down = ({**params, "W1": params["W1"] + s * h * unit} for s in (1, -1))
    slope = (network.loss(up) - network.loss(down)) / (2 * h)
    assert found.value["W1"][1, 2] == pytest.approx(slope, rel=1e-8)
    assert check_gradient(network, params, found.value).verdict == "right"


def test_both_conventions_at_an_exact_tie_are_right_and_a_mixture_is_not() -> None:
    X = np.array([[0.0, 0.0], [1.0, 2.0]])
    params = {
        "W1": np.array([[1.0, -2.0, 0.5], [0.5, 3.0, 1.0]]),
        "b1": np.zeros(3),
        "W2": np.array([[1.0], [2.0], [-1.0]]),
        "b2": np.array([0.5]),
    }
    network = Network(
        X,
        [lambda z: np.where(np.real(z) > 0, z, 0), lambda z: z],
        lambda A: (A[:, 0] - 1) ** 2,
    )

    def student(mask_at_zero: float) -> dict:
        Z = X @ params["W1"]
        A = np.maximum(Z, 0)
        dZ2 = 2 * (A @ params["W2"] + 0.5 - 1) / 2
        mask = np.where(Z > 0, 1, np.where(Z == 0, mask_at_zero, 0))
        dZ1 = dZ2 @ params["W2"].T * mask
        return {"W1": X.T @ dZ1, "b1": dZ1.sum(0), "W2": A.T @ dZ2, "b2": dZ2.sum(0)}

    for mask_at_zero in (0.0, 1.0):
        result = check_gradient(network, params, student(mask_at_zero))
        assert result.verdict == "right", result
    assert check_gradient(network, params, student(0.3)).verdict == "wrong"


def test_long_sums_in_another_order_are_right() -> None:
    random = np.random.default_rng(0)
    D, N = 2000, 200
    half = random.standard_normal((N, D // 2))
    X = np.hstack([half, half])
    w = random.standard_normal((D // 2, 2))
    W = np.vstack([w, 1e-6 * random.standard_normal(w.shape) - w])  # Z cancels
    params = {"W1": W, "b1": np.zeros(2)}
    Y = X @ params["W1"] * 1.01
    network = Network(X, [lambda z: z], lambda A: ((A - Y) ** 2).sum(1))
    order, rows = random.permutation(D), random.permutation(N)
    Z = np.array([sum(x[order] * w[order]) for x in X for w in params["W1"].T])
    delta = 2 * (Z.reshape(N, 2) - Y) / N
    dW = sum(np.outer(X[n], delta[n]) for n in rows)
    db = sum(delta[n] for n in rows)
    result = check_gradient(network, params, {"W1": dW, "b1": db})
    assert result.verdict == "right", result.worst


@pytest.mark.parametrize("family", FAMILIES)
def test_right_passes_and_mistakes_fail_in_every_family(family: str) -> None:
    for seed in range(3000, 3003):
        case = draw(family, seed)
        network = case.network()
        with np.errstate(all="ignore"):
            rights = [backward(case, how) for how in RIGHT]
        for how, grads in zip(RIGHT, rights, strict=True):
            result = check_gradient(network, case.params, grads)
            assert result.verdict == "right", (seed, how, result.worst)
        threshold = 2e-4 if family == "f32" else 1e-9
        for how in MISTAKES:
            with np.errstate(all="ignore"):
                grads = backward(case, how)
            if (
                grads is None
                or min(relative(grads, right) for right in rights[:2]) <= threshold
            ):
                continue
            result = check_gradient(network, case.params, grads)
            assert result.verdict == "wrong", (seed, how, result.worst)


def test_three_designed_instances_kill_every_mistake() -> None:
    survivors = set(MISTAKES)
    for seed in range(12):  # every activation with every loss
        for equal in (False, True):
            case = designed(seed, equal)
            for how in tuple(survivors):
                with np.errstate(all="ignore"):
                    grads = backward(case, how)
                if grads is None:
                    continue
                result = check_gradient(case.network(), case.params, grads)
                assert result.verdict != "undecided", (seed, how)
                if result.verdict == "wrong":
                    survivors.discard(how)
    assert survivors == set()


def _real_only(z: np.ndarray) -> np.ndarray:
    return np.vectorize(math.tanh)(z)


PARTS = {
    "abs": (np.abs, np.sign, lambda A: (A * A).sum(1), lambda A: 2 * A),
    "float": (
        lambda z: np.asarray(z, float) ** 2,
        lambda z: 2 * z,
        lambda A: (A * A).sum(1),
        lambda A: 2 * A,
    ),
    "math": (
        _real_only,
        lambda z: 1 - np.tanh(z) ** 2,
        lambda A: A.sum(1),
        np.ones_like,
    ),
    "loss": (np.tanh, lambda z: 1 - np.tanh(z) ** 2, lambda A: abs(A).sum(1), np.sign),
}


@pytest.mark.parametrize("name", PARTS)
def test_a_part_that_is_not_analytic_is_measured_by_real_differences(name: str):
    activation, slope, losses, loss_slope = PARTS[name]
    random = np.random.default_rng(3)
    X, W, b = random.standard_normal((4, 3)), random.standard_normal((3, 2)), np.ones(2)
    Z = X @ W + b
    delta = loss_slope(activation(Z)) * slope(Z) / 4
    network, params = Network(X, [activation], losses), {"W1": W, "b1": b}
    right = {"W1": X.T @ delta, "b1": delta.sum(0)}
    assert network_gradient(network, params).method == "richardson"
    assert check_gradient(network, params, right).verdict == "right"
    none = {name: 0 * g for name, g in right.items()}
    assert check_gradient(network, params, none).verdict == "wrong"


def test_a_steep_activation_may_round_as_steeply():
    random = np.random.default_rng(37)
    X, W, b = random.standard_normal((6, 3)), random.standard_normal((3, 4)), np.ones(4)
    network = Network(X, [lambda z: sigmoid(50 * z)], lambda A: A.sum(1))
    A = 1 / (1 + np.exp(-50 * (X @ W + b)))
    delta = 50 * A * (1 - A) / 6
    right = {"W1": X.T @ delta, "b1": delta.sum(0)}
    assert check_gradient(network, {"W1": W, "b1": b}, right).verdict == "right"


def test_a_loss_that_rounds_to_0_is_measured_by_complex_steps() -> None:
    """Scores of 1000 leave no digit of a cross entropy of 1e-12."""
    Y = np.array([[1.0, 0.0]])
    params = {"W1": np.array([[1000.0, 972.0]]), "b1": np.zeros(2)}
    network = Network([[1.0]], [linear], lambda Z: cross_entropy(Z, Y))
    found = network_gradient(network, params)
    assert found.method == "reverse + certificate"
    assert abs(found.value["b1"][1] / np.exp(-28.0) - 1) < 1e-12
