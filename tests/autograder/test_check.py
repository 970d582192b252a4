"""The check: right answers pass, everything else ends in one readable sentence."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from autograder import (
    CheckFailed,
    LessonError,
    check,
    grade_source,
    hint,
    predict,
    reveal,
)
from autograder.exercises import EXERCISES, get
from autograder.notebook import verdict_on


def right(X, Y, params):
    A1 = 1 / (1 + np.exp(-(X @ params["W1"] + params["b1"])))
    dZ2 = 2 * (A1 @ params["W2"] + params["b2"] - Y) / len(X)
    dZ1 = dZ2 @ params["W2"].T * A1 * (1 - A1)
    return {
        "dW1": X.T @ dZ1,
        "db1": dZ1.sum(axis=0),
        "dW2": A1.T @ dZ2,
        "db2": dZ2.sum(axis=0),
    }


def changed(**entries):
    """The right answer with some entries replaced by functions of the right one."""

    def one_hidden_backward(X, Y, params):
        grads = right(X, Y, params)
        return {**grads, **{k: f(grads[k]) for k, f in entries.items()}}

    return one_hidden_backward


def judge(function, exercise="one_hidden_backward"):
    return verdict_on(get(exercise), function)


def test_a_right_answer_earns_all_points_and_returns_none(capsys):
    assert check("one_hidden_backward", right) is None
    printed = capsys.readouterr()
    assert "6 of 6 points" in printed.out
    assert printed.err == ""


@pytest.mark.parametrize(
    ("entry", "slip", "first"),
    [
        ("dW2", lambda g: -g, "dW2"),
        ("db2", lambda g: 2 * g, "db2"),
        ("dW1", lambda g: g * 1.00001, "dW1"),
        ("db1", lambda g: g + 1e-4, "db1"),
        ("dW1", lambda g: np.where(np.arange(g.size).reshape(g.shape), g, 0), "dW1"),
    ],
)
def test_the_first_wrong_quantity_is_named_and_the_others_called_right(
    entry, slip, first
):
    verdict = judge(changed(**{entry: slip}))
    assert verdict.status == "wrong"
    assert verdict.points == 0
    assert verdict.first_wrong == first
    assert first in verdict.to_text()
    others = {name: s for name, s in verdict.parts.items() if name != first}
    assert set(others.values()) == {"right"}


def test_backward_order_decides_what_is_first():
    verdict = judge(changed(dW1=lambda g: -g, dW2=lambda g: -g))
    assert verdict.first_wrong == "dW2"


class Liar(np.ndarray):
    """An array that agrees with everything."""

    def __eq__(self, other):
        return np.ones(self.shape, bool)

    def __sub__(self, other):
        return np.zeros(self.shape)

    __rsub__ = __abs__ = __sub__

    def __le__(self, other):
        return np.ones(self.shape, bool)


def endless(*args):
    return endless(*args)


@pytest.mark.parametrize(
    ("function", "status", "words"),
    [
        (lambda X, Y, params: None, "wrong", "expected a dict"),
        (lambda X, Y, params: {}, "wrong", "no key"),
        (lambda X, Y, params: "dW1", "wrong", "expected a dict"),
        (lambda X, Y, params: (g for g in (1, 2)), "refused", "generator"),
        (lambda X, Y, params: right, "refused", "forget to call"),
        (lambda X, Y, params: object(), "refused", "object"),
        (changed(dW1=lambda g: g * np.nan), "wrong", "nan"),
        (changed(dW1=lambda g: g * np.inf), "wrong", "dW1"),
        (changed(dW1=lambda g: None), "wrong", "None"),
        (changed(dW1=lambda g: "x"), "wrong", "numbers"),
        (changed(dW1=lambda g: g.T), "wrong", "dW1"),
        (changed(db1=lambda g: g[None]), "wrong", "shape"),
        (changed(dW1=lambda g: g[:0]), "wrong", "shape"),
        (changed(dW1=lambda g: (0 * g).view(Liar)), "wrong", "dW1"),
        (changed(dW1=lambda g: np.ma.masked_array(g, g == g)), "refused", "masked"),
        (changed(dW1=lambda g: g + 1j), "refused", "complex"),
        (changed(dW1=lambda g: g.astype(str)), "refused", "array of text"),
        (lambda X, Y, params: 1 / 0, "crashed", "ZeroDivisionError"),
        (endless, "crashed", "RecursionError"),
        (lambda X, Y: 1, "refused", "one_hidden_backward(X, Y, params)"),
        ("one_hidden_backward", "refused", "without quotes"),
        (None, "refused", "must be your function"),
        (lambda X, Y, params: exit(), "crashed", "SystemExit"),
    ],
)
def test_whatever_comes_back_ends_in_a_verdict(function, status, words):
    verdict = judge(function)
    assert verdict.status == status
    assert words in verdict.to_text()
    assert len(verdict.to_text().splitlines()) <= 12


def test_a_syntax_error_is_told_in_its_own_words_without_a_file_nobody_has():
    told = grade_source("grad_cs221", "def grad_cs221(phi, y, V, w):\n    return (")
    assert "SyntaxError: '(' was never closed (line 2)" in told.to_text()
    assert "compile" not in told.to_text() and "<" not in told.to_text()


def test_a_source_finds_numpy_as_in_every_lesson():
    answer = "def sigmoid(Z): return 1 / (1 + np.exp(-np.clip(Z, -700, 700)))"
    assert grade_source("sigmoid", answer).status == "right"


def test_an_error_inside_the_library_is_placed_at_the_students_line():
    answer = (
        "from backproplab.layers import linear_forward\n"
        "def grad_cs221(phi, y, V, w):\n"
        "    return linear_forward(V, phi, y)"
    )
    told = grade_source("grad_cs221", answer)
    assert any(
        line.startswith("It happened at line 3 of grad_cs221: return linear_forward(")
        for line in told.details
    )


def test_an_error_in_a_helper_is_told_with_the_line_that_calls_it():
    answer = (
        "def outer(w, phi): return w[:, None] * phi\n"
        "def grad_cs221(phi, y, V, w):\n"
        "    return phi, outer(float(y), phi)"
    )
    told = grade_source("grad_cs221", answer).to_text()
    assert "line 1 of outer: def outer" in told
    assert "(called at line 3 of grad_cs221: return phi, outer(float(y), phi))" in told
    assert "is it in the order that it wants?" in told


def test_not_implemented_is_unfinished():
    def one_hidden_backward(X, Y, params):
        raise NotImplementedError

    assert judge(one_hidden_backward).status == "unfinished"


def test_an_endless_loop_is_stopped(monkeypatch):
    monkeypatch.setattr("autograder.notebook.SECONDS", 0.3)

    def one_hidden_backward(X, Y, params):
        while True:
            try:
                while True:
                    pass
            except:  # noqa: E722 - students write this, and it must not save them
                pass

    assert judge(one_hidden_backward).status == "timeout"


def test_a_second_call_that_the_clock_stops_proves_nothing(monkeypatch):
    monkeypatch.setattr("autograder.notebook.SECONDS", 1.0)
    exercise = get("train_digits")
    calls = []

    def train_digits(X, labels, X_test):
        calls.append(1)
        while len(calls) == 2:
            pass
        return exercise.instances(340)[0].wanted.value

    assert verdict_on(exercise, train_digits).status == "right"
    assert len(calls) == 2


def test_changed_arguments_are_found():
    def one_hidden_backward(X, Y, params):
        grads = right(X, Y, params)
        params["W1"] -= 0.1 * grads["dW1"]
        return grads

    verdict = judge(one_hidden_backward)
    assert verdict.status == "wrong"
    assert verdict.diagnosis.mistake == "M80"
    assert "params" in verdict.to_text()


def test_memory_between_calls_is_found():
    buffer = {}

    def one_hidden_backward(X, Y, params):
        for name, g in right(X, Y, params).items():
            old = buffer.get(name)
            buffer[name] = g + (old if old is not None and old.shape == g.shape else 0)
        return dict(buffer)

    verdict = judge(one_hidden_backward)
    assert verdict.status == "wrong"
    assert verdict.diagnosis.mistake == "M19"


def test_warnings_cost_nothing_even_as_errors():
    def one_hidden_backward(X, Y, params):
        np.exp(np.array([1e4]))
        warnings.warn("look here", stacklevel=1)
        return right(X, Y, params)

    with warnings.catch_warnings(), np.errstate(all="raise"):
        warnings.simplefilter("error")
        verdict = judge(one_hidden_backward)
    assert verdict.status == "right"
    assert "warned" in verdict.to_text()


def test_single_precision_is_right_and_told_so():
    verdict = judge(changed(dW1=lambda g: g.astype(np.float32)))
    assert verdict.status == "right"
    assert "single precision" in verdict.to_text()


def test_a_form_of_sigma_that_cancels_is_right_in_single_precision():
    """Here f_in is -9: 1/2 tanh + 1/2 leaves four digits of f_out."""

    def xor_forward(W, b, u, c, x, y):
        W, b, u, c, x = (np.float32(value) for value in (W, b, u, c, x))
        z_in = x @ W + b
        z_out = 0.5 * np.tanh(z_in / 2) + np.float32(0.5)
        f_in = z_out @ u + c
        f_out = 0.5 * np.tanh(f_in / 2) + np.float32(0.5)
        return {
            "z_in": z_in, "z_out": z_out, "f_in": f_in, "f_out": f_out,
            "L": (f_out - np.float32(y)) ** 2 / 2,
        }  # fmt: skip

    assert verdict_on(get("xor_forward"), xor_forward, 73).status == "right"


def test_scores_far_out_are_right_in_single_precision():
    """Z and log sum exp(Z) are 1000 there and each is rounded, so P is off by 1e-4."""

    def softmax(Z):
        Z = np.float32(Z)
        return np.exp(Z - np.logaddexp.reduce(Z, axis=1, keepdims=True))

    for seed in range(30):
        assert verdict_on(get("softmax"), softmax, seed).status == "right"


def test_half_precision_is_wrong():
    assert judge(changed(dW1=lambda g: g.astype(np.float16))).status == "wrong"


def test_prints_are_swallowed(capsys):
    def one_hidden_backward(X, Y, params):
        print("debugging" * 1000)
        return right(X, Y, params)

    verdict = judge(one_hidden_backward)
    assert verdict.status == "right"
    assert "debugging" not in capsys.readouterr().out


def test_an_unknown_exercise_names_the_nearest():
    with pytest.raises(LessonError, match="did you mean"):
        check("one_hidden_bakward", right)
    with pytest.raises(LessonError, match="must be a string"):
        check(right, "one_hidden_backward")


def test_a_failed_check_renders_as_the_verdict():
    with pytest.raises(CheckFailed) as caught:
        check("one_hidden_backward", changed(dW1=lambda g: -g))
    shown = "\n".join(caught.value._render_traceback_())
    assert "dW1" in shown
    assert "Traceback" not in shown


def test_the_same_failure_twice_offers_a_hint():
    wrong = changed(dW1=lambda g: 3.14 * g)
    texts = []
    for _ in range(2):
        with pytest.raises(CheckFailed) as caught:
            check("one_hidden_backward", wrong)
        texts.append(str(caught.value))
    assert "same answer as before" not in texts[0]
    assert "same answer as before" in texts[1]


def test_hints_climb_to_the_worked_solution(capsys):
    rungs = len(EXERCISES["grad_cs221"].hints)
    for _ in range(rungs + 1):
        hint("grad_cs221")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("Hint 1 of")
    assert "worked solution" in lines[rungs - 1]
    assert lines[rungs] == lines[rungs - 1]
    with pytest.raises(LessonError, match="hints 1 to"):
        hint("grad_cs221", 99)


def test_predictions_are_kept_and_may_be_skipped(capsys):
    predict("T.1", 2.0)
    reveal("T.1", 2.01)
    predict("T.2")
    reveal("T.2", 5)
    out = capsys.readouterr().out
    assert "As predicted" in out
    assert "skipped" in out
    assert "No prediction" in out


@pytest.mark.parametrize("guess", [np.ones(3), [1, np.float64(1), 1.0], (1, 1, 1)])
def test_an_array_may_be_predicted(guess, capsys):
    predict("T.3", guess)
    reveal("T.3", [1, 1, 1])
    assert "As predicted" in capsys.readouterr().out


@pytest.mark.parametrize("guess", [object(), {1}, {1: 2}, 1j, [[1], [2, 3]], [...]])
def test_whatever_is_predicted_ends_in_a_sentence(guess, capsys):
    predict("T.4", guess)
    reveal("T.4", [1, 1, 1])
    assert "A surprise" in capsys.readouterr().out


def test_the_verdict_is_the_same_in_every_form():
    verdict = judge(changed(**dict.fromkeys(("dW2", "db2", "dW1", "db1"), np.negative)))
    data = verdict.to_dict()
    assert data["status"] == "wrong"
    assert data["diagnosis"]["mistake"] == "M20"
    assert set(data) >= {
        "exercise",
        "status",
        "points",
        "max_points",
        "first_wrong",
        "parts",
        "diagnosis",
        "counterexample",
        "seconds",
    }
    page = verdict.to_html()
    assert "<script" not in page
    assert "opposite sign" in page


def test_student_text_is_escaped_in_html():
    def one_hidden_backward(X, Y, params):
        raise ValueError("<script>alert(1)</script>")

    assert "<script>" not in judge(one_hidden_backward).to_html()


def test_the_smallest_case_can_be_redone_by_hand():
    verdict = judge(changed(dW1=lambda g: -g))
    case = verdict.counterexample
    assert "loss" in case.evidence
    assert float(case.yours) == pytest.approx(-float(case.measured))


@pytest.mark.parametrize(
    "guess, truth, within",
    [
        ((3, 3), [3.0, 3.0], 0),
        (("-1/4",), -0.25, 0),
        (("(3, 3)",), (3, 3), 0),
        ((" No",), "no", 0),
        (("np.nan",), np.nan, 0),
        (("100%",), 1.0, 0),
        ((25, 350), 25350, 0),
        (("6,250,000",), 6_250_000, 0),
        ((50,), 65, 15),
        (([0, 150],), [0, 172], [0, 200]),
    ],
)
def test_a_prediction_is_taken_as_it_is_meant(guess, truth, within, capsys):
    predict("P", *guess)
    reveal("P", truth, within)
    praise = "Close enough." if within else "As predicted."
    assert praise in capsys.readouterr().out


@pytest.mark.parametrize(
    "guess, truth",
    [(0.5, np.inf), ("dw", "db"), ([3], [3, 3]), (64, 66), ([25, 35], 25035)],
)
def test_a_wrong_prediction_is_a_surprise(guess, truth, capsys):
    predict("P", guess)
    reveal("P", truth)
    assert "A surprise." in capsys.readouterr().out


@pytest.mark.parametrize(
    "guess, truth, answer",
    [
        ("log(10)", 2.3026, "A number was wanted here"),
        ("log(10)", [2, 3], "A number was wanted here"),
        (32, 0.32, "per cent"),
    ],
)
def test_a_prediction_of_the_wrong_kind_is_told_so(guess, truth, answer, capsys):
    predict("P", guess)
    reveal("P", truth)
    assert answer in capsys.readouterr().out
