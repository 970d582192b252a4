"""Numbers that lessons 06 to 09 quote without a cell beside them."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.places import SOLUTIONS
from backproplab import losses, network
from backproplab.finite_differences import gradient
from backproplab.lectures import ubc
from backproplab.neurons import sigmoid, softmax
from backproplab.training import descend

X, Y = np.array([[1.0, -1.0], [1.0, 0.0], [1.0, 1.0]]), np.array([0.0, 1.0, 5.0])
H = np.log([6.0, 3.0, 1.0])
DOG = np.array([0.0, 1.0, 0.0])


def half_squares(w):
    return np.sum((X @ w - Y) ** 2) / 2


def slopes(loss, at):
    return gradient(loss, np.asarray(at, dtype=float)).value


def quotes(lesson, *texts):
    source = next(SOLUTIONS.glob(f"{lesson}_*.md")).read_text(encoding="utf-8")
    for text in texts:
        assert text in source, text


@pytest.mark.parametrize(
    ("phi", "y", "margin", "loss"),
    [((3, 0), 1, 1.5, 0), ((1, 0), 1, 0.5, 0.5), ((1, 3), -1, -2, 3)],
)
def test_06_the_three_mails(phi, y, margin, loss):
    quotes("06", f"| $({phi[0]}, {phi[1]})$ | ${y:+d}$ |")
    score = np.dot([0.5, 0.5], phi)
    assert score * y == margin
    assert losses.hinge(score, y) == loss


def test_06_the_line():
    quotes("06", "the loss is $\\frac12 (0 + 1 + 25) = 13$", "so $w = (2, 2.5)$")
    assert half_squares(np.zeros(2)) == 13
    np.testing.assert_allclose(X.T @ X, [[3, 0], [0, 2]])
    np.testing.assert_allclose(slopes(half_squares, [0, 0]), [-6, -5])
    np.testing.assert_allclose(slopes(half_squares, [2, 2.5]), 0, atol=1e-9)


@pytest.mark.parametrize("eta", [0.1, 0.5, 0.7])
def test_06_each_step_multiplies_the_distance(eta):
    here, there = descend(lambda w: slopes(half_squares, w), [0.0, 0.0], eta, 1)
    far, near = here - [2, 2.5], there - [2, 2.5]
    np.testing.assert_allclose(near, [1 - 3 * eta, 1 - 2 * eta] * far, atol=1e-9)


def test_07_the_signals_of_the_first_example():
    x, W, w = np.array([1.0, 2.0]), np.array([[2.0, -1], [-1, 1], [1, -1]]), [2.0, 1, 1]
    quotes("07", "= (3, 1.5, 1.5)$", "$(0.75,\\ 0.2949,\\ 0.2949)$, half of the $r")
    signal = slopes(lambda z: (np.dot(w, sigmoid(z)) + 1) ** 2 / 4, W @ x)
    np.testing.assert_allclose(signal, [0.75, 0.2949, 0.2949], atol=5e-5)


def test_06_the_last_batch():
    quotes("06", "16 steps: $15 \\cdot 64 = 960$, and a last batch of 40")
    rows = [np.arange(1000)[start : start + 64] for start in range(0, 1000, 64)]
    assert len(rows) == 16 and sum(map(len, rows[:15])) == 960 and len(rows[15]) == 40


def test_06_the_best_step_size_of_the_play_cell():
    quotes("06", "$\\eta = 0.4$: both multipliers then have the size 0.2")
    worst = {eta: max(abs(1 - 3 * eta), abs(1 - 2 * eta)) for eta in (0.3, 0.4, 0.5)}
    assert min(worst, key=worst.get) == 0.4
    assert worst[0.4] == pytest.approx(0.2)


def test_08_the_photo():
    quotes(
        "08", "-\\log 0.3 = 1.2040", "2.3026 - 1.0986 = 1.2040", "$\\log 10 = 2.3026$"
    )
    np.testing.assert_allclose(softmax(H), [0.6, 0.3, 0.1])
    loss = losses.cross_entropy(H[None], DOG[None])[0]
    assert f"{loss:.4f}" == "1.2040"
    assert f"{losses.log_sum_exp(np.zeros((1, 10)))[0]:.4f}" == "2.3026"
    measured = slopes(lambda h: losses.cross_entropy(h[None], DOG[None])[0], H)
    np.testing.assert_allclose(measured, [0.6, -0.7, 0.1], atol=1e-9)


def test_08_log_sum_exp_of_large_scores():
    quotes("08", "is about $1000.3$")
    assert f"{losses.log_sum_exp([[1000.0, 999.0, 0.0]])[0]:.1f}" == "1000.3"


def test_08_the_columns_of_bug_b():
    quotes("08", "the columns of $e^h$ sum to $(8, 5, 10)$")
    table = np.array([[6, 3, 1], [1, 1, 8], [1, 1, 1]])
    assert table.sum(axis=0).tolist() == [8, 5, 10]


def two_hidden():
    x = np.log(3) * np.array([1.0, 2.0])
    W1 = np.array([[2.0, -1.0], [-1.0, 1.0], [1.0, -1.0]])
    W2 = np.array([[1.0, -1.0, 1.0], [2.0, -1.0, -1.0]])
    return ubc.two_hidden(x, -1.0, np.array([4.0, -2.0]), W2, W1)


def test_09_r_v_and_U():
    quotes("09", "1/4 & -3/16 & 3/16 \\\\ 2/4 & -3/16 & -3/16", "-\\tfrac{3}{32}")
    found = two_hidden()
    assert found["r"] == pytest.approx(2)
    np.testing.assert_allclose(found["v"], [1, -0.5])
    wanted = np.array([[4, -3, 3], [8, -3, -3]]) / 16
    np.testing.assert_allclose(found["u"], wanted)
    signal = found["v"] @ found["u"]
    np.testing.assert_allclose(signal, [0, -3 / 32, 9 / 32], atol=1e-12)


def test_09_the_logistic_loss_on_top():
    quotes(
        "09",
        "$-y\\, \\sigma(-y \\hat y) = \\sigma(1) = 0.7311$",
        "quotient is $0.3655$",
    )
    assert f"{sigmoid(1.0):.4f}" == "0.7311"
    assert f"{sigmoid(1.0) / 2:.4f}" == "0.3655"


@pytest.mark.parametrize(("last", "sums"), [(-2.0, "- + +"), (2.1, "- + 0")])
def test_09_the_play_cell(last, sums):
    quotes("09", "falls silent at about `V2[2, 2] = 2.1`")
    V1 = np.array([[1.0, 0.0, -1.0], [0.5, 1.0, 0.0], [-1.0, 1.0, 0.5]])
    V2 = np.array([[2.0, -1.0, 0.5], [-1.0, 1.5, 1.0], [1.0, 0.5, last]])
    params = {"W1": V1.T, "W2": V2.T, "W3": np.array([[1.0], [-2.0], [1.5]])}
    params |= {"b1": np.zeros(3), "b2": np.zeros(3), "b3": np.zeros(1)}
    cache = network.forward(params, [[1.0, 0.5, -1.0]], hidden="sigmoid")
    half = {"hidden": "sigmoid", "loss": "half_squared"}
    signals = network.error_signals(params, cache, [[2.0]], **half)
    paths = signals["dZ2"][0][:, None] * V2
    signs = {-1: "-", 0: "0", 1: "+"}
    assert " ".join(signs[int(np.sign(s.round(2)))] for s in paths.sum(0)) == sums
    if last == -2.0:
        together = [abs(np.sign(column).sum()) == 3 for column in paths.T]
        assert together == [True, False, False]
        quotes("09", "Unit 3, with $0.302$", "hears the most, $-1.714$", "$0.105$")
        assert signals["dZ1"][0].round(3).tolist() == [-0.18, 0.209, 0.302]
        assert paths.sum(0).round(3)[0] == -1.714
