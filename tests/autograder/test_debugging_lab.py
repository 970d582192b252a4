"""The twelve broken functions of lesson 15 are broken, each in the way it says."""

from __future__ import annotations

import pytest

from autograder import grade_source, release
from autograder.exercises import lesson

SOURCE = next(path for path in release.sources() if path.stem.startswith("15"))
CELLS = {cell["id"]: cell.source for cell in release.solved(SOURCE).cells}

# What the diagnosis may call it; None where the numbers alone do not prove a name.
NAMES = {
    "01": {"M12"},
    "02": {"M58", None},
    "03": {"M46"},
    "04": {"M32", None},
    "05": {"M24"},
    "06": {"M70"},
    "07": {"M31"},
    "08": {"M37"},
    "09": {"M29"},
    "10": {"M79"},
    "11": {"M80"},
    "12": {"M20", "M26"},
}


def broken(number: str) -> str:
    """The broken function, handed in as the answer."""
    return "\n".join(
        [CELLS["setup"], CELLS[f"broken-{number}"], f"fix_{number} = broken_{number}"]
    )


def test_there_are_twelve():
    repairs = [e.id for e in lesson("15") if e.id.startswith("fix_")]
    assert sorted(repairs) == [f"fix_{number}" for number in NAMES]


@pytest.mark.parametrize("number", NAMES)
def test_the_broken_function_is_refused_and_never_misnamed(number):
    verdict = grade_source(f"fix_{number}", broken(number))
    assert verdict.status in ("wrong", "crashed")
    mistake = verdict.diagnosis.mistake if verdict.diagnosis else None
    assert mistake in NAMES[number], verdict.to_text()


@pytest.mark.parametrize("number", NAMES)
def test_the_repaired_function_is_right(number):
    source = "\n".join([CELLS["setup"], CELLS[f"fix_{number}"]])
    assert grade_source(f"fix_{number}", source).status == "right"


def test_the_capstone_asks_for_more_than_a_linear_model_gives():
    source = CELLS["setup"] + (
        "\ndef train_digits(X, labels, X_test):\n"
        "    Y, W, b = np.eye(10)[labels], np.zeros((64, 10)), np.zeros(10)\n"
        "    for step in range(800):\n"
        "        rows = np.arange(50 * step, 50 * step + 50) % len(X)\n"
        "        dZ = (softmax(X[rows] @ W + b) - Y[rows]) / 50\n"
        "        W, b = W - 0.5 * X[rows].T @ dZ, b - 0.5 * dZ.sum(axis=0)\n"
        "    return (X_test @ W + b).argmax(axis=1)\n"
    )
    verdict = grade_source("train_digits", source)
    assert verdict.status == "wrong"
    assert "% of 500 unseen images are right; asked for are 60%" in verdict.to_text()
