"""Make an nbgrader course from the lesson sources, and run nbgrader in it."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path
from typing import Any

from autograder.nbgrader_plugin import CONFIG as TRUSTED_GRADING
from autograder.places import SOLUTIONS, UsageError, refuse_existing, tool_environment
from autograder.release import solved, sources, to_text
from autograder.submission import check_notebook, declaring, read_notebook

EXAMPLE = Path(__file__).parent / "example" / "gaussian_likelihood.md"

CONFIG = '''\
"""Settings of this nbgrader course.

Every setting is explained by:  nbgrader generate_config
"""

from autograder.release import STUB

c = get_config()  # noqa: F821  (nbgrader provides it)

c.CourseDirectory.course_id = "{course_id}"

# What students see in place of an answer.
c.ClearSolutions.code_stub = {{"python": STUB}}

# A check cell that a student deleted, or tagged "skip-execution", still counts.
c.OverwriteCells.add_missing_cells = True
c.Execute.skip_cells_with_tag = "none"
'''

STUDENTS = """\
id,first_name,last_name,email
ada,Ada,Example,ada@example.org
emmy,Emmy,Example,emmy@example.org
"""

GUIDE = """\
# {course_id}

An nbgrader course. Run these here, in the folder that holds nbgrader_config.py:

    nbgrader db student import students.csv     # after filling in your own class
    nbgrader generate_assignment {assignment}
    nbgrader autograde {assignment}             # reads submitted/STUDENT/{assignment}/
    nbgrader generate_feedback {assignment}
    nbgrader export                             # writes grades.csv

The students' notebooks appear in release/. The notebooks in source/ hold the answers.

own/ is the place for lessons of your own: a loss, the shapes of its arguments, points.
It holds an example; add it to the course, change it, add it again:

    backproplab course --add own/gaussian_likelihood.md .

`backproplab doctor`, run here, looks the settings over.
"""


def assignments() -> list[str]:
    """The names of all assignments, one per lesson."""
    return [source.stem for source in sources()]


def make_course(folder: Path) -> list[Path]:
    """Write a new course into ``folder``, which must be free; return the notebooks."""
    refuse_existing(folder, "the course")
    if not sources():
        raise UsageError(
            "the lessons' answers are not part of the installed package: run this in"
            f" the backproplab folder, where solutions/ is ({SOLUTIONS} is not there)."
        )
    texts = {source.stem: to_text(solved(source)) for source in sources()}
    course_id = folder.resolve().name
    notebooks = []
    for name, text in texts.items():
        target = folder / "source" / name / f"{name}.ipynb"
        target.parent.mkdir(parents=True)
        target.write_bytes(text.encode())
        notebooks.append(target)
    files = {
        "nbgrader_config.py": (
            CONFIG.format(course_id=_plain(course_id)) + TRUSTED_GRADING
        ),
        "students.csv": STUDENTS,
        "README.md": GUIDE.format(course_id=course_id, assignment=next(iter(texts))),
    }
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "own").mkdir()
    (folder / "own" / EXAMPLE.name).write_bytes(EXAMPLE.read_bytes())
    return notebooks


def add_lesson(course: Path, source: Path) -> Path:
    """Put a lesson of the instructor's own into a course; return its notebook.

    Its solutions must earn every point.  A notebook that somebody changed since it was
    added is not written over.
    """
    if not (course / "nbgrader_config.py").is_file():
        raise UsageError(
            f"{course} is no course; make one: backproplab course {course}"
        )
    if not source.is_file():
        raise UsageError(f"there is no lesson {source}.")
    if source.suffix != ".md" or not source.stem.replace("-", "_").isidentifier():
        raise UsageError(f"{source}: name a lesson like gaussian_likelihood.md.")
    notebook = solved(source)
    _check_solutions(notebook, source.name)
    notebook.metadata["backproplab"] = {"written": _digest(notebook)}
    target = course / "source" / source.stem / f"{source.stem}.ipynb"
    if target.is_file():
        old = read_notebook(target)
        if old.metadata.get("backproplab", {}).get("written") != _digest(old):
            raise UsageError(
                f"{target} was not made from {source.name}, or was changed since;"
                " nothing was written. Move it away first."
            )
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(to_text(notebook).encode())
    return target


def _check_solutions(notebook: Any, name: str) -> None:
    marked = [cell for cell in notebook.cells if "nbgrader" in cell.metadata]
    asked = [cell["id"] for cell in marked if cell.metadata.nbgrader.solution]
    if not asked:
        raise UsageError(f"{name}: no cell has the key :exercise:.")
    with declaring(notebook):
        for verdict in check_notebook(notebook, asked):
            if verdict.status != "right":
                why = " ".join([verdict.headline, *verdict.details])
                raise UsageError(f"{name}: your own solution fails the check: {why}")


def _digest(notebook: Any) -> str:
    text = "\n".join(cell.source for cell in notebook.cells)
    return hashlib.sha256(text.encode()).hexdigest()


def nbgrader(folder: Path, *arguments: str, scratch: Path | None = None) -> str:
    """Run one nbgrader command in a course; return what it printed.

    ``autograde`` ends with an error code when some submission could not be graded;
    that is for the caller to see in the gradebook, so only other commands raise.
    """
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments],
        cwd=folder,
        env=tool_environment(scratch),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    if done.returncode and arguments[0] != "autograde":
        raise UsageError(f"nbgrader {' '.join(arguments)} failed:\n{done.stdout}")
    return done.stdout


def _plain(text: str) -> str:
    """Fit for a Python string between double quotes."""
    return "".join(c if c.isalnum() or c in "-_. " else "_" for c in text)
