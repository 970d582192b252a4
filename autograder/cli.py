"""The ``backproplab`` command."""

from __future__ import annotations

import os
import sys
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from autograder.places import UsageError, how_to_install

if TYPE_CHECKING:
    from autograder.verdict import Verdict

try:
    import typer
    from rich.console import Console
    from rich.table import Table
except ModuleNotFoundError as error:
    print(
        f"backproplab needs {error.name} for its commands; {how_to_install('lab')}",
        file=sys.stderr,
    )
    sys.exit(2)

# Arguments that a command does not take; the class's own module moves between versions.
WrongArguments: Any = next(
    kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException"
)

app = typer.Typer(
    help="Learn backpropagation: derive it, write it, find out at once what is wrong.",
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _console() -> Console:
    # A pipe has no width, so one is given.  Verdicts are full of square brackets, which
    # must not be read as markup.
    width = None if sys.stdout.isatty() else 120
    return Console(width=width, markup=False, highlight=False, emoji=False)


@app.command()
def lab(
    folder: Annotated[Path, typer.Argument(help="your own folder")] = Path(
        "my-lessons"
    ),
    browser: Annotated[bool, typer.Option(help="open a browser window")] = True,
    start: Annotated[bool, typer.Option(help="start JupyterLab after copying")] = True,
) -> None:
    """Copy the lessons to a folder of yours (never over your work) and open them."""
    from autograder.lab import copy_lessons, open_lab

    copied = copy_lessons(folder)
    if copied.new:
        typer.echo(f"{folder}: new lessons: {', '.join(copied.new)}")
    if copied.kept:
        typer.echo(f"{folder}: yours, left as they are: {', '.join(copied.kept)}")
    if start:
        raise typer.Exit(open_lab(folder, browser))


@app.command()
def gallery(
    file: Annotated[Path, typer.Argument(help="a new notebook")] = Path(
        "gallery.ipynb"
    ),
    browser: Annotated[bool, typer.Option(help="open a browser window")] = True,
    start: Annotated[bool, typer.Option(help="start JupyterLab with it")] = True,
) -> None:
    """Write a notebook with all explorers (never over your work) and open it."""
    _needs("nbformat", "lab")
    from autograder.gallery import write_gallery
    from autograder.lab import open_lab

    new = write_gallery(file)
    typer.echo(f"{file}: {'written' if new else 'yours, left as it is'}")
    if start:
        raise typer.Exit(open_lab(file.parent, browser, file.name))


@app.command()
def check(
    notebook: Annotated[Path, typer.Argument(help="a lesson notebook")],
    exercise: Annotated[
        list[str] | None, typer.Option(help="check this one only; may be repeated")
    ] = None,
) -> None:
    """Check the answers in a notebook.  Exit code 0: all right; 1: not all."""
    _needs("nbformat", "lab")
    from autograder.submission import declaring, read_notebook

    os.environ["MPLBACKEND"] = "Agg"  # figures of the notebook open no window
    content = read_notebook(notebook)
    with declaring(content):
        verdicts = _verdicts(content, exercise or [], notebook)
    table = Table("exercise", "verdict", "points", "what was found")
    for verdict in verdicts:
        points = f"{verdict.points:g}/{verdict.max_points:g}"
        table.add_row(verdict.exercise, verdict.status, points, verdict.to_text())
    _console().print(table)
    raise typer.Exit(any(verdict.status != "right" for verdict in verdicts))


def _verdicts(content: Any, names: list[str], notebook: Path) -> list[Verdict]:
    from autograder.exercises import UnknownExercise, get
    from autograder.submission import answered, check_notebook

    try:
        wanted = [get(name).id for name in names] or answered(content)
    except UnknownExercise as error:
        raise UsageError(str(error)) from None
    if not wanted:
        raise UsageError(f"{notebook} has no cell that defines an exercise's function.")
    return list(check_notebook(content, wanted))


@app.command()
def grade(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="notebooks, folders, zip files")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="where results go")] = None,
    format: Annotated[
        str, typer.Option(help="table, json, csv, html or gradescope")
    ] = "table",
    jobs: Annotated[int | None, typer.Option(help="processes; all by default")] = None,
    scheduler: Annotated[str, typer.Option(help="a Dask scheduler's address")] = "",
    seed: Annotated[str, typer.Option(help="the secret of this course")] = "",
    nbgrader: Annotated[
        Path | None, typer.Option(help="an nbgrader course to read and record in")
    ] = None,
    lessons: Annotated[
        Path | None, typer.Option(help="the notebooks you handed out, if not ours")
    ] = None,
    policy: Annotated[
        str, typer.Option(help="answers that are not derived: flag, or zero")
    ] = "flag",
    require: Annotated[
        str, typer.Option(help="refuse to start below this protection: A, B or C")
    ] = "",
    allow_weak_isolation: Annotated[
        bool,
        typer.Option(
            "--allow-weak-isolation",
            help="grade even if hostile code cannot be held back",
        ),
    ] = False,
) -> None:
    """Grade notebooks.  Exit code 0: all graded; 3: some could not be read."""
    _needs("jinja2", "grade")
    from autograder.grading.command import grade_command

    if not paths and nbgrader is None:
        raise UsageError("name the notebooks to grade, their folder, or a course.")
    code = grade_command(
        paths or [],
        out=out,
        format=format,
        jobs=jobs,
        scheduler=scheduler,
        seed=seed,
        course=_nbgrader_course(nbgrader),
        require=require,
        allow_weak_isolation=allow_weak_isolation,
        policy=policy,
        lessons=lessons,
    )
    raise typer.Exit(code)


def _nbgrader_course(folder: Path | None) -> Any:
    if folder is None:
        return None
    _needs("nbgrader", "grade")
    from autograder.nbgrader_course import NbgraderCourse

    return NbgraderCourse(folder)


@app.command()
def course(
    folder: Annotated[Path, typer.Argument(help="a new folder")],
    add: Annotated[
        Path | None, typer.Option(help="a lesson of your own, for a course you have")
    ] = None,
) -> None:
    """Make an nbgrader course: sources with answers, settings, a class list."""
    _needs("nbgrader", "grade")
    from autograder.course import add_lesson, make_course

    if add is not None:
        notebook = add_lesson(folder, add)
        typer.echo(f"{notebook}: your own solution earns every point. Next:")
        typer.echo(f"nbgrader generate_assignment {notebook.stem}")
        return
    notebooks = make_course(folder)
    typer.echo(f"{folder}: an nbgrader course with {len(notebooks)} assignments;")
    typer.echo(f"{folder / 'README.md'} says what to do next.")


@app.command()
def demo(
    folder: Annotated[Path, typer.Argument(help="where the course goes")] = Path(
        "demo"
    ),
) -> None:
    """Grade a class of eight made-up students with a real nbgrader course."""
    _needs("nbgrader", "grade")
    from autograder import demo as made_up

    folder = made_up.free_folder(folder)
    rows = made_up.run(folder, say=typer.echo)
    most = made_up.most()
    table = Table("submission", "what it is", "deserved", "scored", "")
    for row in rows:
        word = "as deserved" if row.fair else "NOT AS DESERVED"
        scored = f"{row.scored:g}/{most:g}"
        name, about = row.submission.student, row.submission.about
        table.add_row(name, about, f"{row.deserved:g}", scored, word)
    console = _console()
    console.print(table)
    for row in rows:
        typer.echo(f"{row.submission.student:16} {row.feedback}")
    unfair = [row for row in rows if not row.fair]
    if unfair:
        typer.echo(f"See {folder / 'demo.log'} for what nbgrader said.", err=True)
    raise typer.Exit(1 if unfair else 0)


@app.command()
def doctor() -> None:
    """Say what is installed, what is missing and what would help."""
    _needs("packaging", "lab")
    from autograder.doctor import examine

    findings = examine(Path.cwd())
    table = Table("what", "found", "", "what to do")
    for finding in findings:
        state = "" if finding.state == "fine" else finding.state
        table.add_row(finding.what, finding.found, state, finding.remedy)
    _console().print(table)
    raise typer.Exit(any(f.state == "missing" for f in findings))


def _needs(module: str, extra: str) -> None:
    from importlib.util import find_spec

    if find_spec(module) is None:
        raise UsageError(f"this command needs {module}; {how_to_install(extra)}")


def main() -> None:
    """Run the command line; a usage error is one sentence and exit code 2."""
    for stream in (sys.stdout, sys.stderr):  # a pipe on Windows knows few letters
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    arguments = sys.argv[1:] or ["--help"]
    try:
        sys.exit(app(arguments, prog_name="backproplab", standalone_mode=False))
    except UsageError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    except WrongArguments as error:
        context = getattr(error, "ctx", None)
        command = context.command_path if context else "backproplab"
        said = error.format_message()
        end = "" if said.endswith((".", "?")) else "."
        print(f"{said}{end} See {command} --help.", file=sys.stderr)
        sys.exit(2)
    except typer.Abort:  # Ctrl-C
        sys.exit(130)
    except OSError as error:  # a folder that cannot be written, a full disk
        if error.filename is None:
            raise
        print(f"{error.filename}: {error.strerror}.", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
