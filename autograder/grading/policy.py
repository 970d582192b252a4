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

_AUTODIFF = re.compile(
    r"^\s*(?:import|from)\s+(torch|jax|autograd|tensorflow|sympy|numdifftools|micrograd"
    r"|casadi|theano|mxnet|tinygrad)\b",
    re.MULTILINE,
)
_LIBRARY = re.compile(r"^\s*(?:import|from)\s+backproplab\b[^\n]*", re.MULTILINE)
_PUBLIC = re.compile(r"\b(pictures|explorers|datasets|costs)\b")
_GRADER = re.compile(
    r"^\s*(?:import|from)\s+autograder\.(?!calling)\w+|import_module\(.autograder",
    re.MULTILINE,
)
_COMPLEX = re.compile(r"\.imag\b|\bnp\.imag\(|\d[jJ]\b.*\d+e-?\d+|\d+e-\d+[jJ]\b")
_STEP = r"(?:eps(?:ilon)?|step|delta|tiny|h|1e-\d+)"
_BOTH_SIDES = re.compile(
    rf"(?:\+=?\s*{_STEP}\b)[\s\S]{{0,400}}?(?:-=?\s*(?:2\s*\*\s*)?{_STEP}\b)"
)
_QUOTIENT = re.compile(rf"/\s*\(?\s*(?:2(?:\.0?)?\s*\*\s*)?{_STEP}\b")


def suspicions(exercise: Exercise, cells: Sequence[Cell]) -> list[str]:
    """What in the cells behind one answer speaks against it being derived.

    >>> from autograder.exercises import get
    >>> cell = Cell(3, "", "import torch\\ndef one_hidden_backward(X, Y, params): ...")
    >>> suspicions(get("one_hidden_backward"), [cell])
    ['uses the autodiff package torch (cell 3)']
    """
    found = []
    for cell in cells:
        text = cell.source[:200_000]
        if match := _AUTODIFF.search(text):
            found.append(f"uses the autodiff package {match[1]} (cell {cell.number})")
        if any(not _PUBLIC.search(line) for line in _LIBRARY.findall(text)):
            found.append(f"uses the reference library (cell {cell.number})")
        if _GRADER.search(text):
            found.append(f"reaches for the grader's own modules (cell {cell.number})")
        if _COMPLEX.search(text):
            found.append(f"looks like a complex step (cell {cell.number})")
        if _BOTH_SIDES.search(text) and _QUOTIENT.search(text):
            found.append(f"looks like finite differences (cell {cell.number})")
    return found
