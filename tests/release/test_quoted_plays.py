"""Numbers that lessons 13 and 14 quote from their cells and explorers."""

from __future__ import annotations

import contextlib
import io
from functools import cache
from typing import Any

import numpy as np
import pytest

from autograder import release
from backproplab.datasets import moons
from backproplab.explorers.models.depth_lab import Depth
from backproplab.explorers.models.descent_race import Race
from backproplab.explorers.models.training_desk import Desk
from tests.release.test_quoted_numbers import quotes

SOURCES = {source.stem[:2]: source for source in release.sources()}


@cache
def desk(**settings: Any) -> Desk:
    found = Desk(
        *(() if "data" in settings else moons(200, noise=0.15, rng=1)), **settings
    )
    found.step(200)
    return found


def right(**settings: Any) -> int:
    found = desk(**settings)
    return round(found.accuracy * len(found.run.Y))


def ran(lesson: str, *cells: str) -> tuple[dict[str, Any], str]:
    """The names and the output of a solved lesson's cells."""
    names: dict[str, Any] = {}
    told = io.StringIO()
    with contextlib.redirect_stdout(told):
        for cell in release.solved(SOURCES[lesson]).cells:
            if cell["id"] in cells:
                exec(cell.source, names)
    return names, told.getvalue()


def test_13_lines_above_their_chord():
    quotes("13", "85 of 200; and 172 if you take every three places in a row")
    cells = ("setup", "reveal-mean", "above_chord", "reveal-chords")
    names, told = ran("13", *cells)
    assert names["counts"] == [0, 85]
    assert "three places in a row: 172" in told
    assert sum(p.size for p in names["start"]([2, 8, 2]).values()) == 42
    quotes("13", "(42 in the net below)")


@pytest.mark.parametrize(
    ("settings", "text", "wanted"),
    [
        ({}, "at first: all 200 points, 100 %", 200),
        ({"hidden": "none"}, "No hidden layer: 184 of 200 points", 184),
        ({"lr": 10.0}, "ends with 182 points", 182),
        ({"batch": None}, "Batch *all*: 196, worse", 196),
        ({"hidden": "2"}, "2 units: 183, no better", 183),
        ({"data": "spiral"}, "With 8 units it is all 300", 300),
    ],
)
def test_13_the_training_desk(settings, text, wanted):
    quotes("13", text)
    assert right(**settings) == wanted


def test_13_the_spiral_without_a_hidden_layer():
    quotes("13", "The linear model gets about 60 %")
    assert desk(data="spiral", hidden="none").accuracy == pytest.approx(0.6, abs=0.03)


def test_13_the_rate_10_stays_above_a_blind_guess():
    quotes("13", "far above $\\log 2$, and ends")
    assert np.median(desk(lr=10.0).run.losses[:100]) > 2 * np.log(2)


def level(**settings: Any) -> tuple[Depth, float, float]:
    """A lab, the signal's factor per hidden layer going down, and altogether."""
    lab = Depth(**settings)
    first, last = lab.signals[0], lab.signals[-2]
    return lab, (first / last) ** (1 / (len(lab.signals) - 2)), first / lab.signals[-1]


def test_14_the_depth_lab():
    quotes(
        "14",
        "Layer 1 learns least: the signal shrinks to about a fifth in each layer",
        "ReLU with *xavier* loses a third of the signal in every layer",
        "by a factor of 1.6 per layer",
        "half a million times larger",
    )
    lab, factor, _ = level(depth=12, activation="sigmoid")
    assert lab.least == 1 and factor == pytest.approx(0.2, abs=0.03)
    for activation, scheme in (("tanh", "xavier"), ("relu", "he")):
        assert level(activation=activation, scheme=scheme)[1] > 0.8
    assert level(activation="relu")[1] == pytest.approx(2 / 3, abs=0.03)
    lab, factor, _ = level(activation="tanh", depth=30, scale=4.0)
    assert lab.least == 30 and f"{factor:.1f}" == "1.6"
    assert lab.gradients[0] / lab.gradients[29] == pytest.approx(5e5, rel=0.1)


def test_14_more_in_the_depth_lab():
    quotes(
        "14",
        "falls by a factor of 600",
        "It takes about 12, and then three quarters of the slopes in layer 1",
        "the signal shrinks by a factor of a hundred, and still all layers learn alike",
    )
    assert 1 / level(scale=4.0)[2] == pytest.approx(600, rel=0.1)
    lab, factor, _ = level(scale=12.0)
    assert factor == pytest.approx(1, abs=0.05)
    assert lab.flat[0] == pytest.approx(0.75, abs=0.02)
    lab, _, altogether = level(activation="relu")
    assert 1 / altogether == pytest.approx(100, rel=0.2)
    assert max(lab.gradients) < 2 * min(lab.gradients)


def test_14_the_race():
    quotes("14", "$0.981^{40} = 0.46$", "Gradient descent is still on its way")
    assert f"{0.981**40:.2f}" == "0.46"
    race = Race("valley")
    race.answer({"rates": {"gd": 0.019}})
    assert race.runs["gd"].outcome == "on its way"


def test_15_what_is_read():
    quotes("15", "Reads seven of ten digits it has never seen, where a linear one")
    cells = ("setup", "look", "reveal-linear", "network_gradients", "train_digits")
    names, _ = ran("15", *cells, "mistakes")
    right = 1 - len(names["wrong"]) / 500
    assert f"{right:.1f}" == "0.7" and f"{names['linear_right']:.1f}" == "0.3"
