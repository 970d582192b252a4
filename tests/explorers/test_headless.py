"""Explorers where nobody looks: run by nbclient, and in the grader's worker."""

from __future__ import annotations

import subprocess
import sys

import nbformat
import pytest
from nbclient import NotebookClient

from autograder.gallery import OWN, gallery, write_gallery
from autograder.places import UsageError
from backproplab import explorers

CELL_SECONDS = 60

IN_WORKER = """
import sys
sys.modules["anywidget"] = sys.modules["ipywidgets"] = None  # not installed
from autograder.grading.inside.shell import make_shell
shell = make_shell()
for name in {names}:
    code = f"from backproplab.explorers import {{name}}; e = {{name}}(); display(e); e"
    result = shell.run_cell(code)
    result.raise_error()
    assert result.result.problem == "", result.result.problem
print("fine", [m for m in ("matplotlib", "comm") if m in sys.modules])
"""


def test_the_gallery_is_written_into_a_new_folder_once(tmp_path):
    file = tmp_path / "new" / "gallery.ipynb"
    assert write_gallery(file)
    assert nbformat.read(file, 4) == gallery()
    assert not write_gallery(file)
    for bad, words in [("g.txt", "end in .ipynb"), ("new.ipynb", "is a folder")]:
        (tmp_path / "new.ipynb").mkdir(exist_ok=True)
        with pytest.raises(UsageError, match=words):
            write_gallery(tmp_path / bad)


def test_the_gallery_runs_without_a_browser():
    notebook = gallery()
    NotebookClient(notebook, timeout=CELL_SECONDS).execute()
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert len(code) == len(explorers.EXPLORERS) + len(OWN.keys() & explorers.EXPLORERS)
    for cell in code:
        (output,) = cell.outputs
        assert output.output_type == "execute_result", cell.source
        assert "application/vnd.jupyter.widget-view+json" in output.data
        assert output.data["text/html"].startswith("<figure"), cell.source


def test_in_the_graders_worker_an_explorer_is_cheap_and_harmless():
    code = IN_WORKER.format(names=list(explorers.EXPLORERS))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "fine []"
