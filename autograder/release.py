"""Build the lessons: solutions/NN_topic.md -> lessons/NN_topic.ipynb.

A source marks its cells with short keys (``:exercise: ID``, ``:check: ID``).  Here they
become nbgrader metadata, and nbgrader's own preprocessors take the answers out.

    python -m autograder.release            writes lessons/
    python -m autograder.release --check    fails when lessons/ is out of date
    python -m autograder.release --coverage each formula's lesson, test and exercise
"""

from __future__ import annotations

import argparse
import hashlib
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from nbgrader.preprocessors import (
    CheckCellMetadata,
    ClearHiddenTests,
    ClearMarkScheme,
    ClearOutput,
    ClearSolutions,
    ComputeChecksums,
    LockCells,
)
from traitlets.config import Config

from autograder.answers import answer_problem
from autograder.coverage import as_text, coverage
from autograder.exercises import EXERCISES, Exercise, UnknownExercise, lesson
from autograder.exercises.exercise import find
from autograder.own import declared_in, declares
from autograder.own_truth import BadExercise
from autograder.places import LESSONS, SOLUTIONS, UsageError

STUB = (
    "# Your code here.\n"
    'raise NotImplementedError("Replace this line with your own code.")'
)

KERNEL = {
    "kernelspec": {
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
        "name": "python3",
    },
    "language_info": {"name": "python"},
}

KEYS = {"exercise", "check", "id", "tags"}

TO_RELEASE = (
    LockCells,
    ClearSolutions,
    ClearOutput,
    CheckCellMetadata,
    ClearHiddenTests,
    ClearMarkScheme,
    ComputeChecksums,
    CheckCellMetadata,
)


class ReleaseError(UsageError):
    """A lesson source breaks a rule; the message names the file and the rule."""


def sources(folder: Path = SOLUTIONS) -> list[Path]:
    """All lesson sources, in order."""
    return sorted(folder.glob("[0-9][0-9]_*.md"))


def solved(source: Path) -> Any:
    """The instructor's notebook: every answer in place, nbgrader metadata added."""
    notebook = jupytext.read(source, fmt="md:myst")
    notebook.metadata = nbformat.from_dict(KERNEL)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    own = _declared(notebook, source.name)
    for cell in notebook.cells:
        _expand(cell, source.name, own)
    _check_order(notebook, source, own)
    _name_cells(notebook.cells)
    return notebook


def released(source: Path) -> Any:
    """The student's notebook: answers replaced by a stub, checks locked, no outputs."""
    notebook = solved(source)
    config = Config({"ClearSolutions": {"code_stub": {"python": STUB}}})
    resources: dict[str, Any] = {}
    for preprocessor in TO_RELEASE:
        notebook, resources = preprocessor(config=config).preprocess(
            notebook, resources
        )
    return notebook


def to_text(notebook: Any) -> str:
    """The notebook file's text; the same notebook always gives the same bytes."""
    return nbformat.writes(notebook).rstrip("\n") + "\n"


def grade_id(cell: Any) -> str:
    """The nbgrader id of a cell, or "" for a cell that nbgrader leaves alone."""
    return cell.metadata.get("nbgrader", {}).get("grade_id", "")


def _declared(notebook: Any, name: str) -> dict[str, Exercise]:
    """The instructor's own exercises, which the source itself declares."""
    try:
        return declared_in(cell.source for cell in notebook.cells)
    except BadExercise as error:
        raise ReleaseError(f"{name}: {error}") from None


def _expand(cell: Any, name: str, own: dict[str, Exercise]) -> None:
    keys = dict(cell.metadata)
    for key in keys:
        if key not in KEYS:
            raise ReleaseError(
                f"{name}: unknown cell key :{key}:; known are {', '.join(sorted(KEYS))}"
            )
    cell.metadata = nbformat.from_dict({"tags": keys["tags"]} if "tags" in keys else {})
    cell["id"] = str(keys.get("id", ""))
    if declares(cell.source):
        cell.metadata.update(editable=False, deletable=False)
    if "exercise" in keys:
        exercise = _exercise(keys["exercise"], name, own)
        problem = answer_problem(cell.source, exercise)
        if problem:
            raise ReleaseError(f"{name}: answer cell {exercise.id}: {problem}")
        _mark(cell, exercise.id, solution=True)
    elif "SOLUTION" in cell.source:
        raise ReleaseError(
            f"{name}: the word SOLUTION stands outside an answer cell:"
            f" {cell.source[:60]!r}"
        )
    elif "check" in keys:
        exercise = _exercise(keys["check"], name, own)
        wanted = f'check("{exercise.id}", {exercise.id})'
        if cell.source.strip() != wanted:
            raise ReleaseError(f"{name}: the check cell must be exactly {wanted}")
        _mark(cell, f"check-{exercise.id}", points=exercise.points)


def _exercise(exercise_id: str, name: str, own: dict[str, Exercise]) -> Exercise:
    try:
        exercise = find({**EXERCISES, **own}, exercise_id)
    except UnknownExercise as error:
        raise ReleaseError(f"{name}: {error}") from None
    if lesson(name[:2]) and exercise.lesson != name[:2]:
        raise ReleaseError(
            f"{name}: exercise {exercise.id} belongs to lesson {exercise.lesson}"
        )
    return exercise


def _mark(
    cell: Any, name: str, solution: bool = False, points: int | None = None
) -> None:
    metadata = {
        "grade": points is not None,
        "grade_id": name,
        "locked": not solution,
        "schema_version": 3,
        "solution": solution,
        "task": False,
    }
    if points is not None:
        metadata["points"] = points
    cell.metadata["nbgrader"] = metadata
    cell["id"] = name


def _check_order(notebook: Any, source: Path, own: dict[str, Exercise]) -> None:
    found = [name for name in map(grade_id, notebook.cells) if name]
    ids = [exercise.id for exercise in lesson(source.name[:2])]
    if not ids:  # a course's own lesson may take exercises from anywhere
        ids = list(dict.fromkeys([*(n.removeprefix("check-") for n in found), *own]))
    wanted = [name for i in ids for name in (i, f"check-{i}")]
    if found == wanted:
        return
    for name in wanted:
        if found.count(name) != 1:
            raise ReleaseError(
                f"{source.name}: cell {name} must stand there once,"
                f" not {found.count(name)} times"
            )
    raise ReleaseError(
        f"{source.name}: the exercises must come in their order,"
        f" each answer before its check; found {', '.join(found)}"
    )


def _name_cells(cells: Iterable[Any]) -> None:
    """Give every cell an id that depends on nothing but the source."""
    taken: set[str] = set()
    for cell in cells:
        base = cell["id"] or _slug(cell)
        name, number = base, 1
        while name in taken:
            number += 1
            name = f"{base}-{number}"
        taken.add(name)
        cell["id"] = name


def _slug(cell: Any) -> str:
    heading = re.match(r"#+ +(.+)", cell.source)
    if cell.cell_type == "markdown" and heading:
        words = re.findall(r"[a-z0-9]+", heading[1].lower())
        if words:
            return "-".join(words)[:56].rstrip("-")
    digest = hashlib.sha256(cell.source.encode()).hexdigest()[:8]
    return f"{cell.cell_type}-{digest}"


def differences(sources_folder: Path, lessons_folder: Path) -> list[str]:
    """What in ``lessons_folder`` is not what the sources give, one sentence each."""
    found = []
    wanted = {path.stem + ".ipynb": path for path in sources(sources_folder)}
    for name, source in wanted.items():
        target = lessons_folder / name
        if not target.is_file():
            found.append(f"{target} is missing; run: make lessons")
        elif target.read_bytes() != to_text(released(source)).encode():
            found.append(f"{target} differs from its source; run: make lessons")
    for target in sorted(lessons_folder.glob("*.ipynb")):
        if target.name not in wanted:
            found.append(f"{target} has no source in {sources_folder}")
    return found


def write(sources_folder: Path, lessons_folder: Path) -> list[Path]:
    """Write every lesson; nothing is written when one source breaks a rule."""
    texts = {
        lessons_folder / f"{source.stem}.ipynb": to_text(released(source))
        for source in sources(sources_folder)
    }
    lessons_folder.mkdir(parents=True, exist_ok=True)
    for target, text in texts.items():
        target.write_bytes(text.encode())
    return list(texts)


def main(arguments: list[str] | None = None) -> int:
    """The command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m autograder.release")
    parser.add_argument("--check", action="store_true", help="write nothing, compare")
    parser.add_argument(
        "--coverage", action="store_true", help="each formula's lesson, test, exercise"
    )
    parser.add_argument("--sources", type=Path, default=SOLUTIONS)
    parser.add_argument("--lessons", type=Path, default=LESSONS)
    options = parser.parse_args(arguments)
    if not sources(options.sources):
        print(f"there is no lesson source in {options.sources}", file=sys.stderr)
        return 2
    if options.coverage:
        rows = coverage(options.sources, SOLUTIONS.parent / "tests")
        print(as_text(rows))
        return 1 if any(row.missing for row in rows) else 0
    try:
        if options.check:
            problems = differences(options.sources, options.lessons)
            print("\n".join(problems) or "lessons: as their sources give them")
            return 1 if problems else 0
        for target in write(options.sources, options.lessons):
            print(target)
    except UsageError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
