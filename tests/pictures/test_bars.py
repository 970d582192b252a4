"""Bars show the numbers they were given, at the right place and height."""

from __future__ import annotations

import numpy as np
import pytest

from backproplab import losses, neurons, pictures
from backproplab.shown import short

Z, Y = np.array([[2.0, 1.0, -1.0]]), np.array([[0.0, 1.0, 0.0]])
P = neurons.softmax(Z)


def softmax_rows():
    signal = losses.cross_entropy_backward(Z, Y)
    rows = {"p": P[0], "y": Y[0], "p - y": signal[0]}
    return pictures.bar_rows(rows, ["cat", "dog", "cow"], backward=["p - y"])


def test_bars_have_the_librarys_heights():
    picture = softmax_rows()
    for axes, row in zip(picture.figure.axes, (P, Y, P - Y), strict=True):
        heights = [bar.get_height() for bar in axes.patches]
        np.testing.assert_allclose(heights, row[0], atol=1e-12)


def test_backward_rows_differ_without_colour_and_print_signs():
    picture = softmax_rows()
    hatches = [axes.patches[0].get_hatch() for axes in picture.figure.axes]
    assert hatches == [None, None, "///"]
    shown = [t.get_text() for t in picture.figure.axes[2].texts]
    assert shown == [short(v, sign=True) for v in (P - Y)[0]]


def test_contributions_start_where_the_last_ended_and_end_at_the_sum():
    parts = {"a": 2.0, "b": -3.0, "c": 0.5}
    picture = pictures.contributions(parts, "sum")
    bars = picture.figure.axes[0].patches
    assert [bar.get_width() for bar in bars] == [2.0, -3.0, 0.5, -0.5]
    assert [bar.get_x() for bar in bars] == [0.0, 2.0, -1.0, 0.0]
    labels = [t.get_text() for t in picture.figure.axes[0].texts]
    assert labels == [short(v, sign=True) for v in (2.0, -3.0, 0.5, -0.5)]
    assert "Together sum: \N{MINUS SIGN}0.5." in picture.alt


@pytest.mark.parametrize(
    "draw", [softmax_rows, lambda: pictures.contributions({"a": 0})]
)
def test_same_bytes_and_nothing_small(draw):
    assert draw().png() == draw().png()
    for axes in draw().figure.axes:
        assert min(t.get_fontsize() for t in axes.texts) >= 9


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: pictures.bar_rows({}, ["a"]), "at least one row"),
        (lambda: pictures.bar_rows({"p": [1, 2]}, ["a"]), "2 numbers for 1 names"),
        (lambda: pictures.contributions({}), "1 to 12 parts"),
    ],
)
def test_bad_input_is_answered_in_one_sentence(draw, message):
    with pytest.raises(ValueError, match=message):
        draw()


def test_a_path_may_pass_through_all_units_of_a_layer():
    wide = pictures.network([2, 3, 2, 1], path=[1, 0, None, 0])
    thick = [line for line in wide.figure.axes[0].lines if line.get_linewidth() > 2]
    assert len(thick) == 1 + 2 + 2
    assert "path x2 to h(1)1 to all units of layer 2 to ŷ is" in wide.alt
