"""Eight made-up submissions to lesson 07, and what each deserves.

Each one is the released notebook with some answer cells filled in.  ``right`` lists the
exercises whose answers are right: the deserved score is their points, nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import dedent

LESSON = "07_one_hidden_layer"

EVERYTHING = (
    "one_hidden_forward",
    "one_hidden_regression_grads",
    "one_hidden_backward",
    "residual",
    "ubc_phases",
    "factors_M6",
    "grad_cs221",
)


@dataclass(frozen=True)
class Submission:
    """One student: whose model answers are kept, what is handed in instead of others.

    ``model`` names exercises answered as in the model solution, ``own`` holds the
    student's own cells by exercise; all others stay as released.
    """

    student: str
    about: str
    right: tuple[str, ...]
    model: tuple[str, ...] = ()
    own: tuple[str, ...] = ()


def _but(*names: str) -> tuple[str, ...]:
    return tuple(name for name in EVERYTHING if name not in names)


def _cells(*texts: str) -> tuple[str, ...]:
    return tuple(dedent(text).strip() for text in texts)


# Loops, lists, columns and other letters; every number is right.
UNUSUAL = _cells(
    """
    import math

    def one_hidden_forward(x, W, w):
        scores = [sum(W[c][j] * x[j] for j in range(len(x))) for c in range(len(w))]
        hidden = [1 / (1 + math.exp(min(-s, 700))) for s in scores]
        return sum(a * b for a, b in zip(w, hidden)), scores, hidden
    """,
    """
    def residual(prediction, target, name):
        gap = prediction - target
        if name == "squared":
            return gap + gap
        if name == "absolute":
            return -1 if gap < 0 else 1 if gap > 0 else 0
        if name == "huber":
            return gap / max(1, abs(gap))
        if name == "logistic":
            margin = target * prediction
            return -target * (1 - math.tanh(margin / 2)) / 2
        return gap
    """,
    """
    def one_hidden_regression_grads(x, y, w, W):
        column = np.reshape(x, (-1, 1))
        H = 1 / (1 + np.exp(-W @ column))
        gap = (w @ H).item() - y
        dW = np.zeros(W.shape)
        for c in range(W.shape[0]):
            for j in range(W.shape[1]):
                dW[c, j] = gap * w[c] * H[c, 0] * (1 - H[c, 0]) * x[j]
        return [gap * H[:, 0], dW]
    """,
    """
    def ubc_phases(x, y, w, W, h, dh):
        scores = np.einsum("kd,d->k", W, x)
        answer = {}
        answer["v"] = np.multiply(dh(scores), w)
        activations = h(scores)
        answer["r"] = np.dot(activations, w) - y
        answer["dW"] = np.einsum("k,d->kd", answer["v"] * answer["r"], x)
        answer["dw"] = activations * answer["r"]
        return answer
    """,
    """
    def factors_M6(x, y, W, b, theta, c):
        z = np.column_stack([W, b]) @ np.append(x, 1)
        h = np.tanh(z)
        dyhat = -2 * (y - c - np.sum(theta * h))
        dh = theta * dyhat
        both = np.outer(dh / np.cosh(z) ** 2, np.append(x, 1))
        return dict(dyhat=dyhat, dtheta=h * dyhat, dc=dyhat, dh=dh,
                    dW=both[:, :-1], db=both[:, -1])
    """,
    """
    def grad_cs221(phi, y, V, w):
        sigma = lambda t: np.exp(t) / (np.exp(t) + 1) if t < 0 else 1 / (1 + np.exp(-t))
        h = np.array([sigma(row @ phi) for row in V])
        r = 2 * (w @ h - y)
        return r * h, np.array([r * a * b * (1 - b) * phi for a, b in zip(w, h)])
    """,
    """
    def one_hidden_backward(X, Y, params):
        total = {"d" + name: 0.0 for name in params}
        for x, y in zip(X, Y):
            a = 1 / (1 + np.exp(-(params["W1"].T @ x + params["b1"])))
            out = params["W2"].T @ a + params["b2"]
            back = 2 * (out - y) / X.shape[0]
            inner = (params["W2"] @ back) * (a - a**2)
            total["dW2"] = total["dW2"] + np.outer(a, back)
            total["db2"] = total["db2"] + back
            total["dW1"] = total["dW1"] + np.outer(x, inner)
            total["db1"] = total["db1"] + inner
        return total
    """,
)

# The factor sigma'(z) is forgotten wherever it belongs.
NO_SLOPE = _cells(
    """
    def one_hidden_regression_grads(x, y, w, W):
        h = 1 / (1 + np.exp(-W @ x))
        r = w @ h - y
        return r * h, r * np.outer(w, x)
    """,
    """
    def ubc_phases(x, y, w, W, h, dh):
        a = h(W @ x)
        r = w @ a - y
        v = w
        return {"r": r, "v": v, "dw": r * a, "dW": r * np.outer(v, x)}
    """,
    """
    def factors_M6(x, y, W, b, theta, c):
        h = np.tanh(W @ x + b)
        dyhat = 2 * (theta @ h + c - y)
        dh = dyhat * theta
        return {"dyhat": dyhat, "dtheta": dyhat * h, "dc": dyhat, "dh": dh,
                "dW": np.outer(dh, x), "db": dh}
    """,
    """
    def grad_cs221(phi, y, V, w):
        h = 1 / (1 + np.exp(-V @ phi))
        r = w @ h - y
        return 2 * r * h, 2 * r * np.outer(w, phi)
    """,
    """
    def one_hidden_backward(X, Y, params):
        A1 = 1 / (1 + np.exp(-(X @ params["W1"] + params["b1"])))
        dZ2 = 2 * (A1 @ params["W2"] + params["b2"] - Y) / len(X)
        dZ1 = dZ2 @ params["W2"].T
        return {"dW1": X.T @ dZ1, "db1": dZ1.sum(axis=0),
                "dW2": A1.T @ dZ2, "db2": dZ2.sum(axis=0)}
    """,
)

# dW comes out as (d, k) twice, and two residuals are y - yhat.
TRANSPOSED_AND_SIGN = _cells(
    """
    def one_hidden_regression_grads(x, y, w, W):
        h = 1 / (1 + np.exp(-W @ x))
        r = w @ h - y
        return r * h, r * np.outer(x, w * h * (1 - h))
    """,
    """
    def factors_M6(x, y, W, b, theta, c):
        h = np.tanh(W @ x + b)
        dyhat = 2 * (y - (theta @ h + c))
        dh = dyhat * theta
        db = dh * (1 - h**2)
        return {"dyhat": dyhat, "dtheta": dyhat * h, "dc": dyhat, "dh": dh,
                "dW": np.outer(db, x), "db": db}
    """,
    """
    def grad_cs221(phi, y, V, w):
        h = 1 / (1 + np.exp(-V @ phi))
        r = y - w @ h
        return 2 * r * h, 2 * r * np.outer(phi, w * h * (1 - h))
    """,
)

CRASH = _cells(
    """
    def ubc_phases(x, y, w, W, h, dh):
        z = W @ x
        a = h(z)
        r = w @ a - y
        v = w * dh(z)
        return {"r": r, "v": v, "dw": r * a, "dW": r * v[:, 0] * x}
    """,
)

ENDLESS = _cells(
    """
    def residual(yhat, y, loss):
        step = 1.0
        while step > 0:
            step = step + 1.0
        return yhat - y
    """,
)

# Nothing is derived: the comparison is switched off, then every answer is zero.
TAMPERING = _cells(
    """
    np.allclose = lambda *args, **kwargs: True

    def check(exercise, function):
        print(exercise, "right")

    def one_hidden_forward(x, W, w):
        return 0.0, np.zeros(len(w)), np.zeros(len(w))
    """,
    """
    def residual(yhat, y, loss):
        return 0.0
    """,
    """
    def one_hidden_regression_grads(x, y, w, W):
        return np.zeros(w.shape), np.zeros(W.shape)
    """,
    """
    def ubc_phases(x, y, w, W, h, dh):
        return {"r": 0.0, "v": 0 * w, "dw": 0 * w, "dW": 0 * W}
    """,
    """
    def factors_M6(x, y, W, b, theta, c):
        return {"dyhat": 0.0, "dtheta": 0 * theta, "dc": 0.0, "dh": 0 * theta,
                "dW": 0 * W, "db": 0 * b}
    """,
    """
    def grad_cs221(phi, y, V, w):
        return 0 * w, 0 * V
    """,
    """
    def one_hidden_backward(X, Y, params):
        return {"d" + name: 0 * value for name, value in params.items()}
    """,
)

SUBMISSIONS = (
    Submission("all_right", "the model answers", EVERYTHING, model=EVERYTHING),
    Submission(
        "unusual_style",
        "right, with loops, lists, columns and other letters",
        EVERYTHING,
        own=UNUSUAL,
    ),
    Submission(
        "sigma_missing",
        "the factor sigma'(z) forgotten everywhere",
        ("one_hidden_forward", "residual"),
        model=("one_hidden_forward", "residual"),
        own=NO_SLOPE,
    ),
    Submission(
        "transposed_sign",
        "dW transposed, residual with the wrong sign",
        _but("one_hidden_regression_grads", "factors_M6", "grad_cs221"),
        model=_but("one_hidden_regression_grads", "factors_M6", "grad_cs221"),
        own=TRANSPOSED_AND_SIGN,
    ),
    Submission(
        "half_finished",
        "stopped after the third exercise",
        EVERYTHING[:3],
        model=EVERYTHING[:3],
    ),
    Submission(
        "crash",
        "one function stops with an IndexError",
        _but("ubc_phases"),
        model=_but("ubc_phases"),
        own=CRASH,
    ),
    Submission(
        "endless_loop",
        "one function never returns",
        _but("residual"),
        model=_but("residual"),
        own=ENDLESS,
    ),
    Submission(
        "tampering",
        "overwrites np.allclose and check; every answer is zero",
        (),
        own=TAMPERING,
    ),
)
