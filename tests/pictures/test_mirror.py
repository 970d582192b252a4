"""The mirror: every signal stands under its value, every gradient under its signal."""

from __future__ import annotations

import pytest

from backproplab import network, pictures


def places(picture):
    found = [(t.get_text(), t.get_position()) for t in picture.figure.axes[0].texts]
    return dict(found)


@pytest.mark.parametrize("layers", [1, 2, 5])
def test_every_array_of_the_library_is_there_once(layers):
    params = network.zeros([2] * (layers + 1))
    cache = network.forward(params, [[1.0, 2.0]])
    signals = network.error_signals(params, cache, [[0.0, 1.0]])
    texts = [t.get_text() for t in pictures.mirror(layers).figure.axes[0].texts]
    assert all(texts.count(name) == 1 for name in [*cache, *signals])
    foot = [f"dW{layer}, db{layer}" for layer in range(1, layers + 1)]
    assert [text for text in texts if text.startswith("dW")] == foot


def test_signals_stand_under_their_values_and_gradients_under_their_signals():
    place = places(pictures.mirror(3))
    for layer in (1, 2, 3):
        Z, dZ, dW = (
            place[f"Z{layer}"],
            place[f"dZ{layer}"],
            place[f"dW{layer}, db{layer}"],
        )
        assert Z[0] == dZ[0] == dW[0]
        assert Z[1] > dZ[1] > dW[1]
        assert place[f"A{layer}"][0] == place[f"dA{layer}"][0]


def test_each_backward_step_names_what_it_multiplies_by():
    place = places(pictures.mirror(2))
    assert place["dA1"][0] < place[r"$\mathrm{W2}^T$"][0] < place["dZ2"][0]
    assert place["dZ1"][0] < place["h'(Z1)"][0] < place["dA1"][0]
    assert "h'(Z2)" not in place  # the output is linear
    assert "dW1 and db1 from dZ1 with A0" in pictures.mirror(2).alt


def test_arrows_of_the_middle_row_point_to_the_left():
    arrows = [t for t in pictures.mirror(2).figure.axes[0].texts if hasattr(t, "xyann")]
    level = [(t.xyann, t.xy) for t in arrows if t.xy[1] == t.xyann[1]]
    forward = [start[0] < end[0] for start, end in level if end[1] == 0]
    backward = [start[0] > end[0] for start, end in level if end[1] < 0]
    assert len(forward) == 5 and all(forward)
    assert len(backward) == 4 and all(backward)


@pytest.mark.parametrize("layers", [0, 6])
def test_refused(layers):
    with pytest.raises(ValueError, match="1 to 5 layers"):
        pictures.mirror(layers)
