"""One student, several files of one lesson: which of them counts."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from autograder.grading.copies import settle
from autograder.grading.intake import find_submissions
from autograder.grading.pages import class_page
from autograder.grading.probe import Protection
from autograder.grading.summary import spare, summarise
from tests.grading.helpers import HONEST, hand_in, notebook

LESSON = "07_one_hidden_layer"
NAME, AGAIN = f"{LESSON}.ipynb", f"{LESSON} (1).ipynb"
WORK, LESS = notebook("import numpy as np", *HONEST), notebook(*HONEST[:2])


def found(*paths: Path) -> list[tuple[str, str]]:
    """Student and notebook of everything that will be graded."""
    return [(s.student, s.notebook) for s in find_submissions(paths)]


def test_equal_files_of_one_student_are_one_submission(tmp_path: Path):
    for student in ("ann", "bob"):
        hand_in(tmp_path, student, WORK, AGAIN)
        hand_in(tmp_path, student, WORK, "sub/" + NAME)
    assert found(tmp_path) == [("ann", NAME), ("bob", NAME)]
    ann = find_submissions([tmp_path])[0]
    assert ann.notes == (f"the same file was handed in as {AGAIN} too",)
    files = [tmp_path / "ann" / name for name in (AGAIN, "sub/" + NAME)]
    assert found(files[0]) == [("ann", AGAIN)]
    assert len(found(*files)) == 2  # named one by one they are asked for


def test_equal_work_of_two_students_of_one_name_is_not_hidden(tmp_path: Path):
    for group in ("monday", "friday"):
        hand_in(tmp_path / group, "ann", WORK)
    both = find_submissions([tmp_path / "monday", tmp_path / "friday"])
    assert [s.student for s in both] == ["ann [1]", "ann [2]"]
    assert all(s.notes[0].startswith("clash: 2") for s in both)


def row(notebook: str, score: float, student: str = "ann", problem: str = "") -> dict:
    """What the class report needs of a graded notebook."""
    return {
        "student": student, "notebook": notebook, "lesson": LESSON, "score": score,
        "max_score": 10.0, "problem": problem, "notes": [], "exercises": [],
        "seconds": [],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("counts", "rows"),
    [
        (NAME, [(AGAIN, 9), (NAME, 3)]),
        ("b.ipynb", [("a.ipynb", 2), ("b.ipynb", 5)]),
        ("a.ipynb", [("a.ipynb", 5), ("b.ipynb", 5)]),
    ],
)
def test_one_notebook_counts_and_the_others_say_why_not(counts: str, rows: list):
    rows = [row(*r) for r in rows] + [row(NAME, 1, "bob"), row("c.ipynb", 0, "", "no")]
    settle(rows)
    assert [r["notebook"] for r in rows if not r["spare"]] == [counts, NAME, "c.ipynb"]
    (other,) = spare(rows)
    assert other[3].startswith(counts)
    (summary,) = summarise(rows)
    assert len(summary.scores) == 2
    page = class_page(rows, Protection("A", {}, {}))
    assert "<p>2 graded" in page and "do not count" in page


def test_what_canvas_says_of_a_file_is_noted_and_accents_do_not_misplace(
    tmp_path: Path,
):
    names = ("zola_1_2_x.ipynb", "\u00cd\u00f1igo_LATE_3_4_x.ipynb", "ivo_5_6_x.ipynb")
    for name in names:
        (tmp_path / name).write_bytes(WORK)
    found = find_submissions([tmp_path])
    assert [s.student[0] for s in found] == ["\u00cd", "i", "z"]
    assert [s.notes for s in found] == [("Canvas marks it as late",), (), ()]


def test_a_large_class_is_told_briefly():
    entry = {
        "exercise": "residual", "status": "wrong", "points": 0, "max_points": 10,
        "diagnosis": None,
    }  # fmt: skip
    rows = [
        {**row(NAME, n % 7, f"s{n:03}"), "exercises": [entry], "seconds": [0, 0]}
        for n in range(100)
    ]
    settle(rows)
    page = class_page(rows, Protection("A", {}, {}))
    assert "the middle half from\n1 to 5." in page
    shown, hidden = page.split("<summary>\n", 1)
    assert shown.count("wrong: residual") == 16
    assert hidden.startswith(f"{hidden.count('wrong: residual')} more</summary>")


def test_a_folder_of_downloads_holds_several_classes(tmp_path: Path):
    moodle = [f"Ann Lee_{n}_assignsubmission_file_/{NAME}" for n in (12, 13)]
    canvas = [f"leebob_{n}_3_{NAME}" for n in (1, 2)]
    scope = [f"export/submission_{n}/{NAME}" for n in (7, 8)]
    for zip_name, members in (
        ("moodle.zip", moodle),
        ("canvas.zip", canvas),
        ("gradescope.zip", scope),
        ("zoe.zip", [moodle[0]]),
        ("Eve_9_assignsubmission_file_work.zip", moodle),
    ):
        with zipfile.ZipFile(tmp_path / zip_name, "w") as archive:
            for member in members:
                archive.writestr(member, member.encode())
    students = [s.student for s in find_submissions([tmp_path])]
    assert students == [
        "Ann Lee (12)", "Ann Lee (13)", "Eve (9)", "Eve (9)", "leebob (1)",
        "leebob (2)", "submission_7", "submission_8", "zoe",
    ]  # fmt: skip


def test_a_class_collected_in_one_folder_is_as_many_students(tmp_path: Path):
    names = ["ann", "bob (1)", "lee"]
    for name in names:
        (tmp_path / f"{LESSON}_{name}.ipynb").write_text(name)
    assert [s.student for s in find_submissions([tmp_path])] == names
    zipped = tmp_path.parent / "class.zip"
    with zipfile.ZipFile(zipped, "w") as archive:
        for file in tmp_path.iterdir():
            archive.write(file, file.name)
    assert [s.student for s in find_submissions([zipped])] == names
    (tmp_path / f"{LESSON}.ipynb").write_text("hers")
    assert {s.student for s in find_submissions([tmp_path])} == {tmp_path.name}
