"""Was the answer derived?  Hints for the instructor, never proof.

Only the text is looked at: it is never compiled here, and whatever runs next to the
student's code could be faked.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from autograder.exercises import Exercise
from autograder.grading.cells import Cell

POLICIES = ("flag", "zero")

# Nothing here may go back over long runs of text, which are hostile: every repetition
# is possessive or short.
_START = r"^[ \t]*+(?:import|from)[ \t]++"
AUTODIFF = (
    "torch", "jax", "autograd", "tensorflow", "sympy", "numdifftools", "micrograd",
    "casadi", "theano", "mxnet", "tinygrad",
)  # fmt: skip
_AUTODIFF = re.compile(rf"{_START}({'|'.join(AUTODIFF)})\b", re.MULTILINE)
_LIBRARY = re.compile(rf"{_START}backproplab\b[^\n]*+", re.MULTILINE)
_PUBLIC = re.compile(r"\b(pictures|explorers|datasets|costs)\b")
_GRADER = re.compile(
    rf"{_START}autograder\.(?!calling)\w+|import_module\(.autograder", re.MULTILINE
)
_IMAGINARY = re.compile(r"\.imag\b|\bnp\.imag\(|\de-\d++[jJ]\b")
_UNIT, _TINY = re.compile(r"\d[jJ]\b"), re.compile(r"\de-?\d")
_GAP = r"[ \t]{0,4}"
_STEP = r"(?:eps(?:ilon)?|step|delta|tiny|h|1e-\d{1,4})"
_TWICE = rf"(?:2(?:\.0?)?{_GAP}\*{_GAP})?"
_BOTH_SIDES = re.compile(
    rf"(?:\+=?{_GAP}{_STEP}\b)[\s\S]{{0,400}}?(?:-=?{_GAP}{_TWICE}{_STEP}\b)"
)
_QUOTIENT = re.compile(rf"/{_GAP}\(?{_GAP}{_TWICE}{_STEP}\b")
MAX_READ = 50_000


def _complex_step(text: str) -> bool:
    """Whether a number of the kind ``1e-20j`` or ``1j * 1e-20`` stands in the text."""
    if _IMAGINARY.search(text):
        return True
    units = [(line, _UNIT.search(line)) for line in text.splitlines()]
    return any(unit and _TINY.search(line, unit.end()) for line, unit in units)


def suspicions(exercise: Exercise, cells: Sequence[Cell]) -> list[str]:
    """What in the cells behind one answer speaks against it being derived.

    >>> from autograder.exercises import get
    >>> cell = Cell(3, "", "import torch\\ndef one_hidden_backward(X, Y, params): ...")
    >>> suspicions(get("one_hidden_backward"), [cell])
    ['uses the autodiff package torch (cell 3)']
    """
    found = []
    for cell in cells:
        text = cell.source[:MAX_READ]
        if match := _AUTODIFF.search(text):
            found.append(f"uses the autodiff package {match[1]} (cell {cell.number})")
        if any(not _PUBLIC.search(line) for line in _LIBRARY.findall(text)):
            found.append(f"uses the reference library (cell {cell.number})")
        if _GRADER.search(text):
            found.append(f"reaches for the grader's own modules (cell {cell.number})")
        if _complex_step(text):
            found.append(f"looks like a complex step (cell {cell.number})")
        if _BOTH_SIDES.search(text) and _QUOTIENT.search(text):
            found.append(f"looks like finite differences (cell {cell.number})")
    return found


def in_disguise(loaded: Sequence[str], cells: Sequence[Cell]) -> list[str]:
    """What to say of autodiff packages that were loaded but that no cell imports."""
    named = {name for cell in cells for name in _AUTODIFF.findall(cell.source)}
    return [
        f"the autodiff package {name} was loaded, but no cell imports it by that name:"
        " was it derived?"
        for name in loaded
        if name not in named
    ]
