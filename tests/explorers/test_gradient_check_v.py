"""The gradient-check V's model: errors whose formulas are known by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from backproplab.explorers.models.gradient_check_v import STEPS, StepSizes
from backproplab.finite_differences import check_gradient

COARSE = STEPS > 1e-3


def test_errors_of_a_cube_are_those_of_the_binomial_formula():
    errors = StepSizes(lambda x: x**3, 1.0).errors["float64"]
    h = STEPS[COARSE]
    assert errors["forward"][COARSE] == pytest.approx(3 * h + h**2, rel=1e-8)
    assert errors["central"][COARSE] == pytest.approx(h**2, rel=1e-6)


@pytest.mark.parametrize(
    ("f", "x", "second", "third"),
    [
        (np.sin, 1.0, math.sin(1), math.cos(1)),
        (np.exp, 1.0, math.e, math.e),
        (math.log, 2.0, 1 / 4, 2 / 8),
        (lambda x: 1 / x, 0.5, 2 / 0.5**3, 6 / 0.5**4),
    ],
)
def test_the_straight_lines_are_taylors(f, x, second, third):
    growth = StepSizes(f, x).growth
    assert growth["forward"] == pytest.approx(abs(second) / 2, rel=0.05)
    assert growth["central"] == pytest.approx(abs(third) / 6, rel=0.05)


def test_rounding_stays_below_its_line_and_reaches_it():
    model = StepSizes(np.sin, 1.0)
    fine = STEPS < 1e-9
    for name, small in (
        ("float64", fine),
        ("float32", (STEPS > 1e-7) & (STEPS < 1e-5)),
    ):
        ratio = (model.errors[name]["forward"] * STEPS / model.noise[name])[small]
        assert ratio.max() < 4 and ratio.max() > 0.1


def test_the_best_steps_are_where_the_lines_cross():
    model = StepSizes(np.exp, 1.0)
    for kind, power in (("forward", 2), ("central", 3)):
        for name in ("float64", "float32"):
            crossing = (model.noise[name] / model.growth[kind]) ** (1 / power)
            assert 0.08 < model.best(kind, name)["h"] / crossing < 12


def test_the_tolerance_is_what_the_autograder_accepts():
    model = StepSizes(np.sin, 1.0)
    for off, accepted in ((0.9, True), (1.1, False)):
        given = math.cos(1) + off * model.tolerance
        verdict = check_gradient(lambda x: np.sin(x), 1.0, given).verdict
        assert (verdict == "right") is accepted


def test_a_parabola_has_no_central_error_and_a_kink_no_line_at_all():
    assert StepSizes(lambda x: x**2, 3.0).growth["central"] is None
    kink = StepSizes(abs, 0.0)
    assert kink.kink == [-1.0, 1.0]
    assert kink.growth == {"forward": None, "central": None}
    assert "No step size can make them agree" in kink.sentences()[0]


def test_tiny_steps_show_stairs_and_coarse_ones_the_curve():
    zoom = StepSizes(np.sin, 1.0).state()["zoom"]["float64"]
    assert zoom[-1]["stairs"] and not zoom[4]["stairs"]
    assert all(len(window["f"]) == len(zoom[0]["f"]) for window in zoom)


def test_moving_the_point_measures_again():
    model = StepSizes(np.sin, 1.0)
    model.answer({"x": 1000})
    assert model.slope == pytest.approx(math.cos(1000), rel=1e-12)
    assert model.best("central", "float64")["h"] > 2e-5


@pytest.mark.parametrize(
    ("f", "x", "words"),
    [
        (3, 1.0, "cannot be called"),
        (lambda x: np.array([x, x]), 1.0, "one number into one number"),
        (lambda x: "text", 1.0, "one number into one number"),
        (lambda x: 1 / 0, 1.0, "f(1) raised ZeroDivisionError"),
        (np.log, -1.0, "f(-1) is nan"),
        (np.sin, "here", "x is one number"),
        (np.sin, float("inf"), "finite number"),
        (np.sin, [1.0, 2.0], "x is one number"),
    ],
)
def test_bad_input_is_a_sentence(f, x, words):
    with pytest.raises(ValueError) as caught:
        StepSizes(f, x)
    assert words in str(caught.value)


def test_a_refused_move_leaves_everything_as_it_was():
    model = StepSizes(np.log, 2.0)
    with pytest.raises(ValueError, match="nan"):
        model.answer({"x": -1})
    assert model.x == 2.0 and model.slope == pytest.approx(0.5)


@pytest.mark.parametrize("precision", ["float64", "float32"])
def test_causes_are_straight_lines_inside_the_picture(precision):
    rises = {None: -1, "forward": 1, "central": 2}
    drawn = StepSizes(np.sin, 1.0).lines(precision)
    assert [line["kind"] for line in drawn] == list(rises)
    for line in drawn:
        (h0, e0), (h1, e1), (h, error) = *line["ends"], line["place"]
        for at, size in ((h0, e0), (h1, e1), (h, error)):
            assert 0.999 * STEPS[-1] <= at <= 1.001 * STEPS[0]
            assert 0.999e-16 <= size <= 10.01
        power = rises[line["kind"]]
        assert math.log(e1 / e0) / math.log(h1 / h0) == pytest.approx(power)
        assert error / e0 == pytest.approx((h / h0) ** power)
        assert max(e0, e1) > 1e9 * min(e0, e1) or max(h0, h1) > 1e5 * min(h0, h1)


def test_a_function_may_return_an_array_of_one_number():
    plain, boxed = (
        StepSizes(np.square, 1.5),
        StepSizes(lambda x: np.array([x * x]), 1.5),
    )
    for kept, held in zip(plain.lines("float64"), boxed.lines("float64"), strict=True):
        assert kept == held
    seen, expected = (m.state()["zoom"]["float32"][3]["f"] for m in (boxed, plain))
    assert seen == pytest.approx(expected)
