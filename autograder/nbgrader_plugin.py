"""nbgrader takes its scores and feedback from the trusted grader.

Used through nbgrader's own plug-in points; :data:`CONFIG` is what a course's
nbgrader_config.py needs.  No kernel is started and no test runs next to student code.
"""

from __future__ import annotations

import atexit
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import (
    AssignLatePenalties,
    NbGraderPreprocessor,
    SaveAutoGrades,
)
from traitlets.config import PyFileConfigLoader

from autograder.grading import marked
from autograder.grading.cells import Unreadable
from autograder.grading.command import course_seed, default_level, seed_number
from autograder.grading.engine import Engine, Settings, as_row
from autograder.grading.intake import Submission, find_submissions, read_file
from autograder.grading.rebuild import Answers, answers_in
from autograder.places import UsageError

CONFIG = """
# Scores and feedback come from backproplab's own grader, which never runs a check next
# to student code.
NBGRADER = "nbgrader.preprocessors."
c.Autograde.sanitize_preprocessors = [
    "autograder.nbgrader_plugin.Rebuild",
    NBGRADER + "ClearOutput",
    NBGRADER + "DeduplicateIds",
    NBGRADER + "OverwriteKernelspec",
    NBGRADER + "OverwriteCells",
    NBGRADER + "CheckCellMetadata",
]
c.Autograde.autograde_preprocessors = [
    "autograder.nbgrader_plugin.SandboxExecute",
    NBGRADER + "LimitOutput",
    "autograder.nbgrader_plugin.SaveScores",
    NBGRADER + "AssignLatePenalties",
    NBGRADER + "CheckCellMetadata",
]
"""

WEAK = "BACKPROPLAB_ALLOW_WEAK_ISOLATION"
_engines: dict[Settings, Engine] = {}


def _engine(root: Path, release: tuple[str, bytes] | None, answers: Answers) -> Engine:
    """One grader for each assignment, kept while nbgrader runs."""
    level = "A" if os.environ.get(WEAK) else default_level()
    settings = Settings(
        seed_number(course_seed(root, True)),
        require=level,
        release=release,
        answers=answers,
    )
    if settings not in _engines:
        engine = Engine(settings)
        engine.__enter__()
        atexit.register(engine.__exit__)
        _engines[settings] = engine
    return _engines[settings]


def _released(coursedir: Any, assignment: str, notebook: str) -> bytes | None:
    folder = coursedir.format_path(coursedir.release_directory, ".", assignment)
    path = Path(folder, f"{notebook}.ipynb")
    return path.read_bytes() if path.is_file() else None


def _sources(coursedir: Any, assignment: str) -> Path:
    return Path(coursedir.format_path(coursedir.source_directory, ".", assignment))


class _InCourse(NbGraderPreprocessor):
    """A preprocessor that knows the course it works in."""

    @property
    def coursedir(self) -> Any:
        return self.parent.parent.coursedir

    def released(self, resources: Any) -> bytes | None:
        at = resources["nbgrader"]
        return _released(self.coursedir, at["assignment"], at["notebook"])


class Rebuild(_InCourse):
    """Put the student's cells into the released notebook, before anything else."""

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Rebuild; without a released notebook the submission is left as it is."""
        released = self.released(resources)
        if released is None:
            return nb, resources
        whole = marked.merged(json.loads(released), nb)
        return nbformat.from_dict(whole), resources


class SandboxExecute(_InCourse):
    """Grade the submitted file in the fence; show verdicts where the checks stand."""

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Leave the result in ``resources`` for :class:`SaveScores`."""
        at = resources["nbgrader"]
        course = self.coursedir
        folder = course.format_path(
            course.submitted_directory, at["student"], at["assignment"]
        )
        released = self.released(resources)
        release = (at["notebook"], released) if released else None
        answers = answers_in(_sources(course, at["assignment"]))
        engine = _engine(Path(course.root), release, answers)
        try:
            data = read_file(Path(folder, f"{at['notebook']}.ipynb"))
        except Unreadable:
            data = nbformat.writes(nb).encode()
        row = as_row(engine.grade(data, at["notebook"]))
        resources["backproplab"] = row
        assert engine.protection is not None
        self.log.info("backproplab: %s", engine.protection.line)
        for note in row["notes"]:
            self.log.info("backproplab: %s: %s", at["student"], note)
        shown = marked.with_verdicts(nb, row)
        return nbformat.from_dict(shown), resources


class SaveScores(SaveAutoGrades):
    """Save the verdicts' points; cells that are no exercise wait for a person."""

    def _add_score(self, cell: Any, resources: Any) -> None:
        at = cell.metadata["nbgrader"]["grade_id"]
        grade = self.gradebook.find_grade(
            at, self.notebook_id, self.assignment_id, self.student_id
        )
        _set_grade(grade, points(resources["backproplab"]).get(at))
        self.gradebook.db.commit()


def points(row: dict[str, Any]) -> dict[str, float]:
    """Points by the id of the check cell."""
    return {f"check-{e['exercise']}": float(e["points"]) for e in row["exercises"]}


def _set_grade(grade: Any, score: float | None) -> None:
    """An instructor's own score is never touched; it wins over ours."""
    grade.auto_score = score
    grade.needs_manual_grade = grade.manual_score is not None or score is None


def course_submissions(course: Path, paths: Sequence[Path]) -> list[Submission]:
    """The notebooks under ``paths``, or everything handed in to the course."""
    _course(course)
    return find_submissions(list(paths) or [course])


def course_lessons(course: Path) -> tuple[str, Answers]:
    """The folder with the notebooks this course released, and its own answers."""
    coursedir = _course(course)
    sources = Path(coursedir.root, coursedir.source_directory)
    return str(Path(coursedir.root, coursedir.release_directory)), answers_in(sources)


def _course(course: Path) -> Any:
    config_file = course / "nbgrader_config.py"
    if not config_file.is_file():
        raise UsageError(
            f"{course} is no nbgrader course: it has no nbgrader_config.py."
            " (backproplab course makes one.)"
        )
    config = PyFileConfigLoader(config_file.name, path=str(course)).load_config()
    return CourseDirectory(config=config, root=str(course.resolve()))


def record(course: Path, rows: Sequence[dict[str, Any]]) -> list[str]:
    """Write a class's results into the course's gradebook; return what did not fit.

    Also writes the autograded notebooks that formgrader and generate_feedback read.
    """
    coursedir = _course(course)
    problems = []
    with Gradebook(coursedir.db_url, coursedir.course_id) as gradebook:
        known = {a.name: {n.name for n in a.notebooks} for a in gradebook.assignments}
        for row in rows:
            name = row["lesson"]
            if row["problem"]:
                continue
            if name not in known.get(name, ()):
                problems.append(
                    f"{row['student']}: the gradebook has no assignment {name}; run:"
                    f" nbgrader generate_assignment {name}"
                )
                continue
            _record_one(gradebook, coursedir, row)
    return problems


def _record_one(gradebook: Gradebook, coursedir: Any, row: dict[str, Any]) -> None:
    student, name = row["student"], row["lesson"]
    gradebook.update_or_create_student(student)
    stamp = Path(
        coursedir.format_path(coursedir.submitted_directory, student, name),
        "timestamp.txt",
    )
    when = {"timestamp": stamp.read_text().strip()} if stamp.is_file() else {}
    submission = gradebook.update_or_create_submission(name, student, **when)
    scores = points(row)
    for notebook in submission.notebooks:
        for grade in notebook.grades:
            _set_grade(grade, scores.get(grade.name))
    gradebook.db.commit()
    if when and submission.total_seconds_late > 0:
        place = {"notebook": name, "assignment": name, "student": student}
        resources = {"nbgrader": {**place, "db_url": coursedir.db_url}}
        late = AssignLatePenalties(config=coursedir.config)
        late.preprocess(nbformat.v4.new_notebook(), resources)
    released = _released(coursedir, name, name)
    if released is not None:
        notebook = marked.merged(json.loads(released), row["submitted"]())
        folder = Path(
            coursedir.format_path(coursedir.autograded_directory, student, name)
        )
        folder.mkdir(parents=True, exist_ok=True)
        whole = marked.to_bytes(marked.with_verdicts(notebook, row))
        Path(folder, f"{name}.ipynb").write_bytes(whole)
