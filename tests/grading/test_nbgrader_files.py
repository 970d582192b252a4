"""What nbgrader would stumble over before any grader sees it."""

from __future__ import annotations

import json
import os
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest
from nbconvert.exporters import HTMLExporter

from autograder.grading.copies import RECORD, refresh
from autograder.grading.marked import harmless, merged
from autograder.nbgrader_course import NbgraderCourse
from autograder.nbgrader_files import handed_in_at
from autograder.nbgrader_plugin import AnyNotebook, accept_renamed
from autograder.places import LESSONS
from tests.grading.helpers import HONEST, hand_in, notebook

LESSON = "07_one_hidden_layer"
NAME = f"{LESSON}.ipynb"
WORK = notebook("import numpy as np", *HONEST)
STUBS = notebook(*HONEST[:2])


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


def test_a_copy_is_one_submission_with_its_original_and_follows_it(submitted: Path):
    course = NbgraderCourse(submitted.parents[2])
    renamed = submitted / "homework (1).ipynb"
    renamed.write_bytes(STUBS)
    accepted(submitted)
    (found,) = course.submissions([])
    assert found.student == "ann" and renamed.name in "".join(
        (found.notebook, *found.notes)
    )
    renamed.write_bytes(WORK)  # handed in again
    (found,) = course.submissions([])
    assert found.read() == (submitted / NAME).read_bytes() == WORK
    renamed.write_bytes(STUBS)
    assert NAME in accepted(submitted)
    assert (submitted / NAME).read_bytes() == STUBS


def test_what_a_student_put_in_the_place_of_a_copy_stays(submitted: Path):
    (submitted / "homework.ipynb").write_bytes(STUBS)
    accepted(submitted)
    (submitted / NAME).write_bytes(WORK)
    assert accepted(submitted) == [RECORD, NAME, "homework.ipynb"]
    assert (submitted / NAME).read_bytes() == WORK


@pytest.mark.parametrize(
    "record",
    [b"[]", b"{", b"[" * 10**5, b'{"../../x": 3, "a": {"of": "../b", "sha256": 1}}'],
)
def test_a_record_that_a_student_wrote_moves_no_file(submitted: Path, record: bytes):
    (submitted / "homework.ipynb").write_bytes(WORK)
    (submitted / RECORD).write_bytes(record)
    before = sorted(submitted.parents[2].rglob("*"))
    refresh(submitted)
    assert sorted(submitted.parents[2].rglob("*")) == before


def test_one_name_in_two_assignments_is_one_student(submitted: Path):
    """Two files called homework are no clash of students: each has a folder."""
    course = submitted.parents[2]
    for assignment, work in (("05_linear_layer", STUBS), (LESSON, WORK)):
        folder = course / "submitted" / "ann" / assignment
        folder.mkdir(exist_ok=True)
        (folder / "homework.ipynb").write_bytes(work)
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


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<b onclick=alert(1)>x</b>",
    "<svg/onload=alert(1)>",
    "<ScRiPt\n>alert(1)</script>",
    "<<script>alert(1)</script>",
    "<b\n<script>alert(1)</script>",
    "[x](javascript:alert(1))",
    "[x](\n  java&#115;cript:alert(1))",
    "[x][y]\n\n[y]: javascript:alert(1)",
    "[x](data:text/html;base64,PHNjcmlwdD4)",
    "<javascript:alert(1)>",
    "<details/open/ontoggle=alert(1)>",
    "<!--><script>alert(1)</script>-->",
]


def test_no_script_of_a_student_reaches_the_page_of_formgrader():
    """Formgrader's page has the rights of the instructor's whole Jupyter."""
    released: dict = {"cells": []}
    submitted: dict = {"cells": []}
    for number, text in enumerate(HOSTILE):
        marks = {"nbgrader": {"grade_id": f"why{number}", "solution": True}}
        question = {"cell_type": "markdown", "source": "", "metadata": marks}
        released["cells"].append({**question, "id": f"why{number}"})
        submitted["cells"].append({**question, "source": text})
        for kind in ("markdown", "raw"):
            extra = {"cell_type": kind, "source": f"{text} {kind}"}
            submitted["cells"].append(extra | {"metadata": {"raw_mimetype": ""}})
    cells = [nbformat.from_dict(c) for c in merged(released, submitted)["cells"]]
    assert len(cells) == 3 * len(HOSTILE)
    node = nbformat.v4.new_notebook(cells=cells)
    page, _ = HTMLExporter(template_name="classic").from_notebook_node(node)
    tags = Tags()
    tags.feed(page.split("<body", 1)[1])
    assert not tags.bad


def test_what_is_no_program_stays_as_it_was_written():
    text = "a < b, x<y, $a<0$, <b>bold</b>, <br/>, [site](https://example.org), [1](#x)"
    assert harmless(text.replace("x<y", "x < y")).isascii()


class Tags(HTMLParser):
    """What in a page could run: scripts, handlers, addresses that are programs."""

    def __init__(self) -> None:
        super().__init__()
        self.bad: list[object] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag that could run something."""
        runs = [name for name, value in attrs if name.startswith("on")]
        runs += [
            v for _, v in attrs if v and v.lower().strip().startswith(("java", "data"))
        ]
        if runs or tag in ("script", "svg", "iframe"):
            self.bad.append((tag, attrs))


def test_what_releasing_feedback_needs_is_kept(submitted: Path):
    course = NbgraderCourse(submitted.parents[2])
    (submitted / NAME).write_bytes(WORK)
    (submitted / "timestamp.txt").write_text("2030-05-04 19:30:00 UTC")
    (submitted / "submission_secret.txt").symlink_to(submitted / NAME)
    (found,) = course.submissions([])
    row = {"lesson": LESSON, "exercises": []}
    course._write_autograded("ann", found, row)
    written = submitted.parents[2] / "autograded" / "ann" / LESSON
    assert sorted(path.name for path in written.iterdir()) == [NAME, "timestamp.txt"]


def test_what_is_no_plain_file_is_set_aside_before_nbgrader_touches_it(submitted: Path):
    """nbgrader would wait for the pipe, read the device, copy the gradebook."""
    root = submitted.parents[2]
    (root / "gradebook.db").write_text("precious")
    (submitted / NAME).symlink_to(root / "gradebook.db")
    (submitted / "work.ipynb").write_bytes(WORK)
    (submitted / RECORD).symlink_to(root / "gradebook.db")
    (submitted / "everything").symlink_to(root)
    (submitted / "big.bin").touch()
    os.truncate(submitted / "big.bin", 2**37)
    os.mkfifo(submitted / "data.csv")
    for _ in range(2):  # the second one finds its place taken
        os.mkfifo(submitted / "timestamp.txt")
        assert NAME in accepted(submitted)
    assert (submitted / NAME).read_bytes() == WORK
    assert (root / "gradebook.db").read_text() == "precious"
    assert {path.name for path in submitted.iterdir()} == {NAME, "work.ipynb", RECORD}
    aside = {path.name for path in (root / "set_aside" / "ann" / LESSON).iterdir()}
    assert {"timestamp.txt", "timestamp.txt-2", "big.bin", "everything"} < aside


@pytest.mark.parametrize("text", ["", "yesterday", "2026-01-01 " + "0" * 9999, "é"])
def test_a_timestamp_that_is_none_is_set_aside(submitted: Path, text: str):
    (submitted / NAME).write_bytes(WORK)
    stamp = submitted / "timestamp.txt"
    stamp.write_text("2026-01-02 03:04:05 UTC")
    assert accepted(submitted) and stamp.exists() and handed_in_at(submitted)
    stamp.write_text(text, encoding="latin-1")
    assert handed_in_at(submitted) is None
    assert accepted(submitted) and not stamp.exists()


def test_a_time_that_never_comes_is_not_awaited(submitted: Path):
    os.mkfifo(submitted / "timestamp.txt")
    assert handed_in_at(submitted) is None
