"""Shapes: which products fit, and which are the measured gradient."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from backproplab.explorers.models.shapes import Shapes
from backproplab.layers import linear_backward


def rights(judged):
    return [name for name, entry in judged.items() if entry["verdict"] == "right"]


@pytest.mark.parametrize("sizes", list(product(range(2, 7), repeat=3))[::3], ids=str)
def test_exactly_one_product_is_each_gradient(sizes):
    for each in Shapes(*sizes).state()["rounds"]:
        assert rights(each["judged"]["dW"]) == ["Xᵀ dZ"]
        assert rights(each["judged"]["dX"]) == ["dZ Wᵀ"]
        assert rights(each["judged"]["db"]) == ["Σₙ dZ"]


def test_measured_slopes_agree_with_the_layer():
    for each in Shapes().rounds:
        dX, dW, db = linear_backward(each.dZ, each.X, each.W)
        np.testing.assert_allclose(each.measured["dX"], dX, atol=1e-8)
        np.testing.assert_allclose(each.measured["dW"], dW, atol=1e-8)
        np.testing.assert_allclose(each.measured["db"], db, atol=1e-8)


def test_shapes_decide_only_when_the_sizes_differ():
    first, square = Shapes().state()["rounds"]
    assert first["fitting"] == {"dW": ["Xᵀ dZ"], "dX": ["dZ Wᵀ"], "db": ["Σₙ dZ"]}
    assert {t: len(names) for t, names in square["fitting"].items()} == {
        "dW": 36,
        "dX": 36,
        "db": 4,
    }


@pytest.mark.parametrize(
    ("left", "right", "words"),
    [
        ("X", "dZ", "a column of dZ holds 4 examples. They do not meet."),
        ("X", "Xᵀ", "how alike two examples are"),
        ("dZᵀ", "X", "lying on their side"),
        ("X", "W", "This is Z without its b"),
        ("dZ", "Wᵀ", "dW has the shape of W: 3 × 2"),
    ],
)
def test_what_a_wrong_product_means(left, right, words):
    assert words in Shapes().rounds[0].judge("dW", left, right)["why"]


def test_in_the_square_round_letters_tell_what_sizes_cannot():
    judged = Shapes().rounds[1].judge("dW", "X", "dZ")
    assert judged["verdict"] == "wrong"
    assert "The sizes meet, the letters do not" in judged["why"]
    assert np.max(judged["gap"]) > 0.5


@pytest.mark.parametrize("bad", [0, 7, 2.5, "3", True, None])
def test_a_size_that_is_none(bad):
    with pytest.raises(ValueError, match="D must be a whole number from 1 to 6"):
        Shapes(4, bad, 2)
