"""Lesson 07 in a real browser: what the learner sees."""

from __future__ import annotations

import pytest

from autograder import release
from autograder.exercises import lesson
from autograder.places import SOLUTIONS
from autograder.release import to_text

LESSON = "07_one_hidden_layer"
EXERCISES = lesson("07")


def run(jupyter, notebook, name, made):
    source = SOLUTIONS / f"{LESSON}.md"
    (jupyter.root / f"{name}.ipynb").write_text(to_text(made(source)), "utf-8")
    notebook.switch(f"{name}.ipynb")
    notebook.run_all()
    cells = notebook.cells()
    notebook.picture(name)
    outside, errors = list(notebook.outside), list(notebook.errors)
    notebook.close()
    return cells, outside, errors


@pytest.fixture(scope="module")
def released(jupyter, notebook):
    return run(jupyter, notebook, "released", release.released)


@pytest.fixture(scope="module")
def solved(jupyter, notebook):
    return run(jupyter, notebook, "solved", release.solved)


def test_released_stops_at_the_first_check_with_a_readable_message(released):
    cells, _, _ = released
    first = cells[f"check-{EXERCISES[0].id}"]
    assert first["verdicts"] == 1
    assert "not written yet" in first["shown"]
    assert "Traceback" not in first["shown"]
    assert "Error" not in first["shown"].replace("NotImplementedError", "")


def test_released_runs_up_to_there_and_no_further(released):
    cells, _, _ = released
    names = list(cells)
    stop = names.index(f"check-{EXERCISES[0].id}")
    for name in names[:stop]:
        if cells[name]["type"] == "code":
            assert cells[name]["ran"] is not None, name
            assert "Error" not in cells[name]["shown"], name
    assert all(cells[name]["ran"] is None for name in names[stop + 1 :])


def test_solved_earns_every_point(solved):
    cells, _, _ = solved
    for exercise in EXERCISES:
        check = cells[f"check-{exercise.id}"]
        assert check["verdicts"] == 1, exercise.id
        assert f"{exercise.points} of {exercise.points} points" in check["shown"]
    code = [cell for cell in cells.values() if cell["type"] == "code"]
    assert all(cell["ran"] is not None for cell in code)


def test_formulas_render_and_nothing_is_asked_from_outside(solved, released):
    for cells, outside, errors in (solved, released):
        assert outside == []
        assert errors == []
        assert [c["id"] for c in cells.values() if c["formula_errors"]] == []
