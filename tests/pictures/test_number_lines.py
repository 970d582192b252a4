"""The stacked number lines show the measured nudges, in one scale."""

from __future__ import annotations

import numpy as np
import pytest

from backproplab import pictures

CHAIN = {"t = 2x + 3": lambda x: 2 * x + 3, "g = t²": lambda t: t**2, "h": np.exp}


def bars(picture):
    """The length of every thick bar, from top to bottom."""
    thick = [line for line in picture.figure.axes[0].lines if line.get_linewidth() > 3]
    return [float(np.diff(line.get_xdata())[0]) for line in thick]


def test_bars_are_the_nudges_in_one_scale():
    x, nudge = -1.0, 0.01
    expected = [nudge]
    for stage in range(1, 4):
        ends = []
        for value in (x, x + nudge):
            for function in list(CHAIN.values())[:stage]:
                value = function(value)
            ends.append(value)
        expected.append(ends[1] - ends[0])
    np.testing.assert_allclose(bars(pictures.number_lines(CHAIN, x, nudge)), expected)


def test_a_negative_factor_points_to_the_left():
    assert bars(pictures.number_lines({"b": lambda a: -2 * a}, 3.0, 0.5)) == [0.5, -1.0]


def test_factors_are_printed_and_in_the_alt_text():
    picture = pictures.number_lines({"b = a²": lambda a: a * a}, 3.0, 0.5)
    texts = [text.get_text() for text in picture.figure.axes[0].texts]
    assert "× 6.5" in texts
    assert "b = a² = 9, nudged by +3.25: times 6.5." in picture.alt


def test_a_dead_nudge_can_be_drawn():
    picture = pictures.number_lines(
        {"b": lambda a: 0 * a, "c": lambda b: b + 1}, 1.0, 0.1
    )
    assert bars(picture) == [0.1, 0.0, 0.0]
    assert "× ?" in [text.get_text() for text in picture.figure.axes[0].texts]


def test_texts_do_not_run_out_of_the_picture():
    for x, nudge in ((-1.0, 0.01), (-1.5, 0.01), (-1.7, 0.01), (-1.0, -0.01)):
        axes = pictures.number_lines(CHAIN, x, nudge).figure.axes[0]
        low, high = axes.get_xlim()
        for text in axes.texts:
            assert low < text.get_position()[0] < high


@pytest.mark.parametrize("bad", [({}, 1.0, 0.1), (CHAIN, 1.0, 0.0)])
def test_bad_input_is_answered_in_one_sentence(bad):
    with pytest.raises(ValueError, match="number_lines needs"):
        pictures.number_lines(*bad)
