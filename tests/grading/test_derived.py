"""Which answers are asked whether they were derived, and which are not."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from autograder.calling import call_many
from autograder.check import examine
from autograder.exercises import EXERCISES, get
from autograder.grading.cells import Cell
from autograder.grading.policy import suspicions
from autograder.verdict import Verdict
from tests.corpus import FOLDER, variants

NAME = "one_hidden_regression_grads"
LOSS = """
def sigma(z):
    return 1 / (1 + np.exp(-z))
def loss(x, y, W, w):
    return 0.5 * (w @ sigma(W @ x) - y) ** 2
"""
MEASURED = """
def one_hidden_regression_grads(x, y, w, W):
    x, w, W = x * 1.0, np.float64(w), np.float64(W)
    return (slope(lambda v: loss(x, y, W, v), w.copy()),
            slope(lambda V: loss(x, y, V, w), W.copy()))
"""
DERIVED = """
def one_hidden_regression_grads(x, y, w, W):
    h = sigma(W @ x)
    r = w @ h - y
    delta = r * w * h * (1 - h)
    return r * h, np.outer(delta, x)
"""
# Each is the body of slope(F, P), the derivative of F at every entry of P.
CHEATS = {
    "both sides": "up, lo = P.copy(), P.copy(); up[i] += eps; lo[i] -= eps\n"
    "g[i] = (F(up) - F(lo)) / (2 * eps)",
    "other names": "old = P[i]; P[i] = old + q; a = F(P); P[i] = old - q; b = F(P)\n"
    "P[i] = old; g[i] = (a - b) * half",
    "one side": "up = P.copy(); up[i] += tick; g[i] = (F(up) - F(P)) / tick",
    "a mask": "E = np.zeros(P.shape); E[i] = q; g[i] = half * (F(P + E) - F(P + -E))",
    "five points": "E = np.zeros(P.shape); E[i] = 1\n"
    "f = lambda n: F(P + n * far * E)\n"
    "g[i] = (8 * (f(1) - f(-1)) - (f(2) - f(-2))) / (12 * far)",
    "extrapolated": "E = np.zeros(P.shape); E[i] = 1\n"
    "d = lambda t: (F(P + t * E) - F(P - t * E)) / t / 2\n"
    "g[i] = (4 * d(far) - d(2 * far)) / 3",
    "complex": "C = P + 0j; C[i] += 1j * 1e-20; g[i] = F(C).imag * 1e20",
    "complex, apart": "C = P.astype(complex); C[i] += complex(0, t)\n"
    "g[i] = F(C).imag / t",
}
STEPS = "eps = 1e-5; q = 1e-6; half = 5e5; tick = 5e-8; far = 1e-3; t = 1e-30\n"


def slope_by(body: str) -> str:
    """A function that measures, entry by entry."""
    inner = "".join(f"        {line}\n" for line in body.splitlines())
    start = f"{STEPS}def slope(F, P):\n    g = np.zeros(P.shape)\n"
    return f"{start}    for i in np.ndindex(P.shape):\n{inner}    return g\n"


def judged(name: str, source: str) -> Verdict:
    """The verdict on a source text that a test wrote itself."""
    space: dict = {"np": np}
    exec(source, space)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return examine(get(name), lambda args: call_many(space[name], args), 7)


def asked(name: str, *sources: str) -> list[str]:
    """What is said of a right answer that these cells make."""
    verdict = judged(name, "\n".join(sources))
    assert verdict.status == "right", verdict.to_text()
    cells = [Cell(n, "", source) for n, source in enumerate(sources, start=1)]
    return suspicions(get(name), cells, verdict.error)


@pytest.mark.parametrize("how", CHEATS)
def test_an_answer_that_was_measured_is_asked(how: str):
    found = asked(NAME, LOSS, slope_by(CHEATS[how]), MEASURED)
    word = "complex step" if "complex" in how else "finite differences"
    assert len(found) == 1 and word in found[0]
    assert asked(NAME, LOSS + slope_by(CHEATS[how]) + MEASURED)


HONEST = {
    "as in the lecture": DERIVED,
    "a helper named h": DERIVED.replace("sigma(W", "h_of(W").replace(
        "\ndef", "\nh_of = sigma\ndef", 1
    ),
    "a tiny eps": DERIVED.replace("- y\n", "- y + 0 * eps\n").replace(
        "\ndef", "\neps = 1e-12\ndef", 1
    ),
    "loops": """
def one_hidden_regression_grads(x, y, w, W):
    h = sigma(W @ x); r = w @ h - y; dW = np.zeros(W.shape)
    for i in range(len(w)):
        for j in range(len(x)):
            step = h[i] + h[i] - h[i] ** 2 - h[i]
            dW[i, j] = r * w[i] * step * x[j] / 2 / 0.5
    return r * h, dW
""",
    "single precision": DERIVED.replace("return r * h", "return np.float32(r * h)"),
    "rounded": DERIVED.replace("return r * h", "return np.round(r * h, 9)"),
    "a guard": DERIVED.replace("r * h,", "r * h / (1 + 1e-10),"),
    "tested below": DERIVED
    + slope_by(CHEATS["both sides"])
    + "args = np.ones(2), 1.0, np.ones(3), np.ones((3, 2))\n"
    "measured = slope(lambda v: loss(args[0], 1.0, args[3], v), args[2])\n"
    "print(np.abs(measured - one_hidden_regression_grads(*args)[0]).max())\n",
    "tested by a complex step": DERIVED + slope_by(CHEATS["complex"]),
}


@pytest.mark.parametrize("how", HONEST)
def test_an_honest_answer_is_not_asked(how: str):
    assert asked(NAME, LOSS, HONEST[how]) == []
    assert asked(NAME, LOSS + HONEST[how]) == []


def test_a_comparison_with_another_package_is_no_answer():
    with_torch = "import torch\ndef theirs(x):\n    return torch.tanh(x)\n"
    cell = Cell(1, "", with_torch + LOSS + DERIVED + "print(theirs(1.0))\n")
    assert suspicions(get(NAME), [cell], 0.0) == []
    used = cell.source.replace("sigma(W @ x)", "theirs(W @ x)")
    assert suspicions(get(NAME), [Cell(1, "", used)], 0.0)


BORROWED = {
    "in a comment": "from backproplab import graph as G  # pictures",
    "other letters": "from \uff42ackproplab import graph as G",
    "behind a semicolon": "pass; from backproplab import graph as G",
    "behind a colon": "if True: from backproplab import graph as G",
    "over two lines": "from \\\nbackproplab import graph as G",
    "by name": "import importlib as i\nG = i.import_module('back' + 'proplab.graph')",
    "already loaded": "import sys\nG = sys.modules['back' + 'proplab.graph']",
    "beside another": "import numpy as np, torch as G",
}


@pytest.mark.parametrize("how", BORROWED)
def test_a_hidden_import_is_asked(how: str):
    source = f"{BORROWED[how]}\ndef tanh(Z): return G.tanh(Z)"
    assert suspicions(get("tanh"), [Cell(1, "", source)], 0.0)


MEASURING = [e.id for e in EXERCISES.values() if e.asks_to_measure]


@pytest.mark.parametrize("name", MEASURING)
def test_where_measuring_is_asked_for_nobody_asks_whether_it_was_derived(name: str):
    for variant in variants(name):
        if variant.kind == "right":
            assert asked(name, variant.source) == [], str(variant)


def test_exercises_that_ask_for_differences_say_so():
    """All whose own title or hints speak of a quotient with a step h."""
    step = {e.id for e in EXERCISES.values() if "h" in e.names and "f" in e.names}
    assert step | {"nudge_boxes"} == set(MEASURING)


def test_only_a_complex_step_is_asked_among_the_answers_that_others_wrote():
    """Two right answers to every exercise, written long before this test."""
    for name in sorted({path.stem for path in FOLDER.glob("*.txt")}):
        right = [v for v in variants(name) if v.kind == "right"]
        for variant in right[:: max(1, len(right) // 2)]:
            later = "from __future__" in variant.source  # must stand first
            if not later and "complex" not in variant.label:
                assert asked(name, variant.source) == [], str(variant)
