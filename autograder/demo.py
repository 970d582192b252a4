"""A class of made-up students through a real nbgrader course."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import nbformat

from autograder.course import make_course, nbgrader
from autograder.demo_class import LESSON, SUBMISSIONS, Submission
from autograder.exercises import EXERCISES
from autograder.places import SOLUTIONS, UsageError
from autograder.release import grade_id, solved, to_text

Say = Callable[[str], None]


@dataclass(frozen=True)
class Row:
    """One line of the demo's table."""

    submission: Submission
    deserved: float
    scored: float
    feedback: Path

    @property
    def fair(self) -> bool:
        """Whether the score is the deserved one."""
        return self.scored == self.deserved


def deserved(submission: Submission) -> float:
    """The points of the exercises that are right."""
    return float(sum(EXERCISES[name].points for name in submission.right))


def most() -> float:
    """The points a wholly right submission earns."""
    return float(sum(e.points for e in EXERCISES.values() if e.lesson == LESSON[:2]))


def hand_in(submission: Submission, released: Path, target: Path) -> None:
    """Write one student's notebook: the released one with answers filled in."""
    notebook = nbformat.read(released, as_version=4)
    answers = {_defined(text): text for text in submission.own}
    model = {grade_id(cell): cell.source for cell in _model().cells}
    answers |= {name: _without_marks(model[name]) for name in submission.model}
    for cell in notebook.cells:
        if grade_id(cell) in answers:
            cell.source = answers.pop(grade_id(cell))
    if answers:
        raise UsageError(f"{LESSON} has no answer cell for {', '.join(answers)}.")
    target.parent.mkdir(parents=True)
    target.write_text(to_text(notebook), encoding="utf-8")


def _model() -> nbformat.NotebookNode:
    return solved(SOLUTIONS / f"{LESSON}.md")


def _defined(text: str) -> str:
    """The exercise whose function a cell defines."""
    return next(name for name in EXERCISES if f"def {name}(" in text)


def _without_marks(source: str) -> str:
    return "\n".join(line for line in source.split("\n") if "SOLUTION" not in line)


def run(folder: Path, say: Say = print) -> list[Row]:
    """Build a course, hand in the class, grade it; return the table.

    ``folder`` must be free.  nbgrader's own commands do all the work; the scores come
    from the trusted grader, which runs each submission in a fenced process.
    """
    notebooks = make_course(folder)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:

        def tool(*arguments: str) -> None:
            say(f"nbgrader {' '.join(arguments)}")
            log = nbgrader(folder, *arguments, scratch=Path(scratch))
            with open(folder / "demo.log", "a", encoding="utf-8") as file:
                file.write(f"$ nbgrader {' '.join(arguments)}\n{log}\n")

        say(f"a course with {len(notebooks)} lessons in {folder}")
        tool("generate_assignment", LESSON)
        released = folder / "release" / LESSON / f"{LESSON}.ipynb"
        for submission in SUBMISSIONS:
            home = folder / "submitted" / submission.student / LESSON
            hand_in(submission, released, home / released.name)
        say(f"{len(SUBMISSIONS)} submissions in {folder / 'submitted'}")
        tool("autograde", LESSON)
        tool("generate_feedback", LESSON)
        tool("export", "--to", "grades.csv")
    return table(folder)


def table(folder: Path) -> list[Row]:
    """Read the exported grades of a finished demo."""
    with open(folder / "grades.csv", encoding="utf-8", newline="") as file:
        scores = {
            row["student_id"]: float(row["raw_score"])
            for row in csv.DictReader(file)
            if row["assignment"] == LESSON
        }
    return [
        Row(
            submission,
            deserved(submission),
            scores[submission.student],
            folder / "feedback" / submission.student / LESSON / f"{LESSON}.html",
        )
        for submission in SUBMISSIONS
    ]


def free_folder(wanted: Path) -> Path:
    """``wanted``, or the first of ``wanted-2``, ``wanted-3`` ... that is free."""
    folder, number = wanted, 1
    while folder.exists():
        number += 1
        folder = wanted.with_name(f"{wanted.name}-{number}")
    return folder
