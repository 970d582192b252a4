"""The picture of building blocks: every local derivative stands on its edge."""

from __future__ import annotations

import pytest

from backproplab import pictures

BLOCKS = {"a × b": {"a": "b", "b": "a"}, "square": {"a": "2a"}}


def placed(picture):
    return [
        (t.get_text(), t.get_position(), t.get_color())
        for t in picture.figure.axes[0].texts
    ]


def test_inputs_below_derivative_between_box_above():
    texts = placed(pictures.boxes(BLOCKS))
    height = {text: y for text, (_, y), _ in texts if text in ("square", "2a")}
    foot = min(y for _, (_, y), colour in texts if colour == pictures.FORWARD)
    assert foot < height["2a"] < height["square"]


def test_a_product_passes_the_other_factor():
    texts = placed(pictures.boxes({"a × b": BLOCKS["a × b"]}))
    x = {(text, colour): x for text, (x, _), colour in texts}
    left, right = x["a", pictures.FORWARD], x["b", pictures.FORWARD]
    assert left < right
    assert abs(x["b", pictures.BACKWARD] - left) < abs(
        x["b", pictures.BACKWARD] - right
    )
    assert abs(x["a", pictures.BACKWARD] - right) < abs(
        x["a", pictures.BACKWARD] - left
    )


def test_alt_text_says_every_derivative():
    alt = pictures.boxes(BLOCKS).alt
    assert "a × b: the local derivative is b for a, a for b." in alt
    assert "square: the local derivative is 2a for a." in alt


@pytest.mark.parametrize(
    "blocks", [{}, {"f": {}}, {"f": {"a": "1", "b": "1", "c": "1"}}]
)
def test_refused(blocks):
    with pytest.raises(ValueError, match="one or two inputs"):
        pictures.boxes(blocks)
