"""What the instructor handed out: read from the released notebooks (trusted)."""

from __future__ import annotations

import builtins
import symtable
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
    read_cells,
    words,
)
from autograder.own import declared_in, declares, with_solution
from autograder.own_truth import BadExercise
from autograder.places import LESSONS, UsageError

Answers = tuple[tuple[str, str], ...]
# A released cell that answers may use: its source, what it defines, what it uses.
Given = tuple[str, tuple[str, ...], tuple[str, ...]]


def given(source: str) -> Given:
    """A released (so trusted) cell.

    >>> given("import numpy as np\\ndef f(x): return np.exp(x) * a")
    ('import numpy as np\\ndef f(x): return np.exp(x) * a', ('f', 'np'), ('a', 'np'))
    """
    try:
        table = symtable.symtable(source, "<given>", "exec")
    except SyntaxError:  # a magic: judged by its text, like a student's
        return source, tuple(sorted(bound(source))), tuple(sorted(words(source)))
    symbols = table.get_symbols()
    binds = {s.get_name() for s in symbols if s.is_assigned() or s.is_imported()}
    binds |= {s.get_name() for s in symbols if s.is_namespace()}
    uses = {s.get_name() for s in symbols if s.is_referenced()} | _globals(table)
    known = set(dir(builtins))
    return source, tuple(sorted(binds)), tuple(sorted(uses - known))


def _globals(table: symtable.SymbolTable) -> set[str]:
    names: set[str] = set()
    for inner in table.get_children():
        names |= {s.get_name() for s in inner.get_symbols() if s.is_global()}
        names |= _globals(inner)
    return names


FALLBACK = given("import numpy as np\nfrom autograder import check, hint, predict")


@dataclass(frozen=True)
class Release:
    """What the instructor handed out: the exercises and the given code."""

    name: str
    exercises: tuple[Exercise, ...]
    given: tuple[Given, ...] = (FALLBACK,)
    released: frozenset[str] = frozenset()
    imports: tuple[str, ...] = field(default=(), compare=False)


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
    others = [cell for cell in cells if cell.grade_id not in graded]
    return Release(
        name,
        exercises,
        tuple(given(cell.source) for cell in others),
        frozenset(cell.text for cell in cells),
        _imports(others),
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


def name_note(release: Release, file_name: str, folder: Path, answers: Answers) -> str:
    """What to say when a file carries another lesson's name, else ""."""
    for other in releases_in(folder, answers):
        if file_name.startswith(other.name) and other.name != release.name:
            return (
                f"the file is named like {other.name}, but it holds the exercises of"
                f" {release.name} and was graded by them"
            )
    return ""


def _same_name(release: Release, file_name: str) -> bool:
    numbers = {exercise.lesson for exercise in release.exercises if exercise.lesson}
    return file_name.startswith((release.name, *numbers))
