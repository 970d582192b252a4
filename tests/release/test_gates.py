"""The gates every lesson passes before students see it."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest

from autograder import release
from autograder.answers import solution_lines
from autograder.exercises import lesson
from autograder.places import LESSONS

SOURCES = release.sources()


def test_there_is_a_lesson():
    assert SOURCES


def test_lessons_are_what_their_sources_give():
    assert release.differences(release.SOLUTIONS, LESSONS) == []


def test_building_twice_gives_the_same_bytes(source):
    assert release.to_text(release.released(source)) == release.to_text(
        release.released(source)
    )


@pytest.mark.slow
def test_solved_earns_every_point(source, ran_solved, scores):
    earned = scores(ran_solved)
    wanted = {f"check-{e.id}": (e.points, e.points) for e in lesson(source.name[:2])}
    assert earned == wanted
    assert errors(ran_solved) == []


@pytest.mark.slow
def test_released_earns_nothing(source, ran_released, scores):
    earned = scores(ran_released)
    wanted = {f"check-{e.id}": (0, e.points) for e in lesson(source.name[:2])}
    assert earned == wanted


@pytest.mark.slow
def test_released_fails_only_with_unfinished_answers(ran_released):
    for cell_id, output in errors(ran_released):
        if output.ename == "CheckFailed":
            assert "not written yet" in output.evalue, cell_id
        else:
            assert output.ename == "NotImplementedError", cell_id


@pytest.mark.slow
def test_released_first_stops_at_a_check_without_a_traceback(source, ran_released):
    cell_id, output = errors(ran_released)[0]
    assert cell_id == f"check-{lesson(source.name[:2])[0].id}"
    assert "Traceback" not in "".join(output.traceback)
    assert "line " not in "".join(output.traceback)
    assert len(output.traceback) <= 2


@pytest.mark.slow
def test_running_prints_nothing_to_stderr(ran_solved, ran_released):
    for notebook in (ran_solved, ran_released):
        for cell in notebook.cells:
            for output in cell.get("outputs", []):
                assert output.get("name") != "stderr", output.text


def test_nothing_leaks(source):
    text = (LESSONS / f"{source.stem}.ipynb").read_text(encoding="utf-8")
    for word in ("BEGIN SOLUTION", "END SOLUTION", "HIDDEN", "MARK SCHEME"):
        assert word not in text
    released = [squeeze(c.source) for c in release.released(source).cells]
    for cell in release.solved(source).cells:
        if "BEGIN SOLUTION" in cell.source:
            body = squeeze("\n".join(solution_lines(cell.source)))
            assert not any(body in other for other in released), cell["id"]


def test_answer_cells_hold_only_signature_docstring_and_stub(source):
    cells = {c["id"]: c.source for c in release.released(source).cells}
    for exercise in lesson(source.name[:2]):
        body = re.sub(r'""".*?"""', "", cells[exercise.id], flags=re.DOTALL)
        assert "raise NotImplementedError(" in body
        for line in solution_lines(solved_cell(source, exercise.id)):
            if line.strip() and not line.strip().startswith("#"):
                assert line.strip() not in body.split("\n"), line


def test_released_notebook_is_valid_and_clean(source):
    notebook = nbformat.read(LESSONS / f"{source.stem}.ipynb", as_version=4)
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert notebook.metadata.kernelspec.name == "python3"
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert cell.outputs == [] and cell.execution_count is None


def test_checks_are_locked_and_answers_cannot_be_deleted(source):
    cells = {c["id"]: c.metadata for c in release.released(source).cells}
    for exercise in lesson(source.name[:2]):
        check = cells[f"check-{exercise.id}"]
        assert check.editable is False and check.deletable is False
        assert check.nbgrader.points == exercise.points
        answer = cells[exercise.id]
        assert answer.deletable is False and "editable" not in answer


@pytest.mark.parametrize("path", [*SOURCES, *sorted(LESSONS.glob("*.ipynb"))], ids=str)
def test_no_path_of_a_machine(path: Path):
    found = re.search(
        r"/home/|/Users/|/root/|/tmp/|[A-Z]:\\\\", path.read_text(encoding="utf-8")
    )
    assert found is None, found


def errors(notebook):
    """All error outputs with the id of their cell, in order."""
    return [
        (cell["id"], output)
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if output.output_type == "error"
    ]


def solved_cell(source: Path, cell_id: str) -> str:
    return next(c.source for c in release.solved(source).cells if c["id"] == cell_id)


def squeeze(text: str) -> str:
    return re.sub(r"\s+", "", text)
