"""The notebooks that the site shows: every lesson, and the gallery of explorers."""

from __future__ import annotations

from typing import Any

from autograder import release
from autograder.gallery import gallery


def solved() -> dict[str, Any]:
    """With every answer in place, by name."""
    lessons = {source.stem: release.solved(source) for source in release.sources()}
    return {**lessons, "explorers": gallery()}


def released() -> dict[str, Any]:
    """As a student gets them, by name."""
    lessons = {source.stem: release.released(source) for source in release.sources()}
    return {**lessons, "explorers": gallery()}
