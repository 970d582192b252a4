"""What nbgrader would stumble over before any grader sees it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from autograder.nbgrader_course import NbgraderCourse
from autograder.nbgrader_plugin import AnyNotebook, accept_renamed
from autograder.places import LESSONS
from tests.grading.helpers import HONEST, hand_in, notebook

LESSON = "07_one_hidden_layer"
NAME = f"{LESSON}.ipynb"
WORK = notebook("import numpy as np", *HONEST)


@pytest.fixture
def submitted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A student's folder in an nbgrader course, which is the current folder."""
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\n")
    hand_in(tmp_path / "release", LESSON, (LESSONS / NAME).read_bytes(), NAME)
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "submitted" / "ann" / LESSON
    folder.mkdir(parents=True)
    return folder


def accepted(folder: Path) -> list[str]:
    """The notebooks that nbgrader will convert."""
    files = sorted(map(str, folder.iterdir()))
    accept_renamed(assignment=LESSON, student="*", notebooks=files)
    return [Path(file).name for file in files]


def test_a_renamed_notebook_is_found_and_kept(submitted: Path):
    (submitted / "homework (1).ipynb").write_bytes(WORK)
    (submitted / "scratch.ipynb").write_bytes(notebook("x = 1"))
    (submitted / "broken.ipynb").write_bytes(b"{")
    assert accepted(submitted)[-1] == NAME
    assert (submitted / NAME).read_bytes() == WORK
    assert (submitted / "homework (1).ipynb").read_bytes() == WORK


def test_a_notebook_of_the_right_name_wins(submitted: Path):
    (submitted / NAME).write_bytes(WORK)
    (submitted / "other.ipynb").write_bytes(notebook(*HONEST[:2]))
    assert accepted(submitted) == [NAME, "other.ipynb"]
    assert (submitted / NAME).read_bytes() == WORK


def test_one_name_in_two_assignments_is_one_student(submitted: Path):
    """Two files called homework are no clash of students: each has a folder."""
    course = submitted.parents[2]
    for assignment in ("05_linear_layer", LESSON):
        folder = course / "submitted" / "ann" / assignment
        folder.mkdir(exist_ok=True)
        (folder / "homework.ipynb").write_bytes(WORK)
    found = NbgraderCourse(course).submissions([])
    assert {s.student for s in found} == {"ann"}
    assert [s.notebook for s in found] == ["homework [1].ipynb", "homework [2].ipynb"]


def test_text_that_no_file_can_hold_is_read_all_the_same(tmp_path: Path):
    content = json.loads((LESSONS / NAME).read_bytes())
    content["cells"][-1]["source"] = "half a letter: \ud800"
    path = tmp_path / NAME
    path.write_bytes(json.dumps(content).encode())
    with open(path, encoding="utf-8") as stream:
        text, _ = AnyNotebook().from_file(stream)
    assert b"half a letter: ?" in text.encode()
