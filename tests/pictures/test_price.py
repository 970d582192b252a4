"""The price: both bars of a name start at the same place and end at their ratio."""

from __future__ import annotations

import numpy as np
import pytest

from backproplab import costs, pictures

SIZES = [100, 50, 50, 1]
COUNTS = {
    "forward": costs.forward_multiplications(SIZES),
    "backward": costs.backward_multiplications(SIZES),
}
SECONDS = {"forward": 0.25, "backward": 0.75}


def ends(picture):
    return [
        [bar.get_x() + bar.get_width() for bar in group]
        for group in picture.figure.axes[0].containers
    ]


def test_bars_end_at_the_ratios_to_the_first():
    counted, timed = ends(pictures.price(COUNTS, SECONDS))
    np.testing.assert_allclose(counted, [1, COUNTS["backward"] / COUNTS["forward"]])
    np.testing.assert_allclose(timed, [1, 3])


def test_the_number_stands_at_each_bar():
    picture = pictures.price({"a": 2, "b": 50}, {"a": 1, "b": 0.5})
    texts = [t.get_text() for t in picture.figure.axes[0].texts]
    assert texts == ["× 1", "× 25", "× 1", "× 0.5"]
    assert "b: counted 25, timed 0.5." in picture.alt


def test_small_and_huge_bars_fit_on_the_paper():
    picture = pictures.price({"a": 1, "b": 1e5}, {"a": 1, "b": 1e-3})
    axes = picture.figure.axes[0]
    low, high = axes.get_xlim()
    assert low < 1e-3 and high > 2e5
    assert len(picture.png()) > 5000


def test_counted_and_timed_differ_without_colour():
    counted, timed = pictures.price(COUNTS, SECONDS).figure.axes[0].containers
    assert counted[0].get_hatch() != timed[0].get_hatch()


@pytest.mark.parametrize(
    ("counts", "seconds", "words"),
    [
        ({}, {}, "same names"),
        ({"a": 1}, {"b": 1}, "same names"),
        ({"a": 1}, {"a": 0}, "positive"),
        ({"a": -1}, {"a": 1}, "positive"),
    ],
)
def test_refused(counts, seconds, words):
    with pytest.raises(ValueError, match=words):
        pictures.price(counts, seconds)
