"""Made-up submissions for the grader's tests."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

from autograder.demo_class import UNUSUAL
from autograder.exercises import lesson
from autograder.grading.engine import Settings
from autograder.grading.files import Submission

HONEST = UNUSUAL
BY_NAME = {exercise.id: exercise for exercise in lesson("07")}
NAMES = [re.findall(r"^def (\w+)", source, re.MULTILINE)[-1] for source in HONEST]
EXERCISES = [BY_NAME[name] for name in NAMES]  # the lesson has an order of its own
FULL = sum(exercise.points for exercise in EXERCISES)
# Released by itself, a lesson without pictures: its workers start in no time.
RELEASED = [{"cell_type": "code", "id": name, "source": "..."} for name in NAMES]
SETTINGS = Settings(
    7,
    require="A",
    release=("07_one_hidden_layer", json.dumps({"cells": RELEASED}).encode()),
)
PREFIX = [sum(e.points for e in EXERCISES[:n]) for n in range(len(HONEST) + 1)]

# Each is called with the right arguments and answers zeros of the right shapes.
ZEROS = (
    "def one_hidden_forward(x, W, w): return 0.0, np.zeros(len(w)), np.zeros(len(w))",
    "def residual(yhat, y, loss): return 0.0",
    "def one_hidden_regression_grads(x, y, w, W): return 0 * w, 0 * W",
    "def ubc_phases(x, y, w, W, h, dh):"
    " return {'r': 0.0, 'v': 0 * w, 'dw': 0 * w, 'dW': 0 * W}",
    "def factors_M6(x, y, W, b, theta, c): return {'dyhat': 0.0, 'dtheta': 0 * theta,"
    " 'dc': 0.0, 'dh': 0 * theta, 'dW': 0 * W, 'db': 0 * b}",
    "def grad_cs221(phi, y, V, w): return 0 * w, 0 * V",
    "def one_hidden_backward(X, Y, params):"
    " return {'d' + k: 0 * v for k, v in params.items()}",
)


def notebook(*cells: str, **more: object) -> bytes:
    """A notebook file with these code cells."""
    content = {
        "cells": [
            {"cell_type": "code", "metadata": {}, "source": cell, "outputs": []}
            for cell in cells
        ],
        "metadata": {},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps({**content, **more}).encode()


def hand_in(folder: Path, student: str, data: bytes, name: str = "") -> Path:
    """Put a submission into a class folder."""
    path = folder / student / (name or "07_one_hidden_layer.ipynb")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def processes() -> set[int]:
    """All processes of this machine, but for threads."""
    return {int(name) for name in os.listdir("/proc") if name.isdigit()}


def belonging_to(folder: str) -> set[int]:
    """Processes that were started with a worker's folder, whatever became of them."""
    return {pid for pid in processes() if folder in command_line(pid) + _home(pid)}


def _home(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes().decode(errors="replace")
    except OSError:
        return ""


def command_line(pid: int) -> str:
    """What a process was started as, or "" when it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
    except OSError:
        return ""


def made_up(count: int) -> list[Submission]:
    """Submissions that earn ever more, each different from every other."""
    found = []
    for number in range(count):
        right = number % (len(HONEST) + 1)
        data = notebook(
            f"import numpy as np  # {number}", *HONEST[:right], *ZEROS[right:]
        )
        student = f"student-{number:03}"
        found.append(Submission(student, "07_x.ipynb", lambda data=data: data, student))
    return found


def deserved(rows: list[dict]) -> None:
    """Every submission once, in order, with the points it deserves."""
    assert [row["student"] for row in rows] == [
        f"student-{n:03}" for n in range(len(rows))
    ]
    wanted = [float(PREFIX[n % (len(HONEST) + 1)]) for n in range(len(rows))]
    assert [row["score"] for row in rows] == wanted
