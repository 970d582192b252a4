"""Lessons, executed once a session in a clean kernel as nbgrader would."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from nbclient import NotebookClient
from nbgrader.utils import determine_grade, is_grade

from autograder import release

SOURCES = release.sources()


@pytest.fixture(params=SOURCES, ids=lambda path: path.stem, scope="session")
def source(request: pytest.FixtureRequest) -> Path:
    """One lesson source after the other."""
    return request.param


@cache
def executed(source: Path, kind: str) -> Any:
    """The solved or the released notebook of a source, executed to the end."""
    notebook = getattr(release, kind)(source)
    client = NotebookClient(notebook, timeout=120, allow_errors=True)
    client.execute()
    return notebook


@pytest.fixture(scope="session")
def ran_solved(source: Path) -> Any:
    """The solved notebook after a run from a clean kernel."""
    return executed(source, "solved")


@pytest.fixture(scope="session")
def ran_released(source: Path) -> Any:
    """The released notebook after a run from a clean kernel."""
    return executed(source, "released")


@pytest.fixture(scope="session")
def scores():
    """What nbgrader gives each graded cell: {cell id: (score, maximum)}."""

    def scores_of(notebook: Any) -> dict[str, tuple[float, float]]:
        return {
            release.grade_id(cell): determine_grade(cell)
            for cell in notebook.cells
            if is_grade(cell)
        }

    return scores_of
