"""Running products: what is written is the product, what is grey is the row above."""

from __future__ import annotations

import numpy as np
import pytest

from backproplab import costs, pictures
from backproplab.lectures import lmu

X, Y = np.array([1.0, 0.5]), 1.0
NAMES = ["delta", "u", "slope", "x"]


def xor_rows():
    """From the loss signal on: delta_out, u_k, the slope of unit k, x_j."""
    rows = {}
    for k in range(2):
        for j in range(2):
            first, second, *rest = lmu.five_factors(lmu.XOR, X, Y, j, k)
            rows[f"W{j + 1}{k + 1}"] = [first * second, *rest]
    return rows


def cells(picture):
    """Is the cell grey? One row per weight."""
    grey = [patch.get_hatch() is not None for patch in picture.figure.axes[0].patches]
    return np.array(grey[:16]).reshape(4, 4)


def numbers(picture):
    texts = [t.get_text() for t in picture.figure.axes[0].texts]
    found = [t for t in texts if t[:1] in "+\N{MINUS SIGN}"]
    return [float(t.replace("\N{MINUS SIGN}", "-")) for t in found if t]


def test_both_directions_end_at_the_weights_derivative():
    dW = lmu.gradients(lmu.XOR, X, Y)["dW"]
    for from_loss, column in ((True, 3), (False, 0)):
        picture = pictures.running_products(xor_rows(), NAMES, from_loss)
        found = np.array(numbers(picture)).reshape(4, 4)[:, column]
        np.testing.assert_allclose(found, dW.T.ravel(), rtol=1e-3)


def test_from_the_loss_the_second_weight_of_a_unit_reuses_all_but_its_input():
    grey = cells(pictures.running_products(xor_rows(), NAMES))
    assert grey.sum(axis=1).tolist() == [0, 3, 1, 3]


def test_from_the_weight_nothing_is_reused():
    assert not cells(pictures.running_products(xor_rows(), NAMES, False)).any()


def test_white_cells_are_the_multiplications_that_costs_counts():
    rows, outputs = xor_rows(), 2  # one product for each of the two weights u
    for from_loss, total in (
        (True, costs.backward_multiplications([2, 2, 1])),
        (False, costs.forward_caching_multiplications([2, 2, 1])),
    ):
        grey = cells(pictures.running_products(rows, NAMES, from_loss))
        made = ~(grey[:, 1:] if from_loss else grey[:, :-1])
        assert made.sum() + outputs == total


@pytest.mark.parametrize("rows", [{}, {"a": [1, 2]}, {"a": [1], "b": [1, 2]}])
def test_refused(rows):
    with pytest.raises(ValueError, match="one per name"):
        pictures.running_products(rows, ["only"])
