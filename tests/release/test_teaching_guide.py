"""The commands of docs/teaching.md, as they stand there, for a class of thirty."""

from __future__ import annotations

import csv
import json
import re
import sqlite3
import subprocess
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from autograder.demo import deserved, hand_in
from autograder.demo_class import LESSON, SUBMISSIONS
from autograder.places import ROOT

GUIDE = (ROOT / "docs" / "teaching.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(bash|python)\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
KINDS = [s for s in SUBMISSIONS if s.student != "endless_loop"]
CLASS = {f"student{number:02}": KINDS[number % len(KINDS)] for number in range(30)}
LATE, ODD, BY_HAND = "student00", "student01", "student06"

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Term:
    """The course after a term run by the guide, and the scores on the way."""

    course: Path
    scores: list[dict[str, float]]


@pytest.fixture(scope="module")
def term(tmp_path_factory: pytest.TempPathFactory) -> Term:
    """Run the guide's blocks one after the other, doing what it says between them."""
    home = tmp_path_factory.mktemp("term")
    term = Term(home / "my-course", [])
    for language, text in BLOCKS:
        if language == "python":
            with open(term.course / "nbgrader_config.py", "a") as config:
                config.write(text)
            continue
        if "db student import" in text:
            write_class(term.course / "students.csv")
        if "nbgrader autograde" in text:
            collect(term.course)
        run(text, home if text.startswith("backproplab course") else term.course)
        if "grade" in text.split()[1]:
            term.scores.append(scores(term.course))
        if "nbgrader autograde" in text:
            grade_by_hand(term.course)
    return term


def run(text: str, folder: Path) -> None:
    """Run a block of the guide in a shell of its own."""
    done = subprocess.run(
        ["bash", "-ec", text], cwd=folder, capture_output=True, text=True
    )
    assert done.returncode == 0, f"{text}\n{done.stdout}\n{done.stderr}"


def write_class(path: Path) -> None:
    """Fill in the class list under the columns that it came with."""
    columns = path.read_text(encoding="utf-8").splitlines()[0]
    assert columns == "id,first_name,last_name,email"
    rows = [f"{name},Ann {n},O'Brien,{name}@x.org" for n, name in enumerate(CLASS)]
    path.write_text("\n".join([columns, *rows, ""]), encoding="utf-8")


def collect(course: Path) -> None:
    """Put the class's work where the guide says; one came 90 minutes late."""
    released = course / "release" / LESSON / f"{LESSON}.ipynb"
    for student, submission in CLASS.items():
        target = course / "submitted" / student / LESSON / released.name
        hand_in(submission, released, target)
    make_odd(course / "submitted" / ODD / LESSON / released.name)
    stamp = course / "submitted" / LATE / LESSON / "timestamp.txt"
    stamp.write_text("2030-05-04 19:30:00 UTC", encoding="utf-8")


def make_odd(path: Path) -> None:
    """An answer cell twice, no check cells, a byte order mark: stock nbgrader stops."""
    node = nbformat.read(path, as_version=4)
    kept = [c for c in node.cells if not c.source.startswith("check(")]
    extra = nbformat.v4.new_markdown_cell("My own remark.")
    node.cells = [*kept, extra, *(c for c in kept if "def residual" in c.source)]
    path.write_text(json.dumps(node), encoding="utf-8-sig")


def grade_by_hand(course: Path) -> None:
    """What formgrader does when somebody types a score."""
    with opened(course) as gradebook:
        grade = gradebook.find_grade("check-residual", LESSON, LESSON, BY_HAND)
        grade.manual_score = 1.5
        gradebook.db.commit()


def opened(course: Path) -> Gradebook:
    """The course's gradebook."""
    return Gradebook(f"sqlite:///{course}/gradebook.db")


def scores(course: Path) -> dict[str, float]:
    """Each student's points as the gradebook has them."""
    with opened(course) as gradebook:
        found = gradebook.assignment_submissions(LESSON)
        return {submission.student.id: submission.score for submission in found}


DESERVED = {student: deserved(submission) for student, submission in CLASS.items()}


def test_both_ways_of_grading_give_what_is_deserved(term: Term):
    by_nbgrader, by_us = term.scores
    assert by_nbgrader == DESERVED
    assert CLASS[BY_HAND].student == "tampering"
    assert by_us == {**DESERVED, BY_HAND: 1.5}  # a score set by hand wins


def test_the_export_holds_grades_and_late_penalties(term: Term):
    with open(term.course / "grades.csv", encoding="utf-8", newline="") as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    assert set(rows) == set(CLASS)
    for student, points in term.scores[-1].items():
        late = min(points, 2.0) if student == LATE else 0.0
        assert float(rows[student]["raw_score"]) == points
        assert float(rows[student]["late_submission_penalty"]) == late
        assert float(rows[student]["score"]) == points - late
        assert rows[student]["last_name"] == "O'Brien"


def test_everybody_has_a_page_with_verdicts_and_their_own_cells(term: Term):
    for student in CLASS:
        page = term.course / "feedback" / student / LESSON / f"{LESSON}.html"
        text = page.read_text(encoding="utf-8")
        assert "bpl-verdict" in text and "<math" in text
        assert "<script" not in text
        assert ("My own remark." in text) == (student == ODD)


def test_the_gradebook_is_sound(term: Term):
    with opened(term.course) as gradebook:
        grade = gradebook.find_grade("check-residual", LESSON, LESSON, BY_HAND)
        assert grade.needs_manual_grade and grade.auto_score == 0
    with sqlite3.connect(term.course / "gradebook.db") as database:
        assert database.execute("pragma integrity_check").fetchone() == ("ok",)
