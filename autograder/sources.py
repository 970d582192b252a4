"""Run a student's source text and judge one function of it, in this process."""

from __future__ import annotations

import itertools
import linecache
import re
import sys
import types

import numpy as np

from autograder.calling import Outcome, call_many
from autograder.check import DEFAULT_SEED
from autograder.exercises import Exercise, get
from autograder.notebook import verdict_on
from autograder.verdict import Verdict

_counter = itertools.count()
CELL = re.compile(r"^# %%.*$", re.MULTILINE)


def grade_source(
    exercise_id: str, source_text: str, seed: int = DEFAULT_SEED
) -> Verdict:
    """Judge the answer in a source text the way the grader does.

    ``np`` is there, as in every lesson.  Cells may be separated by ``# %%`` lines; a
    cell that fails does not stop the later ones.  Raises ``UnknownExercise`` for an id
    that does not exist.

    >>> grade_source("one_hidden_forward", "def f(): pass").status
    'refused'
    """
    exercise = get(exercise_id)
    module = types.ModuleType(f"student_{next(_counter)}")
    module.__dict__["np"] = np
    sys.modules[module.__name__] = module  # dataclasses look themselves up there
    try:
        failures = [_run_cell(cell, module) for cell in CELL.split(source_text)]
        function = module.__dict__.get(exercise.id)
        if function is None:
            return _absent(exercise, [f for f in failures if f])
        return verdict_on(exercise, function, seed)
    finally:
        sys.modules.pop(module.__name__, None)


def _run_cell(cell: str, module: types.ModuleType) -> str:
    """Run one cell; the failure in words, or an empty string."""
    if not cell.strip():
        return ""
    filename = f"<cell {next(_counter)}>"
    linecache.cache[filename] = (len(cell), None, cell.splitlines(True), filename)

    def run() -> None:
        code = compile(cell, filename, "exec", dont_inherit=True)
        exec(code, module.__dict__)

    outcome = call_many(run, [()], seconds=10.0)[0]
    return "" if outcome.status == "returned" else _in_words(outcome)


def _in_words(outcome: Outcome) -> str:
    return f"{outcome.error} ({outcome.where})" if outcome.where else outcome.error


def _absent(exercise: Exercise, failures: list[str]) -> Verdict:
    details = tuple(f"A cell failed before: {failure}" for failure in failures[:2])
    return Verdict(
        exercise.id,
        "crashed" if failures else "refused",
        0,
        exercise.points,
        headline=f"{exercise.id}: there is no function of this name.",
        details=details
        or (f"Define it as def {exercise.id}({exercise.signature}): ...",),
    )
