"""An nbgrader course for ``backproplab grade``: its notebooks, its gradebook."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import AssignLatePenalties
from traitlets.config import PyFileConfigLoader

from autograder.grading import marked
from autograder.grading.cells import Unreadable, as_notebook
from autograder.grading.copies import RECORD, refresh
from autograder.grading.files import Submission, read_file
from autograder.grading.intake import find_submissions
from autograder.grading.released import answers_in
from autograder.nbgrader_files import handed_in_at
from autograder.places import UsageError

Row = dict[str, Any]
# What nbgrader release_feedback looks for beside the feedback.
FROM_EXCHANGE = ("timestamp.txt", "submission_secret.txt")


def points(row: Row) -> dict[str, float]:
    """Points by the id of the check cell."""
    return {f"check-{e['exercise']}": float(e["points"]) for e in row["exercises"]}


def set_grade(grade: Any, score: float | None) -> None:
    """An instructor's own score is never touched; it wins over ours."""
    grade.auto_score = score
    grade.needs_manual_grade = grade.manual_score is not None or score is None


def released_notebook(coursedir: Any, assignment: str, notebook: str) -> bytes | None:
    """The notebook that a course handed out, if it did."""
    folder = coursedir.format_path(coursedir.release_directory, ".", assignment)
    path = Path(folder, f"{notebook}.ipynb")
    return path.read_bytes() if path.is_file() else None


class NbgraderCourse:
    """A folder with an nbgrader_config.py; raises ``UsageError`` if it is none."""

    def __init__(self, folder: Path) -> None:
        config_file = folder / "nbgrader_config.py"
        if not config_file.is_file():
            raise UsageError(
                f"{folder} is no nbgrader course: it has no nbgrader_config.py."
                " (backproplab course makes one.)"
            )
        config = PyFileConfigLoader(config_file.name, path=str(folder)).load_config()
        self.folder = folder
        self.directory = CourseDirectory(config=config, root=str(folder.resolve()))
        root, released = self.directory.root, self.directory.release_directory
        self.lessons = str(Path(root, released))
        self.answers = answers_in(Path(root, self.directory.source_directory))

    def submissions(self, paths: Sequence[Path]) -> list[Submission]:
        """The notebooks under ``paths``, or everything handed in to the course."""
        if paths:
            return find_submissions(list(paths))
        for record in self.folder.glob(f"submitted/*/*/{RECORD}"):
            refresh(record.parent)
        return find_submissions([self.folder])

    def record(
        self, submissions: Sequence[Submission], rows: Sequence[Row]
    ) -> list[str]:
        """Write a class's results into the gradebook; return what did not fit.

        Also writes the autograded notebooks that formgrader and generate_feedback
        read.
        """
        directory, problems = self.directory, []
        with Gradebook(directory.db_url, directory.course_id) as gradebook:
            known = {
                assignment.name
                for assignment in gradebook.assignments
                if assignment.name in [n.name for n in assignment.notebooks]
            }
            for (student, name), group in _grouped(submissions, rows).items():
                if name not in known:
                    problems.append(
                        f"{student}: the gradebook has no assignment {name}; run:"
                        f" nbgrader generate_assignment {name}"
                    )
                    continue
                submission, row = next(pair for pair in group if not pair[1]["spare"])
                if len(group) > 1:
                    problems.append(
                        f"{student}: {len(group)} notebooks for {name}; recorded"
                        f" {row['notebook']}"
                    )
                self._record_one(gradebook, student, submission, row)
        return problems

    def _record_one(
        self, gradebook: Gradebook, student: str, submission: Submission, row: Row
    ) -> None:
        name = row["lesson"]
        submitted = self.directory.submitted_directory
        when = handed_in_at(Path(self.directory.format_path(submitted, student, name)))
        gradebook.update_or_create_student(student)
        entry = gradebook.update_or_create_submission(
            name, student, **({"timestamp": when} if when else {})
        )
        scores = points(row)
        for notebook in entry.notebooks:
            for grade in notebook.grades:
                set_grade(grade, scores.get(grade.name))
        gradebook.db.commit()
        if entry.timestamp and entry.total_seconds_late > 0:
            self._penalise(student, name)
        self._write_autograded(student, submission, row)

    def _penalise(self, student: str, name: str) -> None:
        place = {"notebook": name, "assignment": name, "student": student}
        resources = {"nbgrader": {**place, "db_url": self.directory.db_url}}
        late = AssignLatePenalties(config=self.directory.config)
        late.preprocess(nbformat.v4.new_notebook(), resources)

    def _write_autograded(self, student: str, submission: Submission, row: Row) -> None:
        directory, name = self.directory, row["lesson"]
        released = released_notebook(directory, name, name)
        if released is None:
            return
        notebook = marked.merged(json.loads(released), as_notebook(submission.read()))
        folder = Path(
            directory.format_path(directory.autograded_directory, student, name)
        )
        folder.mkdir(parents=True, exist_ok=True)
        whole = marked.to_bytes(marked.with_verdicts(notebook, row))
        Path(folder, f"{name}.ipynb").write_bytes(whole)
        for kept in FROM_EXCHANGE:
            with contextlib.suppress(Unreadable):
                data = read_file(self._handed_in(student, name) / kept)
                Path(folder, kept).write_bytes(data)

    def _handed_in(self, student: str, name: str) -> Path:
        directory = self.directory
        submitted = directory.submitted_directory
        return Path(directory.format_path(submitted, student, name))


def _grouped(
    submissions: Sequence[Submission], rows: Sequence[Row]
) -> dict[tuple[str, str], list[tuple[Submission, Row]]]:
    """What was graded, by student and assignment."""
    groups: dict[tuple[str, str], list[tuple[Submission, Row]]] = {}
    for submission, row in zip(submissions, rows, strict=True):
        if not row["problem"]:
            key = submission.student, row["lesson"]
            groups.setdefault(key, []).append((submission, row))
    return groups
