"""The descent race's model: paths with closed forms, gradients against differences."""

from __future__ import annotations

import base64
import io

import matplotlib.image
import numpy as np
import pytest

from backproplab.explorers.models.descent_race import STEPS, Race
from backproplab.explorers.models.landscapes import KNOWN, least_squares_bowl, own
from backproplab.finite_differences import gradient

PLACES = [(0.3, -1.2), (-2.0, 0.5), (1.7, 1.1)]


@pytest.mark.parametrize("name", KNOWN)
@pytest.mark.parametrize("place", PLACES)
def test_slopes_are_differences_of_the_loss(name, place):
    land = KNOWN[name]()
    w = np.array(place)
    measured = gradient(lambda w: land.loss(np.asarray(w)), w, method="real").value
    assert land.slope(w) == pytest.approx(measured, rel=1e-8, abs=1e-9)
    assert sum(slope(w) for slope in land.slopes) == pytest.approx(land.slope(w))


def test_losses_are_the_formulas_of_the_lessons():
    X, y = np.array([[1, -1], [1, 0], [1, 1]]), np.array([0, 1, 5])
    t = np.array([-1.0, 0.0, 1.0])
    for a, b in PLACES:
        w = np.array([a, b])
        assert KNOWN["bowl"]().loss(w) == pytest.approx(np.sum((X @ w - y) ** 2) / 2)
        assert KNOWN["valley"]().loss(w) == pytest.approx((a**2 + 100 * b**2) / 2)
        network = np.sum((b * np.tanh(a * t) - t) ** 2) / 2
        assert KNOWN["network"]().loss(w) == pytest.approx(network)


@pytest.mark.parametrize("eta", [0.1, 0.4, 0.65])
def test_gradient_descent_in_the_bowl_follows_its_multipliers(eta):
    race = Race("bowl", rates={"gd": eta})
    k = np.arange(STEPS + 1)
    expected = np.column_stack(
        [2 - 2 * (1 - 3 * eta) ** k, 2.5 * (1 - (1 - 2 * eta) ** k)]
    )
    assert np.array(race.runs["gd"].path) == pytest.approx(expected, abs=1e-9)
    assert race.multipliers() == pytest.approx([1 - 2 * eta, 1 - 3 * eta])


def test_it_runs_away_beyond_two_over_the_largest_curvature():
    race = Race("bowl")
    assert race.state()["border"] == pytest.approx(2 / 3)
    for eta, outcome in ((0.6, "arrives"), (0.66, "on its way"), (0.68, "runs away")):
        race.answer({"rates": {"gd": eta}})
        assert race.runs["gd"].outcome == outcome


def test_a_racer_that_overflows_stops_at_finite_places():
    race = Race("bowl", rates={"gd": 100.0})
    assert race.runs["gd"].outcome == "runs away"
    assert np.isfinite(race.runs["gd"].path).all() and len(race.runs["gd"].path) < STEPS


@pytest.mark.parametrize("name", ["adagrad", "adam"])
def test_first_steps_of_adaptive_methods_have_the_length_of_the_rate(name):
    first = np.abs(np.diff(Race("bowl", rates={name: 0.3}).runs[name].path[:2], axis=0))
    assert first == pytest.approx(np.full((1, 2), 0.3), rel=1e-6)


def test_momentum_is_the_sum_of_its_memory():
    race, eta = Race("bowl", rates={"momentum": 0.05}), 0.05
    w, v = np.zeros(2), np.zeros(2)
    for place in race.runs["momentum"].path[1:6]:
        v = 0.9 * v + np.array([3 * (w[0] - 2), 2 * (w[1] - 2.5)])
        w = w - eta * v
        assert place == pytest.approx(w)


def test_the_same_start_twice_gives_the_same_paths():
    race = Race("network")
    before = race.runs["sgd"].path
    race.answer({"start": [1.0, 1.0]})
    race.answer({"start": list(race.landscape.start)})
    assert race.runs["sgd"].path == before


def test_own_functions_of_one_or_two_arguments_and_lists_of_them():
    one = own(lambda w: w[0] ** 2 * w[1])
    two = own(lambda a, b: a**2 * b)
    many = own([lambda a, b: a**2, lambda w: w[1] ** 3])
    w = np.array([1.5, -2.0])
    assert one.slope(w) == pytest.approx([2 * 1.5 * -2, 1.5**2])
    assert two.slope(w) == pytest.approx(one.slope(w))
    assert many.loss(w) == pytest.approx(1.5**2 - 8)
    assert many.slopes[1](w) == pytest.approx([0, 12])


def test_only_a_loss_of_examples_has_a_stochastic_racer():
    assert "sgd" not in Race(lambda a, b: a * a + b * b).runs
    assert "sgd" in Race([lambda a, b: a * a, lambda a, b: b * b]).runs


def test_own_data_make_a_bowl_whose_bottom_is_the_normal_equations():
    X, y = np.array([[1.0, 2.0], [3.0, -1.0], [0.5, 0.5]]), np.array([1.0, 2.0, 3.0])
    race = Race((X, y))
    assert race.landscape.bottom == pytest.approx(np.linalg.solve(X.T @ X, X.T @ y))
    assert race.runs["gd"].losses[-1] < race.runs["gd"].losses[0]


def test_one_can_come_back_to_ones_own_function():
    race = Race(lambda a, b: (a - 1) ** 2 + b * b, start=(2.0, 2.0))
    race.answer({"landscape": "bowl"})
    race.answer({"landscape": "yours"})
    assert race.state()["start"] == pytest.approx([2.0, 2.0])
    assert race.state()["landscapes"][-1] == "yours"


def test_the_picture_is_deepest_at_the_bottom():
    race = Race(lambda a, b: (a + 1) ** 2 + (b - 2) ** 2, start=(0, 0))
    png = base64.b64decode(race.terrain().split(",")[1])
    opacity = matplotlib.image.imread(io.BytesIO(png), format="png")[..., 3]
    rows, columns = np.nonzero(opacity == opacity.max())
    (left, right), (low, high) = race.landscape.window
    x = left + (right - left) * columns.mean() / (opacity.shape[1] - 1)
    y = high - (high - low) * rows.mean() / (opacity.shape[0] - 1)
    assert (x, y) == pytest.approx((-1, 2), abs=0.1)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"loss": "bowel"}, "unknown landscape 'bowel'; known: bowl, valley, network"),
        ({"loss": 3}, "a function of two weights"),
        ({"loss": []}, "a function of two weights"),
        ({"loss": lambda a, b: np.nan}, "is nan: start somewhere else"),
        ({"loss": lambda a, b: 1 / 0}, "raised ZeroDivisionError"),
        ({"loss": lambda w: w}, "raised TypeError"),
        ({"start": (1, 2, 3)}, "two finite numbers"),
        ({"start": (1, np.inf)}, "two finite numbers"),
        ({"rates": {"gd": 0}}, "a step size is a number above 0"),
        ({"rates": {"gp": 1.0}}, "unknown racer 'gp'"),
        ({"racers": ["gp"]}, "unknown racer 'gp'"),
        ({"loss": lambda a, b: a, "window": (0, 1)}, "the window is"),
        ({"loss": (np.ones((3, 3)), np.ones(3))}, "X with two columns"),
        ({"loss": (np.zeros((0, 2)), np.zeros(0))}, "X with two columns"),
        ({"loss": (np.full((2, 2), np.nan), np.zeros(2))}, "X[0, 0] is nan"),
        ({"loss": ([[1, 2]], ["a"])}, "y must hold numbers only"),
        ({"loss": lambda a, b: a, "start": "a"}, "two finite numbers"),
        ({"rates": 3}, "rates are a dict"),
        ({"racers": []}, "nobody races"),
        ({"window": ((1, 0), (0, 1))}, "the window is"),
    ],
)
def test_bad_input_is_a_sentence(given, words):
    with pytest.raises(ValueError) as caught:
        Race(**given)
    assert words in str(caught.value)


def test_a_window_of_ones_own_is_seen_on_every_landscape():
    wide = ((-9, 9), (-8, 8))
    for loss in ("bowl", (np.eye(2), np.ones(2)), lambda a, b: a * a + b * b):
        assert Race(loss, window=wide).state()["window"] == wide


def test_a_refused_request_changes_nothing():
    race = Race("bowl")
    before = race.state()
    for request in ({"start": ["a", 1]}, {"rates": {"gd": -1}}, {"landscape": "moon"}):
        with pytest.raises(ValueError):
            race.answer(request)
    assert race.state()["racers"] == before["racers"]
    with pytest.raises(ValueError):
        least_squares_bowl([[1, 2]], [1, 2])


def test_the_stochastic_racer_takes_one_example_at_a_time_and_each_equally_often():
    two = [lambda w: 3 * w[0], lambda w: 5 * w[1]]  # each example pulls along one axis
    path = np.array(Race(two, start=(0, 0), rates={"sgd": 0.1}).runs["sgd"].path)
    steps = np.diff(path, axis=0)
    across, along = steps[:, 0] != 0, steps[:, 1] != 0
    assert np.all(across ^ along)
    assert across.sum() == along.sum() == len(steps) / 2
    assert steps[across, 0] == pytest.approx(-0.3)
    assert steps[along, 1] == pytest.approx(-0.5)


def test_where_there_is_no_known_bottom_arriving_is_a_hundredth_of_the_slope():
    # x shrinks by 1 - 2 eta in each of 40 steps: to 0.0054 and to 0.0149 of itself
    for rate, outcome in ((0.061, "arrives"), (0.05, "on its way")):
        race = Race(lambda a, b: a * a + b * b, start=(1, 1), rates={"gd": rate})
        assert race.runs["gd"].outcome == outcome


def test_the_step_size_that_is_named_is_where_running_away_begins():
    race = Race("bowl")
    assert "above 2/3 = 0.6667." in race.why()
    for rate, outcome in ((0.66, "runs away"), (0.68, "runs away")):
        race.answer({"rates": {"gd": rate}})
        runs_away = race.runs["gd"].outcome == outcome
        assert runs_away == (rate > 2 / 3)
