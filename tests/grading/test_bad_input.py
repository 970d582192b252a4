"""Bad input is named, with what to do, and the rest is graded."""

from __future__ import annotations

import io
import json
import os
import stat
import zipfile
from pathlib import Path

import pytest

from autograder.grading import command, output
from autograder.grading.cells import Unreadable, read_cells
from autograder.grading.intake import find_submissions
from autograder.grading.tables import as_csv
from autograder.places import UsageError
from tests.grading.helpers import FULL, HONEST, hand_in, notebook

GOOD = notebook("import numpy as np", *HONEST)
NAME = "07_one_hidden_layer.ipynb"


def zipped(*members: tuple[str, bytes], mode: int = 0) -> bytes:
    """A zip file with these members."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            info = zipfile.ZipInfo(name)
            info.external_attr = mode << 16
            archive.writestr(info, data, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


BAD = {
    "empty": b"",
    "blank": b"  \n",
    "cut off": GOOD[: len(GOOD) // 2],
    "not JSON": b"hello",
    "JSON but no notebook": b"[1, 2]",
    "no cells": b'{"nbformat": 4}',
    "nested deeply": b"[" * 10**6,
    "nested deeply inside": b'{"cells": ' + b"[" * 10**5 + b"]" * 10**5 + b"}",
    "binary": bytes(range(256)) * 100,
    "broken utf-16": b"\xff\xfe\x00",
    "too many cells": notebook(*["x = 1"] * 60_000),
    "too much text": notebook("x = '" + "a" * 3_000_000 + "'"),
    "huge number": b'{"cells": [], "n": ' + b"9" * 10**6 + b"}",
    "millions of lists": b'{"cells": [' + b"[]," * 3_000_000 + b"[]]}",
    "no exercise in it": notebook("x = 1"),
}


@pytest.mark.attack(82, 83, 84, 94, 96)
@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_named_and_not_scored(engine, name: str):
    graded = engine.grade(BAD[name], "work.ipynb")
    assert graded.problem and not graded.verdicts
    assert "Traceback" not in graded.problem


@pytest.mark.parametrize(
    "cells",
    [
        [None, 3, "x", [], {}],
        [{"cell_type": "code", "source": {"a": 1}}],
        [{"cell_type": "code", "source": [1, None, ["x"]], "metadata": []}],
        [{"cell_type": "code", "metadata": {"nbgrader": {"grade_id": {}}}}],
        [{"cell_type": "code", "id": 5, "source": "\ud800"}],
    ],
)
def test_odd_cells_do_no_harm(cells):
    read_cells(json.dumps({"cells": cells}).encode())


def test_a_gigabyte_is_refused_without_reading_it(tmp_path: Path):
    path = hand_in(tmp_path, "big", b"")
    with open(path, "wb") as file:
        file.truncate(2**30)
    (found,) = find_submissions([tmp_path])
    with pytest.raises(Unreadable, match="larger than"):
        found.read()


@pytest.mark.attack(90)
def test_links_pipes_and_unreadable_files_are_not_followed(tmp_path: Path):
    (tmp_path / "secret").write_bytes(GOOD)
    for student in ("link", "pipe"):
        (tmp_path / "class" / student).mkdir(parents=True)
    (tmp_path / "class" / "link" / NAME).symlink_to(tmp_path / "secret")
    os.mkfifo(tmp_path / "class" / "pipe" / NAME)
    for found in find_submissions([tmp_path / "class"]):
        with pytest.raises(Unreadable):
            found.read()


@pytest.mark.attack(78, 79, 90)
def test_zips_of_all_kinds(tmp_path: Path):
    files = {
        "fine.zip": zipped(("work/" + NAME, GOOD)),
        "slip.zip": zipped(("../../" + NAME, GOOD)),
        "root.zip": zipped(("/etc/" + NAME, GOOD)),
        "drive.zip": zipped(("C:\\" + NAME, GOOD)),
        "bomb.zip": zipped((NAME, bytes(200 * 2**20))),
        "link.zip": zipped((NAME, b"/etc/passwd"), mode=stat.S_IFLNK | 0o777),
        "none.zip": zipped(("readme.txt", b"x")),
        "cut.zip": zipped((NAME, GOOD))[:-30],
        "not.zip": b"PK but no",
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    found = {s.student: s for s in find_submissions([tmp_path])}
    assert found.keys() == {name.removesuffix(".zip") for name in files}
    assert found.pop("fine").read() == GOOD
    for submission in found.values():
        with pytest.raises(Unreadable):
            submission.read()
    assert not (tmp_path.parent / NAME).exists()


LAYOUTS = {
    "nbgrader": {
        "submitted/ann/07_one_hidden_layer/" + NAME: ("ann", NAME),
        "submitted/bob/07_one_hidden_layer/" + NAME: ("bob", NAME),
    },
    "folders": {"ann/" + NAME: ("ann", NAME), "bob/sub/" + NAME: ("bob", NAME)},
    "flat": {
        "ann.ipynb": ("ann", "ann.ipynb"),
        "bob.ipynb": ("bob", "bob.ipynb"),
    },
    "moodle folders": {
        "Ann Lee_123_assignsubmission_file_/" + NAME: ("Ann Lee (123)", NAME)
    },
    "moodle flat": {
        "Ann Lee_123_assignsubmission_file_" + NAME: ("Ann Lee (123)", NAME)
    },
    "canvas": {
        "leeann_12_345_" + NAME: ("leeann (12)", NAME),
        "leebob_LATE_13_346_work-1.ipynb": ("leebob (13)", "work-1.ipynb"),
    },
    "gradescope": {"submission_77/" + NAME: ("Ann Lee (s1)", NAME)},
    "canvas, something else": {
        "leeann_12_345_" + NAME: ("leeann (12)", NAME),
        "leebob_13_346_essay.pdf": ("leebob (13)", "(none)"),
    },
    "moodle, something else": {
        "Ann Lee_123_assignsubmission_file_/" + NAME: ("Ann Lee (123)", NAME),
        "Bob_124_assignsubmission_file_/essay.pdf": ("Bob (124)", "(none)"),
    },
}
METADATA = b"submission_77:\n  :submitters:\n  - :name: Ann Lee\n    :sid: s1\n"


@pytest.mark.parametrize("as_zip", [False, True])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_layouts_of_platforms(tmp_path: Path, layout: str, as_zip: bool):
    files = dict.fromkeys(LAYOUTS[layout], GOOD)
    if layout == "gradescope":
        files["submission_metadata.yml"] = METADATA
    if as_zip:
        path = tmp_path / "download.zip"
        path.write_bytes(zipped(*files.items()))
    else:
        path = tmp_path
        for name, data in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes(data)
    found = {(s.student, s.notebook) for s in find_submissions([path])}
    assert found == set(LAYOUTS[layout].values())


@pytest.fixture
def class_folder(tmp_path: Path) -> Path:
    """Two good students, two of one name, a few bad ones."""
    folder = tmp_path / "class"
    hand_in(folder, "ann", GOOD)
    hand_in(folder, "=cmd()", GOOD)
    hand_in(folder, "cut", BAD["cut off"])
    hand_in(folder, "<b>bold", GOOD)
    (folder / "nobody").mkdir()
    other = tmp_path / "late"
    hand_in(other, "ann", notebook("import numpy as np", *HONEST[:3]))
    return folder


@pytest.mark.attack(91, 92)
def test_a_class_with_bad_files(class_folder: Path, tmp_path: Path, capsys):
    out = tmp_path / "out"
    paths = [class_folder, tmp_path / "late"]
    code = command.grade_command(
        paths, out, "json", 1, seed="s", allow_weak_isolation=True
    )
    shown = capsys.readouterr()
    assert code == 3
    rows = {row["student"]: row for row in json.loads(shown.out)["submissions"]}
    assert rows["ann [1]"]["score"] == FULL and rows["ann [2]"]["score"] < FULL
    assert rows["cut"]["score"] is None and "damaged" in rows["cut"]["problem"]
    assert "no notebook" in rows["nobody"]["problem"]
    for name in ("cut", "nobody", "ann [1]"):
        assert name in shown.err
    table = (out / "grades.csv").read_text(encoding="utf-8-sig")
    assert "'=cmd()" in table and "\n=cmd" not in table
    pages = "".join(p.read_text() for p in (out / "students").iterdir())
    assert "<b>bold" not in pages and "&lt;b&gt;bold" in pages
    assert "<script" not in pages + (out / "class.html").read_text()


def test_an_output_folder_that_cannot_be_written(class_folder: Path, tmp_path, capsys):
    (tmp_path / "file").write_text("x")
    code = command.grade_command(
        [class_folder], tmp_path / "file" / "out", "csv", 1, allow_weak_isolation=True
    )
    shown = capsys.readouterr()
    assert code == 3
    assert "cannot be written" in shown.err and "ann" in shown.out


def test_a_full_disk_still_shows_the_grades(class_folder: Path, tmp_path, monkeypatch):
    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(output, "_put", full)
    assert (
        command.grade_command(
            [class_folder / "ann"], tmp_path / "o", "csv", 1, allow_weak_isolation=True
        )
        == 3
    )


def test_a_journal_that_cannot_grow_stops_nobody(tmp_path, monkeypatch, capsys):
    for number in range(3):
        data = GOOD.replace(b"import numpy", b"import os, numpy") + b" " * number
        hand_in(tmp_path / "class", f"student-{number}", data)
    written: list[int] = []

    def nearly_full(file: int, data: memoryview) -> int:
        if len(written) == 3:  # in the middle of the second result
            raise OSError(28, "No space left on device")
        written.append(
            write(file, data[: len(data) // 2 if len(written) == 2 else None])
        )
        return written[-1]

    write = os.write
    monkeypatch.setattr("autograder.grading.journal.os.write", nearly_full)
    arguments = {"jobs": 1, "seed": "s", "allow_weak_isolation": True}
    out = tmp_path / "out"
    assert command.grade_command([tmp_path / "class"], out, "csv", **arguments) == 3
    shown = capsys.readouterr()
    assert "No space left on device" in shown.err and shown.out.count(",28,28,") == 3
    monkeypatch.undo()
    assert command.grade_command([tmp_path / "class"], out, "csv", **arguments) == 0


@pytest.mark.parametrize(
    "how",
    [{"format": "pdf"}, {"require": "D"}, {"jobs": 0}, {"policy": "hang"}],
)
def test_arguments_that_make_no_sense(tmp_path: Path, how: dict):
    with pytest.raises(UsageError):
        command.grade_command([tmp_path], tmp_path / "out", **how)


def test_nothing_to_grade(tmp_path: Path):
    with pytest.raises(UsageError, match="no file or folder"):
        command.grade_command([tmp_path / "missing"], tmp_path / "out")
    (tmp_path / "void").mkdir()
    with pytest.raises(UsageError, match="no notebook"):
        command.grade_command([tmp_path / "void"], tmp_path / "out")


def test_a_row_without_points_is_empty_not_zero():
    from autograder.grading.probe import Protection

    row = {"student": "a", "notebook": "n", "score": None, "max_score": None}
    row |= {"exercises": [], "problem": "unreadable", "notes": []}
    line = as_csv([row], Protection("A", {}, {})).splitlines()[1]
    assert line == "a,n,,,unreadable,,A"


def test_a_second_run_does_not_take_its_own_results_for_a_student(tmp_path: Path):
    hand_in(tmp_path, "ada", GOOD)
    out = tmp_path / "grades"
    arguments = {"format": "json", "jobs": 1, "allow_weak_isolation": True}
    for _ in range(2):
        assert command.grade_command([tmp_path], out, **arguments) == 0
    assert {s.student for s in find_submissions([tmp_path])} == {"ada"}


def test_the_class_report_links_each_lesson_of_a_student():
    from autograder.grading.pages import class_page
    from autograder.grading.probe import Protection

    def row(lesson: str) -> dict:
        entry = {"exercise": "residual", "points": 0, "status": "wrong"}
        entry |= {"diagnosis": None, "max_points": 3}
        name = f"{lesson}.ipynb"
        row = {"student": "ann", "notebook": name, "lesson": lesson, "score": 0.0}
        row |= {"max_score": 3.0, "exercises": [entry], "notes": [], "problem": ""}
        return {**row, "seconds": [0.1, 0.1], "spare": ""}

    page = class_page([row("07_a"), row("08_b")], Protection("A", {}, {}))
    assert "students/ann-07_a.html" in page and "students/ann-08_b.html" in page


def test_what_a_run_waits_for_is_said_once_in_a_pipe(capsys):
    with output.Progress() as progress:
        for what in ("waiting for a worker", "waiting for a worker", ""):
            progress.wait(what)
        progress.tell(1, 3)
    assert capsys.readouterr().err == "waiting for a worker\n"


def test_a_course_without_submissions_is_not_graded_by_its_sources(tmp_path: Path):
    (tmp_path / "nbgrader_config.py").write_text("", encoding="utf-8")
    source = tmp_path / "source" / "07_one_hidden_layer"
    source.mkdir(parents=True)
    (source / NAME).write_bytes(GOOD)
    with pytest.raises(UsageError, match="nothing was handed in"):
        find_submissions([tmp_path])
    (tmp_path / "submitted").mkdir()
    assert find_submissions([tmp_path]) == []


def test_a_student_of_a_course_is_known_by_the_folder_that_is_named(tmp_path: Path):
    for student in ("ann", "bob"):
        inside = tmp_path / "submitted" / student / NAME.removesuffix(".ipynb")
        inside.mkdir(parents=True)
        (inside / NAME).write_bytes(GOOD)
    each = find_submissions([tmp_path / "submitted" / name for name in ("ann", "bob")])
    assert [s.student for s in each] == ["ann", "bob"]
    assert [s.student for s in find_submissions([tmp_path])] == ["ann", "bob"]
