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
    "a quotient upside down": (
        "symptoms",
        """
def symptoms(got, want):
    same = got.shape == want.shape
    turned = got.shape == want.T.shape and bool(np.allclose(got, want.T))
    factor = 0.0
    if same:
        k = np.argmax(np.abs(want))
        c = want.flat[k] / got.flat[k] if got.flat[k] else 0.0
        factor = float(c) if np.allclose(got, c * want) else 0.0
    return {"same_shape": same, "factor": factor, "transposed": turned}
""",
        ("cut to integers",),
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
        "with an extra factor Z * (1 - Z), with activation = 'linear'\n",
    ),
    "an option that nothing explains": (
        "residual",
        """
def residual(yhat, y, loss):
    r = yhat - y
    if loss == "logistic":
        return -y / (1 + np.exp(np.minimum(y * yhat, 700)))
    slopes = {"half_squared": r, "squared": r**3, "absolute": np.sign(r)}
    return slopes.get(loss, np.clip(r, -1, 1))
""",
        "wrong with loss = 'squared'\n",
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
        "this change: h in the place of 2 * h\nLikely: extra factor 2. Where does the"
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
    "a slope in the exercise's own letter": (
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
        "b without the local slope z2 * (1 - z2) (and the same in d)\n",
    ),
    "a slope of a slope": (
        "hidden_signal",
        """
def hidden_signal(dZ_next, W_next, S):
    return dZ_next @ W_next.T * S * (1 - S)
""",
        "dZ with S * (1 - S) in the place of S: S is the slope already\n",
    ),
    "one sum, two lines that may be wrong": (
        "count_backward",
        """
def count_backward(d, k, m):
    return 2 * (m - 1) * k * k + d * k + k + m * k
""",
        "weight_gradients without the term k or signals without the term k\n",
    ),
    "right in spite of it": (
        "adam_step",
        """
def adam_step(params, grads, state, lr, beta1, beta2, eps):
    t = state["t"] + 1
    new, m, v = {}, {}, {}
    for name, p in params.items():
        g = grads["d" + name]
        m[name] = beta1 * state["m"][name] + (1 - beta1) * g
        v[name] = beta2 * state["v"][name] + (1 - beta2) * g**2
        step = m[name] / (1 - beta1**t) / (np.sqrt(v[name] / (1 - beta2**t)) + eps)
        new[name] = p - lr * step
    return new, {"t": state["t"], "m": m, "v": v}
""",
        "with this change: state.t with t in the place of t + 1\n",
    ),
    "the constant 1 on top": (
        "classic_update",
        """
def classic_update(W, delta, o, eta):
    return W + eta * np.outer(delta, np.append(1.0, o))
""",
        "np.append(1.0, o) in the place of np.append(o, 1.0)\n",
    ),
    "the neighbours' chord": (
        "above_chord",
        """
def above_chord(losses):
    return (losses[1:-1] - (losses[:-2] + losses[2:]) / 2).max()
""",
        "the middle of each place's own two neighbours in the place of",
    ),
    "a condition left out": (
        "clip_gradients",
        """
def clip_gradients(grads, limit):
    norm = np.sqrt(sum(np.sum(g**2) for g in grads.values()))
    return {name: g * (limit / norm) for name, g in grads.items()}
""",
        "with length in the place of np.maximum(length, limit)",
    ),
    "the slope of the layer above": (
        "network_gradients",
        """
def network_gradients(params, X, Y, hidden):
    h, slope = {
        "relu": (lambda Z: np.maximum(Z, 0), lambda A: A > 0),
        "tanh": (np.tanh, lambda A: 1 - A**2),
        "sigmoid": (lambda Z: 1 / (1 + np.exp(-Z)), lambda A: A * (1 - A)),
    }[hidden]
    A, last, grads = [X], len(params) // 2, {}
    for l in range(1, last + 1):
        Z = A[-1] @ params[f"W{l}"] + params[f"b{l}"]
        A.append(h(Z) if l < last else Z)
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    dZ = (E / E.sum(axis=1, keepdims=True) - Y) / len(X)
    for l in range(last, 0, -1):
        grads[f"dW{l}"], grads[f"db{l}"] = A[l - 1].T @ dZ, dZ.sum(axis=0)
        if l > 1:
            dZ = (dZ @ params[f"W{l}"].T) * slope(A[l])
    return grads
""",
        "whose slope does it cross now?",
    ),
    "a loss after its own step": (
        "train_epoch",
        """
from backproplab.network import gradients, loss_value

def train_epoch(params, X, Y, lr, batches):
    losses, kinds = [], ("tanh", "linear", "softmax_cross_entropy")
    for rows in batches:
        grads = gradients(params, X[rows], Y[rows], *kinds)
        params = {n: p - lr * grads["d" + n] for n, p in params.items()}
        losses.append(loss_value(params, X[rows], Y[rows], *kinds))
    return params, losses
""",
        "losses with the parameters after the step in the place of those before it",
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
