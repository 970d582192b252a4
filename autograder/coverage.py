"""Which lesson derives each formula, which test holds it, which exercise grades it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from autograder.exercises import EXERCISES
from autograder.formulas import FORMULAS

ROWS = tuple(FORMULAS)
# Shown in a lesson, with a prediction; there is nothing in it for a student to derive.
DEMONSTRATED = {"M3": "07"}


@dataclass(frozen=True)
class Covered:
    """One formula row with all that stands behind it."""

    row: str
    lessons: tuple[str, ...]
    tests: tuple[str, ...]
    exercises: tuple[str, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """What this row lacks."""
        graded = self.exercises or self.row in DEMONSTRATED
        return tuple(
            name
            for name, there in (
                ("lesson", self.lessons),
                ("test", self.tests),
                ("exercise", graded),
            )
            if not there
        )


def coverage(sources: Path, tests: Path) -> list[Covered]:
    """Every row; a test counts when its name begins with the row's id.

    >>> len(ROWS)
    48
    """
    written = {path.stem[:2] for path in sources.glob("[0-9][0-9]_*.md")}
    names = [
        name
        for path in sorted(tests.rglob("test_*.py"))
        for name in re.findall(r"^def (test_\w+)", path.read_text("utf-8"), re.M)
    ]
    return [_covered(row, written, names) for row in ROWS]


def _covered(row: str, written: set[str], names: list[str]) -> Covered:
    exercises = [e for e in EXERCISES.values() if row in e.formulas]
    lessons = {e.lesson for e in exercises} | {DEMONSTRATED.get(row, "")}
    return Covered(
        row,
        tuple(sorted(lessons & written)),
        tuple(name for name in names if re.match(rf"test_{row}(_|$)", name)),
        tuple(e.id for e in exercises if e.lesson in written),
    )


def as_text(rows: list[Covered]) -> str:
    """The table, one row a line, and what is missing below it."""
    lines = [f"{'row':4} {'lessons':15} {'tests':>5}  exercises"]
    for row in rows:
        lessons, exercises = ", ".join(row.lessons), ", ".join(row.exercises)
        shown = exercises or "(demonstration)" * (row.row in DEMONSTRATED)
        lines.append(f"{row.row:4} {lessons:15} {len(row.tests):5}  {shown}")
    for row in rows:
        if row.missing:
            lines.append(f"{row.row} lacks: {', '.join(row.missing)}")
    return "\n".join(lines)
