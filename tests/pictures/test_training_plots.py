"""Lines, landscapes, boundaries and images show the numbers they are given."""

from __future__ import annotations

import io

import matplotlib.image
import numpy as np
import pytest

from backproplab import datasets, pictures

X, LABELS = datasets.moons(30, rng=3)

PICTURES = {
    "lines": lambda: pictures.lines(
        {"a": [3, 2, 1], "b": [1e-3, np.nan, 10.0]}, [1, 2, 4], logx=True, logy=True
    ),
    "landscape": lambda: pictures.landscape(
        {
            "bowl": lambda s, t: (s - 0.5) ** 2 + t**2,
            "wave": lambda s, t: np.sin(3 * s) + t,
        },
        paths={"bowl": [[-1.0, -1.0], [0.0, 0.5]]},
    ),
    "boundary": lambda: pictures.boundary(
        {"left or right": lambda P: P[:, 0] > 0.5, "all 1": lambda P: np.ones(len(P))},
        X,
        LABELS,
    ),
    "images": lambda: pictures.images(datasets.digits(12)[0], list("012345678901")),
}


@pytest.fixture(params=PICTURES)
def picture(request):
    return PICTURES[request.param]()


def test_alt_text_is_in_the_html(picture):
    html = picture._repr_mimebundle_()["text/html"]
    assert len(picture.alt) > 20
    assert f'alt="{picture.alt}"' in html


def test_not_empty_and_the_same_every_time(picture):
    image = matplotlib.image.imread(io.BytesIO(picture.png()))[..., :3]
    assert 0.005 < (image.mean(axis=2) < 0.9).mean() < 0.95
    assert picture.png() == picture.png()


def test_no_text_is_small(picture):
    picture.png()
    for axes in picture.figure.axes:
        labels = axes.get_xticklabels() + axes.get_yticklabels() if axes.axison else []
        legend = axes.get_legend()
        labels += legend.get_texts() if legend else []
        sizes = [t.get_fontsize() for t in [*axes.texts, *labels, axes.title]]
        assert min(sizes, default=9) >= 9


def test_lines_draws_the_values_and_differs_by_more_than_colour():
    axes = PICTURES["lines"]().figure.axes[0]
    first, second = axes.get_lines()
    np.testing.assert_array_equal(first.get_ydata(), [3, 2, 1])
    np.testing.assert_array_equal(first.get_xdata(), [1, 2, 4])
    assert np.isnan(second.get_ydata()[1])
    assert first.get_linestyle() != second.get_linestyle()
    assert first.get_marker() != second.get_marker()
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    assert [t.get_text() for t in axes.get_legend().get_texts()] == ["a", "b"]


def test_a_shorter_line_stops_early():
    picture = pictures.lines({"whole": [1, 2, 3], "stopped": [1, 2]})
    assert len(picture.figure.axes[0].get_lines()[1].get_xdata()) == 2
    assert "stopped: from 1 at 0 to 2 at 1." in picture.alt


def test_landscape_names_the_lowest_place():
    picture = PICTURES["landscape"]()
    assert "bowl: lowest 0 at s = 0.5, t = 0;" in picture.alt
    assert "Its path begins (−1, −1), (0, 0.5) and ends at (0, 0.5)." in picture.alt
    ring, dot = picture.figure.axes[0].get_lines()[1:]
    assert (ring.get_xdata()[0], ring.get_ydata()[0]) == (-1.0, -1.0)
    assert (dot.get_xdata()[0], dot.get_ydata()[0]) == (0.0, 0.5)


def test_boundary_counts_what_is_right():
    picture = PICTURES["boundary"]()
    assert f"all 1: {int(LABELS.sum())} of 30 points right." in picture.alt
    assert picture.figure.axes[1].get_title() == f"all 1: {int(LABELS.sum())} of 30"
    drawn = sum(len(line.get_xdata()) for line in picture.figure.axes[0].get_lines())
    assert drawn == 30


def test_images_shows_the_pixels_of_each_row():
    pixels = datasets.digits(3)[0]
    axes = pictures.images(pixels, ["0", "1", "2"], columns=2).figure.axes[0]
    drawn = axes.get_images()
    for image, row in zip(drawn, pixels, strict=True):
        np.testing.assert_array_equal(image.get_array(), row.reshape(8, 8))
    assert [text.get_text() for text in axes.texts] == ["0", "1", "2"]
    left, right, bottom, top = drawn[2].get_extent()
    assert (left, right) == tuple(drawn[0].get_extent()[:2])
    assert axes.texts[2].get_position()[1] < top < bottom  # the title stands above


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: pictures.lines({}),
        lambda: pictures.lines({str(i): [1, 2] for i in range(7)}),
        lambda: pictures.lines({"a": [1, 2, 3]}, x=[1, 2]),
        lambda: pictures.landscape({}),
        lambda: pictures.boundary({}, X, LABELS),
        lambda: pictures.boundary({"a": lambda P: P[:, 0] > 0}, X[:, :1], LABELS),
        lambda: pictures.images(np.ones((2, 5)), ["a", "b"]),
        lambda: pictures.images(np.ones((2, 4)), ["a"]),
        lambda: pictures.images(np.ones((0, 4)), []),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_a_sentence(wrong):
    with pytest.raises(ValueError, match="needs|draws|has"):
        wrong()


@pytest.mark.parametrize(("x", "whole"), [([1, 2, 3], True), ([0.0, 0.5, 1.0], False)])
def test_steps_and_layers_are_never_halved(x, whole):
    picture = pictures.lines({"a": [3, 2, 1]}, x)
    ticks = picture.figure.axes[0].get_xticks()
    assert all(tick == round(tick) for tick in ticks) == whole


def test_a_legend_hides_no_line():
    hill = 0.3 * np.sin(np.pi * np.linspace(0, 1, 21)) ** 2
    series = {"from a network to the other": hill, "from a line to the next": 0 * hill}
    axes = pictures.lines(
        {**series, "a third one that is level": 0 * hill + 0.2}
    ).figure.axes[0]
    axes.figure.draw_without_rendering()
    covered = axes.get_legend().get_window_extent()
    for line in axes.lines:
        path = line.get_transform().transform_path(line.get_path())
        assert not path.intersects_bbox(covered, filled=False)
