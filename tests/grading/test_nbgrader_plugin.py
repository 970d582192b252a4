"""nbgrader's own commands with our scores: feedback, manual grades, late, export."""

from __future__ import annotations

import csv
import json
import sqlite3
from pathlib import Path

import nbformat
import pytest

pytest.importorskip("nbgrader")

from nbgrader.api import Gradebook  # noqa: E402

from autograder import demo  # noqa: E402
from autograder.course import make_course, nbgrader  # noqa: E402
from autograder.demo_class import LESSON, SUBMISSIONS  # noqa: E402
from autograder.grading.command import grade_command  # noqa: E402
from autograder.nbgrader_course import NbgraderCourse  # noqa: E402
from autograder.nbgrader_plugin import CONFIG  # noqa: E402
from autograder.places import SOLUTIONS  # noqa: E402

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (SOLUTIONS / f"{LESSON}.md").is_file(), reason=f"there is no {LESSON}.md"
    ),
]
CHOSEN = [s for s in SUBMISSIONS if s.student not in ("endless_loop", "half_finished")]
LATE = """
from nbgrader.plugins import BasePlugin
class Strict(BasePlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return 1.0
c.AssignLatePenalties.plugin_class = Strict
"""


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course whose class has been autograded by nbgrader's command."""
    folder = tmp_path_factory.mktemp("nb") / "course"
    make_course(folder)
    with open(folder / "nbgrader_config.py", "a") as config:
        config.write(CONFIG + LATE)
    nbgrader(folder, "generate_assignment", LESSON)
    with Gradebook(f"sqlite:///{folder}/gradebook.db") as gradebook:
        gradebook.update_or_create_assignment(LESSON, duedate="2030-01-01 00:00:00")
    released = folder / "release" / LESSON / f"{LESSON}.ipynb"
    for submission in CHOSEN:
        home = folder / "submitted" / submission.student / LESSON
        demo.hand_in(submission, released, home / released.name)
    late = folder / "submitted" / "all_right" / LESSON / "timestamp.txt"
    late.write_text("2030-01-01 02:00:00 UTC")
    _oddity(folder / "submitted" / "unusual_style" / LESSON / released.name)
    nbgrader(folder, "autograde", LESSON)
    return folder


def _oddity(path: Path) -> None:
    """Answer cells twice, no check cells, an extra cell: stock nbgrader stops."""
    node = nbformat.read(path, as_version=4)
    kept = [c for c in node.cells if not c.source.startswith("check(")]
    extra = nbformat.v4.new_markdown_cell("My own remark.")
    node.cells = [*kept, extra, *(c for c in kept if "def residual" in c.source)]
    path.write_text(json.dumps(node))


def scores(folder: Path) -> dict[str, float]:
    """Each student's raw score in nbgrader's export."""
    nbgrader(folder, "export", "--to", "grades.csv")
    with open(folder / "grades.csv", newline="") as file:
        rows = [r for r in csv.DictReader(file) if r["assignment"] == LESSON]
    return {r["student_id"]: float(r["raw_score"]) for r in rows}


DESERVED = {s.student: demo.deserved(s) for s in CHOSEN}


def test_autograde_gives_what_is_deserved(course: Path):
    assert scores(course) == DESERVED


def test_late_penalties_apply(course: Path):
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        submission = gradebook.find_submission(LESSON, "all_right")
        assert submission.late_submission_penalty == 1.0


def test_feedback_shows_verdicts_and_the_students_own_cells(course: Path):
    nbgrader(course, "generate_feedback", "--force", LESSON)
    page = course / "feedback" / "sigma_missing" / LESSON / f"{LESSON}.html"
    assert "bpl-verdict" in page.read_text()
    own = course / "feedback" / "unusual_style" / LESSON / f"{LESSON}.html"
    assert "My own remark." in own.read_text()


def test_a_manual_grade_survives_and_the_whole_class_at_once_agrees(
    course: Path, tmp_path: Path, capsys
):
    cell = "check-residual"
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        grade = gradebook.find_grade(cell, LESSON, LESSON, "tampering")
        grade.manual_score = 1.5
        gradebook.db.commit()
    code = grade_command(
        [],
        tmp_path / "out",
        "csv",
        1,
        course=NbgraderCourse(course),
        allow_weak_isolation=True,
    )
    assert code == 0, capsys.readouterr().err
    assert scores(course) == {**DESERVED, "tampering": 1.5}
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        grade = gradebook.find_grade(cell, LESSON, LESSON, "tampering")
        assert grade.needs_manual_grade and grade.auto_score == 0
        submission = gradebook.find_submission(LESSON, "all_right")
        assert submission.late_submission_penalty == 1.0
    nbgrader(course, "generate_feedback", "--force", LESSON)
    with sqlite3.connect(course / "gradebook.db") as database:
        assert database.execute("pragma integrity_check").fetchone() == ("ok",)
