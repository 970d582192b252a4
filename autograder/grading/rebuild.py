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

MAX_SHOWN = 20_000


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
        """The student's cells that make one answer, without other answers' cells.

        All of them where none seems to define it: then it was defined in disguise.
        """
        if not self.answered(exercise_id):
            return list(self.own)
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

    def answer(self, exercise_id: str) -> str:
        """The text of the cell that counts, cut where it becomes a nuisance."""
        found = [c.source for c in self.own if defines(c.source, exercise_id)]
        return found[-1][:MAX_SHOWN] if found else ""

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
    odd: dict[str, list[str]] = {"no answer": [], "no check": [], "checks twice": []}
    for exercise in release.exercises:
        places = [c.number for c in own if defines(c.source, exercise.id)]
        if len(places) > 1:
            cells = ", ".join(map(str, places))
            notes.append(
                f"{exercise.id} is defined in cells {cells}; the last one counts"
            )
        if counts[exercise.id] == 0 and not places:
            odd["no answer"].append(exercise.id)
        checks = counts[f"check-{exercise.id}"]
        if release.released and checks != 1:
            odd["checks twice" if checks else "no check"].append(exercise.id)
    every = len(release.exercises)
    texts = (
        ("no answer", "no answer cell: {}"),
        ("no check", "no check cell: {}; graded all the same"),
        ("checks twice", "several check cells: {}; graded all the same"),
    )
    for key, text in texts:
        names = odd[key]
        if names:
            all_of_them = len(names) == every > 1
            notes.append(text.format("for any" if all_of_them else ", ".join(names)))
    return notes
