"""No verdict says what is not true of the answer it is given to."""

from __future__ import annotations

import pytest

from autograder import diagnosis, grade_source


@pytest.fixture(autouse=True)
def _errors_of_the_diagnosis_show(monkeypatch):
    monkeypatch.setattr(diagnosis, "LOUD", True)


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
