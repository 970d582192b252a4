"""The nbgrader course: what is written, and that nbgrader accepts it."""

from __future__ import annotations

import nbformat
import pytest

from autograder import release
from autograder.course import assignments, make_course, nbgrader
from autograder.doctor import course as look_over
from autograder.places import UsageError


def test_writes_sources_settings_and_class_list(tmp_path):
    folder = tmp_path / "ml 101"
    notebooks = make_course(folder)
    assert [path.stem for path in notebooks] == assignments()
    for path in notebooks:
        assert path.parent.parent == folder / "source"
        source = release.SOLUTIONS / f"{path.stem}.md"
        assert nbformat.read(path, as_version=4) == release.solved(source)
    assert 'course_id = "ml 101"' in (folder / "nbgrader_config.py").read_text()
    assert (folder / "students.csv").read_text().startswith("id,first_name")


def test_settings_pass_the_doctor(tmp_path):
    make_course(tmp_path / "course")
    states = {f.what: f.state for f in look_over(tmp_path / "course")}
    assert states == {
        "skipped checks": "fine",
        "deleted checks": "fine",
        "renamed notebooks": "fine",
        "feedback pages": "fine",
        "alembic": "fine",
    }


def test_an_empty_folder_is_free(tmp_path):
    assert make_course(tmp_path)


def test_existing_folder_is_left_alone(tmp_path):
    (tmp_path / "grades.txt").write_text("years of work")
    with pytest.raises(UsageError, match="exists and is not empty"):
        make_course(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["grades.txt"]


def test_a_file_in_the_way_is_left_alone(tmp_path):
    (tmp_path / "course").write_text("mine")
    with pytest.raises(UsageError, match="is a file"):
        make_course(tmp_path / "course")
    assert (tmp_path / "course").read_text() == "mine"


@pytest.mark.slow
def test_nbgrader_releases_what_we_release(tmp_path):
    """Both ways to the student's notebook give the same cells."""
    make_course(tmp_path / "course")
    name = assignments()[0]
    nbgrader(tmp_path / "course", "generate_assignment", name)
    theirs = nbformat.read(
        tmp_path / "course" / "release" / name / f"{name}.ipynb", as_version=4
    )
    ours = release.released(release.SOLUTIONS / f"{name}.md")
    assert theirs.cells == ours.cells


@pytest.mark.slow
def test_a_failing_nbgrader_command_is_said(tmp_path):
    make_course(tmp_path / "course")
    with pytest.raises(UsageError, match="generate_assignment no_such_one failed"):
        nbgrader(tmp_path / "course", "generate_assignment", "no_such_one")
