"""Read a student's notebook, and check the answers in it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
from IPython.core.inputtransformer2 import TransformerManager

from autograder import grade_source
from autograder.exercises import DECLARED, EXERCISES
from autograder.own import declared_in
from autograder.own_truth import BadExercise
from autograder.places import UsageError
from autograder.verdict import Verdict

CHECKED = re.compile(r"""^check\(\s*["'](\w+)["']""", re.MULTILINE)


def read_notebook(path: Path) -> Any:
    """Read a notebook of any age; one clear sentence when that cannot be done."""
    if path.is_dir():
        raise UsageError(f"{path} is a folder, not a notebook.")
    try:
        text = path.read_text(encoding="utf-8-sig")
        return nbformat.reads(text, as_version=4)
    except FileNotFoundError:
        raise UsageError(f"there is no notebook {path}.") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from None
    except Exception as error:
        kind = type(error).__name__
        raise UsageError(
            f"{path} is not a notebook, or it is damaged ({kind})."
        ) from None


@contextmanager
def declaring(notebook: Any) -> Iterator[None]:
    """Inside, the exercises are known that the notebook itself declares."""
    before = dict(DECLARED)
    try:
        DECLARED.update(declared_in(code_cells(notebook)))
        yield
    except BadExercise as error:
        raise UsageError(str(error)) from None
    finally:
        DECLARED.clear()
        DECLARED.update(before)


def answered(notebook: Any) -> list[str]:
    """The exercises whose function some cell of the notebook defines, in order.

    A lesson's helper may have the name of an earlier lesson's exercise: where the
    notebook says what it checks, only that counts.
    """
    found: dict[str, None] = {}
    known = {**EXERCISES, **DECLARED}
    for source in code_cells(notebook):
        found.update(dict.fromkeys(n for n in _functions(source) if n in known))
    checked = set(CHECKED.findall("\n".join(cell.source for cell in notebook.cells)))
    return [name for name in found if name in checked] or list(found)


# Outside a notebook there is no shell: magics do nothing, display prints.
NO_SHELL = """
from unittest.mock import MagicMock
from IPython.display import display
get_ipython = MagicMock()
"""


def check_notebook(notebook: Any, exercises: list[str]) -> Iterator[Verdict]:
    """Run the notebook's own cells for each exercise and judge what they define."""
    as_python = TransformerManager().transform_cell
    cells = [NO_SHELL, *map(as_python, code_cells(notebook))]
    source = "\n# %%\n".join(cells)
    for exercise_id in exercises:
        yield grade_source(exercise_id, source)


def code_cells(notebook: Any) -> list[str]:
    """The text of every code cell that is not a check."""
    return [
        cell.source
        for cell in notebook.cells
        if cell.cell_type == "code" and not cell.source.lstrip().startswith("check(")
    ]


def _functions(source: str) -> list[str]:
    try:
        body = ast.parse(source).body
    except SyntaxError:
        return [
            line.split("(")[0].removeprefix("def ").strip()
            for line in source.splitlines()
            if line.startswith("def ")
        ]
    return [node.name for node in body if isinstance(node, ast.FunctionDef)]
