"""The demo class: each submission scores exactly what it deserves."""

from __future__ import annotations

import pytest

from autograder import demo
from autograder.demo_class import EVERYTHING, LESSON, SUBMISSIONS
from autograder.exercises import lesson
from autograder.places import UsageError


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    return demo.run(tmp_path_factory.mktemp("demo") / "course", say=lambda line: None)


def test_the_class_knows_the_lesson():
    assert tuple(e.id for e in lesson(LESSON[:2])) == EVERYTHING
    assert len(SUBMISSIONS) == 8


def test_right_answers_are_a_stated_list():
    worth = {s.student: demo.deserved(s) for s in SUBMISSIONS}
    most = demo.most()
    assert worth["all_right"] == worth["unusual_style"] == most
    assert worth["tampering"] == 0
    assert 0 < worth["sigma_missing"] < worth["half_finished"] < most


@pytest.mark.slow
@pytest.mark.parametrize("student", [s.student for s in SUBMISSIONS])
def test_scored_as_deserved(rows, student):
    row = next(row for row in rows if row.submission.student == student)
    assert row.scored == row.deserved


@pytest.mark.slow
def test_every_feedback_page_shows_a_verdict_per_exercise(rows):
    for row in rows:
        page = row.feedback.read_text(encoding="utf-8")
        assert page.count('class="bpl-verdict"') == len(EVERYTHING), row.feedback


def test_an_existing_demo_is_left_alone(tmp_path):
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo-2").mkdir()
    assert demo.free_folder(tmp_path / "demo") == tmp_path / "demo-3"
    (tmp_path / "demo" / "x").write_text("mine")
    with pytest.raises(UsageError, match="not empty"):
        demo.run(tmp_path / "demo", say=lambda line: None)
