"""A learner's copy of the lessons."""

from __future__ import annotations

import pytest

from autograder.lab import copy_lessons
from autograder.places import LESSONS, UsageError

NAMES = sorted(path.name for path in LESSONS.glob("*.ipynb"))


def test_copies_all_lessons(tmp_path):
    copied = copy_lessons(tmp_path / "mine")
    assert copied.new == NAMES and copied.kept == []
    for name in NAMES:
        assert (tmp_path / "mine" / name).read_bytes() == (LESSONS / name).read_bytes()


def test_never_over_existing_work(tmp_path):
    (tmp_path / NAMES[0]).write_text("my answers")
    copied = copy_lessons(tmp_path)
    assert copied.kept == NAMES[:1] and copied.new == NAMES[1:]
    assert (tmp_path / NAMES[0]).read_text() == "my answers"


def test_the_originals_are_not_a_place_to_work(tmp_path):
    with pytest.raises(UsageError, match="holds the originals"):
        copy_lessons(LESSONS)


def test_a_file_is_not_a_folder(tmp_path):
    (tmp_path / "mine").write_text("x")
    with pytest.raises(UsageError, match="is a file"):
        copy_lessons(tmp_path / "mine")
