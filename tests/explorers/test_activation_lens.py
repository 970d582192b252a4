"""The activation lens: slopes and gradients against finite differences."""

from __future__ import annotations

import numpy as np
import pytest

from backproplab.explorers.models.activation_curves import QUESTIONS
from backproplab.explorers.models.activation_lens import MOVED, ActivationLens
from backproplab.finite_differences import gradient

PLACES = [(2, -1, 0), (0.5, 1.5, -1.3), (-2, 3, 2), (1.1, 0, 0.7)]


@pytest.mark.parametrize("name", QUESTIONS)
@pytest.mark.parametrize("at", PLACES)
def test_the_three_gradients_are_slopes_of_a(name, at):
    lens = ActivationLens(name, *at)
    now, curve = lens.state()["now"], lens.curves[name]
    point = dict(zip(MOVED, map(float, at), strict=True))

    def a(p):
        return curve.values(p["w"] * p["x"] + p["b"])[..., 0].sum()

    measured = gradient(a, point, method="real").value
    for key in MOVED:
        assert now[f"d{key}"] == pytest.approx(float(measured[key]), abs=1e-7)


def test_every_slope_of_softmax_is_measured_and_they_sum_to_zero():
    lens = ActivationLens("softmax", 1, 0.5, 1)
    slope, curve = lens.state()["now"]["slope"], lens.curves["softmax"]
    for k in range(3):
        measured = gradient(lambda z, k=k: curve.values(z)[k], 1.5, method="real").value
        assert slope[k] == pytest.approx(float(measured), abs=1e-8)
    assert abs(np.sum(slope)) < 1e-15


@pytest.mark.parametrize("name", QUESTIONS)
def test_the_answers_to_the_questions_hold(name):
    lens, truth = ActivationLens(name), QUESTIONS[name][1]
    z = np.linspace(-7, 7, 281)
    slope = lens.curves[name].slopes(z)
    held = {
        "sigmoid": z[slope[:, 0].argmax()],
        "tanh": slope[:, 0].max(),
        "relu": lens.curves[name].slopes(0.0)[0],
        "linear": lens.curves[name].slopes(100.0)[0],
        "threshold": lens.curves[name].slopes(0.5)[0],
        "softmax": slope.sum(axis=1)[7],
    }
    assert held[name] == pytest.approx(truth, abs=1e-12)


def test_a_function_of_the_learner():
    def leaky(z):
        return max(z, 0.1 * z)

    lens = ActivationLens(leaky, w=-1, b=0.0, x=2)
    now = lens.state()["now"]
    assert lens.state()["name"] == "leaky"
    assert now["a"][0] == pytest.approx(-0.2)
    assert now["dw"] == pytest.approx(0.2)
    assert now["dx"] == pytest.approx(-0.1)


def test_a_functions_name_does_not_hide_ours():
    def relu(z):
        return 5 * z

    lens = ActivationLens(relu, 1, 0, 1)
    assert lens.state()["name"] == "your relu"
    lens.answer({"name": "relu"})
    assert lens.state()["now"]["db"] == 1


def test_saturation_is_where_little_comes_back():
    assert ActivationLens("tanh", 2, 1, 2).state()["now"]["saturated"]
    assert not ActivationLens("tanh", 1, 0, 0.5).state()["now"]["saturated"]
    assert ActivationLens("threshold").state()["now"]["saturated"]
    assert not ActivationLens("linear", 2, 3, 2).state()["now"]["saturated"]


def test_places_without_python_are_those_with_it():
    lens = ActivationLens("tanh")
    places = lens.places()
    for w, b, x in [(2, -3, 1), (-1, 0, 2), (0, 3, -2)]:
        z = places["z"][f"{w},{b},{x}"]
        now = lens.now("tanh", w, b, x)
        assert z == now["z"]
        assert places["at"]["tanh"][f"{z:g}"]["db"] == now["db"]
        assert places["dw"]["tanh"][f"{z:g}"][f"{x}"] == now["dw"]
        assert places["dx"]["tanh"][f"{z:g}"][f"{w}"] == now["dx"]


def vector(z):
    return [z, z]


def undefined(z):
    return float("nan")


def of_two(a, b):
    return a


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("swish",), "unknown activation 'swish'"),
        (("tanh", 9), "w must be a number from -2 to 2"),
        (("tanh", 1, "b"), "b must be a number"),
        (("tanh", 1, 0, float("nan")), "x must be a number"),
        ((vector,), "should be one finite number"),
        ((undefined,), "should be one finite number"),
        ((of_two,), r"of_two\(-7\) raised TypeError: "),
    ],
)
def test_bad_input_ends_in_one_sentence(arguments, words):
    with pytest.raises(ValueError, match=words):
        ActivationLens(*arguments)


def test_a_refused_request_changes_nothing():
    lens = ActivationLens("tanh", 1, 0, 1)
    with pytest.raises(ValueError, match="x must be"):
        lens.answer({"w": 0.5, "x": 99})
    assert lens.at == {"w": 1.0, "b": 0.0, "x": 1.0}


@pytest.mark.parametrize("name", QUESTIONS)
def test_the_tangent_touches_the_curve_with_its_slope(name):
    lens = ActivationLens(name, 1, 0.5, 0.4)
    (left, right), (low, high) = lens.state()["now"]["tangent"]
    now = lens.state()["now"]
    assert (left + right) / 2 == pytest.approx(now["z"])
    assert (low + high) / 2 == pytest.approx(now["a"][0])
    assert (high - low) / (right - left) == pytest.approx(now["slope"][0])
    assert right - left == pytest.approx(3)


def test_marks_beside_the_axes_rise_and_hold_zero():
    for name, curve in ActivationLens().state()["curves"].items():
        for ticks in curve["ticks"]:
            assert 0 in ticks and ticks == sorted(set(ticks)), name


def test_parts_of_the_rules_are_what_they_are_called():
    now = ActivationLens("tanh", 1, 0.5, 0.4).state()["now"]
    assert now["square"] == pytest.approx(np.tanh(0.9) ** 2)
    assert now["one_minus_a"] == pytest.approx(1 - np.tanh(0.9))


def test_every_whole_number_has_its_place_without_python():
    places, steps = ActivationLens().places(), range(-2, 3)
    every = {f"{w * x + b}" for w in steps for x in steps for b in range(-3, 4)}
    assert every == set(places["at"]["sigmoid"])
