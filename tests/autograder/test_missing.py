"""A cell that was skipped is named by the message about what it would have made."""

from __future__ import annotations

import nbformat
import pytest
from nbclient import NotebookClient

from autograder import missing, release
from autograder.places import LESSONS, SOLUTIONS

LESSON = LESSONS / "07_one_hidden_layer.ipynb"
SETUP, *_ = missing.cells_of(LESSON)


def test_the_lesson_is_known_by_what_was_run():
    assert missing.lesson_that_ran(["", SETUP.source + "\n"]) == LESSON
    assert missing.lesson_that_ran(["print('something else')"]) is None
    assert missing.lesson_that_ran([]) is None


@pytest.mark.parametrize(
    "lesson", sorted(LESSONS.glob("*.ipynb")), ids=lambda p: p.stem
)
def test_every_name_that_a_cell_makes_is_found(lesson):
    for cell in missing.cells_of(lesson):
        for name in cell.makes:
            assert name in missing.where_made(name, lesson)


def test_the_cell_above_is_meant_when_several_make_a_name():
    cells = missing.cells_of(LESSON)
    makers = [cell for cell in cells if "j" in cell.makes]
    assert len({cell.heading for cell in makers}) > 1
    for cell in makers:
        later = cells[cells.index(cell) + 1]
        assert f'"{cell.heading}"' in missing.where_made("j", LESSON, later.source)


def test_an_unknown_name_gets_no_sentence():
    assert missing.where_made("no_such_name", LESSON) == ""


@pytest.mark.slow
def test_in_a_kernel_the_message_stands_alone_and_typos_keep_their_traceback():
    solved = release.released(SOLUTIONS / f"{LESSON.stem}.md")
    sources = {
        "skipped": 'check("residual", residual)',
        "typo": "residul",
        "inside": "def f():\n    return residual\n\n\nf()",
    }
    cells = [solved.cells[[c["id"] for c in solved.cells].index("setup")]]
    cells += [nbformat.v4.new_code_cell(text) for text in sources.values()]
    notebook = nbformat.v4.new_notebook(cells=cells)
    NotebookClient(notebook, timeout=60, allow_errors=True).execute()
    skipped, typo, inside = (c.outputs[0].traceback for c in notebook.cells[1:])
    assert skipped[0].startswith("residual is not there yet. The cell under")
    assert "Exercise 4" in skipped[0] and skipped[1:] == [missing.RUN_ABOVE]
    assert "Traceback" in "".join(typo) and "Traceback" in "".join(inside)
