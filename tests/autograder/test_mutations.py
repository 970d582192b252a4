"""Break the checker on purpose: a handful of telling answers must notice each time."""

from __future__ import annotations

import importlib
from dataclasses import replace

import numpy as np
import pytest

import autograder.compare as compare_module
from autograder import calling, rounding
from autograder.diagnosis import diagnose
from autograder.exercises import EXERCISES, draw, exercise
from autograder.sources import grade_source

check_module = importlib.import_module("autograder.check")

SIGMA = "import numpy as np\ndef s(z): return 1 / (1 + np.exp(-z))\n"
LAYER = """import numpy as np
def linear_backward(dZ, X, W):
    return {body}
"""
HIDDEN = (
    SIGMA
    + """
def one_hidden_backward(X, Y, params):
    A = s(X @ params["W1"] + params["b1"])
    d2 = 2 * (A @ params["W2"] + params["b2"] - Y) / {N}
    d1 = (d2 @ params["W2"].T) * {slope}
    return {{"dW1": X.T @ d1, "db1": d1.sum(0), "dW2": A.T @ d2, "db2": {db2}}}
"""
)
GOOD = {"N": "len(X)", "slope": "A * (1 - A)", "db2": "d2.sum(0)"}
RELU = "import numpy as np\ndef relu_backward(dA, Z): return {body}"

# exercise, source, whether it is right
ANSWERS = {
    "right": ("one_hidden_backward", HIDDEN.format(**GOOD), True),
    "float32": (
        "linear_backward",
        LAYER.format(
            body="tuple(np.float32(a) for a in (dZ @ W.T, X.T @ dZ, dZ.sum(0)))"
        ),
        True,
    ),
    "single precision that cancels": (
        "softmax",
        "import numpy as np\ndef softmax(Z):\n    Z = Z.astype(np.float32)\n"
        "    E = np.exp(Z - Z.max(1, keepdims=True))\n"
        "    return E / E.sum(1, keepdims=True)",
        True,
    ),
    "half at the kink": (
        "relu_backward",
        RELU.format(body="dA * (Z > 0) + dA * (Z == 0) / 2"),
        True,
    ),
    "two at the kink": (
        "relu_backward",
        RELU.format(body="dA * (Z > 0) + dA * (Z == 0) * 2"),
        False,
    ),
    "kept dimension": (
        "linear_backward",
        LAYER.format(body="dZ @ W.T, X.T @ dZ, dZ.sum(0, keepdims=True)"),
        False,
    ),
    "small error": (
        "linear_backward",
        LAYER.format(body="dZ @ W.T, X.T @ dZ * (1 + 1e-4), dZ.sum(0)"),
        False,
    ),
    "no upstream": ("relu_backward", RELU.format(body="(Z > 0) * 1.0"), False),
    "not summed": (
        "linear_backward",
        LAYER.format(body="dZ @ W.T, X.T @ dZ, dZ.mean(0)"),
        False,
    ),
    "slope missing": (
        "one_hidden_backward",
        HIDDEN.format(**{**GOOD, "slope": "1"}),
        False,
    ),
    "N is five": ("one_hidden_backward", HIDDEN.format(**{**GOOD, "N": "5"}), False),
    "last part": (
        "one_hidden_backward",
        HIDDEN.format(**{**GOOD, "db2": "2 * d2.sum(0)"}),
        False,
    ),
    "absent part": (
        "one_hidden_backward",
        HIDDEN.format(**GOOD) + "    # noqa\nf = one_hidden_backward\n"
        "def one_hidden_backward(X, Y, params):\n"
        "    g = f(X, Y, params); del g['db1']; return g\n",
        False,
    ),
    "wrong sign": (
        "linear_backward",
        LAYER.format(body="-dZ @ W.T, X.T @ dZ, dZ.sum(0)"),
        False,
    ),
    "not finite": (
        "linear_backward",
        LAYER.format(body="dZ @ W.T, X.T @ dZ, dZ.sum(0) * np.nan"),
        False,
    ),
    "transposed": (
        "linear_backward",
        LAYER.format(body="dZ @ W, X.T @ dZ, dZ.sum(0)"),
        False,
    ),
    "square transposed": (
        "linear_backward",
        LAYER.format(
            body="dZ @ (W if len(W) == len(W.T) else W.T), X.T @ dZ, dZ.sum(0)"
        ),
        False,
    ),
    "changes its argument": (
        "linear_backward",
        "def linear_backward(dZ, X, W):\n    r = dZ @ W.T, X.T @ dZ, dZ.sum(0)\n"
        "    X *= 2\n    return r",
        False,
    ),
    "remembers": (
        "linear_backward",
        "n = [0]\ndef linear_backward(dZ, X, W):\n    n[0] += 1\n"
        "    f = 1 + (n[0] % 2 == 0)\n    return dZ @ W.T * f, X.T @ dZ, dZ.sum(0)",
        False,
    ),
    "whole numbers": (
        "linear_backward",
        "import numpy as np\ndef linear_backward(dZ, X, W):\n"
        "    h = np.zeros_like(dZ)\n    h[:] = dZ / 2\n"
        "    return dZ @ W.T, X.T @ h * 2, dZ.sum(0)",
        False,
    ),
    "overflow": (
        "softmax",
        "import numpy as np\ndef softmax(Z):\n    E = np.exp(Z)\n"
        "    return E / E.sum(1, keepdims=True)",
        False,
    ),
    "bias ignored": (
        "one_hidden_backward",
        HIDDEN.format(**GOOD).replace(' + params["b1"]', ""),
        False,
    ),
    "crashes on one example": (
        "linear_backward",
        "def linear_backward(dZ, X, W):\n    assert len(X) > 1\n"
        "    return dZ @ W.T, X.T @ dZ, dZ.sum(0)",
        False,
    ),
}


def verdicts() -> dict[str, bool]:
    """Whether each answer passes."""
    exercise._family.cache_clear()
    return {
        name: grade_source(which, source).status == "right"
        for name, (which, source, _) in ANSWERS.items()
    }


def wanted() -> dict[str, bool]:
    return {name: fine for name, (_, _, fine) in ANSWERS.items()}


@pytest.fixture(autouse=True)
def _only_judge(monkeypatch):
    """Explanations cost time and decide nothing."""
    nothing = diagnose.Explanation(None, None)
    monkeypatch.setattr(check_module, "explain", lambda evidence: nothing)
    yield
    exercise._family.cache_clear()


def test_the_whole_checker_judges_these_answers_rightly():
    assert verdicts() == wanted()


def forget_shapes(patch):
    real = compare_module._numbers

    def stretched(raw):
        got = real(raw)
        return got if got is None else np.squeeze(got)

    patch.setattr(compare_module, "_numbers", stretched)


def without_styles(*lost):
    def mutate(patch):
        for one in EXERCISES.values():
            kept = tuple(style for style in one.styles if style not in lost)
            patch.setitem(one.__dict__, "styles", kept)
            if one.id == "softmax":
                patch.setitem(one.__dict__, "extra", None)

    return mutate


def draws(change):
    """Change every array as it is drawn."""

    def mutate(patch):
        real = draw._array
        patch.setattr(draw, "_array", lambda *args: change(real(*args), *args))

    return mutate


def constant(name, value):
    return lambda patch: patch.setattr(compare_module, name, value)


def parts(change):
    """Change what the comparison says about each part."""

    def mutate(patch):
        for name in ("_judge", "_excused"):
            real = getattr(compare_module, name)
            patch.setattr(compare_module, name, lambda *a, real=real: change(real(*a)))

    return mutate


def call_results(change):
    def mutate(patch):
        real = calling._call
        patch.setattr(calling, "_call", lambda *a: change(real(*a)))

    return mutate


def sizes(change):
    def mutate(patch):
        real = exercise.choose_sizes
        patch.setattr(exercise, "choose_sizes", lambda *a: change(real(*a)))

    return mutate


def no_ties_in_truth(patch):
    real = compare_module.distance
    patch.setattr(
        compare_module,
        "distance",
        lambda got, r: real(got, replace(r, low=None, high=None)),
    )


def right_if(status):
    return parts(lambda p: replace(p, status="right") if p.status == status else p)


def excusing(times):
    def mutate(patch):
        patch.setattr(rounding, "SAFETY", rounding.SAFETY * times)
        patch.setattr(rounding, "HOPELESS", rounding.HOPELESS * times)

    return mutate


def first_case_only(patch):
    real = exercise._family
    patch.setattr(
        exercise.Exercise, "instances", lambda self, seed: real(self, seed)[:1]
    )


MUTATIONS = {
    "rounding excuses nothing": excusing(0),
    "rounding excuses 10,000 times as much": excusing(1e4),
    "only the first case counts": first_case_only,
    "crashes in other cases are forgiven": lambda patch: patch.setattr(
        check_module, "_only_casts", lambda judged: True
    ),
    "shapes are stretched": forget_shapes,
    "double tolerance times 1e9": constant("DOUBLE", 1.0),
    "single tolerance times 1e6": constant("SINGLE", 3.0),
    "single precision refused": parts(
        lambda p: replace(p, status="wrong") if p.single else p
    ),
    "wrong values pass": right_if("wrong"),
    "wrong shapes pass": right_if("shape"),
    "missing parts pass": right_if("missing"),
    "nan passes": right_if("not finite"),
    "signs ignored": lambda patch: patch.setattr(
        compare_module,
        "distance",
        lambda got, r: np.abs(np.abs(got) - np.abs(r.value)),
    ),
    "the best entry decides": lambda patch: patch.setattr(
        compare_module, "distance", lambda got, r: np.abs(got - r.value).min()
    ),
    "only the first part counts": lambda patch: patch.setattr(
        compare_module,
        "references",
        lambda e, i: dict(list(exercise.references(e, i).items())[:1]),
    ),
    "ones upstream": draws(
        lambda a, rng, shape, kind, style: np.ones_like(a) if kind == "real" else a
    ),
    "only one size": sizes(lambda found: dict.fromkeys(found, 5)),
    "batches of one only": sizes(lambda found: {**found, "N": 1}),
    "no ties drawn": without_styles("tie"),
    "one value at a kink": no_ties_in_truth,
    "no whole numbers": without_styles("integer"),
    "no squares": without_styles("square"),
    "no extremes": without_styles("saturated", "large"),
    "no batch of one": without_styles("one example"),
    "changed arguments unseen": call_results(lambda o: replace(o, changed=())),
    "no biases": draws(
        lambda a, rng, shape, kind, style: (
            a * 0 if kind == "weight" and len(shape) == 1 else a
        )
    ),
    "second call not looked at": lambda patch: patch.setattr(
        check_module.Judged, "stable", True
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", MUTATIONS)
def test_a_broken_checker_is_noticed(name, monkeypatch):
    MUTATIONS[name](monkeypatch)
    assert verdicts() != wanted()
