"""When numbers agree, and which instances are ordinary ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from autograder.calling import Outcome
    from autograder.compare import Part
    from autograder.exercises.exercise import Instance

Answers = Sequence[tuple["Instance", "Outcome", Mapping[str, "Part"]]]
ORDINARY = ("generic", "more", "another")


def close(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether two arrays agree to about six digits of the largest entry."""
    if a.shape != b.shape:
        return False
    if not np.isfinite(b).all():
        return False  # infinite numbers prove nothing
    scale = float(np.max(np.abs(b), initial=0.0))
    with np.errstate(invalid="ignore"):
        return bool(np.all(np.abs(a - b) <= 1e-6 * scale + 1e-14))


def all_right(parts: Mapping[str, Part]) -> bool:
    """Whether every part of one answer is right."""
    return all(part.right for part in parts.values())
