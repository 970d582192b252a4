"""The U curves show measured errors that follow the theory on both sides."""

from __future__ import annotations

import numpy as np
import pytest

from backproplab import pictures
from backproplab.pictures.step_sizes import difference_errors

PLACES = np.linspace(0.5, 1.5, 101)


def test_errors_shrink_with_h_and_h_squared():
    h = np.array([1e-1, 1e-2, 1e-3])
    forward, central = difference_errors(np.sin, np.cos, PLACES, h)
    np.testing.assert_allclose(forward[:-1] / forward[1:], 10, rtol=0.1)
    np.testing.assert_allclose(central[:-1] / central[1:], 100, rtol=0.1)


def test_rounding_grows_when_h_becomes_tiny():
    forward, central = difference_errors(np.exp, np.exp, PLACES, [1e-11, 1e-14])
    for error in (forward, central):
        assert 100 < error[1] / error[0] < 10_000


def test_the_curves_are_the_measured_errors():
    axes = pictures.step_sizes(np.exp, np.exp, PLACES).figure.axes[0]
    drawn = [line for line in axes.lines if line.get_marker() in ("o", "s")]
    assert len(drawn) == 2
    for line, error in zip(
        drawn,
        difference_errors(np.exp, np.exp, PLACES, drawn[0].get_xdata()),
        strict=True,
    ):
        np.testing.assert_allclose(line.get_ydata(), error)


def test_the_guess_is_marked():
    axes = pictures.step_sizes(np.exp, np.exp, PLACES, guess=1e-3).figure.axes[0]
    assert [1e-3, 1e-3] in [list(line.get_xdata()) for line in axes.lines]
    assert " your h" in [text.get_text() for text in axes.texts]


def test_an_exact_difference_quotient_can_be_drawn():
    picture = pictures.step_sizes(lambda x: 2 * x, lambda x: 2 + 0 * x, [1.0, 2.0])
    assert len(picture.png()) > 1000


@pytest.mark.parametrize("bad", [([], None), ([1.0], 0.0), ([1.0], -1.0)])
def test_bad_input_is_answered_in_one_sentence(bad):
    with pytest.raises(ValueError, match="step_sizes needs"):
        pictures.step_sizes(np.exp, np.exp, *bad)
