"""No verdict says what is not true of the answer it is given to."""

from __future__ import annotations

import pytest

from autograder import grade_source
from autograder.diagnosis import diagnose


@pytest.fixture(autouse=True)
def _errors_of_the_diagnosis_show(monkeypatch):
    monkeypatch.setattr(diagnose, "LOUD", True)


def told(exercise: str, answer: str) -> str:
    """The verdict on one wrong answer, in words."""
    verdict = grade_source(exercise, f"import numpy as np\n{answer}")
    assert verdict.status in ("wrong", "crashed")
    return verdict.to_text()


UNTRUE = {
    "a 0 in some cases": (
        "hinge_loss",
        """
def hinge_loss(w, phi, y):
    return max((w @ phi) * y - 1, 0)
""",
        ("zero everywhere", "always 0", "stays the same"),
    ),
    "an index": (
        "worst_entry",
        """
def worst_entry(a, b):
    if a.shape != b.shape:
        return (), np.inf
    gaps = a - b
    index = np.unravel_index(np.argmax(gaps), gaps.shape)
    return index, gaps[index]
""",
        ("no factor or sign",),
    ),
    "losses are no scores": (
        "above_chord",
        """
def above_chord(losses):
    chord = np.linspace(losses[0], losses[-1], len(losses))
    return (losses - chord).max()
""",
        ("scores", "zero everywhere"),
    ),
    "sizes of another case": (
        "classifier_backward",
        """
def classifier_backward(X, Y, W, b, activation):
    Z = X @ W + b
    A = 1 / (1 + np.exp(-Z))
    H = A if activation == "sigmoid" else Z
    E = np.exp(H - H.max(axis=1, keepdims=True))
    dZ = (E / E.sum(axis=1, keepdims=True) - Y) / len(Y) * A * (1 - A)
    return X.T @ dZ, dZ.sum(axis=0)
""",
        ("sizes are between", "opposite sign"),
    ),
}


@pytest.mark.parametrize("case", UNTRUE)
def test_nothing_untrue_is_said(case):
    exercise, answer, untrue = UNTRUE[case]
    text = told(exercise, answer)
    assert not [words for words in untrue if words in text], text


SAID = {
    "a classic delta": (
        "output_delta",
        """
def output_delta(y, o):
    return (o - y) * o * (1 - o)
""",
        "A classic delta is minus dL/dnet",
    ),
    "a depth": (
        "error_signals",
        """
def error_signals(params, cache, Y):
    L = len(params) // 2
    top = 2 * (cache[f"A{L}"] - Y) / len(Y)
    signals = {f"dZ{L}": top}
    for l in range(L - 1, 0, -1):
        slope = 1 - cache[f"A{l}"] ** 2
        signals[f"dZ{l}"] = (top @ params[f"W{l + 1}"].T) * slope
    return signals
""",
        "right with at most 2 layers, wrong with more\n",
    ),
    "a column and a row": (
        "log_sum_exp",
        """
def log_sum_exp(H):
    m = H.max(axis=1, keepdims=True)
    return m + np.log(np.exp(H - m).sum(axis=1))
""",
        "arrays of the shapes (3, 1) and (3,) were stretched to fit each other\n",
    ),
    "a bias column": (
        "classic_step",
        """
def classic_step(W1, W2, x, y, eta):
    sigmoid = lambda z: 1 / (1 + np.exp(-z))
    x1 = np.append(x, 1.0)
    h1 = np.append(sigmoid(W1 @ x1), 1.0)
    o = sigmoid(W2 @ h1)
    delta2 = (y - o) * o * (1 - o)
    delta1 = (W2.T @ delta2) * h1 * (1 - h1)
    return W1 + eta * np.outer(delta1, x1), W2 + eta * np.outer(delta2, h1)
""",
        "without the last it is right (is a bias column passed down?)\n",
    ),
    "an option": (
        "classifier_backward",
        """
def classifier_backward(X, Y, W, b, activation):
    Z = X @ W + b
    H = 1 / (1 + np.exp(-Z)) if activation == "sigmoid" else Z
    E = np.exp(H - H.max(axis=1, keepdims=True))
    dZ = (E / E.sum(axis=1, keepdims=True) - Y) / len(Y) * H * (1 - H)
    return X.T @ dZ, dZ.sum(axis=0)
""",
        "right with activation = 'sigmoid', wrong with activation = 'linear'\n",
    ),
    "a loss has no gradient": (
        "cross_entropy",
        """
def cross_entropy(P, Y):
    return -np.sum(Y * np.log(P))
""",
        "Should the loss change?",
    ),
    "a loop, in every step": (
        "sgd_epoch",
        """
def sgd_epoch(X, y, w, eta, batches):
    for rows in batches:
        w = w - eta * X.T @ (X @ w - y)
    return w
""",
        "this change: all of X in the place of X[rows] (in every step)\n",
    ),
    "columns for rows": (
        "flatten",
        """
def flatten(params):
    return np.concatenate([a.ravel(order="F") for a in params.values()])
""",
        "column by column; row by row is asked for\n",
    ),
    "another factor in each case": (
        "grad_logits",
        """
def grad_logits(P, Y):
    return (P - Y) / len(Y) * P.max()
""",
        "the right answer times a number, another in each case\n",
    ),
    "a smallest count": (
        "count_forward",
        """
def count_forward(d, k, m):
    return d * k + m * k * k + k
""",
        "Smallest failing case: d = 1, k = 1, m = 1\n",
    ),
    "a quotient has no loss": (
        "central_difference",
        """
def central_difference(f, x, h):
    return (f(x + h) - f(x - h)) / h
""",
        "this change: h in the place of h + h\nLikely: extra factor 2. Where does the"
        " formula",
    ),
    "only the wrong part": (
        "factors_M6",
        """
def factors_M6(x, y, W, b, theta, c):
    h = np.tanh(W @ x + b)
    dyhat = 2 * (theta @ h + c - y)
    db = dyhat * theta * (1 - h * h)
    return {"dyhat": dyhat, "dtheta": dyhat * h, "dc": dyhat, "dh": db, "db": db,
            "dW": np.outer(db, x)}
""",
        "your dh is exactly the right answer with this change: dh with an extra factor"
        " tanh'(W @ x + b)\n",
    ),
    "a name of the worked solution alone": (
        "output_delta",
        """
def output_delta(y, o):
    return (o - y) * o * (1 - o)
""",
        "this change: o - y in the place of y - o\n",
    ),
    "a slope of a name that the exercise does not have": (
        "signals_rabd",
        """
def signals_rabd(x, y, W1, W2, W3, w):
    h1 = 1 / (1 + np.exp(-W1 @ x))
    h2 = 1 / (1 + np.exp(-W2 @ h1))
    h3 = 1 / (1 + np.exp(-W3 @ h2))
    r = w @ h3 - y
    a = r * w * h3 * (1 - h3)
    b = W3.T @ a
    return {"r": r, "a": a, "b": b, "d": W2.T @ b}
""",
        "b without the slope of the sigmoid in layer 2 (and the same in d)\n",
    ),
    "a count": (
        "count_forward",
        """
def count_forward(d, k, m):
    return d * k + m * k * k + k
""",
        "count with m in the place of m - 1\n",
    ),
    "sigmoid twice": (
        "several_outputs",
        """
def several_outputs(x, y, W1, W2):
    sigmoid = lambda z: 1 / (1 + np.exp(-z))
    h = sigmoid(W1 @ x)
    e = np.exp(W2 @ h)
    r = e / e.sum() - y
    a = (r @ W2) * sigmoid(h) * (1 - sigmoid(h))
    return {"r": r, "dW2": np.outer(r, h), "a": a, "dW1": np.outer(a, x)}
""",
        "sigmoid put through sigmoid again\n",
    ),
}


@pytest.mark.parametrize("case", SAID)
def test_it_is_said_in_names_that_the_student_knows(case):
    exercise, answer, words = SAID[case]
    assert words in told(exercise, answer)
