"""From a submission and the release to the cells that are run.

Only what the student wrote is taken from a submission.  Cells that equal a released
one are left out; the worker runs those of the release that the student's cells use.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from autograder.grading.cells import Cell, Notebook, bound, defines, needed_for, words
from autograder.grading.released import Release


@dataclass(frozen=True)
class Plan:
    """What to run for one submission, and what was noticed on the way."""

    release: Release
    own: tuple[Cell, ...]
    notes: tuple[str, ...]

    def only_for(self, exercise_id: str) -> list[Cell]:
        """The student's cells that one exercise's function needs."""
        return needed_for(exercise_id, list(self.own))

    def behind(self, exercise_id: str) -> list[Cell]:
        """The student's cells that make one answer, without other answers' cells."""
        others = [e.id for e in self.release.exercises if e.id != exercise_id]
        return [
            cell
            for cell in self.only_for(exercise_id)
            if defines(cell.source, exercise_id)
            or not any(defines(cell.source, name) for name in others)
        ]

    def as_it_stood(self, exercise_id: str) -> Plan | None:
        """The notebook up to an answer, if a later cell redefines what that uses.

        None otherwise.  Such an answer was right when its own check ran.
        """
        places = [
            place
            for place, cell in enumerate(self.own)
            if defines(cell.source, exercise_id)
        ]
        if not places:
            return None
        before, after = self.own[: places[-1] + 1], self.own[places[-1] + 1 :]
        kept = needed_for(exercise_id, list(before))
        used = set().union(*(words(cell.source) for cell in kept))
        if all(bound(cell.source).isdisjoint(used) for cell in after):
            return None
        return replace(self, own=before)

    def answered(self, exercise_id: str) -> bool:
        """Whether some cell of the student's seems to define the function."""
        return any(defines(cell.source, exercise_id) for cell in self.own)


def rebuild(notebook: Notebook, release: Release) -> Plan:
    """Choose the cells to run and note what is unusual."""
    own = [
        cell
        for cell in notebook.cells
        if cell.text and cell.text not in release.released and not _only_checks(cell)
    ]
    notes = [*notebook.notes, *_structure_notes(notebook, release, own)]
    return Plan(release, tuple(own), tuple(notes))


def _only_checks(cell: Cell) -> bool:
    """Calls of check and hint in the student's copy do nothing, so they are not run."""
    lines = [line for line in cell.text.splitlines() if line.strip()]
    return all(line.startswith(("check(", "hint(", "#")) for line in lines)


def _structure_notes(
    notebook: Notebook, release: Release, own: Sequence[Cell]
) -> list[str]:
    counts = Counter(cell.grade_id for cell in notebook.cells if cell.grade_id)
    notes: list[str] = []
    lost: list[str] = []
    doubled: list[str] = []
    for exercise in release.exercises:
        places = [c.number for c in own if defines(c.source, exercise.id)]
        if len(places) > 1:
            cells = ", ".join(map(str, places))
            notes.append(
                f"{exercise.id} is defined in cells {cells}; the last one counts"
            )
        if counts[exercise.id] == 0 and not places:
            notes.append(f"the answer cell of {exercise.id} was deleted")
        checks = counts[f"check-{exercise.id}"]
        if release.released and checks != 1:
            (doubled if checks else lost).append(exercise.id)
    return [*notes, *_about_checks("deleted", lost), *_about_checks("doubled", doubled)]


def _about_checks(what: str, names: Sequence[str]) -> list[str]:
    if not names:
        return []
    many = len(names) > 1
    cells, were = ("cells", "were") if many else ("cell", "was")
    listed = ", ".join(names)
    return [f"check {cells} {were} {what} ({listed}); graded all the same"]
