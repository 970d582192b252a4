"""Derivatives of bare losses against closed forms in 40-digit decimal arithmetic."""

from __future__ import annotations

import math
from decimal import Decimal, getcontext

import numpy as np
import pytest

from backproplab.finite_differences import (
    directional,
    gradient,
    is_analytic,
    one_sided,
)

getcontext().prec = 40

# name, function of a numpy number, exact derivative in Decimal
CURVES = {
    "exp": (np.exp, lambda x: x.exp()),
    "square": (lambda x: x * x, lambda x: 2 * x),
    "log": (np.log, lambda x: 1 / x),
    "sqrt": (np.sqrt, lambda x: 1 / (2 * x.sqrt())),
    "tanh": (np.tanh, lambda x: 4 / (x.exp() + (-x).exp()) ** 2),
    "cancelling": (
        lambda x: np.exp(x) - np.exp(x / 2) ** 2 + x,
        lambda x: Decimal(1),
    ),
}


@pytest.mark.parametrize("name", CURVES)
@pytest.mark.parametrize("x", [0.3, 1.7, 11.0, 1e-3])
def test_complex_step_is_exact_to_rounding(name: str, x: float) -> None:
    function, exact = CURVES[name]
    found = gradient(function, x)
    truth = float(exact(Decimal(x)))
    assert found.method == "complex step"
    scale = max(abs(truth), abs(float(np.exp(x)))) if name == "cancelling" else truth
    assert found.value == pytest.approx(truth, abs=1e-14 * abs(scale))


@pytest.mark.parametrize("name", CURVES)
@pytest.mark.parametrize("x", [0.3, 1.7, 11.0, 1e-3])
def test_richardson_is_within_its_own_error(name: str, x: float) -> None:
    function, exact = CURVES[name]
    found = gradient(function, x, method="real")
    truth = float(exact(Decimal(x)))
    assert found.method == "richardson"
    assert abs(found.value - truth) <= 2 * found.error
    scale = max(abs(truth), abs(float(function(x)) / x))
    assert found.error < 1e-8 * scale


def test_no_real_estimate_is_far_beyond_its_error() -> None:
    random = np.random.default_rng(5)
    for _ in range(40):
        a, b, c, x = random.standard_normal(4)

        def loss(t: float, a: float = a, b: float = b, c: float = c) -> float:
            return a * math.sin(3 * b * t) + c * t**3

        truth = 3 * a * b * math.cos(3 * b * x) + 3 * c * x * x
        found = gradient(loss, x)
        assert found.method == "richardson"
        assert abs(found.value - truth) <= 4 * found.error


def test_structures_come_back_as_they_went_in() -> None:
    x = {"W": np.array([[1, 2, 3]]), "b": 2.0, "none": np.zeros((0, 4))}
    found = gradient(lambda p: (p["W"] ** 2).sum() * p["b"] + p["none"].sum(), x)
    assert found.value["W"].tolist() == [[4.0, 8.0, 12.0]]
    assert (
        found.value["b"] == pytest.approx(14, rel=1e-15)
        and np.ndim(found.value["b"]) == 0
    )
    assert found.value["none"].shape == found.error["none"].shape == (0, 4)
    assert gradient(lambda t: t * t, 3).value == 6.0
    assert gradient(lambda t: (t * t).sum(), np.array(3.0)).value.shape == ()
    assert gradient(lambda t: 1.0, np.zeros((0,))).value.shape == (0,)


def test_float32_is_promoted_exactly_and_x_is_not_changed() -> None:
    x = np.array([0.1, 0.2], np.float32)
    before = x.copy()

    def greedy(t: np.ndarray) -> float:
        t *= 2  # changes its argument
        return (t * t).sum()

    assert gradient(greedy, x).value.tolist() == [8 * float(v) for v in before]
    assert x.tolist() == before.tolist() and x.dtype == np.float32


@pytest.mark.parametrize("nan", [np.nan, np.inf, -np.inf])
def test_a_loss_that_is_not_finite_has_no_gradient(nan: float) -> None:
    found = gradient(lambda t: t.sum() * 0 + nan, [1.0, 2.0])
    assert np.isnan(found.value).all() and np.isinf(found.error).all()


@pytest.mark.parametrize(
    ("loss", "words"),
    [
        (lambda t: t, r"returned an array of shape \(2,\)"),
        (lambda t: None, "returned None"),
        (lambda t: "3", "returned '3'"),
        (lambda t: 1j * t.sum(), "must return a real number"),
    ],
)
def test_a_loss_must_be_one_real_number(loss: object, words: str) -> None:
    with pytest.raises(TypeError, match=words):
        gradient(loss, [1.0, 2.0])  # type: ignore[arg-type]


def test_x_and_method_must_make_sense() -> None:
    with pytest.raises(TypeError, match="real numbers"):
        gradient(lambda t: 0.0, ["a"])
    with pytest.raises(ValueError, match="'auto', 'complex' or 'real'"):
        gradient(lambda t: 0.0, 1.0, method="exact")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="shaped like x"):
        directional(lambda t: t.sum(), [1.0, 2.0], [1.0])


NOT_ANALYTIC = {
    "abs": lambda w: np.abs(w).sum(),
    "conj": lambda w: (w * np.conj(w)).sum().real,
    "vdot": lambda w: np.vdot(w, w).real,
    "norm": lambda w: np.linalg.norm(w),
    "real part": lambda w: (np.real(w) ** 2).sum(),
    "float cast": lambda w: (np.asarray(w, complex).real ** 3).sum(),
    "math.exp": lambda w: sum(math.exp(v) for v in w),
    "one entry only": lambda w: (w[1:] ** 2).sum() + np.abs(w[0]),
    "one small entry": lambda w: (w[1:] ** 2).sum() + 1e-9 * np.real(w[0]),
}
ANALYTIC = {
    "maximum": lambda w: np.maximum(w, 0).sum(),
    "where": lambda w: np.where(w > 0, w, 0.1 * w).sum(),
    "norm by hand": lambda w: np.sqrt((w * w).sum()),
    "softmax": lambda w: np.log(np.exp(w).sum()) - w[0],
    "constant": lambda w: 3.0,
}


@pytest.mark.parametrize("name", NOT_ANALYTIC)
def test_code_that_is_not_analytic_is_never_trusted_with_a_complex_step(
    name: str,
) -> None:
    w, loss = np.array([0.3, -1.2, 2.0]), NOT_ANALYTIC[name]
    found = gradient(loss, w)
    assert found.method == "richardson"
    h = 1e-5
    for i, unit in enumerate(np.eye(3)):
        slope = (loss(w + h * unit) - loss(w - h * unit)) / (2 * h)
        assert found.value[i] == pytest.approx(slope, rel=1e-6, abs=1e-10)
    assert directional(loss, w, [1.0, 0.0, 0.0]) == pytest.approx(
        found.value[0], rel=1e-6, abs=2e-9
    )


@pytest.mark.parametrize("name", ANALYTIC)
def test_analytic_code_is_recognised(name: str) -> None:
    assert is_analytic(ANALYTIC[name], np.array([0.3, -1.2, 2.0]))
    assert is_analytic(ANALYTIC[name], np.array([0.0, 0.0, 0.0]) + 1e-3)


def test_the_tie_itself_does_not_decide() -> None:
    assert is_analytic(lambda w: np.maximum(w, 0).sum(), np.zeros(4))


def test_one_sided_slopes_at_ties() -> None:
    left, right = one_sided(lambda w: np.maximum(w, 0).sum(), [0.0, -1.0, 1.0])
    assert left.tolist() == [0, 0, 1] and right.tolist() == [1, 0, 1]
    left, right = one_sided(abs, 0.0)
    assert left == pytest.approx(-1, abs=1e-9) and right == pytest.approx(1, abs=1e-9)
    left, right = one_sided(lambda s: np.maximum(1 - s, 0) ** 1 + s * s, 1.0)
    assert left == pytest.approx(1, abs=1e-12) and right == pytest.approx(2, abs=1e-12)
    left, right = one_sided(lambda s: math.exp(s) + 3 * abs(s), 0.0)
    assert left == pytest.approx(-2, abs=1e-7) and right == pytest.approx(4, abs=1e-7)


def test_the_error_of_richardson_covers_a_kink() -> None:
    for distance in (0.0, 1e-9, 1e-5, 1e-2):
        found = gradient(lambda t, d=distance: float(abs(t - 1 + d)), 1.0)
        assert found.method == "richardson"
        assert abs(found.value - 1) <= 1.01 * found.error + 1e-12
        if distance == 0.0:
            assert found.error == pytest.approx(1, rel=1e-6)
        if distance == 1e-2:
            assert found.error < 1e-9


def test_directional_is_the_sum_over_entries() -> None:
    x, d = {"a": [1.0, -2.0], "b": 0.5}, {"a": [3.0, 1.0], "b": -2.0}

    def loss(p: dict) -> object:
        return np.exp(p["a"]).sum() * p["b"]

    truth = 0.5 * (3 * math.e + math.exp(-2)) - 2 * (math.e + math.exp(-2))
    assert directional(loss, x, d) == pytest.approx(truth, rel=1e-14)


def test_richardson_loses_few_digits() -> None:
    found = gradient(lambda t: math.exp(t), 1.0)
    assert found.value == pytest.approx(math.e, rel=1e-12)
    left, right = one_sided(math.exp, 1.0)
    assert left == pytest.approx(math.e, rel=1e-11)
    assert right == pytest.approx(math.e, rel=1e-11)


def test_a_part_too_small_for_the_probe_is_seen_by_its_zeros() -> None:
    def loss(w: np.ndarray) -> object:
        return 1e3 * (w[1] + w[2] - 0.8) + 1e-7 * np.real(w[0])

    found = gradient(loss, [0.3, -1.2, 2.0])
    assert found.method == "richardson"
    assert found.value[0] == pytest.approx(1e-7, abs=1e-9)


WAVES = (
    np.sin, np.exp, np.tanh, lambda z: z * z, lambda z: 1 / (1 + z * z),
    lambda z: np.log(1 + z * z), lambda z: np.sqrt(2 + z * z),
)  # fmt: skip


@pytest.mark.parametrize("seed", range(100))
def test_real_differences_keep_within_their_error(seed: int):
    """Losses of any size, on any offset, at points of any size."""
    rng = np.random.default_rng(seed)
    size = int(rng.integers(1, 5))
    x = rng.normal(size=size) * 10.0 ** rng.integers(-3, 3)
    f, g = (WAVES[i] for i in rng.integers(len(WAVES), size=2))
    v, w = rng.normal(size=(2, size)) / np.abs(x).mean()
    offset, factor = rng.choice([0, 1, 1e3, 1e6]), 10.0 ** rng.integers(-3, 4)
    loss = lambda u: factor * (f(v @ u) + g(w @ u)) + offset  # noqa: E731
    exact = gradient(loss, x, method="complex")
    found = gradient(loss, x, method="real")
    assert (np.abs(found.value - exact.value) <= found.error + exact.error).all()


def test_a_loss_in_float32_is_known_to_float32_only():
    loss = lambda w: np.tanh(np.float32(w.real)).sum()  # noqa: E731
    found = gradient(loss, [0.3, 0.7])
    off = np.abs(found.value - (1 - np.tanh([0.3, 0.7]) ** 2))
    assert (off <= found.error).all()
    assert (found.error < 1e-2).all()


def test_a_rounded_loss_admits_that_it_has_no_slope():
    found = gradient(lambda w: float(np.float32(w.real @ w.real)), [1.3, 2.2])
    assert (np.abs(found.value - [2.6, 4.4]) <= found.error).all()


@pytest.mark.parametrize("rest", [lambda w: 1e12 * w[0] ** 2, lambda w: 1e16])
def test_a_zero_beside_something_huge_is_not_certain(rest):
    """|w1|^2 is not analytic, and its slope of 4 drowns in the rounding of the rest."""
    found = gradient(lambda w: rest(w) + abs(w[1]) ** 2, [1.0, 2.0])
    assert abs(found.value[1] - 4) <= found.error[1]


@pytest.mark.parametrize("loss", [np.sqrt, np.cbrt])
def test_a_vertical_tangent_is_not_given_a_slope(loss):
    found = gradient(loss, 0.0)
    assert found.error >= abs(found.value)


def test_a_steep_line_is_no_vertical_tangent():
    found = gradient(lambda w: 1e9 * (w[0] - 1), [1.0])
    assert found.value == pytest.approx(1e9, rel=1e-15)
    assert found.error < 1e-2


def test_a_steep_slope_is_not_overlooked_by_the_probe() -> None:
    """math.exp drops the imaginary part; only very near x does the loss move."""
    found = gradient(lambda t: 1 / (1 + math.exp(-1e4 * t)), 0.0)
    assert found.method == "richardson"
    assert found.value == pytest.approx(2500, rel=1e-9)


def test_a_step_out_of_the_domain_is_not_a_crash() -> None:
    x = [1e-3, 1.0]
    found = gradient(lambda v: math.log(v[0]) + math.sqrt(1.5 - v[1]), x)
    assert found.value == pytest.approx([1e3, -0.5 / math.sqrt(0.5)], rel=1e-7)


@pytest.mark.parametrize("per_call", [1e-9, 1e-4])
def test_a_loss_that_remembers_is_not_certain(per_call: float) -> None:
    calls = [0]

    def loss(t: float) -> float:
        calls[0] += 1
        return np.sin(t) * (1 + per_call * calls[0])

    found = gradient(loss, 0.3)
    assert found.error > 1e-10
    assert abs(found.value - math.cos(0.3)) <= 4 * found.error


def test_float32_inside_a_double_loss_shows_in_the_error() -> None:
    found = gradient(lambda t: float(np.sin(np.float32(np.real(t)))), 0.35)
    assert 1e-7 < found.error < 1e-3
    assert abs(found.value - math.cos(0.35)) <= found.error


def test_slopes_that_underflow_say_so() -> None:
    found = gradient(lambda t: t * 1e-300, 1e300)
    assert abs(found.value - 1e-300) <= found.error
