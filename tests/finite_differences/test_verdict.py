"""What the check says about gradients of bare losses."""

from __future__ import annotations

import math

import numpy as np
import pytest

from backproplab.finite_differences import check_gradient


def smooth(w: np.ndarray) -> float:
    return (np.exp(w) * w).sum()


W = np.array([[0.5, -1.0, 2.0], [1e-3, 0.1, -3.0]])
TRUTH = np.exp(W) * (1 + W)


def test_right_in_both_precisions_and_both_methods() -> None:
    assert check_gradient(smooth, W, TRUTH).verdict == "right"
    assert check_gradient(smooth, W, TRUTH.astype(np.float32)).verdict == "right"
    assert check_gradient(smooth, W, TRUTH, method="real").verdict == "right"


@pytest.mark.parametrize("method", ["auto", "real"])
def test_one_slightly_wrong_entry_is_found(method: str) -> None:
    wrong = TRUTH.copy()
    wrong[1, 1] *= 1 + 1e-6
    result = check_gradient(smooth, W, wrong, method=method)  # type: ignore[arg-type]
    assert result.verdict == "wrong"
    assert result.worst is not None and result.worst.place == (1, 1)
    assert result.worst.reference == pytest.approx(TRUTH[1, 1], rel=1e-9)


def test_an_error_between_rounding_and_mistake_is_undecided() -> None:
    assert check_gradient(smooth, W, TRUTH * (1 + 1e-11)).verdict == "undecided"


@pytest.mark.parametrize(
    ("gradient", "words"),
    [
        (np.zeros((3, 2)), r"shape \(3, 2\), expected \(2, 3\)"),
        (None, "does not hold numbers"),
        ({"W": TRUTH}, "has parts"),
        (np.where(W == 2, np.nan, TRUTH), r"\[0, 2\] is not finite"),
    ],
)
def test_what_is_not_a_gradient_is_wrong_with_one_sentence(
    gradient: object, words: str
) -> None:
    result = check_gradient(smooth, W, gradient)
    assert result.verdict == "wrong"
    import re

    assert re.search(words, result.reason), result.reason


def test_parts_may_come_in_any_order() -> None:
    def loss(p: dict) -> object:
        return (p["a"] ** 2).sum() * p["b"]

    x = {"a": np.array([1.0, 2.0]), "b": 3.0}
    good = {"b": 5.0, "a": np.array([6.0, 12.0])}
    assert check_gradient(loss, x, good).verdict == "right"
    bad = check_gradient(loss, x, {**good, "b": 4.0})
    assert bad.verdict == "wrong"
    assert bad.worst is not None and bad.worst[:3] == ("b", (), 4.0)


def test_a_kink_within_reach_is_undecided_not_wrong() -> None:
    def relu_sum(w: np.ndarray) -> float:
        return np.maximum(w, 0).sum()

    for answer in ([0.0, 1.0], [1.0, 1.0], [0.5, 1.0]):
        verdict = check_gradient(relu_sum, [0.0, 2.0], answer).verdict
        assert verdict in ("right", "undecided"), answer
    for answer in ([0.0, 1.0], [1.0, 1.0]):
        result = check_gradient(lambda w: float(abs(w[0]) + w[1]), [0.0, 2.0], answer)
        assert result.verdict == "undecided"
    assert check_gradient(relu_sum, [0.1, 2.0], [0.5, 1.0]).verdict == "wrong"


def test_a_real_only_loss_is_judged_too() -> None:
    def loss(w: np.ndarray) -> float:
        return sum(math.sin(v) for v in w)

    w = np.array([0.3, 2.0])
    assert check_gradient(loss, w, np.cos(w)).verdict == "right"
    assert check_gradient(loss, w, np.cos(w) * (1 + 1e-5)).verdict == "wrong"


def test_nan_loss_is_undecided() -> None:
    result = check_gradient(lambda w: w.sum() * math.nan, [1.0], [1.0])
    assert result.verdict == "undecided"


def test_an_ill_conditioned_gradient_is_undecided_not_wrong() -> None:
    def loss(w: np.ndarray) -> object:
        return np.sin(1e9 * w).sum()

    w = np.array([0.3, 0.7])
    rounded_once_more = 1e9 * np.cos(1e9 * (w * (1 + 4e-16)))
    result = check_gradient(loss, w, rounded_once_more, method="complex")
    assert result.verdict == "undecided"


def test_a_saturated_unit_that_gives_zero_is_not_wrong() -> None:
    def loss(w: np.ndarray) -> object:
        return (1 / (1 + np.exp(-w * 50))).sum()

    a = 1 / (1 + np.exp(-np.array([2.0]) * 50))
    assert (a * (1 - a) == 0).all()
    assert check_gradient(loss, [2.0], 50 * a * (1 - a)).verdict == "undecided"
