"""The batch picture shows one outer product per example, and their sum."""

from __future__ import annotations

import numpy as np
import pytest

from backproplab import pictures
from backproplab.layers import linear_backward

X = np.array([[1.0, 2.0, 0.5], [3.0, 1.0, -1.0]])
DZ = np.array([[1.0, -1.0], [2.0, 0.25]])


def shown(picture):
    texts = [t.get_text() for t in picture.figure.axes[0].texts]
    return [t.replace("\N{MINUS SIGN}", "-") for t in texts]


def numbers(picture):
    """The numbers in the order of drawing: x, dz, block for each example; the sum."""
    found = [t for t in shown(picture) if not t.startswith("$") and t not in "+="]
    return np.array(found, dtype=float)


def test_the_last_table_is_the_librarys_weight_gradient():
    _, dW, _ = linear_backward(DZ, X, np.zeros((3, 2)))
    np.testing.assert_allclose(numbers(pictures.batch_gradient(X, DZ))[-6:], dW.ravel())


def test_each_block_is_the_gradient_of_a_batch_of_one():
    found = numbers(pictures.batch_gradient(X, DZ))
    for n in range(2):
        x, dz, block = np.split(found[n * 11 : (n + 1) * 11], [3, 5])
        np.testing.assert_allclose(x, X[n])
        np.testing.assert_allclose(dz, DZ[n])
        _, dW, _ = linear_backward(DZ[n : n + 1], X[n : n + 1], np.zeros((3, 2)))
        np.testing.assert_allclose(block, dW.ravel())


def test_signs_and_words():
    picture = pictures.batch_gradient(X, DZ)
    assert [t for t in shown(picture) if t in ("+", "=")] == ["+", "="]
    assert "Example 2: x = 3, 1, \N{MINUS SIGN}1 times dz = 2, 0.25." in picture.alt
    assert len(picture._repr_mimebundle_()["text/html"]) > 1000


def test_no_minus_zero():
    assert "-0" not in shown(pictures.batch_gradient([[0.0, 1.0]], [[-1.0]]))


@pytest.mark.parametrize(("rows", "more"), [(2, 3), (7, 7)])
def test_refused(rows, more):
    with pytest.raises(ValueError, match="one per example"):
        pictures.batch_gradient(np.ones((rows, 2)), np.ones((more, 2)))
