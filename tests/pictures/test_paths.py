"""Paths and Jacobians: the numbers in the pictures are the right ones."""

from __future__ import annotations

import numpy as np
import pytest

from backproplab import pictures

FORK = {("a", "n"): 2, ("n", "p"): 3, ("n", "q"): 4, ("p", "y"): 1, ("q", "y"): 1}


def texts(picture):
    found = [text.get_text() for text in picture.figure.axes[0].texts]
    return [text.replace("\N{MINUS SIGN}", "-") for text in found]


def test_every_path_with_its_product_and_the_sum():
    shown = texts(pictures.paths(FORK, "a", "y"))
    assert "a, n, p, y: 2 × 3 × 1 = 6" in shown
    assert "a, n, q, y: 2 × 4 × 1 = 8" in shown
    assert "Together 14" in shown


def test_a_long_and_a_short_path():
    edges = {("t", "x"): 2, ("x", "z"): -3, ("t", "z"): 5}
    shown = texts(pictures.paths(edges, "t", "z"))
    assert "t, z: 5" in shown and "t, x, z: 2 × -3 = -6" in shown
    assert "Together -1" in shown


def test_the_chosen_path_is_thick_and_the_others_are_not():
    axes = pictures.paths(FORK, "a", "y", ["a", "n", "q", "y"]).figure.axes[0]
    arrows = [patch for patch in axes.patches if hasattr(patch, "get_arrowstyle")]
    assert sorted(round(a.get_linewidth(), 1) for a in arrows) == [
        1.2,
        1.2,
        2.6,
        2.6,
        2.6,
    ]


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: pictures.paths(FORK, "y", "a"), "no path leads from y to a"),
        (lambda: pictures.paths(FORK, "a", "y", ["a", "y"]), "is not a path"),
        (lambda: pictures.paths({("a", "b"): 1, ("b", "a"): 1}, "a", "c"), "cycle"),
        (lambda: pictures.jacobian_product([[1, 2]], [1, 2]), "one number per row"),
        (lambda: pictures.jacobian_product([1, 2], [1]), "must be a matrix"),
        (lambda: pictures.jacobian_product(np.ones((99, 2)), np.ones(99)), "1 to 12"),
    ],
)
def test_bad_input_is_answered_in_one_sentence(draw, message):
    with pytest.raises(ValueError, match=message):
        draw()


def test_jacobian_product_shows_all_three():
    J, g = np.array([[5.0, 2.0, -1.0], [1.0, 3.0, 0.5]]), np.array([2.0, -4.0])
    shown = texts(pictures.jacobian_product(J, g))
    expected = [sum(g[n] * J[n, d] for n in range(2)) for d in range(3)]
    for number in [*J.ravel(), *g, *expected]:
        text = f"{number:+.4g}" if number else "0"
        assert text in shown


def test_an_arrow_past_other_columns_bends_over_their_nodes():
    axes = pictures.paths({**FORK, ("a", "y"): 10}, "a", "y").figure.axes[0]
    place = {text.get_text(): text.get_position() for text in axes.texts}
    assert place["10"][1] > place["p"][1] + 0.34
    assert place["10"][1] < axes.get_ylim()[1]
