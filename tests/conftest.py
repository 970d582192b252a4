"""Shared by all tests: nothing of the user's own Jupyter settings leaks in."""

from __future__ import annotations

import os

import pytest

from autograder.places import tool_environment


@pytest.fixture(scope="session", autouse=True)
def own_settings(tmp_path_factory: pytest.TempPathFactory):
    """Throw-away Jupyter and IPython folders, this Python's programs on PATH."""
    before = dict(os.environ)
    os.environ.update(tool_environment(tmp_path_factory.mktemp("settings")))
    os.environ["MPLBACKEND"] = "Agg"
    yield
    os.environ.clear()
    os.environ.update(before)
