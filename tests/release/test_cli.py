"""The command line, as a person types it."""

from __future__ import annotations

import subprocess
import sys

import nbformat
import pytest

from autograder import release
from autograder.places import LESSONS, SOLUTIONS
from autograder.release import grade_id, to_text

LESSON = "07_one_hidden_layer"


def backproplab(*arguments: object, cwd=None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "autograder.cli", *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True)


def usage_error(done: subprocess.CompletedProcess[str]) -> str:
    """Check that one sentence and exit code 2 came, and nothing else."""
    assert done.returncode == 2, done
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    return done.stderr


@pytest.fixture
def solved_notebook(tmp_path):
    path = tmp_path / "solved.ipynb"
    path.write_text(to_text(release.solved(SOLUTIONS / f"{LESSON}.md")), "utf-8")
    return path


@pytest.mark.slow
def test_check_of_a_solved_notebook(solved_notebook):
    done = backproplab("check", solved_notebook)
    assert done.returncode == 0, done
    assert done.stdout.count(": right.") == 7
    assert done.stderr == ""


@pytest.mark.slow
def test_check_of_a_released_notebook():
    done = backproplab("check", LESSONS / f"{LESSON}.ipynb")
    assert done.returncode == 1
    assert done.stdout.count("not written yet") == 7


def test_check_of_one_exercise_with_a_mistake(solved_notebook):
    notebook = nbformat.read(solved_notebook, as_version=4)
    for cell in notebook.cells:
        if grade_id(cell) == "grad_cs221":
            cell.source = "def grad_cs221(phi, y, V, w):\n    return w, V"
    solved_notebook.write_text(to_text(notebook), "utf-8")
    done = backproplab("check", solved_notebook, "--exercise", "grad_cs221")
    assert done.returncode == 1
    assert "wrong" in done.stdout and "grad_cs221" in done.stdout
    assert "V = [[" in done.stdout  # brackets survive the table


def test_magics_and_displays_do_not_disturb_a_check(solved_notebook):
    notebook = nbformat.read(solved_notebook, as_version=4)
    for cell in notebook.cells:
        if grade_id(cell) == "residual":
            cell.source = "%matplotlib inline\ndisplay(1)\n!ls\n" + cell.source
    solved_notebook.write_text(to_text(notebook), "utf-8")
    done = backproplab("check", solved_notebook, "--exercise", "residual")
    assert done.returncode == 0, done


def test_unknown_exercise_suggests_the_nearest(solved_notebook):
    done = backproplab("check", solved_notebook, "--exercise", "residul")
    assert 'did you mean "residual"' in usage_error(done)


@pytest.mark.parametrize(
    "content, sentence",
    [
        (None, "there is no notebook"),
        ("", "is not a notebook, or it is damaged"),
        ("{not json", "is not a notebook, or it is damaged"),
        ('{"nbformat": 4}', "is not a notebook, or it is damaged"),
        ('["a", "list"]', "is not a notebook, or it is damaged"),
        (
            '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []}',
            "has no cell that defines an exercise's function",
        ),
    ],
)
def test_missing_or_broken_notebook(tmp_path, content, sentence):
    path = tmp_path / "mine.ipynb"
    if content is not None:
        path.write_text(content)
    assert sentence in usage_error(backproplab("check", path))


def test_a_folder_is_not_a_notebook(tmp_path):
    assert "is a folder" in usage_error(backproplab("check", tmp_path))


def test_course_twice(tmp_path):
    assert backproplab("course", tmp_path / "c").returncode == 0
    before = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    said = usage_error(backproplab("course", tmp_path / "c"))
    assert "exists and is not empty" in said
    assert {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()} == before


def test_lab_without_starting_copies_and_says_so(tmp_path):
    done = backproplab("lab", tmp_path / "mine", "--no-start")
    assert done.returncode == 0 and f"{LESSON}.ipynb" in done.stdout
    done = backproplab("lab", tmp_path / "mine", "--no-start")
    assert done.returncode == 0 and "left as they are" in done.stdout


def test_a_pipe_that_knows_few_letters(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONIOENCODING", "cp1252")  # as in a pipe on Windows
    done = backproplab("lab", "\u03b4", "--no-start", cwd=tmp_path)
    assert done.returncode == 0 and done.stdout.startswith("\\u03b4: new lessons")


def test_gallery_is_never_written_over_work(tmp_path):
    file = tmp_path / "gallery.ipynb"
    file.write_text("my notes")
    done = backproplab("gallery", file, "--no-start")
    assert done.returncode == 0 and "yours, left as it is" in done.stdout
    assert file.read_text() == "my notes"


@pytest.mark.parametrize("command", ["lab", "course"])
def test_a_folder_that_cannot_be_made(tmp_path, command):
    (tmp_path / "file").write_text("mine")
    said = usage_error(backproplab(command, tmp_path / "file" / "inside"))
    assert said.startswith(str(tmp_path / "file" / "inside"))
    assert said.endswith(": Not a directory.\n")


@pytest.mark.parametrize(
    "arguments, sentence",
    [
        ("chek", "No such command 'chek'"),
        ("check", "Missing argument 'notebook'. See backproplab check --help."),
        ("check --exercise", "'--exercise' requires an argument"),
        ("lab --x", "No such option: --x. See backproplab lab --help."),
        ("lab a b", "unexpected extra argument"),
        ("grade --jobs two", "Invalid value for '--jobs'"),
        ("grade --jobs 0 x", "--jobs must be at least 1"),
        ("grade", "name the notebooks to grade"),
    ],
)
def test_arguments_that_make_no_sense_get_one_sentence(arguments, sentence, tmp_path):
    said = usage_error(backproplab(*arguments.split(), cwd=tmp_path))
    assert sentence.casefold() in said.casefold()


def test_a_guess_is_made_only_when_it_is_near(solved_notebook):
    done = backproplab("check", solved_notebook, "--exercise", "nope")
    assert usage_error(done) == 'there is no exercise "nope".\n'


def test_the_command_alone_shows_the_commands():
    done = backproplab()
    assert done.returncode == 0 and "grade" in done.stdout


def test_doctor_in_a_course_folder(tmp_path):
    backproplab("course", tmp_path / "c")
    done = backproplab("doctor", cwd=tmp_path / "c")
    assert "deleted checks" in done.stdout
    assert "NumPy" in done.stdout
