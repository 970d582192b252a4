"""Every formula has its lesson, its test and its exercise."""

from __future__ import annotations

import shutil
from pathlib import Path

from autograder.coverage import ROWS, coverage
from autograder.places import SOLUTIONS
from autograder.release import main

TESTS = Path(__file__).parent.parent


def test_no_row_lacks_anything():
    rows = coverage(SOLUTIONS, TESTS)
    assert [row.row for row in rows] == list(ROWS)
    assert [row for row in rows if row.missing] == []


def test_a_lost_lesson_is_noticed(tmp_path, capsys):
    shutil.copytree(SOLUTIONS, tmp_path / "s")
    next((tmp_path / "s").glob("11_*.md")).unlink()
    lost = {r.row for r in coverage(tmp_path / "s", TESTS) if "lesson" in r.missing}
    assert lost == {"L1", "L2", "L3"}
    assert main(["--coverage", "--sources", str(tmp_path / "s")]) == 1
    assert "L1 lacks: lesson, exercise" in capsys.readouterr().out


def test_a_lost_test_is_noticed(tmp_path):
    assert all("test" in row.missing for row in coverage(SOLUTIONS, tmp_path))
