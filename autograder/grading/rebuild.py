"""From a submission and the release to the cells that are run.

Only what the student wrote is taken from a submission.  Cells that equal a released
one are left out; the released helpers that the answers need run first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from autograder.exercises import EXERCISES, Exercise, lesson
from autograder.grading.cells import (
    Cell,
    Notebook,
    Unreadable,
    bound,
    defines,
    needed_for,
    read_cells,
    words,
)
from autograder.own import BadExercise, declared_in, declares, with_solution
from autograder.places import LESSONS, UsageError

Answers = tuple[tuple[str, str], ...]
FALLBACK = Cell(
    -1, "", "import numpy as np\nfrom autograder import check, hint, predict"
)


@dataclass(frozen=True)
class Release:
    """What the instructor handed out: the exercises and the given code."""

    name: str
    exercises: tuple[Exercise, ...]
    given: tuple[Cell, ...] = (FALLBACK,)
    released: frozenset[str] = frozenset()
    imports: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class Plan:
    """What to run for one submission, and what was noticed on the way."""

    release: Release
    given: tuple[Cell, ...]
    own: tuple[Cell, ...]
    notes: tuple[str, ...]

    @property
    def cells(self) -> list[Cell]:
        """Everything, for the fast path."""
        return [*self.given, *self.own]

    def only_for(self, exercise_id: str) -> list[Cell]:
        """The given cells and those that one exercise's function needs."""
        return [*self.given, *needed_for(exercise_id, list(self.own))]

    def behind(self, exercise_id: str) -> list[Cell]:
        """The student's cells that make one answer, without other answers' cells."""
        others = [e.id for e in self.release.exercises if e.id != exercise_id]
        return [
            cell
            for cell in needed_for(exercise_id, list(self.own))
            if defines(cell.source, exercise_id)
            or not any(defines(cell.source, name) for name in others)
        ]

    def answered(self, exercise_id: str) -> bool:
        """Whether some cell of the student's seems to define the function."""
        return any(defines(cell.source, exercise_id) for cell in self.own)


def release_from(data: bytes, name: str, answers: Answers = ()) -> Release:
    """The release that a released notebook file (trusted) stands for.

    ``answers`` are the instructor's answer cells to exercises that the notebook itself
    declares: they say which slip explains a wrong answer, never what is right.
    """
    cells = read_cells(data).cells
    ids = {cell.grade_id.removeprefix("check-") for cell in cells}
    try:
        own = declared_in(cell.source for cell in cells)
    except BadExercise as error:
        raise UsageError(f"{name}: {error}") from None
    for exercise_id, source in answers:
        if exercise_id in own:
            own[exercise_id] = with_solution(own[exercise_id], source)
    exercises = tuple(e for e in (*EXERCISES.values(), *own.values()) if e.id in ids)
    graded = {e.id for e in exercises} | {f"check-{e.id}" for e in exercises}
    given = [cell for cell in cells if cell.grade_id not in graded]
    return Release(
        name,
        exercises,
        tuple(Cell(-cell.number, "", cell.source) for cell in given),
        frozenset(cell.text for cell in cells),
        _imports(given),
    )


def _imports(cells: Sequence[Cell]) -> tuple[str, ...]:
    """Modules that the given cells import, so that a worker loads them only once."""
    found: dict[str, None] = {}
    for line in "\n".join(cell.source for cell in cells).splitlines():
        parts = line.split()
        if len(parts) > 1 and parts[0] in ("import", "from"):
            module = parts[1].rstrip(",")
            found[module] = None
            if parts[0] == "from" and len(parts) > 3:
                for name in " ".join(parts[3:]).replace("(", " ").split(","):
                    if name.split():
                        found[f"{module}.{name.split()[0]}"] = None
    return tuple(name for name in found if not name.startswith("autograder"))


@lru_cache(maxsize=8)
def releases_in(folder: Path, answers: Answers = ()) -> tuple[Release, ...]:
    """Every lesson: as released into a folder, else by its exercises alone."""
    found = [release_from(p.read_bytes(), p.stem, answers) for p in notebooks(folder)]
    numbers = {exercise.lesson for release in found for exercise in release.exercises}
    bare = {e.lesson: None for e in EXERCISES.values() if e.lesson not in numbers}
    bare_lessons = [Release(f"lesson {n}", tuple(lesson(n))) for n in bare]
    return tuple(r for r in (*found, *bare_lessons) if r.exercises)


def notebooks(folder: Path) -> list[Path]:
    """The released notebooks, without an editor's checkpoints."""
    found = sorted(folder.rglob("*.ipynb"))
    return [path for path in found if path.parent.name != ".ipynb_checkpoints"]


def answers_in(folder: Path) -> Answers:
    """The answer cells to own exercises in the instructor's notebooks, by id."""
    found = []
    for path in notebooks(folder):
        cells = read_cells(path.read_bytes()).cells
        if any(declares(cell.source) for cell in cells):
            found += [(c.grade_id, c.source) for c in cells if c.grade_id]
    return tuple(found)


def find_release(
    notebook: Notebook,
    file_name: str = "",
    folder: Path = LESSONS,
    answers: Answers = (),
) -> Release:
    """The release a submission belongs to: by its ids, its functions, its name."""
    ids = {cell.grade_id.removeprefix("check-") for cell in notebook.cells}
    names = set().union(*(bound(cell.source) for cell in notebook.cells))

    def votes(release: Release) -> tuple[int, bool]:
        asked = {exercise.id for exercise in release.exercises}
        return 2 * len(ids & asked) + len(names & asked), _same_name(release, file_name)

    best = max(releases_in(folder, answers), key=votes, default=None)
    if best is None or not any(votes(best)):
        raise Unreadable(
            "it holds no exercise of this course; is it the right notebook?"
            " (Name it like the lesson, such as 07_one_hidden_layer.ipynb.)"
        )
    return best


def _same_name(release: Release, file_name: str) -> bool:
    numbers = {exercise.lesson for exercise in release.exercises if exercise.lesson}
    return file_name.startswith((release.name, *numbers))


def rebuild(notebook: Notebook, release: Release) -> Plan:
    """Choose the cells to run and note what is unusual."""
    own = [
        cell
        for cell in notebook.cells
        if cell.text and cell.text not in release.released and not _only_checks(cell)
    ]
    notes = [*notebook.notes, *_structure_notes(notebook, release, own)]
    return Plan(release, _given_for(own, release), tuple(own), tuple(notes))


def _only_checks(cell: Cell) -> bool:
    """Calls of check and hint in the student's copy do nothing, so they are not run."""
    lines = [line for line in cell.text.splitlines() if line.strip()]
    return all(line.startswith(("check(", "hint(", "#")) for line in lines)


def _given_for(own: Sequence[Cell], release: Release) -> tuple[Cell, ...]:
    """The released helper cells that the student's cells use, step by step."""
    wanted = set().union(*(words(cell.source) for cell in own), {"np"})
    chosen: set[int] = set()
    grown = True
    while grown:
        grown = False
        for cell in release.given:
            if cell.number not in chosen and bound(cell.source) & wanted:
                chosen.add(cell.number)
                wanted |= words(cell.source)
                grown = True
    return tuple(cell for cell in release.given if cell.number in chosen)


def _structure_notes(
    notebook: Notebook, release: Release, own: Sequence[Cell]
) -> list[str]:
    notes = []
    counts = Counter(cell.grade_id for cell in notebook.cells if cell.grade_id)
    for exercise in release.exercises:
        places = [c.number for c in own if f"def {exercise.id}(" in c.source]
        if len(places) > 1:
            cells = ", ".join(map(str, places))
            notes.append(
                f"{exercise.id} is defined in cells {cells}; the last one counts"
            )
        check = f"check-{exercise.id}"
        if counts[exercise.id] == 0 and not places:
            notes.append(f"the answer cell of {exercise.id} was deleted")
        if counts[check] != 1 and release.released:
            what = "deleted" if counts[check] == 0 else "duplicated"
            notes.append(
                f"the check cell of {exercise.id} was {what}; it counts all the same"
            )
    return notes
