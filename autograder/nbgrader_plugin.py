"""nbgrader takes its scores and feedback from the trusted grader.

Used through nbgrader's own plug-in points; :data:`CONFIG` is what a course's
nbgrader_config.py needs.  No kernel is started and no test runs next to student code.
"""

from __future__ import annotations

import atexit
import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbgrader.preprocessors import NbGraderPreprocessor, SaveAutoGrades
from traitlets.log import get_logger

from autograder.grading import marked
from autograder.grading.cells import Unreadable, as_notebook, read_cells
from autograder.grading.copies import put_copy, refresh
from autograder.grading.engine import Engine, Settings, as_row
from autograder.grading.files import read_file
from autograder.grading.grade import Graded
from autograder.grading.probe import default_level
from autograder.grading.released import Answers, answers_in, find_release
from autograder.grading.released import notebooks as released_notebooks
from autograder.grading.seed import course_seed, seed_number
from autograder.nbgrader_course import (
    NbgraderCourse,
    points,
    released_notebook,
    set_grade,
)
from autograder.nbgrader_files import set_aside

CONFIG = """
# Scores and feedback come from backproplab's own grader, which never runs a check next
# to student code.
NBGRADER = "nbgrader.preprocessors."
c.Autograde.exporter_class = "autograder.nbgrader_plugin.AnyNotebook"
c.Autograde.pre_convert_hook = "autograder.nbgrader_plugin.accept_renamed"
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
# Feedback pages show formulas without MathJax, which has to be fetched.
c.GenerateFeedback.exporter_class = "autograder.feedback.OfflineHTML"
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


@cache
def _answers(folder: Path) -> Answers:
    """The instructor's answers, read once while nbgrader runs."""
    return answers_in(folder)


class AnyNotebook(NotebookExporter):
    """Reads what students hand in: with a byte order mark, in UTF-16, of any age."""

    def from_file(
        self, file_stream: Any, resources: Any = None, **kw: Any
    ) -> tuple[Any, Any]:
        """Read as nbformat does, else as the grader does."""
        try:
            node = nbformat.read(file_stream, as_version=4)
            json.dumps(node, ensure_ascii=False).encode()
        except Exception:  # whatever is wrong with it, the grader may still read it
            found = as_notebook(read_file(Path(file_stream.name)))
            node = nbformat.from_dict({**nbformat.v4.new_notebook(), **found})
        return self.from_notebook_node(node, resources=resources, **kw)


def accept_renamed(*, assignment: str, student: str, notebooks: list[str]) -> None:
    """nbgrader's hook before each submission: a renamed notebook is graded too.

    ``notebooks`` are the submitted files.  Where one of the assignment is missing and
    another file holds its exercises, that is copied under the missing name.  Such a
    copy follows its original.  What is no plain file is set aside before.
    """
    course = NbgraderCourse(Path()).directory
    folder = Path(notebooks[0]).parent
    for path in set_aside(folder, Path(course.root)):
        get_logger().warning("Set aside, no plain file: %r", str(path))
    notebooks[:] = [path for path in notebooks if Path(path).is_file()]
    refresh(folder)
    name = folder.name if assignment == "*" else assignment
    released = Path(course.format_path(course.release_directory, ".", name))
    wanted = {path.stem for path in released_notebooks(released)}
    handed_in = {Path(path).stem for path in notebooks}
    for file in sorted(handed_in - wanted):
        lesson = _lesson_of(folder / f"{file}.ipynb", released)
        if lesson in wanted - handed_in:
            copy = put_copy(folder / f"{file}.ipynb", f"{lesson}.ipynb")
            notebooks.append(str(copy))
            handed_in.add(lesson)


def _lesson_of(path: Path, released: Path) -> str:
    try:
        return find_release(read_cells(read_file(path)), "", released).name
    except Unreadable:
        return ""


class _InCourse(NbGraderPreprocessor):
    """A preprocessor that knows the course it works in."""

    @property
    def coursedir(self) -> Any:
        return self.parent.parent.coursedir

    def released(self, resources: Any) -> bytes | None:
        at = resources["nbgrader"]
        return released_notebook(self.coursedir, at["assignment"], at["notebook"])


class Rebuild(_InCourse):
    """Put the student's cells into the released notebook, before anything else."""

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Rebuild; without a released notebook only scripts are made harmless."""
        released = self.released(resources)
        if released is None:
            for cell in nb.cells:
                if cell.cell_type != "code":
                    cell.source = marked.harmless(cell.source)
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
        sources = course.format_path(course.source_directory, ".", at["assignment"])
        answers = _answers(Path(sources))
        engine = _engine(Path(course.root), release, answers)
        try:
            data = read_file(Path(folder, f"{at['notebook']}.ipynb"))
            row = as_row(engine.grade(data, at["notebook"]))
        except Unreadable as problem:
            row = as_row(Graded("", (), problem=str(problem)))
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
        set_grade(grade, points(resources["backproplab"]).get(at))
        self.gradebook.db.commit()
